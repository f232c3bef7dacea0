//! Ensures the same peering in 16 tasks at once, and prints the result of each.

use atlas_peering::types::NewAwsPeering;
use atlas_peering::{Client, Credentials, ProjectId};
use atlas_peering_processes::Failure;

const TASKS: usize = 16;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [base_url, public, private, project] = &arguments[..] else {
        return Err("usage: BASE_URL PUBLIC PRIVATE PROJECT".into());
    };
    let builder = Client::builder().base_url(base_url);
    let atlas = builder.credentials(Credentials::api_key(public, private));
    let (atlas, project): (_, ProjectId) = (atlas.build()?, project.parse()?);
    let tasks = (0..TASKS).map(|_| {
        let (atlas, project) = (atlas.clone(), project.clone());
        tokio::spawn(async move {
            let network =
                NewAwsPeering::new("vpc-0123456789abcdef0", "123456789012", "192.168.0.0/24");
            atlas.ensure_peering(&project, network).await
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        let ensured = task.await??;
        let how = if ensured.is_created() {
            "created"
        } else {
            "adopted"
        };
        println!("{how} {}", ensured.id());
    }
    Ok(())
}
