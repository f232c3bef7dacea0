//! What the examples share: where each runs, against a sandbox or against the service, and how it
//! ends.

#![allow(dead_code, reason = "each example uses a part of it")]

pub(crate) mod options;

use std::error::Error;
use std::process::ExitCode;

use atlas_peering::{Client, ClientBuilder, Credentials, ProjectId};
use atlas_peering_sandbox::Sandbox;
use options::{About, Options, PROJECT};

pub(crate) type Failure = Box<dyn Error>;

/// The clock of a sandbox, in times of the world's: what takes the service 5 seconds takes 1.
const CLOCK_SPEED: u32 = 5;

/// Any of these in the environment means the service.
const CREDENTIALS: [&str; 7] = [
    "MONGODB_ATLAS_PUBLIC_API_KEY",
    "MONGODB_ATLAS_PRIVATE_API_KEY",
    "MONGODB_ATLAS_PUBLIC_KEY",
    "MONGODB_ATLAS_PRIVATE_KEY",
    "MONGODB_ATLAS_CLIENT_ID",
    "MONGODB_ATLAS_CLIENT_SECRET",
    "MONGODB_ATLAS_ACCESS_TOKEN",
];

/// Where an example runs.
pub(crate) struct Context {
    pub(crate) atlas: Client,
    pub(crate) project: ProjectId,
    /// None where it runs against the service. In a sandbox the example plays the user's part too.
    pub(crate) sandbox: Option<Sandbox>,
    options: Options,
}

impl Context {
    async fn in_a_sandbox(options: Options) -> Result<Self, Failure> {
        let sandbox = Sandbox::builder().clock_speed(CLOCK_SPEED).start().await?;
        println!("Runs against a sandbox at {}.", sandbox.base_url());
        let (public, private) = sandbox.api_key();
        let atlas = Client::builder()
            .base_url(sandbox.base_url())
            .credentials(Credentials::api_key(public, private))
            .build()?;
        Ok(Self {
            atlas,
            project: sandbox.project().parse()?,
            sandbox: Some(sandbox),
            options,
        })
    }

    /// Checks what it can before a request is sent: first the options that are set, then those that are missing.
    fn of_the_service(options: Options) -> Result<Self, Failure> {
        let atlas = Client::new(Credentials::from_env()?)?;
        options.check_environment()?;
        let project = match options.get(PROJECT) {
            Some(project) => Some(project.parse()?),
            None if non_empty("MONGODB_ATLAS_PROJECT_ID").is_some() => Some(ProjectId::from_env()?),
            None => None,
        };
        // Nothing is created or deleted that the command does not name.
        let mut missing = options.missing();
        if project.is_none() {
            missing.push("--project (or MONGODB_ATLAS_PROJECT_ID)".to_owned());
        }
        let (url, missing) = (atlas.base_url(), missing.join(", "));
        let Some(project) = project.filter(|_| missing.is_empty()) else {
            let found = credentials_in_env().join(", ");
            let reason = format!("credentials are in the environment ({found})");
            return Err(format!("{reason}, so this would call {url}: missing {missing}").into());
        };
        println!("Runs against {url}, project {project}.");
        Ok(Self {
            atlas,
            project,
            sandbox: None,
            options,
        })
    }

    /// The value of a required option, by its name without dashes.
    pub(crate) fn value(&self, option: &str) -> &str {
        self.options.value(option)
    }

    /// The value of an optional option, by its name without dashes.
    pub(crate) fn optional(&self, option: &str) -> Option<&str> {
        self.options.get(option)
    }

    /// For another client of the same address.
    pub(crate) fn client_builder(&self) -> ClientBuilder {
        let in_env = || non_empty("MONGODB_ATLAS_BASE_URL");
        let sandbox = self.sandbox.as_ref();
        match sandbox.map(|of| of.base_url().to_owned()).or_else(in_env) {
            Some(base_url) => Client::builder().base_url(base_url),
            None => Client::builder(),
        }
    }
}

/// Runs an example. The exit code is 1 where it failed, and 2 where its command or its
/// environment is wrong.
pub(crate) async fn run<F: Future<Output = Result<(), Failure>>>(
    about: &'static About,
    example: impl FnOnce(Context) -> F,
) -> ExitCode {
    let options = match parse(about) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let context = if options.sandbox || options.is_empty() && credentials_in_env().is_empty() {
        Context::in_a_sandbox(options).await
    } else {
        match Context::of_the_service(options) {
            Err(reason) => return wrong(&format!("{reason}; --sandbox runs it without Atlas")),
            context => context,
        }
    };
    end(match context {
        Ok(context) => example(context).await,
        Err(failure) => Err(failure),
    })
}

/// Runs an example that starts sandboxes of its own, and takes no options but `--help`.
pub(crate) async fn run_in_sandboxes<F: Future<Output = Result<(), Failure>>>(
    about: &'static About,
    example: impl FnOnce() -> F,
) -> ExitCode {
    match parse(about) {
        Ok(_) => end(example().await),
        Err(code) => code,
    }
}

/// The options, or the exit code where there is nothing to run.
fn parse(about: &'static About) -> Result<Options, ExitCode> {
    match Options::parse(about, lexopt::Parser::from_env()) {
        Ok(Some(options)) => Ok(options),
        Ok(None) => {
            print!("{}", about.help());
            Err(ExitCode::SUCCESS)
        }
        Err(error) => Err(wrong(&error.to_string())),
    }
}

fn wrong(reason: &str) -> ExitCode {
    eprintln!("error: {reason}; --help shows the options");
    ExitCode::from(2)
}

/// Prints why an example failed: the error, and each source of it.
fn end(outcome: Result<(), Failure>) -> ExitCode {
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        eprintln!("  caused by: {error}");
        source = error.source();
    }
    ExitCode::FAILURE
}

/// The variables for credentials that are set.
fn credentials_in_env() -> Vec<&'static str> {
    let is_set = |name: &&str| non_empty(name).is_some();
    CREDENTIALS.into_iter().filter(is_set).collect()
}

/// A variable of the environment; an empty one counts as absent.
pub(crate) fn non_empty(variable: &str) -> Option<String> {
    let value = std::env::var_os(variable)?;
    let value = value.to_string_lossy().into_owned();
    Some(value).filter(|value| !value.is_empty())
}
