//! What stands beside the code: it leads where it says, and leaves nothing out that it must not.

mod api;
mod faults;
mod links;
mod packaging;
mod runbook;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What lies under a folder and ends so, sorted.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every page: those at the root, in `docs` and in `infra`.
fn pages() -> Vec<PathBuf> {
    let top = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = top.filter(|path| path.extension().is_some_and(|own| own == "md")).collect();
    pages.extend(["docs", "infra"].iter().flat_map(|folder| files(&root().join(folder), "md")));
    pages
}
