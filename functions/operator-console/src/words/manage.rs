//! What the pages say on which things are managed: chargers, people, machines, tariffs.

use plugtill_adapters::ocpp::Dialect;
use plugtill_domain::access::{Role, Sites};
use plugtill_domain::hook::Topic;
use plugtill_domain::incident::AlertPolicy;
use plugtill_domain::language::Language;
use plugtill_domain::site::{Role as SiteRole, Site};
use plugtill_ocpi::lint::Severity;
use plugtill_operator::{Change, Simulated};

pub(crate) const CHARGERS: &str = "Chargers";
pub(crate) const LET_IN: &str = "Let a charger in";
pub(crate) const MAY_CONNECT: &str = "The charger may connect";
pub(crate) const NO_CHARGERS: &str = "No charger is listed yet. Let one in, or name it in the site file.";
pub(crate) const ANY_CHARGER_IS: &str = "Any charger";
pub(crate) const SPEAKS: &str = "Speaks";
pub(crate) const CONNECTION: &str = "Connection";
pub(crate) const HEARD: &str = "Last heard";
pub(crate) const NOT_YET: &str = "not heard of yet";
pub(crate) const CHARGERS_NAME: &str = "Its name, as it connects";
pub(crate) const ITS_CONNECTORS: &str = "Its connectors with their power in watts";
pub(crate) const LETS_IN_ANEW: &str =
    "A charger that is known already gets a new password; the old one holds no longer.";
pub(crate) const LOOK_AT_LABEL: &str = "Use letters, digits and `_ - . : @`, as on its label.";
pub(crate) const NAME_TAKEN: &str = "Another site has a charger of this name.";
pub(crate) const NO_CODES: &str =
    "This site names no charger with its connectors. A code leads to one stall: write them out instead of `*` and 0.";
pub(crate) const PRINT_CODES: &str = "Print this page, cut it, and fix each code at its stall. Drivers scan it, see the price and pay. Print anew when prices change.";
pub(crate) const NO_CONNECTOR: &str = "That is no connector.";
pub(crate) const GIVE_CONNECTORS: &str = "Write number and watts, such as 1:22000 2:22000.";
pub(crate) const SHOWN_ONCE: &str = "Copy this now. It is kept only as a hash and cannot be shown again.";
pub(crate) const CONNECT: &str = "How it connects";
pub(crate) const CHOOSE_DIALECT: &str = "In the charger's settings, choose OCPP 1.6 JSON or OCPP 2.0.1.";
pub(crate) const ENTER_ADDRESS: &str =
    "Enter the address of this installation's OCPP endpoint; the charger adds its name at the end";
pub(crate) const ENTER_PASSWORD: &str =
    "Enter the name as user, with the password that was shown when it was let in (OCPP security profile 1 or 2).";
pub(crate) const REGISTER_IT: &str = "Register it in AWS IoT under this very name:";
pub(crate) const CERTIFY_IT: &str =
    "Give it a certificate of its own with this stack's policy for chargers attached, and enter it on the charger.";
pub(crate) const TOPICS: &str = "It publishes OCPP-J frames to the first of these topics and reads the second";
pub(crate) const BY_GATEWAY: &str =
    "Where a gateway of yours speaks OCPP with it, the gateway publishes for it, and the charger needs no certificate.";
pub(crate) const RESTART_IT: &str = "Restart it. Within a minute it is shown as connected.";
pub(crate) const LOOK_AT_CHARGER: &str = "Look at the charger";
pub(crate) const ITS_SESSIONS: &str = "Its sessions";
pub(crate) const TELL_IT: &str = "Tell it something";
pub(crate) const WHAT_IT_WAS_TOLD: &str = "What it was told";
pub(crate) const TOLD_NOTHING: &str = "Nothing so far.";
pub(crate) const WHAT_TO_DO: &str = "What it shall do";
pub(crate) const TELL_START: &str = "Let somebody charge";
pub(crate) const TELL_STOP: &str = "Stop the session that runs";
pub(crate) const TELL_UNLOCK: &str = "Let go of the cable";
pub(crate) const TELL_STATUS: &str = "Say how the connector is";
pub(crate) const TELL_METER: &str = "Send a meter value";
pub(crate) const TELL_SEND: &str = "Send a message";
pub(crate) const NO_ORDER: &str = "That is nothing that a charger can be told.";
pub(crate) const NOT_TOLD_YET: &str = "Nothing is told yet. This is what the charger will be told:";
pub(crate) const NOTHING_RUNS: &str = "No session runs at this connector.";
pub(crate) const NO_ANSWER: &str = "it did not answer";

pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const PEOPLE: &str = "People";
pub(crate) const MACHINES: &str = "Keys of machines";
pub(crate) const NO_KEYS: &str = "No machine has a key. One is needed for the API.";
pub(crate) const ADD_PERSON: &str = "Let somebody sign in";
pub(crate) const ADD_KEY: &str = "Make a key";
pub(crate) const PERSONS_NAME: &str = "Name, or e-mail address";
pub(crate) const MACHINES_NAME: &str = "What it is for";
pub(crate) const ROLE: &str = "Role";
pub(crate) const SITES_OF: &str = "For which sites";
pub(crate) const EVERY_SITE: &str = "All sites, also those to come";
pub(crate) const SITES_WRITTEN: &str = "For which sites, by their ids; empty for all";
pub(crate) const NO_SITES_CHOSEN: &str = "It is not said which sites are meant.";
pub(crate) const CHOOSE_SITES: &str = "Choose all sites, or one or more of them.";
pub(crate) const NEW_PASSWORD: &str = "New password";
pub(crate) const ADD: &str = "Add";
pub(crate) const ADDED: &str = "Added";
pub(crate) const REMOVE: &str = "Remove";
pub(crate) const KEY: &str = "Key";
pub(crate) const TO_SETTINGS: &str = "Back to the settings";
pub(crate) const SITES: &str = "Sites, and what they want to be told";
pub(crate) const NO_OPERATOR: &str =
    "Drivers see the site's name on receipts, and no contact: `operator` in the site file gives one.";
pub(crate) const SUBSCRIBE: &str = "Who is told is subscribed with `plugtill alerts subscribe email NAME@EXAMPLE.COM` on one machine, and at the alert topic of Amazon SNS on AWS; there a subscription may be for some sites, kinds or severities.";
pub(crate) const SYSTEMS: &str = "Systems of your own that are told";
pub(crate) const NO_SYSTEMS: &str =
    "None: `webhooks` in a site file names addresses that are told of sessions and incidents.";
pub(crate) const SIGNING_SECRET: &str = "What it verifies signatures with";
pub(crate) const NOT_TAKEN: &str = "What was not taken";
pub(crate) const TELL_AGAIN: &str = "Tell them once more";
pub(crate) const GIVE_NAME: &str = "Use letters, digits and `. _ - @ +`.";

pub(crate) const TARIFFS: &str = "Tariffs";
pub(crate) const PUBLISH: &str = "Publish a site file";
pub(crate) const PUBLISH_IS: &str = "Paste a site file. It is checked as a whole and shown first; sessions that have begun keep the prices they began by.";
pub(crate) const CARDS_STAY: &str = "Cards of drivers stand in no file: those that are known stay as they are.";
pub(crate) const CHANGE_FURTHER: &str = "Change it further";
pub(crate) const LOOK_AGAIN_AT: &str = "Look again at";
pub(crate) const SITE_FILE: &str = "Site file (JSON)";
pub(crate) const GIVE_JSON: &str = "Paste the whole file; `plugtill tariff lint` says more about tariffs.";
pub(crate) const HELD_FIRST: &str = "Reserved on the card first:";
pub(crate) const IN_FORCE: &str = "It is in force within a minute.";
pub(crate) const TO_TARIFFS: &str = "To the tariffs";

pub(crate) fn new_password(name: &str) -> String {
    format!("Make a new password for {name}; the old one and its sessions end")
}

pub(crate) fn no_user(name: &str) -> String {
    format!("There is no user `{name}`.")
}

pub(crate) const fn dialect(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::V16 => "OCPP 1.6",
        Dialect::V201 => "OCPP 2.0.1",
    }
}

pub(crate) const fn connection(connected: Option<bool>) -> &'static str {
    match connected {
        Some(true) => "connected",
        Some(false) => "not connected",
        None => "not told",
    }
}

pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer: looks",
        Role::Manager => "Manager: orders too",
        Role::Owner => "Owner: says who may do what",
    }
}

pub(crate) const fn change(change: Change) -> &'static str {
    match change {
        Change::Opened => "opens",
        Change::Changed => "changes",
        Change::Unchanged => "stays as it is",
    }
}

pub(crate) fn at_sites(sites: &Sites) -> String {
    match sites {
        Sites::All => super::ALL_SITES.to_owned(),
        Sites::Only(sites) => sites.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

pub(crate) fn connectors(count: usize) -> String {
    if count == 1 { "1 connector".to_owned() } else { format!("{count} connectors") }
}

pub(crate) fn chargers(count: usize) -> String {
    if count == 1 { "1 charger".to_owned() } else { format!("{count} chargers") }
}

pub(crate) fn assignments(count: usize) -> String {
    format!("Other terms hold for some chargers, times or drivers: {count} more.")
}

pub(crate) fn change_site(name: &str) -> String {
    format!("Change {name}")
}

pub(crate) const fn lint_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Cannot be priced:",
        Severity::Warning => "Probably not meant:",
    }
}

pub(crate) fn site_facts(site: &Site) -> String {
    let back_end = match site.role {
        SiteRole::Answering => "chargers are answered here",
        SiteRole::Listening => "another back end answers the chargers",
    };
    let Site { id, country, time_zone, terms, .. } = site;
    format!("{id}, {country}, {time_zone}, {}; {back_end}", terms.hold.currency())
}

/// How a site wants to be told, in a sentence.
pub(crate) fn alert_policy(policy: &AlertPolicy) -> String {
    let language = language(policy.language);
    let second = match policy.escalate_after_minutes {
        0 => "no second contact".to_owned(),
        minutes => format!("the second contact after {}", super::minutes(i64::from(minutes))),
    };
    let first = policy.remind_after_minutes.first();
    let reminded = first.map_or_else(
        || "no reminder".to_owned(),
        |minutes| format!("a reminder after {}", super::minutes(i64::from(*minutes))),
    );
    let quiet = policy.quiet_hours.map_or_else(String::new, |quiet| {
        format!("; quiet from {} to {}", quiet.from.strftime("%H:%M"), quiet.until.strftime("%H:%M"))
    });
    format!("Alerts in {language}; {reminded}, {second}{quiet}.")
}

const fn language(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::De => "German",
        Language::Fr => "French",
        Language::Nl => "Dutch",
        Language::Es => "Spanish",
    }
}

pub(crate) fn topics(topics: &[Topic]) -> String {
    if topics.is_empty() {
        return "of everything".to_owned();
    }
    topics.iter().map(|topic| topic.as_str().replace('.', " ")).collect::<Vec<_>>().join(", ")
}

pub(crate) fn no_charger(name: &str) -> String {
    format!("There is no charger `{name}`.")
}

pub(crate) fn answered(status: &str) -> String {
    format!("it answered {status}")
}

pub(crate) fn remove_user(name: &str) -> String {
    format!("Sign {name} out and let them in no more")
}

pub(crate) fn remove_key(name: &str) -> String {
    format!("Let the key of {name} hold no longer")
}

pub(crate) fn by_provider(name: &str) -> String {
    format!("{name} may sign in as soon as the provider knows this address.")
}

pub(crate) fn codes_of(site: &str) -> String {
    format!("Codes to print, {site}")
}

/// What other prices would have come to.
pub(crate) fn simulated(one: &Simulated) -> String {
    let left_out = if one.left_out == 0 { String::new() } else { format!(" {} could not be priced.", one.left_out) };
    let looked_at = one.sessions + one.left_out;
    let sample = if looked_at < one.of { format!(" of {}, spread over that time,", one.of) } else { String::new() };
    format!(
        "{}: of the last 31 days, {} sessions{sample} would have come to {} instead of {}: {} dearer, {} cheaper.{left_out}",
        one.site, one.sessions, one.after, one.before, one.dearer, one.cheaper
    )
}

pub(crate) const RECONCILIATION: &str = "Reconciliation";
pub(crate) const NEVER_COMPARED: &str =
    "Our books have not been held against Stripe's yet. That is done every day at 05:00 UTC.";
pub(crate) const BOOKS_AGREE: &str = "Our books and Stripe's agree.";
pub(crate) const HOW_TO_REPAIR: &str = "A repair is ordered where the key that reads Stripe's books is: `plugtill reconcile --repair`, or the function `reconcile`.";
pub(crate) const COMPARED_AT: &str = "Compared";
pub(crate) const BOOKS_SINCE: &str = "Stripe's books since";
pub(crate) const SESSIONS_LOOKED_AT: &str = "Sessions";
pub(crate) const CHARGES: &str = "Payments at Stripe";
pub(crate) const MOVEMENTS: &str = "Movements of the balance";
pub(crate) const PAYOUTS: &str = "Payouts";
pub(crate) const OURS: &str = "here";
pub(crate) const THEIRS: &str = "at Stripe";
pub(crate) const PROPOSED: &str = "Proposed";

pub(crate) fn differ(count: usize) -> String {
    if count == 1 { "One difference".to_owned() } else { format!("{count} differences") }
}

pub(crate) const DRIVERS: &str = "Drivers and tags";
pub(crate) const WHO_OWES: &str = "Who owes";
pub(crate) const MORE_OWE: &str = "More who owe";
pub(crate) const CHOOSE_SITE: &str = "The tags of more sites are shown where a site is chosen.";
pub(crate) const NOBODY_OWES: &str = "Nobody owes anything.";
pub(crate) const BLOCKED: &str = "its tag is let start no more until it is paid";
pub(crate) const KNOWN_TAGS: &str = "Known tags";
pub(crate) const NO_TAGS: &str = "No tag is named in the site file: drivers pay by card at the stall.";
pub(crate) const GROUP: &str = "group";
pub(crate) const PAYS: &str = "pays by";
pub(crate) const NO_CARD: &str = "no card known";
pub(crate) const EVERYBODY_ELSE: &str = "Every other tag";
pub(crate) const CARD_LINK: &str = "A link by which a tag's holder saves a card";
pub(crate) const CARD_LINK_MADE: &str = "Send this link to the tag's holder. It holds for a week.";
pub(crate) const MAKE_LINK: &str = "Make the link";
pub(crate) const TAGS_NAME: &str = "Tag, as the charger reads it";
pub(crate) const FORGET: &str = "Forget a driver";
pub(crate) const FORGET_MEANS: &str = "Tag, card, telephone, e-mail and what the driver wrote are forgotten; amounts, times and receipts stay, as tax law wants them.";
pub(crate) const GIVE_TAG: &str = "Give the tag as the charger reads it, up to 36 characters.";
pub(crate) const NOT_A_TAG: &str = "This is no tag.";

pub(crate) fn erased(sessions: usize, frames: usize, not_yet: usize) -> String {
    format!("{sessions} sessions, {frames} frames of chargers; {not_yet} sessions are not over and keep it until then.")
}

pub(crate) fn stripe_customers(customers: &[String]) -> String {
    format!("Delete at Stripe by hand: {}.", customers.join(", "))
}
