//! Signing in through a provider of the tests' own, whose tokens and keys are made here.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::request::RequestContext;
use plugtill_adapters::transport::{Answer, HttpTransport};
use plugtill_operator_console::{Console, Provider, ProviderSettings, router};
use plugtill_tests::{site, stack};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use super::{Desk, Reply};

const ISSUER: &str = "https://idp.example/pool";
const DOMAIN: &str = "https://sign-in.example";
const KEYS: [&[u8]; 2] = [include_bytes!("keys/one.der"), include_bytes!("keys/two.der")];

/// What the provider does with the next exchange.
struct Plan {
    /// Changes to the claims of a right token.
    claims: Value,
    header: Value,
    /// Which key signs, and which one is published.
    keys: (usize, usize),
    kid: &'static str,
    /// How often keys were asked for.
    asked_for_keys: usize,
    exchanged: Vec<String>,
    nonce: String,
    now: i64,
}

struct Idp(Mutex<Plan>);

impl std::fmt::Debug for Idp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Idp")
    }
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

impl Idp {
    fn token(plan: &Plan) -> String {
        let mut claims = json!({
            "iss": ISSUER, "aud": "console", "exp": plan.now + 3600, "nonce": plan.nonce, "token_use": "id",
            "email": "Ann@yard.example", "email_verified": true,
        });
        merge(&mut claims, &plan.claims);
        let mut header = json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" });
        merge(&mut header, &plan.header);
        let signed = format!("{}.{}", encoded(&header), encoded(&claims));
        let pair = RsaKeyPair::from_pkcs8(KEYS[plan.keys.0]).unwrap();
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn jwks(plan: &Plan) -> Value {
        let pair = RsaKeyPair::from_pkcs8(KEYS[plan.keys.1]).unwrap();
        let public = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let (n, e) = (URL_SAFE_NO_PAD.encode(public.n), URL_SAFE_NO_PAD.encode(public.e));
        json!({ "keys": [{ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": plan.kid, "n": n, "e": e }] })
    }
}

/// Puts the fields of `change` in; null takes one out.
fn merge(into: &mut Value, change: &Value) {
    for (name, value) in change.as_object().unwrap() {
        if value.is_null() {
            into.as_object_mut().unwrap().remove(name);
        } else {
            into[name] = value.clone();
        }
    }
}

impl HttpTransport for Idp {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        let mut plan = self.0.lock().unwrap();
        let answer = match request.uri().to_string().as_str() {
            "https://idp.example/pool/.well-known/jwks.json" => {
                plan.asked_for_keys += 1;
                Self::jwks(&plan)
            }
            "https://sign-in.example/oauth2/token" => {
                plan.exchanged.push(String::from_utf8(request.body().to_vec()).unwrap());
                json!({ "id_token": Self::token(&plan), "token_type": "Bearer" })
            }
            other => panic!("nobody asks {other}"),
        };
        Box::pin(async move { Ok(Response::new(Bytes::from(answer.to_string()))) })
    }
}

struct Door {
    desk: Desk,
    idp: Arc<Idp>,
    console: Console,
}

/// Where somebody was sent, with which cookie.
struct Sent {
    cookie: String,
    query: Vec<(String, String)>,
}

impl Sent {
    fn get(&self, name: &str) -> &str {
        &self.query.iter().find(|(known, _)| known == name).unwrap().1
    }
}

impl Door {
    async fn new() -> Self {
        let desk = Desk { stack: stack(&site(json!({}))).await };
        let now = desk.stack.clock.now().as_second();
        let plan = Plan {
            claims: json!({}),
            header: json!({}),
            keys: (0, 0),
            kid: "k1",
            asked_for_keys: 0,
            exchanged: Vec::new(),
            nonce: String::new(),
            now,
        };
        let idp = Arc::new(Idp(Mutex::new(plan)));
        let settings = ProviderSettings {
            issuer: ISSUER.to_owned(),
            domain: DOMAIN.to_owned(),
            client: "console".to_owned(),
            here: "http://localhost:8080".to_owned(),
            owner: Some("ann@yard.example".parse().unwrap()),
        };
        let provider = Provider::new(settings, Arc::<Idp>::clone(&idp));
        let console = Console { provider: Some(provider), ..desk.stack.console_function() };
        Self { desk, idp, console }
    }

    async fn ask(&self, request: Request<Body>) -> Reply {
        let (parts, body) = router(self.console.clone()).oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Reply { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    async fn get(&self, cookie: &str, path: &str) -> Reply {
        self.ask(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await
    }

    async fn start(&self, to: &str) -> Sent {
        let reply = self.get("", &format!("/console/sign-in/provider?to={to}")).await;
        assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.body);
        let (address, query) = reply.location().split_once('?').unwrap();
        assert_eq!(address, "https://sign-in.example/oauth2/authorize");
        let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let sent = Sent { cookie: super::cookie(&reply), query };
        sent.get("nonce").clone_into(&mut self.idp.0.lock().unwrap().nonce);
        sent
    }

    async fn back(&self, sent: &Sent) -> Reply {
        self.get(&sent.cookie, &format!("/console/sign-in/back?code=c0de&state={}", sent.get("state"))).await
    }

    fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.idp.0.lock().unwrap());
    }
}

/// What is wrong with a token.
type Change = Box<dyn FnOnce(&mut Plan)>;

fn session(reply: &Reply) -> String {
    let cookies = reply.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap());
    cookies
        .map(|it| it.split(';').next().unwrap())
        .find(|it| it.starts_with("plugtill="))
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn the_named_owner_comes_in_first_and_lets_others_in() {
    let mut door = Door::new().await;
    let sent = door.start("%2Fconsole%2Frevenue").await;
    assert_eq!(
        (sent.get("response_type"), sent.get("client_id"), sent.get("scope")),
        ("code", "console", "openid email")
    );
    let back = door.back(&sent).await;
    assert_eq!((back.status, back.location()), (StatusCode::SEE_OTHER, "/console/revenue"), "{}", back.body);
    let exchanged = door.idp.0.lock().unwrap().exchanged.remove(0);
    let form: Vec<(String, String)> = form_urlencoded::parse(exchanged.as_bytes()).into_owned().collect();
    let verifier = &form.iter().find(|(name, _)| name == "code_verifier").unwrap().1;
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())), sent.get("code_challenge"), "PKCE");
    let ann = session(&back);
    let page = door.get(&ann, "/console").await;
    assert!(page.status == StatusCode::OK && page.body.contains("ann@yard.example, owner"), "{}", page.body);

    door.plan(|plan| plan.claims = json!({ "email": "bob@yard.example" }));
    let sent = door.start("").await;
    let refused = door.back(&sent).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains("bob@yard.example") && session(&refused).is_empty(), "{}", refused.body);
    door.desk.user("bob@yard.example", "viewer", &["yard"]).await;
    let sent = door.start("").await;
    let bob = session(&door.back(&sent).await);
    assert!(door.get(&bob, "/console").await.body.contains("bob@yard.example, viewer"));
    door.desk.order(json!({ "remove_user": { "name": "bob@yard.example", "by": "test" } })).await;
    assert_eq!(door.get(&bob, "/console").await.status, StatusCode::SEE_OTHER, "removed: signed out at once");
    let sent = door.start("").await;
    assert_eq!(door.back(&sent).await.status, StatusCode::FORBIDDEN, "and let in no more");
}

#[tokio::test]
async fn who_is_named_as_owner_is_nobody_once_somebody_owns_all() {
    let mut door = Door::new().await;
    door.desk.user("eve", "owner", &[]).await;
    let sent = door.start("").await;
    let back = door.back(&sent).await;
    assert!(back.status == StatusCode::FORBIDDEN && session(&back).is_empty(), "{}", back.body);
}

#[tokio::test]
async fn a_token_that_proves_nothing_signs_nobody_in() {
    let door = Door::new().await;
    let now = door.idp.0.lock().unwrap().now;
    let hours = |count: i64| now + count * 3600;
    let claims = |claims: Value| Box::new(move |plan: &mut Plan| plan.claims = claims) as Change;
    let header = |header: Value| Box::new(move |plan: &mut Plan| plan.header = header) as Change;
    let wrong: Vec<(&str, Change)> = vec![
        ("another attempt's nonce", claims(json!({ "nonce": "other" }))),
        ("no nonce", claims(json!({ "nonce": null }))),
        ("another client's", claims(json!({ "aud": "other" }))),
        ("nobody's", claims(json!({ "aud": null }))),
        ("another issuer's", claims(json!({ "iss": "https://idp.example/other" }))),
        ("no issuer's", claims(json!({ "iss": null }))),
        ("over", claims(json!({ "exp": hours(-1) }))),
        ("without an end", claims(json!({ "exp": null }))),
        ("an access token", claims(json!({ "token_use": "access" }))),
        ("not verified", claims(json!({ "email_verified": false }))),
        ("not verified in a word", claims(json!({ "email_verified": "false" }))),
        ("nothing said of it", claims(json!({ "email_verified": null }))),
        ("without an address", claims(json!({ "email": null }))),
        ("not signed", header(json!({ "alg": "none" }))),
        ("signed with the public key as a secret", header(json!({ "alg": "HS256" }))),
        ("another algorithm", header(json!({ "alg": "RS512" }))),
        ("of a key that there is not", header(json!({ "kid": "k9" }))),
        ("of no key", header(json!({ "kid": null }))),
        ("signed by somebody else", Box::new(|plan: &mut Plan| plan.keys = (1, 0))),
    ];
    for (what, change) in wrong {
        door.plan(|plan| (plan.claims, plan.header, plan.keys) = (json!({}), json!({}), (0, 0)));
        door.plan(change);
        let sent = door.start("").await;
        let back = door.back(&sent).await;
        assert!(
            back.status == StatusCode::FORBIDDEN && session(&back).is_empty(),
            "{what}: {} {}",
            back.status,
            back.body
        );
        assert!(!back.body.contains("eyJ"), "nothing of a token is shown");
    }
    door.plan(|plan| (plan.claims, plan.header, plan.keys) = (json!({}), json!({}), (0, 0)));
    let sent = door.start("").await;
    assert_eq!(door.back(&sent).await.status, StatusCode::SEE_OTHER, "the right one does");
    assert!(door.idp.0.lock().unwrap().asked_for_keys <= 2, "keys are not asked for at every token");
}

#[tokio::test]
async fn a_key_that_the_provider_has_changed_is_found_a_minute_later() {
    let mut door = Door::new().await;
    let sent = door.start("").await;
    assert_eq!(door.back(&sent).await.status, StatusCode::SEE_OTHER);
    door.plan(|plan| (plan.keys, plan.kid, plan.header) = ((1, 1), "k2", json!({ "kid": "k2" })));
    let sent = door.start("").await;
    assert_eq!(
        door.back(&sent).await.status,
        StatusCode::FORBIDDEN,
        "whatever a token names, keys are asked for once a minute"
    );
    door.desk.wait(2).await;
    let sent = door.start("").await;
    assert_eq!(door.back(&sent).await.status, StatusCode::SEE_OTHER);
    assert_eq!(door.idp.0.lock().unwrap().asked_for_keys, 2);
}

#[tokio::test]
async fn a_callback_is_of_this_browser_of_now_and_of_one_attempt() {
    let mut door = Door::new().await;
    let sent = door.start("").await;
    let other = door.start("").await;
    let state = sent.get("state").to_owned();
    for (what, cookie, query) in [
        ("no cookie", String::new(), format!("code=c&state={state}")),
        ("another attempt's cookie", other.cookie.clone(), format!("code=c&state={state}")),
        ("no state", sent.cookie.clone(), "code=c".to_owned()),
        ("no code", sent.cookie.clone(), format!("state={state}&error=access_denied")),
        ("a changed cookie", format!("{}x", sent.cookie), format!("code=c&state={state}")),
    ] {
        let reply = door.get(&cookie, &format!("/console/sign-in/back?{query}")).await;
        assert!(reply.status == StatusCode::FORBIDDEN && session(&reply).is_empty(), "{what}: {}", reply.status);
    }
    assert_eq!(door.idp.0.lock().unwrap().exchanged.len(), 0, "no code was spent on them");
    door.desk.wait(61).await;
    assert_eq!(door.back(&sent).await.status, StatusCode::FORBIDDEN, "too long ago");
}

#[tokio::test]
async fn nobody_is_led_elsewhere_and_no_password_opens_a_door_with_a_provider() {
    let mut door = Door::new().await;
    door.desk.user("bob", "manager", &[]).await;
    let sent = door.start("https%3A%2F%2Fevil.example").await;
    assert_eq!(door.back(&sent).await.location(), "/console");
    let page = door.get("", "/console/sign-in?to=%2Fconsole%2Faudit").await;
    assert!(
        page.body.contains("/console/sign-in/provider?to=%2Fconsole%2Faudit") && !page.body.contains("password"),
        "{}",
        page.body
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://sign-in.example;"), "{policy}");
    let sent = door.start("").await;
    let ann = session(&door.back(&sent).await);
    let token = super::token(&door.get(&ann, "/console").await);
    let request = Request::post("/console/sign-out")
        .header("cookie", &ann)
        .header("content-type", "application/x-www-form-urlencoded");
    let out = door.ask(request.body(Body::from(format!("csrf={token}"))).unwrap()).await;
    assert!(
        out.location().starts_with("https://sign-in.example/logout?client_id=console&logout_uri="),
        "{}",
        out.location()
    );
    let copy = door.get(&ann, "/console").await;
    assert!(
        copy.location().starts_with("/console/sign-in?to="),
        "a copy of the cookie holds no longer: {}",
        copy.status
    );
}

#[tokio::test]
async fn a_machines_token_counts_only_where_api_gateway_has_looked_at_it() {
    let mut desk = Desk { stack: stack(&site(json!({}))).await };
    let claims = |scope: &str| {
        json!({ "accountId": "1", "apiId": "a", "requestId": "r", "stage": "$default", "timeEpoch": 0, "http": { "method": "GET" },
            "authorizer": { "jwt": { "claims": { "client_id": "books", "scope": scope }, "scopes": null } } })
    };
    for (scope, path, status) in [
        ("plugtill/viewer", "/api/v1/me", StatusCode::OK),
        ("plugtill/viewer", "/api/v1/audit", StatusCode::FORBIDDEN),
        ("plugtill/viewer plugtill/manager", "/api/v1/audit", StatusCode::OK),
        ("plugtill/manager", "/api/v1/users", StatusCode::FORBIDDEN),
        ("other/manager", "/api/v1/me", StatusCode::UNAUTHORIZED),
        ("plugtill/", "/api/v1/me", StatusCode::UNAUTHORIZED),
        ("", "/api/v1/me", StatusCode::UNAUTHORIZED),
    ] {
        let context: ApiGatewayV2httpRequestContext = serde_json::from_value(claims(scope)).unwrap();
        let request = Request::get(path).extension(RequestContext::ApiGatewayV2(context)).body(Body::empty()).unwrap();
        let reply = desk.ask(request).await;
        assert_eq!(reply.status, status, "{scope} {path}: {}", reply.body);
    }
    let written = claims("plugtill/manager").to_string();
    let request = Request::get("/api/v1/me")
        .header("x-amzn-request-context", &written)
        .header("authorization", "Bearer eyJ.e30.x");
    assert_eq!(
        desk.ask(request.body(Body::empty()).unwrap()).await.status,
        StatusCode::UNAUTHORIZED,
        "a header says nothing"
    );
}
