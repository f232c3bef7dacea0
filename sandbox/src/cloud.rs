//! The clouds that Atlas peers with.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cloud {
    Aws,
    Azure,
    Gcp,
}

impl Cloud {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "AWS" => Some(Self::Aws),
            "AZURE" => Some(Self::Azure),
            "GCP" => Some(Self::Gcp),
            _ => None,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Azure => "AZURE",
            Self::Gcp => "GCP",
        }
    }

    /// The attribute for the region of a container; Google Cloud has one container for all regions.
    pub(crate) fn region(self) -> Option<&'static str> {
        match self {
            Self::Aws => Some("regionName"),
            Self::Azure => Some("region"),
            Self::Gcp => None,
        }
    }

    /// The attributes that identify a network, and the error code for a second peering with it.
    pub(crate) fn identity(self) -> ([&'static str; 2], &'static str) {
        match self {
            Self::Aws => (["awsAccountId", "vpcId"], "PEER_ALREADY_EXISTS"),
            Self::Azure => (
                ["azureSubscriptionId", "vnetName"],
                "PEER_ALREADY_EXISTS_AZURE",
            ),
            Self::Gcp => (["gcpProjectId", "networkName"], "PEER_ALREADY_EXISTS_GCP"),
        }
    }
}
