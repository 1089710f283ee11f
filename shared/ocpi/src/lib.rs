//! What OCPI has to do with plugtill: tariffs that operators exchange with roaming partners.
//!
//! Pure functions over text: no network, no clock, nothing to configure.
//!
//! # Layout, in reading order
//! - [`lint`]: is a Tariff object (OCPI 2.1.1, 2.2.1, 2.3.0) readable, and does it say what was meant?
//! - [`cdr`]: charge detail records of finished sessions, and their corrections.
//! - [`show`]: a tariff as drivers read it: the week as a price table.

pub mod cdr;
pub mod lint;
pub mod show;
