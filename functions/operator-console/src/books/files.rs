//! A period for other programs: a row a day, a session or a leg of a posting; and the sessions as OCPI CDRs.

use std::collections::BTreeSet;

use plugtill_domain::ids::SessionId;
use plugtill_domain::ledger::Account;
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::pricing::{Bill, Surroundings, periods};
use plugtill_domain::revenue::{COMPONENTS, Total};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::units::WattHours;
use plugtill_ocpi::cdr::{Cdr, Source, cdrs};
use plugtill_sheets::{Cell, Column, Kind, Sheet};

use super::{Row, Scope};
use crate::problem::Problem;
use crate::{Console, now, words};

/// More rows than an answer of the gateway has room for are not written.
const MOST_ROWS: usize = 20_000;
/// A CDR is made of all that a charger said.
const MOST_CDRS: usize = 1_000;
/// So many sessions are read with one request.
const READ_AT_ONCE: usize = 100;

/// What a file lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// A row a site, day and currency.
    Days,
    /// A row a session that got its outcome.
    Sessions,
    /// A row a leg of a double entry: the journal for the accounts.
    Journal,
}

impl Listing {
    pub(crate) const ALL: [Self; 3] = [Self::Days, Self::Sessions, Self::Journal];

    /// What the file is called, and its sheet.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Sessions => "sessions",
            Self::Journal => "journal",
        }
    }
}

/// The rows of a period.
pub(crate) async fn sheet(console: &Console, scope: &Scope, listing: Listing) -> Result<Sheet, Problem> {
    let (columns, rows) = match listing {
        Listing::Days => (DAYS.to_vec(), days(console, scope).await?),
        Listing::Sessions => (SESSIONS.to_vec(), ended(console, scope, MOST_ROWS).await?.iter().map(session).collect()),
        Listing::Journal => (JOURNAL.to_vec(), journal(console, scope).await?),
    };
    if rows.len() > MOST_ROWS {
        return Err(too_many(MOST_ROWS));
    }
    Ok(Sheet { name: listing.name(), columns, rows })
}

/// The CDRs of the sessions that ended in money in a period, corrections after what they correct.
pub(crate) async fn cdrs_of(console: &Console, scope: &Scope) -> Result<Vec<Cdr>, Problem> {
    let mut found = Vec::new();
    for session in ended(console, scope, MOST_CDRS).await? {
        let Some(known) = scope.sites.iter().find(|known| known.site.id == session.site) else { continue };
        let settled = !matches!(session.outcome, Outcome::Open | Outcome::Quarantined);
        if session.bill.is_none() || !settled {
            continue;
        }
        let evidence = now::evidence(console, &session).await?;
        let terms = console.desk.directory.terms(&session.terms).await?;
        let periods = periods(session.id.started_at, &evidence, Surroundings::of(session.max_power), &terms);
        let source = Source { session: &session, terms: &terms, periods: &periods, site: &known.site };
        let now = console.desk.clock.now();
        found.extend(cdrs(source, now).map_err(|error| Problem::refused(error.to_string()))?);
    }
    Ok(found)
}

fn too_many(most: usize) -> Problem {
    Problem::field("from", "", words::too_many_rows(most), words::FEWER_DAYS)
}

/// The sessions that got their outcome within the period, the latest days first.
async fn ended(console: &Console, scope: &Scope, most: usize) -> Result<Vec<Session>, Problem> {
    let mut ids: Vec<SessionId> = Vec::new();
    let mut seen = BTreeSet::new();
    for (day, known) in scope.posted(console, |_| true).await? {
        for posted in console.desk.store.postings(&known.site.id, day).await? {
            if posted.entry.counts.sessions > 0 && seen.insert(posted.session.clone()) {
                ids.push(posted.session);
            }
        }
        if ids.len() > most {
            return Err(too_many(most));
        }
    }
    let mut sessions = Vec::with_capacity(ids.len());
    for some in ids.chunks(READ_AT_ONCE) {
        sessions.extend(console.desk.store.sessions_named(some).await?);
    }
    sessions.sort_by(|a, b| (a.id.started_at, &a.id).cmp(&(b.id.started_at, &b.id)));
    Ok(sessions)
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

const DAYS: [Column; 20] = [
    column("day", Kind::Day),
    column("site", Kind::Text),
    column("currency", Kind::Text),
    column("sessions", Kind::Whole),
    column("energy_kwh", Kind::Number),
    column("billed", Kind::Number),
    column("energy", Kind::Number),
    column("time", Kind::Number),
    column("flat", Kind::Number),
    column("parking", Kind::Number),
    column("reservation", Kind::Number),
    column("idle", Kind::Number),
    column("price_limit", Kind::Number),
    column("tax", Kind::Number),
    column("captured", Kind::Number),
    column("refunded", Kind::Number),
    column("waived", Kind::Number),
    column("uncollectable", Kind::Number),
    column("open", Kind::Number),
    column("fees", Kind::Number),
];

async fn days(console: &Console, scope: &Scope) -> Result<Vec<Vec<Cell>>, Problem> {
    let mut rows = Vec::new();
    for (known, days) in scope.totals(console, (scope.from, scope.to)).await? {
        for day in days {
            let amount = |minor| major(minor, day.currency);
            let mut row = vec![
                Cell::Day(day.day),
                Cell::Text(known.site.id.to_string()),
                Cell::Text(day.currency.to_string()),
                Cell::Whole(day.total.counts.sessions),
                Cell::Number(WattHours(day.total.counts.energy_wh).to_kwh()),
                amount(day.total.gross()),
            ];
            row.extend(COMPONENTS.into_iter().chain([Account::Tax]).map(|account| amount(day.total.of(account))));
            let rest = [Account::Captured, Account::Refunded, Account::Waived, Account::Uncollectable];
            let rest = rest.into_iter().chain([Account::Open, Account::Fees]);
            row.extend(rest.map(|account| amount(day.total.of(account))));
            rows.push(row);
        }
    }
    Ok(rows)
}

const SESSIONS: [Column; 18] = [
    column("session", Kind::Text),
    column("site", Kind::Text),
    column("charger", Kind::Text),
    column("connector", Kind::Whole),
    column("id_tag", Kind::Text),
    column("started_at", Kind::Instant),
    column("ended_at", Kind::Instant),
    column("outcome", Kind::Text),
    column("reason", Kind::Text),
    column("receipt_number", Kind::Text),
    column("energy_kwh", Kind::Number),
    column("idle_seconds", Kind::Whole),
    column("currency", Kind::Text),
    column("billed", Kind::Number),
    column("tax", Kind::Number),
    column("collected", Kind::Number),
    column("waived", Kind::Number),
    column("uncollectable", Kind::Number),
];

fn session(session: &Session) -> Vec<Cell> {
    let total = Total {
        counts: plugtill_domain::ledger::Counts::of(session),
        balances: plugtill_domain::ledger::balances(session),
    };
    let (id, currency) = (&session.id, session.waived.currency());
    vec![
        Cell::Text(id.to_string()),
        Cell::Text(session.site.to_string()),
        Cell::Text(id.charger.to_string()),
        Cell::Whole(i64::from(id.connector.0)),
        Cell::Text(session.id_tag().to_string()),
        Cell::Instant(id.started_at),
        Cell::instant(session.ended_at()),
        Cell::Text(words::outcome_name(session.outcome).to_owned()),
        Cell::text(session.reason.as_ref()),
        Cell::text(session.receipt_number.as_ref()),
        session.bill.as_ref().map_or(Cell::Empty, |bill: &Bill| Cell::Number(bill.energy.to_kwh())),
        Cell::Whole(total.counts.idle_seconds),
        Cell::Text(currency.to_string()),
        major(total.gross(), currency),
        major(total.of(Account::Tax), currency),
        major(total.collected(), currency),
        major(session.waived.minor(), currency),
        major(session.uncollectable.minor(), currency),
    ]
}

const JOURNAL: [Column; 8] = [
    column("day", Kind::Day),
    column("posted_at", Kind::Instant),
    column("site", Kind::Text),
    column("session", Kind::Text),
    column("account", Kind::Text),
    column("debit", Kind::Number),
    column("credit", Kind::Number),
    column("currency", Kind::Text),
];

async fn journal(console: &Console, scope: &Scope) -> Result<Vec<Vec<Cell>>, Problem> {
    let mut rows = Vec::new();
    for (day, known) in scope.posted(console, |_| true).await?.into_iter().rev() {
        for posted in console.desk.store.postings(&known.site.id, day).await? {
            let row = Row { known: known.clone(), day, posted };
            rows.extend(row.posted.entry.legs.iter().map(|(account, minor)| leg(&row, *account, *minor)));
        }
        if rows.len() > MOST_ROWS {
            return Err(too_many(MOST_ROWS));
        }
    }
    Ok(rows)
}

fn leg(row: &Row, account: Account, minor: i64) -> Vec<Cell> {
    let currency = row.posted.entry.currency;
    let side = |minor: i64| if minor > 0 { major(minor, currency) } else { Cell::Empty };
    vec![
        Cell::Day(row.day),
        Cell::Instant(row.posted.entry.at),
        Cell::Text(row.known.site.id.to_string()),
        Cell::Text(row.posted.session.to_string()),
        Cell::Text(account.as_str().to_owned()),
        side(minor),
        side(-minor),
        Cell::Text(currency.to_string()),
    ]
}

fn major(minor: i64, currency: Currency) -> Cell {
    Cell::Number(Money::new(minor, currency).to_decimal())
}
