//! The next step of the user for a peering, with its values.

use std::fmt;

use serde_json::json;

use crate::PeeringState;
use crate::model::one_line;
use crate::model::validation::region_of_aws;
use crate::types::{AwsPeering, AwsPeeringError, AzurePeering, Container, GcpPeering, Peering};

/// The Azure application of Atlas, the same for all users (MongoDB's page on the prerequisites of Azure
/// network peering).
const ATLAS_ON_AZURE: &str = "e90a1407-55c3-432d-9cb1-3638900a9d22";

/// What the user has to do before the service continues. `Display` is an instruction on one line, safe for
/// a log or a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Accept the connection on AWS, within 7 days of its request.
    #[non_exhaustive]
    Accept {
        /// The id of the connection, `pcx-…`.
        connection_id: String,
        /// The id of the account that has to accept it: 12 digits.
        aws_account_id: Option<String>,
        /// The region to accept it in, as AWS writes it, such as `us-east-1`.
        region: Option<String>,
    },
    /// Create a peering from the user's network to Atlas's network on Google Cloud.
    #[non_exhaustive]
    CreateReciprocalPeering {
        /// The user's project on Google Cloud.
        gcp_project_id: Option<String>,
        /// The user's network.
        network_name: Option<String>,
        /// Atlas's project, `p-…`; `None` until the container is provisioned.
        atlas_gcp_project_id: Option<String>,
        /// Atlas's network, `nt-…`; `None` until the container is provisioned.
        atlas_network_name: Option<String>,
    },
    /// Fix the cause of the failure.
    #[non_exhaustive]
    Fix {
        /// Why the peering failed, as the service states it; see [`Peering::cause`].
        cause: Option<String>,
        /// What to do about it.
        remedy: String,
    },
}

impl Peering {
    /// What the user has to do now; `None` if there is nothing to do. It has the values of the peering
    /// alone. [`PeeringSnapshot::next_step`](crate::PeeringSnapshot::next_step) adds those of the
    /// container, which Google Cloud needs.
    #[must_use]
    pub fn next_step(&self) -> Option<NextStep> {
        next_step(self, None)
    }
}

/// As [`Peering::next_step`], with the values of the container.
pub(crate) fn next_step(peering: &Peering, container: Option<&Container>) -> Option<NextStep> {
    let state = peering.state();
    match peering {
        Peering::Aws(aws) if state == PeeringState::PendingAcceptance => accept(aws, container),
        Peering::Gcp(gcp) if state == PeeringState::WaitingForUser => {
            Some(create_reciprocal_peering(gcp, container))
        }
        _ if state.is_failed() => Some(NextStep::Fix {
            cause: peering.cause(),
            remedy: one_line(remedy(peering, &state)),
        }),
        _ => None,
    }
}

/// `None` until AWS has the request: before, there is nothing to accept.
fn accept(peering: &AwsPeering, container: Option<&Container>) -> Option<NextStep> {
    // Null means the region of the container.
    let region = peering.accepter_region_name.as_deref();
    let region = region.or_else(|| container?.region());
    Some(NextStep::Accept {
        connection_id: peering.connection_id.clone()?,
        aws_account_id: peering.aws_account_id.clone(),
        region: region.map(region_of_aws),
    })
}

fn create_reciprocal_peering(peering: &GcpPeering, container: Option<&Container>) -> NextStep {
    let atlas = match container {
        Some(Container::Gcp(container)) => Some(container),
        _ => None,
    };
    NextStep::CreateReciprocalPeering {
        gcp_project_id: peering.gcp_project_id.clone(),
        network_name: peering.network_name.clone(),
        atlas_gcp_project_id: atlas.and_then(|atlas| atlas.gcp_project_id.clone()),
        atlas_network_name: atlas.and_then(|atlas| atlas.network_name.clone()),
    }
}

fn remedy(peering: &Peering, state: &PeeringState) -> String {
    let error = match peering {
        Peering::Azure(azure) if *state == PeeringState::Failed => return remedy_on_azure(azure),
        Peering::Aws(aws) => aws.error_state_name.as_ref(),
        _ => None,
    };
    match error {
        _ if *state == PeeringState::DeletionFailed => {
            "check the network and the permissions of Atlas on it, and delete the peering again"
        }
        Some(AwsPeeringError::Rejected) => {
            "restart it (PeeringUpdate::reinitialize), and ask the owner of the VPC to accept the new request within 7 days"
        }
        Some(AwsPeeringError::Expired) => {
            "restart it (PeeringUpdate::reinitialize), and accept the new request within 7 days"
        }
        Some(AwsPeeringError::InvalidArgument) => {
            "check the account, the VPC, its region and its CIDR block, and update the peering"
        }
        _ if matches!(peering, Peering::Aws(_)) => "restart it (PeeringUpdate::reinitialize)",
        _ => "check the network and its project, delete the peering, and create it again",
    }
    .to_owned()
}

/// The remedy, by the service's free text.
fn remedy_on_azure(peering: &AzurePeering) -> String {
    let cause = peering.error_state.as_deref().unwrap_or_default();
    // Quoted parts and paths are names of the user's resources.
    let parts = cause.split_whitespace();
    let parts = parts.filter(|part| !part.contains(['/', '\'', '"']));
    let cause = parts.collect::<Vec<_>>().join(" ").to_lowercase();
    let cause = cause.trim_end_matches('.');
    let has = |parts: &[&str]| parts.iter().any(|part| cause.contains(part));
    let again = "delete the peering, and create it again";
    if has(&["retryable"]) {
        return again.into();
    }
    if has(&["overlap", "address space"]) {
        return format!(
            "a peering of this project or of another project has an overlapping block: change the \
             block of one network, or delete the other peering; then {again}"
        );
    }
    let name = |part: &Option<String>, name: &str| part.clone().unwrap_or(name.to_uppercase());
    let scope = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network/virtualNetworks/{}",
        name(&peering.azure_subscription_id, "subscription"),
        name(&peering.resource_group_name, "resource group"),
        name(&peering.vnet_name, "vnet"),
    );
    let network = quoted(&scope);
    let directory = quoted(&name(&peering.azure_directory_id, "directory"));
    let principal = format!("create the service principal of Atlas in directory {directory}");
    let role = format!("give the principal of Atlas a role that manages peerings on {network}");
    let create_principal = format!("az ad sp create --id {ATLAS_ON_AZURE}");
    let create_role = create_role(&scope);
    let lacks_principal = has(&["principal", "tenant", "directory", "application"]);
    let lacks_role = has(&["role", "authoriz", "permission", "forbidden", "access"]);
    let (steps, commands) = match (lacks_principal, lacks_role) {
        (true, false) => (principal, create_principal),
        (false, true) => (role, create_role),
        _ if !lacks_role && has(&["not found", "notfound", "does not exist", "no such"]) => {
            return format!("check that {network} exists; then {again}");
        }
        _ => {
            let commands = format!("{create_principal}; {create_role}");
            (format!("{principal}, and {role}"), commands)
        }
    };
    format!("{steps} with the command at the end, then {again}: {commands}")
}

/// The commands that create and assign the role that Atlas needs on a virtual network.
fn create_role(scope: &str) -> String {
    let on = |action: &str| format!("Microsoft.Network/virtualNetworks/{action}");
    let peering = |action: &str| on(&format!("virtualNetworkPeerings/{action}"));
    let name = format!("Atlas peering on {scope}");
    let role = json!({
        "Name": name,
        "IsCustom": true,
        "Description": "Lets Atlas peer with this virtual network, and no other",
        "Actions": [peering("read"), peering("write"), peering("delete"), on("peer/action")],
        "AssignableScopes": [scope],
    });
    let [role, name, scope] = [&role.to_string(), &name, scope].map(quoted);
    format!(
        "az role definition create --role-definition {role} && \
         az role assignment create --role {name} --assignee {ATLAS_ON_AZURE} --scope {scope}"
    )
}

/// A value as one argument of a shell, whatever characters the service sent.
fn quoted(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/:-".contains(&byte);
    if !value.is_empty() && value.bytes().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or = |part: &Option<String>, other: &str| part.as_deref().map_or(other.into(), quoted);
        let instruction = match self {
            Self::Accept {
                connection_id,
                aws_account_id,
                region,
            } => {
                let connection = quoted(connection_id);
                let place = or(region, "the region of the VPC");
                let account = aws_account_id.as_deref().map(quoted);
                let account = account.map_or(String::new(), |id| format!(", account {id}"));
                format!(
                    "accept {connection} in {place}{account}, within 7 days of the request: aws ec2 \
                     accept-vpc-peering-connection --region {} --vpc-peering-connection-id {connection}",
                    or(region, "REGION"),
                )
            }
            Self::CreateReciprocalPeering {
                gcp_project_id,
                network_name,
                atlas_gcp_project_id,
                atlas_network_name,
            } => {
                let [project, network] =
                    [gcp_project_id, network_name].map(|part| or(part, "YOURS"));
                let peer = [atlas_gcp_project_id, atlas_network_name];
                if let [Some(peer_project), Some(peer_network)] = peer {
                    let [peer_project, peer_network] =
                        [peer_project, peer_network].map(|of| quoted(of));
                    format!(
                        "create a peering from network {network} (project {project}) to network \
                         {peer_network} (project {peer_project}): gcloud compute networks peerings \
                         create atlas --project {project} --network {network} --peer-project \
                         {peer_project} --peer-network {peer_network}"
                    )
                } else {
                    format!(
                        "create a peering from network {network} (project {project}) to Atlas's \
                         network: poll the container until it has gcpProjectId and networkName"
                    )
                }
            }
            Self::Fix { remedy, .. } => remedy.clone(),
        };
        f.write_str(&one_line(instruction))
    }
}

#[cfg(test)]
mod tests;
