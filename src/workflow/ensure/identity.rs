//! Whether a peering or container is the requested one, and in which fields it differs.

use serde::Serialize;
use serde_json::Value;

use crate::Error;
use crate::model::validation::{cidr, region_of_aws};

/// The fields that identify a peering or a container on its cloud.
const IDENTITY: &str = "awsAccountId vpcId azureSubscriptionId vnetName gcpProjectId networkName \
                        regionName region";

/// A request and an existing resource as JSON, so that a new field of a request is compared as well.
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

    /// Whether it is the requested one. The oldest form of a peering lacks its cloud.
    pub(super) fn is_same(&self) -> bool {
        let is_same = |name| is_same(name, &self.wanted[name], &self.found[name]);
        !self.differs("providerName") && IDENTITY.split(' ').all(is_same)
    }

    /// Whether both have this field, with different values. A field that the service leaves out does not
    /// differ: the oldest form of a peering lacks its container.
    pub(super) fn differs(&self, name: &str) -> bool {
        let (wanted, found) = (&self.wanted[name], &self.found[name]);
        !found.is_null() && !is_same(name, wanted, found)
    }

    /// Fails at the first field that differs; the container comes first.
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

/// Whether a field of the request is missing, or equal to that of the resource.
fn is_same(name: &str, wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Null, _) => true,
        (Value::String(wanted), Value::String(found)) => match name {
            "routeTableCidrBlock" | "atlasCidrBlock" => cidr::is_same(wanted, found),
            // AWS writes `us-east-1`, Atlas writes `US_EAST_1`.
            "accepterRegionName" | "regionName" | "region" => {
                region_of_aws(wanted) == region_of_aws(found)
            }
            // Azure's names and AWS's hexadecimal digits are case-insensitive.
            "vpcId"
            | "azureDirectoryId"
            | "azureSubscriptionId"
            | "resourceGroupName"
            | "vnetName" => wanted.eq_ignore_ascii_case(found),
            _ => wanted == found,
        },
        // In any order; an empty list means all.
        (Value::Array(wanted), Value::Array(found)) => {
            let lack = |one: &[Value], other: &[Value]| other.iter().any(|of| !one.contains(of));
            wanted.is_empty() || found.is_empty() || !lack(wanted, found) && !lack(found, wanted)
        }
        _ => wanted == found,
    }
}
