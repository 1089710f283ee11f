//! plugtill on one machine: the handlers that run on AWS, with only the edges exchanged.
//!
//! # Layout, in reading order
//! - [`stack`]: the whole product, assembled and driven by virtual time.
//! - [`edges`]: DynamoDB, SQS and SNS in process, under unmodified SDK clients.
//! - [`stripe_simulator`]: Stripe's side, with books of its own.
//! - [`site_file`], [`traffic`]: what a run is given.
//! - [`replay`], [`demo`], [`serve`]: the three ways to run it. [`charge`]: a charger to try an endpoint with.
//! - [`simulate`]: seeded runs in which everything goes wrong; [`invariants`]: what has to hold; [`verify`]: on what was kept.
//! - [`summary`], [`receipts`], [`cdrs`]: what comes out.
//! - [`reconciliation`]: our books against Stripe's. [`desk`], [`chargers`], [`quarantine`]: what operators order.
//! - [`incidents`]: what breaks. [`alerts`], [`mail`], [`webhooks`]: who is told.
//! - [`codes`]: what is printed for stalls.
//! - [`users`]: who may sign in to the console.
//! - [`price`]: one session by one tariff. [`tariffs`]: lint and week table.
//! - [`cli`]: the command line.

pub mod alerts;
pub mod cdrs;
pub mod charge;
pub mod chargers;
pub mod cli;
pub mod codes;
pub mod cost;
pub mod demo;
pub mod desk;
pub mod edges;
pub mod incidents;
pub mod invariants;
pub mod mail;
mod pay_page;
pub mod price;
pub mod quarantine;
pub mod receipts;
pub mod reconciliation;
pub mod replay;
pub mod serve;
pub mod simulate;
pub mod simulator;
pub mod site_file;
pub mod stack;
pub mod stripe_simulator;
pub mod summary;
pub mod tariffs;
pub mod traffic;
pub mod users;
pub mod verify;
pub mod webhooks;
