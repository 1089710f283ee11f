//! What queues have given up on.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::QueueAttributeName;

/// A queue did not say what it holds.
#[derive(Debug, thiserror::Error)]
#[error("the queue does not say what it holds: {0}")]
pub struct CountError(String);

/// The queues that messages end in which failed again and again.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    client: Client,
    queues: Vec<String>,
}

impl DeadLetters {
    /// The queues at these URLs.
    #[must_use]
    pub const fn new(client: Client, queues: Vec<String>) -> Self {
        Self { client, queues }
    }

    /// The queues that hold something: name, and about how many messages.
    ///
    /// # Errors
    /// When a queue does not answer.
    pub async fn waiting(&self) -> Result<Vec<(String, u64)>, CountError> {
        let mut waiting = Vec::new();
        for queue in &self.queues {
            let name = QueueAttributeName::ApproximateNumberOfMessages;
            let asked = self.client.get_queue_attributes().queue_url(queue).attribute_names(name.clone()).send().await;
            let known = asked.map_err(|e| CountError(DisplayErrorContext(&e).to_string()))?;
            let count = known.attributes().and_then(|attributes| attributes.get(&name)?.parse().ok()).unwrap_or(0);
            if count > 0 {
                waiting.push((queue.rsplit('/').next().unwrap_or(queue).to_owned(), count));
            }
        }
        Ok(waiting)
    }
}
