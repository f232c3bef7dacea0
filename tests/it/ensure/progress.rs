//! What is told while a peering that is being deleted is waited for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::sent;
use crate::support::{aws, start, until};

#[tokio::test]
async fn the_deletion_that_is_waited_for_is_told() {
    let (sandbox, atlas, project) = start().await;
    let first = atlas.ensure_peering(&project, aws()).await.unwrap();
    atlas
        .ensure_peering_deleted(&project, first.id())
        .await
        .unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let ensure = atlas.ensure_peering(&project, aws()).on_change({
        let told = Arc::clone(&told);
        move |peering| {
            let told = &mut *told.lock().unwrap();
            told.push(format!("{} {}", peering.id(), peering.state()));
        }
    });
    assert!(format!("{ensure:?}").starts_with("EnsurePeering"));
    let ensuring = tokio::spawn(ensure.into_future());
    until(|| !told.lock().unwrap().is_empty()).await;
    assert_eq!(sent(&sandbox, "POST"), 1, "it is not there twice");
    sandbox.advance(Duration::from_secs(5));
    let second = ensuring.await.unwrap().unwrap();
    assert!(second.is_created());
    assert_eq!(
        *told.lock().unwrap(),
        [format!("{} TERMINATING", first.id())]
    );
}

#[tokio::test]
async fn nothing_is_told_where_nothing_is_waited_for() {
    let (_sandbox, atlas, project) = start().await;
    for created in [true, false] {
        let ensure = atlas.ensure_peering(&project, aws());
        let ensured = ensure.on_change(|_| panic!("nothing is being deleted"));
        assert_eq!(ensured.await.unwrap().is_created(), created);
    }
}
