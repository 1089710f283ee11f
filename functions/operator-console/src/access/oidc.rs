//! Signing in through a provider: sent there, and back with a code. Who may enter is still our own table.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header;
use plugtill_adapters::store::{Audited, User};
use plugtill_domain::access::{Role, Sites, UserName};
use serde::Deserialize;

use super::provider::{Attempt, Provider};
use super::signin::{Going, inside, nonce};
use crate::problem::Problem;
use crate::{Console, Shared, words};

/// What the provider sends somebody back with.
#[derive(Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

pub(crate) async fn start(State(console): Shared, Query(going): Query<Going>) -> Result<Response, Problem> {
    let provider = provider(&console)?;
    let (cookie, value) = console.seal.attempt(inside(&going.to), console.desk.clock.now(), &nonce()?);
    let to = provider.sign_in_at(&attempt(&console, &value));
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
}

pub(crate) async fn back(
    State(console): Shared,
    headers: http::HeaderMap,
    Query(sent): Query<Back>,
) -> Result<Response, Problem> {
    let (provider, now) = (provider(&console)?, console.desk.clock.now());
    let (to, value) = console.seal.attempt_of(&headers, now).ok_or_else(Problem::not_our_form)?;
    let attempt = attempt(&console, &value);
    // Compared in full; the state is no secret of ours that timing could tell, it is an HMAC of what the browser holds.
    if sent.state != attempt.state || sent.code.is_empty() {
        return Err(Problem::not_our_form());
    }
    let email = provider.email_of(&sent.code, &attempt, now).await.map_err(|error| {
        tracing::warn!(%error, "nobody was signed in");
        Problem::not_signed_in(words::NOT_PROVEN.to_owned())
    })?;
    let Some(name) = admitted(&console, provider, &email).await? else {
        return Err(Problem::not_signed_in(words::not_admitted(&email)));
    };
    let session = console.seal.session(&name, now, &nonce()?);
    let mut answer = Redirect::to(inside(&to)).into_response();
    for cookie in [session, console.seal.no_attempt()] {
        let cookie = cookie.parse().map_err(|_| Problem::not_our_form())?;
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

fn provider(console: &Console) -> Result<&Provider, Problem> {
    console.provider.as_ref().ok_or_else(|| Problem::not_found(words::NO_PROVIDER))
}

/// All that is sent along is made of the value that the browser keeps: a callback of another browser fits none.
fn attempt(console: &Console, value: &str) -> Attempt {
    let made = |purpose| console.seal.made_of(purpose, value);
    Attempt { state: made("oidc-state"), nonce: made("oidc-nonce"), verifier: made("oidc-verifier") }
}

/// Whose name this is among those who may sign in. As long as nobody owns all sites, the owner that the deployment names is let in.
async fn admitted(console: &Console, provider: &Provider, email: &str) -> Result<Option<UserName>, Problem> {
    let Ok(name) = email.parse::<UserName>() else { return Ok(None) };
    let store = &console.desk.store;
    if store.user(&name).await?.is_some_and(|user| user.removed_at.is_none()) {
        return Ok(Some(name));
    }
    let owns = |user: &User| user.removed_at.is_none() && user.role == Role::Owner && user.sites == Sites::All;
    if provider.settings.owner.as_ref() != Some(&name) || store.users().await?.iter().any(owns) {
        return Ok(None);
    }
    let now = console.desk.clock.now();
    let (role, sites) = (Role::Owner, Sites::All);
    let (password, removed_at, signed_out_at) = (None, None, None);
    let user = User { name: name.clone(), role, sites, password, since: now, removed_at, signed_out_at };
    store.put_user(&user).await?;
    let order = format!("let {name} sign in as {role}");
    let (by, outcome) = (words::DEPLOYMENT.to_owned(), words::FIRST_OWNER.to_owned());
    store.audit(&Audited { at: now, by, session: None, order, outcome }).await?;
    Ok(Some(name))
}
