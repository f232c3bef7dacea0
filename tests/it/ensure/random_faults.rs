//! A thousand creations through random faults, which are the same in each run.

use std::time::Duration;

use atlas_peering::types::{NewAwsContainer, NewAzureContainer, NewContainer, NewPeering};
use atlas_peering::{Client, Error};
use atlas_peering_sandbox::{Fault, Sandbox};
use serde_json::Value;

use super::persistent;
use crate::support::changed;
use crate::support::{
    Random, api_key, aws, azure, container, dropped_after, gcp, project, service_account,
};

/// The number of sandboxes at once, each with a project.
const PROJECTS: u64 = 8;
const EACH: usize = 125;

/// A fault of any kind.
fn fault(random: &mut Random) -> Fault {
    // Longer than the client's timeout.
    let late = Duration::from_millis(310 + random.below(40));
    let status = [500, 502, 503, 504][random.pick(4)];
    let fault = match random.below(9) {
        0 | 1 => Fault::drop_before(),
        2 | 3 => Fault::drop_after(),
        4 => Fault::cut_response(),
        5 => Fault::fail_before(status),
        6 | 7 => Fault::fail_after(status),
        _ if random.below(2) == 0 => Fault::delay_response(late),
        _ => Fault::delay_effect(late),
    };
    fault.skip(random.pick(3)).times(1 + random.pick(2))
}

/// Calls `ensure` through faults and crashes until it succeeds, as its user would.
async fn until_ensured<T>(
    random: &mut Random,
    mut ensure: impl AsyncFnMut() -> Result<T, Error>,
) -> T {
    for _ in 0..20 {
        let polls = if random.below(4) == 0 {
            1 + random.pick(30)
        } else {
            10_000
        };
        match dropped_after(polls, ensure()).await {
            Some(Ok(ensured)) => return ensured,
            Some(Err(error)) => {
                let status = error.status().map(|status| status.as_u16());
                let passes = status.is_none_or(|status| status >= 500 || status == 200);
                assert!(passes && !error.is_conflict(), "{error}");
            }
            None => {}
        }
    }
    panic!("no success in 20 calls");
}

/// A client with the API key for even seeds, and with the service account for odd ones.
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

/// Checks that after the last late effect exactly the returned ids exist, each once.
async fn check(existing: impl Fn() -> Vec<Value>, mut ensured_ids: Vec<String>) {
    tokio::time::sleep(Duration::from_millis(700)).await;
    let mut existing: Vec<_> = existing()
        .iter()
        .map(|of| of["id"].as_str().unwrap().to_owned())
        .collect();
    existing.sort();
    ensured_ids.sort();
    assert_eq!(existing, ensured_ids);
    ensured_ids.dedup();
    assert_eq!(ensured_ids.len(), EACH);
}

async fn peerings(seed: u64) {
    let sandbox = Sandbox::builder().limits(EACH, EACH).start().await.unwrap();
    let (atlas, project) = (client(&sandbox, seed), project(&sandbox));
    let mut random = Random::new(seed);
    let mut ensured_ids = Vec::new();
    for number in 0..EACH {
        let operations = [
            "createPeeringConnection",
            "createPeeringConnection",
            "listPeeringConnections",
            "getPeeringContainer",
        ];
        inject(&sandbox, &mut random, &operations);
        let request = request(&sandbox, number);
        ensured_ids.push(
            until_ensured(&mut random, async || {
                let ensured = atlas.ensure_peering(&project, request.clone()).await?;
                Ok(ensured.id().to_string())
            })
            .await,
        );
    }
    check(|| sandbox.peerings(), ensured_ids).await;
}

fn request(sandbox: &Sandbox, number: usize) -> NewPeering {
    match number % 3 {
        0 => {
            let container = container(sandbox, "AWS", "US_EAST_1");
            let mut request = aws().container_id(container);
            request.vpc_id = format!("vpc-{number:017x}");
            request.route_table_cidr_block = format!("10.0.{number}.0/24");
            request.into()
        }
        1 => changed(azure(sandbox), |of| of.vnet_name = format!("vnet-{number}")).into(),
        _ => changed(gcp(sandbox), |of| {
            of.network_name = format!("network-{number}");
        })
        .into(),
    }
}

async fn containers(seed: u64) {
    let sandbox = Sandbox::start().await.unwrap();
    let (atlas, project) = (client(&sandbox, seed), project(&sandbox));
    let mut random = Random::new(seed);
    let mut ensured_ids = Vec::new();
    for number in 0..EACH {
        let operations = [
            "createPeeringContainer",
            "createPeeringContainer",
            "listPeeringContainerByCloudProvider",
        ];
        inject(&sandbox, &mut random, &operations);
        let region = format!("REGION_{number}");
        let block = format!("10.{}.{}.0/21", number / 32, number % 32 * 8);
        let request: NewContainer = if number.is_multiple_of(2) {
            NewAwsContainer::new(region).atlas_cidr_block(block).into()
        } else {
            NewAzureContainer::new(region, block).into()
        };
        ensured_ids.push(
            until_ensured(&mut random, async || {
                let ensured = atlas.ensure_container(&project, request.clone()).await?;
                Ok(ensured.id().to_string())
            })
            .await,
        );
    }
    check(|| sandbox.containers(), ensured_ids).await;
}

/// Runs each project in a thread of its own, so that the order of its events is the same in each run.
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
fn a_thousand_peerings_are_created_once_each() {
    in_every_project(peerings);
}

#[test]
fn a_thousand_containers_are_created_once_each() {
    in_every_project(containers);
}
