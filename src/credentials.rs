//! What a client authenticates with, from the program or from the environment.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::Error;
use crate::auth::{AnyProvider, TokenProvider};

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

/// The variable that holds an access token.
const TOKEN: &str = "MONGODB_ATLAS_ACCESS_TOKEN";

/// How the service begins the ids and the secrets of service accounts.
const ID: &str = "mdb_sa_id_";
const SECRET: &str = "mdb_sa_sk_";

/// Public parts have eight letters, or are the e-mail address of old; private ones are UUIDs.
const PUBLIC_LENGTH: usize = 16;

/// How messages name a token, whoever provided it.
pub(crate) const ACCESS_TOKEN: &str = "the access token";

/// What a client authenticates with. Its `Debug` shows no secret. What is wrong with it is told when
/// the client is built.
///
/// ```
/// use atlas_peering::Credentials;
///
/// let credentials = Credentials::api_key("abcdefgh", "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11");
/// assert!(!format!("{credentials:?}").contains("5b7a4a3e"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    pub(crate) kind: Kind,
    /// The public part of a key, or the id of a service account.
    pub(crate) public: String,
    /// The private part, the secret, or an access token.
    pub(crate) private: SecretString,
    /// The address that the environment gave with them.
    pub(crate) base_url: Option<String>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    ApiKey,
    ServiceAccount,
    AccessToken,
    Provider(Arc<dyn AnyProvider>),
}

impl Kind {
    const fn name(&self) -> &'static str {
        match self {
            Self::ApiKey => "the API key",
            Self::ServiceAccount => "the service account",
            Self::AccessToken | Self::Provider(_) => ACCESS_TOKEN,
        }
    }
}

impl Credentials {
    /// An API key of an Atlas organization or project: its public and its private part.
    pub fn api_key(public: impl Into<String>, private: impl Into<String>) -> Self {
        Self::of(Kind::ApiKey, public, private)
    }

    /// A service account of an Atlas organization: its id and its secret. Its tokens come from the
    /// address that the client calls, and the secret goes nowhere else.
    pub fn service_account(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::of(Kind::ServiceAccount, id, secret)
    }

    /// An access token of a service account. It goes to the address that the client calls alone, and is
    /// not renewed: once it has expired, calls fail with a 401.
    ///
    /// ```
    /// use atlas_peering::{Client, Credentials};
    ///
    /// let atlas = Client::new(Credentials::access_token("eyJhbGciOi"))?;
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    pub fn access_token(token: impl Into<String>) -> Self {
        Self::of(Kind::AccessToken, "", token)
    }

    /// Access tokens that come from elsewhere: a vault, a metadata service, a file. They go to the
    /// address that the client calls alone. [`TokenProvider`] has an example.
    pub fn token_provider(provider: impl TokenProvider) -> Self {
        Self::of(Kind::Provider(Arc::new(provider)), "", "")
    }

    fn of(kind: Kind, public: impl Into<String>, private: impl Into<String>) -> Self {
        Self {
            kind,
            public: public.into(),
            private: private.into().into(),
            base_url: None,
        }
    }

    /// One of these:
    ///
    /// - an API key from `MONGODB_ATLAS_PUBLIC_API_KEY` and `MONGODB_ATLAS_PRIVATE_API_KEY`, or from
    ///   the older `MONGODB_ATLAS_PUBLIC_KEY` and `MONGODB_ATLAS_PRIVATE_KEY`;
    /// - a service account from `MONGODB_ATLAS_CLIENT_ID` and `MONGODB_ATLAS_CLIENT_SECRET`;
    /// - an access token from `MONGODB_ATLAS_ACCESS_TOKEN`.
    ///
    /// With `MONGODB_ATLAS_BASE_URL` set, they belong to that address, and a client built with
    /// it calls there unless its builder is told otherwise: a secret never goes to a cloud that it
    /// was not meant for. An empty variable counts as absent.
    ///
    /// # Errors
    ///
    /// No variable is set, one of a pair is missing, two kinds are set, or a value is not Unicode. The
    /// message names the variables and holds no value.
    pub fn from_env() -> Result<Self, Error> {
        let [today, older] = API_KEY;
        let key = match pair("an API key", today, Self::api_key)? {
            None => pair("an API key", older, Self::api_key)?,
            key => key,
        };
        let account = pair("a service account", SERVICE_ACCOUNT, Self::service_account)?;
        let token = variable(TOKEN)?.map(Self::access_token);
        let token = token.map(|token| (format!("an access token ({TOKEN})"), token));
        let found = [key, account, token].into_iter().flatten();
        let (names, mut found): (Vec<_>, Vec<_>) = found.unzip();
        let Some(credentials) = found.pop() else {
            let ((public, private), (id, secret)) = (today, SERVICE_ACCOUNT);
            let (older_public, older_private) = older;
            return Err(Error::setup(format!(
                "no credentials in the environment: set {public} and {private} (or the older \
                 {older_public} and {older_private}), {id} and {secret}, or {TOKEN}"
            )));
        };
        if !found.is_empty() {
            return Err(Error::setup(format!(
                "the environment has credentials of more than one kind: {}; unset the variables of all \
                 but one",
                names.join(", ")
            )));
        }
        let base_url = variable(BASE_URL)?;
        Ok(Self {
            base_url,
            ..credentials
        })
    }

    /// The credentials as a message may name them.
    pub(crate) fn name(&self) -> String {
        let kind = self.kind.name();
        match self.shown() {
            Some(public) => format!("{kind} `{public}`"),
            None => kind.to_owned(),
        }
    }

    /// The public part, unless it looks like a private one: of a swapped pair the wrong half would
    /// be shown.
    fn shown(&self) -> Option<&str> {
        let public = &*self.public;
        let is_public = match self.kind {
            Kind::ApiKey => {
                (public.len() <= PUBLIC_LENGTH || public.contains('@'))
                    && !public.starts_with(SECRET)
            }
            Kind::ServiceAccount => public.starts_with(ID),
            Kind::AccessToken | Kind::Provider(_) => false,
        };
        is_public.then_some(public)
    }

    /// Whether a header can carry them, and whether they can be valid at all.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (public, private) = (&*self.public, self.private.expose_secret());
        let parts = match self.kind {
            Kind::ApiKey => [
                ("the public part of the API key", public),
                ("the private part of the API key", private),
            ],
            Kind::ServiceAccount => [
                ("the id of the service account", public),
                ("the secret of the service account", private),
            ],
            Kind::AccessToken => [(ACCESS_TOKEN, private); 2],
            Kind::Provider(_) => return Ok(()),
        };
        for (part, value) in parts {
            if value.is_empty() {
                return Err(Error::setup(format!("{part} is empty")));
            }
            if value.contains(|letter: char| letter.is_control() || letter == ' ') {
                return Err(Error::setup(format!(
                    "{part} holds a space, a line break or another control character"
                )));
            }
        }
        if public.contains(':') {
            // RFC 7616, section 3.4: a user name with a colon cannot be told from its realm.
            let (part, _) = parts[0];
            return Err(Error::setup(format!("{part} holds a colon")));
        }
        let is_of_account = |part: &str| part.starts_with(ID) || part.starts_with(SECRET);
        let wrong = match self.kind {
            Kind::ServiceAccount if public.starts_with(SECRET) || private.starts_with(ID) => {
                "the id of the service account looks like a secret: are the two swapped?".to_owned()
            }
            Kind::ServiceAccount if is_api_key(public, private) => {
                let [(public_name, private_name), _] = API_KEY;
                format!(
                    "these are the parts of an API key, not of a service account: use \
                     Credentials::api_key, or {public_name} and {private_name}"
                )
            }
            Kind::ApiKey | Kind::AccessToken if is_of_account(public) || is_of_account(private) => {
                let (id_name, secret_name) = SERVICE_ACCOUNT;
                format!(
                    "{} is, or has, a part of a service account (`{ID}…`, `{SECRET}…`): use \
                     Credentials::service_account, or {id_name} and {secret_name}",
                    self.kind.name()
                )
            }
            Kind::ApiKey if self.shown().is_none() && private.len() <= PUBLIC_LENGTH => {
                "the public part of the API key looks like a private one: are the two swapped?"
                    .to_owned()
            }
            _ => return Ok(()),
        };
        Err(Error::setup(wrong))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("kind", &self.kind.name())
            .field("public", &self.shown().unwrap_or("[REDACTED]"))
            .field("private", &"[REDACTED]")
            .field(
                "base_url",
                &self.base_url.as_ref().map(|_| "from the environment"),
            )
            .finish()
    }
}

/// Whether these are surely the parts of an API key: eight letters and a UUID.
fn is_api_key(public: &str, private: &str) -> bool {
    let groups = private.split('-').map(str::len);
    let is_uuid = groups.eq([8, 4, 4, 4, 12])
        && private
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    public.len() == 8 && public.bytes().all(|byte| byte.is_ascii_lowercase()) && is_uuid
}

/// The value of a variable; an empty one counts as absent.
pub(crate) fn variable(name: &str) -> Result<Option<String>, Error> {
    let value = std::env::var_os(name).unwrap_or_default().into_string();
    let value = value.map_err(|_| Error::setup(format!("the variable {name} is not Unicode")))?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// The credentials of two variables that are set together, and what a message calls them.
fn pair(
    kind: &str,
    names: (&str, &str),
    make: fn(String, String) -> Credentials,
) -> Result<Option<(String, Credentials)>, Error> {
    let (set, missing) = match (variable(names.0)?, variable(names.1)?) {
        (Some(public), Some(private)) => {
            let what = format!("{kind} ({} and {})", names.0, names.1);
            return Ok(Some((what, make(public, private))));
        }
        (None, None) => return Ok(None),
        (Some(_), None) => names,
        (None, Some(_)) => (names.1, names.0),
    };
    Err(Error::setup(format!(
        "{set} is set and {missing} is not: credentials have both parts"
    )))
}
