//! Which language a driver reads: the one chosen on a page, or else remembered from there, or else what the browser asks for.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::header::{ACCEPT_LANGUAGE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use plugtill_domain::language::Language;
use plugtill_texts::preferred;

use crate::page;
use crate::problem::Told;

/// The parameter of an address and the cookie: nothing about anybody but the language they chose.
const NAME: &str = "lang";
/// A year.
const REMEMBERED: &str = "Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly";

/// Finds the language before a route is asked, and says in it what went wrong.
pub(crate) async fn spoken(mut request: Request, next: Next) -> Response {
    let chosen = request.uri().query().and_then(|query| named(query, '&'));
    let language = chosen.unwrap_or_else(|| remembered(request.headers()));
    request.extensions_mut().insert(language);
    let mut answer = next.run(request).await;
    if let Some(told) = answer.extensions_mut().remove::<Told>() {
        let page = page::problem(language, &told.words(language));
        answer = (answer.status(), Html(page.into_string())).into_response();
    }
    if let Some(Ok(cookie)) = chosen.map(|it| HeaderValue::from_str(&format!("{NAME}={}; {REMEMBERED}", it.as_str()))) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

fn remembered(headers: &HeaderMap) -> Language {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    named(text(COOKIE), ';').unwrap_or_else(|| preferred(text(ACCEPT_LANGUAGE)))
}

/// The language among the pairs of an address or a cookie header.
fn named(pairs: &str, between: char) -> Option<Language> {
    let mut values = pairs.split(between).filter_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='));
    values.find_map(Language::from_code)
}
