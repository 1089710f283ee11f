//! How sessions end, and what a bill asks for that another takes the place of: each rule at its bounds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::closing::{EndCause, LATE_STOP, OVERLAP, PROVISIONAL, SILENCE, Signs, UNREAD};
use plugtill_domain::credit::{CreditOrder, Extent};
use plugtill_domain::decide::{Assessment, Decision, Event, Nothing, Opening, decide};
use plugtill_domain::evidence::{Started, StopReason, Stopped};
use plugtill_domain::money::Money;
use plugtill_domain::payment::Purpose;
use plugtill_domain::pricing::{Surroundings, price};
use plugtill_domain::session::{Outcome, Payer, Reason, Session};
use plugtill_domain::settlement::{Split, split};
use plugtill_domain::site::{SiteFile, Terms};
use plugtill_domain::timeline::{Implausible, Timeline};
use plugtill_domain::units::{WattHours, Watts};
use serde_json::{Value, json};

const POWER: Watts = Watts(50_000);

fn at(minute: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

/// A kilowatt-hour costs half a euro.
fn terms(change: Value) -> Terms {
    let component = json!({ "type": "ENERGY", "price": "0.50" });
    let mut site = json!({
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": POWER.0 }] }],
        "tariff": { "id": "T", "currency": "EUR", "elements": [{ "price_components": [component] }] },
        "hold": "20.00",
    });
    if let (Value::Object(whole), Value::Object(part)) = (&mut site, change) {
        whole.extend(part);
    }
    let file: SiteFile = serde_json::from_value(json!({ "sites": [site] })).unwrap();
    file.sites().unwrap().remove(0).terms
}

struct Told {
    session: Session,
    terms: Terms,
}

impl Told {
    fn opened(terms: Terms, payer: bool) -> Self {
        let payer = payer.then(|| Payer { customer: "cus_1".to_owned(), payment_method: "pm_1".to_owned() });
        let opening = Opening {
            id: "CP1~1~2026-03-02T10:00:00Z".parse().unwrap(),
            site: "yard".parse().unwrap(),
            terms: "v1".to_owned(),
            max_power: POWER,
            started: Started::at(WattHours(0), "TAG1".parse().unwrap()),
            payer,
            hold: None,
            limit: None,
            stay_watch: None,
            hooked: false,
            answered: false,
            received_at: at(0),
        };
        let Decision::Commit(session) = decide(None, Event::Started(Box::new(opening)), &terms) else { panic!() };
        Self { session: *session, terms }
    }

    fn plain() -> Self {
        Self::opened(terms(json!({})), true)
    }

    fn decided(&self, event: Event) -> Decision {
        decide(Some(self.session.clone()), event, &self.terms)
    }

    fn refuses(&self, event: Event) -> Nothing {
        let Decision::Nothing(why) = self.decided(event) else { panic!("something is changed") };
        why
    }

    fn then(mut self, event: Event) -> Self {
        match self.decided(event) {
            Decision::Commit(after) => self.session = *after,
            Decision::Nothing(why) => panic!("{why}"),
        }
        self
    }

    /// Stripe does whatever is asked.
    fn paid(mut self) -> Self {
        while let Some(next) = self.session.next_payment() {
            let intent = next.intent.clone().unwrap_or_else(|| format!("pi_{}{}", next.purpose.as_str(), next.attempt));
            let refund = (next.purpose == Purpose::Refund).then(|| format!("re_{}", next.attempt));
            let (which, capture_before) = (next.id(), (next.purpose == Purpose::Hold).then(|| at(5_000)));
            self = self.then(Event::Paid { which, intent, amount: None, refund, capture_before, at: at(90) });
        }
        self
    }

    fn billed(self, wh: i64, now: Timestamp) -> Self {
        let used = Timeline::steady(at(0), at(60), WattHours(wh));
        let bill = Ok(price(&used, Surroundings::of(POWER), &self.terms).unwrap());
        self.then(Event::Assessed(Assessment { at: now, bill, unplugged: true, minimum: eur(50) }))
    }

    /// Stopped after an hour, billed and collected.
    fn settled(self, wh: i64) -> Self {
        self.paid().then(Event::Stopped(stop(60, wh), at(60))).billed(wh, at(62)).paid()
    }

    /// Another bill, for late evidence.
    fn corrected(self, wh: i64) -> Self {
        self.then(Event::LateEvidence(at(100))).billed(wh, at(102))
    }

    fn asks_for(&self) -> Option<(Purpose, i64)> {
        self.session.next_payment().map(|next| (next.purpose, next.amount.minor()))
    }

    fn stands(&self) -> (i64, i64, Option<Reason>) {
        let Session { waived, uncollectable, reason, .. } = &self.session;
        (waived.minor(), uncollectable.minor(), reason.clone())
    }
}

fn stop(minute: i64, register: i64) -> Stopped {
    Stopped {
        transaction: "7".parse().unwrap(),
        at: at(minute),
        register: Some(WattHours(register)),
        reason: StopReason::EvDisconnected,
        readings: Vec::new(),
        signed: false,
    }
}

#[test]
fn a_bill_is_split_so_that_each_part_can_be_moved() {
    let parts = |total: i64, hold: Option<i64>| {
        let Split { capture, charge } = split(eur(total), hold.map(eur), eur(50));
        (capture.map(Money::minor), charge.map(Money::minor))
    };
    for total in [-1, 0, 49] {
        assert_eq!(parts(total, Some(2_000)), (None, None), "{total} is too small to collect");
    }
    assert_eq!((parts(50, Some(2_000)), parts(50, None)), ((Some(50), None), (None, Some(50))));
    assert_eq!((parts(2_000, Some(2_000)), parts(2_001, Some(2_000))), ((Some(2_000), None), (Some(1_951), Some(50))));
    assert_eq!((parts(100, Some(60)), parts(99, Some(60))), ((Some(50), Some(50)), (None, Some(99))));
    // Where nothing is too small, nothing is asked for all the same.
    let free = split(eur(0), None, eur(0));
    assert_eq!((free.capture, free.charge), (None, None));
}

#[test]
fn a_bill_that_falls_is_refunded_and_one_that_is_the_same_asks_for_nothing() {
    let lower = Told::plain().settled(10_000).corrected(6_000);
    assert_eq!(
        (lower.asks_for(), lower.stands()),
        (Some((Purpose::Refund, 200)), (0, 0, Some(Reason::LateEvidenceRefunded)))
    );
    let lower = lower.paid();
    assert_eq!((lower.session.collected().minor(), lower.session.outcome), (300, Outcome::Captured));
    let same = Told::plain().settled(10_000).corrected(10_000);
    assert_eq!((same.asks_for(), same.stands()), (None, (0, 0, None)));
}

#[test]
fn a_bill_that_rises_follows_the_site_from_the_least_amount_that_moves() {
    let waived = Told::plain().settled(10_000).corrected(16_000);
    assert_eq!((waived.asks_for(), waived.stands()), (None, (300, 0, Some(Reason::LateEvidenceWaived))));
    let charging = || Told::opened(terms(json!({ "late_evidence": "charge" })), true).settled(10_000);
    let charged = charging().corrected(11_000);
    assert_eq!(
        (charged.asks_for(), charged.stands()),
        (Some((Purpose::TopUp, 50)), (0, 0, Some(Reason::LateEvidenceCharged)))
    );
    let too_little = charging().corrected(10_980);
    assert_eq!((too_little.asks_for(), too_little.stands()), (None, (49, 0, Some(Reason::LateEvidenceWaived))));
    // What was waived is asked for no more once the bill falls again.
    let back = waived.then(Event::LateEvidence(at(110))).billed(10_000, at(112));
    assert_eq!((back.asks_for(), back.stands().0), (None, 0));
}

#[test]
fn what_is_owed_falls_with_the_bill_and_does_not_rise_with_it() {
    let owing = || Told::opened(terms(json!({ "late_evidence": "charge" })), false).settled(10_000);
    assert_eq!(owing().stands(), (0, 500, Some(Reason::NoPaymentMethod)));
    assert_eq!(owing().corrected(6_000).stands(), (0, 300, Some(Reason::NoPaymentMethod)));
    assert_eq!(owing().corrected(16_000).stands(), (300, 500, Some(Reason::LateEvidenceWaived)));
}

#[test]
fn what_is_too_small_to_collect_is_waived_for_that_until_it_is_not() {
    let small = || Told::plain().settled(400);
    assert_eq!((small().stands(), small().session.outcome), ((20, 0, Some(Reason::BelowMinimum)), Outcome::Waived));
    assert_eq!(small().corrected(980).stands(), (49, 0, Some(Reason::BelowMinimum)));
    assert_eq!(small().corrected(1_000).stands(), (50, 0, Some(Reason::LateEvidenceWaived)));
    assert_eq!(Told::plain().settled(0).stands(), (0, 0, Some(Reason::NothingDue)));
}

#[test]
fn evidence_that_cannot_be_believed_gives_every_hold_back_before_a_bill_and_changes_none_after() {
    let implausible = || {
        let bill = Err(Implausible::RegisterFell);
        Event::Assessed(Assessment { at: at(102), bill, unplugged: true, minimum: eur(50) })
    };
    let stopped = Told::plain().paid().then(Event::Stopped(stop(60, 10_000), at(60)));
    let flagged = stopped.then(implausible());
    assert_eq!((flagged.session.outcome, flagged.asks_for()), (Outcome::Quarantined, Some((Purpose::Release, 2_000))));
    let billed = Told::plain().settled(10_000).then(Event::LateEvidence(at(100))).then(implausible());
    assert_eq!((billed.session.outcome, billed.session.billed().minor()), (Outcome::Captured, 500));
}

#[test]
fn the_earliest_stop_counts_whatever_order_they_come_in() {
    let stopped = |told: Stopped| Told::plain().then(Event::Stopped(told, at(70)));
    let first = stopped(stop(60, 10_000));
    assert_eq!(first.session.settle_at, Some(at(72)));
    assert_eq!(first.refuses(Event::Stopped(stop(60, 10_000), at(80))), Nothing::Duplicate);
    assert_eq!(first.refuses(Event::Stopped(stop(61, 10_000), at(80))), Nothing::Conflict);
    assert_eq!(first.refuses(Event::Stopped(stop(60, 10_001), at(80))), Nothing::Conflict);
    for earlier in [stop(59, 10_000), stop(60, 9_999)] {
        let again = stopped(stop(60, 10_000)).then(Event::Stopped(earlier.clone(), at(80)));
        assert_eq!((again.session.stopped, again.session.settle_at), (Some(earlier), Some(at(82))));
    }
}

#[test]
fn a_stop_may_touch_the_next_session_by_a_minute_and_no_more() {
    let followed = || Told::plain().then(Event::NextSession { at: at(30), received_at: at(31) });
    let touching = Stopped { at: at(30) + OVERLAP, ..stop(0, 5_000) };
    let beyond = Stopped { at: at(30) + OVERLAP + SignedDuration::from_secs(1), ..stop(0, 5_000) };
    assert_eq!(followed().refuses(Event::Stopped(beyond.clone(), at(31))), Nothing::Overlap);
    assert_eq!(followed().then(Event::Stopped(touching.clone(), at(31))).session.stopped, Some(touching.clone()));
    let next = Event::NextSession { at: at(30), received_at: at(31) };
    assert_eq!(Told::plain().then(Event::Stopped(touching, at(31))).refuses(next.clone()), Nothing::NoEffect);
    let taken_back = Told::plain().then(Event::Stopped(beyond, at(31))).then(next);
    let Session { stopped, settle_at, check_at, .. } = &taken_back.session;
    assert_eq!((stopped, settle_at, check_at), (&None, &None, &Some(at(31) + LATE_STOP)));
}

#[test]
fn the_nearest_session_after_it_is_the_next() {
    let next = |minute| Event::NextSession { at: at(minute), received_at: at(40) };
    assert_eq!(Told::plain().refuses(next(0)), Nothing::NoEffect);
    let followed = Told::plain().then(next(30));
    assert_eq!(followed.session.check_at, Some(at(40) + LATE_STOP));
    assert_eq!((followed.refuses(next(30)), followed.refuses(next(31))), (Nothing::NoEffect, Nothing::NoEffect));
    assert_eq!(followed.then(next(29)).session.next_session_at, Some(at(29)));
}

#[test]
fn an_unplug_settles_what_the_driver_stopped_and_expects_a_stop_where_there_is_none() {
    let idle = json!({ "idle": { "grace_minutes": 0, "price_per_minute": "0.10" }, "settle_after_minutes": 10 });
    let stopped = |reason| {
        let stop = Stopped { reason, ..stop(60, 10_000) };
        Told::opened(terms(idle.clone()), true).then(Event::Stopped(stop, at(60)))
    };
    let waits = stopped(StopReason::Local);
    assert_eq!(waits.session.settle_at, Some(at(70)));
    assert_eq!(waits.refuses(Event::Unplugged(at(60))), Nothing::NoEffect);
    assert_eq!(waits.then(Event::Unplugged(at(59))).session.settle_at, Some(at(69)));
    assert_eq!(stopped(StopReason::EvDisconnected).refuses(Event::Unplugged(at(59))), Nothing::NoEffect);
    let running = Told::plain().then(Event::Unplugged(at(50)));
    assert_eq!(running.session.check_at, Some(at(50) + LATE_STOP));
    assert_eq!(running.refuses(Event::Unplugged(at(50))), Nothing::NoEffect);
    assert_eq!(running.then(Event::Unplugged(at(49))).session.check_at, Some(at(49) + LATE_STOP));
}

#[test]
fn a_lost_stop_is_judged_when_it_is_due_and_a_session_is_ended_once() {
    let signs = |now| Signs {
        last_evidence_at: at(45),
        heard_at: at(45),
        free_since: Some(at(50)),
        others_since: None,
        unread: false,
        now,
    };
    let waits = || Told::plain().then(Event::Unplugged(at(50)));
    let due = at(50) + LATE_STOP;
    assert_eq!(waits().refuses(Event::Checked(signs(due - SignedDuration::from_secs(1)))), Nothing::NoEffect);
    let closed = waits().then(Event::Checked(signs(due)));
    assert_eq!((closed.session.settle_at, closed.session.check_at), (Some(due), None));
    assert_eq!(closed.refuses(Event::Checked(signs(due))), Nothing::NoEffect);
    let silent = Told::plain().then(Event::Checked(Signs { free_since: None, ..signs(at(45) + SILENCE) }));
    assert!(silent.session.closed.is_some());
    // What waits unread may tell of it, and is waited for as long as a hold stands.
    let unread = |now| Signs { free_since: None, unread: true, ..signs(now) };
    let waiting = Told::plain().then(Event::Checked(unread(at(45) + SILENCE)));
    assert_eq!(waiting.session.check_at, Some(at(45) + SILENCE + SignedDuration::from_hours(1)));
    assert!(waiting.then(Event::Checked(unread(at(45) + UNREAD))).session.closed.is_some());
    // Another transaction at its connector is another session, whether its start is known or not.
    let others = Signs { free_since: None, others_since: Some(at(47)), ..signs(due) };
    let closed = waits().then(Event::Checked(others)).session.closed.unwrap();
    assert_eq!((closed.at, closed.cause), (at(47) - SignedDuration::from_millis(1), EndCause::NextSession));
    let over = Told::plain().then(Event::Over { at: at(45), now: at(80) });
    assert_eq!(over.session.settle_at, Some(at(80)));
    assert_eq!(over.refuses(Event::Over { at: at(45), now: at(81) }), Nothing::Ended);
    let stopped = Told::plain().then(Event::Stopped(stop(60, 10_000), at(60)));
    assert_eq!(stopped.refuses(Event::Over { at: at(45), now: at(81) }), Nothing::Ended);
}

#[test]
fn a_stop_that_comes_within_a_week_of_a_bill_without_it_is_charged_in_full() {
    let closed = || Told::plain().paid().then(Event::Over { at: at(45), now: at(80) }).billed(5_000, at(80)).paid();
    let late = |days: i64| {
        let now = at(45) + PROVISIONAL + SignedDuration::from_secs(days);
        closed().then(Event::Stopped(stop(60, 10_000), now)).billed(10_000, now).asks_for()
    };
    assert_eq!((late(0), late(1)), (Some((Purpose::TopUp, 250)), None));
}

#[test]
fn a_start_that_is_said_again_is_a_duplicate_and_another_one_a_conflict() {
    let told = Told::plain();
    let start = |register: i64| {
        let opening = Opening {
            id: told.session.id.clone(),
            site: told.session.site.clone(),
            terms: "v1".to_owned(),
            max_power: POWER,
            started: Started::at(WattHours(register), "TAG1".parse().unwrap()),
            payer: None,
            hold: None,
            limit: None,
            stay_watch: None,
            hooked: false,
            answered: false,
            received_at: at(5),
        };
        told.refuses(Event::Started(Box::new(opening)))
    };
    assert_eq!((start(0), start(1)), (Nothing::Duplicate, Nothing::Conflict));
}

#[test]
fn a_card_is_asked_once_more_only_for_what_it_owes_and_a_driver_forgotten_only_when_all_is_over() {
    let again = || Event::ChargeAgain(at(500));
    assert_eq!(Told::plain().settled(10_000).refuses(again()), Nothing::NothingToCharge);
    assert_eq!(Told::opened(terms(json!({})), false).settled(10_000).refuses(again()), Nothing::NothingToCharge);
    let billed = Told::plain().then(Event::Stopped(stop(60, 10_000), at(60)));
    let which = billed.session.next_payment().unwrap().id();
    let declined =
        billed.then(Event::Refused { which, code: "declined".to_owned(), at: at(61) }).billed(10_000, at(62));
    let which = declined.session.next_payment().unwrap().id();
    let owed = declined.then(Event::Refused { which, code: "declined".to_owned(), at: at(63) });
    assert_eq!(owed.stands().1, 500);
    let asked = owed.then(again());
    assert_eq!((asked.asks_for(), asked.stands().1), (Some((Purpose::TopUp, 500)), 0));
    assert_eq!(asked.refuses(again()), Nothing::NothingToCharge);
    let erased = || Event::Erased("erased-1".parse().unwrap());
    assert_eq!(asked.refuses(erased()), Nothing::NotOver);
    let forgotten = Told::plain().settled(10_000).then(erased());
    assert_eq!((forgotten.session.id_tag().as_str(), &forgotten.session.payer), ("erased-1", &None));
    assert_eq!(forgotten.refuses(erased()), Nothing::Duplicate);
    let by_another = Told::opened(terms(json!({})), true).settled(10_000).then(Event::Erased("TAG1".parse().unwrap()));
    assert_eq!(by_another.session.payer, None);
}

#[test]
fn a_driver_is_forgotten_whose_bill_fell_below_what_was_credited_of_it() {
    let closed = Told::plain().paid().then(Event::Over { at: at(45), now: at(80) }).billed(5_000, at(80)).paid();
    let order = CreditOrder {
        id: "a".to_owned(),
        extent: Extent::Whole,
        reason: "cable was wet".to_owned(),
        by: "operator".to_owned(),
    };
    let credited = closed.then(Event::Credited(order, at(90))).paid();
    let fell = credited.then(Event::Stopped(stop(60, 4_000), at(100))).billed(4_000, at(100));
    assert_eq!((fell.asks_for(), fell.session.billed().minor(), fell.session.collected().minor()), (None, -50, 0));
    assert_eq!(fell.then(Event::Erased("erased-1".parse().unwrap())).session.id_tag().as_str(), "erased-1");
}
