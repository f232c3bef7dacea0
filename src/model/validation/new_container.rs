//! Requests of containers, checked.

use super::cidr::atlas_cidr_block;
use super::{Validate, optional, refuse_unless};
use crate::Error;
use crate::types::{
    AwsContainerUpdate, AzureContainerUpdate, GcpContainerUpdate, GcpRegion, NewAwsContainer,
    NewAzureContainer, NewGcpContainer,
};

/// The sizes of a block on AWS and Azure: /21 to /24.
const ONE_REGION: std::ops::RangeInclusive<u8> = 21..=24;
/// The sizes of a block for all regions of Google Cloud: /18 or larger.
const ALL_REGIONS: std::ops::RangeInclusive<u8> = 0..=18;
/// What regions allow is the service's to say.
const ANY: std::ops::RangeInclusive<u8> = 0..=32;

impl Validate for NewAwsContainer {
    fn validate(&self) -> Result<(), Error> {
        region("regionName", self.region_name.as_str())?;
        optional(self.atlas_cidr_block.as_ref(), |block| {
            atlas_cidr_block(block, ONE_REGION)
        })
    }
}

impl Validate for NewAzureContainer {
    fn validate(&self) -> Result<(), Error> {
        region("region", self.region.as_str())?;
        atlas_cidr_block(&self.atlas_cidr_block, ONE_REGION)
    }
}

impl Validate for NewGcpContainer {
    fn validate(&self) -> Result<(), Error> {
        regions(self.regions.as_deref())?;
        let limited = self.regions.as_ref().is_some_and(|some| !some.is_empty());
        let sizes = if limited { ANY } else { ALL_REGIONS };
        atlas_cidr_block(&self.atlas_cidr_block, sizes)
    }
}

impl Validate for AwsContainerUpdate {
    fn validate(&self) -> Result<(), Error> {
        if let Some(name) = &self.region_name {
            region("regionName", name.as_str())?;
        }
        optional(self.atlas_cidr_block.as_ref(), |block| {
            atlas_cidr_block(block, ONE_REGION)
        })
    }
}

impl Validate for AzureContainerUpdate {
    fn validate(&self) -> Result<(), Error> {
        if let Some(name) = &self.region {
            region("region", name.as_str())?;
        }
        optional(self.atlas_cidr_block.as_ref(), |block| {
            atlas_cidr_block(block, ONE_REGION)
        })
    }
}

impl Validate for GcpContainerUpdate {
    fn validate(&self) -> Result<(), Error> {
        regions(self.regions.as_deref())?;
        // The container may have regions already.
        optional(self.atlas_cidr_block.as_ref(), |block| {
            atlas_cidr_block(block, ANY)
        })
    }
}

fn regions(all: Option<&[GcpRegion]>) -> Result<(), Error> {
    let mut all = all.into_iter().flatten();
    all.try_for_each(|one| region("regions", one.as_str()))
}

/// A region that is not known yet may be right; one in a cloud's own spelling is none.
fn region(field: &'static str, value: &str) -> Result<(), Error> {
    let valid = !value.is_empty()
        && value
            .bytes()
            .all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
    let remedy = "it is written as Atlas does, such as US_EAST_1";
    refuse_unless(valid, field, value, remedy)
}
