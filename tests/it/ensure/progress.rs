//! Progress of `ensure_peering` while it waits for a peering that is being deleted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::sent;
use crate::support::{aws, start, until};

#[tokio::test]
async fn on_change_reports_the_deletion_that_ensure_waits_for() {
    let (sandbox, atlas, project) = start().await;
    let first = atlas.ensure_peering(&project, aws()).await.unwrap();
    atlas
        .ensure_peering_deleted(&project, first.id())
        .await
        .unwrap();
    let reported = Arc::new(Mutex::new(Vec::new()));
    let ensure = atlas.ensure_peering(&project, aws()).on_change({
        let reported = Arc::clone(&reported);
        move |peering| {
            let reported = &mut *reported.lock().unwrap();
            reported.push(format!("{} {}", peering.id(), peering.state()));
        }
    });
    assert!(format!("{ensure:?}").starts_with("EnsurePeering"));
    let ensuring = tokio::spawn(ensure.into_future());
    until(|| !reported.lock().unwrap().is_empty()).await;
    assert_eq!(
        sent(&sandbox, "POST"),
        1,
        "the peering is created only after the deletion"
    );
    sandbox.advance(Duration::from_secs(5));
    let second = ensuring.await.unwrap().unwrap();
    assert!(second.is_created());
    assert_eq!(
        *reported.lock().unwrap(),
        [format!("{} TERMINATING", first.id())]
    );
}

#[tokio::test]
async fn on_change_reports_nothing_if_nothing_is_being_deleted() {
    let (_sandbox, atlas, project) = start().await;
    for created in [true, false] {
        let ensure = atlas.ensure_peering(&project, aws());
        let ensured = ensure.on_change(|_| panic!("nothing is being deleted"));
        assert_eq!(ensured.await.unwrap().is_created(), created);
    }
}
