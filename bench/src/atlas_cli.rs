//! The peer `mongodb-atlas-cli`. It has no operation on peerings: its user writes them, as here.

use atlas_peering::types::PeeringPage;
use bytes::Bytes;
use http::Method;
use mongodb_atlas_cli::atlas::client::AtlasClient;
use mongodb_atlas_cli::atlas::{Operation, OperationError, Version};
use mongodb_atlas_cli::config::{AtlasCLIConfig, AuthType};
use mongodb_atlas_cli::secrets::{ApiKeys, ProfileName, Secret, SecretStore, SecretStoreError};

use crate::Failure;

/// The list of a project's peerings.
pub(crate) struct ListPeerings {
    pub(crate) project: &'static str,
}

impl Operation for ListPeerings {
    type Response = PeeringPage;

    fn method(&self) -> Method {
        Method::GET
    }

    fn url(&self) -> String {
        format!("/api/atlas/v1.0/groups/{}/peers", self.project)
    }

    fn version(&self) -> Version {
        Version::date(2023, 1, 1)
    }

    fn parse_response(bytes: Bytes) -> Result<Self::Response, OperationError> {
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// One key for every profile: its public part, and its private one.
struct Key(&'static str, &'static str);

impl SecretStore for Key {
    fn get(&self, _: &ProfileName, _: AuthType) -> Result<Option<Secret>, SecretStoreError> {
        let Self(public, private) = *self;
        Ok(Some(ApiKeys::new(public.into(), private.into()).into()))
    }

    fn set(&mut self, _: &ProfileName, _: Secret) -> Result<(), SecretStoreError> {
        Ok(())
    }

    fn delete(&mut self, _: &ProfileName) -> Result<(), SecretStoreError> {
        Ok(())
    }
}

pub(crate) fn client(
    base_url: &str,
    (public, private): (&'static str, &'static str),
) -> Result<AtlasClient, Failure> {
    let config = AtlasCLIConfig {
        auth_type: Some(AuthType::ApiKeys),
        ops_manager_url: Some(base_url.into()),
        ..AtlasCLIConfig::default()
    };
    Ok(AtlasClient::new(
        config,
        "default",
        Box::new(Key(public, private)),
    )?)
}
