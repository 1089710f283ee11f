//! Stripe: our gateway and the unmodified async-stripe client against the simulator, whose books count what was
//! really charged.
//!
//! # Layout
//! - [`holds`]: a session's money, from the hold to the refund.
//! - [`declines`]: what each test card says, and who is to blame for a refusal.
//! - [`faults`]: answers that are lost, late or wrong; one charge all the same.
//! - [`protocol`]: the simulator keeps Stripe's rules.
//! - [`clients`]: the unmodified client, and our own over HTTP.
//! - [`bench`]: simulator, clock and gateway on one bench.

mod bench;
mod clients;
mod declines;
mod faults;
mod holds;
mod pace;
mod protocol;
mod served;
