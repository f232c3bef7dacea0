//! What is dropped at any of its awaits leaves no task running and no lock held.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use atlas_peering::types::{AwsRegion, NewContainer, Peering};
use atlas_peering::{Client, Credentials, Error, PeeringId, ProjectId, RetryPolicy};
use atlas_peering_sandbox::Sandbox;
use tokio::runtime::Handle;

use crate::support::{aws, project};

type Run = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// A sandbox on a thread of its own, so that all tasks of the test's runtime are the client's.
fn sandbox() -> Sandbox {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        send.send(runtime.block_on(Sandbox::start()).unwrap())
            .unwrap();
        runtime.block_on(std::future::pending::<()>());
    });
    receive.recv().unwrap()
}

/// A client that waits for nobody, with a credential of either kind.
fn client(sandbox: &Sandbox, with_key: bool) -> Client {
    let credentials = if with_key {
        let (public, private) = sandbox.api_key();
        Credentials::api_key(public, private)
    } else {
        let (id, secret) = sandbox.service_account();
        Credentials::service_account(id, secret)
    };
    Client::builder()
        .base_url(sandbox.base_url())
        .credentials(credentials)
        .retry(RetryPolicy::none())
        // No connection is kept: each task that is left is somebody's work.
        .configure(|connection| connection.pool_max_idle_per_host(0))
        .build()
        .unwrap()
}

/// Polls it so often and drops it; whether it was done by then.
async fn dropped_after(polls: usize, mut run: Run) -> bool {
    for _ in 0..polls {
        let mut polled = false;
        let done = poll_fn(|context| {
            if std::mem::replace(&mut polled, true) {
                return Poll::Ready(false);
            }
            match run.as_mut().poll(context) {
                Poll::Ready(outcome) => {
                    outcome.unwrap();
                    Poll::Ready(true)
                }
                Poll::Pending => Poll::Pending,
            }
        });
        if done.await {
            return true;
        }
    }
    false
}

/// The tasks of connections end with them; nothing else may be left.
async fn no_task_is_left() {
    for _ in 0..2000 {
        if Handle::current().metrics().num_alive_tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("a task goes on");
}

async fn holds(make: impl Fn(&Client, &ProjectId, &PeeringId) -> Run) {
    for with_key in [true, false] {
        let sandbox = sandbox();
        let project = project(&sandbox);
        let ids = sandbox.fill("AWS", 3).unwrap();
        sandbox.fill("GCP", 3).unwrap();
        let id: PeeringId = ids[0].parse().unwrap();
        sandbox.advance(Duration::from_secs(5));
        let atlas = client(&sandbox, with_key);
        let mut polls = 0;
        loop {
            polls += 1;
            // Another of the kind is dropped half-way, and one goes on to its end.
            dropped_after(2, make(&atlas, &project, &id)).await;
            let done = dropped_after(polls, make(&atlas, &project, &id)).await;
            let after = tokio::time::timeout(
                Duration::from_secs(20),
                atlas.wait_for_peering(&project, &id).into_future(),
            );
            after.await.expect("no lock is held").unwrap();
            if done {
                break;
            }
        }
        assert!(polls > 3, "{polls} polls are too few to tell");
        drop(atlas);
        no_task_is_left().await;
    }
}

#[tokio::test]
async fn a_wait() {
    holds(|atlas, project, id| {
        let wait = atlas.wait_for_peering(project, id).into_future();
        Box::pin(async { wait.await.map(|_| ()) })
    })
    .await;
}

#[tokio::test]
async fn two_waits_at_once() {
    holds(|atlas, project, id| {
        let (atlas, project, id) = (atlas.clone(), project.clone(), id.clone());
        Box::pin(async move {
            let all = atlas.peerings(&project).into_vec().await?;
            let other = all.iter().map(Peering::id).find(|other| **other != id);
            let one = atlas.wait_for_peering(&project, &id).into_future();
            let other = atlas.wait_for_peering(&project, other.unwrap());
            let (one, other) = tokio::join!(one, other.into_future());
            one.and(other).map(|_| ())
        })
    })
    .await;
}

#[tokio::test]
async fn a_stream_of_states() {
    holds(|atlas, project, id| {
        let mut states = atlas.wait_for_peering(project, id).states();
        Box::pin(async move {
            while let Some(state) = states.next().await {
                state?;
            }
            Ok(())
        })
    })
    .await;
}

#[tokio::test]
async fn a_list() {
    holds(|atlas, project, _| {
        let list = atlas.peerings(project).page_size(1);
        Box::pin(async { list.into_vec().await.map(|_| ()) })
    })
    .await;
}

#[tokio::test]
async fn an_ensured_peering_and_its_container() {
    holds(|atlas, project, _| {
        let (atlas, project) = (atlas.clone(), project.clone());
        Box::pin(async move {
            let container = NewContainer::aws(AwsRegion::EuWest1, "172.16.0.0/21");
            let container = atlas.ensure_container(&project, container).await?;
            let mut request = aws();
            request.container_id = Some(container.id().clone());
            atlas.ensure_peering(&project, request).await.map(|_| ())
        })
    })
    .await;
}

#[tokio::test]
async fn a_removal() {
    holds(|atlas, project, _| {
        let (atlas, project) = (atlas.clone(), project.clone());
        Box::pin(async move {
            let nobody = "111111111111111111111111".parse()?;
            atlas.remove_peering(&project, &nobody).and_wait().await?;
            let nothing = "111111111111111111111111".parse()?;
            atlas.remove_container(&project, &nothing).await
        })
    })
    .await;
}
