//! The open sockets by charger: the newest one of each is the one that is sent to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::extract::ws::close_code;
use tokio::sync::{mpsc, watch};

/// How many frames wait for one charger. OCPP-J lets one call be open at a time, so few ever do.
const FRAMES_WAITING: usize = 256;

/// How long a full queue holds up the other chargers before its socket is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a WebSocket ends; the text is the reason that the charger is told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Ending {
    #[error("closed by the charger, or the connection broke")]
    Gone,
    #[error("replaced by a newer connection of this charger")]
    Replaced,
    #[error("the service stops: connect again later")]
    Stopping,
    #[error("a frame of {bytes} bytes: at most {} are taken", super::MAX_FRAME_BYTES)]
    TooLarge { bytes: usize },
    #[error("OCPP-J is text, and this was a binary frame")]
    NotText,
    #[error("nothing was heard for {0:?}, not even a pong")]
    Silent(Duration),
    #[error("frames are not taken fast enough")]
    Stalled,
    #[error("cannot read: {0}")]
    Unreadable(String),
    #[error("the back end is gone: connect again later")]
    NoBackEnd,
}

impl Ending {
    /// The close code (RFC 6455 §7.4.1); none where nobody is left to read it.
    pub(super) fn code(&self) -> Option<u16> {
        match self {
            Self::Gone => None,
            Self::Stopping => Some(close_code::AWAY),
            Self::TooLarge { .. } => Some(close_code::SIZE),
            Self::NotText => Some(close_code::UNSUPPORTED),
            Self::Replaced | Self::Silent(_) | Self::Stalled => Some(close_code::POLICY),
            Self::Unreadable(_) => Some(close_code::PROTOCOL),
            Self::NoBackEnd => Some(close_code::ERROR),
        }
    }
}

/// The way to one WebSocket.
#[derive(Clone)]
pub(super) struct Line {
    queue: mpsc::Sender<Utf8Bytes>,
    ending: Arc<watch::Sender<Option<Ending>>>,
}

impl Line {
    /// Ends the socket; the first reason is the one that counts.
    pub(super) fn end(&self, ending: Ending) {
        self.ending.send_if_modified(|first| {
            let open = first.is_none();
            first.get_or_insert(ending);
            open
        });
    }

    /// Waits for its end.
    pub(super) async fn ended(&self) -> Ending {
        let mut ending = self.ending.subscribe();
        // The sender is this line's own, so waiting cannot fail.
        let end = ending.wait_for(Option::is_some).await.ok().and_then(|end| end.clone());
        end.unwrap_or(Ending::Gone)
    }
}

/// All lines.
#[derive(Default)]
pub(super) struct Sockets {
    open: Mutex<Open>,
    /// Subscribed to by every socket as long as it lives.
    alive: watch::Sender<()>,
}

#[derive(Default)]
struct Open {
    lines: HashMap<String, Line>,
    stopping: bool,
}

impl Sockets {
    /// Opens a line, and ends the one that the charger had.
    pub(super) fn open(&self, charger: &str) -> (Line, mpsc::Receiver<Utf8Bytes>) {
        let (queue, frames) = mpsc::channel(FRAMES_WAITING);
        let line = Line { queue, ending: Arc::new(watch::Sender::new(None)) };
        let mut open = self.lock();
        if open.stopping {
            line.end(Ending::Stopping);
        }
        if let Some(older) = open.lines.insert(charger.to_owned(), line.clone()) {
            older.end(Ending::Replaced);
        }
        (line, frames)
    }

    /// Forgets a line, unless a newer one has taken its place.
    pub(super) fn forget(&self, charger: &str, line: &Line) {
        let mut open = self.lock();
        if open.lines.get(charger).is_some_and(|current| Arc::ptr_eq(&current.ending, &line.ending)) {
            open.lines.remove(charger);
        }
    }

    /// Hands a frame to the charger's socket, if it has one. A socket that does not take it in time is ended: the
    /// charger notices that, and would not notice a missing frame.
    pub(super) async fn send(&self, charger: &str, frame: Utf8Bytes) {
        let line = self.lock().lines.get(charger).cloned();
        let Some(line) = line else { return };
        let sent = tokio::select! {
            _ = line.ended() => return,
            sent = line.queue.send_timeout(frame, PATIENCE) => sent,
        };
        if sent.is_err() {
            line.end(Ending::Stalled);
        }
    }

    /// Ends all lines, and those that are opened later.
    pub(super) fn stop(&self) {
        let mut open = self.lock();
        open.stopping = true;
        open.lines.values().for_each(|line| line.end(Ending::Stopping));
    }

    /// Kept by a socket as long as it lives.
    pub(super) fn alive(&self) -> watch::Receiver<()> {
        self.alive.subscribe()
    }

    /// Resolves when no socket lives.
    pub(super) async fn all_closed(&self) {
        self.alive.closed().await;
    }

    /// Locks, also after a panic elsewhere: every section under this lock leaves the map whole.
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
