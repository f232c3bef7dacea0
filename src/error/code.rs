//! The service's names for failures.

use std::borrow::Cow;
use std::fmt;

/// The service's name for a failure, such as `PEER_NOT_FOUND`: an open set, of which those that
/// matter to peering are constants here.
///
/// ```
/// use atlas_peering::ErrorCode;
///
/// assert_eq!(ErrorCode::PEER_NOT_FOUND, "PEER_NOT_FOUND");
/// assert_eq!(ErrorCode::from("NEW_TODAY".to_owned()).as_str(), "NEW_TODAY");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ErrorCode(Cow<'static, str>);

macro_rules! codes {
    ($($(#[$words:meta])* $name:ident)+) => {
        impl ErrorCode {
            $($(#[$words])* pub const $name: Self = Self(Cow::Borrowed(stringify!($name)));)+

            /// All the constants.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),+];
        }
    };
}

codes! {
    /// 400: an attribute is wrong.
    INVALID_ATTRIBUTE
    /// 400: an attribute is missing.
    MISSING_ATTRIBUTE
    /// 400: a value is none of those that are known.
    INVALID_ENUM_VALUE
    /// 400: the cloud is not known.
    INVALID_PROVIDER
    /// 400: the body is no JSON of the expected form.
    INVALID_JSON
    /// 400: the body is no JSON.
    MALFORMED_JSON
    /// 400: the body breaks a rule.
    VALIDATION_ERROR
    /// 400: an id in the path cannot be parsed.
    PATH_PARAM_PARSE_ERROR
    /// 400: a block of addresses is none.
    INVALID_CIDR_BLOCK
    /// 400: the block of the user's network cannot be routed to.
    INVALID_ROUTE_TABLE_CIDR
    /// 400: the block of Atlas's network is none.
    ATLAS_INVALID_CIDR_BLOCK
    /// 400: the block of Atlas's network is too large, too small, or not private.
    ATLAS_INVALID_CIDR_RANGE
    /// 400: the block of Atlas's network has host bits set.
    ATLAS_NON_CANONICAL_CIDR_BLOCK
    /// 400: the region is not one of the cloud.
    INVALID_REGION
    /// 400: the region of a container that is in use stays.
    CANNOT_CHANGE_CONTAINER_REGION
    /// 400: Azure did not find the network, or does not let Atlas peer with it.
    AZURE_CUSTOMER_NETWORK_VALIDATION_FAILED
    /// 400: a network on Azure is peered within one region.
    AZURE_PEERING_MULTIPLE_REGIONS_NOT_ALLOWED
    /// 401: the credentials are missing or wrong; 500: the service failed.
    UNEXPECTED_ERROR
    /// 401: the caller is not in the project.
    NOT_IN_GROUP
    /// 401: the caller lacks a role.
    USER_UNAUTHORIZED
    /// 401: the caller has no access to the project.
    USER_CANNOT_ACCESS_GROUP
    /// 402: the account is suspended.
    ACCOUNT_SUSPENDED
    /// 402: the account has no means of payment.
    NO_PAYMENT_INFORMATION_FOUND
    /// 403: the caller's address is not on the access list of its credentials.
    IP_ADDRESS_NOT_ON_ACCESS_LIST
    /// 403: the organization wants an access list, and the credentials have none.
    ORG_REQUIRES_WHITELIST
    /// 403: the caller may not do this.
    ACCESS_FORBIDDEN
    /// 404: there is no such peering.
    PEER_NOT_FOUND
    /// 404: the id of the peering is none.
    INVALID_PEER_ID
    /// 404: there is no such container.
    CLOUD_PROVIDER_CONTAINER_NOT_FOUND
    /// 404: there is no such project.
    GROUP_NOT_FOUND
    /// 404: the id of the project is none.
    INVALID_GROUP_ID
    /// 404: there is nothing at the path.
    RESOURCE_NOT_FOUND
    /// 405: the service takes no writes while it is upgraded.
    WRITES_NOT_ALLOWED_DURING_APP_UPGRADES
    /// 409: the network on AWS is peered already.
    PEER_ALREADY_EXISTS
    /// 409: the network on Azure is peered already.
    PEER_ALREADY_EXISTS_AZURE
    /// 409: the network on Google Cloud is peered already.
    PEER_ALREADY_EXISTS_GCP
    /// 409: the removal of the peering is under way.
    PEER_ALREADY_REQUESTED_DELETION
    /// 409: the peering's state does not allow this.
    PEER_INVALID_STATE
    /// 409: the project has as many peerings as it may.
    PEER_MAXIMUM_REACHED
    /// 409: the block overlaps that of another peering.
    OVERLAPPING_CIDR_BLOCK
    /// 409: the block overlaps that of Atlas's network.
    OVERLAPPING_ATLAS_CIDR_BLOCK
    /// 409: the region, or the project, has a container.
    CONTAINER_ALREADY_EXISTS
    /// 409: the container is in use.
    CONTAINERS_IN_USE
    /// 429: too many calls.
    RATE_LIMITED
    /// 429: too many calls; the parameters say how long to wait.
    RATE_LIMITED_TOKEN_BUCKET
}

impl ErrorCode {
    /// Whether it is that of a 401 for a caller who lacks a role.
    pub(crate) fn is_of_a_role(&self) -> bool {
        [
            Self::NOT_IN_GROUP,
            Self::USER_UNAUTHORIZED,
            Self::USER_CANNOT_ACCESS_GROUP,
        ]
        .contains(self)
    }

    /// The name as the service writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ErrorCode {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for ErrorCode {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_what_the_service_writes() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from(code.to_string()), *code);
        }
    }
}
