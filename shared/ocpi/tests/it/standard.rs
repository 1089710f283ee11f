//! The examples of the standard, and tariffs of the field.

use std::fs;

use plugtill_ocpi::lint::{lint, render_text};

use crate::shared;

#[test]
fn the_examples_of_the_standard_are_publishable() {
    let Some(folder) = shared::ocpi("spec-2.2.1") else { return };
    let mut seen = 0;
    for path in shared::json_files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("tariff_") {
            continue;
        }
        let lint = lint(&fs::read_to_string(&path).unwrap());
        assert!(lint.is_publishable(), "{}", render_text(&name, &lint));
        seen += 1;
    }
    assert!(seen > 15, "only {seen} examples found");
}

/// A dimension that some tariffs of the field have and OCPI 2 does not: refused, because it would go unpriced.
const FOREIGN: &str = "SESSION_TIME";

#[test]
fn tariffs_of_the_field_are_publishable_unless_they_price_what_ocpi_does_not_know() {
    let Some(folder) = shared::ocpi("popular") else { return };
    for path in shared::json_files(&folder).into_iter().filter(|path| path.ends_with("tariff.json")) {
        let text = shared::without_comments(&fs::read_to_string(&path).unwrap());
        let lint = lint(&text);
        let name = path.display().to_string();
        assert_eq!(lint.is_publishable(), !text.contains(FOREIGN), "{}", render_text(&name, &lint));
    }
}
