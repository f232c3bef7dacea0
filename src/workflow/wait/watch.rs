//! What the waits of one project share: one look for all of them.
//!
//! No task runs for it. Whoever is due first looks, for everybody, and the others hear of it; a
//! look that is dropped half-way is begun anew by the next who is due.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedMutexGuard, watch};
use tokio::time::Instant;

use crate::ErrorCode;
use crate::types::{Container, Peering, Provider};
use crate::{Client, ContainerId, Error, PeeringId, PeeringSnapshot, ProjectId};

/// As many as the service gives in one page.
const PAGE_SIZE: u16 = 500;
/// How long a look by somebody else is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// The clouds whose lists are looked through for a peering whose cloud is not known.
const CLOUDS: [Provider; 3] = [Provider::Aws, Provider::Azure, Provider::Gcp];

/// The projects that a client and its clones watch.
#[derive(Debug, Default)]
pub(crate) struct Watches(Mutex<HashMap<ProjectId, Weak<Project>>>);

impl Watches {
    /// Takes part in watching a peering, until it is dropped.
    pub(super) fn join(&self, project: &ProjectId, peering: &PeeringId) -> Watcher {
        let mut projects = lock(&self.0);
        projects.retain(|_, watched| watched.strong_count() > 0);
        let known = projects.get(project).and_then(Weak::upgrade);
        let watched = known.unwrap_or_else(|| {
            let new = Arc::new(Project::default());
            projects.insert(project.clone(), Arc::downgrade(&new));
            new
        });
        drop(projects);
        let mut entries = lock(&watched.entries);
        entries.entry(peering.clone()).or_default().watchers += 1;
        drop(entries);
        Watcher {
            sights: watched.sights.subscribe(),
            since: watched.looks.load(Ordering::SeqCst),
            peering: peering.clone(),
            project: watched,
        }
    }
}

/// A project of which some peerings are watched.
#[derive(Debug, Default)]
struct Project {
    entries: Mutex<BTreeMap<PeeringId, Entry>>,
    /// The containers that were looked at; those that are not provisioned are looked at again.
    containers: Mutex<HashMap<ContainerId, Option<Container>>>,
    /// How many looks were begun.
    looks: AtomicU64,
    /// Held by the one who looks.
    turn: Mutex<Arc<tokio::sync::Mutex<()>>>,
    sights: watch::Sender<Arc<Sight>>,
}

/// A peering that is watched.
#[derive(Clone, Debug, Default)]
struct Entry {
    watchers: usize,
    /// Its cloud, once it was seen.
    provider: Option<Provider>,
    /// Whether a list ever had it.
    listed: bool,
    /// How many looks in a row found lists without it.
    missed: u32,
}

/// What one look found.
#[derive(Debug)]
struct Sight {
    /// Which look it was, counted from 1.
    number: u64,
    found: Result<HashMap<PeeringId, Found>, Error>,
}

impl Default for Sight {
    fn default() -> Self {
        Self {
            number: 0,
            found: Ok(HashMap::new()),
        }
    }
}

/// What became of a peering.
#[derive(Clone, Debug)]
pub(super) enum Found {
    There(Box<PeeringSnapshot>),
    Gone(Error),
}

impl Found {
    fn there(peering: Peering) -> Self {
        Self::There(Box::new(PeeringSnapshot::new(peering, None)))
    }
}

/// One who watches a peering.
#[derive(Debug)]
pub(super) struct Watcher {
    project: Arc<Project>,
    peering: PeeringId,
    sights: watch::Receiver<Arc<Sight>>,
    /// The look that it heard of last, or that was begun last before it came: older ones tell
    /// nothing new, and may tell what is over.
    since: u64,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut entries = lock(&self.project.entries);
        if let Some(entry) = entries.get_mut(&self.peering) {
            entry.watchers -= 1;
            if entry.watchers == 0 {
                entries.remove(&self.peering);
            }
        }
    }
}

impl Watcher {
    /// The next sight of the peering: somebody else's, or from `due` on its own.
    pub(super) async fn look(
        &mut self,
        client: &Client,
        project: &ProjectId,
        due: Instant,
    ) -> Result<Found, Error> {
        loop {
            if let Ok(Ok(())) = tokio::time::timeout_at(due, self.sights.changed()).await {
                if let Some(found) = self.heard() {
                    return found;
                }
                continue;
            }
            let watched = Arc::clone(&self.project);
            let _turn = watched.turn().await;
            // Who had the turn before may have looked for this one as well.
            if let Some(found) = self.heard() {
                return found;
            }
            let sight = watched.look(client, project).await;
            watched.sights.send_replace(Arc::new(sight));
        }
    }

    /// What the last look says of the peering, where it is news.
    fn heard(&mut self) -> Option<Result<Found, Error>> {
        let sight = Arc::clone(&self.sights.borrow_and_update());
        if sight.number <= self.since {
            return None;
        }
        let found = match &sight.found {
            Ok(found) => Ok(found.get(&self.peering)?.clone()),
            Err(error) => Err(error.clone()),
        };
        self.since = sight.number;
        Some(found)
    }
}

impl Project {
    /// The turn to look. Whoever has it may be a future that nobody polls at the moment: one that
    /// does not come back in time is passed over, by one of those who wait.
    async fn turn(&self) -> OwnedMutexGuard<()> {
        loop {
            let turn = Arc::clone(&lock(&self.turn));
            let mine = tokio::time::timeout(PATIENCE, Arc::clone(&turn).lock_owned());
            if let Ok(mine) = mine.await {
                return mine;
            }
            let mut current = lock(&self.turn);
            if Arc::ptr_eq(&current, &turn) {
                *current = Arc::default();
            }
        }
    }

    /// Looks at all that are watched: at one by itself, at more by the lists of their clouds.
    async fn look(&self, client: &Client, project: &ProjectId) -> Sight {
        let number = self.looks.fetch_add(1, Ordering::SeqCst) + 1;
        let entries = lock(&self.entries).clone();
        let found = async {
            let ids: Vec<_> = entries.keys().collect();
            let mut found = match ids[..] {
                [one] => HashMap::from([(one.clone(), get(client, project, one).await?)]),
                _ => self.look_through_lists(client, project, &entries).await?,
            };
            self.add_containers(client, project, &mut found).await?;
            self.note_clouds(&found);
            Ok(found)
        };
        Sight {
            number,
            found: found.await,
        }
    }

    async fn look_through_lists(
        &self,
        client: &Client,
        project: &ProjectId,
        entries: &BTreeMap<PeeringId, Entry>,
    ) -> Result<HashMap<PeeringId, Found>, Error> {
        let all_known = entries.values().all(|entry| entry.provider.is_some());
        let is_of = |cloud: &Provider| {
            let mut known = entries.values().filter_map(|entry| entry.provider.as_ref());
            known.any(|provider| provider == cloud)
        };
        let mut found = HashMap::new();
        let mut longest = 0;
        for cloud in CLOUDS
            .into_iter()
            .filter(|cloud| !all_known || is_of(cloud))
        {
            let list = client.peerings(project).provider(cloud);
            let mut list = list.page_size(PAGE_SIZE);
            let mut length = 0;
            while let Some(peering) = list.next().await {
                let peering = peering?;
                length += 1;
                if entries.contains_key(peering.id()) {
                    let id = peering.id().clone();
                    found.insert(id, Found::there(peering));
                }
            }
            longest = longest.max(length);
        }
        // A list of one page is seen at one time; one of more may lose sight of what moves from
        // page to page meanwhile, though hardly twice in a row.
        let misses = if longest <= PAGE_SIZE { 1 } else { 2 };
        for id in self.missed(&found, entries) {
            let entry = lock(&self.entries).get(&id).cloned().unwrap_or_default();
            if !entry.listed {
                // No list had it: the cloud is not known, or the list lags behind.
                let alone = get(client, project, &id).await?;
                found.insert(id, alone);
            } else if entry.missed >= misses {
                let gone = Found::Gone(Error::gone(&id));
                found.insert(id, gone);
            }
        }
        Ok(found)
    }

    /// Notes what the lists had, and gives those that they lacked.
    fn missed(
        &self,
        found: &HashMap<PeeringId, Found>,
        looked_for: &BTreeMap<PeeringId, Entry>,
    ) -> Vec<PeeringId> {
        let mut missed = Vec::new();
        for (id, entry) in lock(&self.entries).iter_mut() {
            if found.contains_key(id) {
                (entry.listed, entry.missed) = (true, 0);
            } else if looked_for.contains_key(id) {
                entry.missed += 1;
                missed.push(id.clone());
            }
        }
        missed
    }

    fn note_clouds(&self, found: &HashMap<PeeringId, Found>) {
        for (id, entry) in lock(&self.entries).iter_mut() {
            if let Some(Found::There(status)) = found.get(id) {
                entry.provider = Some(status.provider());
            }
        }
    }

    /// Adds the containers of those whose user has to act: they tell what to act with.
    async fn add_containers(
        &self,
        client: &Client,
        project: &ProjectId,
        found: &mut HashMap<PeeringId, Found>,
    ) -> Result<(), Error> {
        for cloud in CLOUDS {
            let needed = found.values().filter_map(|found| match found {
                Found::There(status) if status.provider() == cloud => needed_container(status),
                _ => None,
            });
            let unknown = |id: &&ContainerId| !self.is_known(id);
            let missing: Vec<_> = needed.filter(unknown).cloned().collect();
            if missing.is_empty() {
                continue;
            }
            let list = client.containers(project).provider(cloud);
            let list = list.page_size(PAGE_SIZE).into_vec().await?;
            let mut known = lock(&self.containers);
            known.extend(missing.into_iter().map(|id| (id, None)));
            known.extend(list.into_iter().map(|of| (of.id().clone(), Some(of))));
        }
        let known = lock(&self.containers);
        for found in found.values_mut() {
            if let Found::There(status) = found
                && let Some(id) = needed_container(status)
            {
                status.container = known.get(id).cloned().flatten();
            }
        }
        Ok(())
    }

    /// Whether there is no more to learn of a container.
    fn is_known(&self, id: &ContainerId) -> bool {
        match lock(&self.containers).get(id) {
            Some(Some(Container::Gcp(container))) => {
                container.gcp_project_id.is_some() && container.network_name.is_some()
            }
            Some(_) => true,
            None => false,
        }
    }
}

fn needed_container(status: &PeeringSnapshot) -> Option<&ContainerId> {
    let needed = match &status.peering {
        // It tells the region, where the peering does not.
        Peering::Aws(aws) => aws.accepter_region_name.is_none(),
        Peering::Gcp(_) => true,
        _ => false,
    };
    let id = status.container_id();
    id.filter(|_| needed && status.state().needs_user())
}

/// One peering by itself.
async fn get(client: &Client, project: &ProjectId, id: &PeeringId) -> Result<Found, Error> {
    match client.get_peering_connection(project, id).await {
        Ok(peering) => Ok(Found::there(peering.into_inner())),
        Err(error) if error.error_code() == Some(&ErrorCode::PeerNotFound) => {
            Ok(Found::Gone(error))
        }
        Err(error) => Err(error),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
