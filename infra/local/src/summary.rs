//! The revenue report of a run: from the table, held against the daily totals and against Stripe's books.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use plugtill_adapters::store::StoreError;
use plugtill_domain::evidence::{Evidence, Fact, Stopped};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Bill, Surroundings, assess};
use plugtill_domain::report::{MoneyTotals, Report, SessionCounts, Violation};
use plugtill_domain::revenue::fold;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_domain::timeline::Implausible;
use serde::Serialize;

use crate::stack::Stack;

/// Everything a run came to. The JSON form is an interface.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// What became of the messages: received is the sum of the others.
    pub messages: Messages,
    /// By outcome.
    pub sessions: SessionCounts,
    /// Sessions too small to be charged for, by id tag: a tag with many of them deserves a look.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub not_charged: BTreeMap<String, u64>,
    /// Energy billed, in Wh.
    pub energy_wh: i64,
    /// A line a currency.
    pub money: Vec<MoneyTotals>,
    /// From the simulator's books, not from ours; nothing where Stripe itself was asked.
    pub stripe: StripeTotals,
    #[serde(skip)]
    remote: bool,
    /// Messages handed to SNS.
    pub alerts: AlertTotals,
    /// What the table was asked.
    pub store: StoreTotals,
    /// Seconds on the wall.
    pub elapsed_seconds: f64,
    /// Messages received by that.
    pub messages_per_second: f64,
    /// The most memory the process held; 0 where the system does not say.
    pub peak_rss_bytes: u64,
}

/// What became of the messages.
#[derive(Debug, Clone, Default, Serialize)]
#[allow(missing_docs, reason = "the invariant's own words (I14)")]
pub struct Messages {
    pub received: u64,
    pub processed: u64,
    pub duplicate: u64,
    pub rejected: u64,
    pub quarantined: u64,
    pub ignored: u64,
}

/// What Stripe did.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "Stripe's own words")]
pub struct StripeTotals {
    pub holds: u64,
    pub captures: u64,
    pub releases: u64,
    pub top_ups: u64,
    pub refunds: u64,
    pub captured_minor: i64,
}

/// What operators were sent.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "SNS's own words")]
pub struct AlertTotals {
    pub sms: u64,
    pub email: u64,
}

/// What the table would have been billed for.
#[derive(Debug, Clone, Serialize)]
#[allow(missing_docs, reason = "DynamoDB's own words")]
pub struct StoreTotals {
    pub write_units: f64,
    pub read_units: f64,
    pub round_trips: u64,
}

/// A run's sessions and what is wrong with them.
pub struct Accounts {
    /// Every session of every site.
    pub sessions: Vec<Session>,
    /// Their fold.
    pub report: Report,
    /// Broken invariants; empty is proof.
    pub violations: Vec<Violation>,
}

/// Reads every session and holds the sums against two counts made apart: the daily totals and Stripe's books.
///
/// # Errors
/// When the table does not answer.
pub async fn accounts(stack: &Stack, sites: &[Site]) -> Result<Accounts, StoreError> {
    let mut accounts = own_accounts(stack, sites).await?;
    accounts.violations.extend(against_stripe(stack, &accounts.sessions));
    Ok(accounts)
}

/// The same against the daily totals alone.
///
/// # Errors
/// When the table does not answer.
pub async fn own_accounts(stack: &Stack, sites: &[Site]) -> Result<Accounts, StoreError> {
    let (mut sessions, mut report) = (Vec::new(), Report::default());
    let (mut days, mut connectors) = (Vec::new(), Vec::new());
    for site in sites {
        for (charger, connector) in stack.store.connectors(&site.id).await? {
            sessions.extend(stack.store.sessions(&charger, connector).await?);
        }
        days.extend(stack.store.day_totals(&site.id).await?);
        connectors.extend(stack.store.connector_totals(&site.id).await?);
    }
    for session in &sessions {
        report.add(session);
    }
    let violations =
        report.violations(&[("the daily totals", fold(days)), ("the totals of the connectors", fold(connectors))]);
    Ok(Accounts { sessions, report, violations })
}

/// Session by session: what we say was taken is what Stripe says was taken.
fn against_stripe(stack: &Stack, sessions: &[Session]) -> Vec<Violation> {
    if stack.remote {
        return Vec::new();
    }
    let mut theirs = stack.stripe.books().net_minor_by_session;
    let mut found = Vec::new();
    for session in sessions {
        let ours = session.collected().minor();
        let counted = theirs.remove(&session.id.to_string()).unwrap_or_default();
        if ours != counted {
            let currency = format!("session {}", session.id);
            let other = "Stripe's books";
            found.push(Violation::Differs { what: "collected", currency, sessions: ours, other, counted });
        }
    }
    for (session, counted) in theirs {
        let (currency, other) = (format!("session {session}"), "Stripe's books");
        found.push(Violation::Differs { what: "collected", currency, sessions: 0, other, counted });
    }
    found
}

/// Computes every bill anew from the stored evidence alone.
///
/// # Errors
/// When the table does not answer.
pub async fn reproduce(stack: &Stack, accounts: &Accounts, sites: &[Site]) -> Result<Vec<Violation>, StoreError> {
    let mut found = Vec::new();
    for session in &accounts.sessions {
        let Some(bill) = &session.bill else { continue };
        let evidence = evidence_of(stack, session).await?;
        let terms = stack.terms(&session.terms).await?;
        let occupied = match sites.iter().find(|site| site.id == session.site) {
            Some(site) => stack.store.occupied(site, &terms, (session.id.started_at, stack.clock.now())).await?,
            None => Vec::new(),
        };
        let around = Surroundings { occupied: &occupied, ..Surroundings::of(session.max_power) };
        let again = assess(session.id.started_at, &evidence, around, &terms).bill;
        let is_reproduced = match &again {
            // What its meter signed is judged apart.
            Ok(again) => {
                let signed =
                    matches!(session.contradicted, Some(Implausible::SignatureWrong | Implausible::SignedDiffers));
                signed || charges_the_same(again, bill)
            }
            // It stands, and the session says what speaks against it.
            Err(why) => session.contradicted == Some(*why),
        };
        if !is_reproduced {
            let recomputed = again.map_or(0, |bill| bill.total.minor());
            let (session, stored) = (session.id.to_string(), bill.total.minor());
            found.push(Violation::NotReproducible { session, stored, recomputed });
        }
    }
    Ok(found)
}

/// Where staying costs nothing, what a connector says after the settlement tells more of the stay and changes no price.
fn charges_the_same(again: &Bill, stored: &Bill) -> bool {
    let charged =
        |bill: &Bill| (bill.energy, bill.ended_at, bill.total, bill.lines.clone(), bill.included_taxes.clone());
    charged(again) == charged(stored)
}

/// Everything stored that bears on a session, the stop's frame included.
pub(crate) async fn evidence_of(stack: &Stack, session: &Session) -> Result<Vec<Evidence>, StoreError> {
    let frames = stack.store.evidence(session).await?;
    let mut evidence: Vec<Evidence> = frames.into_iter().flat_map(|frame| frame.evidence).collect();
    if let Some(stopped) = &session.stopped {
        let found = stack.store.transaction(&session.id.charger, &stopped.transaction).await?;
        let own = found.stops.into_iter().filter(|(owner, _)| *owner == session.id);
        let mut stops: Vec<Stopped> = own.map(|(_, sent)| sent.stopped).collect();
        if stops.is_empty() {
            // An id that names nothing leads to no session: which it was, only the session remembers.
            stops.push(stopped.clone());
        }
        evidence.extend(stops.into_iter().map(|stop| Evidence { at: stop.at, fact: Fact::Stopped(stop) }));
    }
    Ok(evidence)
}

impl Summary {
    /// The summary of a run that received `received` messages since `began` and took `elapsed_seconds`.
    #[must_use]
    pub fn of(stack: &Stack, accounts: &Accounts, received: u64, elapsed_seconds: f64) -> Self {
        let books = stack.stripe.books();
        let usage = stack.table.usage();
        let alerts = stack.topics.delivered();
        let per_second = if elapsed_seconds > 0.0 { exact(received) / elapsed_seconds } else { 0.0 };
        Self {
            messages: messages(stack, received),
            sessions: accounts.report.sessions.clone(),
            not_charged: accounts.report.not_charged.clone(),
            energy_wh: accounts.report.energy_wh,
            money: accounts.report.money(),
            stripe: StripeTotals {
                holds: books.holds,
                captures: books.captures,
                releases: books.releases,
                top_ups: books.top_ups,
                refunds: books.refunds,
                captured_minor: books.captured_minor.values().sum(),
            },
            remote: stack.remote,
            alerts: AlertTotals { sms: alerts.sms, email: alerts.email },
            store: StoreTotals {
                write_units: exact(usage.write_unit_tenths) / 10.0,
                read_units: exact(usage.read_unit_tenths) / 10.0,
                round_trips: usage.round_trips,
            },
            elapsed_seconds,
            messages_per_second: per_second,
            peak_rss_bytes: peak_rss_bytes(),
        }
    }
}

fn messages(stack: &Stack, received: u64) -> Messages {
    let tally = &stack.tally;
    // A stop whose start never came cannot be billed: it waits in the table for a person or for its start.
    let orphans = tally.orphans.len() as u64;
    Messages {
        received,
        processed: tally.processed - orphans,
        duplicate: tally.duplicate,
        rejected: 0,
        quarantined: tally.quarantined + orphans,
        ignored: tally.ignored_total(),
    }
}

/// Counts are far below 2^53.
#[allow(clippy::cast_precision_loss, reason = "a count of a run, for display")]
fn exact(count: u64) -> f64 {
    count as f64
}

/// `VmHWM` of the process, where there is a `/proc`.
fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Messages { received, processed, duplicate, rejected, quarantined, ignored } = &self.messages;
        writeln!(
            f,
            "Messages  {received} received = {processed} processed + {duplicate} duplicate + {rejected} rejected + {quarantined} quarantined + {ignored} ignored"
        )?;
        let SessionCounts { total, captured, waived, uncollectable, quarantined, open } = &self.sessions;
        writeln!(
            f,
            "Sessions  {total} = {captured} captured + {waived} waived + {uncollectable} uncollectable + {quarantined} quarantined + {open} open"
        )?;
        writeln!(f, "Energy    {} kWh", plugtill_domain::units::WattHours(self.energy_wh).to_kwh())?;
        for (tag, count) in &self.not_charged {
            writeln!(f, "Too small {count} sessions of {tag} were not charged")?;
        }
        for money in &self.money {
            money_table(f, money)?;
        }
        let StripeTotals { holds, captures, releases, top_ups, refunds, .. } = &self.stripe;
        if self.remote {
            writeln!(f, "Stripe    itself, in test mode: its dashboard shows the payments")?;
        } else {
            writeln!(
                f,
                "Stripe    {holds} holds, {captures} captures, {releases} releases, {top_ups} top-ups, {refunds} refunds"
            )?;
        }
        writeln!(f, "Alerts    {} SMS, {} e-mail", self.alerts.sms, self.alerts.email)?;
        let store = &self.store;
        writeln!(
            f,
            "Store     {} write units, {} read units, {} round trips",
            store.write_units, store.read_units, store.round_trips
        )?;
        write!(
            f,
            "Took      {:.1} s, {:.0} messages a second, {} MB at most",
            self.elapsed_seconds,
            self.messages_per_second,
            self.peak_rss_bytes / 1_000_000
        )
    }
}

fn money_table(f: &mut fmt::Formatter<'_>, money: &MoneyTotals) -> fmt::Result {
    let show = |minor: i64| Money::new(minor, money.currency).to_string();
    let mut row = |name: &str, minor: i64| writeln!(f, "  {name:<22}{:>20}", show(minor));
    row("energy", money.energy_minor)?;
    let sometimes = [
        ("time", money.time_minor),
        ("flat", money.flat_minor),
        ("parking", money.parking_minor),
        ("reservation", money.reservation_minor),
        ("least or highest price", money.price_limit_minor),
    ];
    for (name, minor) in sometimes {
        if minor != 0 {
            row(name, minor)?;
        }
    }
    row("idle", money.idle_minor)?;
    row("tax", money.tax_minor)?;
    row("billed", money.billed_minor)?;
    row("= captured", money.captured_minor)?;
    row("- refunded", money.refunded_minor)?;
    row("+ waived", money.waived_minor)?;
    row("+ uncollectable", money.uncollectable_minor)?;
    row("+ open", money.open_minor)?;
    let seldom = [
        ("+ in dispute", money.disputed_minor),
        ("- charged back", money.charged_back_minor),
        ("fees", money.fees_minor),
        ("paid out", money.paid_out_minor),
    ];
    for (name, minor) in seldom {
        if minor != 0 {
            row(name, minor)?;
        }
    }
    Ok(())
}

/// Seconds between two instants, with milliseconds.
#[must_use]
pub fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}
