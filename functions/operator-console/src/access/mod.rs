//! Who asks, and whether they may.
//!
//! People sign in with a password and are known by a signed cookie; machines send a key. Whoever it is, what they may do is
//! read from the table at each request, so that a change counts at once.

mod guard;
mod seal;
mod signin;

pub(crate) use guard::{Caller, Gate, guard};
pub use seal::{COOKIE, SECURE_COOKIE, Seal};
pub(crate) use signin::{enter, leave, show};
