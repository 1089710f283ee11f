//! *Settings*: who may sign in, which machines have keys; `told` has who is told.

use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::access::Role;
use plugtill_domain::ids::SiteId;
use plugtill_operator::{Answer, NamedUser, NewKey, NewUser, Request};
use serde::Deserialize;

use super::frame::{framed, when};
use super::hidden;
use crate::access::Caller;
use crate::problem::Problem;
use crate::{Shared, look, now, words};

const HERE: &str = "/console/settings";

/// Somebody, or a machine, as the forms say it.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    name: String,
    #[serde(default)]
    role: String,
    /// One site; all, when empty.
    #[serde(default)]
    site: String,
}

/// Who owns some sites has no say over who sees the others.
fn of_all(caller: &Caller) -> Result<(), Problem> {
    if caller.sees(None) { Ok(()) } else { Err(Problem::not_found(words::OWNERS_OF_ALL)) }
}

pub(crate) async fn show(State(console): Shared, caller: Caller) -> Result<Html<String>, Problem> {
    of_all(&caller)?;
    let Answer::Users(users) = look::asked(&console, Request::Users).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let Answer::Keys(keys) = look::asked(&console, Request::Keys).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let known = now::sites(&console, &caller, None).await?;
    let systems = super::told::systems(&console, &caller).await?;
    let sites: Vec<(&SiteId, &str)> = known.iter().map(|known| (&known.site.id, known.site.name.as_str())).collect();
    let body = html! {
        h2 { (words::PEOPLE) }
        ul.list { @for user in &users {
            li.card {
                p { (user.name) small { (words::role(user.role)) ", " (words::at_sites(&user.sites)) } }
                (remove(&caller, "users", user.name.as_str(), &words::remove_user(user.name.as_str())))
            }
        } }
        h3 { (words::ADD_PERSON) } (add(&caller, "users", &sites, words::PERSONS_NAME))
        h2 { (words::MACHINES) }
        @if keys.is_empty() { p.card { (words::NO_KEYS) } }
        ul.list { @for key in &keys {
            li.card {
                p { (key.name) small { (words::role(key.role)) ", " (words::at_sites(&key.sites)) ", " (words::SINCE) " " (when(key.since, &TimeZone::UTC)) " UTC" } }
                (remove(&caller, "keys", &key.id, &words::remove_key(key.name.as_str())))
            }
        } }
        h3 { (words::ADD_KEY) } (add(&caller, "keys", &sites, words::MACHINES_NAME))
        (super::told::sites(&known))
        (systems)
    };
    Ok(Html(framed(&caller, words::SETTINGS, HERE, &body).into_string()))
}

fn add(caller: &Caller, what: &str, sites: &[(&SiteId, &str)], name: &str) -> Markup {
    html! {
        form.fields method="post" action=(format!("{HERE}/{what}")) {
            (hidden("csrf", &caller.token))
            label { (name) input name="name" required maxlength="60" autocomplete="off" autocapitalize="none"; }
            label { (words::ROLE) select name="role" { @for role in Role::ALL { option value=(role) { (words::role(role)) } } } }
            label { (words::SITE) select name="site" {
                option value="" { (words::ANY_SITE) }
                @for (id, name) in sites { option value=(id) { (name) } }
            } }
            div { button { (words::ADD) } }
        }
    }
}

fn remove(caller: &Caller, what: &str, name: &str, label: &str) -> Markup {
    html! {
        details { summary { (words::REMOVE) }
            form method="post" action=(format!("{HERE}/{what}/remove")) {
                (hidden("csrf", &caller.token)) (hidden("name", name)) button { (label) }
            }
        }
    }
}

impl Named {
    fn role(&self) -> Result<Role, Problem> {
        self.role.parse().map_err(|error: plugtill_domain::access::NotARole| {
            Problem::field("role", &self.role, error.to_string(), &words::one_of(&Role::ALL.map(Role::as_str)))
        })
    }

    fn name<T: std::str::FromStr<Err: std::fmt::Display>>(&self) -> Result<T, Problem> {
        let wrong = |error: T::Err| Problem::field("name", &self.name, error.to_string(), words::GIVE_NAME);
        self.name.trim().parse().map_err(wrong)
    }

    fn sites(&self) -> Result<Vec<SiteId>, Problem> {
        let given = Some(self.site.as_str()).filter(|site| !site.is_empty());
        let read = given.map(|site| site.parse().map_err(|_| Problem::not_found(words::no_site(site))));
        Ok(read.transpose()?.into_iter().collect())
    }
}

pub(crate) async fn add_user(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Named>,
) -> Result<Html<String>, Problem> {
    of_all(&caller)?;
    let by = caller.name.to_string();
    let new = NewUser { name: asked.name()?, role: asked.role()?, sites: asked.sites()?, password: None, by };
    let Answer::UserAdded(added) = look::asked(&console, Request::AddUser(new)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let shown = console.provider.is_none().then_some((words::PASSWORD, added.password));
    Ok(secret(&caller, added.user.name.as_str(), shown))
}

pub(crate) async fn add_key(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Named>,
) -> Result<Html<String>, Problem> {
    of_all(&caller)?;
    let new = NewKey { name: asked.name()?, role: asked.role()?, sites: asked.sites()?, by: caller.name.to_string() };
    let Answer::KeyAdded(added) = look::asked(&console, Request::AddKey(new)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    Ok(secret(&caller, added.key.name.as_str(), Some((words::KEY, added.secret))))
}

/// What is shown this once.
fn secret(caller: &Caller, name: &str, shown: Option<(&str, String)>) -> Html<String> {
    let body = html! {
        @match shown {
            Some((what, secret)) => {
                p role="status" { (words::SHOWN_ONCE) }
                dl { dt { (words::NAME) } dd { code { (name) } } dt { (what) } dd { code { (secret) } } }
            }
            None => { p role="status" { (words::by_provider(name)) } }
        }
        p.row { a.button href=(HERE) { (words::TO_SETTINGS) } }
    };
    Html(framed(caller, words::ADDED, HERE, &body).into_string())
}

pub(crate) async fn remove_user(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Named>,
) -> Result<Response, Problem> {
    of_all(&caller)?;
    let named = NamedUser { name: asked.name()?, by: caller.name.to_string() };
    look::asked(&console, Request::RemoveUser(named)).await?;
    Ok(Redirect::to(HERE).into_response())
}

pub(crate) async fn remove_key(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Named>,
) -> Result<Response, Problem> {
    of_all(&caller)?;
    look::asked(&console, Request::RemoveKey { id: asked.name, by: caller.name.to_string() }).await?;
    Ok(Redirect::to(HERE).into_response())
}
