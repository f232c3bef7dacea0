use super::*;

#[test]
fn every_kind_of_change_has_its_verdict() {
    let old = old_fragment().unwrap();
    for kind in &KINDS {
        let changes = changes(&old, &kind.new_fragment().unwrap());
        let changes = changes.unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        assert!(!changes.is_empty(), "{}: nothing changed", kind.name);
        let level = changes.iter().map(|change| change.level).max().unwrap();
        assert_eq!(
            level,
            kind.level,
            "{}: {}",
            kind.name,
            text(&changes, level)
        );
    }
}

fn report(kind: &str) -> String {
    let kind = KINDS.iter().find(|of| of.name == kind).unwrap();
    let changes = changes(&old_fragment().unwrap(), &kind.new_fragment().unwrap()).unwrap();
    text(&changes, kind.level)
}

#[test]
fn a_report_names_the_part_the_words_and_the_rust_items() {
    let text = report("new-required-request-field");
    let expected = "breaking, a major release:\n  schema NewAwsPeering: properties color is new; \
                    required \"color\" is new\n    new: NewAwsPeering::color: String\n";
    assert!(text.starts_with(expected), "{text}");
    let text = report("renamed-operation");
    for words in [
        "operationId: \"listPeers\" was \"listPeeringConnections\"",
        "gone: Client::list_peering_connections",
        "new: Client::list_peers",
    ] {
        assert!(text.contains(words), "{text}");
    }
    let text = report("words");
    assert!(
        text.starts_with("invisible, a patch:\n  schema AwsPeering: "),
        "{text}"
    );
    assert!(
        text.ends_with("1 changes; the release is a patch one\n"),
        "{text}"
    );
}

#[test]
fn a_side_that_is_neither_a_file_nor_a_revision_is_told() {
    let error = read("no-such-thing").unwrap_err();
    assert_eq!(
        error,
        "no-such-thing: neither a file nor a revision with spec/peering.json"
    );
}
