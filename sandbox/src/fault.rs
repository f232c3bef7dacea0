//! Faults that a test injects: the network or the service fails before the effect of a call, after
//! it, or in the middle of the response.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use serde_json::json;

use crate::reply::Canned;

/// A fault that an admitted call meets, for [`Sandbox::inject`](crate::Sandbox::inject).
///
/// It meets one call by default. A refused call, such as one without credentials, meets no fault.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use atlas_peering_sandbox::{Fault, Sandbox};
///
/// let sandbox = Sandbox::start().await?;
/// // The second and the third creation take effect, but the client receives no response.
/// sandbox.inject("createPeeringConnection", Fault::drop_after().skip(1).times(2))?;
/// assert!(sandbox.inject("createPearing", Fault::drop_after()).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    kind: Kind,
    skip: usize,
    times: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    DropBefore,
    DropAfter,
    CutResponse,
    FailBefore(u16),
    FailAfter(u16),
    DelayResponse(Duration),
    DelayEffect(Duration),
    UnreachableNetwork(Duration),
}

impl Fault {
    const fn of(kind: Kind) -> Self {
        Self {
            kind,
            skip: 0,
            times: 1,
        }
    }

    /// The connection ends without a response, and the call has no effect.
    pub const fn drop_before() -> Self {
        Self::of(Kind::DropBefore)
    }

    /// The call takes effect, and the connection ends without a response.
    pub const fn drop_after() -> Self {
        Self::of(Kind::DropAfter)
    }

    /// The call takes effect, and the connection ends in the middle of the response body. A response
    /// without a body is lost as with [`Fault::drop_after`].
    pub const fn cut_response() -> Self {
        Self::of(Kind::CutResponse)
    }

    /// The response has this status and an HTML body, as from a gateway, and the call has no effect.
    pub const fn fail_before(status: u16) -> Self {
        Self::of(Kind::FailBefore(status))
    }

    /// The call takes effect, and the response has this status and an HTML body, as from a gateway.
    pub const fn fail_after(status: u16) -> Self {
        Self::of(Kind::FailAfter(status))
    }

    /// The call takes effect at once, and the response follows after `by` of real time.
    pub const fn delay_response(by: Duration) -> Self {
        Self::of(Kind::DelayResponse(by))
    }

    /// The call takes effect after `by` of real time, even if the client disconnects before, and the
    /// response follows.
    pub const fn delay_effect(by: Duration) -> Self {
        Self::of(Kind::DelayEffect(by))
    }

    /// A creation is refused after `after` of the sandbox's clock, and has no effect: Atlas cannot reach
    /// the user's subscription, 404 `AZURE_CUSTOMER_NETWORK_UNREACHABLE`. The service needs 2 minutes
    /// to find out.
    ///
    /// Only `createPeeringConnection` can meet it.
    pub const fn unreachable_network(after: Duration) -> Self {
        Self::of(Kind::UnreachableNetwork(after))
    }

    /// The one operation that can meet it; `None` if all can.
    pub(crate) fn only_of(&self) -> Option<&'static str> {
        matches!(self.kind, Kind::UnreachableNetwork(_)).then_some("createPeeringConnection")
    }

    /// Spares this many calls of the operation first. Default: 0.
    pub const fn skip(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Meets this many calls of the operation. Default: 1.
    pub const fn times(mut self, calls: usize) -> Self {
        self.times = calls;
        self
    }
}

/// The faults that wait for their calls.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(String, Fault)>);

impl Faults {
    pub(crate) fn inject(&mut self, operation: &str, fault: Fault) {
        self.0.push((operation.to_owned(), fault));
    }

    /// The fault that a call meets: the oldest of its operation that is not used up.
    pub(crate) fn meet(&mut self, operation: &str) -> Option<Kind> {
        self.0.retain(|(_, fault)| fault.times > 0);
        let (_, fault) = self.0.iter_mut().find(|(of, _)| of == operation)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        Some(fault.kind)
    }
}

/// The response of a gateway in front of a service that is down.
pub(crate) fn failure(status: u16) -> Response<Body> {
    let page = Canned::new(status, "text/html", "<html>the service is not there</html>");
    page.write().map(Body::from)
}

/// The service's response when it cannot reach the user's subscription.
pub(crate) fn unreachable_network() -> Canned {
    let body = json!({
        "detail": "The subscription of the network cannot be reached.",
        "error": 404,
        "errorCode": "AZURE_CUSTOMER_NETWORK_UNREACHABLE",
        "parameters": [],
        "reason": "Not Found",
    });
    Canned::json(404, &body)
}

/// A response whose connection ends after `shown` bytes of its body, or before its head if `shown` is
/// 0.
pub(crate) fn breaking_off(response: Response<Vec<u8>>, shown: usize) -> Response<Body> {
    let (mut head, mut body) = response.into_parts();
    if shown == 0 {
        // A status such as 204 has no body to break off in, and the client never sees the status.
        head.status = StatusCode::OK;
    }
    let promised = HeaderValue::from(body.len().max(1));
    head.headers.insert(header::CONTENT_LENGTH, promised);
    body.truncate(shown);
    let body = if shown == 0 {
        BreakingOff::End
    } else {
        BreakingOff::Show(body.into())
    };
    Response::from_parts(head, Body::new(body))
}

/// A body that sends its first part, and then ends its connection.
enum BreakingOff {
    Show(Bytes),
    /// Lets the server write the first part to the connection.
    Flush,
    End,
}

impl HttpBody for BreakingOff {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match std::mem::replace(&mut *self, Self::End) {
            Self::Show(bytes) => {
                *self = Self::Flush;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Flush => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::End => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }
}
