//! Tariffs that are shared between projects and not part of this one.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The folder of the OCPI data, or none, with a word about it, where it is not present.
pub(crate) fn ocpi(folder: &str) -> Option<PathBuf> {
    let data = env::var_os("PLUGTILL_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = data.join("ocpi").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} not present", path.display());
    None
}

/// Every JSON file below `folder`, in the order of the names.
pub(crate) fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text without `//` comments, which JSON does not have.
pub(crate) fn without_comments(text: &str) -> String {
    text.lines().map(|line| line[..comment(line)].to_owned() + "\n").collect()
}

/// Where the comment of a line starts: at the first `//` outside a string.
fn comment(line: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in line.char_indices() {
        if !quoted && line[at..].starts_with("//") {
            return at;
        }
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
    }
    line.len()
}

#[test]
fn a_comment_ends_the_line_unless_it_is_in_a_string() {
    assert_eq!(without_comments("1 // one\n\"a//b\\\"//c\" // d"), "1 \n\"a//b\\\"//c\" \n");
}
