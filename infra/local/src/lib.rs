//! x
pub mod edges;
