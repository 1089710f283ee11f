//! Who delivers, as receipts name them.

use serde::{Deserialize, Serialize};

/// The operator of a site; tax law wants a receipt to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The company.
    pub name: String,
    /// One line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// VAT or other tax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    /// Where drivers turn with questions: a mail address or a telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

impl Operator {
    /// Nothing but a name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), address: None, tax_id: None, contact: None }
    }
}
