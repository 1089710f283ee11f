//! Findings for a terminal.

use std::fmt::Write;

use super::Lint;

/// One line a finding: `file: error $.path: message`. Nothing when there is nothing to say.
#[must_use]
pub fn render_text(file: &str, lint: &Lint) -> String {
    let mut text = String::new();
    for finding in &lint.findings {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{file}: {finding}");
    }
    text
}
