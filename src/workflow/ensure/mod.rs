//! Creating once: after a lost response, a conflict or a crash, one peering exists and is given back.

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

/// What was ensured, and whether this call made it. It dereferences to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ensured<T> {
    /// The service told this call that it made it.
    Created(T),
    /// It was there: made before, by somebody else meanwhile, or by a request of this call whose
    /// response was lost.
    Existing(T),
}

impl<T> Ensured<T> {
    /// Whether the service told this call that it made it.
    #[must_use]
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }

    /// What was ensured.
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
    /// Makes sure that one peering with a network exists, and gives its current form: it is
    /// listed, created where there is none, and listed again after a response that was lost. May be
    /// called again after anything, a crash included, and by many at once.
    ///
    /// Two peerings are the same where these agree: account and VPC on AWS, subscription and virtual
    /// network on Azure, project and network on Google Cloud; and the container, unless the service
    /// refuses a second. One that is being deleted is waited for, an hour at the most
    /// ([`EnsurePeering::on_change`] tells of it), and then created anew. One that failed is an error.
    ///
    /// ```no_run
    /// use atlas_peering::types::{AwsRegion, NewAwsContainer, NewAwsPeering};
    /// # async fn ensure(atlas: atlas_peering::Client) -> Result<(), atlas_peering::Error> {
    /// let project = "5356823b3794dee37132bb7b".parse()?;
    /// let container = NewAwsContainer::new(AwsRegion::UsEast1).atlas_cidr_block("10.8.0.0/21");
    /// let container = atlas.ensure_container(&project, container).await?;
    /// let request = NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "10.0.0.0/24")
    ///     .container_id(container.id().clone());
    /// let peering = atlas.ensure_peering(&project, request).await?;
    /// println!("{} is new: {}", peering.id(), peering.is_created());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - The request is invalid ([`Error::is_input`]): also where its block overlaps that of
    ///   the container that it names.
    /// - The network is peered already, and anything else that the request names differs, such as its
    ///   container or its block ([`Error::is_conflict`] without a status): the message shows both.
    /// - The peering failed ([`Error::is_peering_failure`]), which is told as by a wait, with the way to
    ///   start it anew.
    /// - The service refused.
    /// - Whether the service acted could not be found out: call again.
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

    /// Makes sure that the container of a cloud and region exists, and gives its current form; as
    /// [`ensure_peering`](Self::ensure_peering) does. Google Cloud has one container in all.
    ///
    /// A container that a cluster made, also meanwhile, is adopted.
    ///
    /// # Errors
    ///
    /// As those of `ensure_peering`: also where the container has another block, or on Google Cloud
    /// other regions, than what was requested.
    pub async fn ensure_container(
        &self,
        project: &ProjectId,
        request: impl Into<NewContainer>,
    ) -> Result<Ensured<Container>, Error> {
        let (scope, request) = (Scope::new(self, project), request.into());
        // Boxed, for it holds the futures of several calls.
        let ensured = Box::pin(scope.find_or_create(&request));
        let ensured = Span::workflow("ensure_container").run(ensured).await;
        ensured.map_err(|error| error.of("ensure_container"))
    }
}

/// A peering that is to be ensured; see [`Client::ensure_peering`].
#[derive(Clone, Debug)]
#[must_use = "nothing is ensured until it is awaited"]
pub struct EnsurePeering {
    request: NewPeering,
    scope: Scope,
}

impl EnsurePeering {
    /// Is called with the first state of a peering that is being deleted and has to be waited for, and
    /// with each that differs from the one before.
    pub fn on_change(mut self, act: impl FnMut(&PeeringSnapshot) + Send + 'static) -> Self {
        self.scope.on_change = Some(Observer::new(act));
        self
    }

    async fn run(self) -> Result<Ensured<Peering>, Error> {
        self.scope.find_or_create(&self.request).await
    }
}

awaited! { EnsurePeering => Ensured<Peering>, |_| "ensure_peering" }

/// Where something is to be ensured, and who is told of it.
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

    /// One attempt. It fails where nothing was found after a conflict or a response that was lost:
    /// whether another follows is for `may_repeat` to say.
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
        // A conflict says that it exists; after a lost response it may.
        if !is_effect_unknown(&error) && !error.is_conflict() {
            return Ok(Step::Ends(Err(error.after(made))));
        }
        Ok(match request.find(self, error.has_code(&EXISTS)).await {
            Ok(Found::One(found)) => Step::Ends(Ok(Ensured::Existing(found))),
            Ok(Found::Deleted) => Step::StartsAnew,
            Ok(Found::Nothing) => return Err(error),
            // That it differs or failed is what matters; else what became of the request is.
            Err(failure) if failure.is_conflict() || failure.is_peering_failure() => {
                Step::Ends(Err(failure))
            }
            // Without a list, nothing is created again.
            Err(failure) => Step::Ends(Err(error.after(made).because(failure))),
        })
    }
}

/// What an attempt to create led to.
enum Step<T> {
    /// No other attempt is needed, or allowed.
    Ends(Result<Ensured<T>, Error>),
    /// What was in the way took its time to be deleted, which is not the policy's.
    StartsAnew,
}

fn is_effect_unknown(error: &Error) -> bool {
    retry::is_effect_unknown(error) || error.is_decode()
}

/// Whether the creation is repeated after nothing was found: its effect is unknown; or it exists and
/// the list lags behind, or it was deleted meanwhile. A conflict with something else stays.
fn may_repeat(error: &Error) -> bool {
    is_effect_unknown(error) || error.has_code(&EXISTS)
}

/// That there is one already.
const EXISTS: [ErrorCode; 4] = [
    ErrorCode::PeerAlreadyExists,
    ErrorCode::PeerAlreadyExistsAzure,
    ErrorCode::PeerAlreadyExistsGcp,
    ErrorCode::ContainerAlreadyExists,
];

/// What there is of what is requested.
enum Found<T> {
    One(T),
    /// It was being deleted, and is now.
    Deleted,
    Nothing,
}

/// A request that is to be carried out once.
trait Creation: Validate + Send + Sync {
    type Made: Send;

    /// What exists of what is requested; `exists` says that the service refused to create a second.
    ///
    /// Fails where it differs from it, or failed.
    fn find(
        &self,
        scope: &Scope,
        exists: bool,
    ) -> impl Future<Output = Result<Found<Self::Made>, Error>> + Send;

    /// Holds the request against what it is for.
    fn prepare(&self, _: &Scope) -> impl Future<Output = Result<(), Error>> + Send {
        std::future::ready(Ok(()))
    }

    fn create(&self, scope: &Scope) -> impl Future<Output = Result<Self::Made, Error>> + Send;
}

impl Creation for NewPeering {
    type Made = Peering;

    /// One that is being deleted is waited for. Whether one in another container is in the way is the
    /// service's to say.
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
                // Where only the list lags behind, nothing was waited for.
                if begun.elapsed() > Duration::from_secs(1) {
                    found = found.and(Ok(Found::Deleted));
                }
                continue;
            }
            if !compared.wanted["accepterRegionName"].is_null()
                && compared.found["accepterRegionName"].is_null()
                && let Some(id) = peering.container_id()
            {
                // Null where it is the container's own, as AWS writes it.
                let container = client.get_peering_container(project, id).await;
                let container = existing(ContainerId::DELETED, container)?;
                let region = container.as_ref().and_then(Container::region);
                compared.found["accepterRegionName"] = region.map(region_of_aws).into();
            }
            let checked = compared.check(&format!("peering {}", peering.id()));
            let is_exact = self.container_id().is_none() || peering.container_id().is_some();
            match checked.and_then(|()| unless_failed(peering)) {
                Ok(peering) if is_exact => return Ok(Found::One(peering)),
                // The oldest form does not tell its container: another may be in the one that is named.
                Ok(peering) => found = Ok(Found::One(peering)),
                // Another one may be what is requested.
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

/// A peering that failed is no success, whoever created it.
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
