//! The API for readers: what its document says, as a page.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};

use super::frame::{framed, worded};
use crate::access::Caller;
use crate::routes::{self, Face, Route};
use crate::{Shared, api, words};

pub(crate) async fn show(State(console): Shared, caller: Caller) -> Html<String> {
    let routes = routes::all();
    let scheme = if console.seal.is_secure() { "https" } else { "http" };
    let example = format!("curl -H 'Authorization: Bearer KEY' {scheme}://HOST/api/v1/sessions?limit=10");
    let body = html! {
        p { (words::API_ABOUT) }
        p { (worded(words::API_HINT)) }
        pre { (example) }
        p { a href="/console/openapi.json" { (words::API_DOCUMENT) } }
        @for route in routes.iter().filter(|route| route.face == Face::Api) { (section(route)) }
    };
    Html(framed(&caller, words::API_READER, "/api/v1", &body).into_string())
}

fn section(route: &Route) -> Markup {
    html! {
        @if let Some(about) = &route.about {
            section {
                h2 { (route.method) " " code { (route.path) } }
                p {
                    (about.summary)
                    @if let Some(role) = api::least(route.needs) { " · " (words::API_ROLE) " " (role) }
                    @if about.body.is_some() { " · " (words::API_ORDER) }
                }
                @if !about.query.is_empty() {
                    dl { @for parameter in &about.query { dt { code { (parameter.name) } } dd { (worded(parameter.what)) } } }
                }
            }
        }
    }
}
