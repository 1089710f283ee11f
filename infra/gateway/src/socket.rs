//! The life of one WebSocket.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::Edge;
use super::sockets::{Ending, Line};

/// The largest frame from a charger, in bytes.
pub const MAX_FRAME_BYTES: usize = 64 * 1024;

/// Frames up to here are read to the end, so that the charger is told what was wrong; beyond, reading stops at once and
/// the answer may not arrive.
pub(super) const READ_BYTES: usize = 4 * MAX_FRAME_BYTES;

/// How long one frame may take to be written.
const WRITING: Duration = Duration::from_secs(30);

/// How long the charger has to answer a close.
const CLOSING: Duration = Duration::from_secs(2);

type Sink = SplitSink<WebSocket, Message>;
type Stream = SplitStream<WebSocket>;

/// Serves a charger until either side ends it.
pub(super) async fn serve(socket: WebSocket, charger: String, edge: Arc<Edge>) {
    let _alive = edge.sockets.alive();
    let (mut sink, mut stream) = socket.split();
    let arrived = edge.back_end.arrived(&charger).await;
    let (line, frames) = edge.sockets.open(&charger);
    if arrived.is_err() {
        line.end(Ending::NoBackEnd);
    }
    tracing::info!(charger, "a charger is connected by WebSocket");
    tokio::join!(read(&mut stream, &charger, &edge, &line), write(&mut sink, frames, &line, edge.options.ping));
    let ending = line.ended().await;
    edge.sockets.forget(&charger, &line);
    tracing::info!(charger, %ending, "a charger's WebSocket has ended");
    // Without a back end there is nobody to tell.
    let (_, ()) = tokio::join!(edge.back_end.left(&charger), close(sink, stream, &ending));
}

/// Reads until the line ends. What was read is handed over even then: only the wait for the next message is cut short.
async fn read(stream: &mut Stream, charger: &str, edge: &Edge, line: &Line) {
    loop {
        let heard = tokio::select! {
            biased;
            _ = line.ended() => return,
            heard = hear(stream, edge.options.silence) => heard,
        };
        let taken = match heard {
            Ok(message) => take(message, charger, edge).await,
            Err(ending) => Err(ending),
        };
        if let Err(ending) = taken {
            return line.end(ending);
        }
    }
}

async fn hear(stream: &mut Stream, silence: Duration) -> Result<Message, Ending> {
    match timeout(silence, stream.next()).await {
        Err(_) => Err(Ending::Silent(silence)),
        Ok(None) => Err(Ending::Gone),
        Ok(Some(heard)) => heard.map_err(|error| Ending::Unreadable(error.to_string())),
    }
}

async fn take(message: Message, charger: &str, edge: &Edge) -> Result<(), Ending> {
    match message {
        Message::Text(text) => frame(text.into(), charger, edge).await,
        Message::Binary(_) => Err(Ending::NotText),
        Message::Close(_) => Err(Ending::Gone),
        // Pings are answered below us, and pongs have been heard.
        Message::Ping(_) | Message::Pong(_) => Ok(()),
    }
}

/// Hands a frame to the back end first, which may make the socket wait, and then shows it to the broker.
async fn frame(frame: Bytes, charger: &str, edge: &Edge) -> Result<(), Ending> {
    if frame.len() > MAX_FRAME_BYTES {
        return Err(Ending::TooLarge { bytes: frame.len() });
    }
    edge.back_end.frame(charger.to_owned(), frame.clone()).await.map_err(|_| Ending::NoBackEnd)?;
    if edge.broker.show(format!("{charger}/in"), frame).await.is_err() {
        tracing::debug!(charger, "the MQTT broker has ended, and sees no copy of a frame");
    }
    Ok(())
}

/// Writes frames and pings until the line ends.
async fn write(sink: &mut Sink, frames: mpsc::Receiver<Utf8Bytes>, line: &Line, ping: Duration) {
    tokio::select! {
        biased;
        _ = line.ended() => {}
        Err(ending) = pour(sink, frames, ping) => line.end(ending),
    }
}

async fn pour(sink: &mut Sink, mut frames: mpsc::Receiver<Utf8Bytes>, ping: Duration) -> Result<Infallible, Ending> {
    let mut pings = interval_at(Instant::now() + ping, ping);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            Some(frame) = frames.recv() => Message::Text(frame),
            _ = pings.tick() => Message::Ping(Bytes::new()),
        };
        match timeout(WRITING, sink.send(message)).await {
            Err(_) => return Err(Ending::Stalled),
            Ok(Err(_)) => return Err(Ending::Gone),
            Ok(Ok(())) => {}
        }
    }
}

/// Says goodbye, and reads on until the charger does: closing over unread data would reset the connection, and the
/// reason would be lost with it.
async fn close(mut sink: Sink, mut stream: Stream, ending: &Ending) {
    let Some(code) = ending.code() else { return };
    let reason = ending.to_string().into();
    let goodbye = async {
        if sink.send(Message::Close(Some(CloseFrame { code, reason }))).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    if timeout(CLOSING, goodbye).await.is_err() {
        tracing::debug!(code, "a charger did not answer the close of its WebSocket");
    }
}
