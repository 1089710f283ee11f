//! Where plugtill meets the world: charger frames, DynamoDB, SQS, SNS and Stripe. Nothing here decides anything.
//!
//! # Layout, in reading order
//! - [`clock`], [`telemetry`], [`config`]: what every function starts with.
//! - [`envelope`], [`ocpp`]: from a queue's message to a typed charger message.
//! - [`chargers`]: what they are answered and told.
//! - [`store`]: the single table.
//! - [`signatures`]: what meters signed, against what is billed.
//! - [`doorbell`]: the queues that say "something is due".
//! - [`incidents`]: what is seen to be wrong; [`watch`] remembers one. [`alerts`] publishes through SNS.
//! - [`links`]: what drivers are led by.
//! - [`stripe`] moves money; [`webhook`] says whether Stripe has sent something.

pub mod alerts;
pub mod chargers;
pub mod clock;
pub mod config;
pub mod dead_letters;
pub mod doorbell;
pub mod envelope;
pub mod incidents;
pub mod links;
pub mod ocpp;
pub mod signatures;
pub mod store;
pub mod stripe;
pub mod telemetry;
pub mod transport;
pub mod watch;
pub mod webhook;
