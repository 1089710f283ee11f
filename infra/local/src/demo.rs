//! x
/// x
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct DemoError;
/// x
pub async fn run(_: Option<jiff::SignedDuration>, _: u32, _: &std::sync::atomic::AtomicBool) -> Result<(crate::stack::Stack, Vec<plugtill_domain::site::Site>, u64), DemoError> { Err(DemoError) }
