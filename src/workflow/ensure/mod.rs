//! Idempotent creation: after a lost response, a conflict or a crash, one peering exists and is returned.

mod identity;

use std::ops::Deref;
use std::time::Duration;

use tokio::time::Instant;

use self::identity::Comparison;
use super::{Observer, existing};
use crate::error::Kind;
use crate::model::validation::{Validate, region_of_aws};
use crate::transport::retry::{self, Attempt};
use crate::transport::spans::Span;
use crate::types::{Container, NewContainer, NewPeering, Peering};
use crate::{Client, ContainerId, Error, ErrorCode, PeeringSnapshot, ProjectId};

/// The ensured resource, and whether this call created it. Dereferences to the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ensured<T> {
    /// This call created the resource, and received the response.
    Created(T),
    /// The resource existed: it was created earlier, by another caller, or by a request of this call
    /// whose response was lost.
    Existing(T),
}

impl<T> Ensured<T> {
    /// Whether this call created the resource, and received the response.
    #[must_use]
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }

    /// The ensured resource.
    pub fn into_inner(self) -> T {
        let (Self::Created(inner) | Self::Existing(inner)) = self;
        inner
    }
}

impl<T> Deref for Ensured<T> {
    type Target = T;

    fn deref(&self) -> &T {
        let (Self::Created(inner) | Self::Existing(inner)) = self;
        inner
    }
}

impl Client {
    /// Ensures that one peering with a network exists, and returns its current form. The call lists the
    /// peerings, creates the peering if it is missing, and lists again after a lost response. Call it again
    /// after any failure, a crash included. Several callers may call it at once.
    ///
    /// Two peerings are the same if these and the container are equal. The container does not count if the
    /// service refuses a second peering with the network:
    ///
    /// - AWS: account and VPC
    /// - Azure: subscription and virtual network
    /// - Google Cloud: project and network
    ///
    /// If the peering is being deleted, the call waits for that, for at most 1 hour
    /// ([`EnsurePeering::on_change`] shows the progress), and then creates it again.
    ///
    /// The [crate page](crate#ensure) has an example.
    ///
    /// # Errors
    ///
    /// - The request is invalid ([`Error::is_input`]), or its block overlaps that of its container.
    /// - The peering exists, and another field of the request differs, such as its container or its block
    ///   ([`Error::is_conflict`] without a status): the message shows both values.
    /// - The peering failed ([`Error::is_peering_failure`]): the message has the cause and the remedy.
    /// - The service refused a call.
    /// - The effect is unknown ([`Error::may_have_taken_effect`]): call again.
    pub fn ensure_peering(
        &self,
        project: &ProjectId,
        request: impl Into<NewPeering>,
    ) -> EnsurePeering {
        EnsurePeering {
            request: request.into(),
            scope: Scope::new(self, project),
        }
    }

    /// Ensures that the container of a cloud and region exists, and returns its current form, as
    /// [`ensure_peering`](Self::ensure_peering) does. Google Cloud has one container for all regions.
    ///
    /// A container that a cluster created is the same container.
    ///
    /// # Errors
    ///
    /// - Those of [`ensure_peering`](Self::ensure_peering), except for a failed peering.
    /// - The container exists with another block, or on Google Cloud with other regions
    ///   ([`Error::is_conflict`] without a status).
    pub async fn ensure_container(
        &self,
        project: &ProjectId,
        request: impl Into<NewContainer>,
    ) -> Result<Ensured<Container>, Error> {
        let (scope, request) = (Scope::new(self, project), request.into());
        // Boxed, because it contains the futures of several calls.
        let ensured = Box::pin(scope.find_or_create(&request));
        let ensured = Span::workflow("ensure_container").run(ensured).await;
        ensured.map_err(|error| error.of("ensure_container"))
    }
}

/// A peering to ensure; see [`Client::ensure_peering`]. Wrap it in `tokio::time::timeout` to limit its time.
#[derive(Clone, Debug)]
#[must_use = "nothing is ensured until it is awaited"]
pub struct EnsurePeering {
    request: NewPeering,
    scope: Scope,
}

impl EnsurePeering {
    /// Sets a function that is called while the call waits for a deletion: with the first state, and with
    /// each change of it.
    pub fn on_change(mut self, act: impl FnMut(&PeeringSnapshot) + Send + 'static) -> Self {
        self.scope.on_change = Some(Observer::new(act));
        self
    }

    async fn run(self) -> Result<Ensured<Peering>, Error> {
        self.scope.find_or_create(&self.request).await
    }
}

awaited! { EnsurePeering => Ensured<Peering>, |_| "ensure_peering" }

/// The project of the resource to ensure, and the observer.
#[derive(Clone, Debug)]
struct Scope {
    client: Client,
    project: ProjectId,
    on_change: Option<Observer<PeeringSnapshot>>,
}

impl Scope {
    fn new(client: &Client, project: &ProjectId) -> Self {
        Self {
            client: client.clone(),
            project: project.clone(),
            on_change: None,
        }
    }

    async fn find_or_create<R: Creation>(&self, request: &R) -> Result<Ensured<R::Made>, Error> {
        request.validate()?;
        if let Found::One(found) = request.find(self, false).await? {
            return Ok(Ensured::Existing(found));
        }
        request.prepare(self).await?;
        let policy = &self.client.inner.retry;
        loop {
            let step = |attempt| self.create_or_find(request, attempt);
            if let Step::Ends(ensured) = retry::run(policy, may_repeat, |_| (), step).await? {
                return ensured;
            }
        }
    }

    /// One attempt. It fails if nothing was found after a conflict or a lost response: `may_repeat`
    /// decides whether another attempt follows.
    async fn create_or_find<R: Creation>(
        &self,
        request: &R,
        attempt: Attempt,
    ) -> Result<Step<R::Made>, Error> {
        let error = match request.create(self).await {
            Ok(created) => return Ok(Step::Ends(Ok(Ensured::Created(created)))),
            Err(error) => error,
        };
        let made = attempt.made.saturating_add(error.attempts());
        let lost = attempt.may_have_taken_effect;
        // After a conflict the resource exists; after a lost response it may exist.
        if !may_have_created(&error) && !error.is_conflict() {
            return Ok(Step::Ends(Err(error.after(made, lost))));
        }
        Ok(match request.find(self, error.has_code(&EXISTS)).await {
            Ok(Found::One(found)) => Step::Ends(Ok(Ensured::Existing(found))),
            Ok(Found::Deleted) => Step::StartsAnew,
            Ok(Found::Nothing) => return Err(error),
            // A difference or a failed peering matters more than the failure of the request.
            Err(failure) if failure.is_conflict() || failure.is_peering_failure() => {
                Step::Ends(Err(failure))
            }
            // The request is not repeated without a list.
            Err(failure) => Step::Ends(Err(error.after(made, lost).because(failure))),
        })
    }
}

/// The outcome of an attempt to create.
enum Step<T> {
    /// No other attempt is needed or allowed.
    Ends(Result<Ensured<T>, Error>),
    /// The call waited for a deletion: the time of the policy starts again.
    StartsAnew,
}

/// Whether the resource may have been created, without a response that describes it.
fn may_have_created(error: &Error) -> bool {
    retry::is_response_lost(error) || error.is_decode()
}

/// Whether the creation is repeated if nothing was found. It is if its effect is unknown, or if the
/// resource exists: the list may lag behind, or the resource was deleted since. Other conflicts stay.
fn may_repeat(error: &Error) -> bool {
    may_have_created(error) || error.has_code(&EXISTS)
}

/// The codes for a resource that exists already.
const EXISTS: [ErrorCode; 4] = [
    ErrorCode::PeerAlreadyExists,
    ErrorCode::PeerAlreadyExistsAzure,
    ErrorCode::PeerAlreadyExistsGcp,
    ErrorCode::ContainerAlreadyExists,
];

/// What exists of the requested resource.
enum Found<T> {
    One(T),
    /// It was being deleted, and is deleted now.
    Deleted,
    Nothing,
}

/// A request to carry out once.
trait Creation: Validate + Send + Sync {
    type Made: Send;

    /// Finds the requested resource. `exists` is true after the service refused to create a second one.
    ///
    /// Fails if the resource differs from the request, or failed.
    fn find(
        &self,
        scope: &Scope,
        exists: bool,
    ) -> impl Future<Output = Result<Found<Self::Made>, Error>> + Send;

    /// Checks the request against its container.
    fn prepare(&self, _: &Scope) -> impl Future<Output = Result<(), Error>> + Send {
        std::future::ready(Ok(()))
    }

    fn create(&self, scope: &Scope) -> impl Future<Output = Result<Self::Made, Error>> + Send;
}

impl Creation for NewPeering {
    type Made = Peering;

    /// Waits for a peering that is being deleted. A peering in another container is the same one only after
    /// the service refused a second.
    async fn find(&self, scope: &Scope, exists: bool) -> Result<Found<Peering>, Error> {
        let (client, project) = (&scope.client, &scope.project);
        let mut found = Ok(Found::Nothing);
        let mut list = client.peerings(project).provider(self.provider());
        while let Some(peering) = list.next().await {
            let peering = peering?;
            let mut compared = Comparison::new(self, &peering);
            if !compared.is_same() || !exists && compared.differs("containerId") {
                continue;
            }
            if peering.state().is_deleting() {
                let mut deletion = client.wait_for_peering_deleted(project, peering.id());
                deletion.wait.on_change.clone_from(&scope.on_change);
                let begun = Instant::now();
                deletion.await?;
                // If only the list lags behind, the wait ends at once.
                if begun.elapsed() > Duration::from_secs(1) {
                    found = found.and(Ok(Found::Deleted));
                }
                continue;
            }
            if !compared.wanted["accepterRegionName"].is_null()
                && compared.found["accepterRegionName"].is_null()
                && let Some(id) = peering.container_id()
            {
                // Null means the region of the container, in the spelling of AWS.
                let container = client.get_peering_container(project, id).await;
                let container = existing(ContainerId::DELETED, container)?;
                let region = container.as_ref().and_then(Container::region);
                compared.found["accepterRegionName"] = region.map(region_of_aws).into();
            }
            let checked = compared.check(&format!("peering {}", peering.id()));
            let is_exact = self.container_id().is_none() || peering.container_id().is_some();
            match checked.and_then(|()| unless_failed(peering)) {
                Ok(peering) if is_exact => return Ok(Found::One(peering)),
                // The oldest form lacks its container: another peering may be in the requested one.
                Ok(peering) => found = Ok(Found::One(peering)),
                // Another peering may match the request.
                Err(error) => found = found.and(Err(error)),
            }
        }
        found
    }

    async fn prepare(&self, scope: &Scope) -> Result<(), Error> {
        let Some(id) = self.container_id() else {
            return Ok(());
        };
        let container = scope.client.get_peering_container(&scope.project, id);
        self.check_with(&*container.await?)
    }

    async fn create(&self, scope: &Scope) -> Result<Peering, Error> {
        let (client, project) = (&scope.client, &scope.project);
        let made = client.create_peering_connection(project, self.clone());
        unless_failed(made.await?.into_inner())
    }
}

/// A failed peering is an error, whoever created it.
fn unless_failed(peering: Peering) -> Result<Peering, Error> {
    if peering.state().is_failed() {
        return Err(Kind::Failed(Box::new(PeeringSnapshot::new(peering, None))).into());
    }
    Ok(peering)
}

impl Creation for NewContainer {
    type Made = Container;

    async fn find(&self, scope: &Scope, _: bool) -> Result<Found<Container>, Error> {
        let list = scope.client.containers(&scope.project);
        let mut list = list.provider(self.provider());
        while let Some(container) = list.next().await {
            let container = container?;
            let compared = Comparison::new(self, &container);
            if compared.is_same() {
                compared.check(&format!("container {}", container.id()))?;
                return Ok(Found::One(container));
            }
        }
        Ok(Found::Nothing)
    }

    async fn create(&self, scope: &Scope) -> Result<Container, Error> {
        let (client, project) = (&scope.client, &scope.project);
        let made = client.create_peering_container(project, self.clone());
        Ok(made.await?.into_inner())
    }
}
