//! What the user has to do next for a peering, with the values to do it with.

use std::fmt;

use crate::PeeringState;
use crate::types::{AwsPeering, AwsPeeringError, AzurePeering, Container, GcpPeering, Peering};

/// The application that Atlas peers with on Azure, the same for everybody (MongoDB's page on Azure
/// network peering prerequisites).
const ATLAS_ON_AZURE: &str = "e90a1407-55c3-432d-9cb1-3638900a9d22";

/// What the user has to do before the service goes on. Its `Display` is an instruction that a log
/// or a terminal can show as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Accept the connection on AWS, within 7 days of its request.
    #[non_exhaustive]
    Accept {
        /// The connection, `pcx-…`.
        connection_id: String,
        /// The account that has to accept it: 12 digits.
        aws_account_id: Option<String>,
        /// The region to accept it in, as AWS writes it.
        region: Option<String>,
    },
    /// Peer the user's network back to Atlas's on Google Cloud.
    #[non_exhaustive]
    PeerBack {
        /// The user's project on Google Cloud.
        gcp_project_id: Option<String>,
        /// The user's network.
        network_name: Option<String>,
        /// Atlas's project, `p-…`; none until the container is provisioned.
        atlas_gcp_project_id: Option<String>,
        /// Atlas's network, `nt-…`; none until the container is provisioned.
        atlas_network_name: Option<String>,
    },
    /// Mend what made the peering fail.
    #[non_exhaustive]
    Mend {
        /// Why it failed, in the service's words; see [`Peering::cause`].
        cause: Option<String>,
        /// What helps.
        remedy: String,
    },
}

impl Peering {
    /// What the user has to do now, as far as the peering itself tells it; none where there is
    /// nothing to do. [`PeeringSnapshot::next_step`] also knows the container, which tells the values
    /// of Google Cloud.
    ///
    /// [`PeeringSnapshot::next_step`]: crate::PeeringSnapshot::next_step
    #[must_use]
    pub fn next_step(&self) -> Option<NextStep> {
        next_step(self, None)
    }
}

/// As [`Peering::next_step`], with what the container tells.
pub(crate) fn next_step(peering: &Peering, container: Option<&Container>) -> Option<NextStep> {
    let state = peering.state();
    match peering {
        Peering::Aws(aws) if state == PeeringState::PendingAcceptance => accept(aws, container),
        Peering::Gcp(gcp) if state == PeeringState::WaitingForUser => {
            Some(peer_back(gcp, container))
        }
        _ if state.is_failed() => Some(NextStep::Mend {
            cause: peering.cause(),
            remedy: remedy(peering, &state),
        }),
        _ => None,
    }
}

/// None until AWS has the request: there is nothing to accept yet.
fn accept(peering: &AwsPeering, container: Option<&Container>) -> Option<NextStep> {
    // Null where the network is in the container's own region.
    let region = peering.accepter_region_name.clone().or_else(|| {
        let region = container?.region()?;
        Some(region.to_lowercase().replace('_', "-"))
    });
    Some(NextStep::Accept {
        connection_id: peering.connection_id.clone()?,
        aws_account_id: peering.aws_account_id.clone(),
        region,
    })
}

fn peer_back(peering: &GcpPeering, container: Option<&Container>) -> NextStep {
    let atlas = match container {
        Some(Container::Gcp(container)) => Some(container),
        _ => None,
    };
    NextStep::PeerBack {
        gcp_project_id: peering.gcp_project_id.clone(),
        network_name: peering.network_name.clone(),
        atlas_gcp_project_id: atlas.and_then(|atlas| atlas.gcp_project_id.clone()),
        atlas_network_name: atlas.and_then(|atlas| atlas.network_name.clone()),
    }
}

fn remedy(peering: &Peering, state: &PeeringState) -> String {
    match peering {
        _ if *state == PeeringState::DeletionFailed => {
            "look at the network and at Atlas's rights on it, and remove the peering again".into()
        }
        Peering::Aws(aws) => remedy_on_aws(aws.error_state_name.as_ref()).into(),
        Peering::Azure(azure) => remedy_on_azure(azure),
        Peering::Gcp(_) | Peering::Unknown(_) => {
            "check the network and its project, remove the peering, and create it again".into()
        }
    }
}

fn remedy_on_aws(error: Option<&AwsPeeringError>) -> &'static str {
    match error {
        Some(AwsPeeringError::Rejected) => {
            "ask the owner of the VPC to accept it, and start it anew (PeeringUpdate::reinitialize)"
        }
        Some(AwsPeeringError::Expired) => {
            "start it anew (PeeringUpdate::reinitialize), and accept it within 7 days"
        }
        Some(AwsPeeringError::InvalidArgument) => {
            "check the account, the VPC, its region and its address block, and change the peering"
        }
        _ => "start it anew (PeeringUpdate::reinitialize)",
    }
}

/// Which prerequisite is missing, as far as the service's free words tell.
fn remedy_on_azure(peering: &AzurePeering) -> String {
    let cause = peering.error_state.as_deref().unwrap_or_default();
    let cause = cause.to_lowercase();
    let tells = |words: &[&str]| words.iter().any(|word| cause.contains(word));
    let name = |part: &Option<String>, name: &str| part.clone().unwrap_or(format!("<{name}>"));
    let subscription = name(&peering.azure_subscription_id, "subscription");
    let group = name(&peering.resource_group_name, "resource group");
    let vnet = name(&peering.vnet_name, "vnet");
    let principal = format!(
        "create the service principal of Atlas in directory {} (az ad sp create --id {ATLAS_ON_AZURE})",
        name(&peering.azure_directory_id, "directory"),
    );
    let scope = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{vnet}"
    );
    let role = format!("give it a role that manages virtualNetworkPeerings on {scope}");
    let missing = if tells(&["principal", "tenant", "directory", "application"]) {
        principal
    } else if tells(&["role", "authoriz", "permission", "forbidden", "access"]) {
        role
    } else if tells(&["not found", "notfound", "does not exist", "no such"]) {
        format!("check that there is {scope}")
    } else {
        format!("{principal}, and {role}")
    };
    format!("{missing}; then remove the peering, and create it again")
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept {
                connection_id,
                aws_account_id,
                region,
            } => {
                let place = region.as_deref().unwrap_or("the region of the VPC");
                write!(f, "accept {connection_id} in {place}")?;
                if let Some(account) = aws_account_id {
                    write!(f, ", account {account}")?;
                }
                let region = region.as_deref().unwrap_or("<region>");
                write!(
                    f,
                    ", within 7 days of the request: aws ec2 accept-vpc-peering-connection \
                     --region {region} --vpc-peering-connection-id {connection_id}"
                )
            }
            Self::PeerBack {
                gcp_project_id,
                network_name,
                atlas_gcp_project_id,
                atlas_network_name,
            } => {
                let [project, network] =
                    [gcp_project_id, network_name].map(|part| part.as_deref().unwrap_or("<yours>"));
                let (Some(peer_project), Some(peer_network)) =
                    (atlas_gcp_project_id, atlas_network_name)
                else {
                    return write!(
                        f,
                        "peer {network} of {project} back to Atlas's network, whose gcpProjectId and \
                         networkName the container tells once it is provisioned"
                    );
                };
                write!(
                    f,
                    "peer {network} of {project} back to {peer_network} of {peer_project}: gcloud \
                     compute networks peerings create atlas --project {project} --network {network} \
                     --peer-project {peer_project} --peer-network {peer_network}"
                )
            }
            Self::Mend { remedy, .. } => f.write_str(remedy),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn azure(cause: &str) -> String {
        let peering: Peering = serde_json::from_value(json!({
            "id": "1112222b3bf99403840e8934", "providerName": "AZURE", "status": "FAILED",
            "errorState": cause, "azureDirectoryId": "d1", "azureSubscriptionId": "s1",
            "resourceGroupName": "g1", "vnetName": "v1",
        }))
        .unwrap();
        peering.next_step().unwrap().to_string()
    }

    #[test]
    fn azure_tells_which_prerequisite_is_missing() {
        let principal = "az ad sp create --id e90a1407";
        let role =
            "/subscriptions/s1/resourceGroups/g1/providers/Microsoft.Network/virtualNetworks/v1";
        for (cause, has_principal, has_role) in [
            ("The service principal was not found", true, false),
            ("AuthorizationFailed", false, true),
            ("The VNet does not exist", false, true),
            ("something else", true, true),
            ("", true, true),
        ] {
            let step = azure(cause);
            assert_eq!(step.contains(principal), has_principal, "{cause}: {step}");
            assert_eq!(step.contains(role), has_role, "{cause}: {step}");
        }
    }

    #[test]
    fn aws_tells_what_helps_by_its_cause() {
        for (cause, words) in [
            ("REJECTED", "accept it"),
            ("EXPIRED", "within 7 days"),
            ("INVALID_ARGUMENT", "check the account"),
            ("NEW_TODAY", "start it anew"),
        ] {
            let peering: Peering = serde_json::from_value(json!({
                "id": "1112222b3bf99403840e8934", "vpcId": "vpc-1", "statusName": "FAILED",
                "errorStateName": cause,
            }))
            .unwrap();
            let step = peering.next_step().unwrap();
            assert!(step.to_string().contains(words), "{step}");
        }
    }
}
