//! A thousand creations through random faults, the same ones in every run.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use atlas_peering::types::{
    AwsRegion, AzureRegion, NewAwsPeering, NewAzurePeering, NewContainer, NewGcpPeering, NewPeering,
};
use atlas_peering::{Client, ContainerId, Error};
use atlas_peering_sandbox::{Fault, Sandbox};
use serde_json::Value;

use super::persistent;
use crate::support::{Random, api_key, container, project, service_account};

/// So many at once, each in a project of its own.
const PROJECTS: u64 = 8;
const EACH: usize = 125;

/// A fault of any kind.
fn fault(random: &mut Random) -> Fault {
    // Beyond the client's time limit.
    let late = Duration::from_millis(310 + random.below(40));
    let status = [500, 502, 503, 504][random.pick(4)];
    let fault = match random.below(9) {
        0 | 1 => Fault::drop_before(),
        2 | 3 => Fault::drop_after(),
        4 => Fault::cut_answer(),
        5 => Fault::fail_before(status),
        6 | 7 => Fault::fail_after(status),
        _ if random.below(2) == 0 => Fault::delay_answer(late),
        _ => Fault::delay_effect(late),
    };
    fault.skip(random.pick(3)).times(1 + random.pick(2))
}

/// Runs to the end, or crashes: is dropped after so many polls.
async fn crash_after<T>(polls: u64, run: impl Future<Output = T>) -> Option<T> {
    let mut run = pin!(run);
    let mut left = polls;
    poll_fn(|context| match run.as_mut().poll(context) {
        Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// Ensures through faults and crashes, until it is told; as its user would.
async fn until_told<T>(
    random: &mut Random,
    mut ensure: impl AsyncFnMut() -> Result<T, Error>,
) -> T {
    for _ in 0..20 {
        let polls = if random.below(4) == 0 {
            random.below(30)
        } else {
            10_000
        };
        match crash_after(polls, ensure()).await {
            Some(Ok(told)) => return told,
            Some(Err(error)) => {
                let status = error.status().map(|status| status.as_u16());
                let passes = status.is_none_or(|status| status >= 500 || status == 200);
                assert!(passes && !error.is_conflict(), "{error}");
            }
            None => {}
        }
    }
    panic!("not told in 20 calls");
}

/// A client with the key, or in every other project with the service account.
fn client(sandbox: &Sandbox, seed: u64) -> Client {
    let credentials = if seed.is_multiple_of(2) {
        api_key(sandbox)
    } else {
        service_account(sandbox)
    };
    persistent(sandbox, credentials)
}

fn inject(sandbox: &Sandbox, random: &mut Random, operations: &[&str]) {
    for _ in 0..=random.below(2) {
        let operation = operations[random.pick(operations.len())];
        sandbox.inject(operation, fault(random)).unwrap();
    }
}

/// What exists has the ids that were told, each once.
fn check(existing: &[Value], mut told: Vec<String>) {
    let mut existing: Vec<_> = existing
        .iter()
        .map(|of| of["id"].as_str().unwrap().to_owned())
        .collect();
    existing.sort();
    told.sort();
    assert_eq!(existing, told);
    told.dedup();
    assert_eq!(told.len(), EACH);
}

async fn peerings(seed: u64) {
    let sandbox = Sandbox::builder().limits(EACH, EACH).start().await.unwrap();
    let (atlas, project) = (client(&sandbox, seed), project(&sandbox));
    let containers = [("AWS", "US_EAST_1"), ("AZURE", "US_EAST"), ("GCP", "")]
        .map(|(cloud, region)| container(&sandbox, cloud, region));
    let mut random = Random::new(seed);
    let mut told = Vec::new();
    for number in 0..EACH {
        let operations = [
            "createPeeringConnection",
            "createPeeringConnection",
            "listPeeringConnections",
            "getPeeringContainer",
        ];
        inject(&sandbox, &mut random, &operations);
        let request = request(number, &containers);
        told.push(
            until_told(&mut random, async || {
                let ensured = atlas.ensure_peering(&project, request.clone()).await?;
                Ok(ensured.id().to_string())
            })
            .await,
        );
    }
    check(&settled(&sandbox, Sandbox::peerings).await, told);
}

/// What exists after the last late effect.
async fn settled(sandbox: &Sandbox, what: impl Fn(&Sandbox) -> Vec<Value>) -> Vec<Value> {
    let deadline = tokio::time::Instant::now() + Duration::from_millis(700);
    tokio::time::sleep_until(deadline).await;
    what(sandbox)
}

fn request(number: usize, [aws, azure, gcp]: &[ContainerId; 3]) -> NewPeering {
    match number % 3 {
        0 => NewAwsPeering {
            container_id: Some(aws.clone()),
            ..NewAwsPeering::new(
                format!("vpc-{number:017x}"),
                "123456789012",
                format!("10.0.{number}.0/24"),
            )
        }
        .into(),
        1 => NewAzurePeering {
            azure_directory_id: "5b7a4a3e-90a6-4a0c-9a1b-3f1c6a7d2e11".into(),
            azure_subscription_id: "0d8f3c56-1c3e-4c6b-8a94-7d2f5b9e6a02".into(),
            container_id: azure.clone(),
            resource_group_name: "network-rg".into(),
            vnet_name: format!("vnet-{number}"),
        }
        .into(),
        _ => NewGcpPeering {
            container_id: gcp.clone(),
            gcp_project_id: "my-project-1".into(),
            network_name: format!("network-{number}"),
        }
        .into(),
    }
}

async fn containers(seed: u64) {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox, seed), project(&sandbox));
    let mut random = Random::new(seed);
    let mut told = Vec::new();
    for number in 0..EACH {
        let operations = [
            "createPeeringContainer",
            "createPeeringContainer",
            "listPeeringContainerByCloudProvider",
        ];
        inject(&sandbox, &mut random, &operations);
        let region = format!("REGION_{number}");
        let block = format!("10.{}.{}.0/21", number / 32, number % 32 * 8);
        let request = if number.is_multiple_of(2) {
            NewContainer::aws(AwsRegion::from(&*region), block)
        } else {
            NewContainer::azure(AzureRegion::from(&*region), block)
        };
        told.push(
            until_told(&mut random, async || {
                let ensured = atlas.ensure_container(&project, request.clone()).await?;
                Ok(ensured.id().to_string())
            })
            .await,
        );
    }
    check(&settled(&sandbox, Sandbox::containers).await, told);
}

/// Each in a thread of its own, so that the order of its events is its own as well.
fn in_every_project<F: Future<Output = ()> + 'static>(run: fn(u64) -> F) {
    let threads: Vec<_> = (0..PROJECTS)
        .map(|seed| {
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.unwrap().block_on(run(seed));
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_thousand_peerings_are_made_once_each() {
    in_every_project(peerings);
}

#[test]
fn a_thousand_containers_are_made_once_each() {
    in_every_project(containers);
}
