//! What the generated container lacks: the same questions for every cloud.

use crate::ContainerId;
use crate::model::peering::UNSPECIFIED;
use crate::types::{AwsRegion, AzureRegion, Container, Provider};

impl Container {
    /// The id of the container.
    #[must_use]
    pub fn id(&self) -> &ContainerId {
        match self {
            Self::Aws(container) => &container.id,
            Self::Azure(container) => &container.id,
            Self::Gcp(container) => &container.id,
            Self::Unknown(container) => &container.id,
        }
    }

    /// The cloud, told from the fields where the service left its name out. Where they do not tell
    /// it either, it is [`Provider::Unknown`] with the value `UNSPECIFIED`.
    #[must_use]
    pub fn provider(&self) -> Provider {
        match self {
            Self::Aws(_) => Provider::Aws,
            Self::Azure(_) => Provider::Azure,
            Self::Gcp(_) => Provider::Gcp,
            Self::Unknown(container) => container
                .provider_name
                .clone()
                .unwrap_or(Provider::Unknown(UNSPECIFIED.to_owned())),
        }
    }

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
