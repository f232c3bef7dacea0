//! Faults that a test injects: where a network or a service fails, before the effect of a call,
//! after it, and in the middle of its answer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use serde_json::json;

use crate::answer::Canned;

/// A fault of a call that was let in.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use atlas_peering_sandbox::{Fault, Sandbox};
///
/// let sandbox = Sandbox::start().await?;
/// // The second and the third creation take effect, and their answers are lost.
/// sandbox.inject("createPeeringConnection", Fault::drop_after().skip(1).times(2))?;
/// assert!(sandbox.inject("createPearing", Fault::drop_after()).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Fault {
    kind: Kind,
    skip: usize,
    times: usize,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    DropBefore,
    DropAfter,
    CutAnswer,
    FailBefore(u16),
    FailAfter(u16),
    DelayAnswer(Duration),
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

    /// The connection ends before the call takes effect.
    pub const fn drop_before() -> Self {
        Self::of(Kind::DropBefore)
    }

    /// The connection ends after the call took effect, before a byte of the answer.
    pub const fn drop_after() -> Self {
        Self::of(Kind::DropAfter)
    }

    /// The call takes effect, and the connection ends in the middle of the response's body; before
    /// the first byte of the response where it has no body.
    pub const fn cut_answer() -> Self {
        Self::of(Kind::CutAnswer)
    }

    /// An answer with this status and no body of the service's, without an effect.
    pub const fn fail_before(status: u16) -> Self {
        Self::of(Kind::FailBefore(status))
    }

    /// The same after the call took effect.
    pub const fn fail_after(status: u16) -> Self {
        Self::of(Kind::FailAfter(status))
    }

    /// The call takes effect at once, and its answer comes so much later.
    pub const fn delay_answer(by: Duration) -> Self {
        Self::of(Kind::DelayAnswer(by))
    }

    /// The call takes effect so much later, whether or not the caller is still there.
    pub const fn delay_effect(by: Duration) -> Self {
        Self::of(Kind::DelayEffect(by))
    }

    /// A creation is refused without an effect when so much of the sandbox's clock has passed: the
    /// user's subscription cannot be reached, 404 `AZURE_CUSTOMER_NETWORK_UNREACHABLE`. The service
    /// takes 2 minutes for it.
    pub const fn unreachable_network(after: Duration) -> Self {
        Self::of(Kind::UnreachableNetwork(after))
    }

    /// The one operation that can meet it; none where all can.
    pub(crate) fn only_of(&self) -> Option<&'static str> {
        matches!(self.kind, Kind::UnreachableNetwork(_)).then_some("createPeeringConnection")
    }

    /// Spares the first so many calls of the operation.
    pub const fn skip(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Meets so many calls of the operation; one where not set.
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

    /// The fault that meets a call: the first that was injected for its operation and is not used
    /// up.
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

/// What a gateway says in the service's place.
pub(crate) fn failure(status: u16) -> Response<Body> {
    let answer = Canned::new(status, "text/html", "<html>the service is not there</html>");
    answer.write().map(Body::from)
}

/// What the service says when it cannot reach the user's subscription.
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

/// An answer whose connection ends after so many bytes of its body; without any, before its head.
pub(crate) fn breaking_off(answer: Response<Vec<u8>>, shown: usize) -> Response<Body> {
    let (mut head, mut body) = answer.into_parts();
    if shown == 0 {
        // A status such as 204 has no body to break off in, and nobody sees which it is.
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

/// A body that shows a part of itself, and then ends its connection.
enum BreakingOff {
    Show(Bytes),
    /// What was shown goes over the wire.
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
