//! What is asked of the service's names for failures.

use crate::types::ErrorCode;

impl ErrorCode {
    /// Whether it is that of a 401 for a caller who lacks a role.
    pub(crate) fn is_of_a_role(&self) -> bool {
        matches!(
            self,
            Self::NotInGroup | Self::UserUnauthorized | Self::UserCannotAccessGroup
        )
    }
}
