//! What the generated container lacks: the same questions for every cloud.

use crate::types::{AwsRegion, AzureRegion, Container};

impl Container {
    /// The region of the network, as Atlas writes it; none on Google Cloud, where it has many.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        match self {
            Self::Aws(container) => container.region_name.as_ref().map(AwsRegion::as_str),
            Self::Azure(container) => container.region.as_ref().map(AzureRegion::as_str),
            Self::Gcp(_) | Self::Unknown(_) => None,
        }
    }

    /// The block of addresses of the network, in CIDR notation.
    #[must_use]
    pub fn atlas_cidr_block(&self) -> Option<&str> {
        match self {
            Self::Aws(container) => container.atlas_cidr_block.as_deref(),
            Self::Azure(container) => container.atlas_cidr_block.as_deref(),
            Self::Gcp(container) => container.atlas_cidr_block.as_deref(),
            Self::Unknown(container) => container.extra.get("atlasCidrBlock")?.as_str(),
        }
    }

    /// Whether the network exists on the cloud: the service makes it for the first cluster or
    /// peering that uses it.
    #[must_use]
    pub fn is_provisioned(&self) -> bool {
        let provisioned = match self {
            Self::Aws(container) => container.provisioned,
            Self::Azure(container) => container.provisioned,
            Self::Gcp(container) => container.provisioned,
            Self::Unknown(container) => container.provisioned,
        };
        provisioned.unwrap_or_default()
    }
}
