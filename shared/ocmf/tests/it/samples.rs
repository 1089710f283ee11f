//! The samples of SAFE's Transparenzsoftware, where they are on the disk: each verdict is the one OpenSSL gives.

use std::{
    fs,
    path::{Path, PathBuf},
};

use plugtill_ocmf::{OcmfError, PublicKey, Record};
use quick_xml::{Reader, events::Event};

/// What became of one record of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Verified,
    Mismatch,
    WrongKey,
    Unsupported,
    /// The file has no key for it.
    NoKey,
}

use Verdict::{Mismatch, NoKey, Unsupported, Verified, WrongKey};

/// Every sample with OCMF records: verdicts in the file's order, with how often each stands there in a row.
const EXPECTED: [(&str, &[(Verdict, usize)]); 24] = [
    ("20211007-device-with-evt-ocmf-sss-ses.xml", &[(Verified, 2)]),
    ("OCMF-receipt-with_import_and_export.xml", &[(Mismatch, 1)]),
    ("OCMF-receipt-with_publickey_and_data.xml", &[(Verified, 1)]),
    ("OCMF_Test_Data_00.xml", &[(Verified, 2)]),
    ("Ocmf_Example_OBIS_98.8.0_2.8.0.xml", &[(Verified, 1)]),
    ("VW_OCMF_load.xml", &[(Verified, 1)]),
    ("brainpoolP256r1.xml", &[(Verified, 2)]),
    ("chargepoint_3.xml", &[(Verified, 1)]),
    ("fromweb.xml", &[(Verified, 1)]),
    ("keba_test.xml", &[(Verified, 100)]),
    ("keba_test_txn.xml", &[(Verified, 100)]),
    ("measurements.xml", &[(Verified, 21)]),
    ("nistP384_0Wh.xml", &[(Verified, 2)]),
    ("ocmf-compleo-daten.xml", &[(Verified, 2)]),
    ("ocmf_sec.xml", &[(Verified, 2)]),
    ("ocmf_tariff_1.xml", &[(Verified, 1)]),
    ("second_key_fail_ocmf.xml", &[(Verified, 1), (WrongKey, 1)]),
    ("signature_16955306_ALL.xml", &[(NoKey, 2)]),
    ("test.xml", &[(Verified, 2)]),
    ("test_ocmf_ebee_01.xml", &[(Verified, 2)]),
    ("test_ocmf_ebee_02.xml", &[(Mismatch, 1), (Verified, 1)]),
    ("test_ocmf_keba_kcp30.xml", &[(Verified, 1)]),
    ("test_ocmf_keba_kcp30_fail.xml", &[(Mismatch, 1)]),
    ("test_ocmf_transaction_two_values.xml", &[(Unsupported, 2)]),
];

/// `ocmf` of the folder that `PLUGTILL_SHARED_DATA` names, or of the one beside the repository.
fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("PLUGTILL_SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = shared.join("ocmf/transparenzsoftware");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no samples in {} (set PLUGTILL_SHARED_DATA)", folder.display());
    None
}

/// Name and text of every file below with an OCMF record in it, by name.
fn samples(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { samples(&path) } else { sample(&path).into_iter().collect() })
        .collect();
    found.sort();
    found
}

fn sample(path: &Path) -> Option<(String, String)> {
    let text = fs::read_to_string(path).ok().filter(|text| text.contains("OCMF|"))?;
    Some((path.file_name()?.to_str()?.to_owned(), text))
}

/// Each record with the key that stands after it; one file has a single key for all, in plain text at its end.
#[allow(clippy::wildcard_enum_match_arm, reason = "the reader's events, of which three matter")]
fn records(xml: &str) -> Vec<(String, Option<String>)> {
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    let (mut element, mut records) = (String::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => start.name().as_ref().clone_into(&mut element),
            Event::End(_) => element.clear(),
            Event::Text(text) => take(&element, &text.xml10_content(), &mut records),
            Event::Eof => return records,
            _ => {}
        }
    }
}

fn take(element: &str, text: &str, records: &mut Vec<(String, Option<String>)>) {
    match (element, text.split_once("Public key:")) {
        ("signedData", _) => records.push((text.to_owned(), None)),
        ("publicKey", _) => records.last_mut().unwrap().1 = Some(text.to_owned()),
        (_, Some((_, key))) => records.iter_mut().for_each(|record| record.1 = Some(key.to_owned())),
        (_, None) => {}
    }
}

fn verdict(record: &str, key: Option<&str>) -> Verdict {
    let record = Record::parse(record).unwrap();
    let Some(key) = key else { return NoKey };
    match PublicKey::parse(key).and_then(|key| record.verify(&key)) {
        Ok(()) => Verified,
        Err(OcmfError::Mismatch { .. }) => Mismatch,
        Err(OcmfError::WrongKey { .. }) => WrongKey,
        Err(OcmfError::Unsupported { .. }) => Unsupported,
        Err(error @ OcmfError::Malformed { .. }) => panic!("{error}"),
    }
}

#[test]
fn good_samples_verify_and_forged_ones_do_not() {
    let Some(folder) = folder() else { return };
    let found = samples(&folder);
    let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, EXPECTED.map(|(name, _)| name), "every sample has a line in the table");
    for ((name, text), (_, expected)) in found.iter().zip(EXPECTED) {
        let verdicts: Vec<_> = records(text).iter().map(|(record, key)| verdict(record, key.as_deref())).collect();
        let runs: Vec<_> = verdicts.chunk_by(|one, next| one == next).map(|run| (run[0], run.len())).collect();
        println!("{name}: {runs:?}");
        assert_eq!(runs, expected, "{name}");
    }
}

#[test]
fn the_registers_of_samples_are_read() {
    let Some(folder) = folder() else { return };
    let cases: [(&str, &[Option<i64>]); 6] = [
        ("test_ocmf_keba_kcp30.xml", &[Some(259), Some(259)]),
        ("ocmf-compleo-daten.xml", &[Some(2_851_485), Some(2_851_753), Some(2_850_685), Some(2_850_951)]),
        ("OCMF_Test_Data_00.xml", &[Some(9_038), Some(9_038), None]),
        ("VW_OCMF_load.xml", &[Some(57_584), None, Some(58_685), None]),
        ("Ocmf_Example_OBIS_98.8.0_2.8.0.xml", &[Some(0), Some(1_000), None, None]),
        ("chargepoint_3.xml", &[Some(0), Some(1_304)]),
    ];
    let found = samples(&folder);
    for (name, expected) in cases {
        let (_, text) = found.iter().find(|(found, _)| found == name).unwrap();
        let read = |(record, _): &(String, Option<String>)| Record::parse(record).unwrap().readings;
        let registers: Vec<_> = records(text).iter().flat_map(read).map(|reading| reading.register_wh()).collect();
        assert_eq!(registers, expected, "{name}");
    }
}
