//! Clients in processes of their own against one sandbox.

use std::collections::BTreeSet;

use atlas_peering_sandbox::Sandbox;

const PROCESSES: usize = 4;

/// Runs the processes at once; returns what each printed.
async fn run(sandbox: &Sandbox) -> Vec<String> {
    let (public, private) = sandbox.api_key();
    let arguments = [
        sandbox.base_url().to_owned(),
        public,
        private,
        sandbox.project(),
    ];
    let runs = (0..PROCESSES).map(|_| {
        let arguments = arguments.clone();
        let program = env!("CARGO_BIN_EXE_ensure");
        tokio::task::spawn_blocking(move || atlas_peering_processes::run(program, &arguments))
    });
    let mut printed = Vec::new();
    for run in runs.collect::<Vec<_>>() {
        printed.push(run.await.unwrap());
    }
    printed
}

#[tokio::test]
async fn four_processes_of_16_tasks_make_one_peering() {
    for round in 0..10 {
        let sandbox = Sandbox::start().await.unwrap();
        let printed = run(&sandbox).await;
        let lines: Vec<_> = printed.iter().flat_map(|text| text.lines()).collect();
        assert_eq!(lines.len(), 64);
        let reported: Vec<_> = lines
            .iter()
            .map(|line| line.split_once(' ').unwrap())
            .collect();
        let ids: BTreeSet<_> = reported.iter().map(|(_, id)| *id).collect();
        let created = reported.iter().filter(|(how, _)| *how == "created").count();
        assert_eq!((ids.len(), created), (1, 1), "round {round}");
        let peerings = sandbox.peerings();
        assert_eq!(peerings.len(), 1);
        assert!(ids.contains(peerings[0]["id"].as_str().unwrap()));
    }
}
