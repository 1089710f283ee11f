//! The WebSocket handshake: OCPP-J 1.6 §3, OCPP 2.0.1 part 4 §3.

use std::sync::Arc;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::auth::password_of;
use super::charger_id::{self, ChargerIdError};
use super::{Edge, Verdict, socket, stopped};

/// The versions of OCPP that are spoken, by their WebSocket subprotocols.
pub const SUBPROTOCOLS: [&str; 3] = ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"];

/// Why a charger may not connect; the text is the answer's body.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    ChargerId(#[from] ChargerIdError),
    #[error("the user name has to be {0:?}, the id in the path, with the password of this charger (HTTP Basic)")]
    Credentials(String),
    #[error("no charger {0:?} is registered: register it, or correct the id at the end of the URL")]
    UnknownCharger(String),
    #[error("no subprotocol in common: offered {offered:?}, known are {}", SUBPROTOCOLS.join(", "))]
    Subprotocol { offered: Vec<String> },
    #[error("{0}; connect with a WebSocket client (OCPP-J)")]
    NotWebSocket(WebSocketUpgradeRejection),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let text = self.to_string();
        match self {
            Self::ChargerId(_) | Self::Subprotocol { .. } => (StatusCode::BAD_REQUEST, text).into_response(),
            Self::UnknownCharger(_) => (StatusCode::NOT_FOUND, text).into_response(),
            Self::NotWebSocket(rejection) => (rejection.status(), text).into_response(),
            Self::Credentials(_) => {
                let challenge = [(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"plugtill\""))];
                (StatusCode::UNAUTHORIZED, challenge, text).into_response()
            }
        }
    }
}

/// Serves chargers until the gateway stops.
pub(super) async fn run(listener: TcpListener, edge: Arc<Edge>, stop: watch::Receiver<bool>) {
    let app = Router::new().route("/{charger}", any(connect)).fallback(elsewhere).with_state(Arc::clone(&edge));
    let closing = async move {
        stopped(stop).await;
        edge.sockets.stop();
    };
    if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(closing).await {
        tracing::error!(%error, "the WebSocket endpoint has ended: start the gateway again");
    }
}

async fn elsewhere() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "nothing here: chargers connect to /<charger id>")
}

async fn connect(
    State(edge): State<Arc<Edge>>,
    Path(charger): Path<String>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let admitted = admit(&edge, &charger, &headers).await;
    match admitted.and_then(|subprotocol| Ok((subprotocol, upgrade.map_err(Refusal::NotWebSocket)?))) {
        Err(refusal) => {
            tracing::info!(charger, %refusal, "a charger was refused");
            refusal.into_response()
        }
        Ok((subprotocol, upgrade)) => upgrade
            .protocols([subprotocol])
            .max_message_size(socket::READ_BYTES)
            .max_frame_size(socket::READ_BYTES)
            .on_upgrade(move |socket| socket::serve(socket, charger, edge)),
    }
}

/// Checks id, credentials and version, and returns the subprotocol to speak.
async fn admit(edge: &Edge, charger: &str, headers: &HeaderMap) -> Result<&'static str, Refusal> {
    charger_id::check(charger)?;
    let refused = || Refusal::Credentials(charger.to_owned());
    // Who brings no credentials has an empty password: fit for a charger that was given none, and for no other.
    let anonymous = !headers.contains_key(AUTHORIZATION);
    let password = if anonymous { String::new() } else { password_of(charger, headers).ok_or_else(refused)? };
    match (edge.authenticator)(charger.to_owned(), password).await {
        Verdict::Welcome => choose(headers),
        Verdict::UnknownCharger if !anonymous => Err(Refusal::UnknownCharger(charger.to_owned())),
        Verdict::WrongPassword | Verdict::UnknownCharger => Err(refused()),
    }
}

/// The charger's first choice that is known: it lists its subprotocols in order of preference (RFC 6455 §4.1).
fn choose(headers: &HeaderMap) -> Result<&'static str, Refusal> {
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).into_iter().filter_map(|line| line.to_str().ok());
    let offered: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let known = offered.iter().find_map(|offer| SUBPROTOCOLS.into_iter().find(|known| known == offer));
    known.ok_or_else(|| Refusal::Subprotocol { offered: offered.into_iter().map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_offer_is_taken() {
        let mut headers = HeaderMap::new();
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("ocpp1.5, ocpp2.0.1"));
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("ocpp1.6"));
        assert_eq!(choose(&headers).unwrap(), "ocpp2.0.1");
    }
}
