//! The arguments of a verb.

/// What follows a verb on its line.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn new(all: Vec<String>) -> Self {
        Self(all)
    }

    /// Takes a flag; whether it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() < before
    }

    /// Takes `--format json`; whether it was there.
    pub(crate) fn format(&mut self) -> Result<bool, String> {
        let Some(at) = self.0.iter().position(|argument| argument == "--format") else {
            return Ok(false);
        };
        match self.0.get(at + 1).map(String::as_str) {
            Some("json") => {
                self.0.drain(at..=at + 1);
                Ok(true)
            }
            other => Err(format!(
                "--format is json, not {}",
                other.unwrap_or("nothing")
            )),
        }
    }

    /// What is left.
    pub(crate) fn all(self) -> Result<Vec<String>, String> {
        self.known()?;
        Ok(self.0)
    }

    /// What is left: one argument at the least, and no flag that nobody took.
    pub(crate) fn rest(self, name: &str) -> Result<Vec<String>, String> {
        let all = self.all()?;
        if all.is_empty() {
            return Err(format!("{name} is missing: --help tells more"));
        }
        Ok(all)
    }

    /// Just so many arguments are left.
    pub(crate) fn exactly<const N: usize>(self, names: &str) -> Result<[String; N], String> {
        self.known()?;
        <[String; N]>::try_from(self.0).map_err(|left| {
            let given = left.len();
            format!("it takes {names}, and {given} arguments were given: --help tells more")
        })
    }

    fn known(&self) -> Result<(), String> {
        match self.0.iter().find(|argument| argument.starts_with("--")) {
            Some(flag) => Err(format!("{flag} is not known: --help tells more")),
            None => Ok(()),
        }
    }
}
