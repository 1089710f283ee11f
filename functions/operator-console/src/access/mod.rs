//! Who asks, and whether they may.
//!
//! People sign in with a password, or through a provider, and are known by a signed cookie; machines send a key, or a token that
//! API Gateway has looked at. What people and keys may do is read from the table at each request, so that a change counts at once.

mod guard;
mod oidc;
mod pace;
mod provider;
mod seal;
mod signin;
mod tokens;

pub(crate) use guard::{Caller, Complete, Gate, guard};
pub(crate) use oidc::{back, start};
pub use pace::Pace;
pub use provider::{Provider, ProviderSettings};
pub use seal::{COOKIE, SECURE_COOKIE, Seal};
pub(crate) use signin::{enter, leave, show};
