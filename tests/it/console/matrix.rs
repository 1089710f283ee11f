//! Every route as everybody asks it: who may is let through and gets what they asked for, and nobody else changes anything.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use http::{Method, Request, StatusCode};
use plugtill_domain::access::Role;
use plugtill_operator::Answer;
use plugtill_operator_console::{Face, Needs, Route, routes};
use plugtill_tests::{Story, at, site, stack, stop_body};
use serde_json::json;

use super::requests::{LOOKS, ORDERS, Of, Row};
use super::{Desk, PASSWORD, Reply, Visitor};

/// A desk where there is something of everything to look at and to order, with its names.
struct World {
    desk: Desk,
    names: BTreeMap<&'static str, String>,
}

/// Who asks: a name, what they may do, and whether they see the site Yard, and all sites.
const PEOPLE: [(&str, Role, bool, bool); 5] = [
    ("ann", Role::Owner, true, true),
    ("eve", Role::Owner, true, false),
    ("bob", Role::Manager, true, false),
    ("cat", Role::Manager, false, false),
    ("dan", Role::Viewer, true, false),
];

/// What the chargers of Yard say: a session that is paid and four that are not, outages that are over and some that are not,
/// sessions that run, and what nobody can use.
fn told() -> String {
    let broken = |minute: i64| [(minute, "Faulted"), (minute + 30, "Available")];
    let mut story = Story::new()
        .frame("in", at(0), &json!([2, "x1", "StopTransaction", { "transactionId": "?" }]))
        .frame("in", at(0), &json!([2, "x2", "StopTransaction", { "transactionId": "?" }]));
    for (index, tag) in ["TAG1", "BROKE", "BROKE", "BROKE", "BROKE"].into_iter().enumerate() {
        let number = i64::try_from(index).unwrap();
        let (minute, register) = (number * 60, 1_000 + number * 20_000);
        let stop = stop_body(number, minute + 30, register + 10_000, "EVDisconnected");
        story = story.start_as(tag, number, minute, register);
        story = story.call(at(minute + 30), "StopTransaction", &stop).status(minute + 31, "Available");
    }
    for (minute, status) in broken(310).into_iter().chain(broken(360)) {
        story = story.status(minute, status);
    }
    let own = story.start_as("TAG1", 20, 420, 200_000).traffic();
    let others = Story::new().status(424, "Faulted").traffic();
    let runs = Story::new().start_as("TAG1", 21, 422, 1_000).traffic();
    [own, runs.replace("CP1/", "CP6/"), others.replace("CP1/", "CP3/"), others.replace("CP1/", "CP4/")].concat()
}

impl World {
    async fn new() -> Self {
        let charger = |name: &str| json!({ "id": name, "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
        let mut sites = site(json!({ "chargers": (["CP1", "CP3", "CP4", "CP6"].map(charger)) }));
        let answered = json!([charger("CP5")]);
        sites.extend(site(json!({ "id": "pier", "name": "Pier", "role": "answering", "chargers": answered })));
        sites.extend(site(super::quay()));
        let mut desk = Desk { stack: stack(&sites).await };
        desk.hear(&told()).await;
        desk.wait(60).await;
        for (name, role, yard, all) in PEOPLE.into_iter().chain([("gus", Role::Viewer, false, false)]) {
            let sites: &[&str] = if all {
                &[]
            } else if yard {
                &["yard", "pier"]
            } else {
                &["quay"]
            };
            desk.user(name, role.as_str(), sites).await;
        }
        let names = names(&mut desk).await;
        // The driver has left a number to be told at.
        let left = json!({
            "token": "TAG1", "site": "yard", "errand": { "save_card": { "tag": "TAG1" } }, "amount": { "minor": 0, "currency": "EUR" },
            "opened_at": at(0), "page": null, "texts_to": "+491511234567", "state": "done",
        });
        assert!(desk.stack.store.open_checkout(&serde_json::from_value(left).unwrap()).await.unwrap());
        Self { desk, names }
    }

    /// A text with what is in braces filled in.
    fn filled(&self, text: &str, written: impl Fn(&str) -> String) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| {
            let part = format!("{{{name}}}");
            if text.contains(&part) { text.replace(&part, &written(value)) } else { text }
        })
    }

    async fn ask(&mut self, visitor: &Visitor, route: &Route, (_, filling, _, sent): Row) -> Reply {
        let filling = self.filled(filling, escaped);
        let path = match route.path.split_once('{') {
            Some((before, rest)) => format!("{before}{filling}{}", rest.split_once('}').unwrap().1),
            None => route.path.to_owned(),
        };
        if route.method == Method::GET {
            return self.desk.get(visitor, &path).await;
        }
        if route.face == Face::Page {
            let form = self.filled(sent, escaped);
            return self.desk.post(visitor, &path, &form).await;
        }
        let request = Request::post(&path).header("cookie", &visitor.cookie).header("x-csrf-token", &visitor.token);
        let body = Body::from(self.filled(sent, str::to_owned));
        self.desk.ask(request.header("idempotency-key", route.path).body(body).unwrap()).await
    }

    /// All that is stored.
    async fn stored(&self) -> BTreeSet<String> {
        let (client, mut items, mut next) = (self.desk.stack.table.sdk_client(), BTreeSet::new(), None);
        loop {
            let page = client.scan().table_name("plugtill").set_exclusive_start_key(next).send().await.unwrap();
            for item in page.items.unwrap_or_default() {
                items.insert(format!("{:?}", item.into_iter().collect::<BTreeMap<_, _>>()));
            }
            next = page.last_evaluated_key;
            if next.is_none() {
                return items;
            }
        }
    }
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn names(desk: &mut Desk) -> BTreeMap<&'static str, String> {
    let session = |charger: &str, minute: i64| format!("{charger}~1~{:.3}", at(minute));
    let mut names = BTreeMap::from([
        ("paid", session("CP1", 0)),
        ("owes1", session("CP1", 60)),
        ("owes2", session("CP1", 120)),
        ("owes3", session("CP1", 180)),
        ("owes4", session("CP1", 240)),
        ("runs1", session("CP1", 420)),
        ("runs2", session("CP6", 422)),
        ("password", PASSWORD.to_owned()),
        ("key", desk.key("viewer", &["yard"]).await.split('.').nth(1).unwrap().to_owned()),
        (
            "file",
            plugtill_tests::file(json!({ "id": "zoo", "name": "Zoo", "chargers": [], "drivers": {} })).to_string(),
        ),
    ]);
    let kept = desk.stack.store.quarantined(at(0), at(1)).await.unwrap();
    for (name, kept) in ["kept1", "kept2"].into_iter().zip(&kept) {
        names.insert(name, kept.id.to_string());
    }
    let Answer::Incidents(all) = desk.order(json!({ "incidents": { "all": true } })).await else {
        panic!("no incidents")
    };
    let outages = || all.iter().filter(|shown| shown.subject.kind.is_outage());
    let (open, over) = (outages().filter(|shown| shown.open), outages().filter(|shown| shown.ended_at.is_some()));
    for ((name, at), shown) in [("open1", "open1_at"), ("open2", "open2_at")].into_iter().zip(open) {
        names.extend([(name, shown.subject.to_string()), (at, shown.first_at.to_string())]);
    }
    for ((name, at), shown) in [("over1", "over1_at"), ("over2", "over2_at")].into_iter().zip(over) {
        names.extend([(name, shown.subject.to_string()), (at, shown.first_at.to_string())]);
    }
    names
}

/// The rows with their routes.
fn rows() -> Vec<(Row, Route)> {
    let all = routes::all();
    let route = |row: Row| {
        let named = all.iter().find(|route| format!("{} {}", route.method, route.path) == row.0);
        (row, named.unwrap_or_else(|| panic!("there is no route {}", row.0)).clone())
    };
    LOOKS.into_iter().chain(ORDERS).map(route).collect()
}

#[test]
fn every_route_has_a_request() {
    let named: BTreeSet<String> = rows().into_iter().map(|(row, _)| row.0.to_owned()).collect();
    let all: BTreeSet<String> = routes::all().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(named, all);
    assert_eq!(named.len(), LOOKS.len() + ORDERS.len(), "one each");
}

/// What somebody who has signed in is answered.
fn due(needs: Role, of: Of, (role, sees_yard, owns_all): (Role, bool, bool)) -> Option<StatusCode> {
    if role < needs {
        return Some(StatusCode::FORBIDDEN);
    }
    let is_there = match of {
        Of::Nobody => true,
        Of::Yard => sees_yard,
        Of::Operator => owns_all,
    };
    (!is_there).then_some(StatusCode::NOT_FOUND)
}

#[tokio::test]
async fn every_route_does_what_it_is_for_for_whom_its_role_allows_and_nothing_for_anybody_else() {
    for (name, role, sees_yard, owns_all) in PEOPLE {
        let mut world = World::new().await;
        let visitor = world.desk.sign_in(name).await;
        for (row, route) in rows() {
            let Needs::Role(needs) = route.needs else { continue };
            let before = world.stored().await;
            let reply = world.ask(&visitor, &route, row).await;
            let changed = world.stored().await != before;
            let what = format!("{name} {}: {} {}", row.0, reply.status, reply.body);
            // A problem repeats the name that was asked for.
            let shows_yard = ["CP1", "CP3", "CP6", "yard", "Yard"].iter().any(|name| reply.body.contains(name));
            assert!(sees_yard || !shows_yard || reply.status == StatusCode::NOT_FOUND, "{what}");
            if let Some(refused) = due(needs, row.2, (role, sees_yard, owns_all)) {
                assert_eq!((reply.status, changed), (refused, false), "{what}");
                continue;
            }
            let done = reply.status == StatusCode::OK || reply.status == StatusCode::SEE_OTHER;
            assert!(done && !reply.location().contains("sign-in?"), "{what}");
            // Who takes a file stands in the audit trail.
            let leaves = route.method == Method::POST || route.path.contains("{file}");
            assert_eq!(changed, leaves, "{what}");
        }
    }
}

#[tokio::test]
async fn the_menu_leads_to_all_that_may_be_opened_and_to_nothing_else() {
    let mut world = World::new().await;
    for (name, .., owns_all) in PEOPLE {
        let visitor = world.desk.sign_in(name).await;
        let page = world.desk.get(&visitor, "/console").await.body;
        let menu = page.split("<nav").nth(1).unwrap().split("</nav>").next().unwrap();
        let links: Vec<&str> = menu.split("href=\"").skip(1).map(|link| link.split('"').next().unwrap()).collect();
        assert!(links.len() > 5, "{menu}");
        for link in &links {
            assert_eq!(world.desk.get(&visitor, link).await.status, StatusCode::OK, "{name} {link}");
        }
        assert_eq!(links.contains(&"/console/settings"), owns_all, "{name}: {menu}");
    }
}

#[tokio::test]
async fn nobody_is_led_to_sign_in_or_told_to_send_a_key_and_changes_nothing() {
    let mut world = World::new().await;
    for (row, route) in rows() {
        let before = world.stored().await;
        let reply = world.ask(&Visitor::default(), &route, row).await;
        let what = format!("{}: {} {}", row.0, reply.status, reply.body);
        match (route.needs, route.face, &route.method) {
            // A form of nobody's session.
            (Needs::Nobody, _, &Method::POST) => assert_eq!(reply.status, StatusCode::FORBIDDEN, "{what}"),
            // There is no provider on one machine, and nothing where there is nothing.
            (Needs::Nobody, ..) if route.path.contains("sign-in/") || route.path.contains("rest") => {
                assert_eq!(reply.status, StatusCode::NOT_FOUND, "{what}");
            }
            (Needs::Nobody, ..) => assert_eq!(reply.status, StatusCode::OK, "{what}"),
            (Needs::Role(_), Face::Page, &Method::GET) => {
                assert!(reply.location().starts_with("/console/sign-in?to=%2F"), "{what}");
            }
            (Needs::Role(_), ..) => assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{what}"),
        }
        assert!(!reply.body.contains("CP1") && !reply.body.contains("BROKE"), "{what}");
        assert_eq!(world.stored().await, before, "{what}");
    }
}
