//! Incidents as they are stored, told and counted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::incident::{BillingFault, Incident, NoticeKind, SMS_CHARACTERS, Subject, raise, recover};

fn at(minute: i64) -> Timestamp {
    "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn every_fault() -> Vec<BillingFault> {
    let session = format!("{}~12~2026-03-02T09:00:00.000Z", "C".repeat(48)).parse().unwrap();
    vec![
        BillingFault::StripeKeyRefused,
        BillingFault::BillingStopped,
        BillingFault::CaptureOverdue,
        BillingFault::Dispute(session),
        BillingFault::PaymentUnknown,
        BillingFault::ReconciliationDiffers,
    ]
}

fn opened(fault: &BillingFault) -> Incident {
    raise(None, fault, "HTTP 401", at(0)).unwrap()
}

#[test]
fn a_connectors_incident_from_before_billing_had_any_is_read_and_written_as_it_was() {
    let stored = r#"{"site":"yard","charger":"CP1","connector":1,"error":"GroundFailure","opened_at":"2026-03-02T09:00:00Z","last_at":"2026-03-02T09:19:00Z","count":20,"recovered_at":null,"notices":[{"kind":"opened","due_at":"2026-03-02T09:00:00Z","sent":true,"text":"FAULT CP1 connector 1 (yard): GroundFailure since 2026-03-02T09:00:00Z"}]}"#;
    let incident: Incident = serde_json::from_str(stored).unwrap();
    assert_eq!(incident.subject, serde_json::from_str::<Subject>(r#"["CP1",1]"#).unwrap());
    assert_eq!((incident.site.as_ref().unwrap().as_str(), incident.count, incident.is_open()), ("yard", 20, true));
    assert_eq!(serde_json::to_string(&incident).unwrap(), stored);
}

#[test]
fn a_billing_incident_is_read_as_it_was_written() {
    for fault in every_fault() {
        let incident = opened(&fault);
        let stored = serde_json::to_string(&incident).unwrap();
        assert_eq!(serde_json::from_str::<Incident>(&stored).unwrap(), incident, "{stored}");
        let subject = serde_json::to_string(&incident.subject).unwrap();
        assert_eq!(serde_json::from_str::<Subject>(&subject).unwrap(), incident.subject, "{subject}");
        assert_eq!(BillingFault::parse(&fault.name()), Some(fault));
    }
    assert_eq!(BillingFault::parse("dispute"), None, "a dispute is a session's");
}

#[test]
fn a_fault_that_lasts_is_counted_and_told_once_and_its_end_is_told_once() {
    let fault = BillingFault::StripeKeyRefused;
    let again = raise(Some(&opened(&fault)), &fault, "HTTP 403", at(5)).unwrap();
    assert_eq!((again.count, again.opened_at, again.last_at, again.notices.len()), (2, at(0), at(5), 1));
    assert_eq!(again.error, "HTTP 401", "the facts are those of the first report");
    let over = recover(Some(&again), at(9)).unwrap();
    let kinds: Vec<_> = over.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::Opened, NoticeKind::Recovered]);
    assert!(over.notices[1].text.starts_with("RECOVERED after 9 min: "), "{}", over.notices[1].text);
    assert_eq!((recover(Some(&over), at(10)), recover(None, at(10))), (None, None));
}

#[test]
fn what_was_seen_before_the_latest_news_changes_nothing() {
    let fault = BillingFault::BillingStopped;
    let again = raise(Some(&opened(&fault)), &fault, "2 sessions", at(5)).unwrap();
    assert_eq!(recover(Some(&again), at(4)), None, "the fault was seen after that");
    let over = recover(Some(&again), at(9)).unwrap();
    assert_eq!(raise(Some(&over), &fault, "1 session", at(8)), None, "it was over after that");
}

#[test]
fn a_new_incident_still_tells_what_was_not_told_of_the_one_before() {
    let fault = BillingFault::BillingStopped;
    let mut over = recover(Some(&opened(&fault)), at(9)).unwrap();
    over.notice_sent();
    let next = raise(Some(&over), &fault, "1 session", at(20)).unwrap();
    let kinds: Vec<_> = next.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::Recovered, NoticeKind::Opened]);
    assert_eq!((next.count, next.opened_at), (1, at(20)));
}

#[test]
fn every_text_fits_a_text_message_and_ends_with_its_remedy() {
    let remedies = [
        "replace it in Secrets Manager, captures wait",
        "read the log of settle, nothing is lost",
        "capture it at Stripe, read the log of settle",
        "send evidence at Stripe in time",
        "look it up at Stripe",
        "read the reconciliation, repair what it lists",
    ];
    for (fault, remedy) in every_fault().into_iter().zip(remedies) {
        for facts in ["HTTP 401", &"x".repeat(300)] {
            let incident = raise(None, &fault, facts, at(0)).unwrap();
            let text = &incident.notices[0].text;
            assert!(text.len() <= SMS_CHARACTERS && text.ends_with(remedy), "{} {text}", text.len());
            assert!(text.contains(&facts[..8]), "there is room for the facts: {text}");
            let over = recover(Some(&incident), at(1_000_000)).unwrap();
            assert!(over.notices[1].text.len() < SMS_CHARACTERS, "{}", over.notices[1].text);
        }
        assert!(Subject::Billing(fault).title().len() <= 80);
    }
}
