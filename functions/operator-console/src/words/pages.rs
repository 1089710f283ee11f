//! What pages say.

use jiff::civil::Date;
use plugtill_domain::incident::Kind;
use plugtill_domain::money::Money;
use plugtill_operator::Done;
use rust_decimal::Decimal;

pub(crate) const BRAND: &str = "plugtill";
pub(crate) const SKIP: &str = "Skip to the content";
pub(crate) const MENU: &str = "Console";
pub(crate) const NOW: &str = "Now";
pub(crate) const SESSIONS: &str = "Sessions";
pub(crate) const INCIDENTS: &str = "Incidents";
pub(crate) const QUARANTINE: &str = "Quarantine";
pub(crate) const AUDIT: &str = "Audit";
pub(crate) const API: &str = "API";
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const SIGN_OUT: &str = "Sign out";
pub(crate) const NAME: &str = "Name";
pub(crate) const PASSWORD: &str = "Password";
pub(crate) const WRONG_PASSWORD: &str = "Name and password do not go together. Nobody was signed in.";
pub(crate) const FORGOTTEN: &str = "No password yet, or forgotten it? On the machine that runs plugtill, an owner makes a new \
                                    one with `plugtill user add NAME --role manager`.";

pub(crate) const NEEDS_ME: &str = "What needs you";
pub(crate) const ALL_IS_WELL: &str = "Nothing needs you: no open incident, nothing in quarantine, nothing unpaid.";
pub(crate) const OPEN_INCIDENTS: &str = "open incidents";
pub(crate) const OPEN_INCIDENT: &str = "open incident";
pub(crate) const IN_QUARANTINE: &str = "waiting in quarantine";
pub(crate) const UNPAID: &str = "not paid";
pub(crate) const NO_SITES: &str =
    "There is no site yet. Start `plugtill serve --site site.json` with a site file, or publish one.";
pub(crate) const NO_CONNECTORS: &str = "No connector is listed here yet. Add a charger with `plugtill charger add`, or name it in the \
                                        site file.";
pub(crate) const IDLE_SINCE: &str = "idle since";
pub(crate) const MORE_TILES: &str = "More connectors";

pub(crate) const MORE: &str = "More of them";
pub(crate) const FILTER: &str = "Search";
pub(crate) const MORE_FILTERS: &str = "More to search by";
pub(crate) const SITE: &str = "Site";
pub(crate) const ANY_SITE: &str = "Any site";
pub(crate) const CHARGER: &str = "Charger";
pub(crate) const OUTCOME: &str = "How it ended";
pub(crate) const ANY_OUTCOME: &str = "Any";
pub(crate) const FROM: &str = "From day";
pub(crate) const TO: &str = "To day";
pub(crate) const SEARCH: &str = "Tag, receipt or session";
pub(crate) const STARTED: &str = "Started";
pub(crate) const PLACE: &str = "Where";
pub(crate) const ENERGY: &str = "Energy";
pub(crate) const BILLED: &str = "Billed";
pub(crate) const OLDER: &str = "Older sessions";
pub(crate) const FURTHER: &str = "Look further back";
pub(crate) const NO_SESSIONS: &str = "No session was found. Widen the days, or leave the filters empty.";
pub(crate) const NONE_YET: &str = "There is no session yet. One appears here as soon as a charger reports a start.";

pub(crate) const BILL: &str = "Bill";
pub(crate) const NO_BILL: &str = "The bill is made when the session has ended.";
pub(crate) const MONEY: &str = "Card and money";
pub(crate) const NO_MONEY: &str = "No money was asked for yet.";
pub(crate) const POSTINGS: &str = "Postings";
pub(crate) const NO_POSTINGS: &str = "Nothing is posted before the session has an outcome.";
pub(crate) const TIMELINE: &str = "What the charger said";
pub(crate) const CREDITS: &str = "Credit notes";
pub(crate) const TAG: &str = "Tag";
pub(crate) const UNTIL: &str = "Until";
pub(crate) const RECEIPT: &str = "Receipt";
pub(crate) const OWED: &str = "Owed";
pub(crate) const CONTRADICTED: &str = "Speaks against the bill";
pub(crate) const RUNS: &str = "it runs";
pub(crate) const RUNNING: &str = "Running";
pub(crate) const DRIVERS_PAGE: &str = "The driver's page";
pub(crate) const GIVE_BACK: &str = "Give something back";
pub(crate) const GIVE_UP: &str = "Give up what is owed";
pub(crate) const CHARGE_AGAIN: &str = "Ask the card once more";
pub(crate) const END_IT: &str = "Say that it is over";
pub(crate) const SEND_RECEIPT: &str = "Send the receipt once more";
pub(crate) const ACTIONS: &str = "What you can do";

pub(crate) const HOW_MUCH: &str = "How much, tax included; empty for all that is left";
pub(crate) const WHICH_LINE: &str = "Or one line of the bill";
pub(crate) const NO_LINE: &str = "No line";
pub(crate) const REASON_PRINTED: &str = "Reason; it is printed on the credit note";
pub(crate) const REASON: &str = "Reason; it stands in the audit trail";
pub(crate) const LOOK_FIRST: &str = "Look what it does";
pub(crate) const DO_IT: &str = "Do it";
pub(crate) const BACK: &str = "Leave it as it is";
pub(crate) const NOT_DONE_YET: &str = "Nothing is done yet. This is what would come of it:";
pub(crate) const STANDS_IN_AUDIT: &str = "It stands in the audit trail under your name.";
pub(crate) const WHY: &str = "Reason";

pub(crate) const NOTHING_BREAKS: &str =
    "Nothing breaks. What opens is shown here, and told to those who subscribed to alerts.";
pub(crate) const OPEN_ONLY: &str = "Only what is open";
pub(crate) const HISTORY: &str = "History of 31 days";
pub(crate) const LOOK_AFTER: &str = "I look after it";
pub(crate) const SINCE: &str = "since";
pub(crate) const ENDED: &str = "over since";
pub(crate) const BY_MONTH: &str = "Month by month";
pub(crate) const KIND: &str = "What broke";
pub(crate) const ANY_KIND: &str = "Anything";
pub(crate) const NOTHING_SUCH: &str = "No such incident. Choose another site, another kind, or another time.";
pub(crate) const NOTHING_IN_MONTH: &str = "Nothing broke in this month.";
pub(crate) const NO_HISTORY: &str = "Nothing broke within 31 days.";

pub(crate) const UPTIME: &str = "Uptime";
pub(crate) const UPTIME_OF_A_YEAR: &str = "Uptime of a year";
pub(crate) const UPTIME_IS: &str = "The share of the last twelve months in which a vehicle could have charged, by the formula of the US federal minimum standards: minutes of outages that are not excluded count against it.";
pub(crate) const TO_ACKNOWLEDGE: &str = "Until somebody looked after it, on average";
pub(crate) const TO_REPAIR: &str = "Until it was over, on average";
pub(crate) const BREAKS_MOST: &str = "What breaks most";
pub(crate) const DOWN: &str = "Out of order";
pub(crate) const NOT_COUNTED: &str = "Does not count against uptime";
pub(crate) const DO_NOT_COUNT: &str = "Do not count it against uptime";
pub(crate) const WHY_NOT_COUNTED: &str = "Why: vandalism, a cut by the grid, planned work";
pub(crate) const OUTAGES: &str = "Outages";
pub(crate) const COUNTED_FROM: &str = "Counted from";
pub(crate) const NOTHING_KNOWN_YET: &str =
    "Nothing is known of its connectors yet: they count from their first session, or from when they were let in.";
pub(crate) const QUARANTINE_EMPTY: &str = "Quarantine is empty: everything that chargers sent could be used.";
pub(crate) const WAITING_ONLY: &str = "Only what waits";
pub(crate) const DECIDE: &str = "What becomes of it";
pub(crate) const RETRY: &str = "Hand it in once more";
pub(crate) const ACCEPT: &str = "It is true and needs no further effect";
pub(crate) const DROP: &str = "It is noise";
pub(crate) const NOTE: &str = "Why; a retry needs no word";
pub(crate) const DECIDED: &str = "Note it";
pub(crate) const AS_RECEIVED: &str = "As it was received";
pub(crate) const TO_QUARANTINE: &str = "To the quarantine";
pub(crate) const RECEIVED: &str = "Received";

pub(crate) const AUDIT_EMPTY: &str = "Nobody has ordered anything in this month.";
pub(crate) const ORDERED_NOTHING: &str = "They have ordered nothing in this month.";
pub(crate) const WHO: &str = "By whom";
pub(crate) const EVERYBODY: &str = "Everybody";
pub(crate) const MONTH_BEFORE: &str = "The month before";
pub(crate) const BY: &str = "by";
pub(crate) const SESSION: &str = "Session";
pub(crate) const ON_ITS_WAY: &str = "on its way";
pub(crate) const DONE: &str = "done";

pub(crate) const API_READER: &str = "JSON API";
pub(crate) const API_HINT: &str = "Make a key with `plugtill key add NAME --role viewer`, then:";
pub(crate) const API_DOCUMENT: &str = "The OpenAPI document";
pub(crate) const API_ROLE: &str = "for";
pub(crate) const API_ORDER: &str = "takes a body and an Idempotency-Key";

pub(crate) const WENT_WRONG: &str = "This did not work";
pub(crate) const TO_NOW: &str = "To what is now";

pub(crate) fn wait(seconds: i64) -> String {
    format!("Too many tries. Wait {seconds} seconds before the next one.")
}

pub(crate) fn refused(code: &str) -> String {
    format!("refused by the bank: {}", code.replace('_', " "))
}

pub(crate) fn more_moments(count: usize) -> String {
    format!("{count} more are in the API.")
}

pub(crate) fn title(page: &str) -> String {
    format!("{page} · plugtill")
}

pub(crate) fn signed_in(name: &str, role: &str) -> String {
    format!("{name}, {role}")
}

pub(crate) fn connector(charger: &str, connector: u32) -> String {
    format!("{charger} · {connector}")
}

pub(crate) fn place(site: &str, charger: &str, connector: u32) -> String {
    format!("{site}, charger {charger}, connector {connector}")
}

pub(crate) fn tally(count: usize, state: &str) -> String {
    format!("{count} {}", state.to_lowercase())
}

pub(crate) fn some_of(shown: usize, all: usize) -> String {
    format!("{shown} of {all} connectors")
}

pub(crate) fn times(count: u64) -> String {
    if count == 1 { "seen once".to_owned() } else { format!("seen {count} times") }
}

pub(crate) fn all_of_it(characters: usize) -> String {
    format!("All {characters} characters of it")
}

pub(crate) fn from_charger(charger: &str) -> String {
    format!("In quarantine: from {charger}")
}

/// `March 2026`.
pub(crate) fn month(first: Date) -> String {
    first.strftime("%B %Y").to_string()
}

pub(crate) fn no_kind(text: &str) -> String {
    format!("There is no incident of the kind `{text}`.")
}

pub(crate) fn looked_back(day: &str) -> String {
    format!("Looked back to {day}.")
}

pub(crate) fn looked_after(by: &str) -> String {
    format!("{by} looks after it")
}

pub(crate) fn reviewed(by: &str) -> String {
    format!("{by} has looked at it")
}

pub(crate) fn minutes_lost(minutes: i64) -> String {
    format!("{minutes} minutes in which nobody could charge")
}

pub(crate) fn revenue_lost(lost: Money) -> String {
    format!("about {lost} not earned")
}

pub(crate) fn percent(percent: Decimal) -> String {
    format!("{} %", percent.normalize())
}

pub(crate) fn incidents(count: u64) -> String {
    if count == 1 { "1 incident".to_owned() } else { format!("{count} incidents") }
}

/// A charger's own code as it is, a kind of ours in words.
pub(crate) fn error_name(error: &str) -> String {
    Kind::ALL.into_iter().find(|kind| kind.as_str() == error).map_or_else(|| error.to_owned(), super::incident)
}

pub(crate) fn would(done: &Done) -> [(&'static str, String); 4] {
    [
        ("Billed after it", done.billed.to_string()),
        ("Given back to the card", done.to_refund.to_string()),
        ("Owed after it", done.owed.to_string()),
        ("How it ends", super::outcome(done.outcome).to_owned()),
    ]
}

pub(crate) fn credit_note(number: Option<&str>, by: &str, reason: &str) -> String {
    format!("{} by {by}: {reason}", number.unwrap_or("Credit note"))
}
