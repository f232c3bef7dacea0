//! The workflows, which are built of calls: ensure, wait, delete, list.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Error, ErrorCode, Response};

/// Makes a type awaitable: it runs `run`, and adds the name of the operation to its error.
macro_rules! awaited {
    ($name:ident => $output:ty, $operation:expr) => {
        impl std::future::IntoFuture for $name {
            type Output = Result<$output, Error>;
            type IntoFuture = futures_util::future::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                let operation = ($operation as fn(&Self) -> &'static str)(&self);
                Box::pin(async move {
                    let span = crate::transport::spans::Span::workflow(operation);
                    let outcome = span.run(self.run()).await;
                    outcome.map_err(|error| error.of(operation))
                })
            }
        }
    };
}

mod delete;
mod ensure;
mod list;
mod poll;
mod wait;

pub use delete::{EnsureContainerDeleted, EnsurePeeringDeleted};
pub use ensure::{EnsurePeering, Ensured};
pub use list::{Containers, Peerings};
pub use wait::{States, WaitForPeering};

/// A value without a `Debug` of its own.
#[derive(Clone)]
struct Opaque<T>(T);

impl<T> fmt::Debug for Opaque<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// A caller's function that a workflow calls with its progress. Clones share it.
type Observer<T> = Opaque<Arc<Mutex<dyn FnMut(&T) + Send>>>;

impl<T> Observer<T> {
    fn new(act: impl FnMut(&T) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(act)))
    }

    fn notify(&self, progress: &T) {
        let mut act = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(progress);
    }
}

/// `None` if the service responded with one of these codes: the resource does not exist.
fn existing<T>(codes: &[ErrorCode], of: Result<Response<T>, Error>) -> Result<Option<T>, Error> {
    match of {
        Ok(response) => Ok(Some(response.into_inner())),
        Err(error) if error.has_code(codes) => Ok(None),
        Err(error) => Err(error),
    }
}
