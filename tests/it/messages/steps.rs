//! Failed peerings: their cause and their next step, on each cloud.

use atlas_peering::types::NewPeering;

use super::Table;
use crate::support::{aws, azure, gcp, made, start};

pub(super) async fn rows(table: &mut Table) {
    table.section("Failed peerings");
    let (sandbox, atlas, project) = start().await;
    let peerings: [(NewPeering, &[(&str, &str)]); 3] = [
        (
            aws().into(),
            &[
                ("a request that AWS's user rejected", "REJECTED"),
                ("a request that expired", "EXPIRED"),
                ("a request that AWS finds invalid", "INVALID_ARGUMENT"),
                ("another failure on AWS", "SOME_OTHER_CAUSE"),
            ],
        ),
        (
            azure(&sandbox).into(),
            &[
                ("a failure on Azure that passes", "RETRYABLE"),
                ("an overlap on Azure", "The address spaces overlap."),
                (
                    "no service principal on Azure",
                    "The service principal was not found.",
                ),
                ("no role on Azure", "AuthorizationFailed"),
                ("no network on Azure", "The network does not exist."),
                ("another failure on Azure", "It failed."),
            ],
        ),
        (
            gcp(&sandbox).into(),
            &[("a failure on Google Cloud", "The network was deleted.")],
        ),
    ];
    for (request, failures) in peerings {
        let id = made(&atlas, &project, request).await.id().clone();
        for (situation, cause) in failures {
            sandbox.fail(id.as_str(), cause).unwrap();
            table.row(situation, atlas.wait_for_peering(&project, &id).await);
        }
    }
}
