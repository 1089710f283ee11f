//! Orders. Each carries a name of the caller's, so that one that is sent again is carried out once and answered the same.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use plugtill_adapters::store::{Answered, Begun, NamedOrder};
use plugtill_domain::incident::Subject;
use plugtill_operator::{Answer, Credit, OfIncident, OfSession, Request, Reviewing, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::shapes as s;
use crate::access::Caller;
use crate::pages::Decision;
use crate::problem::Problem;
use crate::{Console, Shared, look, story, words};

/// The header that names an order.
const KEY: &str = "idempotency-key";
/// No name is longer.
pub(super) const LONGEST_KEY: usize = 200;

/// An order as it was sent.
pub(super) struct Sent<'a> {
    console: &'a Console,
    order: NamedOrder,
}

pub(super) async fn credit(
    State(console): Shared,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (sent, new) = read::<s::NewCredit>(&console, &caller, &headers, (&format!("credit {id}"), &body))?;
    let session = story::seen(&console, &caller, &id).await?.id;
    let line = new.line.map(usize::try_from).and_then(Result::ok);
    let (id, by) = (sent.id(), caller.name.to_string());
    let credit = Credit { session, id, amount: new.amount, line, reason: new.reason, by, apply: true };
    sent.once(done(&console, Request::Credit(credit))).await
}

/// What is decided about a session, with a reason.
pub(super) async fn decide(
    State(console): Shared,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
    decision: Decision,
) -> Result<Response, Problem> {
    let what = format!("{} {id}", decision.path());
    let (sent, new) = read::<s::NewDecision>(&console, &caller, &headers, (&what, &body))?;
    let session = story::seen(&console, &caller, &id).await?.id;
    let decided = OfSession { session, reason: new.reason, by: caller.name.to_string(), apply: true };
    sent.once(done(&console, decision.request(decided))).await
}

pub(super) async fn look_after(
    State(console): Shared,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (sent, new) = read::<s::LookingAfter>(&console, &caller, &headers, ("look after", &body))?;
    let asked = of_incident(&caller, &new.subject, new.first_at)?;
    sent.once(async {
        let Answer::Incidents(shown) = look::asked(&console, Request::LookAfter(asked)).await? else { return Ok(None) };
        Ok(shown.into_iter().next().map(s::Incident::from))
    })
    .await
}

pub(super) async fn exclude(
    State(console): Shared,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (sent, new) = read::<s::Excluding>(&console, &caller, &headers, ("exclude", &body))?;
    let asked = of_incident(&caller, &new.subject, new.first_at)?;
    let asked = OfIncident { reason: new.reason, ..asked };
    sent.once(async {
        let Answer::Incidents(shown) = look::asked(&console, Request::Exclude(asked)).await? else { return Ok(None) };
        Ok(shown.into_iter().next().map(s::Incident::from))
    })
    .await
}

/// The order to look after an incident, where the caller may see it.
pub(crate) fn of_incident(
    caller: &Caller,
    subject: &str,
    first_at: Option<jiff::Timestamp>,
) -> Result<OfIncident, Problem> {
    let missing = || Problem::not_found(words::no_incident(subject));
    let subject: Subject = subject.parse().map_err(|_| missing())?;
    if !caller.sees(subject.site.as_ref()) {
        return Err(missing());
    }
    Ok(OfIncident { subject, first_at, by: caller.name.to_string(), reason: String::new() })
}

pub(super) async fn review(
    State(console): Shared,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (sent, new) = read::<s::Review>(&console, &caller, &headers, (&format!("review {id}"), &body))?;
    let asked = reviewing(&console, &caller, &id, (&new.decision, new.note)).await?;
    sent.once(async {
        let Answer::Quarantine(kept) = look::asked(&console, Request::Review(asked)).await? else { return Ok(None) };
        Ok(kept.into_iter().next().map(s::Waiting::from))
    })
    .await
}

/// The order that says what becomes of something in quarantine, where the caller may see it.
pub(crate) async fn reviewing(
    console: &Console,
    caller: &Caller,
    id: &str,
    (decision, note): (&str, String),
) -> Result<Reviewing, Problem> {
    let id = look::one_kept(console, caller, id).await?.id;
    let decision = match decision {
        "retry" => Verdict::Retry,
        "accept" => Verdict::Accept,
        "drop" => Verdict::Drop,
        other => {
            let known = words::one_of(&["retry", "accept", "drop"]);
            return Err(Problem::field("decision", other, words::no_decision(other), &known));
        }
    };
    Ok(Reviewing { id, decision, note, by: caller.name.to_string() })
}

async fn done(console: &Console, request: Request) -> Result<Option<s::Done>, Problem> {
    let Answer::Done(done) = look::asked(console, request).await? else { return Ok(None) };
    Ok(Some(done.into()))
}

pub(super) fn read<'a, T: DeserializeOwned>(
    console: &'a Console,
    caller: &'a Caller,
    headers: &HeaderMap,
    (what, body): (&str, &Bytes),
) -> Result<(Sent<'a>, T), Problem> {
    let key = headers.get(KEY).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !(1..=LONGEST_KEY).contains(&key.len()) {
        return Err(Problem::field("Idempotency-Key", key, words::NO_KEY, words::GIVE_KEY));
    }
    let unreadable = |error: serde_json::Error| Problem::unreadable(StatusCode::BAD_REQUEST, error.to_string());
    let new = serde_json::from_slice(body).map_err(unreadable)?;
    let asked = format!("{what} {}", String::from_utf8_lossy(body));
    let order = NamedOrder { by: caller.kind_and_name(), name: key.to_owned(), asked };
    Ok((Sent { console, order }, new))
}

impl Sent<'_> {
    /// What it is known by beyond the API: names are a caller's own.
    fn id(&self) -> String {
        format!("{}/{}", self.order.by, self.order.name)
    }

    /// Carries an order out, or answers what it was answered before.
    pub(super) async fn once<T: Serialize>(
        self,
        order: impl Future<Output = Result<Option<T>, Problem>>,
    ) -> Result<Response, Problem> {
        let (store, clock) = (&self.console.desk.store, &self.console.desk.clock);
        match store.begin_order(&self.order, clock.now()).await? {
            Begun::Free => {}
            Begun::Underway => return Err(Problem::underway()),
            Begun::Answered(before) => return Ok(answer(before.status, before.body)),
            Begun::Another => {
                return Err(Problem::field("Idempotency-Key", &self.order.name, words::KEY_USED, words::GIVE_KEY));
            }
        }
        let done = match Box::pin(order).await {
            Ok(done) => done,
            Err(problem) => {
                // Refused, or broken off: it may be sent again at once, and finds what was done of it.
                store.end_order(&self.order, None, clock.now()).await?;
                return Err(problem);
            }
        };
        let body = serde_json::to_string(&done);
        let body = body.map_err(|error| Problem::unreadable(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        let answered = Answered { status: 200, body: body.clone() };
        store.end_order(&self.order, Some(&answered), clock.now()).await?;
        Ok(answer(200, body))
    }
}

fn answer(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
