//! AWS's edges on one machine. The unmodified SDK clients speak to each; only their transport is exchanged, and it is
//! there that faults are injected.

mod clock;
mod dynamo;
mod sns;
mod sqs;
mod transport;

pub use clock::VirtualClock;
pub use dynamo::{EmbeddedStore, RecordedWrite, StoreOpenError, StoreUsage};
pub use sns::{Outbox, SentMessage};
pub use sqs::{Delivery, LocalQueues, QueueOptions};
pub use transport::Fault;
