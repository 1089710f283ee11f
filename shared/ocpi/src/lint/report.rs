//! Collects findings, and puts them into the order of the document.

use super::finding::{Finding, FindingKind, Severity};
use super::json::{Node, Unreadable};

/// The findings so far, each with its offset in the text.
#[derive(Default)]
pub(super) struct Report {
    found: Vec<(usize, Finding)>,
}

impl Report {
    /// The tariff cannot be priced because of `node`.
    pub(super) fn error(&mut self, node: &Node<'_>, kind: FindingKind, message: String) {
        self.push(node.at, Severity::Error, node.path.clone(), kind, message);
    }

    /// `node` is probably not what was meant.
    pub(super) fn warning(&mut self, node: &Node<'_>, kind: FindingKind, message: String) {
        self.push(node.at, Severity::Warning, node.path.clone(), kind, message);
    }

    /// As bad as `severity` says.
    pub(super) fn tell(&mut self, severity: Severity, node: &Node<'_>, kind: FindingKind, message: String) {
        self.push(node.at, severity, node.path.clone(), kind, message);
    }

    /// `owner` lacks the field `name`: the path is the one it would have.
    pub(super) fn missing(&mut self, severity: Severity, owner: &Node<'_>, name: &str, remedy: &str) {
        let path = format!("{}.{name}", owner.path);
        let message = format!("`{name}` is missing: {remedy}");
        self.push(owner.at, severity, path, FindingKind::MissingField, message);
    }

    /// The text is no JSON.
    pub(super) fn invalid(&mut self, reason: &Unreadable) {
        self.push(0, Severity::Error, "$".to_owned(), FindingKind::InvalidJson, reason.to_string());
    }

    fn push(&mut self, at: usize, severity: Severity, path: String, kind: FindingKind, message: String) {
        self.found.push((at, Finding { severity, path, kind, message }));
    }

    /// By place in the text; findings of one place in the order in which they were made.
    pub(super) fn in_order(mut self) -> Vec<Finding> {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.into_iter().map(|(_, finding)| finding).collect()
    }
}
