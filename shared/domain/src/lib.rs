//! What plugtill knows about charging and money, and nothing about the world it runs in.
pub mod money;
