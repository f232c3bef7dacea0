//! Who calls: an API key, from the program or from the environment.

use std::ffi::OsString;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::Error;

const BASE_URL: &str = "MONGODB_ATLAS_BASE_URL";

/// The pairs of variables that hold an API key, today's names first.
const API_KEY: [(&str, &str); 2] = [
    (
        "MONGODB_ATLAS_PUBLIC_API_KEY",
        "MONGODB_ATLAS_PRIVATE_API_KEY",
    ),
    ("MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"),
];

/// Public parts have eight letters, or are the e-mail address of old; private ones are UUIDs.
const PUBLIC_LENGTH: usize = 16;

/// What a client authenticates with. Its `Debug` shows no secret.
///
/// ```
/// use atlas_peering::Credentials;
///
/// let credentials = Credentials::api_key("abcdefgh", "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11");
/// assert!(!format!("{credentials:?}").contains("5b7a4a3e"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    public: String,
    private: SecretString,
    base_url: Option<String>,
}

impl Credentials {
    /// An API key of an Atlas organization or project: its public and its private part.
    ///
    /// What is wrong with them is told when the client is built.
    pub fn api_key(public: impl Into<String>, private: impl Into<String>) -> Self {
        Self {
            public: public.into(),
            private: private.into().into(),
            base_url: None,
        }
    }

    /// An API key from `MONGODB_ATLAS_PUBLIC_API_KEY` and `MONGODB_ATLAS_PRIVATE_API_KEY`, or from
    /// the older `MONGODB_ATLAS_PUBLIC_KEY` and `MONGODB_ATLAS_PRIVATE_KEY`.
    ///
    /// With `MONGODB_ATLAS_BASE_URL` set, the key belongs to that address, and a client built with
    /// it calls there unless its builder is told otherwise: a key never goes to a cloud that it
    /// was not meant for. An empty variable counts as absent.
    ///
    /// # Errors
    ///
    /// No variable is set, one of a pair is missing, or a value is not Unicode. The message names
    /// the variables and holds no value.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var_os(name))
    }

    fn from_variables(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let read = |name: &str| match lookup(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value).filter(|value| !value.is_empty())),
            Some(Err(_)) => Err(Error::setup(format!("the variable {name} is not Unicode"))),
        };
        for (public_name, private_name) in API_KEY {
            let (public, private) = match (read(public_name)?, read(private_name)?) {
                (Some(public), Some(private)) => (public, private),
                (Some(_), None) => return Err(half(public_name, private_name)),
                (None, Some(_)) => return Err(half(private_name, public_name)),
                (None, None) => continue,
            };
            let base_url = read(BASE_URL)?;
            return Ok(Self {
                base_url,
                ..Self::api_key(public, private)
            });
        }
        let [(public, private), (old_public, old_private)] = API_KEY;
        Err(Error::setup(format!(
            "no credentials in the environment: set {public} and {private} (or the older {old_public} and {old_private})"
        )))
    }

    /// The address that the environment gave with the key.
    pub(crate) fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    pub(crate) fn public(&self) -> &str {
        &self.public
    }

    pub(crate) fn private(&self) -> &SecretString {
        &self.private
    }

    /// The credentials as a message may name them.
    pub(crate) fn name(&self) -> String {
        match self.shown() {
            Some(public) => format!("the API key `{public}`"),
            None => "the API key".to_owned(),
        }
    }

    /// The public part, unless it looks like a private one: of a swapped pair the wrong half would
    /// be shown.
    fn shown(&self) -> Option<&str> {
        let public = Some(&*self.public);
        public.filter(|public| public.len() <= PUBLIC_LENGTH || public.contains('@'))
    }

    /// Whether a header can carry them, and whether they can be right at all.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let private = self.private.expose_secret();
        for (part, value) in [("public", self.public.as_str()), ("private", private)] {
            if value.is_empty() {
                return Err(Error::setup(format!(
                    "the {part} part of the API key is empty"
                )));
            }
            if value
                .chars()
                .any(|letter| letter.is_control() || letter == ' ')
            {
                return Err(Error::setup(format!(
                    "the {part} part of the API key holds a space, a line break or another control character"
                )));
            }
        }
        if self.public.contains(':') {
            // RFC 7616, section 3.4: a user name with a colon cannot be told from its realm.
            return Err(Error::setup("the public part of the API key holds a colon"));
        }
        if self.shown().is_none() && private.len() <= PUBLIC_LENGTH {
            return Err(Error::setup(
                "the public part of the API key looks like a private one: are the two swapped?",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("public", &self.shown().unwrap_or("[REDACTED]"))
            .field("private", &"[REDACTED]")
            .field(
                "base_url",
                &self.base_url.as_deref().map(|_| "from the environment"),
            )
            .finish()
    }
}

/// One variable of a pair is there.
fn half(there: &str, missing: &str) -> Error {
    Error::setup(format!(
        "{there} is set and {missing} is not: an API key has both parts"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &str = "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11";

    fn from(variables: &[(&str, &str)]) -> Result<Credentials, Error> {
        Credentials::from_variables(|name| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn todays_names_come_before_the_older_ones() {
        let credentials = from(&[
            ("MONGODB_ATLAS_PUBLIC_API_KEY", "today"),
            ("MONGODB_ATLAS_PRIVATE_API_KEY", PRIVATE),
            ("MONGODB_ATLAS_PUBLIC_KEY", "older"),
            ("MONGODB_ATLAS_PRIVATE_KEY", "other"),
        ])
        .unwrap();
        assert_eq!(credentials.public(), "today");
        assert_eq!(credentials.private().expose_secret(), PRIVATE);
    }

    #[test]
    fn the_older_names_are_enough() {
        let credentials = from(&[
            ("MONGODB_ATLAS_PUBLIC_KEY", "older"),
            ("MONGODB_ATLAS_PRIVATE_KEY", PRIVATE),
            ("MONGODB_ATLAS_BASE_URL", "https://cloud.mongodbgov.com"),
        ])
        .unwrap();
        assert_eq!(credentials.public(), "older");
        assert_eq!(credentials.base_url(), Some("https://cloud.mongodbgov.com"));
    }

    #[test]
    fn nothing_set_names_all_that_was_looked_for() {
        let message = from(&[("MONGODB_ATLAS_PUBLIC_KEY", "")])
            .unwrap_err()
            .to_string();
        for (public, private) in API_KEY {
            assert!(
                message.contains(public) && message.contains(private),
                "{message}"
            );
        }
    }

    #[test]
    fn halves_of_two_pairs_are_no_key() {
        let error = from(&[
            ("MONGODB_ATLAS_PUBLIC_API_KEY", "today"),
            ("MONGODB_ATLAS_PRIVATE_KEY", PRIVATE),
        ])
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "MONGODB_ATLAS_PUBLIC_API_KEY is set and MONGODB_ATLAS_PRIVATE_API_KEY is not: \
             an API key has both parts"
        );
    }

    #[test]
    fn parts_that_no_header_carries_are_refused_without_being_shown() {
        for (public, private) in [
            ("", PRIVATE),
            ("abc", ""),
            ("abc", "sec\nret"),
            ("a:b", PRIVATE),
            (PRIVATE, "abcdefgh"),
        ] {
            let credentials = Credentials::api_key(public, private);
            let message = credentials.check().unwrap_err().to_string();
            assert!(
                !message.contains("sec") && !message.contains(PRIVATE),
                "{message}"
            );
            assert!(!format!("{credentials:?}").contains(PRIVATE));
            assert!(!credentials.name().contains(PRIVATE));
        }
    }
}
