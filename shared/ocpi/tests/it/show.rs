//! The week as a price table, word for word, and held against the engine.

use jiff::civil::{Date, date, time};
use plugtill_domain::tariff::ocpi::OcpiTariff;
use plugtill_domain::tariff::{Dimension, Moment, Tariff};
use plugtill_domain::units::{Milliamperes, WattHours, Watts};
use plugtill_ocpi::show::{Band, Price, render_text, week};
use serde_json::{Value, json};

fn tariff(elements: &Value) -> Tariff {
    let wire: OcpiTariff =
        serde_json::from_value(json!({ "id": "T", "currency": "EUR", "elements": elements })).unwrap();
    wire.try_into().unwrap()
}

fn component(kind: &str, price: &str) -> Value {
    json!({ "type": kind, "price": price, "step_size": 1 })
}

fn element(components: &[Value], restrictions: &Value) -> Value {
    json!({ "price_components": components, "restrictions": restrictions })
}

fn busy() -> Value {
    json!([
        element(&[component("ENERGY", "0.25")], &json!({ "start_time": "22:00", "end_time": "06:00" })),
        element(
            &[component("ENERGY", "0.59"), component("TIME", "1.20")],
            &json!({ "min_power": 50, "day_of_week": ["SATURDAY", "SUNDAY"] })
        ),
        element(&[component("PARKING_TIME", "6.00")], &json!({ "min_duration": 3600 })),
        element(&[component("ENERGY", "0.10")], &json!({ "start_date": "2026-12-24", "end_date": "2026-12-27" })),
        element(&[component("TIME", "2.00")], &json!({ "reservation": "RESERVATION" })),
        element(&[component("ENERGY", "0.39"), component("FLAT", "0.50")], &json!({})),
    ])
}

#[test]
fn a_week_is_told_in_the_order_of_the_law() {
    let told = render_text(&week(&tariff(&busy()), None));
    let expected = "\
Prices in EUR, tax as at the site
                       per kWh          per minute                per session
Mon-Fri   00:00-06:00  0.25             parked 0.10 after 60 min  0.50
          06:00-22:00  0.39             parked 0.10 after 60 min  0.50
          22:00-24:00  0.25             parked 0.10 after 60 min  0.50
Sat, Sun  00:00-06:00  0.25             charging 0.02 from 50 kW  0.50
                                        parked 0.10 after 60 min
          06:00-22:00  0.59 from 50 kW  charging 0.02 from 50 kW  0.50
                       0.39 otherwise   parked 0.10 after 60 min
          22:00-24:00  0.25             charging 0.02 from 50 kW  0.50
                                        parked 0.10 after 60 min
Element 3, from 2026-12-24 before 2026-12-27: 0.10 per kWh.
Reservation: 0.0333 per minute.
";
    assert_eq!(told, expected);
    assert!(told.lines().all(|line| line.chars().count() <= 80), "it fits a terminal");
}

#[test]
fn a_plain_tariff_is_one_line_with_its_idle_fee_below() {
    let idle = json!({ "grace_minutes": 15, "price_per_minute": "0.1", "cap": "12",
                       "quiet_hours": [{ "from": "22:00", "until": "07:00" }] });
    let table = week(
        &tariff(&json!([element(&[component("ENERGY", "0")], &json!({}))])),
        Some(&serde_json::from_value(idle).unwrap()),
    );
    let expected = "\
Prices in EUR, tax as at the site
                        per kWh  per minute  per session
every day  00:00-24:00  free     -           -
Idle fee: 0.10 EUR a minute, from 15 min after the end of charging, at most 12.00 EUR, never from 22:00 to 07:00.
";
    assert_eq!(render_text(&table), expected);
}

#[test]
fn bounds_taxes_and_steps_are_told_below() {
    let wire = json!({
        "id": "T", "currency": "EUR", "min_price": { "excl_vat": 1, "incl_vat": 1.2 }, "max_price": { "excl_vat": 50 },
        "end_date_time": "2027-01-01T00:00:00Z",
        "elements": [{ "price_components": [{ "type": "TIME", "price": 3, "vat": 20, "step_size": 300 }] }],
    });
    let tariff: Tariff = serde_json::from_value::<OcpiTariff>(wire).unwrap().try_into().unwrap();
    let notes = week(&tariff, None).notes;
    let expected = [
        "A session costs at least 1.00 EUR (1.20 with tax).",
        "A session costs at most 50.00 EUR.",
        "Billed in whole steps of 300 seconds of charging.",
        "Tax of 20 % is added.",
        "For sessions that start before 2027-01-01T00:00:00Z.",
    ];
    assert_eq!(notes, expected);
}

/// The element that the table names for a moment: the first whose condition holds.
fn named(tariff: &Tariff, prices: &[Price], moment: &Moment) -> Option<usize> {
    prices.iter().map(|price| price.element).find(|index| tariff.elements[*index].restrictions.match_at(moment))
}

fn column(band: &Band, dimension: Dimension) -> &[Price] {
    match dimension {
        Dimension::Energy => &band.per_kwh,
        Dimension::Time => &band.per_minute_charging,
        Dimension::ParkingTime => &band.per_minute_parked,
        Dimension::Flat => &band.per_session,
    }
}

#[test]
fn every_minute_of_the_week_the_table_says_what_the_engine_does() {
    let tariff = tariff(&busy());
    let table = week(&tariff, None);
    // A week without the dated element.
    let monday: Date = date(2026, 3, 2);
    let states = [(0, 0, 11_000), (30_000, 3_599, 49_999), (30_000, 3_600, 50_000), (90_000, 90_000, 150_000)];
    let mut compared = 0;
    for minute in 0..7 * 24 * 60_i16 {
        let day = monday.saturating_add(jiff::Span::new().days(minute / 1440));
        let clock = time(i8::try_from(minute % 1440 / 60).unwrap(), i8::try_from(minute % 60).unwrap(), 0, 0);
        let group = table.days.iter().find(|group| group.days.contains(&day.weekday().into())).unwrap();
        let ends_later = |band: &&Band| band.until == time(0, 0, 0, 0) || clock < band.until;
        let band = group.bands.iter().find(|band| band.from <= clock && ends_later(band)).unwrap();
        for (energy, elapsed_seconds, power) in states {
            let moment = Moment {
                local: day.to_datetime(clock),
                energy: WattHours(energy),
                elapsed_seconds,
                power: Watts(power),
                current: Some(Milliamperes(16_000)),
                reservation: None,
            };
            for dimension in [Dimension::Energy, Dimension::Time, Dimension::ParkingTime, Dimension::Flat] {
                let engine = tariff.component_at(dimension, &moment).map(|(index, _)| index);
                assert_eq!(named(&tariff, column(band, dimension), &moment), engine, "{dimension:?} at {moment:?}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 7 * 24 * 60 * 4 * 4);
}
