import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import org.eclipse.jetty.security.ConstraintMapping;
import org.eclipse.jetty.security.ConstraintSecurityHandler;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.security.authentication.DigestAuthenticator;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.AbstractHandler;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.HandlerWrapper;
import org.eclipse.jetty.util.security.Constraint;
import org.eclipse.jetty.util.security.Password;

/**
 * Runs Jetty servers for the tests, in one virtual machine, because its start is slow.
 *
 * <p>Arguments: realm, user, password, and the file with the body of each response. Each line of the
 * input is a command:
 *
 * <ul>
 *   <li>{@code start CONTEXT [maxNonceAge=MILLISECONDS] [maxNonceCount=COUNT]}: starts a server, and
 *       prints its port. Settings default to Jetty's own.
 *   <li>{@code stop PORT}: stops that server, and prints a line for each of its requests (the status and
 *       the {@code Authorization}, or a hyphen if it has none), then an empty line.
 * </ul>
 *
 * <p>It ends when its input does, that is, with the process that started it.
 */
public final class Jetty {
    private final String realm;
    private final String user;
    private final String password;
    private final byte[] body;
    private final Map<Integer, Node> nodes = new HashMap<>();

    private record Node(Server server, List<String> log) {}

    private Jetty(String[] arguments) throws IOException {
        realm = arguments[0];
        user = arguments[1];
        password = arguments[2];
        body = Files.readAllBytes(Path.of(arguments[3]));
    }

    public static void main(String[] arguments) throws Exception {
        var jetty = new Jetty(arguments);
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] command = line.split(" ");
            switch (command[0]) {
                case "start" -> System.out.println(jetty.start(command));
                case "stop" -> System.out.println(jetty.stop(Integer.parseInt(command[1])));
                default -> throw new IllegalArgumentException(line);
            }
        }
        // The threads of servers that were not stopped would keep the machine running.
        System.exit(0);
    }

    private int start(String[] command) throws Exception {
        var authenticator = new DigestAuthenticator();
        for (int at = 2; at < command.length; at++) {
            String[] setting = command[at].split("=");
            switch (setting[0]) {
                case "maxNonceAge" -> authenticator.setMaxNonceAge(Long.parseLong(setting[1]));
                case "maxNonceCount" -> authenticator.setMaxNonceCount(Integer.parseInt(setting[1]));
                default -> throw new IllegalArgumentException(command[at]);
            }
        }
        var context = new ContextHandler(command[1]);
        context.setHandler(secured(authenticator, new Fixed(body)));
        var log = new Log(context);
        var server = new Server();
        var connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(log);
        server.start();
        nodes.put(connector.getLocalPort(), new Node(server, log.lines));
        return connector.getLocalPort();
    }

    private String stop(int port) throws Exception {
        Node node = nodes.remove(port);
        node.server().stop();
        var lines = new StringBuilder();
        node.log().forEach(line -> lines.append(line).append('\n'));
        return lines.toString();
    }

    private Handler secured(DigestAuthenticator authenticator, Handler handler) {
        var users = new UserStore();
        users.addUser(user, new Password(password), new String[] {"owner"});
        var login = new HashLoginService(realm);
        login.setUserStore(users);

        var everybody = new Constraint("api", Constraint.ANY_AUTH);
        everybody.setAuthenticate(true);
        var everything = new ConstraintMapping();
        everything.setPathSpec("/*");
        everything.setConstraint(everybody);

        var security = new ConstraintSecurityHandler();
        security.addConstraintMapping(everything);
        security.setRealmName(realm);
        security.setLoginService(login);
        security.setAuthenticator(authenticator);
        security.setHandler(handler);
        return security;
    }

    /** Sends the same response to each request. */
    private static final class Fixed extends AbstractHandler {
        private final byte[] body;

        Fixed(byte[] body) {
            this.body = body;
        }

        @Override
        public void handle(
                String target, Request base, HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            base.setHandled(true);
            response.setContentType("application/json");
            response.getOutputStream().write(body);
        }
    }

    /**
     * Records the requests. A response as short as these is sent after its handler has returned, so that
     * its request is recorded before a client can read it.
     */
    private static final class Log extends HandlerWrapper {
        final List<String> lines = new CopyOnWriteArrayList<>();

        Log(Handler handler) {
            setHandler(handler);
        }

        @Override
        public void handle(
                String target, Request base, HttpServletRequest request, HttpServletResponse response)
                throws IOException, ServletException {
            super.handle(target, base, request, response);
            String authorization = request.getHeader("Authorization");
            lines.add(response.getStatus() + " " + (authorization == null ? "-" : authorization));
        }
    }
}
