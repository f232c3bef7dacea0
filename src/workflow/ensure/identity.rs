//! Which peering or container is the one that is requested, and how it may differ all the same.

use serde::Serialize;
use serde_json::Value;

use crate::Error;
use crate::model::validation::{cidr, region_of_aws};

/// What tells which one it is, on its cloud.
const IDENTITY: &str = "awsAccountId vpcId azureSubscriptionId vnetName gcpProjectId networkName \
                        regionName region";

/// A request and what exists, field by field, as the service writes them: so that a new field of
/// a request is compared as well.
pub(super) struct Comparison {
    pub(super) wanted: Value,
    pub(super) found: Value,
}

impl Comparison {
    pub(super) fn new(wanted: &impl Serialize, found: &impl Serialize) -> Self {
        let wanted = serde_json::to_value(wanted).unwrap_or_default();
        let found = serde_json::to_value(found).unwrap_or_default();
        Self { wanted, found }
    }

    /// Whether it is the one that is requested; the oldest form of a peering lacks its cloud.
    pub(super) fn is_same(&self) -> bool {
        let is_same = |name| is_same(name, &self.wanted[name], &self.found[name]);
        !self.differs("providerName") && IDENTITY.split(' ').all(is_same)
    }

    /// Whether both tell this field, and differ: what the service does not tell cannot, for the
    /// oldest form of a peering lacks its container.
    pub(super) fn differs(&self, name: &str) -> bool {
        let (wanted, found) = (&self.wanted[name], &self.found[name]);
        !found.is_null() && !is_same(name, wanted, found)
    }

    /// Fails at the first field that differs: the container, before any other.
    pub(super) fn check(&self, what: &str) -> Result<(), Error> {
        let names = self.wanted.as_object().into_iter().flatten();
        let mut names = std::iter::once("containerId").chain(names.map(|(name, _)| &**name));
        let both = |name| [&self.wanted[name], &self.found[name]];
        match names.find(|name| self.differs(name)) {
            Some(name) => Err(Error::differs(what, name, both(name))),
            None => Ok(()),
        }
    }
}

/// Whether a field that a request names has this value.
fn is_same(name: &str, wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Null, _) => true,
        (Value::String(wanted), Value::String(found)) => match name {
            "routeTableCidrBlock" | "atlasCidrBlock" => cidr::is_same(wanted, found),
            // AWS writes us-east-1 where Atlas writes `US_EAST_1`.
            "accepterRegionName" | "regionName" | "region" => {
                region_of_aws(wanted) == region_of_aws(found)
            }
            // Azure takes its names in any case, and AWS its hexadecimal digits.
            "vpcId"
            | "azureDirectoryId"
            | "azureSubscriptionId"
            | "resourceGroupName"
            | "vnetName" => wanted.eq_ignore_ascii_case(found),
            _ => wanted == found,
        },
        // In any order; an empty list is no limit.
        (Value::Array(wanted), Value::Array(found)) => {
            let lack = |one: &[Value], other: &[Value]| other.iter().any(|of| !one.contains(of));
            wanted.is_empty() || found.is_empty() || !lack(wanted, found) && !lack(found, wanted)
        }
        _ => wanted == found,
    }
}
