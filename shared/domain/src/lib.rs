//! What plugtill knows about charging and money, and nothing about the world it runs in.
//!
//! No clock, no randomness, no input or output: the manifest has no crate that could do any of it. Every instant is
//! UTC; every amount is whole minor units with its currency.
//!
//! # Layout, in reading order
//! - [`ids`], [`units`], [`money`]: the words everything else is said in.
//! - [`tariff`], [`idle`], [`site`]: what the operator decided (OCPI 2.2.1 Tariff, idle policy, site).
//! - [`assignment`]: which tariff a session is priced by.
//! - [`evidence`]: what chargers said, as typed facts.
//! - [`timeline`]: what that evidence proves: energy, idle spans, what cannot be believed.
//! - [`usage`]: that timeline as spans of one mode, as a tariff walks it;
//!   [`usage_record`]: a session told as one record instead of as messages.
//! - [`pricing`]: timeline + terms -> [`pricing::Bill`].
//! - [`session`], [`decide`], [`settlement`]: the session, what an event does to it, which money moves follow.
//! - [`payment`], [`balance`], [`credit`], [`dispute`]: what becomes of a bill's money; [`watch`]: limits while it runs.
//! - [`checkout`]: a driver who pays at Stripe's page before, or after, there is a session.
//! - [`ledger`], [`report`]: postings and the proof that every cent is accounted for; [`revenue`]: what a period came to; [`reconcile`]: against Stripe's books.
//! - [`incident`]: one fault, one alert, one "recovered"; [`language`]: in whose words.
//! - [`hook`]: what operators' own systems are told. [`access`]: who of the operator's may see and order what.

pub mod access;
pub mod assignment;
pub mod balance;
pub mod checkout;
pub mod closing;
pub mod command;
pub mod credit;
pub mod decide;
pub mod dispute;
pub mod evidence;
pub mod hook;
pub mod idle;
pub mod ids;
pub mod incident;
pub mod language;
pub mod ledger;
pub mod money;
pub mod offer;
pub mod payment;
pub mod pricing;
pub mod reconcile;
pub mod report;
pub mod revenue;
pub mod session;
pub mod settlement;
pub mod signed;
pub mod site;
pub mod tariff;
pub mod timeline;
pub mod units;
pub mod usage;
pub mod usage_record;
pub mod watch;
