//! The linter against cases of our own, and against shared collections of tariffs where they are present.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod cases;
mod cdr;
mod fixtures;
mod semantics;
mod shared;
mod show;
mod standard;
