//! One case at least for every kind of finding.
#![allow(clippy::needless_pass_by_value, reason = "a case reads best with its JSON in it")]

use plugtill_ocpi::lint::FindingKind as Kind;
use plugtill_ocpi::lint::Severity::{self, Error, Warning};
use plugtill_ocpi::lint::{lint, render_text};
use serde_json::{Value, json};

/// A tariff about which there is nothing to say, with `changes` to its fields; null removes one.
pub(crate) fn tariff(changes: &Value) -> String {
    let mut tariff = json!({
        "country_code": "NL", "party_id": "TDR", "id": "day", "currency": "EUR", "last_updated": "2026-01-01T00:00:00Z",
        "elements": [element(&json!({}))],
    });
    merge(&mut tariff, changes);
    tariff.to_string()
}

/// An element that prices energy, under `restrictions` unless they are null.
pub(crate) fn restricted(restrictions: &Value) -> Value {
    json!({ "price_components": [component(&json!({}))], "restrictions": restrictions })
}

/// An element of one component with `changes`.
pub(crate) fn element(changes: &Value) -> Value {
    json!({ "price_components": [component(changes)] })
}

/// 0.25 per kWh, with `changes`.
pub(crate) fn component(changes: &Value) -> Value {
    let mut component = json!({ "type": "ENERGY", "price": 0.25, "vat": 21, "step_size": 1 });
    merge(&mut component, changes);
    component
}

fn merge(object: &mut Value, changes: &Value) {
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
}

type Case = (Kind, Severity, String, String);

/// The case of a whole document.
fn text(kind: Kind, severity: Severity, path: &str, text: &str) -> Case {
    (kind, severity, path.to_owned(), text.to_owned())
}

/// The case of a field of the tariff.
fn top(kind: Kind, severity: Severity, field: &str, changes: Value) -> Case {
    (kind, severity, format!("$.{field}"), tariff(&changes))
}

/// The case of a field of the first component.
fn priced(kind: Kind, severity: Severity, field: &str, changes: Value) -> Case {
    top(kind, severity, &format!("elements[0].price_components[0].{field}"), json!({ "elements": [element(&changes)] }))
}

/// The case of a field of the first restrictions.
fn limited(kind: Kind, severity: Severity, field: &str, changes: Value) -> Case {
    top(kind, severity, &format!("elements[0].restrictions.{field}"), json!({ "elements": [restricted(&changes)] }))
}

/// The case of components, each list an element.
fn grouped(kind: Kind, severity: Severity, field: &str, elements: &[&[Value]]) -> Case {
    let elements: Vec<_> = elements.iter().map(|components| json!({ "price_components": components })).collect();
    top(kind, severity, field, json!({ "elements": elements }))
}

fn of_documents() -> Vec<Case> {
    let twice = tariff(&json!({})).replace(r#""price":0.25"#, r#""price":0.25,"price":0.75"#);
    vec![
        text(Kind::InvalidJson, Error, "$", "{\n  \"id\": }"),
        text(Kind::InvalidJson, Error, "$", r#"{"id": "\ud800"}"#),
        text(Kind::InvalidJson, Error, "$", &"[".repeat(100_000)),
        text(Kind::InvalidJson, Error, "$", &("[".repeat(99) + &"]".repeat(99))),
        text(Kind::WrongType, Error, "$", "[]"),
        text(Kind::DuplicateField, Error, "$.elements[0].price_components[0].price", &twice),
    ]
}

fn of_missing() -> Vec<Case> {
    vec![
        top(Kind::MissingField, Error, "id", json!({ "id": null })),
        top(Kind::MissingField, Error, "currency", json!({ "currency": null })),
        top(Kind::MissingField, Error, "elements", json!({ "elements": null })),
        top(Kind::MissingField, Error, "elements[0].price_components", json!({ "elements": [{}] })),
        priced(Kind::MissingField, Error, "type", json!({ "type": null })),
        priced(Kind::MissingField, Error, "price", json!({ "price": null })),
        priced(Kind::MissingField, Warning, "step_size", json!({ "step_size": null })),
        top(Kind::MissingField, Error, "min_price.excl_vat", json!({ "min_price": { "incl_vat": 5 } })),
        top(Kind::MissingField, Warning, "country_code", json!({ "country_code": null })),
        top(Kind::MissingField, Warning, "party_id", json!({ "party_id": null })),
        top(Kind::MissingField, Warning, "last_updated", json!({ "last_updated": null })),
        top(
            Kind::MissingField,
            Warning,
            "tariff_alt_text[0].text",
            json!({ "tariff_alt_text": [{ "language": "en" }] }),
        ),
        top(Kind::NullValue, Error, "elements[1]", json!({ "elements": [element(&json!({})), null] })),
        top(Kind::EmptyList, Error, "elements", json!({ "elements": [] })),
        grouped(Kind::EmptyList, Error, "elements[0].price_components", &[&[]]),
        limited(Kind::EmptyList, Warning, "day_of_week", json!({ "day_of_week": [] })),
        top(
            Kind::EmptyRestrictions,
            Warning,
            "elements[0].restrictions",
            json!({ "elements": [restricted(&json!({}))] }),
        ),
    ]
}

fn of_names() -> Vec<Case> {
    vec![
        top(Kind::UnknownField, Warning, "colour", json!({ "colour": "red" })),
        text(Kind::UnknownField, Warning, "$[\"na me\"]", &tariff(&json!({ "na me": "red" }))),
        priced(Kind::UnknownField, Error, "discount", json!({ "discount": 3 })),
        limited(Kind::UnknownField, Error, "min_congestion", json!({ "min_congestion": 3 })),
        top(Kind::MisspelledField, Error, "Currency", json!({ "currency": null, "Currency": "EUR" })),
        limited(Kind::MisspelledField, Error, "dayOfWeek", json!({ "dayOfWeek": ["MONDAY"] })),
        limited(Kind::MisspelledField, Error, "max_kw", json!({ "max_kw": 3 })),
        priced(Kind::UnknownValue, Error, "type", json!({ "type": "CONGESTION_TIME" })),
        top(Kind::UnknownValue, Error, "type", json!({ "type": "HAPPY_HOUR" })),
        priced(Kind::MisspelledValue, Error, "type", json!({ "type": "parkingTime" })),
        limited(Kind::MisspelledValue, Error, "day_of_week[1]", json!({ "day_of_week": ["MONDAY", "Tue"] })),
        limited(Kind::MisspelledValue, Error, "reservation", json!({ "reservation": "RESERVATION_EXPIRE" })),
        top(Kind::MisspelledValue, Error, "type", json!({ "type": "regular" })),
        top(Kind::MisspelledValue, Error, "tax_included", json!({ "tax_included": "yes" })),
    ]
}

fn of_values() -> Vec<Case> {
    vec![
        top(Kind::WrongType, Error, "elements", json!({ "elements": {} })),
        top(Kind::WrongType, Error, "energy_mix", json!({ "energy_mix": true })),
        top(Kind::WrongType, Error, "elements[0].restrictions", json!({ "elements": [restricted(&json!([]))] })),
        grouped(Kind::WrongType, Error, "elements[0].price_components[0]", &[&[json!(7)]]),
        limited(Kind::WrongType, Error, "day_of_week", json!({ "day_of_week": "MONDAY" })),
        top(Kind::WrongLength, Warning, "country_code", json!({ "country_code": "NLD" })),
        top(Kind::WrongLength, Warning, "id", json!({ "id": "x".repeat(37) })),
        top(Kind::WrongLength, Error, "id", json!({ "id": "" })),
        top(Kind::WrongLength, Error, "currency", json!({ "currency": "EURO" })),
        top(Kind::WrongCase, Warning, "party_id", json!({ "party_id": "tdr" })),
        top(Kind::WrongCase, Warning, "currency", json!({ "currency": "eur" })),
        top(Kind::InvalidCode, Warning, "country_code", json!({ "country_code": "31" })),
        top(Kind::UnknownCurrency, Error, "currency", json!({ "currency": "EUX" })),
        top(Kind::InvalidDateTime, Error, "end_date_time", json!({ "end_date_time": "tomorrow" })),
        top(Kind::InvalidDateTime, Warning, "last_updated", json!({ "last_updated": "2026-01-01" })),
    ]
}

fn of_numbers() -> Vec<Case> {
    vec![
        priced(Kind::InvalidNumber, Error, "price", json!({ "price": 1e300 })),
        priced(Kind::ExcessivePrecision, Warning, "price", json!({ "price": 0.12345 })),
        priced(Kind::NegativePrice, Error, "price", json!({ "price": -1 })),
        priced(Kind::ImplausiblePrice, Warning, "price", json!({ "price": 25 })),
        priced(Kind::VatOutOfRange, Error, "vat", json!({ "vat": 121 })),
        priced(Kind::FractionalVat, Warning, "vat", json!({ "vat": 0.21 })),
        priced(Kind::InvalidStepSize, Error, "step_size", json!({ "step_size": 0.5 })),
        priced(Kind::InvalidStepSize, Error, "step_size", json!({ "step_size": -1 })),
        priced(Kind::ZeroStepSize, Warning, "step_size", json!({ "step_size": 0 })),
        priced(Kind::LargeStepSize, Warning, "step_size", json!({ "step_size": 1000 })),
    ]
}

fn of_restrictions() -> Vec<Case> {
    vec![
        limited(Kind::NotPadded, Warning, "start_time", json!({ "start_time": "9:00" })),
        limited(Kind::NotPadded, Warning, "start_date", json!({ "start_date": "2026-3-1" })),
        limited(Kind::InvalidTime, Error, "end_time", json!({ "end_time": "24:00" })),
        limited(Kind::InvalidTime, Error, "end_time", json!({ "end_time": "25:00" })),
        limited(Kind::InvalidTime, Error, "end_time", json!({ "end_time": "09:00:00" })),
        limited(Kind::InvalidDate, Error, "end_date", json!({ "end_date": "2026-02-30" })),
        limited(Kind::InvalidDuration, Error, "min_duration", json!({ "min_duration": 1.5 })),
        limited(Kind::DuplicateDay, Warning, "day_of_week[1]", json!({ "day_of_week": ["MONDAY", "MONDAY"] })),
        limited(Kind::NeverApplies, Warning, "max_kwh", json!({ "max_kwh": 0 })),
        limited(Kind::NeverApplies, Warning, "max_power", json!({ "min_power": 22, "max_power": 11 })),
        limited(Kind::NeverApplies, Warning, "start_time", json!({ "start_time": "10:00", "end_time": "10:00" })),
        limited(
            Kind::NeverApplies,
            Warning,
            "end_date",
            json!({ "start_date": "2026-01-01", "end_date": "2026-01-01" }),
        ),
        limited(Kind::NoEffect, Warning, "min_kwh", json!({ "min_kwh": 0 })),
        limited(Kind::NoEffect, Warning, "end_time", json!({ "end_time": "00:00" })),
        limited(Kind::NearEndOfDay, Warning, "end_time", json!({ "end_time": "23:59" })),
    ]
}

fn of_tariffs() -> Vec<Case> {
    let (energy, flat) = (component(&json!({})), component(&json!({ "type": "FLAT" })));
    let (one, both) = ([energy.clone()], [energy.clone(), flat.clone()]);
    let limits = |min: Value, max: Value| json!({ "min_price": min, "max_price": max });
    let (low, high) = (json!({ "before_taxes": 5, "after_taxes": 6 }), json!({ "before_taxes": 1, "after_taxes": 9 }));
    let period = json!({ "start_date_time": "2026-01-01T00:00:00", "end_date_time": "2026-01-01T00:00:00Z" });
    let monday = restricted(&json!({ "day_of_week": ["MONDAY"] }));
    let reserved = restricted(&json!({ "reservation": "RESERVATION" }));
    vec![
        grouped(Kind::UnreachableElement, Warning, "elements[1]", &[&both, &one]),
        grouped(Kind::UnreachableComponent, Warning, "elements[1].price_components[0]", &[&one, &both]),
        grouped(Kind::UnreachableComponent, Warning, "elements[0].price_components[1]", &[&[energy.clone(), energy]]),
        grouped(Kind::SeveralFlat, Warning, "elements[0].price_components[1]", &[&[flat.clone(), flat]]),
        top(Kind::GapInWeek, Warning, "elements", json!({ "elements": [monday] })),
        top(Kind::ReservationDimension, Error, "elements[0].price_components[0]", json!({ "elements": [reserved] })),
        top(Kind::MinAboveMax, Error, "min_price", limits(json!({ "excl_vat": 6 }), json!({ "excl_vat": 5 }))),
        top(Kind::MinAboveMax, Error, "min_price", limits(high, low)),
        top(Kind::NegativeTax, Warning, "max_price", limits(Value::Null, json!({ "excl_vat": 6, "incl_vat": 5 }))),
        top(Kind::EmptyPeriod, Error, "start_date_time", period),
    ]
}

fn all() -> Vec<Case> {
    [of_documents(), of_missing(), of_names(), of_values(), of_numbers(), of_restrictions(), of_tariffs()].concat()
}

#[test]
fn every_case_is_told_where_it_stands() {
    for (kind, severity, path, text) in all() {
        let lint = lint(&text);
        let told = lint.findings.iter().any(|it| it.kind == kind && it.severity == severity && it.path == *path);
        assert!(told, "no {severity} {kind} at {path}:\n{}", render_text("case", &lint));
        assert_eq!(lint.is_publishable(), lint.errors().next().is_none());
    }
}

#[test]
fn every_kind_has_a_case() {
    let cases = all();
    for kind in Kind::ALL {
        assert!(cases.iter().any(|case| case.0 == *kind), "no case for {kind}");
    }
}

#[test]
fn a_case_has_no_errors_but_its_own() {
    for (kind, severity, path, text) in all().into_iter().filter(|case| case.0 != Kind::MissingField) {
        let lint = lint(&text);
        let others = lint.errors().filter(|it| it.kind != kind && it.kind != Kind::MissingField).count();
        assert!(others == 0 && (severity == Error || lint.is_publishable()), "{path}\n{}", render_text("case", &lint));
    }
}
