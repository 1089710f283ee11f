//! The operator's console, asked as a browser and as a machine ask.

mod access;
mod api;
mod books;
mod manage;
mod matrix;
mod oidc;
mod pages;
mod requests;
mod scale;

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use plugtill::stack::Stack;
use plugtill_domain::ids::SessionId;
use plugtill_operator::{Answer, Request as Order};
use plugtill_tests::{Story, at, site, stack, stop_body};
use serde_json::{Value, json};
use tower::ServiceExt;

/// A console over two sites, `yard` with charger CP1 and `quay` with CP2, and what was said there.
pub(crate) struct Desk {
    pub(crate) stack: Stack,
}

/// Somebody who has signed in, or nobody.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visitor {
    pub(crate) cookie: String,
    /// What the forms of the session carry.
    pub(crate) token: String,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |it| it.to_str().unwrap())
    }
}

pub(crate) const PASSWORD: &str = "correct horse battery";

fn quay() -> Value {
    json!({ "id": "quay", "name": "Quay", "chargers": [{ "id": "CP2", "connectors": [{ "id": 1, "max_power_w": 22000 }] }] })
}

/// A story of a session of one hour at CP1 that drew 10 kWh.
pub(crate) fn hour() -> Story {
    Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available")
}

/// `count` sessions of half an hour, one an hour, in transactions of their own.
pub(crate) fn hours(count: i64) -> Story {
    (0..count).fold(Story::new(), |story, index| {
        let (minute, register) = (index * 60, 1_000 + index * 5_000);
        let stop = stop_body(index + 1, minute + 30, register + 4_000, "EVDisconnected");
        let story = story.start_as("TAG1", index + 1, minute, register);
        story.call(at(minute + 30), "StopTransaction", &stop).status(minute + 31, "Available")
    })
}

impl Desk {
    /// Two sites where nothing has happened.
    pub(crate) async fn new() -> Self {
        let mut sites = site(json!({}));
        sites.extend(site(quay()));
        Self { stack: stack(&sites).await }
    }

    /// The same after a story at CP1, and three hours.
    pub(crate) async fn after(story: &Story) -> Self {
        let mut desk = Self::new().await;
        desk.hear(&story.traffic()).await;
        desk.wait(180).await;
        desk
    }

    /// Lets chargers say something.
    pub(crate) async fn hear(&mut self, traffic: &str) {
        for line in traffic.lines() {
            let told: Value = serde_json::from_str(line).unwrap();
            let at: Timestamp = told["received_at"].as_str().unwrap().parse().unwrap();
            if at > self.stack.clock.now() {
                self.stack.advance_to(at).await.unwrap();
            }
            self.stack.deliver(vec![line.to_owned()]).await.unwrap();
        }
    }

    pub(crate) async fn wait(&mut self, minutes: i64) {
        let until = self.stack.clock.now() + SignedDuration::from_mins(minutes);
        self.stack.advance_to(until).await.unwrap();
    }

    pub(crate) async fn order(&mut self, order: Value) -> Answer {
        self.stack.order(serde_json::from_value::<Order>(order).unwrap()).await.unwrap()
    }

    pub(crate) async fn user(&mut self, name: &str, role: &str, sites: &[&str]) {
        let user = json!({ "name": name, "role": role, "sites": sites, "password": PASSWORD, "by": "test" });
        self.order(json!({ "add_user": user })).await;
    }

    pub(crate) async fn ask(&mut self, request: Request<Body>) -> Reply {
        let (parts, body) = self.stack.console().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(crate) async fn get(&mut self, visitor: &Visitor, path: &str) -> Reply {
        self.ask(Request::get(path).header("cookie", &visitor.cookie).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as the session's own page would.
    pub(crate) async fn post(&mut self, visitor: &Visitor, path: &str, form: &str) -> Reply {
        let form = format!("csrf={}&{form}", visitor.token);
        self.send(visitor, path, form).await
    }

    /// Sends a form as it is.
    pub(crate) async fn send(&mut self, visitor: &Visitor, path: &str, form: String) -> Reply {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.ask(request.header("cookie", &visitor.cookie).body(Body::from(form)).unwrap()).await
    }

    /// Sends an order as a machine would.
    pub(crate) async fn order_by(&mut self, key: &str, name: &str, path: &str, body: &Value) -> Reply {
        let request = Request::post(path).header("authorization", format!("Bearer {key}"));
        let request = request.header("idempotency-key", name).header("content-type", "application/json");
        self.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn read_by(&mut self, key: &str, path: &str) -> Reply {
        let request = Request::get(path).header("authorization", format!("Bearer {key}"));
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn key(&mut self, role: &str, sites: &[&str]) -> String {
        let key = json!({ "name": format!("{role}-machine"), "role": role, "sites": sites, "by": "test" });
        let Answer::KeyAdded(added) = self.order(json!({ "add_key": key })).await else { panic!("no key") };
        added.secret
    }

    /// Tries to sign in; what is answered.
    pub(crate) async fn enter(&mut self, name: &str, password: &str) -> Reply {
        let page = self.get(&Visitor::default(), "/console/sign-in").await;
        let visitor = Visitor { cookie: cookie(&page), token: token(&page) };
        self.post(&visitor, "/console/sign-in", &format!("name={name}&password={}", password.replace(' ', "+"))).await
    }

    pub(crate) async fn sign_in(&mut self, name: &str) -> Visitor {
        let reply = self.enter(name, PASSWORD).await;
        assert_eq!((reply.status, reply.location()), (StatusCode::SEE_OTHER, "/console"), "{}", reply.body);
        let cookie = cookie(&reply);
        let page = self.get(&Visitor { cookie: cookie.clone(), token: String::new() }, "/console").await;
        assert_eq!(page.status, StatusCode::OK);
        Visitor { cookie, token: token(&page) }
    }

    /// The latest session of CP1.
    pub(crate) async fn session(&self) -> SessionId {
        let sessions = self.stack.store.sessions(&"CP1".parse().unwrap(), plugtill_domain::ids::ConnectorId(1)).await;
        sessions.unwrap().pop().unwrap().id
    }
}

fn cookie(reply: &Reply) -> String {
    reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

pub(crate) fn token(reply: &Reply) -> String {
    let after = reply.body.split("name=\"csrf\" value=\"").nth(1).unwrap_or_else(|| panic!("no form: {}", reply.body));
    after.split('"').next().unwrap().to_owned()
}
