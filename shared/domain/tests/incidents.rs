//! Incidents: what is told, when, and how often.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::incident::{
    Incident, Kind, NoticeKind, Rules, Sent, Severity, Sighting, Subject, acknowledge, advance, fold, observe, uptime,
};

fn at(minute: i64) -> Timestamp {
    "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn subject(kind: Kind) -> Subject {
    Subject::of_connector(kind, "yard".parse().unwrap(), "CP1".parse().unwrap(), ConnectorId(1))
}

/// An incident as `notify` keeps it: told in order, as time passes.
struct Watched {
    kind: Kind,
    rules: Rules,
    incident: Option<Incident>,
    told: Vec<(NoticeKind, Timestamp)>,
}

impl Watched {
    fn new(kind: Kind) -> Self {
        Self { kind, rules: Rules::default(), incident: None, told: Vec::new() }
    }

    fn with(kind: Kind, policy: &str) -> Self {
        let policy = serde_json::from_str(policy).unwrap();
        Self { rules: Rules { policy, ..Rules::default() }, ..Self::new(kind) }
    }

    fn see(&mut self, minute: i64, well: bool) -> &mut Self {
        self.until(minute);
        let seen = Sighting::now(subject(self.kind), "GroundFailure", well, at(minute));
        self.incident = observe(self.incident.as_ref(), &seen, &self.rules).or(self.incident.take());
        self
    }

    /// Lets time pass, told of by what is due alone.
    fn until(&mut self, minute: i64) -> &mut Self {
        while let Some(incident) = &self.incident
            && let Some(due_at) = incident.due_at.filter(|due_at| *due_at <= at(minute))
        {
            if let Some(next) = advance(incident, due_at, &self.rules) {
                self.incident = Some(next);
                continue;
            }
            let notice = incident.next_notice().unwrap().clone();
            self.told.push((notice.kind, notice.due_at));
            let mut next = incident.clone();
            next.notice_sent(Sent { at: due_at, message_id: "m".to_owned() }, &self.rules);
            self.incident = Some(next);
        }
        self
    }

    fn kinds(&self) -> Vec<NoticeKind> {
        self.told.iter().map(|(kind, _)| *kind).collect()
    }

    fn now(&self) -> &Incident {
        self.incident.as_ref().unwrap()
    }
}

use NoticeKind::{Escalated, Opened, Recovered, Reminder};

#[test]
fn a_fault_that_clears_before_its_delay_makes_no_alert() {
    for (kind, minutes) in [(Kind::ChargerFault, 2), (Kind::ChargerOffline, 5), (Kind::PowerLoss, 2)] {
        let mut watched = Watched::new(kind);
        watched.see(0, false).see(minutes - 1, true).until(60);
        assert_eq!(watched.told, [], "{kind:?}");
        let mut lasting = Watched::new(kind);
        lasting.see(0, false).until(minutes);
        assert_eq!(lasting.told, [(Opened, at(minutes))], "{kind:?}");
    }
}

#[test]
fn an_emergency_stop_is_told_at_once() {
    let mut watched = Watched::new(Kind::EmergencyStop);
    watched.see(0, false).until(0);
    assert_eq!(watched.told, [(Opened, at(0))]);
}

#[test]
fn repetitions_are_counted_and_the_end_is_told_once_when_it_is_sure() {
    let mut watched = Watched::new(Kind::ChargerFault);
    for minute in 0..20 {
        watched.see(minute, false);
    }
    watched.see(20, true).see(21, true).until(60);
    assert_eq!(watched.told, [(Opened, at(2)), (Recovered, at(22))]);
    let incident = watched.now();
    assert_eq!((incident.count, incident.ended_at), (20, Some(at(20))), "it ended when all was well");
    assert_eq!(incident.lasted(at(60)), SignedDuration::from_mins(20));
}

#[test]
fn a_fault_that_comes_back_while_it_calms_down_is_the_same_incident() {
    let mut watched = Watched::new(Kind::ChargerFault);
    watched.see(0, false).see(5, true).see(6, false).see(10, true).until(60);
    assert_eq!(watched.kinds(), [Opened, Recovered]);
    assert_eq!((watched.now().flaps, watched.now().count), (1, 2));
}

#[test]
fn what_flaps_without_ever_lasting_is_told_once() {
    let mut watched = Watched::new(Kind::ChargerOffline);
    for minute in 0..10 {
        watched.see(minute * 2, false).see(minute * 2 + 1, true);
    }
    watched.until(60);
    assert_eq!(watched.kinds(), [Opened, Recovered]);
    assert_eq!(watched.told[0].1, at(6), "at the third time that it comes back");
}

#[test]
fn what_was_seen_before_the_latest_news_changes_nothing() {
    let mut watched = Watched::new(Kind::ChargerFault);
    watched.see(0, false).see(5, false);
    let late = Sighting { at: at(4), ..Sighting::now(subject(Kind::ChargerFault), "", true, at(6)) };
    assert_eq!(observe(watched.incident.as_ref(), &late, &watched.rules), None, "the fault was seen after that");
    watched.see(9, true).until(20);
    let late = Sighting { at: at(8), ..Sighting::now(subject(Kind::ChargerFault), "", false, at(21)) };
    assert_eq!(observe(watched.incident.as_ref(), &late, &watched.rules), None, "it was over after that");
}

#[test]
fn a_new_incident_still_tells_what_was_not_told_of_the_one_before() {
    let rules = Rules::default();
    let see = |known: Option<&Incident>, minute, well| {
        observe(known, &Sighting::now(subject(Kind::EmergencyStop), "", well, at(minute)), &rules)
    };
    let open = see(None, 0, false).unwrap();
    let over = advance(&see(Some(&open), 9, true).unwrap(), at(12), &rules).unwrap();
    let next = see(Some(&over), 20, false).unwrap();
    let kinds: Vec<_> = next.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!((kinds, next.count, next.first_at), (vec![Opened, Recovered, Opened], 1, at(20)));
}

#[test]
fn reminders_come_at_growing_intervals_and_the_second_contact_once() {
    let mut watched = Watched::new(Kind::BillingStopped);
    watched.see(0, false).until(4 * 24 * 60);
    assert_eq!(watched.kinds()[..4], [Opened, Escalated, Reminder, Reminder]);
    let minutes: Vec<i64> = watched.told.iter().map(|(_, told)| told.duration_since(at(0)).as_mins()).collect();
    assert_eq!(minutes, [0, 30, 60, 240, 720, 1440, 2880, 4320, 5760]);
}

#[test]
fn who_acknowledges_is_reminded_no_more_and_told_of_the_end() {
    let mut watched = Watched::new(Kind::BillingStopped);
    watched.see(0, false).until(10);
    let acknowledged = acknowledge(watched.now(), "night shift", at(10), &watched.rules).unwrap();
    assert_eq!(acknowledge(&acknowledged, "somebody else", at(11), &watched.rules), None);
    watched.incident = Some(acknowledged);
    watched.until(3_000).see(3_000, true).until(4_000);
    assert_eq!(watched.kinds(), [Opened, Recovered]);
    let by = watched.now().acknowledged.as_ref().unwrap();
    assert_eq!((by.by.as_str(), by.at), ("night shift", at(10)));
}

#[test]
fn low_severities_are_told_in_the_digest_alone() {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.severity() == Severity::Low) {
        let mut watched = Watched::new(kind);
        for minute in 0..30 {
            watched.see(minute, false);
        }
        watched.until(3 * 24 * 60);
        assert_eq!(watched.told, [], "{kind:?}");
        assert!(watched.now().opened_at.is_some(), "{kind:?} is an incident nevertheless");
    }
}

#[test]
fn quiet_hours_hold_back_what_is_not_critical_until_they_are_over() {
    let policy = r#"{ "quiet_hours": { "from": "22:00", "until": "07:00" } }"#;
    let night = 13 * 60 + 30;
    let mut fault = Watched::with(Kind::ChargerFault, policy);
    fault.see(night, false).until(22 * 60);
    assert_eq!(fault.told.first(), Some(&(Opened, at(22 * 60))), "09:00 + 22 h is 07:00");
    let mut stopped = Watched::with(Kind::BillingStopped, policy);
    stopped.see(night, false).until(night);
    assert_eq!(stopped.told, [(Opened, at(night))]);
}

#[test]
fn a_site_sets_its_own_delays() {
    let mut watched = Watched::with(Kind::ChargerFault, r#"{ "delay_minutes": { "charger_fault": 20 } }"#);
    watched.see(0, false).until(60);
    assert_eq!(watched.told[0], (Opened, at(20)));
}

#[test]
fn some_kinds_are_told_only_when_they_add_up_and_lapse_when_unseen() {
    let mut watched = Watched::new(Kind::PaymentFailing);
    watched.see(0, false).see(10, false).until(60);
    assert_eq!(watched.told, []);
    watched.see(70, false).until(70);
    assert_eq!(watched.kinds(), [Opened]);
    watched.until(70 + 25 * 60);
    assert_eq!(watched.kinds().last(), Some(&Recovered), "unseen for a day");
}

#[test]
fn a_member_of_a_storm_is_told_with_it_and_never_alone() {
    let mut watched = Watched::new(Kind::ChargerFault);
    watched.see(0, false);
    let opened = advance(watched.now(), at(2), &watched.rules).unwrap();
    let folded = fold(&opened, &watched.rules).unwrap();
    watched.incident = Some(folded);
    watched.until(600).see(600, true).until(700);
    assert_eq!(watched.told, []);
    assert_eq!(watched.now().ended_at, Some(at(600)));
    assert_eq!(fold(watched.now(), &watched.rules), None, "folded once");
}

#[test]
fn subjects_are_read_as_they_are_written() {
    let session = "CP1~12~2026-03-02T09:00:00.000Z".parse().unwrap();
    let site = || "yard".parse().unwrap();
    let all = Kind::ALL.into_iter().map(Subject::billing).chain([
        subject(Kind::ChargerFault),
        Subject::of_site(Kind::SiteStorm, site()),
        Subject::of_charger(Kind::ChargerOffline, site(), "CP1".parse().unwrap()),
        Subject::of_session(Kind::Dispute, site(), session),
    ]);
    for subject in all {
        assert_eq!(subject.to_string().parse::<Subject>().unwrap(), subject);
        let json = serde_json::to_string(&subject).unwrap();
        assert_eq!(serde_json::from_str::<Subject>(&json).unwrap(), subject, "{json}");
    }
    for wrong in
        ["", "storm", "charger_fault", "nothing#yard", "charger_fault#yard#CP1#x", "charger_fault#yard#CP1#1#2"]
    {
        assert!(wrong.parse::<Subject>().is_err(), "{wrong}");
    }
}

fn outage(kind: Kind, from: i64, to: Option<i64>) -> Incident {
    let mut watched = Watched::new(kind);
    watched.see(from, false).until(from + 30);
    if let Some(to) = to {
        watched.see(to, true).until(to + 10);
    }
    watched.incident.unwrap()
}

#[test]
fn uptime_counts_every_minute_once_and_leaves_out_what_is_excluded() {
    // 1,000 minutes; down from 0 to 100 and, beside it, from 50 to 150; 200 to 300 excluded; 950 to the end.
    let mut excluded = outage(Kind::ChargerFault, 200, Some(300));
    excluded.excluded = Some("vandalism".to_owned());
    let incidents = [
        outage(Kind::ChargerFault, 0, Some(100)),
        outage(Kind::ChargerOffline, 50, Some(150)),
        excluded,
        outage(Kind::ConnectorUnavailable, 950, None),
        outage(Kind::ZeroEnergy, 400, None),
    ];
    let (charger, period) = ("CP1".parse().unwrap(), (at(0), at(1_000)));
    let uptime = uptime::of((&charger, ConnectorId(1)), incidents.iter(), period);
    assert_eq!((uptime.down, uptime.excluded, uptime.outages), (200 * 60, 100 * 60, 4));
    assert_eq!(uptime.percent().to_string(), "80.00");
    let other = uptime::of((&charger, ConnectorId(2)), incidents.iter(), period);
    assert_eq!(other.percent().to_string(), "100.00", "the other connector was well");
    let year = 365 * 24 * 60;
    let down =
        uptime::of((&charger, ConnectorId(1)), [outage(Kind::ChargerFault, 0, Some(15_769))].iter(), (at(0), at(year)));
    assert_eq!(down.percent().to_string(), "96.99", "a minute too many is not rounded away");
}

#[test]
fn response_times_are_averages_of_what_was_told() {
    let mut acknowledged = outage(Kind::ChargerFault, 0, Some(100));
    acknowledged.acknowledged =
        Some(plugtill_domain::incident::Acknowledged { by: "night shift".to_owned(), at: at(12) });
    let incidents = [acknowledged, outage(Kind::ChargerFault, 200, Some(240))];
    let response = uptime::response(incidents.iter());
    assert_eq!(response.to_acknowledge, Some(SignedDuration::from_mins(10)));
    assert_eq!(response.to_repair, Some(SignedDuration::from_mins(70)));
}
