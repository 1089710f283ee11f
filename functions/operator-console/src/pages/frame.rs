//! What every page has around it, and how instants are said.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{DOCTYPE, Markup, html};
use plugtill_domain::access::Role;

use super::hidden;
use crate::access::Caller;
use crate::words;

/// The menu: where, what, and for whom.
const MENU: [(&str, &str, Role); 15] = [
    ("/console", words::NOW, Role::Viewer),
    ("/console/sessions", words::SESSIONS, Role::Viewer),
    ("/console/revenue", words::REVENUE, Role::Viewer),
    ("/console/leakage", words::LEAKAGE, Role::Viewer),
    ("/console/use", words::USE, Role::Viewer),
    ("/console/reconciliation", words::RECONCILIATION, Role::Manager),
    ("/console/exports", words::EXPORTS, Role::Manager),
    ("/console/incidents", words::INCIDENTS, Role::Viewer),
    ("/console/quarantine", words::QUARANTINE, Role::Manager),
    ("/console/chargers", words::CHARGERS, Role::Viewer),
    ("/console/drivers", words::DRIVERS, Role::Manager),
    ("/console/tariffs", words::TARIFFS, Role::Viewer),
    ("/console/audit", words::AUDIT, Role::Manager),
    ("/console/settings", words::SETTINGS, Role::Owner),
    ("/api/v1", words::API, Role::Viewer),
];

/// What there is for owners of all sites alone.
const OF_ALL: &str = "/console/settings";

fn opens(caller: &Caller, path: &str, role: Role) -> bool {
    caller.may(role) && (path != OF_ALL || caller.sees(None))
}

/// A page for somebody who has signed in; `here` is its place in the menu.
pub(super) fn framed(caller: &Caller, title: &str, here: &str, body: &Markup) -> Markup {
    let menu = html! {
        nav aria-label=(words::MENU) {
            ul {
                @for (path, name, role) in MENU.iter().filter(|(path, _, role)| opens(caller, path, *role)) {
                    li data-role=(role) { a href=(path) aria-current=[(*path == here).then_some("page")] { (name) } }
                }
            }
        }
        @if !caller.token.is_empty() {
            form method="post" action="/console/sign-out" {
                (hidden("csrf", &caller.token))
                span { (words::signed_in(caller.name.as_str(), caller.role.as_str())) }
                button { (words::SIGN_OUT) }
            }
        }
    };
    whole(title, Some(&menu), body)
}

/// A page for anybody.
pub(super) fn bare(title: &str, body: &Markup) -> Markup {
    whole(title, None, body)
}

fn whole(title: &str, menu: Option<&Markup>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (words::title(title)) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/console/style.css";
                @if title == words::NOW { script src="/console/live.js" defer {} }
            }
            body {
                a.skip href="#main" { (words::SKIP) }
                header {
                    strong { (words::BRAND) }
                    @if let Some(menu) = menu { (menu) }
                }
                main id="main" { h1 { (title) } (body) }
            }
        }
    }
}

/// A text whose parts between backquotes are what somebody types.
pub(super) fn worded(text: &str) -> Markup {
    html! { @for (index, part) in text.split('`').enumerate() { @if index % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// An instant by a site's clock, for people and for machines.
pub(super) fn when(at: Timestamp, zone: &TimeZone) -> Markup {
    html! { time datetime=(at) { (local(at, zone)) } }
}

pub(super) fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
}

/// The same to the second, where the order of things matters.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> Markup {
    html! { time.dim datetime=(at) { (at.to_zoned(zone.clone()).strftime("%-d %b, %H:%M:%S")) } }
}

/// The time of day alone.
pub(super) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}
