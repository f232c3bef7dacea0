//! Lists as streams: page after page, one of them fetched ahead.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;

use crate::types::{Container, ContainerPage, Link, Peering, PeeringPage, Provider};
use crate::{Client, ContainerId, Error, PeeringId, ProjectId};

type Fetching<P> = Pin<Box<dyn Future<Output = Result<P, Error>> + Send>>;

/// A page of a list of the service's.
pub(crate) trait Page: Send + Sized + 'static {
    type Item: Send + Unpin;
    type Id: Eq + std::hash::Hash + Clone + Send + Unpin;

    fn id(item: &Self::Item) -> &Self::Id;
    fn parts(self) -> (Vec<Self::Item>, Option<i32>, Option<Vec<Link>>);
    /// Fetches the page with a number of a list.
    fn fetch(list: List, number: i64) -> Fetching<Self>;
}

/// What is walked through.
#[derive(Clone, Debug)]
pub(crate) struct List {
    client: Client,
    project: ProjectId,
    /// The cloud of the pages; all where none is given.
    provider: Option<Provider>,
    size: Option<i64>,
}

impl Page for PeeringPage {
    type Item = Peering;
    type Id = PeeringId;

    fn id(item: &Peering) -> &PeeringId {
        item.id()
    }

    fn parts(self) -> (Vec<Peering>, Option<i32>, Option<Vec<Link>>) {
        (self.results, self.total_count, self.links)
    }

    fn fetch(list: List, number: i64) -> Fetching<Self> {
        Box::pin(async move {
            let provider = list.provider.as_ref();
            let page = list.client.list_peering_connections(
                &list.project,
                None,
                list.size,
                Some(number),
                provider,
            );
            page.await.map(crate::Response::into_inner)
        })
    }
}

impl Page for ContainerPage {
    type Item = Container;
    type Id = ContainerId;

    fn id(item: &Container) -> &ContainerId {
        item.id()
    }

    fn parts(self) -> (Vec<Container>, Option<i32>, Option<Vec<Link>>) {
        (self.results, self.total_count, self.links)
    }

    fn fetch(list: List, number: i64) -> Fetching<Self> {
        Box::pin(async move {
            let (client, project, number) = (&list.client, &list.project, Some(number));
            let page = match &list.provider {
                Some(provider) => {
                    client
                        .list_peering_container_by_cloud_provider(
                            project, None, list.size, number, provider,
                        )
                        .await
                }
                None => {
                    client
                        .list_peering_containers(project, None, list.size, number)
                        .await
                }
            };
            page.map(crate::Response::into_inner)
        })
    }
}

/// The place of a page: the list of one cloud, and its number from 1.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    cloud: usize,
    number: i64,
}

/// A page that came, and its place.
struct Arrived<P: Page> {
    place: Place,
    items: Vec<P::Item>,
    total: Option<i32>,
    links: Option<Vec<Link>>,
}

/// A walk through the pages of the lists of some clouds.
struct Walk<P: Page> {
    list: List,
    /// One list for each of these.
    clouds: Vec<Option<Provider>>,
    /// What was fetched and not handed out.
    ready: VecDeque<P::Item>,
    /// The ids of the page before: what moved over from it is not told twice.
    before: HashSet<P::Id>,
    /// How many items the list had, at the page before.
    total: Option<i32>,
    coming: Option<(Place, Fetching<P>)>,
    arrived: Option<Result<Arrived<P>, Error>>,
}

impl<P: Page> Walk<P> {
    fn new(list: List, clouds: Vec<Option<Provider>>) -> Self {
        let mut walk = Self {
            list,
            clouds,
            ready: VecDeque::new(),
            before: HashSet::new(),
            total: None,
            coming: None,
            arrived: None,
        };
        walk.go_to(Place {
            cloud: 0,
            number: 1,
        });
        walk
    }

    fn go_to(&mut self, place: Place) {
        self.coming = self.clouds.get(place.cloud).map(|provider| {
            let list = List {
                provider: provider.clone(),
                ..self.list.clone()
            };
            (place, P::fetch(list, place.number))
        });
    }

    /// Drives the fetch that is under way, if there is one.
    fn drive(&mut self, context: &mut Context<'_>) {
        let Some((place, fetching)) = &mut self.coming else {
            return;
        };
        let place = *place;
        if let Poll::Ready(outcome) = fetching.as_mut().poll(context) {
            self.coming = None;
            self.arrived = Some(outcome.map(|page| {
                let (items, total, links) = page.parts();
                Arrived {
                    place,
                    items,
                    total,
                    links,
                }
            }));
        }
    }

    /// Takes a page up, and begins to fetch the next.
    fn take_up(&mut self, page: Arrived<P>) {
        let Place { cloud, number } = page.place;
        let shrank = matches!((self.total, page.total), (Some(before), Some(now)) if now < before);
        let more = self.has_more(&page);
        self.total = page.total;
        if shrank && number > 1 {
            // Something was removed, so that what stood first on this page may stand on the one
            // before by now: that is looked at again.
            let number = number - 1;
            return self.go_to(Place { cloud, number });
        }
        let ids = page.items.iter().map(P::id).cloned().collect();
        let before = std::mem::replace(&mut self.before, ids);
        let new = page.items.into_iter();
        self.ready
            .extend(new.filter(|item| !before.contains(P::id(item))));
        if more {
            let number = number + 1;
            self.go_to(Place { cloud, number });
        } else {
            self.before.clear();
            self.total = None;
            let (cloud, number) = (cloud + 1, 1);
            self.go_to(Place { cloud, number });
        }
    }

    /// Whether the list goes on after a page, by its links, else by its count, else by its length.
    fn has_more(&self, page: &Arrived<P>) -> bool {
        let (length, size) = (page.items.len(), self.list.size.unwrap_or(DEFAULT_SIZE));
        let links = page.links.as_deref().unwrap_or_default();
        if length == 0 {
            false
        } else if !links.is_empty() {
            links.iter().any(|link| link.rel.as_deref() == Some("next"))
        } else if let Some(total) = page.total {
            page.place.number * size < i64::from(total)
        } else {
            i64::try_from(length).is_ok_and(|length| length >= size)
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<P::Item, Error>>> {
        loop {
            if self.arrived.is_none() {
                self.drive(context);
            }
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            match self.arrived.take() {
                Some(Ok(page)) => self.take_up(page),
                // Nothing is coming then: the walk ends.
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if self.coming.is_some() => return Poll::Pending,
                None => return Poll::Ready(None),
            }
        }
    }
}

/// How many items a page has where nothing is asked for.
const DEFAULT_SIZE: i64 = 100;

macro_rules! stream {
    ($(#[$words:meta])* $name:ident of $item:ty, $page:ty, over $all:expr) => {
        $(#[$words])*
        #[must_use = "a stream does nothing until it is polled"]
        pub struct $name {
            list: List,
            walk: Option<Walk<$page>>,
        }

        impl $name {
            fn new(client: &Client, project: &ProjectId) -> Self {
                let list = List {
                    client: client.clone(),
                    project: project.clone(),
                    provider: None,
                    size: None,
                };
                Self { list, walk: None }
            }

            /// Of one cloud alone.
            pub fn provider(mut self, provider: Provider) -> Self {
                self.list.provider = Some(provider);
                self
            }

            /// How many are fetched at once, from 1 to 500; 100 where not set. The memory that the
            /// stream needs is that of two pages.
            pub fn page_size(mut self, size: u16) -> Self {
                self.list.size = Some(size.into());
                self
            }

            /// The next one; none at the end, and after an error.
            ///
            /// # Errors
            ///
            /// A page could not be fetched, as often as it was tried.
            pub async fn next(&mut self) -> Option<Result<$item, Error>> {
                std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
            }

            /// All that are left, in one list.
            ///
            /// # Errors
            ///
            /// A page could not be fetched, as often as it was tried.
            pub async fn into_vec(mut self) -> Result<Vec<$item>, Error> {
                let mut all = Vec::new();
                while let Some(item) = self.next().await {
                    all.push(item?);
                }
                Ok(all)
            }
        }

        impl Stream for $name {
            type Item = Result<$item, Error>;

            fn poll_next(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Self::Item>> {
                let Self { list, walk } = &mut *self;
                let walk = walk.get_or_insert_with(|| {
                    let clouds = match &list.provider {
                        Some(provider) => vec![Some(provider.clone())],
                        None => $all.into(),
                    };
                    Walk::new(list.clone(), clouds)
                });
                walk.poll_next(context)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("list", &self.list)
                    .finish_non_exhaustive()
            }
        }
    };
}

stream! {
    /// The peerings of a project: see [`Client::peerings`].
    Peerings of Peering, PeeringPage,
    over [Some(Provider::Aws), Some(Provider::Azure), Some(Provider::Gcp)]
}
stream! {
    /// The containers of a project: see [`Client::containers`].
    Containers of Container, ContainerPage, over [None]
}

impl Client {
    /// The peerings of a project on all clouds, or on one, as a stream: the service's own list is
    /// of one cloud, of AWS where none is named.
    ///
    /// While one page is read the next is fetched. What is added or removed meanwhile does not end
    /// the walk. What stays all the time is told once, unless more than a page of it was removed
    /// between two fetches.
    ///
    /// ```no_run
    /// # async fn list(atlas: atlas_peering::Client) -> Result<(), atlas_peering::Error> {
    /// let project = "5356823b3794dee37132bb7b".parse()?;
    /// let mut peerings = atlas.peerings(&project);
    /// while let Some(peering) = peerings.next().await {
    ///     let peering = peering?;
    ///     println!("{} on {}: {}", peering.id(), peering.provider(), peering.state());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn peerings(&self, project: &ProjectId) -> Peerings {
        Peerings::new(self, project)
    }

    /// The containers of a project on all clouds, or on one, as a stream; see
    /// [`peerings`](Self::peerings).
    pub fn containers(&self, project: &ProjectId) -> Containers {
        Containers::new(self, project)
    }
}
