//! The predicates of an error: each documents what it means for another attempt.

use http::StatusCode;

use super::{Error, Kind};
use crate::types::ErrorCode;

impl Error {
    fn has_status(&self, status: StatusCode) -> bool {
        self.error_response()
            .is_some_and(|response| response.status == status)
    }

    /// The service refused the credentials, or they lack a role in the project (401). Nothing was
    /// carried out. Another attempt does not help until the credentials or their roles change.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.has_status(StatusCode::UNAUTHORIZED)
    }

    /// The role or the address of the caller does not allow the call (403). Nothing was carried out.
    /// Another attempt does not help until the role or access list changes.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN)
    }

    /// The project, peering or container does not exist (404), or was deleted during a wait. The 404
    /// for an unreachable Azure subscription (`AZURE_CUSTOMER_NETWORK_UNREACHABLE`) does not count.
    /// Nothing was changed. Another attempt does not help, except right after a creation.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        let of_a_network = [ErrorCode::AzureCustomerNetworkUnreachable];
        let is_refused = self.has_status(StatusCode::NOT_FOUND) && !self.has_code(&of_a_network);
        // The 404 of a gateway, or of the endpoint for tokens, is about neither.
        let is_of_the_call = self.api_error().is_some() && self.0.step.is_none();
        matches!(self.0.kind, Kind::Deleted(_)) || is_refused && is_of_the_call
    }

    /// The request conflicts with what exists (409): a duplicate, a limit or a state. Or the resource
    /// to ensure exists and differs from the request. Nothing was changed. Another attempt does not
    /// help until the other resource changes.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_status(StatusCode::CONFLICT) || matches!(self.0.kind, Kind::Differs(_))
    }

    /// The rate limit is exceeded (429). Nothing was carried out. Another attempt helps after
    /// [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.has_status(StatusCode::TOO_MANY_REQUESTS)
    }

    /// The service failed (5xx). Another attempt may help. Except for 501, the call [may have taken
    /// effect](Self::may_have_taken_effect).
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.error_response()
            .is_some_and(|response| response.status.is_server_error())
    }

    /// A value of the request is invalid. The message names the field and the value. The request was not
    /// sent. Another attempt with the same value does not help.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self.0.kind, Kind::Input(_))
    }

    /// No connection was made, so nothing was sent. Another attempt may help, unless
    /// [`is_tls`](Self::is_tls).
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect { .. } | Kind::Tls { .. })
    }

    /// The TLS handshake failed: the server's certificate has expired, is for another host or has an
    /// unknown issuer; or the server refused the TLS versions or ciphers of the client. Nothing was
    /// carried out. Another attempt does not help.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.0.kind, Kind::Tls { .. })
    }

    /// A time limit of the client expired: for the connection, the response, its body, or a wait.
    /// Another attempt may help, unless it [may have taken effect](Self::may_have_taken_effect).
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self.0.kind {
            Kind::Connect { timed_out, .. }
            | Kind::NoResponse { timed_out }
            | Kind::Body { timed_out, .. } => timed_out,
            Kind::Unfinished(_) => true,
            _ => false,
        }
    }

    /// The response does not match the specification, or is too large. The call may have taken effect.
    /// Another attempt does not help, unless a gateway responded.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode { .. } | Kind::TooLarge { .. })
    }

    /// The request was sent, at least in part, and its response is missing or incomplete. The client
    /// has already repeated a call that reads or deletes as often as the policy allows. It has not
    /// repeated a call that creates or changes, which may have taken effect.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        matches!(self.0.kind, Kind::NoResponse { .. } | Kind::Body { .. })
    }

    /// The service may have carried out the call, for one of these reasons:
    ///
    /// - The call was interrupted.
    /// - The response could not be decoded, or comes from a server that does not know the key.
    /// - The service failed (5xx, except for 501).
    /// - An earlier attempt of the call failed for one of these reasons.
    ///
    /// Do not repeat a creation: list what it may have created, as
    /// [`ensure_peering`](crate::Client::ensure_peering) does. After any other error nothing was changed,
    /// except that `ensure_peering` may have created the peering whose failure it reports.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.effect_unknown || self.last_attempt_may_have_taken_effect()
    }

    /// Whether the last attempt may have taken effect. A failed token request precedes the attempt.
    pub(super) fn last_attempt_may_have_taken_effect(&self) -> bool {
        let is_server_error =
            self.is_server_error() && self.status() != Some(StatusCode::NOT_IMPLEMENTED);
        self.0.step.is_none()
            && (self.is_interrupted() || self.is_decode() || self.is_unproven() || is_server_error)
    }

    /// The server does not know the key (its `rspauth` is wrong): it is not the service. The call may
    /// have taken effect. Another attempt does not help.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        matches!(self.0.kind, Kind::Unproven { .. })
    }

    /// The [`TokenProvider`](crate::TokenProvider) failed; its own error is the source. Nothing was sent.
    /// Whether another attempt helps depends on that error.
    #[must_use]
    pub fn is_token_provider(&self) -> bool {
        matches!(self.0.kind, Kind::Provider)
    }

    /// The credentials, the base URL or another setting of the client are missing or invalid. Nothing
    /// was carried out. Another attempt does not help.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(self.0.kind, Kind::Setup(_))
    }
}
