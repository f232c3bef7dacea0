//! Blocks of addresses: parsed, and held against the rules that the service has for them.

use std::ops::RangeInclusive;

use ipnet::{IpNet, Ipv4Net};

use super::refuse_unless;
use crate::Error;

/// The private networks (RFC 1918, section 3), which a container lies in.
const PRIVATE: [Ipv4Net; 3] = [
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// The sizes of a container's block where its regions are named: /21 to /24.
pub(super) const NAMED_REGIONS: RangeInclusive<u8> = 21..=24;
/// The sizes of a container's block for all regions of Google Cloud: /18 or larger.
pub(super) const ALL_REGIONS: RangeInclusive<u8> = 0..=18;
/// What fits a container whose regions are not known.
pub(super) const ANY: RangeInclusive<u8> = 0..=32;

const ATLAS_CIDR_BLOCK: &str = "atlasCidrBlock";
const ROUTE_TABLE_CIDR_BLOCK: &str = "routeTableCidrBlock";

/// The block of a user's network: any network.
pub(super) fn route_table_cidr_block(value: &str) -> Result<(), Error> {
    network(ROUTE_TABLE_CIDR_BLOCK, value).map(|_| ())
}

/// The block of Atlas's network: private, and of a size that the cloud allows.
pub(super) fn atlas_cidr_block(value: &str, sizes: RangeInclusive<u8>) -> Result<(), Error> {
    let block = network(ATLAS_CIDR_BLOCK, value)?;
    let private = |network: &Ipv4Net| IpNet::V4(*network).contains(&block);
    let remedy = "it lies in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
    refuse_unless(PRIVATE.iter().any(private), ATLAS_CIDR_BLOCK, value, remedy)?;
    let valid = sizes.contains(&block.prefix_len());
    let remedy = match sizes.into_inner() {
        (0, smallest) => format!("it is /{smallest} or larger; a smaller one needs regions"),
        (largest, smallest) => {
            format!("it is from /{largest} to /{smallest} in regions that are named")
        }
    };
    refuse_unless(valid, ATLAS_CIDR_BLOCK, value, remedy)
}

/// A block without host bits.
fn network(field: &'static str, value: &str) -> Result<IpNet, Error> {
    let remedy = "it is an address block in CIDR notation, such as 192.168.0.0/24";
    let block = value.parse::<IpNet>();
    let block = block.map_err(|_| Error::input(field, value, remedy))?;
    let remedy = format!("it has host bits set; the network is {}", block.trunc());
    refuse_unless(block == block.trunc(), field, value, remedy)?;
    Ok(block)
}

/// The blocks of a user's network and of Atlas's may not overlap: neither side could route.
pub(crate) fn apart(route_table: &str, atlas: &str) -> Result<(), Error> {
    // What the service shows may be no block.
    if let (Ok(one), Ok(other)) = (route_table.parse::<IpNet>(), atlas.parse::<IpNet>())
        && (one.contains(&other) || other.contains(&one))
    {
        let remedy = format!("it overlaps {atlas}, the container's own block");
        return Err(Error::input(ROUTE_TABLE_CIDR_BLOCK, route_table, remedy));
    }
    Ok(())
}

/// Whether two texts mean the same block.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    match (one.parse::<IpNet>(), other.parse::<IpNet>()) {
        (Ok(one), Ok(other)) => one.trunc() == other.trunc(),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_share_an_address_overlap() {
        for (one, other, overlap) in [
            ("10.0.0.0/16", "10.0.8.0/21", true),
            ("10.0.8.0/24", "10.0.8.0/21", true),
            ("10.0.8.0/21", "10.0.8.0/21", true),
            ("10.0.0.0/21", "10.0.8.0/21", false),
            ("fd00::/8", "10.0.8.0/21", false),
            ("10.0.8.0/21", "unheard of", false),
        ] {
            assert_eq!(apart(one, other).is_err(), overlap, "{one} {other}");
        }
    }

    #[test]
    fn the_same_block_may_be_written_in_two_ways() {
        assert!(is_same("10.0.8.1/21", "10.0.8.0/21"));
        assert!(!is_same("10.0.8.0/22", "10.0.8.0/21"));
        assert!(is_same("x", "x"));
    }
}
