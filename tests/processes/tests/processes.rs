//! Clients in processes of their own against one sandbox.

use std::collections::BTreeSet;

use atlas_peering_sandbox::Sandbox;

/// Runs so many processes of a program at once; what each printed.
async fn run(sandbox: &Sandbox, program: &'static str, processes: usize) -> Vec<String> {
    let (public, private) = sandbox.api_key();
    let arguments = [
        sandbox.base_url().to_owned(),
        public,
        private,
        sandbox.project(),
    ];
    let runs = (0..processes).map(|_| {
        let arguments = arguments.clone();
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
        let printed = run(&sandbox, env!("CARGO_BIN_EXE_ensure"), 4).await;
        let lines: Vec<_> = printed.iter().flat_map(|text| text.lines()).collect();
        assert_eq!(lines.len(), 64);
        let told: Vec<_> = lines
            .iter()
            .map(|line| line.split_once(' ').unwrap())
            .collect();
        let ids: BTreeSet<_> = told.iter().map(|(_, id)| *id).collect();
        let created = told.iter().filter(|(how, _)| *how == "created").count();
        assert_eq!((ids.len(), created), (1, 1), "round {round}");
        let peerings = sandbox.peerings();
        assert_eq!(peerings.len(), 1);
        assert!(ids.contains(peerings[0]["id"].as_str().unwrap()));
    }
}

#[tokio::test]
async fn ten_thousand_peerings_are_walked_through_in_4_mib_and_a_request_a_page() {
    let sandbox = Sandbox::start().await.unwrap();
    for (provider, count) in [("AWS", 4000), ("AZURE", 3500), ("GCP", 2500)] {
        sandbox.fill(provider, count).unwrap();
    }
    let printed = run(&sandbox, env!("CARGO_BIN_EXE_list"), 1).await;
    for walk in printed[0].lines() {
        let (count, grown) = walk.split_once(' ').unwrap();
        assert_eq!(count, "10000");
        let grown: usize = grown.parse().unwrap();
        println!("the heap grew by {grown} bytes");
        assert!(grown < 4 * 1024 * 1024, "the heap grew by {grown} bytes");
    }
    for (size, expected) in [(100, 40 + 35 + 25), (500, 8 + 7 + 5)] {
        let size = ("itemsPerPage".to_owned(), size.to_string());
        let requests = sandbox.requests().into_iter();
        let pages = requests.filter(|of| of.status == 200 && of.parameters().contains(&size));
        assert_eq!(pages.count(), expected);
    }
}
