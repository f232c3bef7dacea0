//! One address in front of several servers.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The unit that goes to one server, before the next server has its turn.
#[derive(Clone, Copy)]
pub(crate) enum Turn {
    Connection,
    Request,
}

/// A balancer that uses servers in turn, and counts its connections. It stops when it is dropped.
pub(crate) struct Balancer {
    port: u16,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Balancer {
    /// Starts it in front of the servers on these ports.
    pub(crate) async fn start(turn: Turn, servers: Vec<u16>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = counted.fetch_add(1, Ordering::Relaxed);
                let server = servers[number % servers.len()];
                tokio::spawn(async move {
                    // Either side may disconnect; the test checks the outcome of the client's call.
                    let _ = relay(client, server, turn).await;
                });
            }
        });
        Self {
            port,
            connections,
            accepting,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn relay(mut client: TcpStream, server: u16, turn: Turn) -> std::io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, server)).await?;
    if let Turn::Request = turn {
        // The balancer asks the server to close the connection after one request, so that the next request
        // needs a new one.
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(client.read_u8().await?);
        }
        line.extend(b"Connection: close\r\n");
        server.write_all(&line).await?;
    }
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
