//! The ids of projects, peerings and containers: one form, and a type for each, so that the compiler
//! does not accept one in place of another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, credentials};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident is $what:literal) => {
        $(#[$doc])*
        ///
        /// It has 24 hexadecimal digits. Parsing checks them, and converts them to lower case.
        ///
        /// # Errors
        ///
        /// - The text is not 24 hexadecimal digits ([`Error::is_input`]).
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
        #[serde(try_from = "String")]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        pub struct $name(String);

        impl $name {
            /// The id as the service writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                text.to_owned().try_into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self, Error> {
                parse($what, text).map(Self)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

id! {
    /// The id of an Atlas project; the API's paths call it a group.
    ///
    /// ```
    /// use atlas_peering::ProjectId;
    ///
    /// let project: ProjectId = "5356823b3794dee37132bb7b".parse()?;
    /// assert_eq!(project.as_str(), "5356823b3794dee37132bb7b");
    ///
    /// let error = "my-project".parse::<ProjectId>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the project id \"my-project\" is invalid: use 24 hexadecimal digits"
    /// );
    /// # Ok::<(), atlas_peering::Error>(())
    /// ```
    ProjectId is "project id"
}
id! {
    /// The id of a network peering connection.
    PeeringId is "peering id"
}
id! {
    /// The id of a network container: Atlas's own network in one region or cloud.
    ContainerId is "container id"
}

impl ProjectId {
    /// The id in `MONGODB_ATLAS_PROJECT_ID`. An empty variable counts as missing.
    ///
    /// # Errors
    ///
    /// - The variable is missing or not Unicode ([`Error::is_configuration`]).
    /// - The value is not 24 hexadecimal digits ([`Error::is_input`]).
    pub fn from_env() -> Result<Self, Error> {
        let Some(text) = credentials::variable("MONGODB_ATLAS_PROJECT_ID")? else {
            let remedy = "no project in the environment: set MONGODB_ATLAS_PROJECT_ID to its id";
            return Err(Error::setup(remedy));
        };
        parse("project id in MONGODB_ATLAS_PROJECT_ID", text).map(Self)
    }
}

impl PeeringId {
    /// The codes for a peering that is deleted, or being deleted.
    pub(crate) const DELETED: &[ErrorCode] = &[
        ErrorCode::PeerNotFound,
        ErrorCode::PeerAlreadyRequestedDeletion,
    ];
}

impl ContainerId {
    /// The codes for a container that is deleted.
    pub(crate) const DELETED: &[ErrorCode] = &[ErrorCode::CloudProviderContainerNotFound];
}

fn parse(what: &'static str, mut text: String) -> Result<String, Error> {
    // Without an early exit the compiler checks many digits at once: a page has a thousand ids.
    let is_hex = |digits: &[u8; 24]| {
        digits
            .iter()
            .fold(true, |is, of| is & of.is_ascii_hexdigit())
    };
    if <&[u8; 24]>::try_from(text.as_bytes()).is_ok_and(is_hex) {
        text.make_ascii_lowercase();
        return Ok(text);
    }
    Err(Error::input(what, &text, "use 24 hexadecimal digits"))
}
