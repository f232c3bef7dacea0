//! Validation of containers.

use super::*;

#[test]
fn an_invalid_container_is_refused_with_its_attribute() {
    for (body, expected) in [
        (json!({}), "400 MISSING_ATTRIBUTE regionName"),
        (
            json!({"regionName": "us-east-1"}),
            "400 INVALID_REGION regionName",
        ),
        (
            json!({"providerName": "GCP"}),
            "400 MISSING_ATTRIBUTE atlasCidrBlock",
        ),
        (
            json!({"providerName": "GCP", "regions": "EASTERN_US"}),
            "400 INVALID_REGION regions",
        ),
        (
            json!({"providerName": "GCP", "regions": [1]}),
            "400 INVALID_REGION regions",
        ),
    ] {
        assert_eq!(posted("containers", &body.to_string()), expected);
    }
    for (cloud, block, code) in [
        ("AWS", "10.0.0.0", "ATLAS_INVALID_CIDR_BLOCK"),
        ("AWS", "fd00::/21", "ATLAS_INVALID_CIDR_BLOCK"),
        ("AWS", "10.8.1.0/21", "ATLAS_NON_CANONICAL_CIDR_BLOCK"),
        ("AWS", "11.8.0.0/21", "ATLAS_INVALID_CIDR_RANGE"),
        ("AWS", "172.0.0.0/21", "ATLAS_INVALID_CIDR_RANGE"),
        ("AWS", "10.8.0.0/20", "ATLAS_INVALID_CIDR_RANGE"),
        ("AZURE", "10.8.0.0/25", "ATLAS_INVALID_CIDR_RANGE"),
        ("GCP", "10.8.0.0/21", "ATLAS_INVALID_CIDR_RANGE"),
    ] {
        let mut body = json!({"providerName": cloud, "atlasCidrBlock": block});
        if let Some(region) = Cloud::from_name(cloud).unwrap().region() {
            body[region] = "US_EAST_1".into();
        }
        let error = posted("containers", &body.to_string());
        assert_eq!(error, format!("400 {code} atlasCidrBlock"), "{body}");
    }
}

#[test]
fn a_region_has_one_container_and_blocks_do_not_overlap() {
    let mut project = project();
    let path = format!("groups/{PROJECT}/containers");
    let mut make = |body: Value| call(&mut project, "POST", &path, &body.to_string());
    make(json!({"regionName": "US_EAST_1", "atlasCidrBlock": "10.8.0.0/21"})).unwrap();
    let same = make(json!({"regionName": "US_EAST_1", "atlasCidrBlock": "10.16.0.0/21"}));
    assert_eq!(fault(same), "409 CONTAINER_ALREADY_EXISTS");
    let overlapping = make(json!({"regionName": "US_EAST_2", "atlasCidrBlock": "10.8.4.0/24"}));
    assert_eq!(fault(overlapping), "409 OVERLAPPING_ATLAS_CIDR_BLOCK");
    make(json!({"regionName": "US_EAST_2"})).unwrap();
    let gcp = json!({"providerName": "GCP", "atlasCidrBlock": "10.128.0.0/18"});
    make(gcp.clone()).unwrap();
    assert_eq!(fault(make(gcp)), "409 CONTAINER_ALREADY_EXISTS");
}

#[test]
fn the_size_of_a_block_on_google_cloud_depends_on_its_regions() {
    let mut project = project();
    let path = format!("groups/{PROJECT}/containers");
    let mut send = |method: &str, path: &str, block: &str, regions: Value| {
        let body = json!({"providerName": "GCP", "atlasCidrBlock": block, "regions": regions});
        call(&mut project, method, path, &body.to_string())
    };
    let some = json!(["EASTERN_US"]);
    for (block, regions) in [
        ("10.128.0.0/18", &some),
        ("10.128.0.0/25", &some),
        ("10.128.0.0/21", &json!(null)),
        ("10.128.0.0/21", &json!([])),
    ] {
        let error = fault(send("POST", &path, block, regions.clone()));
        assert_eq!(
            error, "400 ATLAS_INVALID_CIDR_RANGE atlasCidrBlock",
            "{block}"
        );
    }
    let made = send("POST", &path, "10.128.0.0/21", some).unwrap().body;
    let path = format!("{path}/{}", made["id"].as_str().unwrap());
    assert!(send("PATCH", &path, "10.136.0.0/22", Value::Null).is_ok());
    let error = fault(send("PATCH", &path, "10.128.0.0/18", Value::Null));
    assert_eq!(error, "400 ATLAS_INVALID_CIDR_RANGE atlasCidrBlock");
}
