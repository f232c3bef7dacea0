//! The command line of an example: its options, its help, and what is wrong with a command.

use lexopt::{Arg, Parser, ValueExt};

use super::non_empty;

/// What an example does, and the options that it takes beside the common ones.
pub(crate) struct About {
    summary: &'static str,
    options: &'static [Opt],
    calls_service: bool,
    /// The variables that a run against the service needs, whatever other credentials there are.
    variables: &'static [&'static str],
}

/// An option with a value.
pub(crate) struct Opt {
    name: &'static str,
    value: &'static str,
    help: &'static str,
    is_required: bool,
    in_sandbox: &'static str,
}

/// An option that a run against the service needs, and its value in a sandbox: empty where a sandbox
/// has no use for the option.
pub(crate) const fn required(
    name: &'static str,
    value: &'static str,
    help: &'static str,
    in_sandbox: &'static str,
) -> Opt {
    Opt {
        name,
        value,
        help,
        is_required: true,
        in_sandbox,
    }
}

/// An option that a run against the service may leave out. A sandbox has no use for it.
pub(crate) const fn optional(name: &'static str, value: &'static str, help: &'static str) -> Opt {
    Opt {
        name,
        value,
        help,
        is_required: false,
        in_sandbox: "",
    }
}

pub(crate) const PROJECT: &str = "project";

const PROJECT_OPTION: Opt = optional(
    PROJECT,
    "ID",
    "the project; by default that of MONGODB_ATLAS_PROJECT_ID",
);

const ENVIRONMENT: &str = "
With --sandbox, or without options and without credentials in the environment, it runs against a
sandbox: a server in the memory of this process, which behaves as the service does. Otherwise it
calls the service, and needs each option that is required.

Environment:
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY
                            an API key; also under the older names
                            MONGODB_ATLAS_PUBLIC_KEY, MONGODB_ATLAS_PRIVATE_KEY
  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET
                            a service account
  MONGODB_ATLAS_ACCESS_TOKEN
                            an access token of a service account
  MONGODB_ATLAS_BASE_URL    the address of the service; https://cloud.mongodb.com by default
  MONGODB_ATLAS_PROJECT_ID  the project
";

impl About {
    pub(crate) const fn new(summary: &'static str, options: &'static [Opt]) -> Self {
        Self {
            summary,
            options,
            calls_service: true,
            variables: &[],
        }
    }

    /// Of an example that takes no other credentials than those in these variables.
    pub(crate) const fn with_variables(self, variables: &'static [&'static str]) -> Self {
        Self { variables, ..self }
    }

    /// Of an example that runs against sandboxes alone.
    pub(crate) const fn in_sandboxes(summary: &'static str) -> Self {
        Self {
            summary,
            options: &[],
            calls_service: false,
            variables: &[],
        }
    }

    /// The options with a value.
    fn options(&self) -> impl Iterator<Item = &'static Opt> {
        let project = self.calls_service.then_some(&PROJECT_OPTION);
        self.options.iter().chain(project)
    }

    pub(crate) fn help(&self) -> String {
        // The name of the example, from Cargo.
        let usage = format!("Usage: {} [OPTION…]", env!("CARGO_BIN_NAME"));
        let mut lines = vec![format!("{}\n\n{usage}\n\nOptions:", self.summary)];
        let mut row = |option: &str, help: &str| lines.push(format!("  {option:<24}  {help}"));
        for option in self.options() {
            let required = if option.is_required { "; required" } else { "" };
            let name = format!("--{} {}", option.name, option.value);
            row(&name, &format!("{}{required}", option.help));
            if option.in_sandbox.is_empty() {
                row("", "not with --sandbox");
            } else {
                row("", &format!("in a sandbox {}", option.in_sandbox));
            }
        }
        if self.calls_service {
            let help = "run against a sandbox, whatever the environment has";
            row("--sandbox", help);
        }
        row("--help", "print this");
        let environment = if self.calls_service { ENVIRONMENT } else { "" };
        format!("{}\n{environment}", lines.join("\n"))
    }
}

/// The options of a run.
pub(crate) struct Options {
    about: &'static About,
    values: Vec<(&'static str, String)>,
    pub(crate) sandbox: bool,
}

impl Options {
    /// Reads the command line; none if it asks for help.
    pub(crate) fn parse(
        about: &'static About,
        mut parser: Parser,
    ) -> Result<Option<Self>, lexopt::Error> {
        let (mut values, mut sandbox) = (Vec::new(), false);
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Long("sandbox") if about.calls_service => sandbox = true,
                Arg::Long(name) => match about.options().find(|option| option.name == name) {
                    Some(option) => values.push((option.name, parser.value()?.string()?)),
                    None => return Err(argument.unexpected()),
                },
                other => return Err(other.unexpected()),
            }
        }
        let options = Self {
            about,
            values,
            sandbox,
        };
        match options.unused() {
            Some(name) => {
                Err(format!("--{name} has no effect with --sandbox: leave one of them out").into())
            }
            None => Ok(Some(options)),
        }
    }

    /// An option that has no effect in the sandbox of this run.
    fn unused(&self) -> Option<&'static str> {
        let is_set = |option: &&Opt| self.get(option.name).is_some();
        let mut set = self.about.options().filter(is_set);
        let unused = set.find(|option| self.sandbox && option.in_sandbox.is_empty());
        unused.map(|option| option.name)
    }

    /// Whether the environment has the credentials that this example needs.
    pub(crate) fn check_environment(&self) -> Result<(), String> {
        let variables = self.about.variables;
        if variables.iter().all(|name| non_empty(name).is_some()) {
            return Ok(());
        }
        Err(format!(
            "this example needs {} in the environment",
            variables.join(" and ")
        ))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && !self.sandbox
    }

    /// The options that the service needs and that are not set.
    pub(crate) fn missing(&self) -> Vec<String> {
        let required = self.about.options().filter(|option| option.is_required);
        required
            .filter(|option| self.get(option.name).is_none())
            .map(|option| format!("--{}", option.name))
            .collect()
    }

    /// The value of an option that is set: the last one, if it is set twice.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.values.iter().rev();
        let (_, value) = values.find(|(of, _)| *of == name)?;
        Some(value)
    }

    /// A value, or the one for a sandbox.
    pub(crate) fn value(&self, name: &str) -> &str {
        let mut options = self.about.options();
        let option = options.find(|option| option.name == name);
        let in_sandbox = option.expect("an option of this example").in_sandbox;
        self.get(name).unwrap_or(in_sandbox)
    }
}
