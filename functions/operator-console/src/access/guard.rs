//! What stands before every route: who asks, whether they may, whether a form is ours; and what goes with every answer.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use lambda_http::request::RequestContext;
use plugtill_domain::access::{Role, Sites, UserName};
use plugtill_domain::ids::SiteId;
use plugtill_operator::access::KEY_PREFIX;

use crate::asked::nothing_empty;
use crate::problem::Problem;
use crate::routes::{Face, Needs};
use crate::{Console, pages};

/// What the scopes of machines begin with: `plugtill/viewer`.
const SCOPES: &str = "plugtill/";
/// No form and no order is longer; the longest is a site file.
const LONGEST_BODY: usize = 512 * 1024;
/// No script and no style but our own files, no form and no request to elsewhere, nothing of ours in another's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A route's gate.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) console: Arc<Console>,
    pub(crate) needs: Needs,
    pub(crate) face: Face,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The name that stands in the audit trail.
    pub(crate) name: UserName,
    pub(crate) role: Role,
    pub(crate) sites: Sites,
    /// The value of the session's cookie; none of a machine.
    session: Option<String>,
    /// What its forms carry.
    pub(crate) token: String,
}

impl Caller {
    /// Whether they may see what is this site's, or no site's.
    pub(crate) fn sees(&self, site: Option<&SiteId>) -> bool {
        self.sites.include(site)
    }

    /// A person and a machine may bear the same name.
    pub(crate) fn kind_and_name(&self) -> String {
        let kind = if self.signed_in() { "user" } else { "machine" };
        format!("{kind}:{}", self.name)
    }

    /// Whether a cookie says who they are: a key may bear the name of somebody.
    pub(crate) const fn signed_in(&self) -> bool {
        self.session.is_some()
    }

    /// Whether they may do what needs this role.
    pub(crate) fn may(&self, role: Role) -> bool {
        self.role >= role
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::signed_out)
    }
}

pub(crate) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query().map(|it| it.as_str().to_owned()).unwrap_or_default();
    let goes_on = *request.method() == Method::GET && gate.face == Face::Page;
    let (caller, answer) = match pass(&gate, request).await {
        Ok((caller, request)) => (caller, next.run(request).await),
        Err(problem) if goes_on && problem.status() == StatusCode::UNAUTHORIZED => {
            let back = form_urlencoded::byte_serialize(target.as_bytes()).collect::<String>();
            (None, Redirect::to(&format!("/console/sign-in?to={back}")).into_response())
        }
        Err(problem) => (None, problem.into_response()),
    };
    dressed(&gate, said(&gate, caller.as_ref(), answer).await)
}

/// Lets a request through, with who it comes from; or says why not.
async fn pass(gate: &Gate, mut request: Request) -> Result<(Option<Caller>, Request), Problem> {
    let caller = match authorized(&request) {
        Some(caller) => Some(caller),
        None => identify(&gate.console, request.headers()).await?,
    };
    if let Needs::Role(needs) = gate.needs {
        let caller = caller.as_ref().ok_or_else(Problem::signed_out)?;
        if !caller.may(needs) {
            return Err(Problem::forbidden(needs));
        }
    }
    if gate.face == Face::Api {
        if let Some(caller) = &caller {
            let paced = gate.console.pace.take(&caller.name, gate.console.desk.clock.now());
            paced.map_err(|wait| Problem::too_many(wait.as_secs() + 1))?;
        }
        nothing_empty(request.uri().query().unwrap_or_default())?;
    }
    if *request.method() != Method::GET {
        request = ours(gate, caller.as_ref(), request).await?;
    }
    if let Some(caller) = &caller {
        request.extensions_mut().insert(caller.clone());
    }
    Ok((caller, request))
}

/// A machine whose token API Gateway has looked at, where a deployment has it do so: it says so beside the request, where nobody
/// outside can write.
fn authorized(request: &Request) -> Option<Caller> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.extensions().get::<RequestContext>() else { return None };
    let jwt = context.authorizer.as_ref()?.jwt.as_ref()?;
    let scopes = jwt.claims.get("scope")?;
    let role = scopes.split(' ').filter_map(|scope| scope.strip_prefix(SCOPES)?.parse::<Role>().ok()).max()?;
    let name = jwt.claims.get("client_id")?.parse().ok()?;
    Some(Caller { name, role, sites: Sites::All, session: None, token: String::new() })
}

async fn identify(console: &Console, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(sent) = sent {
        let Some(key) = sent.strip_prefix("Bearer ") else { return Ok(None) };
        return machine(console, key.trim()).await;
    }
    let Some(session) = console.seal.session_of(headers, console.desk.clock.now()) else { return Ok(None) };
    let known = console.desk.store.user(&session.name).await?;
    let holds = known.filter(|user| user.admits(session.since));
    let token = console.seal.token(&session.value);
    Ok(holds.map(|user| Caller {
        name: user.name,
        role: user.role,
        sites: user.sites,
        session: Some(session.value),
        token,
    }))
}

async fn machine(console: &Console, key: &str) -> Result<Option<Caller>, Problem> {
    let mut parts = key.splitn(3, '.');
    let (Some(KEY_PREFIX), Some(id), Some(secret)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let known = console.desk.store.api_key(id).await?;
    let holds = known.filter(|key| key.removed_at.is_none() && key.credential.is(secret));
    Ok(holds.map(|key| Caller {
        name: key.name,
        role: key.role,
        sites: key.sites,
        session: None,
        token: String::new(),
    }))
}

/// Lets what changes something through only if it comes from a form of the session's own. A machine's key is sent by nobody
/// else's page.
async fn ours(gate: &Gate, caller: Option<&Caller>, request: Request) -> Result<Request, Problem> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await;
    let body = body.map_err(|error| Problem::unreadable(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))?;
    let seal = &gate.console.seal;
    let value = match (caller, gate.needs) {
        (Some(Caller { session: None, .. }), _) => return Ok(Request::from_parts(parts, Body::from(body))),
        (Some(Caller { session, .. }), Needs::Role(_)) => session.clone(),
        (_, Needs::Nobody) | (None, Needs::Role(_)) => {
            seal.form_of(&parts.headers, gate.console.desk.clock.now()).map(str::to_owned)
        }
    };
    let token = match gate.face {
        Face::Page => token_in(&body),
        Face::Api => parts.headers.get("x-csrf-token").and_then(|it| it.to_str().ok()).map(str::to_owned),
    };
    match (value, token) {
        (Some(value), Some(token)) if seal.is_token(&value, &token) => Ok(Request::from_parts(parts, Body::from(body))),
        _ => Err(Problem::not_our_form()),
    }
}

fn token_in(body: &Bytes) -> Option<String> {
    form_urlencoded::parse(body).find(|(name, _)| name == "csrf").map(|(_, token)| token.into_owned())
}

/// Says a problem to whom the route speaks.
async fn said(gate: &Gate, caller: Option<&Caller>, answer: Response) -> Response {
    let status = answer.status();
    let is_problem = status.is_client_error() || status.is_server_error();
    if !is_problem || answer.extensions().get::<Complete>().is_some() {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let wait = parts.headers.remove(header::RETRY_AFTER);
    let problem = if let Some(problem) = parts.extensions.remove::<Problem>() {
        problem
    } else {
        // What axum says of a request that it cannot read.
        let text = to_bytes(body, LONGEST_BODY).await.unwrap_or_default();
        Problem::unreadable(status, String::from_utf8_lossy(&text).into_owned())
    };
    let mut answer = match gate.face {
        Face::Api => (status, [(header::CONTENT_TYPE, "application/problem+json")], Json(problem)).into_response(),
        Face::Page => (status, pages::problem(caller, &problem)).into_response(),
    };
    if gate.face == Face::Api {
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = wait {
            answer.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        if status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
    }
    answer
}

fn dressed(gate: &Gate, mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    if let Some(policy) = gate.console.provider.as_ref().and_then(|provider| provider.policy(POLICY)) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    let mut put = |name: header::HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(header::CACHE_CONTROL, "no-store");
    if gate.console.seal.is_secure() {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    answer
}

/// The answer says itself what is wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Complete;
