//! The Tariff object (OCPI 2.2.1, module Tariffs, 3.1; and what 2.1.1 and 2.3.0 have other).

use iso_currency::Currency;

use super::element::{self, Element};
use super::fields::Fields;
use super::finding::{FindingKind, Severity};
use super::json::Node;
use super::report::Report;
use super::values::{self, Read};
use super::{limits, moment};

const FIELDS: &[&str] = &[
    "country_code",
    "party_id",
    "id",
    "currency",
    "type",
    "tariff_alt_text",
    "tariff_alt_url",
    "min_price",
    "max_price",
    "preauthorize_amount",
    "elements",
    "tax_included",
    "start_date_time",
    "end_date_time",
    "energy_mix",
    "last_updated",
];

/// Fields that 2.1.1 does not have: with none of them a tariff is of that version and needs no owner.
const SINCE_2_2: &[&str] =
    &["country_code", "party_id", "type", "min_price", "max_price", "start_date_time", "end_date_time", "tax_included"];

const TYPES: &[(&str, ())] =
    &[("AD_HOC_PAYMENT", ()), ("PROFILE_CHEAP", ()), ("PROFILE_FAST", ()), ("PROFILE_GREEN", ()), ("REGULAR", ())];

/// Since 2.3.0: whether prices hold the tax.
const TAX_INCLUDED: &[(&str, ())] = &[("YES", ()), ("NO", ()), ("N/A", ())];

/// What could be understood of a tariff.
pub(super) struct Tariff<'a> {
    pub(super) currency: Option<Currency>,
    /// The list of elements, and those in it that are objects.
    pub(super) elements: Option<Read<'a, Vec<Element<'a>>>>,
}

impl<'a> Tariff<'a> {
    /// The elements in order; none when there is no list.
    pub(super) fn elements(&self) -> &[Element<'a>] {
        self.elements.as_ref().map_or(&[], |elements| &elements.value)
    }
}

/// Reads the whole document.
pub(super) fn read<'a>(root: &'a Node<'a>, report: &mut Report) -> Option<Tariff<'a>> {
    let fields = Fields::of(root, FIELDS, Severity::Warning, report)?;
    identity(&fields, report);
    description(&fields, report);
    period(&fields, report);
    limits::check(&fields, report);
    let currency = fields
        .require("currency", Severity::Error, "name the currency of the prices, such as \"EUR\"", report)
        .and_then(|node| values::currency(node, report));
    let elements = fields
        .require("elements", Severity::Error, "without elements there is no price", report)
        .and_then(|node| elements(node, report));
    Some(Tariff { currency, elements })
}

fn elements<'a>(node: &'a Node<'a>, report: &mut Report) -> Option<Read<'a, Vec<Element<'a>>>> {
    let entries = values::some(node, "element with a price", report)?;
    let elements = entries.into_iter().filter_map(|entry| element::read(entry, report)).collect();
    Some(Read::new(node, elements))
}

/// Whose tariff it is, and which.
fn identity(fields: &Fields<'_>, report: &mut Report) {
    if let Some(id) = fields.require("id", Severity::Error, "sessions and receipts refer to it", report) {
        values::short_text(id, 36, report);
    }
    if SINCE_2_2.iter().any(|name| fields.get(name).is_some()) {
        let remedy = "partners need it since OCPI 2.2 to know whose tariff it is";
        fields.require("country_code", Severity::Warning, remedy, report);
        fields.require("party_id", Severity::Warning, remedy, report);
    }
    if let Some(country) = fields.get("country_code") {
        values::code(country, 2, false, "a country code", report);
    }
    if let Some(party) = fields.get("party_id") {
        values::code(party, 3, true, "a party id", report);
    }
}

/// What people read, and what does not change the price.
fn description(fields: &Fields<'_>, report: &mut Report) {
    if let Some(kind) = fields.get("type") {
        values::choice(kind, TYPES, report);
    }
    if let Some(included) = fields.get("tax_included") {
        values::choice(included, TAX_INCLUDED, report);
    }
    if let Some(url) = fields.get("tariff_alt_url") {
        values::short_text(url, 255, report);
    }
    if let Some(texts) = fields.get("tariff_alt_text") {
        alt_texts(texts, report);
    }
    if let Some(mix) = fields.get("energy_mix").filter(|mix| !matches!(mix.value, super::json::Value::Object(_))) {
        values::wrong_type(mix, "an object", report);
    }
    if let Some(amount) = fields.get("preauthorize_amount") {
        values::price(amount, report);
    }
}

fn alt_texts(node: &Node<'_>, report: &mut Report) {
    for entry in values::list(node, report).unwrap_or_default() {
        let Some(fields) = Fields::of(entry, &["language", "text"], Severity::Warning, report) else { continue };
        for name in ["language", "text"] {
            let found =
                fields.require(name, Severity::Warning, "an alternative text has a language and a text", report);
            found.and_then(|node| values::text(node, report));
        }
    }
}

/// When the tariff is valid, and how old it is.
fn period(fields: &Fields<'_>, report: &mut Report) {
    let updated = fields.require("last_updated", Severity::Warning, "partners keep the newest version by it", report);
    updated.and_then(|node| moment::instant(node, Severity::Warning, report));
    let mut instant = |name| fields.get(name).and_then(|node| moment::instant(node, Severity::Error, report));
    let (start, end) = (instant("start_date_time"), instant("end_date_time"));
    if let (Some(start), Some(end), Some(node)) = (start, end, fields.get("start_date_time"))
        && start >= end
    {
        let message = format!("`start_date_time` {start} is not before `end_date_time` {end}; swap or correct them");
        report.error(node, FindingKind::EmptyPeriod, message);
    }
}
