//! What people read, whole: every kind of incident and every message to drivers, in every language.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::fmt::Write;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::incident::{Incident, Kind, NoticeKind, Rules, Sighting, Subject, advance, observe};
use plugtill_domain::language::Language;
use plugtill_domain::money::Money;
use plugtill_texts::{Digest, DriverStory, SMS_CHARACTERS, SUBJECT_CHARACTERS, Story, Told, digest, tell, tell_driver};

/// As long as API Gateway's own names are.
const LINK: &str = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/i/AbCdEfGhIjKl";
const SITE: &str = "Hôtel du Port & Marina";
const DRIVER_NOTICES: [DriverNoticeKind; 9] = [
    DriverNoticeKind::ChargingComplete,
    DriverNoticeKind::IdleSoon,
    DriverNoticeKind::IdleRunning,
    DriverNoticeKind::ReceiptReady,
    DriverNoticeKind::HoldDeclined,
    DriverNoticeKind::Unpaid,
    DriverNoticeKind::Reminder,
    DriverNoticeKind::BalanceSettled,
    DriverNoticeKind::Refunded,
];

fn at(minute: i64) -> Timestamp {
    "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

/// Where each kind is, and what is reported of it.
fn example(kind: Kind) -> (Subject, &'static str) {
    let (site, charger) = ("harbour".parse().unwrap(), "CP-0042".parse().unwrap());
    let here = |kind, site, charger| Subject::of_connector(kind, site, charger, ConnectorId(2));
    let session = || "CP-0042~2~2026-03-02T08:00:00.000Z".parse().unwrap();
    match kind {
        Kind::ChargerFault => (here(kind, site, charger), "GroundFailure vendor E17"),
        Kind::ConnectorUnavailable | Kind::EmergencyStop | Kind::StallBlocked => (here(kind, site, charger), ""),
        Kind::MeterAnomaly | Kind::MessagesMissing | Kind::ZeroEnergy | Kind::FailedStarts => {
            (here(kind, site, charger), "session CP-0042~2~2026-03-02T08:00:00.000Z")
        }
        Kind::ChargerOffline | Kind::PowerLoss => (Subject::of_charger(kind, site, charger), ""),
        Kind::ClockWrong => (Subject::of_charger(kind, site, charger), "it says 1970-01-01T00:00:09Z"),
        Kind::StuckSession => (Subject::of_session(kind, site, session()), "nothing since 2026-03-01T09:00:00Z"),
        Kind::DriverAsks => {
            (Subject::of_session(kind, site, session()), "The cable did not let go for ten minutes. (+49 151 1234567)")
        }
        Kind::Dispute => (Subject::of_session(kind, site, session()), "3.50 EUR fraudulent until 2026-03-20"),
        Kind::SiteStorm => (Subject::of_site(kind, site), "20 chargers"),
        Kind::PaymentFailing => (Subject::of_site(kind, site), "insufficient_funds"),
        Kind::AlertUndeliverable => (Subject::of_site(kind, site), "no confirmed e-mail subscription"),
        Kind::CaptureOverdue | Kind::BillingStopped | Kind::PaymentUnknown => {
            (Subject::billing(kind), "3, due since 2026-03-02T08:00:00Z")
        }
        Kind::ReconciliationDiffers | Kind::WebhookSilence | Kind::DeadLetters => (Subject::billing(kind), "3"),
        Kind::StripeKeyRefused => (Subject::billing(kind), "HTTP 401"),
    }
}

fn incident(kind: Kind) -> Incident {
    let (subject, facts) = example(kind);
    let rules = Rules::default();
    let mut incident = observe(None, &Sighting::now(subject.clone(), facts, false, at(0)), &rules).unwrap();
    for minute in 1..4 {
        let again = Sighting::now(subject.clone(), facts, false, at(minute));
        incident = observe(Some(&incident), &again, &rules).unwrap();
    }
    advance(&incident, at(20), &rules).unwrap_or(incident)
}

fn told(language: Language, kind: Kind, event: NoticeKind) -> Told {
    let mut incident = incident(kind);
    if event == NoticeKind::Recovered {
        incident.ended_at = Some(at(83));
    }
    let site = incident.subject.site.is_some().then_some(SITE);
    let zone = TimeZone::get("Europe/Paris").unwrap();
    tell(language, &Story { incident: &incident, event, site, zone, now: at(90), link: LINK })
}

fn everything(language: Language) -> String {
    let mut text = String::new();
    for kind in Kind::ALL {
        let opened = told(language, kind, NoticeKind::Opened);
        let recovered = told(language, kind, NoticeKind::Recovered);
        writeln!(text, "=== {}\n{}\n{}\n", kind.as_str(), opened.sms, recovered.sms).unwrap();
        writeln!(text, "{}\n\n{}\n", opened.subject, opened.email).unwrap();
    }
    for event in [NoticeKind::Reminder, NoticeKind::Escalated, NoticeKind::Recovered] {
        let told = told(language, Kind::ChargerFault, event);
        writeln!(text, "=== {}\n{}\n\n{}\n\n{}\n", event.as_str(), told.sms, told.subject, told.email).unwrap();
    }
    let matters = [(example(Kind::ZeroEnergy).0, 4, 240), (example(Kind::ClockWrong).0, 1, 1)];
    let told = digest(language, &Digest { site: Some(SITE), matters: &matters });
    writeln!(text, "=== digest\n{}\n\n{}\n\n{}\n\n=== drivers", told.sms, told.subject, told.email).unwrap();
    for kind in DRIVER_NOTICES {
        let amount = Money::parse("12.50", "EUR".parse().unwrap()).unwrap();
        let story =
            DriverStory { kind, charger: "CP-0042", amount, minutes: 5, page: "https://pay.example/s/AbCdEfGh" };
        writeln!(text, "{}", tell_driver(language, &story)).unwrap();
    }
    text
}

#[test]
fn every_message_in_every_language() {
    for language in Language::ALL {
        insta::assert_snapshot!(language.as_str(), everything(language));
    }
}

/// The basic set of GSM 03.38 is what one text message of 160 letters can be made of.
fn is_gsm(letter: char) -> bool {
    (letter.is_ascii() && !"[\\]^{|}~`".contains(letter) && !letter.is_control())
        || "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà".contains(letter)
}

#[test]
fn every_text_message_fits_one_and_ends_with_its_whole_link() {
    for language in Language::ALL {
        for kind in Kind::ALL {
            for event in [NoticeKind::Opened, NoticeKind::Reminder, NoticeKind::Escalated, NoticeKind::Recovered] {
                let told = told(language, kind, event);
                assert!(told.sms.chars().count() <= SMS_CHARACTERS, "{}", told.sms);
                assert!(told.sms.ends_with(&format!(" {LINK}")) && told.email.ends_with(LINK), "{}", told.sms);
                assert!(told.sms.chars().all(is_gsm), "{}", told.sms);
                assert!(told.subject.is_ascii() && told.subject.len() <= SUBJECT_CHARACTERS, "{}", told.subject);
            }
        }
    }
}

#[test]
fn names_that_no_text_message_can_carry_are_written_as_it_can() {
    let incident = incident(Kind::ChargerFault);
    let site = Some("Łódź 充电站 [2]\nSMS: free money");
    let story = Story {
        incident: &incident,
        event: NoticeKind::Opened,
        site,
        zone: TimeZone::UTC,
        now: at(9),
        link: "https://pay.example/i/AbC",
    };
    let told = tell(Language::En, &story);
    assert!(told.sms.chars().all(is_gsm) && told.sms.contains("Lodz"), "{}", told.sms);
    assert!(!told.subject.contains('\n') && told.subject.is_ascii(), "{}", told.subject);
}
