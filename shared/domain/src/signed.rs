//! What a meter signed, and what a check of it came to.

/// A signed meter value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedValue {
    /// As it was signed, for example `OCMF|…|…`.
    pub text: String,
    /// When it was taken, in the standard's words.
    pub context: Option<String>,
    /// The meter's key, as the charger sent it.
    pub public_key: Option<String>,
    /// What our own check came to.
    pub verdict: SignedVerdict,
}

/// What a check of a signed value came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedVerdict {
    /// The meter signed it.
    Verified,
    /// Somebody else signed it, or it was changed.
    Wrong,
    /// It cannot be checked: the charger sent no public key.
    NoKey,
    /// It cannot be checked, and why.
    Unreadable(String),
}
