//! Creating once: after a lost response, a conflict or a crash, one peering exists and is given back.

mod identity;

use std::ops::Deref;

use crate::model::validation::Validate;
use crate::transport::retry;
use crate::types::{Container, NewContainer, NewPeering, Peering};
use crate::{Client, Error, ErrorCode, ProjectId};

/// What was ensured, and whether this call made it. It dereferences to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ensured<T> {
    /// The service told this call that it made it.
    Created(T),
    /// It was there: made before, by somebody else meanwhile, or by a request of this call whose
    /// response was lost.
    Adopted(T),
}

impl<T> Ensured<T> {
    /// Whether the service told this call that it made it.
    #[must_use]
    pub fn is_created(&self) -> bool {
        matches!(self, Self::Created(_))
    }

    /// What was ensured.
    pub fn into_inner(self) -> T {
        let (Self::Created(inner) | Self::Adopted(inner)) = self;
        inner
    }
}

impl<T> Deref for Ensured<T> {
    type Target = T;

    fn deref(&self) -> &T {
        let (Self::Created(inner) | Self::Adopted(inner)) = self;
        inner
    }
}

impl Client {
    /// Makes sure that one peering with a network exists, and gives its current form: it is
    /// listed, created where there is none, and listed again after a response that was lost. May be
    /// called again after anything, a crash included, and by many at once.
    ///
    /// Two peerings are the same where these agree: account and VPC on AWS, subscription and virtual
    /// network on Azure, project and network on Google Cloud. One that is being deleted is waited
    /// for, an hour at the most, and then created anew; one that failed is given back as it is.
    ///
    /// ```no_run
    /// use atlas_peering::types::{AwsRegion, NewAwsPeering, NewContainer};
    /// # async fn ensure(atlas: atlas_peering::Client) -> Result<(), atlas_peering::Error> {
    /// let project = "5356823b3794dee37132bb7b".parse()?;
    /// let container = NewContainer::aws(AwsRegion::UsEast1, "10.8.0.0/21");
    /// let container = atlas.ensure_container(&project, container).await?;
    /// let request = NewAwsPeering {
    ///     container_id: Some(container.id().clone()),
    ///     ..NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "10.0.0.0/24")
    /// };
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
    /// - The network is peered already, in another container, with another block or in another
    ///   resource group ([`Error::is_conflict`] without a status): the message shows both.
    /// - The service refused.
    /// - Whether the service acted could not be found out: call again.
    pub async fn ensure_peering(
        &self,
        project: &ProjectId,
        request: impl Into<NewPeering>,
    ) -> Result<Ensured<Peering>, Error> {
        self.ensure("ensure_peering", project, request.into()).await
    }

    /// Makes sure that the container of a cloud and region exists, and gives its current form; as
    /// [`ensure_peering`](Self::ensure_peering) does. Google Cloud has one container in all.
    ///
    /// A container that a cluster made, also meanwhile, is adopted.
    ///
    /// # Errors
    ///
    /// As those of `ensure_peering`: also where the container has another block than the one that
    /// was asked for.
    pub async fn ensure_container(
        &self,
        project: &ProjectId,
        request: impl Into<NewContainer>,
    ) -> Result<Ensured<Container>, Error> {
        self.ensure("ensure_container", project, request.into())
            .await
    }

    async fn ensure<R: Creation>(
        &self,
        operation: &'static str,
        project: &ProjectId,
        request: R,
    ) -> Result<Ensured<R::Made>, Error> {
        // Boxed, for it holds the futures of several calls.
        let ensured = Box::pin(self.find_or_create(project, &request)).await;
        ensured.map_err(|error| error.of(operation))
    }

    async fn find_or_create<R: Creation>(
        &self,
        project: &ProjectId,
        request: &R,
    ) -> Result<Ensured<R::Made>, Error> {
        request.validate()?;
        if let Found::One(found) = request.find(self, project).await? {
            return Ok(Ensured::Adopted(found));
        }
        request.prepare(self, project).await?;
        loop {
            // The inner result is final: it ends this loop whatever it is.
            let ensured = retry::run(&self.inner.retry, may_repeat, |attempt| async move {
                let error = match request.create(self, project).await {
                    Ok(created) => return Ok(Some(Ok(Ensured::Created(created)))),
                    Err(error) => error,
                };
                let made = attempt.made.saturating_add(error.attempts());
                // A conflict says that it exists; after a lost response it may.
                if !is_effect_unknown(&error) && !error.is_conflict() {
                    return Ok(Some(Err(error.after(made))));
                }
                match request.find(self, project).await {
                    Ok(Found::One(found)) => Ok(Some(Ok(Ensured::Adopted(found)))),
                    Ok(Found::Deleted) => Ok(None),
                    Ok(Found::Nothing) => Err(error),
                    // That it exists and differs is what matters; else what became of the request is.
                    Err(failure) if failure.is_conflict() => Ok(Some(Err(failure))),
                    // Without a list, nothing is created again.
                    Err(failure) => Ok(Some(Err(error.after(made).because(failure)))),
                }
            });
            // A deletion takes its time, which is not the policy's.
            if let Some(ensured) = ensured.await? {
                return ensured;
            }
        }
    }
}

fn is_effect_unknown(error: &Error) -> bool {
    retry::is_effect_unknown(error) || error.is_decode()
}

/// Whether the creation is repeated after nothing was found: its effect is unknown; or it exists and
/// the list lags behind, or it was deleted meanwhile. A conflict with something else stays.
fn may_repeat(error: &Error) -> bool {
    let exists = [
        ErrorCode::PeerAlreadyExists,
        ErrorCode::PeerAlreadyExistsAzure,
        ErrorCode::PeerAlreadyExistsGcp,
        ErrorCode::ContainerAlreadyExists,
    ];
    is_effect_unknown(error) || error.has_code(&exists)
}

/// What there is of what is asked for.
enum Found<T> {
    One(T),
    /// It was being deleted, and is now.
    Deleted,
    Nothing,
}

/// A request that is to be carried out once.
trait Creation: Validate + Send + Sync {
    type Made: Send;

    /// What exists of what is asked for.
    ///
    /// Fails where it differs from it.
    fn find(
        &self,
        client: &Client,
        project: &ProjectId,
    ) -> impl Future<Output = Result<Found<Self::Made>, Error>> + Send;

    /// Holds the request against what it is for.
    fn prepare(&self, _: &Client, _: &ProjectId) -> impl Future<Output = Result<(), Error>> + Send {
        std::future::ready(Ok(()))
    }

    fn create(
        &self,
        client: &Client,
        project: &ProjectId,
    ) -> impl Future<Output = Result<Self::Made, Error>> + Send;
}

impl Creation for NewPeering {
    type Made = Peering;

    /// One that is being deleted is waited for.
    async fn find(&self, client: &Client, project: &ProjectId) -> Result<Found<Peering>, Error> {
        let mut found = Found::Nothing;
        let mut list = client.peerings(project).provider(self.provider());
        while let Some(peering) = list.next().await {
            let peering = peering?;
            if !identity::is_same_peering(self, &peering) {
                continue;
            }
            if peering.state().is_going() {
                client.wait_for_removal(project, peering.id()).await?;
                found = Found::Deleted;
                continue;
            }
            identity::check_peering(self, &peering)?;
            return Ok(Found::One(peering));
        }
        Ok(found)
    }

    async fn prepare(&self, client: &Client, project: &ProjectId) -> Result<(), Error> {
        let Some(id) = self.container_id() else {
            return Ok(());
        };
        let container = client.get_peering_container(project, id).await?;
        self.check_with(&container)
    }

    async fn create(&self, client: &Client, project: &ProjectId) -> Result<Peering, Error> {
        let made = client.create_peering_connection(project, self).await;
        made.map(crate::Response::into_inner)
    }
}

impl Creation for NewContainer {
    type Made = Container;

    async fn find(&self, client: &Client, project: &ProjectId) -> Result<Found<Container>, Error> {
        let mut list = client.containers(project).provider(self.provider());
        while let Some(container) = list.next().await {
            let container = container?;
            if identity::is_same_container(self, &container) {
                identity::check_container(self, &container)?;
                return Ok(Found::One(container));
            }
        }
        Ok(Found::Nothing)
    }

    async fn create(&self, client: &Client, project: &ProjectId) -> Result<Container, Error> {
        let made = client.create_peering_container(project, self).await;
        made.map(crate::Response::into_inner)
    }
}
