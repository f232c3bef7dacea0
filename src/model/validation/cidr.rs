//! Address blocks, and the rules of the service for them.

use ipnet::{IpNet, Ipv4Net};

use super::refuse_unless;
use crate::Error;
use crate::types::NewGcpContainer;

/// The private networks (RFC 1918, section 3). A container lies in one of them.
const PRIVATE: [Ipv4Net; 3] = [
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 0, 0, 0), 8),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 16, 0, 0), 12),
    Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// The block of a user's network: without host bits.
pub(crate) fn cidr_block(field: &'static str, value: &str) -> Result<IpNet, Error> {
    let remedy = "use CIDR notation, such as 192.168.0.0/24";
    let block = value.parse::<IpNet>();
    let block = block.map_err(|_| Error::input(field, value, remedy))?;
    let remedy = format!("it has host bits set; use the network, {}", block.trunc());
    refuse_unless(block == block.trunc(), field, value, remedy)?;
    Ok(block)
}

/// The block of Atlas's network. Any size may be valid if the regions of the container are unknown.
pub(crate) fn private_cidr_block(field: &'static str, value: &str) -> Result<IpNet, Error> {
    let block = cidr_block(field, value)?;
    let private = |network: &Ipv4Net| IpNet::V4(*network).contains(&block);
    let remedy = "use a block in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
    refuse_unless(PRIVATE.iter().any(private), field, value, remedy)?;
    Ok(block)
}

/// The block of Atlas's network in named regions.
pub(crate) fn block_of_named_regions(field: &'static str, value: &str) -> Result<(), Error> {
    let size = private_cidr_block(field, value)?.prefix_len();
    let remedy = "use /21 to /24 in these regions";
    refuse_unless((21..=24).contains(&size), field, value, remedy)
}

/// The block of Atlas's network on Google Cloud, in named regions or in all.
pub(crate) fn block_fits_regions(request: &NewGcpContainer) -> Result<(), Error> {
    let (field, value) = ("atlasCidrBlock", &request.atlas_cidr_block);
    if request.regions.as_ref().is_some_and(|of| !of.is_empty()) {
        return block_of_named_regions(field, value);
    }
    let size = private_cidr_block(field, value)?.prefix_len();
    let remedy = "use /18 or larger, or name regions";
    refuse_unless(size <= 18, field, value, remedy)
}

/// Checks that the blocks of a user's network and of Atlas's do not overlap: neither side could route.
pub(crate) fn apart(route_table: &str, atlas: &str) -> Result<(), Error> {
    // The service may send text that is not a block.
    if let (Ok(one), Ok(other)) = (route_table.parse::<IpNet>(), atlas.parse::<IpNet>())
        && (one.contains(&other) || other.contains(&one))
    {
        let remedy =
            format!("it overlaps {atlas}, the block of the container: use another for one of them");
        return Err(Error::input("routeTableCidrBlock", route_table, remedy));
    }
    Ok(())
}

/// Whether two texts denote the same block.
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
