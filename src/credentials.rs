//! Who calls: an API key or a service account, from the program or from the environment.

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

/// The variables that hold a service account: its id and its secret.
const SERVICE_ACCOUNT: (&str, &str) = ("MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET");

/// How the service begins the ids and the secrets of service accounts.
const ID: &str = "mdb_sa_id_";
const SECRET: &str = "mdb_sa_sk_";

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
    kind: Kind,
    public: String,
    private: SecretString,
    base_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ApiKey,
    ServiceAccount,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "API key",
            Self::ServiceAccount => "service account",
        }
    }
}

impl Credentials {
    /// An API key of an Atlas organization or project: its public and its private part.
    ///
    /// What is wrong with them is told when the client is built.
    pub fn api_key(public: impl Into<String>, private: impl Into<String>) -> Self {
        Self::of(Kind::ApiKey, public, private)
    }

    /// A service account of an Atlas organization: its id and its secret. Its tokens come from the
    /// address that the client calls, and the secret goes nowhere else.
    ///
    /// What is wrong with them is told when the client is built.
    pub fn service_account(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::of(Kind::ServiceAccount, id, secret)
    }

    fn of(kind: Kind, public: impl Into<String>, private: impl Into<String>) -> Self {
        Self {
            kind,
            public: public.into(),
            private: private.into().into(),
            base_url: None,
        }
    }

    /// An API key from `MONGODB_ATLAS_PUBLIC_API_KEY` and `MONGODB_ATLAS_PRIVATE_API_KEY`, or from
    /// the older `MONGODB_ATLAS_PUBLIC_KEY` and `MONGODB_ATLAS_PRIVATE_KEY`; or a service account
    /// from `MONGODB_ATLAS_CLIENT_ID` and `MONGODB_ATLAS_CLIENT_SECRET`.
    ///
    /// With `MONGODB_ATLAS_BASE_URL` set, they belong to that address, and a client built with
    /// it calls there unless its builder is told otherwise: a secret never goes to a cloud that it
    /// was not meant for. An empty variable counts as absent.
    ///
    /// # Errors
    ///
    /// No variable is set, one of a pair is missing, both kinds are set, or a value is not Unicode. The message names
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
        let pair = |(public_name, private_name)| match (read(public_name)?, read(private_name)?) {
            (Some(public), Some(private)) => Ok(Some((public, private))),
            (Some(_), None) => Err(half(public_name, private_name)),
            (None, Some(_)) => Err(half(private_name, public_name)),
            (None, None) => Ok(None),
        };
        let [today, older] = API_KEY;
        let key = match pair(today)? {
            Some(key) => Some((today, key)),
            None => pair(older)?.map(|key| (older, key)),
        };
        let found = match (key, pair(SERVICE_ACCOUNT)?) {
            (Some((names, _)), Some(_)) => return Err(clash(names)),
            (Some((_, (public, private))), None) => Self::api_key(public, private),
            (None, Some((id, secret))) => Self::service_account(id, secret),
            (None, None) => return Err(nothing()),
        };
        let base_url = read(BASE_URL)?;
        Ok(Self { base_url, ..found })
    }

    pub(crate) fn is_service_account(&self) -> bool {
        self.kind == Kind::ServiceAccount
    }

    /// The address that the environment gave with them.
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
        let kind = self.kind.name();
        match self.shown() {
            Some(public) => format!("the {kind} `{public}`"),
            None => format!("the {kind}"),
        }
    }

    /// The public part, unless it looks like a private one: of a swapped pair the wrong half would
    /// be shown.
    fn shown(&self) -> Option<&str> {
        let public = Some(&*self.public);
        public.filter(|public| match self.kind {
            Kind::ApiKey => public.len() <= PUBLIC_LENGTH || public.contains('@'),
            Kind::ServiceAccount => public.starts_with(ID),
        })
    }

    /// Whether a header can carry them, and whether they can be right at all.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let private = self.private.expose_secret();
        let kind = self.kind.name();
        let parts = match self.kind {
            Kind::ApiKey => ["public part", "private part"],
            Kind::ServiceAccount => ["id", "secret"],
        };
        for (part, value) in parts.into_iter().zip([self.public.as_str(), private]) {
            if value.is_empty() {
                return Err(Error::setup(format!("the {part} of the {kind} is empty")));
            }
            if value
                .chars()
                .any(|letter| letter.is_control() || letter == ' ')
            {
                return Err(Error::setup(format!(
                    "the {part} of the {kind} holds a space, a line break or another control character"
                )));
            }
        }
        if self.public.contains(':') {
            // RFC 7616, section 3.4: a user name with a colon cannot be told from its realm.
            return Err(Error::setup(format!(
                "the {} of the {kind} holds a colon",
                parts[0]
            )));
        }
        if self.is_service_account() && (self.public.starts_with(SECRET) || private.starts_with(ID))
        {
            return Err(Error::setup(
                "the id of the service account looks like a secret: are the two swapped?",
            ));
        }
        let api_key = !self.is_service_account();
        if api_key && self.shown().is_none() && private.len() <= PUBLIC_LENGTH {
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
            .field("kind", &self.kind)
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
        "{there} is set and {missing} is not: credentials have both parts"
    ))
}

/// Both kinds are there, and which is meant is not.
fn clash((public, private): (&str, &str)) -> Error {
    let (id, secret) = SERVICE_ACCOUNT;
    Error::setup(format!(
        "an API key ({public} and {private}) and a service account ({id} and {secret}) are both in \
         the environment: unset the variables of one"
    ))
}

/// No variable is there.
fn nothing() -> Error {
    let ([(public, private), (older_public, older_private)], (id, secret)) =
        (API_KEY, SERVICE_ACCOUNT);
    Error::setup(format!(
        "no credentials in the environment: set {public} and {private} (or the older {older_public} \
         and {older_private}), or {id} and {secret}"
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
        for (public, private) in API_KEY.into_iter().chain([SERVICE_ACCOUNT]) {
            assert!(
                message.contains(public) && message.contains(private),
                "{message}"
            );
        }
    }

    #[test]
    fn a_service_account_is_found_and_clashes_with_a_key() {
        let account = [
            ("MONGODB_ATLAS_CLIENT_ID", "mdb_sa_id_1"),
            ("MONGODB_ATLAS_CLIENT_SECRET", "mdb_sa_sk_1"),
        ];
        let credentials = from(&account).unwrap();
        assert!(credentials.is_service_account());
        assert_eq!(credentials.name(), "the service account `mdb_sa_id_1`");
        let key = [
            ("MONGODB_ATLAS_PUBLIC_KEY", "older"),
            ("MONGODB_ATLAS_PRIVATE_KEY", PRIVATE),
        ];
        let message = from(&[account, key].concat()).unwrap_err().to_string();
        for (name, value) in account.into_iter().chain(key) {
            assert!(
                message.contains(name) && !message.contains(value),
                "{message}"
            );
        }
        assert!(
            !message.contains("PUBLIC_API_KEY"),
            "only those that clash: {message}"
        );
        let message = from(&account[..1]).unwrap_err().to_string();
        assert!(
            message.contains("MONGODB_ATLAS_CLIENT_SECRET is not"),
            "{message}"
        );
    }

    #[test]
    fn a_service_account_that_is_swapped_is_told_and_not_shown() {
        let swapped = Credentials::service_account("mdb_sa_sk_1", "mdb_sa_id_1");
        let message = swapped.check().unwrap_err().to_string();
        assert!(message.contains("swapped"), "{message}");
        assert!(!format!("{swapped:?} {} {message}", swapped.name()).contains("sk_1"));
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
             credentials have both parts"
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
