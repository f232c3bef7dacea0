//! What a caller can act on: each predicate says what it means for another attempt.

use http::StatusCode;

use super::{Error, Kind};
use crate::types::ErrorCode;

impl Error {
    fn has_status(&self, status: StatusCode) -> bool {
        self.error_response()
            .is_some_and(|response| response.status == status)
    }

    /// The credentials were refused (401). The service also says so of a key that lacks a role.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.has_status(StatusCode::UNAUTHORIZED)
    }

    /// The caller's role or address does not allow the call (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.has_status(StatusCode::FORBIDDEN)
    }

    /// There is no such project, peering or container (404), or there is none any more. That Atlas
    /// cannot reach a subscription on Azure is a 404 as well, and is not meant.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        let of_a_network = [ErrorCode::AzureCustomerNetworkUnreachable];
        matches!(self.0.kind, Kind::Deleted(_))
            || self.has_status(StatusCode::NOT_FOUND) && !self.has_code(&of_a_network)
    }

    /// The request does not fit what exists (409): a duplicate, a limit, a state; or what is to be
    /// ensured exists and differs.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.has_status(StatusCode::CONFLICT) || matches!(self.0.kind, Kind::Differs(_))
    }

    /// The rate limit is used up (429).
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.has_status(StatusCode::TOO_MANY_REQUESTS)
    }

    /// The service failed (5xx).
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.error_response()
            .is_some_and(|response| response.status.is_server_error())
    }

    /// A value was refused before anything was sent; the message names the field and the value.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self.0.kind, Kind::Input { .. })
    }

    /// There was no connection, so nothing was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(self.0.kind, Kind::Connect { .. } | Kind::Tls { .. })
    }

    /// The certificate of the server is not trusted: expired, of another host, or signed by an
    /// authority that this machine does not know; or the server refused TLS as this client offers it.
    /// Nothing was carried out, and another attempt does not help.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.0.kind, Kind::Tls { .. })
    }

    /// A time limit of the client ran out: while connecting, waiting for the response or reading it,
    /// or waiting for a state.
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

    /// The response came and is not what the specification says, or is larger than what is read.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.0.kind, Kind::Decode { .. } | Kind::TooLarge { .. })
    }

    /// The request was sent, or a part of it, and its response did not come, or did not end.
    ///
    /// A call that reads or deletes was repeated as often as the policy allows. A call that creates or
    /// changes was not, for it may have been carried out: see
    /// [`may_have_taken_effect`](Self::may_have_taken_effect).
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        matches!(self.0.kind, Kind::NoResponse { .. } | Kind::Body { .. })
    }

    /// The service may have carried the call out, although it failed: it was interrupted, its response
    /// cannot be read, or the service failed (5xx, but for 501).
    ///
    /// Do not repeat a creation on it: list what it may have created, as
    /// [`ensure_peering`](crate::Client::ensure_peering) does. Of any other error, nothing was changed.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        let is_server_error =
            self.is_server_error() && self.status() != Some(StatusCode::NOT_IMPLEMENTED);
        self.is_interrupted() || self.is_decode() || self.is_unproven() || is_server_error
    }

    /// The server proved that it does not know the key (its `rspauth` is wrong): somebody else responds
    /// at the base URL. Another attempt does not help.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        matches!(self.0.kind, Kind::Unproven { .. })
    }

    /// The [`TokenProvider`](crate::TokenProvider) failed, and nothing was sent: its own error is the
    /// [`source`](std::error::Error::source). Whether trying again helps is for that error to say.
    #[must_use]
    pub fn is_token_provider(&self) -> bool {
        matches!(self.0.kind, Kind::Provider)
    }

    /// The client cannot work as it was made: credentials, base URL or another setting are missing or
    /// invalid. Another attempt does not help.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(self.0.kind, Kind::Setup(_))
    }
}
