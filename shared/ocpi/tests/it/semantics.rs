//! What is told, in which words and order, and what is not told.

use plugtill_ocpi::lint::{FindingKind as Kind, Lint, lint, render_text};
use serde_json::{Value, json};

use crate::cases::{component, element, restricted, tariff};

fn kinds(lint: &Lint) -> Vec<Kind> {
    lint.findings.iter().map(|finding| finding.kind).collect()
}

fn elements(list: &[Value]) -> Lint {
    lint(&tariff(&json!({ "elements": list })))
}

fn message(lint: &Lint, kind: Kind) -> &str {
    let finding = lint.findings.iter().find(|finding| finding.kind == kind);
    &finding.unwrap_or_else(|| panic!("no {kind}:\n{}", render_text("tariff", lint))).message
}

#[test]
fn there_is_nothing_to_say_about_a_plain_tariff() {
    assert_eq!(lint(&tariff(&json!({}))), Lint::default());
}

#[test]
fn a_tariff_of_2_1_1_needs_no_owner() {
    let text = r#"{"id":"1","currency":"EUR","last_updated":"2026-01-01T00:00:00Z",
        "elements":[{"price_components":[{"type":"TIME","price":2.5,"step_size":1}]}]}"#;
    assert_eq!(lint(text), Lint::default());
}

#[test]
fn a_tariff_of_2_3_0_has_other_limits() {
    let limit = |before, after| json!({ "before_taxes": before, "after_taxes": after });
    let changes = json!({ "tax_included": "N/A", "min_price": limit(1, 2), "max_price": limit(10, 12) });
    assert_eq!(lint(&tariff(&changes)), Lint::default());
}

#[test]
fn optional_fields_may_be_null() {
    let nothing = json!({ "type": null, "min_price": null, "tariff_alt_text": null, "end_date_time": null });
    assert_eq!(lint(&tariff(&nothing)), Lint::default());
}

#[test]
fn findings_come_in_the_order_of_the_document_and_render_one_a_line() {
    let text = r#"{"country_code":"nl","party_id":"TDR","id":"1","currency":"EUR","last_updated":"2026-01-01T00:00:00Z",
        "elements":[{"price_components":[{"step_size":9,"type":"ENERGY","price":-1}]}],"colour":1}"#;
    let found = lint(text);
    assert_eq!(kinds(&found), [Kind::WrongCase, Kind::LargeStepSize, Kind::NegativePrice, Kind::UnknownField]);
    let rendered = render_text("a.json", &found);
    let starts =
        ["a.json: warning $.country_code: ", "a.json: warning $.e", "a.json: error $.e", "a.json: warning $.c"];
    assert_eq!(rendered.lines().count(), 4);
    assert!(rendered.lines().zip(starts).all(|(line, start)| line.starts_with(start)), "{rendered}");
    assert_eq!(found, lint(text));
}

#[test]
fn broken_json_names_line_and_column() {
    let found = lint("{\n  \"id\": }");
    assert!(message(&found, Kind::InvalidJson).starts_with("line 2, column 9: "), "{found:?}");
    let found = lint("{\n  \"id\": \"\\ud800\"}");
    assert!(message(&found, Kind::InvalidJson).starts_with("line 2, column 9: "), "{found:?}");
}

#[test]
fn what_is_misspelled_is_not_also_missing() {
    let found = lint(&tariff(&json!({ "currency": null, "Currency": "EUR" })));
    assert_eq!(kinds(&found), [Kind::MisspelledField]);
    assert!(message(&found, Kind::MisspelledField).contains("write `currency`"));
}

#[test]
fn a_price_in_quotes_says_what_was_expected_and_found() {
    let found = elements(&[element(&json!({ "price": "0.25" }))]);
    assert_eq!(message(&found, Kind::WrongType), "`price` must be a number without quotes, and is the text \"0.25\"");
}

#[test]
fn the_end_of_the_day_is_midnight() {
    let found = elements(&[restricted(&json!({ "start_time": "18:00", "end_time": "24:00" }))]);
    assert!(message(&found, Kind::InvalidTime).contains("write 00:00"));
}

#[test]
fn a_week_without_gaps_is_fine() {
    let found = elements(&[
        restricted(&json!({ "start_time": "22:00", "end_time": "06:00" })),
        restricted(&json!({ "start_time": "06:00", "end_time": "22:00", "day_of_week": ["SATURDAY", "SUNDAY"] })),
        restricted(&json!({
            "start_time": "06:00", "end_time": "22:00",
            "day_of_week": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"],
        })),
    ]);
    assert_eq!(found, Lint::default());
}

#[test]
fn the_first_gap_of_the_week_is_named() {
    let found = elements(&[
        restricted(&json!({ "day_of_week": ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"] })),
        restricted(&json!({ "end_time": "22:00", "day_of_week": ["SUNDAY"] })),
    ]);
    assert!(message(&found, Kind::GapInWeek).starts_with("ENERGY has no price on SUNDAY 22:00-24:00; "), "{found:?}");
    let found = elements(&[restricted(&json!({ "start_time": "07:30" }))]);
    assert!(
        message(&found, Kind::GapInWeek).contains("on MONDAY 00:00-07:30 (the first of 7 such times a week)"),
        "{found:?}"
    );
}

#[test]
fn a_gap_is_not_guessed_where_more_than_the_week_decides() {
    let found = elements(&[restricted(&json!({ "start_time": "07:30", "max_kwh": 20 }))]);
    assert_eq!(found, Lint::default());
    let found = elements(&[restricted(&json!({ "start_time": "07:30", "dayOfWeek": ["MONDAY"] }))]);
    assert_eq!(kinds(&found), [Kind::MisspelledField]);
}

#[test]
fn a_fallback_after_narrower_elements_is_reachable() {
    let found = elements(&[restricted(&json!({ "max_kwh": 10 })), element(&json!({}))]);
    assert_eq!(found, Lint::default());
}

#[test]
fn a_fallback_for_the_last_minute_of_the_day_is_reachable() {
    let found = elements(&[restricted(&json!({ "end_time": "23:59" })), element(&json!({}))]);
    assert_eq!(kinds(&found), [Kind::NearEndOfDay]);
    let found = elements(&[restricted(&json!({ "end_time": "23:59" }))]);
    assert_eq!(kinds(&found), [Kind::NearEndOfDay], "the gap is not told twice");
}

#[test]
fn an_unknown_field_without_a_value_says_nothing() {
    assert_eq!(elements(&[element(&json!({ "discount": null }))]), Lint::default());
}

#[test]
fn a_component_that_is_found_later_still_counts() {
    let (energy, time) = (component(&json!({})), component(&json!({ "type": "TIME" })));
    let found = elements(&[json!({ "price_components": [energy] }), json!({ "price_components": [time] })]);
    assert_eq!(found, Lint::default());
}

#[test]
fn a_wider_element_first_leaves_nothing_for_a_narrower_one() {
    let wide = json!({ "start_time": "08:00", "max_kwh": 20, "start_date": "2026-01-01" });
    let narrow = json!({ "start_time": "09:00", "end_time": "12:00", "max_kwh": 10, "start_date": "2026-02-01" });
    let found = elements(&[restricted(&wide), restricted(&narrow)]);
    assert_eq!(kinds(&found), [Kind::UnreachableElement]);
    assert_eq!(kinds(&elements(&[restricted(&narrow), restricted(&wide)])), []);
}

#[test]
fn a_reservation_is_apart_from_charging() {
    let time = |restrictions: Value| {
        let time = component(&json!({ "type": "TIME" }));
        json!({ "price_components": [time], "restrictions": restrictions })
    };
    let (kept, expired) = (json!({ "reservation": "RESERVATION" }), json!({ "reservation": "RESERVATION_EXPIRES" }));
    assert_eq!(elements(&[time(Value::Null), time(kept), time(expired)]), Lint::default());
}

#[test]
fn a_price_is_judged_by_the_magnitude_of_its_currency() {
    let in_currency = |currency: &str, price: u32| {
        let elements = [element(&json!({ "price": price }))];
        kinds(&lint(&tariff(&json!({ "currency": currency, "elements": elements }))))
    };
    assert_eq!(in_currency("EUR", 25), [Kind::ImplausiblePrice]);
    assert_eq!(in_currency("JPY", 60), []);
    assert_eq!(in_currency("HUF", 250), []);
    assert_eq!(in_currency("HUF", 25_000), [Kind::ImplausiblePrice]);
    assert_eq!(in_currency("XAF", 25_000), []);
}

#[test]
fn kinds_are_named_alike_in_json_and_in_text() {
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), json!(kind.to_string()));
    }
    let found = lint("7");
    assert_eq!(serde_json::from_value::<Lint>(serde_json::to_value(&found).unwrap()).unwrap(), found);
}
