//! Who may see and order what: roles, and the sites that they are for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::SiteId;

/// The longest name of a user or a key.
const LONGEST: usize = 60;

/// What somebody may do. Each may all that the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Orders too: gives back, gives up, looks after what breaks.
    Manager,
    /// Says who may do what.
    Owner,
}

/// Not the name of a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role; there are owner, manager and viewer")]
pub struct NotARole(String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Manager, Self::Owner];

    /// The word of its JSON form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(text: &str) -> Result<Self, NotARole> {
        let known = Self::ALL.into_iter().find(|role| role.as_str() == text);
        known.ok_or_else(|| NotARole(text.chars().take(LONGEST).collect()))
    }
}

/// Which sites somebody's role is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sites {
    /// All that there are and will be, and what is no site's: billing as a whole.
    All,
    /// These.
    Only(BTreeSet<SiteId>),
}

impl Sites {
    /// The sites of a list; all, where it is empty.
    #[must_use]
    pub fn of(sites: impl IntoIterator<Item = SiteId>) -> Self {
        let sites: BTreeSet<SiteId> = sites.into_iter().collect();
        if sites.is_empty() { Self::All } else { Self::Only(sites) }
    }

    /// Whether the site is among them; `None` is what belongs to no site.
    #[must_use]
    pub fn include(&self, site: Option<&SiteId>) -> bool {
        match (self, site) {
            (Self::All, _) => true,
            (Self::Only(sites), Some(site)) => sites.contains(site),
            (Self::Only(_), None) => false,
        }
    }
}

/// The name of a user or of a key of a machine: what stands in the audit trail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

/// Not usable as a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name; it must have 1 to {LONGEST} characters of a-z A-Z 0-9 . _ - @ +")]
pub struct NotAName(String);

impl UserName {
    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for UserName {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@+".contains(&byte);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text));
        }
        Err(NotAName(text.chars().take(LONGEST).collect()))
    }
}

impl FromStr for UserName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        Self::try_from(text.to_owned())
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_all_that_the_one_before_may() {
        assert!(Role::Owner > Role::Manager && Role::Manager > Role::Viewer);
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("admin".parse::<Role>().is_err());
    }

    #[test]
    fn who_has_some_sites_sees_nothing_that_is_no_sites() {
        let yard: SiteId = "yard".parse().unwrap();
        let some = Sites::of([yard.clone()]);
        assert!(some.include(Some(&yard)) && !some.include(Some(&"quay".parse().unwrap())) && !some.include(None));
        assert!(Sites::of([]).include(None));
    }

    #[test]
    fn a_name_is_safe_in_a_key_and_a_cookie() {
        assert!("ann@yard.example".parse::<UserName>().is_ok());
        for name in ["", "a b", "a|b", "a#b", "é", &"x".repeat(61)] {
            assert!(name.parse::<UserName>().is_err(), "{name}");
        }
    }
}
