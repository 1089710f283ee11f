//! The findings that another linter expects, translated into ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plugtill_ocpi::lint::FindingKind as Kind;
use plugtill_ocpi::lint::{Lint, lint, render_text};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::shared;

#[derive(Deserialize)]
struct Fixture {
    /// As written, with its duplicates.
    tariff: Box<RawValue>,
    expect: Expect,
}

/// Codes by path: of values, and of the shape of the document.
#[derive(Deserialize)]
struct Expect {
    warnings: BTreeMap<String, Vec<String>>,
    schema: BTreeMap<String, Vec<String>>,
}

/// Which of our kinds say the same as a code.
const SAME: &[(&str, &[Kind])] = &[
    ("cardinality", &[Kind::EmptyList]),
    ("contains_entire_day", &[Kind::NoEffect]),
    ("contains_entire_week", &[Kind::NoEffect]),
    ("contains_escape_codes", &[Kind::InvalidCode]),
    ("cpo_country_code_should_be_alpha2", &[Kind::WrongLength]),
    ("duplicate_field", &[Kind::DuplicateField]),
    ("duplicates", &[Kind::DuplicateDay]),
    ("element_excludes_every_session", &[Kind::NeverApplies]),
    ("empty", &[Kind::EmptyList]),
    ("end_time_is_near_end_of_day", &[Kind::NearEndOfDay]),
    ("excessive_precision", &[Kind::ExcessivePrecision]),
    ("implied_vat_is_negative", &[Kind::NegativeTax]),
    ("incorrect_case", &[Kind::WrongCase, Kind::MisspelledValue]),
    ("invalid", &[Kind::InvalidDuration, Kind::InvalidDate]),
    ("invalid_code", &[Kind::InvalidCode]),
    ("invalid_length_exact", &[Kind::WrongLength]),
    ("invalid_type", &[Kind::WrongType]),
    ("invalid_value", &[Kind::UnknownValue, Kind::MisspelledValue]),
    ("lower_bound_at_or_above_upper", &[Kind::NeverApplies]),
    ("max_zero_will_never_match", &[Kind::NeverApplies]),
    ("min_duration_zero_allows_every_session", &[Kind::NoEffect]),
    ("min_price_is_greater_than_max", &[Kind::MinAboveMax]),
    ("min_zero_excludes_only_negative", &[Kind::NoEffect]),
    ("missing_field", &[Kind::MissingField]),
    ("never_valid", &[Kind::NeverApplies]),
    ("rejected", &[Kind::MissingField]),
    ("restrictions_empty", &[Kind::EmptyRestrictions]),
    ("start_date_time_is_after_end_date_time", &[Kind::EmptyPeriod]),
    // It counts the escape in the source; we call the line break in the code what is wrong with it.
    ("string_too_long", &[Kind::WrongLength, Kind::InvalidCode]),
    ("unexpected_field", &[Kind::UnknownField, Kind::MisspelledField]),
];

/// Codes that we have no finding for, and why.
const NOT_OURS: &[(&str, &str)] = &[("unsorted", "the order of the days changes no price and confuses nobody")];

/// Fixtures without expected findings that are errors of ours, and why.
const ERRORS_OF_OURS: &[(&str, &str)] = &[];

/// The code without its argument, and the path it is about.
fn code_and_path(written: &str, path: &str) -> (String, String) {
    match written.trim_end_matches(')').split_once('(') {
        Some(("missing_field", name)) => ("missing_field".to_owned(), format!("{path}.{name}")),
        Some((code, _)) => (code.to_owned(), path.to_owned()),
        None => (written.to_owned(), path.to_owned()),
    }
}

fn is_told(lint: &Lint, code: &str, path: &str) -> bool {
    let (_, kinds) = SAME.iter().find(|(theirs, _)| *theirs == code).unwrap_or_else(|| panic!("no table for {code}"));
    lint.findings.iter().any(|finding| kinds.contains(&finding.kind) && finding.path.starts_with(path))
}

fn check(path: &Path) {
    let name = path.display().to_string();
    let text = shared::without_comments(&fs::read_to_string(path).unwrap());
    let fixture: Fixture = serde_json::from_str(&text).unwrap();
    let lint = lint(fixture.tariff.get());
    let expected: Vec<_> = fixture.expect.warnings.iter().chain(&fixture.expect.schema).collect();
    for (path, written) in expected.iter().flat_map(|(path, codes)| codes.iter().map(move |code| (path, code))) {
        let (code, path) = code_and_path(written, path);
        let ours = NOT_OURS.iter().all(|(theirs, _)| *theirs != code);
        assert!(!ours || is_told(&lint, &code, &path), "{code} at {path} not told:\n{}", render_text(&name, &lint));
    }
    let excused = ERRORS_OF_OURS.iter().any(|(fixture, _)| name.ends_with(fixture));
    assert!(!expected.is_empty() || excused || lint.is_publishable(), "{}", render_text(&name, &lint));
}

#[test]
fn what_another_linter_tells_is_told() {
    for folder in ["v221/lint", "v211/lint"] {
        let Some(folder) = shared::ocpi(folder) else { continue };
        let fixtures = shared::json_files(&folder);
        assert!(fixtures.len() > 5, "only {} fixtures found", fixtures.len());
        for path in fixtures {
            check(&path);
        }
    }
}

#[test]
fn every_translation_is_a_code_once() {
    for (index, (code, kinds)) in SAME.iter().enumerate() {
        assert!(!kinds.is_empty() && SAME[..index].iter().all(|(earlier, _)| earlier != code), "{code}");
    }
}
