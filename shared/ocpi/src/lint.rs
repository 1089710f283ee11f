//! Checks an OCPI Tariff object before drivers pay by it.
//!
//! [`lint`] takes the text as an operator wrote it, of OCPI 2.1.1, 2.2.1 or 2.3.0, and never fails: even text that is no
//! JSON is a finding. An error means that the tariff cannot be priced as written; a warning, that it can, but that it
//! probably says something else than was meant.
//!
//! # Layout, in reading order
//! - `finding`: what is told to the operator; `report` collects it, `render` prints it.
//! - `json`: the text as a tree that keeps duplicate fields and knows where everything stands.
//! - `fields`, `values`, `moment`, `spelling`: reading one object, one value; what was probably meant.
//! - `tariff`, `element`, `restrictions`, `limits`: the objects of the standard, read as far as they can be.
//! - `effect`, `reach`, `hours`, `week`, `plausible`: what the tariff means, and whether that can be intended.

mod effect;
mod element;
mod fields;
mod finding;
mod hours;
mod json;
mod limits;
mod moment;
mod plausible;
mod reach;
mod render;
mod report;
mod restrictions;
mod spelling;
mod tariff;
mod values;
mod week;

use serde::{Deserialize, Serialize};

pub use finding::{Finding, FindingKind, Severity};
pub use render::render_text;

use report::Report;

/// Everything there is to say about one tariff, in the order of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lint {
    /// The findings; the same text always gives the same ones.
    pub findings: Vec<Finding>,
}

impl Lint {
    /// Whether the tariff can be priced as written: it has no errors, though it may have warnings.
    #[must_use]
    pub fn is_publishable(&self) -> bool {
        self.errors().next().is_none()
    }

    /// What has to be fixed before the tariff is published.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    /// What should be looked at again.
    pub fn warnings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Warning)
    }
}

/// Checks the text of one OCPI Tariff object.
#[must_use]
pub fn lint(text: &str) -> Lint {
    let mut report = Report::default();
    match json::parse(text) {
        Ok(root) => judge(&root, &mut report),
        Err(reason) => report.invalid(&reason),
    }
    Lint { findings: report.in_order() }
}

fn judge(root: &json::Node<'_>, report: &mut Report) {
    let Some(tariff) = tariff::read(root, report) else { return };
    effect::check(&tariff, report);
    reach::check(&tariff, report);
    week::check(&tariff, report);
    plausible::check(&tariff, report);
}
