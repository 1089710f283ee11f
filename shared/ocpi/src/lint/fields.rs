//! The fields of one object: which there are, which are missing, which are not the standard's.

use std::collections::HashSet;

use super::finding::{FindingKind, Severity};
use super::json::{Node, Value};
use super::report::Report;
use super::spelling;
use super::values::wrong_type;

/// An object whose fields were checked against the standard.
pub(super) struct Fields<'a> {
    owner: &'a Node<'a>,
    entries: &'a [(String, Node<'a>)],
    /// What misspelled fields were meant to be: they are not reported as missing, too.
    meant: Vec<&'static str>,
    /// Whether every field of the object is one of the standard's.
    pub(super) all_known: bool,
}

impl<'a> Fields<'a> {
    /// Reads `owner`, of which the standard knows the fields `known`; `unknown` says how bad another field is.
    pub(super) fn of(
        owner: &'a Node<'a>,
        known: &[&'static str],
        unknown: Severity,
        report: &mut Report,
    ) -> Option<Self> {
        let Value::Object(entries) = &owner.value else {
            wrong_type(owner, "an object", report);
            return None;
        };
        let mut fields = Self { owner, entries, meant: Vec::new(), all_known: true };
        let mut seen = HashSet::new();
        for (name, node) in entries {
            if !seen.insert(name) {
                duplicate(name, node, report);
            } else if !known.contains(&name.as_str()) && !node.is_null() {
                fields.strange(name, node, known, unknown, report);
            }
        }
        Some(fields)
    }

    /// The field, unless it is absent or null. Of duplicates the last one, as most readers do.
    pub(super) fn get(&self, name: &str) -> Option<&'a Node<'a>> {
        self.entries.iter().rfind(|(entry, _)| entry == name).map(|(_, node)| node).filter(|node| !node.is_null())
    }

    /// As [`Self::get`]; reports the field when it is absent.
    pub(super) fn require(
        &self,
        name: &str,
        severity: Severity,
        remedy: &str,
        report: &mut Report,
    ) -> Option<&'a Node<'a>> {
        let found = self.get(name);
        if found.is_none() && !self.meant.contains(&name) {
            report.missing(severity, self.owner, name, remedy);
        }
        found
    }

    /// Whether the object says nothing: it has no fields, or all are null.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.iter().all(|(_, node)| node.is_null())
    }

    fn strange(&mut self, name: &str, node: &Node<'_>, known: &[&'static str], unknown: Severity, report: &mut Report) {
        self.all_known = false;
        let shown = name.escape_debug();
        if let Some(meant) = spelling::nearest(name, known.iter().copied()) {
            self.meant.push(meant);
            let message = format!("`{shown}` is no field of OCPI and would be ignored; write `{meant}`");
            report.error(node, FindingKind::MisspelledField, message);
        } else {
            let message = format!("`{shown}` is no field of OCPI: readers ignore it; remove it");
            report.tell(unknown, node, FindingKind::UnknownField, message);
        }
    }
}

fn duplicate(name: &str, node: &Node<'_>, report: &mut Report) {
    let message =
        format!("`{}` is given more than once, here as {}; keep one of them", name.escape_debug(), node.value);
    report.error(node, FindingKind::DuplicateField, message);
}
