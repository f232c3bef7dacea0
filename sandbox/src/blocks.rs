//! Address blocks of containers.

use ipnet::{IpNet, Ipv4Net};

use crate::cloud::Cloud;

/// The blocks of the first containers that clusters make.
const OF_CLUSTERS: [&str; 3] = ["192.168.248.0/21", "192.168.240.0/21", "192.168.232.0/21"];

const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/// Why the block of a container is invalid: the error code, and the rule that it breaks.
pub(crate) fn fault(
    cloud: Cloud,
    text: &str,
    all_regions: bool,
) -> Option<(&'static str, &'static str)> {
    let Ok(block) = text.parse::<Ipv4Net>() else {
        return Some((
            "ATLAS_INVALID_CIDR_BLOCK",
            "is an IPv4 block in CIDR notation",
        ));
    };
    if block.addr() != block.network() {
        return Some(("ATLAS_NON_CANONICAL_CIDR_BLOCK", "has no host bits"));
    }
    let private = PRIVATE
        .iter()
        .filter_map(|text| text.parse::<Ipv4Net>().ok())
        .any(|network| network.contains(&block));
    let sized = match cloud {
        Cloud::Gcp if all_regions => block.prefix_len() <= 18,
        _ => (21..=24).contains(&block.prefix_len()),
    };
    (!private || !sized).then_some(("ATLAS_INVALID_CIDR_RANGE", "is private, and of a fit size"))
}

/// Whether two blocks share an address.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    match (one.parse::<IpNet>(), other.parse::<IpNet>()) {
        (Ok(one), Ok(other)) => one.contains(&other) || other.contains(&one),
        _ => false,
    }
}

/// A block that overlaps none in `taken`.
pub(crate) fn free(taken: &[&str]) -> String {
    let own = OF_CLUSTERS.iter().map(|text| (*text).to_owned());
    let more = (0..=255).map(|number| format!("10.{number}.248.0/21"));
    let mut all = own.chain(more);
    let is_free = |block: &String| !taken.iter().any(|other| overlap(block, other));
    all.find(is_free).unwrap_or_default()
}
