//! The names of all types of the fragment.

use crate::schema::Way;

/// The direction of a type, by its name.
pub(crate) fn way_of(name: &str) -> Way {
    if name.starts_with("New") || name.ends_with("Update") {
        Way::Request
    } else {
        Way::Response
    }
}

/// The types with properties.
macro_rules! structs {
    ($with:ident) => {
        $with! {
            ApiError BadRequestDetail FieldViolation Link
            NewAwsPeering NewAzurePeering NewGcpPeering
            AwsPeeringUpdate AzurePeeringUpdate GcpPeeringUpdate
            AwsPeering AzurePeering GcpPeering PeeringPage
            NewAwsContainer NewAzureContainer NewGcpContainer
            AwsContainerUpdate AzureContainerUpdate GcpContainerUpdate
            AwsContainer AzureContainer GcpContainer ContainerPage
            PrivateIpMode PrivateIpModeUpdate
        }
    };
}

macro_rules! unions {
    ($with:ident) => {
        $with! { NewPeering PeeringUpdate Peering NewContainer ContainerUpdate Container }
    };
}

macro_rules! enums {
    ($with:ident) => {
        $with! {
            Provider AwsRegion AzureRegion GcpRegion
            AwsPeeringState AwsPeeringError AzurePeeringState ErrorCode GcpPeeringState PeeringState
        }
    };
}

macro_rules! ids {
    ($with:ident) => {
        $with! { ProjectId PeeringId ContainerId }
    };
}

pub(crate) use {enums, ids, structs, unions};
