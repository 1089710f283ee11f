//! *Settings*: who may sign in, which machines have keys; `told` has who is told.

use axum::extract::{Form, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::access::{Role, Sites, UserName};
use plugtill_domain::ids::SiteId;
use plugtill_operator::{Answer, NamedUser, NewKey, NewUser, Request, UserAdded};

use super::frame::{framed, when};
use super::{MOST_SITES, hidden};
use crate::access::Caller;
use crate::problem::Problem;
use crate::{Console, Shared, look, now, words};

const HERE: &str = "/console/settings";

/// A form as it was sent: a site is there once for each that was chosen.
type Sent = Form<Vec<(String, String)>>;

/// Somebody, or a machine, as the forms say it.
#[derive(Debug)]
pub(crate) struct Named {
    name: String,
    role: String,
    /// Each a site, or empty for all.
    sites: Vec<String>,
}

impl From<Sent> for Named {
    fn from(Form(sent): Sent) -> Self {
        let mut named = Self { name: String::new(), role: String::new(), sites: Vec::new() };
        for (field, value) in sent {
            match field.as_str() {
                "name" => named.name = value,
                "role" => named.role = value,
                "site" if value.trim().is_empty() => named.sites.push(String::new()),
                "site" => {
                    let written = value.split([' ', ',']).filter(|site| !site.is_empty());
                    named.sites.extend(written.map(str::to_owned));
                }
                _ => {}
            }
        }
        named
    }
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
    let with_passwords = console.provider.is_none();
    let body = html! {
        h2 { (words::PEOPLE) }
        ul.list { @for user in &users {
            li.card {
                p { (user.name) small { (words::role(user.role)) ", " (words::at_sites(&user.sites)) } }
                @if with_passwords { (renew(&caller, user.name.as_str())) }
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
            (where_to(sites))
            div { button { (words::ADD) } }
        }
    }
}

/// Which sites: so many are ticked, more are written.
fn where_to(sites: &[(&SiteId, &str)]) -> Markup {
    let tick =
        |value: &str, name: &str| html! { label.tick { input type="checkbox" name="site" value=(value); (name) } };
    html! {
        @if sites.len() > MOST_SITES {
            label { (words::SITES_WRITTEN) input name="site" maxlength="4000" autocomplete="off" autocapitalize="none"; }
        } @else {
            fieldset {
                legend { (words::SITES_OF) }
                (tick("", words::EVERY_SITE))
                @for (id, name) in sites { (tick(id.as_str(), name)) }
            }
        }
    }
}

/// What gives somebody who has forgotten theirs another password.
fn renew(caller: &Caller, name: &str) -> Markup {
    html! {
        details { summary { (words::NEW_PASSWORD) }
            form method="post" action=(format!("{HERE}/users/password")) {
                (hidden("csrf", &caller.token)) (hidden("name", name)) button { (words::new_password(name)) }
            }
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

    /// Which sites; none is all of them, and has to be said.
    fn sites(&self) -> Result<Vec<SiteId>, Problem> {
        let some: Vec<&String> = self.sites.iter().filter(|site| !site.is_empty()).collect();
        let is_all = some.len() < self.sites.len();
        if is_all != some.is_empty() {
            return Err(Problem::field("site", "", words::NO_SITES_CHOSEN, words::CHOOSE_SITES));
        }
        some.into_iter().map(|site| site.parse().map_err(|_| Problem::not_found(words::no_site(site)))).collect()
    }
}

pub(crate) async fn add_user(State(console): Shared, caller: Caller, sent: Sent) -> Result<Html<String>, Problem> {
    of_all(&caller)?;
    let asked = Named::from(sent);
    let (name, by) = (asked.name()?, caller.name.to_string());
    let new = NewUser { name, role: asked.role()?, sites: asked.sites()?, password: None, by };
    let added = added(&console, new).await?;
    let shown = console.provider.is_none().then_some((words::PASSWORD, added.password));
    Ok(secret(&caller, (words::ADDED, added.user.name.as_str()), shown))
}

/// Another password for somebody who stays what they are; sessions with the old one end.
pub(crate) async fn renew_password(
    State(console): Shared,
    caller: Caller,
    sent: Sent,
) -> Result<Html<String>, Problem> {
    of_all(&caller)?;
    if console.provider.is_some() {
        return Err(Problem::not_found(words::BY_PROVIDER));
    }
    let name: UserName = Named::from(sent).name()?;
    let Answer::Users(users) = look::asked(&console, Request::Users).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let known = users.into_iter().find(|user| user.name == name);
    let known = known.ok_or_else(|| Problem::not_found(words::no_user(name.as_str())))?;
    let sites = match known.sites {
        Sites::All => Vec::new(),
        Sites::Only(sites) => sites.into_iter().collect(),
    };
    let new = NewUser { name, role: known.role, sites, password: None, by: caller.name.to_string() };
    let added = added(&console, new).await?;
    let shown = Some((words::PASSWORD, added.password));
    Ok(secret(&caller, (words::NEW_PASSWORD, added.user.name.as_str()), shown))
}

async fn added(console: &Console, new: NewUser) -> Result<UserAdded, Problem> {
    let Answer::UserAdded(added) = look::asked(console, Request::AddUser(new)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    Ok(added)
}

pub(crate) async fn add_key(State(console): Shared, caller: Caller, sent: Sent) -> Result<Html<String>, Problem> {
    of_all(&caller)?;
    let asked = Named::from(sent);
    let new = NewKey { name: asked.name()?, role: asked.role()?, sites: asked.sites()?, by: caller.name.to_string() };
    let Answer::KeyAdded(added) = look::asked(&console, Request::AddKey(new)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    Ok(secret(&caller, (words::ADDED, added.key.name.as_str()), Some((words::KEY, added.secret))))
}

/// What is shown this once.
fn secret(caller: &Caller, (title, name): (&str, &str), shown: Option<(&str, String)>) -> Html<String> {
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
    Html(framed(caller, title, HERE, &body).into_string())
}

pub(crate) async fn remove_user(State(console): Shared, caller: Caller, sent: Sent) -> Result<Response, Problem> {
    of_all(&caller)?;
    let named = NamedUser { name: Named::from(sent).name()?, by: caller.name.to_string() };
    look::asked(&console, Request::RemoveUser(named)).await?;
    Ok(Redirect::to(HERE).into_response())
}

pub(crate) async fn remove_key(State(console): Shared, caller: Caller, sent: Sent) -> Result<Response, Problem> {
    of_all(&caller)?;
    look::asked(&console, Request::RemoveKey { id: Named::from(sent).name, by: caller.name.to_string() }).await?;
    Ok(Redirect::to(HERE).into_response())
}
