//! What a record says: digits as sent, what a reading inherits, which registers count.

use plugtill_ocmf::{Clock, ErrorFlags, MeterStatus, Record, SignedReading, Transaction};

use crate::signer::{PAYLOAD, p256};

/// A reading at the begin of a session with these further fields.
fn reading(fields: &str) -> SignedReading {
    readings(&format!(r#"{{"TM":"2026-03-01T10:00:00,000+0100 S","ST":"G",{fields}}}"#)).remove(0)
}

fn readings(objects: &str) -> Vec<SignedReading> {
    let (record, _) = p256(7, &format!(r#"{{"PG":"T1","RD":[{objects}]}}"#));
    Record::parse(&record).unwrap().readings
}

#[test]
fn the_fields_of_a_record_are_read() {
    let (text, _) = p256(7, PAYLOAD);
    let record = Record::parse(&text).unwrap();
    assert_eq!(record.payload(), PAYLOAD);
    assert_eq!(record.format_version.as_deref(), Some("1.1"));
    assert_eq!(record.gateway_serial.as_deref(), Some("17619300"));
    assert_eq!(record.meter_serial, None);
    assert_eq!(record.pagination.to_string(), "T32");
    assert_eq!(record.identification.assigned, Some(true));
    assert_eq!(record.identification.level.as_deref(), Some("VERIFIED"));
    assert_eq!(record.identification.kind.as_deref(), Some("ISO14443"));
    assert_eq!(record.identification.id.as_deref(), Some("1F2D3A4F5506C7"));
    assert_eq!(record.charge_point.as_deref(), Some("DE*ABC*E1"));
}

#[test]
fn a_reading_inherits_what_it_leaves_out() {
    let (text, _) = p256(7, PAYLOAD);
    let [begin, end] = &Record::parse(&text).unwrap().readings[..] else { panic!("two readings") };
    assert_eq!(begin.at.to_string(), "2026-03-01T09:03:15Z");
    assert_eq!(end.at.to_string(), "2026-03-01T09:43:36.25Z");
    assert_eq!((begin.clock, end.clock), (Clock::Synchronised, Clock::Synchronised));
    assert_eq!((begin.transaction, end.transaction), (Some(Transaction::Begin), Some(Transaction::End)));
    assert_eq!(end.value.unwrap().to_string(), "2965.1005");
    assert_eq!(end.register.as_deref(), Some("1-b:1.8.0"));
    assert_eq!(end.unit.as_deref(), Some("kWh"));
    assert_eq!((end.status, end.errors), (MeterStatus::Good, ErrorFlags::default()));
    assert_eq!((begin.register_wh(), end.register_wh()), (Some(2_935_600), Some(2_965_100)));
}

#[test]
fn an_unchanged_value_is_inherited_but_a_fault_has_none() {
    let begin =
        r#"{"TM":"2026-03-01T10:00:00,000+0100 I","TX":"B","RV":5,"RI":"1-0:1.8.0","RU":"Wh","EF":"t","ST":"G"}"#;
    let list = readings(&format!(
        r#"{begin},{{"TX":"C"}},{{"TX":"X","ST":"T"}},{{"TX":"X","ST":"G","EF":"Et"}},{{"TX":"A","RV":6,"EF":""}}"#
    ));
    let values: Vec<_> = list.iter().map(SignedReading::register_wh).collect();
    assert_eq!(values, [Some(5), Some(5), None, None, Some(6)]);
    assert_eq!(list[1].errors, ErrorFlags { energy: false, time: true });
    assert_eq!(list[2].status, MeterStatus::Timeout);
    assert_eq!(list[4].errors, ErrorFlags::default(), "an empty EF takes the flags back");
    let ends: Vec<_> = list.iter().filter_map(|reading| reading.transaction).map(Transaction::ends).collect();
    assert_eq!(ends, [false, false, false, false, true]);
}

#[test]
fn values_keep_the_digits_that_were_sent() {
    let cases = [
        ("2935.600", "2935.600", 2_935_600),
        ("0.2597", "0.2597", 259),
        ("62500.1271", "62500.1271", 62_500_127),
        (r#""       9.038""#, "9.038", 9_038),
        (r#""00000000.000""#, "0.000", 0),
        ("2.5e1", "25", 25_000),
        ("25E-1", "2.5", 2_500),
        ("0.1234567890123456789012345678", "0.1234567890123456789012345678", 123),
        ("-0.0001", "-0.0001", -1),
    ];
    for (sent, digits, wh) in cases {
        let reading = reading(&format!(r#""RV":{sent},"RI":"1-0:1.8.0","RU":"kWh""#));
        assert_eq!(reading.value.unwrap().to_string(), digits, "{sent}");
        assert_eq!(reading.register_wh(), Some(wh), "{sent}");
    }
}

#[test]
fn only_registers_that_accumulate_import_count() {
    let import = [
        "1-b:1.8.0",
        "1-b:1.8.e",
        "1-0:1.8.0",
        "1-0:1.8.1",
        "1-0:1.8.0*198",
        "01-00:01.08.00.FF",
        "01-0B:01.08.00*FF",
        "1-0:98.8.0.FF",
        "01-00:98.08.00*FF",
        "01-00:B0.08.00*FF",
        "01-00:b1.08.00*ff",
        "01-00:B2.08.00*FF",
        "01-0B:B3.08.00*FF",
        "1.8.0",
    ];
    let other = [
        "1-b:2.8.e",
        "1-0:2.8.0.FF",
        "01-00:C0.08.00*FF",
        "01-00:C2.08.00*FF",
        "01-00:9C.08.00*FF",
        "1-b:1.9.0",
        "1-0:1.7.0",
        "01-00:00.08.06.FF",
        "7-0:1.8.0",
        "01-00:11.08.00*FF",
        "",
        "1",
        ":",
        "-:.",
    ];
    for (registers, wh) in [(&import[..], Some(42)), (&other[..], None)] {
        for register in registers {
            let reading = reading(&format!(r#""RV":42,"RI":"{register}","RU":"Wh""#));
            assert_eq!(reading.register_wh(), wh, "{register}");
        }
    }
}

#[test]
fn a_register_counts_in_units_of_energy_only() {
    for (unit, wh) in
        [("kWh", Some(7_000)), ("KWH", Some(7_000)), ("wh", Some(7)), ("sec", None), ("mOhm", None), ("", None)]
    {
        assert_eq!(reading(&format!(r#""RV":7,"RI":"1-0:1.8.0","RU":"{unit}""#)).register_wh(), wh, "{unit}");
    }
    assert_eq!(reading(r#""RV":9e27,"RI":"1-0:1.8.0","RU":"kWh""#).register_wh(), None, "more than 64 bits");
}
