//! One container: Atlas's own network in a region, or on the whole of Google Cloud.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::auth::hash::random_hex;
use crate::cloud::Cloud;

#[derive(Clone, Debug)]
pub(crate) struct Container {
    pub(crate) id: String,
    pub(crate) cloud: Cloud,
    /// The attributes that its user sets: the block, and the region or regions.
    attributes: Map<String, Value>,
    pub(crate) created: Duration,
    /// Whether a cluster is in it.
    pub(crate) has_cluster: bool,
    /// When a cluster or a peering first used it. Provisioning starts then.
    used: Option<Duration>,
    /// The ids of its network on the cloud, which it shows once it is provisioned.
    provisions: Value,
}

impl Container {
    pub(crate) fn new(cloud: Cloud, attributes: Map<String, Value>, created: Duration) -> Self {
        let (account, name) = (random_hex::<12>(), random_hex::<9>());
        let provisions = match cloud {
            Cloud::Aws => json!({"vpcId": format!("vpc-{}", &name[..17])}),
            Cloud::Azure => {
                json!({"azureSubscriptionId": account, "vnetName": format!("vnet_{name}")})
            }
            Cloud::Gcp => json!({
                "gcpProjectId": format!("p-{account}"),
                "networkName": format!("nt-{account}-{}", &name[..8]),
            }),
        };
        Self {
            id: random_hex::<12>(),
            cloud,
            attributes,
            created,
            has_cluster: false,
            used: None,
            provisions,
        }
    }

    pub(crate) fn block(&self) -> &str {
        self.attribute("atlasCidrBlock")
    }

    /// The region; empty on Google Cloud, which has one container for all regions.
    pub(crate) fn region(&self) -> &str {
        self.cloud.region().map_or("", |name| self.attribute(name))
    }

    /// The regions that its user limited it to, on Google Cloud.
    pub(crate) fn regions(&self) -> Option<&Value> {
        self.attributes.get("regions")
    }

    fn attribute(&self, name: &str) -> &str {
        self.attributes
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Sets the attributes of a request.
    pub(crate) fn change(&mut self, attributes: Map<String, Value>) {
        self.attributes.extend(attributes);
    }

    pub(crate) fn begin_use(&mut self, now: Duration) {
        self.used.get_or_insert(now);
    }

    /// The container as the service shows it; `provisioning` is how long its provisioning takes.
    pub(crate) fn show(&self, now: Duration, provisioning: Duration) -> Value {
        let provisioned = self.used.is_some_and(|used| now >= used + provisioning);
        let mut shown = self.attributes.clone();
        shown.insert("id".to_owned(), json!(self.id));
        shown.insert("providerName".to_owned(), json!(self.cloud.name()));
        shown.insert("provisioned".to_owned(), json!(provisioned));
        for (name, value) in self.provisions.as_object().into_iter().flatten() {
            let value = if provisioned {
                value.clone()
            } else {
                Value::Null
            };
            shown.insert(name.clone(), value);
        }
        Value::Object(shown)
    }
}
