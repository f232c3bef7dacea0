//! Lists as streams: page after page, each requested when it is needed.

use std::cmp::Ordering;
use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::join_all;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt};
use tokio::task::JoinSet;

use super::Opaque;
use crate::transport::spans;
use crate::types::{
    Container, Link, ListPeeringConnectionsOptions, ListPeeringContainerByCloudProviderOptions,
    ListPeeringContainersOptions, Peering, Provider,
};
use crate::{Client, Error, ProjectId};

/// The service's own maximum: no project has more on one cloud.
const PAGE_SIZE: i64 = 500;

/// A list of a project; of one cloud, where one is named.
#[derive(Clone, Debug)]
struct List {
    client: Client,
    project: ProjectId,
    provider: Option<Provider>,
    page_size: i64,
}

/// What the service lists.
trait Listed: Sized + Send + 'static {
    /// The id as a number, which takes half the memory: it is 24 hexadecimal digits.
    fn key(&self) -> u128;
    fn page(list: List, number: i64) -> impl Future<Output = Result<Page<Self>, Error>> + Send;
}

struct Page<T> {
    items: Vec<T>,
    total: Option<i32>,
    links: Option<Vec<Link>>,
}

impl<T> Page<T> {
    /// Whether the service says that more items follow, after so many.
    fn has_next(&self, came: usize) -> bool {
        match (self.links.as_deref(), self.total) {
            (Some(links @ [_, ..]), _) => {
                links.iter().any(|link| link.rel.as_deref() == Some("next"))
            }
            (_, Some(total)) => usize::try_from(total).is_ok_and(|total| came < total),
            (_, None) => true,
        }
    }
}

/// Requests a page in a task of its own, so that no time limit runs out because the stream is not
/// polled. Dropping the future ends the task.
async fn request<T: Listed>(list: List, number: i64) -> Result<Page<T>, Error> {
    let mut task = JoinSet::new();
    task.spawn(spans::spawned(T::page(list, number)));
    match task.join_next().await {
        Some(Ok(page)) => page,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        _ => Err(Error::setup(
            "the tokio runtime of the request was shut down",
        )),
    }
}

/// The lists that are left, each of one cloud.
struct Walk<T> {
    lists: VecDeque<Progress<T>>,
    /// The ids of all items that came.
    seen: HashSet<u128>,
}

/// How far a list was requested.
struct Progress<T> {
    list: List,
    /// The first page: it is requested together with those of the other clouds.
    first: Option<Result<Page<T>, Error>>,
    /// The numbers of the pages to request, the next one last.
    ahead: Vec<i64>,
    /// The page that came last, its total, and how many items came with it and before it.
    number: i64,
    total: Option<i32>,
    came: usize,
    /// Whether a page had nothing new and a larger total.
    grew: bool,
}

impl<T: Listed> Walk<T> {
    async fn start(lists: Vec<List>) -> Self {
        let first = join_all(lists.iter().map(|list| request(list.clone(), 1))).await;
        let progress = |(list, first)| Progress {
            list,
            first: Some(first),
            ahead: vec![1],
            number: 0,
            total: None,
            came: 0,
            grew: false,
        };
        let lists = lists.into_iter().zip(first).map(progress).collect();
        let seen = HashSet::new();
        Self { lists, seen }
    }

    /// The new items of the next page, and what is left; none at the end.
    async fn step(mut self) -> Result<Option<(Vec<T>, Self)>, Error> {
        let Some(progress) = self.lists.front_mut() else {
            return Ok(None);
        };
        let Some(number) = progress.ahead.pop() else {
            self.lists.pop_front();
            return Ok(Some((Vec::new(), self)));
        };
        let mut page = match progress.first.take() {
            Some(first) => first?,
            None => request(progress.list.clone(), number).await?,
        };
        let came = progress.came.saturating_add(page.items.len());
        page.items.retain(|item: &T| self.seen.insert(item.key()));
        if number > progress.number {
            let totals = progress.total.zip(page.total);
            let change = totals.map(|(before, now)| now.cmp(&before));
            // After a page with nothing new there is no other, whatever the service says; but one
            // that was filled from the front, once, holds what came before.
            let grew = change == Some(Ordering::Greater) && !progress.grew;
            progress.grew |= grew && page.items.is_empty();
            if (grew || !page.items.is_empty()) && page.has_next(came) {
                progress.ahead.push(number + 1);
            }
            // Where the total shrank, the first items of this page may stand on the one before now.
            if change == Some(Ordering::Less) {
                progress.ahead.push(number - 1);
            }
            (progress.number, progress.total, progress.came) = (number, page.total, came);
        }
        Ok(Some((page.items, self)))
    }
}

/// All items of some lists. After the first pages, each is requested when it is needed.
fn items<T: Listed>(lists: Vec<List>) -> BoxStream<'static, Result<T, Error>> {
    let walk = Walk::start(lists).map(|walk| stream::try_unfold(walk, Walk::step));
    let pages = walk.flatten_stream();
    let items = pages.map_ok(|new| stream::iter(new.into_iter().map(Ok)));
    items.try_flatten().boxed()
}

macro_rules! stream {
    ($(#[$words:meta])* $name:ident of $item:ty, over $all:expr, by $call:expr) => {
        impl Listed for $item {
            fn key(&self) -> u128 {
                u128::from_str_radix(self.id().as_str(), 16).unwrap_or_default()
            }

            async fn page(list: List, number: i64) -> Result<Page<Self>, Error> {
                let page = $call(&list, number).await?.into_inner();
                let (items, total, links) = (page.results, page.total_count, page.links);
                Ok(Page { items, total, links })
            }
        }

        $(#[$words])*
        #[derive(Debug)]
        #[must_use = "a stream does nothing until it is polled"]
        pub struct $name {
            list: List,
            items: Opaque<Option<BoxStream<'static, Result<$item, Error>>>>,
        }

        impl $name {
            fn new(client: &Client, project: &ProjectId) -> Self {
                let list = List {
                    client: client.clone(),
                    project: project.clone(),
                    provider: None,
                    page_size: PAGE_SIZE,
                };
                Self { list, items: Opaque(None) }
            }

            /// Of one cloud alone.
            pub fn provider(mut self, provider: Provider) -> Self {
                self.list.provider = Some(provider);
                self
            }

            /// How many items a page has at most: from 1 to 500, by default 500.
            pub fn page_size(mut self, size: u16) -> Self {
                self.list.page_size = size.into();
                self
            }

            /// The next item; `None` at the end and after an error.
            ///
            /// It may be dropped at any time: a page that is under way is not lost.
            ///
            /// # Errors
            ///
            /// The request of a page failed, with all its attempts.
            pub async fn next(&mut self) -> Option<Result<$item, Error>> {
                StreamExt::next(self).await
            }

            /// All items that are left.
            ///
            /// # Errors
            ///
            /// The request of a page failed, with all its attempts.
            pub async fn into_vec(self) -> Result<Vec<$item>, Error> {
                self.try_collect().await
            }
        }

        impl Stream for $name {
            type Item = Result<$item, Error>;

            fn poll_next(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Self::Item>> {
                let Self { list, items } = &mut *self;
                let items = items.0.get_or_insert_with(|| {
                    let clouds = match &list.provider {
                        Some(provider) => vec![Some(provider.clone())],
                        None => $all.into(),
                    };
                    let of = |provider| List { provider, ..list.clone() };
                    self::items(clouds.into_iter().map(of).collect())
                });
                items.as_mut().poll_next(context)
            }
        }
    };
}

stream! {
    /// The peerings of a project: see [`Client::peerings`].
    Peerings of Peering, over [Some(Provider::Aws), Some(Provider::Azure), Some(Provider::Gcp)],
    by async |list: &List, number| {
        let mut options = ListPeeringConnectionsOptions::default().items_per_page(list.page_size);
        (options.page_num, options.provider_name) = (Some(number), list.provider.clone());
        list.client.list_peering_connections_with_options(&list.project, options).await
    }
}
stream! {
    /// The containers of a project: see [`Client::containers`].
    Containers of Container, over [None],
    by async |list: &List, number| {
        let (client, project, size) = (&list.client, &list.project, list.page_size);
        let Some(cloud) = &list.provider else {
            let options = ListPeeringContainersOptions::default();
            let options = options.items_per_page(size).page_num(number);
            return client.list_peering_containers_with_options(project, options).await;
        };
        let options = ListPeeringContainerByCloudProviderOptions::default();
        let options = options.items_per_page(size).page_num(number);
        client.list_peering_container_by_cloud_provider_with_options(project, cloud, options).await
    }
}

impl Client {
    /// The peerings of a project on all clouds, or on one, as a stream: the service's own list is
    /// of one cloud, of AWS where none is named.
    ///
    /// The first pages of all clouds are requested together, each other page when it is needed.
    /// Nothing is listed twice. A peering that stays is not lost when others are deleted between
    /// two requests, up to a page of them.
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
