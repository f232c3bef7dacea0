//! A future dropped at any of its awaits leaves no task running and no lock held.

use std::pin::Pin;
use std::time::Duration;

use atlas_peering::types::{AwsRegion, NewAwsContainer};
use atlas_peering::{Client, Error, PeeringId, ProjectId};
use atlas_peering_sandbox::Sandbox;
use tokio::runtime::Handle;

use crate::support::{api_key, aws, builder, dropped_after, project, service_account};

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

/// A client with a credential of either kind.
fn client(sandbox: &Sandbox, with_key: bool) -> Client {
    let credentials = if with_key {
        api_key(sandbox)
    } else {
        service_account(sandbox)
    };
    builder(sandbox.base_url(), credentials)
        // No idle connection is kept: each remaining task is unfinished work.
        .configure(|connection| connection.pool_max_idle_per_host(0))
        .build()
        .unwrap()
}

/// Waits until the tasks of connections have ended, and fails if any other task remains.
async fn no_task_is_left() {
    for _ in 0..2000 {
        if Handle::current().metrics().num_alive_tasks() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("a task is still running");
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
            // A second one is dropped half-way, and a third runs to its end.
            dropped_after(2, make(&atlas, &project, &id)).await;
            let outcome = dropped_after(polls, make(&atlas, &project, &id)).await;
            let done = outcome.transpose().unwrap().is_some();
            let after = tokio::time::timeout(
                Duration::from_secs(20),
                atlas.wait_for_peering(&project, &id).into_future(),
            );
            after.await.expect("no lock is held").unwrap();
            if done {
                break;
            }
        }
        assert!(polls > 3, "{polls} polls are too few for this test");
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
            let container =
                NewAwsContainer::new(AwsRegion::EuWest1).atlas_cidr_block("172.16.0.0/21");
            let container = atlas.ensure_container(&project, container).await?;
            let mut request = aws();
            request.container_id = Some(container.id().clone());
            atlas.ensure_peering(&project, request).await.map(|_| ())
        })
    })
    .await;
}

#[tokio::test]
async fn a_deletion() {
    holds(|atlas, project, _| {
        let (atlas, project) = (atlas.clone(), project.clone());
        Box::pin(async move {
            let unknown = "111111111111111111111111".parse()?;
            atlas
                .ensure_peering_deleted(&project, &unknown)
                .and_wait()
                .await?;
            let nothing = "111111111111111111111111".parse()?;
            atlas.ensure_container_deleted(&project, &nothing).await
        })
    })
    .await;
}
