//! From the broker to the receiver and to the sockets.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use rumqttd::local::LinkRx;
use rumqttd::{Forward, Notification};
use tokio::sync::{mpsc, watch};

use super::confined::Attendance;
use super::uplink::NoBackEnd;
use super::{Edge, stopped};

/// When the gateway stops, a link is read until it is quiet for so long.
const QUIET: Duration = Duration::from_millis(200);

/// Brings `+/in` and the coming and going by MQTT to the receiver.
pub(super) async fn uplinks(
    link: LinkRx,
    mut attendance: mpsc::UnboundedReceiver<Attendance>,
    edge: Arc<Edge>,
    stop: watch::Receiver<bool>,
) {
    let mut log = pin!(read(link, "in"));
    loop {
        let told = tokio::select! {
            // Attendance first: a charger arrives before its first frame.
            biased;
            Some(event) = attendance.recv() => tell(&edge, event).await,
            message = log.next() => match message {
                Some(message) => hand_over(&edge, message).await,
                None => return,
            },
            () = quiet(stop.clone()) => return,
        };
        if told.is_err() {
            return tracing::warn!("nobody receives uplinks any more: MQTT messages are left where they are");
        }
    }
}

async fn tell(edge: &Edge, event: Attendance) -> Result<(), NoBackEnd> {
    let charger = event.charger;
    tracing::info!(charger, here = event.here, "a charger came or went by MQTT");
    if event.here { edge.back_end.arrived(&charger).await } else { edge.back_end.left(&charger).await }
}

async fn hand_over(edge: &Edge, message: Message) -> Result<(), NoBackEnd> {
    // What a socket showed to the broker was handed over already.
    if message.shown { Ok(()) } else { edge.back_end.frame(message.charger, message.frame).await }
}

/// Brings `+/out` to the chargers' sockets.
pub(super) async fn downlinks(link: LinkRx, edge: Arc<Edge>, stop: watch::Receiver<bool>) {
    let mut log = pin!(read(link, "out"));
    loop {
        let message = tokio::select! {
            biased;
            message = log.next() => message,
            () = quiet(stop.clone()) => return,
        };
        let Some(Message { charger, frame, .. }) = message else { return };
        let Ok(text) = Utf8Bytes::try_from(frame) else {
            tracing::warn!(charger, "a message to a charger is not text, as OCPP-J is: it is not sent to its socket");
            continue;
        };
        edge.sockets.send(&charger, text).await;
    }
}

async fn quiet(stop: watch::Receiver<bool>) {
    stopped(stop).await;
    tokio::time::sleep(QUIET).await;
}

/// A message of a charger's topic.
struct Message {
    charger: String,
    frame: Bytes,
    /// A copy of what the back end has already.
    shown: bool,
}

/// One of the broker's logs, read in order.
struct Log {
    link: LinkRx,
    /// The topic's last part.
    suffix: &'static str,
    /// The position of the next message.
    position: u64,
}

/// The messages of a log; the end says that the broker has ended. A stream, because that keeps a half-done step of the
/// link when a `select!` turns to something else: a lost wake-up would stop the broker's deliveries for good.
fn read(link: LinkRx, suffix: &'static str) -> impl Stream<Item = Message> {
    let log = Log { link, suffix, position: 0 };
    stream::unfold(log, async |mut log| log.next().await.map(|message| (message, log)))
}

impl Log {
    async fn next(&mut self) -> Option<Message> {
        loop {
            match self.link.next().await {
                Ok(Some(Notification::Forward(forward))) => {
                    if let Some(message) = self.message(forward) {
                        return Some(message);
                    }
                }
                // The broker has handed over 200 and waits for this.
                Ok(Some(Notification::Unschedule)) => self.link.wake().await.ok()?,
                // An acknowledgement, or a wake-up for what was read with the one before.
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(%error, topic = self.suffix, "the MQTT broker has ended: start the gateway again");
                    return None;
                }
            }
        }
    }

    /// Only [`Broker::show`](super::broker::Broker::show) publishes with properties.
    fn message(&mut self, Forward { cursor, publish, properties, .. }: Forward) -> Option<Message> {
        if let Some((_, position)) = cursor {
            if position > self.position {
                let lost = position - self.position;
                tracing::error!(lost, topic = self.suffix, "the MQTT broker overwrote messages before they were read");
            }
            self.position = position + 1;
        }
        let topic = std::str::from_utf8(&publish.topic).ok()?;
        let charger = topic.strip_suffix(self.suffix)?.strip_suffix('/')?.to_owned();
        Some(Message { charger, frame: publish.payload, shown: properties.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::broker::{Broker, Ears};
    use super::super::{LOG_BYTES, MAX_FRAME_BYTES, Verdict};
    use super::*;

    async fn broker(stop: watch::Receiver<bool>) -> (Arc<Broker>, Ears) {
        let nobody = Arc::new(|_, _| Box::pin(std::future::ready(Verdict::UnknownCharger)) as _);
        let (broker, ears) = Broker::start(([127, 0, 0, 1], 0).into(), nobody, stop).await.unwrap();
        (Arc::new(broker), ears)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_thousand_tasks_lose_nothing_in_the_broker() {
        let (_stopping, stop) = watch::channel(false);
        let (broker, ears) = broker(stop).await;
        let started = std::time::Instant::now();
        for charger in 0..1000 {
            let broker = Arc::clone(&broker);
            tokio::spawn(async move {
                for i in 0..50 {
                    broker.publish(format!("CP{charger}/in"), i.to_string().into()).await.unwrap();
                }
            });
        }
        let mut counts = HashMap::<String, usize>::new();
        let mut log = pin!(read(ears.uplinks, "in").take(50_000));
        while let Some(message) = log.next().await {
            let count = counts.entry(message.charger).or_default();
            assert_eq!(message.frame, count.to_string());
            *count += 1;
        }
        println!("50,000 messages of 1,000 tasks took {:?}", started.elapsed());
        assert!(counts.len() == 1000 && counts.values().all(|&count| count == 50));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_broker_overwrites_is_counted() {
        let (_stopping, stop) = watch::channel(false);
        let (broker, Ears { uplinks, .. }) = broker(stop).await;
        let published = 2 * LOG_BYTES / MAX_FRAME_BYTES;
        for _ in 0..published {
            broker.publish("CP1/in".to_owned(), vec![b'x'; MAX_FRAME_BYTES].into()).await.unwrap();
        }
        broker.publish("CP1/in".to_owned(), "last".into()).await.unwrap();
        let (mut log, mut read, mut lost) = (Log { link: uplinks, suffix: "in", position: 0 }, 0, 0);
        loop {
            let before = log.position;
            let message = log.next().await.unwrap();
            lost += log.position - before - 1;
            if message.frame == "last" {
                break;
            }
            read += 1;
        }
        assert!(read >= LOG_BYTES / MAX_FRAME_BYTES, "the log keeps what it promises");
        assert_eq!(read + usize::try_from(lost).unwrap(), published, "each other one is known to be lost");
    }
}
