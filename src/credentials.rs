//! The credentials of a client, from the program or from the environment.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::Error;
use crate::auth::{AnyProvider, TokenProvider};
use crate::model::validation;

const BASE_URL: &str = "MONGODB_ATLAS_BASE_URL";

/// The pairs of variables for an API key. The first pair has the current names.
const API_KEY: [(&str, &str); 2] = [
    (
        "MONGODB_ATLAS_PUBLIC_API_KEY",
        "MONGODB_ATLAS_PRIVATE_API_KEY",
    ),
    ("MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"),
];

/// The variables for the id and the secret of a service account.
const SERVICE_ACCOUNT: (&str, &str) = ("MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET");

/// The variable for an access token.
const TOKEN: &str = "MONGODB_ATLAS_ACCESS_TOKEN";

/// The prefixes of the ids and the secrets of service accounts.
const ID: &str = "mdb_sa_id_";
const SECRET: &str = "mdb_sa_sk_";

/// The public part has eight letters, or is an e-mail address in old keys. The private part is a UUID.
const PUBLIC_LENGTH: usize = 16;

/// The name of an access token in messages.
pub(crate) const ACCESS_TOKEN: &str = "the access token";

/// The credentials that a client authenticates with. `Debug` shows no secret. The constructors accept any
/// text, and [`ClientBuilder::build`](crate::ClientBuilder::build) validates it.
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
    /// The base URL from the environment.
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

    /// The constructor and the variables of this kind, for the remedy in a message.
    fn settings(&self) -> String {
        let ((public, private), (id, secret)) = (API_KEY[0], SERVICE_ACCOUNT);
        match self {
            Self::ApiKey => format!("Credentials::api_key, or {public} and {private}"),
            Self::ServiceAccount => format!("Credentials::service_account, or {id} and {secret}"),
            _ => format!("Credentials::access_token, or {TOKEN}"),
        }
    }
}

impl Credentials {
    /// Uses an API key of an Atlas organization or project: its public and its private part.
    pub fn api_key(public: impl Into<String>, private: impl Into<String>) -> Self {
        Self::of(Kind::ApiKey, public, private)
    }

    /// Uses a service account of an Atlas organization or project: its id and its secret. The client
    /// requests tokens at its base URL, and sends the secret only there.
    pub fn service_account(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::of(Kind::ServiceAccount, id, secret)
    }

    /// Uses an access token of a service account. The client sends it only to its base URL, and does not
    /// renew it: once it has expired, calls fail with 401.
    pub fn access_token(token: impl Into<String>) -> Self {
        Self::of(Kind::AccessToken, "", token)
    }

    /// Uses access tokens from a vault, a metadata service or a file. The client sends them only to its
    /// base URL. [`TokenProvider`] has an example.
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

    /// Reads one of these from the environment:
    ///
    /// - an API key: `MONGODB_ATLAS_PUBLIC_API_KEY` and `MONGODB_ATLAS_PRIVATE_API_KEY`, or the older
    ///   `MONGODB_ATLAS_PUBLIC_KEY` and `MONGODB_ATLAS_PRIVATE_KEY`;
    /// - a service account: `MONGODB_ATLAS_CLIENT_ID` and `MONGODB_ATLAS_CLIENT_SECRET`;
    /// - an access token: `MONGODB_ATLAS_ACCESS_TOKEN`.
    ///
    /// `MONGODB_ATLAS_BASE_URL` is optional: the base URL of the service that the credentials belong to. The
    /// client sends them only there, unless [`ClientBuilder::base_url`](crate::ClientBuilder::base_url) sets
    /// another. An empty variable counts as not set.
    ///
    /// # Errors
    ///
    /// [`is_configuration`](Error::is_configuration). The message names variables and contains no value.
    ///
    /// - No credentials are set, or one variable of a pair is missing.
    /// - Credentials of more than one kind are set.
    /// - A value is not Unicode.
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

    /// The name of the credentials in a message.
    pub(crate) fn name(&self) -> String {
        let kind = self.kind.name();
        match self.shown() {
            Some(public) => format!("{kind} `{public}`"),
            None => kind.to_owned(),
        }
    }

    /// The public part, unless it may be a private one: if a caller swaps the two, `Debug` must not show
    /// the private part.
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

    /// Validates the credentials as far as that is possible without the service.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (public, private) = (&*self.public, self.private.expose_secret());
        let parts: &[_] = match self.kind {
            Kind::ApiKey => &[
                ("the public part of ", public),
                ("the private part of ", private),
            ],
            Kind::ServiceAccount => &[("the id of ", public), ("the secret of ", private)],
            Kind::AccessToken => &[("", private)],
            Kind::Provider(_) => return Ok(()),
        };
        let (name, settings) = (self.kind.name(), self.kind.settings());
        let invalid = |part: &str, fault: &str| {
            Error::setup(format!(
                "{part}{name} {fault}: check the arguments of {settings}"
            ))
        };
        for (part, value) in parts {
            if value.is_empty() {
                return Err(invalid(part, "is empty"));
            }
            if value.contains(|letter: char| letter.is_control() || letter == ' ') {
                let fault = "contains a space, a line break or another control character";
                return Err(invalid(part, fault));
            }
        }
        if public.contains(':') {
            // RFC 7616, section 3.4: a colon separates the user name from the realm.
            return Err(invalid(parts[0].0, "contains a colon"));
        }
        let is_of_account = |part: &str| part.starts_with(ID) || part.starts_with(SECRET);
        let error = match self.kind {
            Kind::ServiceAccount if public.starts_with(SECRET) || private.starts_with(ID) => {
                invalid("the parts of ", "seem swapped")
            }
            Kind::ServiceAccount if is_api_key(public, private) => Error::setup(format!(
                "{name} has the parts of an API key: use {}",
                Kind::ApiKey.settings()
            )),
            Kind::ApiKey | Kind::AccessToken if is_of_account(public) || is_of_account(private) => {
                Error::setup(format!(
                    "{name} has a part of a service account (`{ID}…`, `{SECRET}…`): use {}",
                    Kind::ServiceAccount.settings()
                ))
            }
            Kind::ApiKey if self.shown().is_none() && private.len() <= PUBLIC_LENGTH => {
                invalid("the parts of ", "seem swapped")
            }
            _ => return Ok(()),
        };
        Err(error)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base_url = self.base_url.as_ref().map(|_| "from the environment");
        f.debug_struct("Credentials")
            .field("kind", &self.kind.name())
            .field("public", &self.shown().unwrap_or("[REDACTED]"))
            .field("private", &"[REDACTED]")
            .field("base_url", &base_url)
            .finish()
    }
}

/// Whether the parts have the form of an API key: eight letters and a UUID.
fn is_api_key(public: &str, private: &str) -> bool {
    let is_uuid = validation::uuid("", private).is_ok();
    public.len() == 8 && public.bytes().all(|byte| byte.is_ascii_lowercase()) && is_uuid
}

/// The value of a variable. An empty one counts as not set.
pub(crate) fn variable(name: &str) -> Result<Option<String>, Error> {
    let value = std::env::var_os(name).unwrap_or_default().into_string();
    let fault = || format!("the variable {name} is not Unicode: set it to UTF-8");
    let value = value.map_err(|_| Error::setup(fault()))?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// The credentials of a pair of variables, and their name in a message.
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
        "{set} is set and {missing} is not: set both, or unset both"
    )))
}
