//! Container and unit of `docs/one-machine.md`: they build what the workspace is, and end it as it wants to be ended.

use super::root;

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap()
}

/// What stands in the quotes after `name =` in the workspace's manifest, or in its brackets.
fn value(name: &str) -> String {
    let manifest = read("Cargo.toml");
    let line = manifest.lines().find_map(|line| line.strip_prefix(&format!("{name} = "))).unwrap();
    line.trim_matches(['"', '[', ']']).to_owned()
}

#[test]
fn the_container_is_built_by_the_compiler_that_the_workspace_asks_for() {
    let image = format!("FROM docker.io/library/rust:{}-", value("rust-version"));
    assert!(read("Containerfile").contains(&image), "no line begins with {image}");
}

#[test]
fn every_member_of_the_workspace_is_copied_into_the_container() {
    let copied = read(".dockerignore");
    for member in value("members").split(", ") {
        let folder = member.trim_matches('"').split('/').next().unwrap();
        assert!(copied.lines().any(|line| line == format!("!{folder}")), "{folder} is left out");
    }
}

/// Only that is noticed: at any other signal the process is gone, and the simulator's books with it.
#[test]
fn container_and_service_are_ended_as_by_ctrl_c() {
    assert!(read("Containerfile").contains("\nSTOPSIGNAL SIGINT\n"));
    assert!(read("infra/local/plugtill.service").contains("\nKillSignal=SIGINT\n"));
}
