//! Which peering or container is the one that is asked for, and how it may differ all the same.

use crate::error::{Difference, Kind};
use crate::model::validation::cidr;
use crate::types::{Container, NewContainer, NewPeering, Peering};
use crate::{ContainerId, Error};

/// Whether a peering is with the network of a request.
pub(super) fn is_same_peering(request: &NewPeering, peering: &Peering) -> bool {
    match (request, peering) {
        (NewPeering::Aws(request), Peering::Aws(found)) => {
            found.aws_account_id.as_ref() == Some(&request.aws_account_id)
                && found.vpc_id.as_ref() == Some(&request.vpc_id)
        }
        (NewPeering::Azure(request), Peering::Azure(found)) => {
            is_alike(
                &request.azure_subscription_id,
                found.azure_subscription_id.as_ref(),
            ) && is_alike(&request.vnet_name, found.vnet_name.as_ref())
        }
        (NewPeering::Gcp(request), Peering::Gcp(found)) => {
            found.gcp_project_id.as_ref() == Some(&request.gcp_project_id)
                && found.network_name.as_ref() == Some(&request.network_name)
        }
        _ => false,
    }
}

/// Azure takes its names in any case.
fn is_alike(wanted: &str, found: Option<&String>) -> bool {
    found.is_some_and(|found| found.eq_ignore_ascii_case(wanted))
}

/// A peering with the network is the one that is asked for in all that was asked. What the service
/// does not tell of it cannot differ: the oldest form lacks its container.
pub(super) fn check_peering(request: &NewPeering, peering: &Peering) -> Result<(), Error> {
    let check =
        |field, pair, is_same| check("peering", peering.id().as_str(), field, pair, is_same);
    let ids = [request.container_id(), peering.container_id()];
    let ids = ids.map(|id| id.map(ContainerId::as_str));
    check("containerId", ids, str::eq)?;
    match (request, peering) {
        (NewPeering::Aws(request), Peering::Aws(found)) => {
            let block = Some(&*request.route_table_cidr_block);
            let blocks = [block, found.route_table_cidr_block.as_deref()];
            check("routeTableCidrBlock", blocks, cidr::is_same)
        }
        // A virtual network has its name within its group alone.
        (NewPeering::Azure(request), Peering::Azure(found)) => {
            let group = Some(&*request.resource_group_name);
            let groups = [group, found.resource_group_name.as_deref()];
            check("resourceGroupName", groups, str::eq_ignore_ascii_case)
        }
        _ => Ok(()),
    }
}

/// Whether a container is that of a request's cloud and region.
pub(super) fn is_same_container(request: &NewContainer, container: &Container) -> bool {
    match (request, container) {
        (NewContainer::Aws(request), Container::Aws(found)) => {
            found.region_name.as_ref() == Some(&request.region_name)
        }
        (NewContainer::Azure(request), Container::Azure(found)) => {
            found.region.as_ref() == Some(&request.region)
        }
        (NewContainer::Gcp(_), Container::Gcp(_)) => true,
        _ => false,
    }
}

/// The container has the block that was asked for.
pub(super) fn check_container(request: &NewContainer, container: &Container) -> Result<(), Error> {
    let wanted = match request {
        NewContainer::Aws(request) => request.atlas_cidr_block.as_deref(),
        NewContainer::Azure(request) => Some(&*request.atlas_cidr_block),
        NewContainer::Gcp(request) => Some(&*request.atlas_cidr_block),
    };
    let blocks = [wanted, container.atlas_cidr_block()];
    let id = container.id().as_str();
    check("container", id, "atlasCidrBlock", blocks, cidr::is_same)
}

/// The first text is the same as the second, or one of both is not known.
fn check(
    what: &'static str,
    id: &str,
    field: &'static str,
    wanted_and_found: [Option<&str>; 2],
    is_same: fn(&str, &str) -> bool,
) -> Result<(), Error> {
    match wanted_and_found {
        [Some(wanted), Some(found)] if !is_same(wanted, found) => {
            let [id, wanted, found] = [id, wanted, found].map(str::to_owned);
            let difference = Difference {
                what,
                id,
                field,
                wanted,
                found,
            };
            Err(Kind::Differs(Box::new(difference)).into())
        }
        _ => Ok(()),
    }
}
