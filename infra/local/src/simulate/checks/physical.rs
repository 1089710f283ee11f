//! What the vehicles and chargers of a run really did, and what that allows a bill to say: reckoned from the visits alone,
//! without a tariff, a timeline or a price.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::ids::SessionId;
use plugtill_domain::pricing::{Bill, LineKind};
use plugtill_domain::session::{Outcome, Session};
use rust_decimal::Decimal;

use crate::invariants::Broken;
use crate::simulate::visits::{Quirk, Visit};
use crate::simulate::world::World;
use crate::stripe_simulator::SeenIntent;

/// Chargers tell of a change some seconds after it.
const TOLD_LATE: SignedDuration = SignedDuration::from_secs(30);
/// What may bring evidence of one vehicle into the session of another: then registers bound nothing.
const CONFUSING: [Quirk; 6] =
    [Quirk::ClockOff, Quirk::LostStart, Quirk::LostStop, Quirk::Reboots, Quirk::OddTransaction, Quirk::Silent];

/// What really happened.
#[derive(Debug)]
pub(in crate::simulate) struct Reality<'a> {
    /// By the session that each visit has to become.
    visits: BTreeMap<String, Told<'a>>,
    /// For whom money is, by charger.
    accounts: BTreeMap<String, Option<String>>,
}

/// A visit, and how well it was told.
#[derive(Debug)]
struct Told<'a> {
    visit: &'a Visit,
    /// Every message of every vehicle at this connector arrives, and nothing is odd about any of them.
    clean: bool,
    /// Every message arrives, and none can be taken for another vehicle's.
    plain: bool,
}

impl<'a> Reality<'a> {
    pub(in crate::simulate) fn of(world: &'a World) -> Self {
        let whole = |visit: &Visit| world.arrived(visit.number) == visit.messages;
        let (mut odd, mut confused) = (BTreeSet::new(), BTreeSet::new());
        for visit in &world.visits {
            let place = (&visit.place.charger, visit.place.connector);
            if !whole(visit) || !visit.quirks.is_empty() {
                odd.insert(place);
            }
            if !whole(visit) || CONFUSING.iter().any(|quirk| visit.has(*quirk)) {
                confused.insert(place);
            }
        }
        let told = |visit: &'a Visit| {
            let place = (&visit.place.charger, visit.place.connector);
            Told { visit, clean: !odd.contains(&place), plain: !confused.contains(&place) }
        };
        let visits = world.visits.iter().filter(|visit| world.arrived(visit.number) > 0);
        Self {
            visits: visits.map(|visit| (session_of(visit), told(visit))).collect(),
            accounts: world.sites.accounts(),
        }
    }

    /// No bill may be higher than what was delivered, at any time.
    pub(in crate::simulate) fn bounds(&self, sessions: &[Session]) -> Vec<Broken> {
        let found = sessions.iter().filter_map(|session| Some((session, self.visits.get(&session.id.to_string())?)));
        let plain = found.filter(|(_, told)| told.plain);
        let broken = plain.filter_map(|(session, told)| {
            let (energy, most) = (session.bill.as_ref()?.energy.0, told.visit.energy_wh + slack(told.visit));
            let what = || format!("{}: {energy} Wh billed, {most} delivered", session.id);
            (energy > most).then(|| Broken::new("I10", what()))
        });
        broken.collect()
    }

    /// Money goes to the operator of the site, and to nobody else.
    pub(in crate::simulate) fn accounts_of(&self, intents: &[SeenIntent]) -> Vec<Broken> {
        let mut broken = Vec::new();
        for intent in intents {
            let id = intent.session.as_deref().and_then(|session| session.parse::<SessionId>().ok());
            let Some(expected) = id.and_then(|id| self.accounts.get(id.charger.as_str())) else { continue };
            if intent.account != *expected {
                let what = format!("{}: for {:?}, its site's account is {expected:?}", intent.id, intent.account);
                broken.push(Broken::new("I3", what));
            }
        }
        broken
    }

    /// What has to have become of each visit that was told in full.
    pub(in crate::simulate) fn became(&self, sessions: &[Session]) -> Vec<Broken> {
        let by_id: BTreeMap<String, &Session> = sessions.iter().map(|it| (it.id.to_string(), it)).collect();
        let clean = self.visits.iter().filter(|(_, told)| told.clean);
        clean
            .flat_map(|(id, told)| match by_id.get(id) {
                None => vec![Broken::new("I4", format!("{id} was told in full and is no session"))],
                Some(session) => became(session, told.visit),
            })
            .collect()
    }
}

/// The second of two stops tells a kilowatt-hour more; it may come first.
fn slack(visit: &Visit) -> i64 {
    if visit.has(Quirk::StopsTwice) { 1_000 } else { 0 }
}

fn session_of(visit: &Visit) -> String {
    let started_at = visit.arrives_at + visit.clock_off;
    format!("{}~{}~{started_at:.3}", visit.place.charger, visit.place.connector)
}

fn became(session: &Session, visit: &Visit) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut say = |invariant, what: String| broken.push(Broken::new(invariant, format!("{}: {what}", session.id)));
    let told = visit.tells_stop_at();
    if session.stopped.as_ref().map(|stopped| stopped.at) != Some(told) {
        say("I8", format!("stopped {:?}, its charger told {told}", session.stopped));
    }
    match (&session.bill, session.outcome) {
        (None, Outcome::Quarantined) => say("I10", format!("nothing odd was told: {:?}", session.reason)),
        (None, _) => say("I4", "was told in full and has no bill".to_owned()),
        (Some(bill), _) => {
            if bill.energy.0 != visit.energy_wh {
                say("I9", format!("{} Wh billed, {} delivered", bill.energy.0, visit.energy_wh));
            }
            for (what, billed, really) in times(bill, visit) {
                if billed > really {
                    say("I12", format!("{billed} s {what} billed of {really}"));
                }
            }
        }
    }
    broken
}

/// Seconds billed, and those that there were at most.
fn times(bill: &Bill, visit: &Visit) -> [(&'static str, Decimal, Decimal); 3] {
    let measured = |kind: LineKind, unit: i64| -> Decimal {
        let lines = bill.lines.iter().filter(|line| line.kind == kind);
        lines.map(|line| line.measured.unwrap_or(line.quantity) * Decimal::from(unit)).sum::<Decimal>().round()
    };
    let seconds = |from: Timestamp, to: Timestamp| Decimal::from((to.duration_since(from) + TOLD_LATE).as_secs());
    let (charged, stayed) = (seconds(visit.arrives_at, visit.full_at), seconds(visit.full_at, visit.leaves_at));
    [
        ("charging", measured(LineKind::Time, 3_600), charged),
        ("parking", measured(LineKind::Parking, 3_600), stayed),
        ("idle", measured(LineKind::Idle, 60), stayed),
    ]
}
