//! Forms of drivers, forms and orders of operators: requests to the routers themselves, with one site and one session behind
//! them. The first line of an input is a method and an address, the rest a body.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use jiff::Timestamp;
use lambda_http::request::RequestContext;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::Doorbell;
use plugtill_adapters::links::Links;
use plugtill_adapters::store::{Directory, Store};
use plugtill_adapters::stripe::{SecretKey, Stripe};
use plugtill_domain::decide::{Event, Opening, decide};
use plugtill_domain::evidence::Started;
use plugtill_domain::ids::SessionId;
use plugtill_domain::site::{Site, SiteFile};
use plugtill_domain::units::{WattHours, Watts};
use plugtill_driver_portal::Portal;
use plugtill_operator::Desk;
use plugtill_operator_console::{Console, Seal};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use tower_service::Service as _;

use crate::stand_in::{self, Aws, sdk_client};

const SITE: &str = include_str!("site.json");
/// The session that there is.
const SESSION: &str = "CP1~1~2026-03-02T10:00:00.000Z";
const NOW: &str = "2026-03-02T12:00:00Z";

struct World {
    runtime: Runtime,
    portal: Router,
    console: Router,
    links: Links,
}

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// A request to the drivers' pages. `LINK` in an address is the signed link of the session.
///
/// # Panics
/// When something does not hold.
pub fn check_portal(input: &[u8]) {
    let page = WORLD.links.session_page(&session());
    let link = page.rsplit('/').next().unwrap_or_default();
    let Some(mut request) = request(input, link) else { return };
    if !request.headers().contains_key("content-type") {
        request
            .headers_mut()
            .insert("content-type", http::HeaderValue::from_static("application/x-www-form-urlencoded"));
    }
    WORLD.answer(&WORLD.portal, request);
}

/// A form that somebody who owns everything sends to the console.
///
/// # Panics
/// When something does not hold.
pub fn check_console(input: &[u8]) {
    owned(input, "application/x-www-form-urlencoded");
}

/// An order to the API, of a machine that may order everything.
///
/// # Panics
/// When something does not hold.
pub fn check_api(input: &[u8]) {
    owned(input, "application/json");
}

fn owned(input: &[u8], kind: &'static str) {
    let Some(mut request) = request(input, SESSION) else { return };
    request.extensions_mut().insert(owner());
    request.headers_mut().insert("content-type", http::HeaderValue::from_static(kind));
    request.headers_mut().insert("idempotency-key", http::HeaderValue::from_static("order-1"));
    WORLD.answer(&WORLD.console, request);
}

/// What API Gateway says of a token that it has looked at.
fn owner() -> RequestContext {
    let context = json!({ "authorizer": { "jwt": {
        "claims": { "client_id": "fuzz", "scope": "plugtill/owner" }, "scopes": ["plugtill/owner"],
    } }, "http": { "method": "POST" }, "timeEpoch": 0 });
    let context = serde_json::from_value(context).unwrap_or_else(|error| panic!("{error}"));
    RequestContext::ApiGatewayV2(context)
}

fn request(input: &[u8], link: &str) -> Option<Request<Body>> {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (line, body) = input.split_at(end);
    let (method, target) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let method = if method == "GET" { Method::GET } else { Method::POST };
    let target = target.replace("LINK", link);
    let body = Body::from(body.get(1..).unwrap_or_default().to_vec());
    Request::builder().method(method).uri(target).body(body).ok()
}

fn session() -> SessionId {
    SESSION.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn now() -> Timestamp {
    NOW.parse().unwrap_or_else(|error| panic!("{error}"))
}

impl World {
    fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap_or_else(|error| panic!("{error}"));
        let aws = Aws::default();
        let store = Store::new(sdk_client!(aws_sdk_dynamodb, aws.clone()), "plugtill", 1);
        let clock = Clock::from_fn(now);
        let links = Links::new(&[7; 32], "https://pay.example").unwrap_or_else(|error| panic!("{error}"));
        let directory = Directory::new(store.clone(), clock.clone());
        runtime.block_on(filled(&store, &directory));
        aws.fix();
        let stripe =
            Stripe::new(Arc::new(stand_in::Stripe), SecretKey::new("sk_test_1".to_owned()), "http://stripe.local/");
        let portal = Portal {
            store: store.clone(),
            directory: directory.clone(),
            stripe,
            links: links.clone(),
            clock: clock.clone(),
        };
        let doorbell =
            Doorbell::new(sdk_client!(aws_sdk_sqs, aws), "http://aws.local/settle", "http://aws.local/notify");
        let desk = Desk { store, directory, doorbell, links: links.clone(), clock };
        let Some(seal) = Seal::new(&[7; 32], true) else { panic!("a seal needs a key") };
        let console = Console { desk, seal, provider: None };
        Self {
            runtime,
            portal: plugtill_driver_portal::router(portal),
            console: plugtill_operator_console::router(console),
            links,
        }
    }

    /// No request is answered that something broke, and no page repeats what would run in a browser.
    fn answer(&self, router: &Router, request: Request<Body>) {
        let asked = format!("{} {}", request.method(), request.uri());
        let (status, body) = self.runtime.block_on(async {
            let mut router = router.clone();
            let answer: Response<Body> = router.call(request).await.unwrap_or_else(|never| match never {});
            let status = answer.status();
            let body = answer.into_body().collect().await.map(http_body_util::Collected::to_bytes);
            (status, body.unwrap_or_default())
        });
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{asked}");
        assert_ne!(status, StatusCode::SERVICE_UNAVAILABLE, "{asked}: {}", String::from_utf8_lossy(&body));
        assert!(!body.windows(MARK.len()).any(|part| part == MARK), "{asked} is answered with what was sent as markup");
    }
}

/// What an input that tries to write markup into a page would write.
const MARK: &[u8] = b"<script>fuzz";

/// One site, and a session there.
async fn filled(store: &Store, directory: &Directory) {
    let file: SiteFile = serde_json::from_str(SITE).unwrap_or_else(|error| panic!("{error}"));
    let sites: Vec<Site> = file.sites().unwrap_or_else(|(_, error)| panic!("{error}"));
    let Some(site) = sites.first() else { panic!("no site") };
    store.put_site(site).await.unwrap_or_else(|error| panic!("{error}"));
    let known = directory.site(&site.id).await.unwrap_or_else(|error| panic!("{error}"));
    let started = Started::at(WattHours(1_000), "TAG1".parse().unwrap_or_else(|error| panic!("{error}")));
    let version = known.as_ref().and_then(|known| known.terms_at(&session(), &started.id_tag)).unwrap_or_default();
    let opening = Opening {
        id: session(),
        site: site.id.clone(),
        terms: version.to_owned(),
        max_power: Watts(22_000),
        started,
        payer: None,
        hold: None,
        limit: None,
        stay_watch: None,
        hooked: false,
        answered: true,
        received_at: session().started_at,
    };
    let event = Event::Started(Box::new(opening));
    let (id, zone) = (session(), site.zone());
    let opened = store.update(&id, None, (now(), &zone), |state| decide(state, event.clone(), &site.terms)).await;
    opened.unwrap_or_else(|error| panic!("{error}"));
}
