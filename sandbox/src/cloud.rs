//! The clouds that a peering may lead to.

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

    /// The attribute that names the region of a container; Google Cloud has one container in all.
    pub(crate) fn region(self) -> Option<&'static str> {
        match self {
            Self::Aws => Some("regionName"),
            Self::Azure => Some("region"),
            Self::Gcp => None,
        }
    }

    /// The attributes that two peerings may not share, and the code that says so.
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
