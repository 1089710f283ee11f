//! Calls and answers over a WebSocket (OCPP-J §4): one call at a time, while the back end's are answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use http::Uri;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::Protocol;

/// A back end that does not answer within this is gone.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether somebody pressed Ctrl-C.
const GLANCE: Duration = Duration::from_millis(200);

/// Why the back end cannot be talked to.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// No address of a charger.
    #[error("`{0}` is no address of a charger; write ws://HOST:PORT/CHARGER")]
    Address(String),
    /// The connection is not made, or broke.
    #[error("the back end cannot be reached: {0}")]
    Lost(Box<tokio_tungstenite::tungstenite::Error>),
    /// It closed the connection.
    #[error("the back end closed the connection")]
    Closed,
    /// It does not answer.
    #[error("the back end does not answer {0} within 30 s")]
    Silent(String),
    /// It answered with an error.
    #[error("the back end refuses {action}: {code} {text}")]
    Refused {
        /// What was called.
        action: String,
        /// The code of the error.
        code: String,
        /// Its text.
        text: String,
    },
}

impl From<tokio_tungstenite::tungstenite::Error> for LineError {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::Lost(Box::new(error))
    }
}

/// What a back end wants of a charger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    /// Somebody may start, in the name of a tag.
    Start(String),
    /// The transaction has to end.
    Stop,
}

/// A connection to a back end.
pub(super) struct Line<'a> {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    stop: &'a AtomicBool,
    calls: u64,
    order: Option<Order>,
}

impl<'a> Line<'a> {
    pub(super) async fn connect(
        address: &str,
        password: Option<&str>,
        protocol: Protocol,
        stop: &'a AtomicBool,
    ) -> Result<Self, LineError> {
        let wrong = || LineError::Address(address.to_owned());
        let uri: Uri = address.parse().map_err(|_| wrong())?;
        let charger = uri.path().rsplit('/').next().filter(|name| !name.is_empty()).ok_or_else(wrong)?.to_owned();
        let mut request = ClientRequestBuilder::new(uri).with_sub_protocol(protocol.subprotocol());
        if let Some(password) = password {
            let basic = STANDARD.encode(format!("{charger}:{password}"));
            request = request.with_header("Authorization", format!("Basic {basic}"));
        }
        let (socket, _) = connect_async(request).await?;
        Ok(Self { socket, stop, calls: 0, order: None })
    }

    /// Whether somebody pressed Ctrl-C.
    pub(super) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Calls the back end; its answer.
    pub(super) async fn call(&mut self, action: &str, payload: &Value) -> Result<Value, LineError> {
        self.calls += 1;
        let id = self.calls.to_string();
        println!("> {action} {payload}");
        self.socket.send(Message::text(json!([2, id, action, payload]).to_string())).await?;
        let until = Instant::now() + PATIENCE;
        loop {
            let frame = tokio::time::timeout_at(until, self.next()).await;
            let frame = frame.map_err(|_| LineError::Silent(action.to_owned()))??;
            match (frame[0].as_u64(), frame[1].as_str() == Some(&id)) {
                (Some(3), true) => {
                    println!("< {}", frame[2]);
                    return Ok(frame[2].clone());
                }
                (Some(4), true) => {
                    let text = |at: usize| frame[at].as_str().unwrap_or_default().to_owned();
                    return Err(LineError::Refused { action: action.to_owned(), code: text(2), text: text(3) });
                }
                _ => self.answer(&frame).await?,
            }
        }
    }

    /// Answers the back end until `until`, until it orders something, or until Ctrl-C.
    pub(super) async fn listen(&mut self, until: Option<Instant>) -> Result<Option<Order>, LineError> {
        loop {
            if let Some(order) = self.order.take() {
                return Ok(Some(order));
            }
            let now = Instant::now();
            if self.is_over() || until.is_some_and(|until| until <= now) {
                return Ok(None);
            }
            let glance = until.map_or(now + GLANCE, |until| until.min(now + GLANCE));
            if let Ok(frame) = tokio::time::timeout_at(glance, self.next()).await {
                self.answer(&frame?).await?;
            }
        }
    }

    /// The next frame; what is none is passed over.
    async fn next(&mut self) -> Result<Value, LineError> {
        loop {
            let message = self.socket.next().await.ok_or(LineError::Closed)??;
            match message {
                Message::Text(text) => {
                    if let Ok(frame) = serde_json::from_str(&text) {
                        return Ok(frame);
                    }
                }
                Message::Close(_) => return Err(LineError::Closed),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Does what a call of the back end's wants, and says so.
    async fn answer(&mut self, frame: &Value) -> Result<(), LineError> {
        let (Some(2), Some(id), Some(action)) = (frame[0].as_u64(), frame[1].as_str(), frame[2].as_str()) else {
            return Ok(());
        };
        println!("< {action} {}", frame[3]);
        let tag = || frame[3]["idTag"].as_str().or_else(|| frame[3]["idToken"]["idToken"].as_str());
        let status = match action {
            "RemoteStartTransaction" | "RequestStartTransaction" => {
                self.order = tag().map(|tag| Order::Start(tag.to_owned()));
                Some(if self.order.is_some() { "Accepted" } else { "Rejected" })
            }
            "RemoteStopTransaction" | "RequestStopTransaction" => {
                self.order = Some(Order::Stop);
                Some("Accepted")
            }
            "UnlockConnector" => Some("Unlocked"),
            "TriggerMessage" => Some("NotImplemented"),
            _ => None,
        };
        let answer = match status {
            Some(status) => json!([3, id, { "status": status }]),
            None => json!([4, id, "NotImplemented", "this charger knows start, stop and unlock", {}]),
        };
        println!("> {}", answer[2]);
        Ok(self.socket.send(Message::text(answer.to_string())).await?)
    }
}
