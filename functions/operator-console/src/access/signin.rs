//! Signing in and out with a password. Who tries in vain has to wait, longer each time.

use axum::Extension;
use axum::extract::{Form, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::Attempts;
use plugtill_domain::access::UserName;
use plugtill_operator::access::is_password;
use serde::Deserialize;

use super::Caller;
use super::guard::Complete;
use super::provider::Provider;
use crate::problem::Problem;
use crate::{Console, Shared, pages, words};

/// So many tries are free.
const FREE_TRIES: u32 = 3;
/// Nobody waits longer: who forgot the password has to be able to come back.
const LONGEST_WAIT_SECONDS: i64 = 900;
/// A hash that no password has: a name that nobody has takes as long to refuse as one that somebody has.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Where somebody wanted to go.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Going {
    #[serde(default)]
    pub(super) to: String,
}

/// What the form says.
#[derive(Deserialize)]
pub(crate) struct Entering {
    name: String,
    password: String,
    #[serde(default)]
    to: String,
}

pub(crate) async fn show(
    State(console): Shared,
    caller: Option<Extension<Caller>>,
    Query(going): Query<Going>,
) -> Result<Response, Problem> {
    if caller.is_some() {
        return Ok(Redirect::to(inside(&going.to)).into_response());
    }
    form(&console, inside(&going.to), None, StatusCode::OK)
}

pub(crate) async fn enter(State(console): Shared, Form(asked): Form<Entering>) -> Result<Response, Problem> {
    if console.provider.is_some() {
        return Err(Problem::not_found(words::BY_PROVIDER));
    }
    let (now, to) = (console.desk.clock.now(), inside(&asked.to));
    let Ok(name) = asked.name.trim().parse::<UserName>() else {
        return form(&console, to, Some(words::WRONG_PASSWORD), StatusCode::UNPROCESSABLE_ENTITY);
    };
    let (before, version) = console.desk.store.attempts(&name).await?;
    let wait = wait_seconds(before, now);
    let noted = Attempts { failed: before.failed.saturating_add(1), last_at: now };
    // Counted before the password is looked at: many tries at once are one.
    if wait > 0 || !console.desk.store.put_attempts(&name, noted, version).await? {
        let mut answer = form(&console, to, Some(&words::wait(wait.max(1))), StatusCode::TOO_MANY_REQUESTS)?;
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.max(1)));
        return Ok(answer);
    }
    let user = console.desk.store.user(&name).await?.filter(|user| user.removed_at.is_none());
    let hash = user.and_then(|user| user.password).unwrap_or_else(|| NOBODYS.to_owned());
    let looked = tokio::task::spawn_blocking(move || is_password(&hash, &asked.password)).await;
    if !looked.unwrap_or_default() {
        return form(&console, to, Some(words::WRONG_PASSWORD), StatusCode::UNPROCESSABLE_ENTITY);
    }
    console.desk.store.put_attempts(&name, Attempts { failed: 0, last_at: now }, version + 1).await?;
    let cookie = console.seal.session(&name, now, &nonce()?);
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response())
}

/// Ends every session of theirs, also where a cookie was copied.
pub(crate) async fn leave(State(console): Shared, caller: Caller) -> Result<Response, Problem> {
    if caller.signed_in() {
        console.desk.store.signed_out(&caller.name, console.desk.clock.now()).await?;
    }
    let to = console.provider.as_ref().map_or_else(|| "/console/sign-in".to_owned(), Provider::sign_out_at);
    Ok(([(header::SET_COOKIE, console.seal.no_session())], Redirect::to(&to)).into_response())
}

fn form(console: &Console, to: &str, problem: Option<&str>, status: StatusCode) -> Result<Response, Problem> {
    let (cookie, token) = console.seal.form(console.desk.clock.now(), &nonce()?);
    let page = match console.provider {
        Some(_) => pages::sign_in_elsewhere(to),
        None => pages::sign_in(&token, to, problem),
    };
    // Said in the page itself: the guard would say it in another.
    Ok((status, [(header::SET_COOKIE, cookie)], Extension(Complete), Html(page.into_string())).into_response())
}

/// Seconds to wait before the next try.
fn wait_seconds(attempts: Attempts, now: Timestamp) -> i64 {
    if attempts.failed < FREE_TRIES {
        return 0;
    }
    let step = (attempts.failed - FREE_TRIES).min(10);
    let wait = (1_i64 << step).min(LONGEST_WAIT_SECONDS);
    (attempts.last_at + SignedDuration::from_secs(wait)).duration_since(now).as_secs().clamp(0, LONGEST_WAIT_SECONDS)
}

/// A page of the console; nobody is led elsewhere.
pub(super) fn inside(to: &str) -> &str {
    let stays = to == "/console" || to.starts_with("/console/") || to.starts_with("/console?") || to == "/api/v1";
    if stays && !to.contains(['\\', '\r', '\n']) { to } else { "/console" }
}

pub(super) fn nonce() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no randomness for a session");
        Problem::refused(words::TRY_LATER.to_owned())
    })?;
    Ok(bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_tries_in_vain_waits_longer_each_time_and_never_longer_than_a_quarter_of_an_hour() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let waits = |failed| wait_seconds(Attempts { failed, last_at: now }, now);
        assert_eq!([0, 2, 3, 4, 6, 12, 13, 500].map(waits), [0, 0, 1, 2, 8, 512, 900, 900]);
        let later = now + SignedDuration::from_secs(LONGEST_WAIT_SECONDS);
        assert_eq!(wait_seconds(Attempts { failed: 500, last_at: now }, later), 0);
    }

    #[test]
    fn nobody_is_led_elsewhere_after_signing_in() {
        for to in ["https://evil.example", "//evil.example", "/console\\@evil", "/consoles", "/", ""] {
            assert_eq!(inside(to), "/console", "{to}");
        }
        assert_eq!(inside("/console/sessions?site=yard"), "/console/sessions?site=yard");
    }
}
