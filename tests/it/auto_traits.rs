//! The auto traits of public types and futures: losing one breaks programs that compiled.

use std::panic::{RefUnwindSafe, UnwindSafe};

use atlas_peering::types::{
    self, AwsRegion, Container, ContainerUpdate, NewContainer, NewGcpContainer, NewPeering,
    Peering, PeeringUpdate,
};
use atlas_peering::{
    AccessToken, ApiVersion, Client, ClientBuilder, ContainerId, Containers, Credentials, Ensured,
    Error, ErrorCode, NextStep, PeeringId, PeeringState, Peerings, ProjectId, RateLimit, Response,
    RetryPolicy, States,
};

use crate::support::{CONTAINER, aws, client_at, some_key, some_project};

fn is_data<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + 'static>() {}

fn is_shared<T: Send + Sync + Unpin + 'static>() {}

fn is_sent<T: Send + Unpin + 'static>() {}

/// For a future, or a value that turns into one.
fn can_be_awaited_anywhere(_: &impl IntoFuture<IntoFuture: Send>) {}

fn can_be_spawned(_: &impl IntoFuture<IntoFuture: Send + 'static>) {}

#[test]
fn data_is_shared_by_threads_and_outlives_a_panic() {
    is_data::<(ProjectId, PeeringId, ContainerId, PeeringState, NextStep)>();
    is_data::<(ApiVersion, ErrorCode, RateLimit, RetryPolicy)>();
    is_data::<(Peering, NewPeering, PeeringUpdate, types::PeeringPage)>();
    is_data::<(
        Container,
        NewContainer,
        ContainerUpdate,
        types::ContainerPage,
    )>();
    is_data::<(types::ApiError, types::Provider, AwsRegion)>();
    is_data::<(Response<Peering>, Ensured<Peering>)>();
}

#[test]
fn clients_and_errors_are_shared_by_threads() {
    fn is_error<T: std::error::Error + Clone>() {}
    is_shared::<(Client, Credentials, AccessToken)>();
    is_shared::<Error>();
    is_error::<Error>();
    assert!(size_of::<Error>() <= 16);
}

#[test]
fn builders_and_streams_change_threads() {
    is_sent::<ClientBuilder>();
    is_sent::<(Peerings, Containers, States)>();
}

#[test]
fn the_future_of_a_call_is_sent_and_that_of_a_workflow_is_spawned() {
    let atlas = client_at("http://127.0.0.1:9", some_key());
    let (project, request) = (some_project(), aws());
    let id = "1112222b3bf99403840e8934".parse().unwrap();
    let container = CONTAINER.parse().unwrap();
    can_be_awaited_anywhere(&atlas.create_peering_connection(&project, &request));
    can_be_awaited_anywhere(&atlas.get_peering_container(&project, &container));
    can_be_spawned(&atlas.ensure_peering(&project, aws()));
    let container_request = NewGcpContainer::new("10.128.0.0/18");
    can_be_awaited_anywhere(&atlas.ensure_container(&project, container_request));
    can_be_awaited_anywhere(&atlas.revoke_token());
    can_be_awaited_anywhere(&atlas.request_token());
    can_be_spawned(&atlas.wait_for_peering(&project, &id));
    can_be_spawned(&atlas.wait_for_peering_deleted(&project, &id));
    can_be_spawned(&atlas.ensure_peering_deleted(&project, &id));
    can_be_spawned(&atlas.ensure_container_deleted(&project, &container));
    can_be_spawned(&atlas.peerings(&project).into_vec());
}
