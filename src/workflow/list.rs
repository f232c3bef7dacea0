//! Lists as streams, which request each page when it is needed.

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

/// The service's own maximum.
const PAGE_SIZE: i64 = 500;

/// A list of a project, of one cloud if `provider` is set.
#[derive(Clone, Debug)]
struct List {
    client: Client,
    project: ProjectId,
    provider: Option<Provider>,
    page_size: i64,
}

/// A resource that the service lists.
trait Listed: Sized + Send + 'static {
    /// The id, 24 hexadecimal digits, as a number, which needs half the memory.
    fn key(&self) -> u128;
    fn page(list: List, number: i64) -> impl Future<Output = Result<Page<Self>, Error>> + Send;
}

struct Page<T> {
    items: Vec<T>,
    total: Option<i32>,
    links: Option<Vec<Link>>,
}

impl<T> Page<T> {
    /// Whether more items follow after `received` of them, by the links or the total of the page.
    fn has_next(&self, received: usize) -> bool {
        match (self.links.as_deref(), self.total) {
            (Some(links @ [_, ..]), _) => {
                links.iter().any(|link| link.rel.as_deref() == Some("next"))
            }
            (_, Some(total)) => usize::try_from(total).is_ok_and(|total| received < total),
            (_, None) => true,
        }
    }
}

/// Requests a page in a task of its own, so that no time limit expires while the stream is not polled.
/// Dropping the future aborts the task.
async fn request<T: Listed>(list: List, number: i64) -> Result<Page<T>, Error> {
    let mut task = JoinSet::new();
    task.spawn(spans::spawned(T::page(list, number)));
    match task.join_next().await {
        Some(Ok(page)) => page,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        _ => Err(Error::setup(
            "the tokio runtime of the request was shut down: keep it alive until the list ends",
        )),
    }
}

/// The remaining lists, each of one cloud.
struct Walk<T> {
    lists: VecDeque<Progress<T>>,
    /// The ids of all received items.
    seen: HashSet<u128>,
}

/// The progress of a list.
struct Progress<T> {
    list: List,
    /// The first page, which is requested together with those of the other clouds.
    first: Option<Result<Page<T>, Error>>,
    /// The numbers of the pages to request, in reverse order.
    ahead: Vec<i64>,
    /// The number of the last page, its total, and how many items were received up to its end.
    number: i64,
    total: Option<i32>,
    received: usize,
    /// Whether a page had no new item and a larger total.
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
            received: 0,
            grew: false,
        };
        let lists = lists.into_iter().zip(first).map(progress).collect();
        Self {
            lists,
            seen: HashSet::new(),
        }
    }

    /// The new items of the next page, and the rest of the walk; `None` at the end.
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
        let received = progress.received.saturating_add(page.items.len());
        page.items.retain(|item: &T| self.seen.insert(item.key()));
        if number > progress.number {
            let totals = progress.total.zip(page.total);
            let change = totals.map(|(before, now)| now.cmp(&before));
            // A page without new items is the last one, which bounds a faulty service. Once, it may
            // instead repeat earlier items, because new ones were inserted before them.
            let grew = change == Some(Ordering::Greater) && !progress.grew;
            progress.grew |= grew && page.items.is_empty();
            if (grew || !page.items.is_empty()) && page.has_next(received) {
                progress.ahead.push(number + 1);
            }
            // After a deletion, the first items of this page may be on the page before it.
            if change == Some(Ordering::Less) {
                progress.ahead.push(number - 1);
            }
            (progress.number, progress.total, progress.received) = (number, page.total, received);
        }
        Ok(Some((page.items, self)))
    }
}

/// All items of the lists. Each page after the first ones is requested when it is needed.
fn items<T: Listed>(lists: Vec<List>) -> BoxStream<'static, Result<T, Error>> {
    let walk = Walk::start(lists).map(|walk| stream::try_unfold(walk, Walk::step));
    let pages = walk.flatten_stream();
    let items = pages.map_ok(|new| stream::iter(new.into_iter().map(Ok)));
    items.try_flatten().boxed()
}

macro_rules! stream {
    ($(#[$docs:meta])* $name:ident of $item:ty, over $all:expr, by $call:expr) => {
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

        $(#[$docs])*
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

            /// Lists one cloud only.
            pub fn provider(mut self, provider: Provider) -> Self {
                self.list.provider = Some(provider);
                self
            }

            /// The most items in a page: 1 to 500, by default 500.
            pub fn page_size(mut self, size: u16) -> Self {
                self.list.page_size = size.into();
                self
            }

            /// The next item; `None` at the end and after an error.
            ///
            /// The future may be dropped at any time: the page that it requested is not lost.
            ///
            /// # Errors
            ///
            /// - The request of a page failed, after all its attempts.
            /// - The page size is not 1 to 500 ([`Error::is_input`]).
            pub async fn next(&mut self) -> Option<Result<$item, Error>> {
                StreamExt::next(self).await
            }

            /// All remaining items.
            ///
            /// # Errors
            ///
            /// - Those of [`next`](Self::next).
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
    /// The peerings of a project; see [`Client::peerings`].
    Peerings of Peering, over [Some(Provider::Aws), Some(Provider::Azure), Some(Provider::Gcp)],
    by async |list: &List, number| {
        let mut options = ListPeeringConnectionsOptions::default().items_per_page(list.page_size);
        (options.page_num, options.provider_name) = (Some(number), list.provider.clone());
        list.client.list_peering_connections_with_options(&list.project, options).await
    }
}
stream! {
    /// The containers of a project; see [`Client::containers`].
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
    /// The peerings of a project as a stream: on all clouds, or on one with
    /// [`provider`](Peerings::provider). (The service's own list is of one cloud, by default of AWS.)
    ///
    /// The stream requests the first pages of all clouds together, and each other page when it is needed.
    /// It lists no peering twice. It misses none if up to a page of others is deleted between two requests.
    ///
    /// The [crate page](crate#list) has an example.
    pub fn peerings(&self, project: &ProjectId) -> Peerings {
        Peerings::new(self, project)
    }

    /// The containers of a project as a stream: on all clouds, or on one with
    /// [`provider`](Containers::provider). See [`peerings`](Self::peerings).
    pub fn containers(&self, project: &ProjectId) -> Containers {
        Containers::new(self, project)
    }
}
