//! All that the console says, in one place, so that it can be said in another language.

mod books;
mod manage;
mod names;
mod pages;

use plugtill_domain::access::Role;

pub(crate) use books::*;
pub(crate) use manage::*;
pub(crate) use names::*;
pub(crate) use pages::*;

// Kinds of problem: the word in its address, and what it is called.
pub(crate) const EMPTY: &str = "A parameter is named and has no value.";
pub(crate) const LEAVE_OUT: &str = "Give it a value, or leave it out.";
pub(crate) const NO_PAGE: &str = "Nothing has this address.";
pub(crate) const NOT_FOUND: [&str; 2] = ["/problems/not-found", "There is nothing there"];
pub(crate) const WRONG_FIELD: [&str; 2] = ["/problems/wrong-request", "The request cannot be used"];
pub(crate) const SIGNED_OUT: [&str; 2] = ["/problems/signed-out", "Nobody has signed in"];
pub(crate) const FORBIDDEN: [&str; 2] = ["/problems/forbidden", "You may not do this"];
pub(crate) const NOT_OUR_FORM: [&str; 2] = ["/problems/foreign-form", "The form is not of this session"];
pub(crate) const REFUSED: [&str; 2] = ["/problems/refused", "This cannot be done now"];
pub(crate) const TOO_MANY: [&str; 2] = ["/problems/too-many", "Too many requests"];
pub(crate) const UNAVAILABLE: [&str; 2] = ["/problems/unavailable", "This does not work at the moment"];

// What to do.
pub(crate) const LOOK_AGAIN: &str = "Look for it in the list; it may be another site's.";
pub(crate) const SEE_DOCUMENT: &str = "Compare the request with /api/v1/openapi.json.";
pub(crate) const SEND_KEY: &str = "Send a key as `Authorization: Bearer`; `plugtill key add` makes one.";
pub(crate) const ASK_OWNER: &str = "Ask an owner to give you the role.";
pub(crate) const SEND_AGAIN: &str = "Open the page again and send its form.";
pub(crate) const LOOK_AT_STATE: &str = "Look at how it is now; somebody else may have been faster.";
pub(crate) const ASK_SLOWER: &str = "Ask at most fifty times a second, and wait as long as `Retry-After` says.";
pub(crate) const UNDERWAY: &str = "An order of this name is being carried out.";
pub(crate) const ASK_SOON: &str = "Send it again in a moment: it will be answered as this one is.";
pub(crate) const TRY_LATER: &str = "Try again in a minute.";
pub(crate) const GIVE_AMOUNT: &str = "Give a decimal number such as 12.50.";
pub(crate) const ONE_OF_BOTH: &str = "Give an amount or a line, not both.";
pub(crate) const GIVE_WORDS: &str = "Say it in a few words.";
pub(crate) const GIVE_SITE: &str = "Give a site's id, as /api/v1/sites lists them.";
pub(crate) const GIVE_CHARGER: &str = "Give a charger's id, as it connects.";
pub(crate) const GIVE_AFTER: &str = "Give the `next` of the page before, as it is.";
pub(crate) const GIVE_INSTANT: &str = "Give an instant such as 2026-03-02T10:00:00Z, or a day such as 2026-03-02.";
pub(crate) const GIVE_DAY: &str = "Give a day such as 2026-03-02.";
pub(crate) const GIVE_FLAG: &str = "Give true or false.";
pub(crate) const GIVE_LIMIT: &str = "Give a whole number from 1 to 200.";
pub(crate) const GIVE_KEY: &str =
    "Give each order a name of its own, 1 to 200 characters long; an order that is repeated keeps it.";

// What is wrong.
pub(crate) const NOBODY_SIGNED_IN: &str = "The request carries no session and no key that holds.";
pub(crate) const FORM_TOO_OLD: &str = "Its token is missing, of another session, or too old. Nothing was done.";
pub(crate) const TABLE_SILENT: &str = "The table does not answer.";
pub(crate) const NO_KEY: &str = "An order needs a name, so that it is carried out once.";
pub(crate) const KEY_USED: &str = "Another order had this name within the last 24 hours. Nothing was done.";
pub(crate) const BACKWARDS: &str = "The first day lies after the last, or before 1970.";
pub(crate) const OWNERS_OF_ALL: &str = "Only an owner of all sites sees who may sign in.";

// What the document says.
pub(crate) const NO_PROVIDER: &str = "Nobody signs in here through a provider, but with a name and a password.";
pub(crate) const BY_PROVIDER: &str = "Nobody signs in here with a password, but through the provider.";
pub(crate) const NOT_PROVEN: &str = "The provider did not prove who you are.";
pub(crate) const SIGN_IN_AGAIN: &str = "Go to /console/sign-in and begin anew.";
pub(crate) const ASK_FOR_ADMISSION: &str = "Not let in yet? An owner adds you under your e-mail address.";
pub(crate) const DEPLOYMENT: &str = "deployment";
pub(crate) const FIRST_OWNER: &str = "the first owner";
pub(crate) const API_TITLE: &str = "plugtill";
pub(crate) const API_ABOUT: &str = "What operators see and order. Instants are UTC; amounts are decimal numbers as text, \
                                    in major units. Whatever is wrong is said as application/problem+json.";
pub(crate) const API_KEYS: &str = "A key, as `plugtill key add` makes it.";
pub(crate) const IDEMPOTENCY: &str = "Your name for the order: the same name orders once, for 24 hours.";
pub(crate) const ANSWER: &str = "The answer";
pub(crate) const NEEDS_NOBODY: &str = "For anybody.";

pub(crate) fn needs_role(role: Role) -> String {
    format!("Needs the role {role}, or one that may more.")
}

pub(crate) fn not_admitted(email: &str) -> String {
    format!("`{email}` is not among those who may sign in. An owner can add this address.")
}

pub(crate) fn no_site(id: &str) -> String {
    format!("There is no site `{id}`.")
}

pub(crate) fn no_session(id: &str) -> String {
    format!("There is no session `{id}`.")
}

pub(crate) fn no_incident(subject: &str) -> String {
    format!("There is no incident `{subject}`.")
}

pub(crate) fn no_quarantine(id: &str) -> String {
    format!("There is nothing called `{id}` in quarantine.")
}

pub(crate) fn no_parameter(name: &str) -> String {
    format!("There is no parameter `{name}` here.")
}

pub(crate) fn no_instant(text: &str) -> String {
    format!("`{text}` is no instant and no day.")
}

pub(crate) fn no_limit(text: &str) -> String {
    format!("`{text}` is no length of a page.")
}

pub(crate) fn no_outcome(text: &str) -> String {
    format!("`{text}` is no outcome.")
}

pub(crate) fn no_decision(text: &str) -> String {
    format!("`{text}` is no decision.")
}

pub(crate) fn one_of(known: &[&str]) -> String {
    if known.is_empty() { "Leave it out.".to_owned() } else { format!("Give one of: {}.", known.join(", ")) }
}
