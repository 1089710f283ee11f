//! Nothing but the signed bytes, the signature and the right key together is accepted.

use base64::{Engine, engine::general_purpose::STANDARD};
use ecdsa::Signature;
use plugtill_ocmf::{Curve, OcmfError, Pagination, PublicKey, Record};

use crate::signer::{PAYLOAD, p256, sign};

fn check(record: &str, key: &str) -> Result<(), OcmfError> {
    Record::parse(record)?.verify(&PublicKey::parse(key)?)
}

#[test]
fn a_record_verifies_with_its_key_in_any_notation() {
    let (record, key) = p256(7, PAYLOAD);
    let bytes = hex::decode(&key).unwrap();
    let base64 = STANDARD.encode(&bytes);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
    let point = hex::encode(&bytes[26..]);
    let spaced =
        key.to_uppercase().as_bytes().chunks(4).map(|four| str::from_utf8(four).unwrap()).collect::<Vec<_>>().join(" ");
    for key in [key.as_str(), &base64, &pem, &point, &point[2..], &spaced] {
        assert_eq!(check(&record, key), Ok(()), "{key}");
    }
    assert_eq!(check(&format!("\r\n  {record}\n"), &key), Ok(()));
}

#[test]
fn a_signature_verifies_in_hex_and_base64_framed_and_side_by_side() {
    let (_, key) = p256(7, PAYLOAD);
    let (signature, _) = sign::<p256::NistP256>(7, PAYLOAD);
    let framed = signature.to_der().as_bytes().to_vec();
    for bytes in [framed, signature.to_bytes().to_vec()] {
        let hex = format!(r#"{{"SA":"ECDSA-secp256r1-SHA256","SE":"hex","SD":"{}"}}"#, hex::encode_upper(&bytes));
        let base64 = format!(r#"{{"SE":"base64","SM":"application/x-der","SD":"{}"}}"#, STANDARD.encode(&bytes));
        for section in [hex, base64] {
            assert_eq!(check(&format!("OCMF|{PAYLOAD}|{section}"), &key), Ok(()), "{section}");
        }
    }
}

/// Signs on one curve and gives the bare point, so that the record's `SA` names the curve. A second signature, with the
/// negative of the second number, means the same (SEC 1, section 4.1.3): meters send either.
macro_rules! on {
    ($curve:ty, $name:literal) => {{
        let (signature, point) = sign::<$curve>(7, PAYLOAD);
        let other = Signature::<$curve>::from_scalars(signature.r(), -signature.s()).unwrap();
        for signature in [signature, other].map(|signature| hex::encode(signature.to_bytes())) {
            let record = format!(r#"OCMF|{PAYLOAD}|{{"SA":"ECDSA-{}-SHA256","SD":"{signature}"}}"#, $name);
            let altered = record.replacen("2965.1005", "2965.1006", 1);
            assert_eq!(check(&record, &hex::encode(&point)), Ok(()), $name);
            assert!(matches!(check(&altered, &hex::encode(&point)), Err(OcmfError::Mismatch { .. })), $name);
        }
    }};
}

#[test]
fn every_curve_with_a_library_verifies() {
    on!(k256::Secp256k1, "secp256k1");
    on!(p192::NistP192, "secp192r1");
    on!(p256::NistP256, "secp256r1");
    on!(p384::NistP384, "SECP384R1");
    on!(bp256::BrainpoolP256r1, "brainpool256r1");
    on!(bp384::BrainpoolP384r1, "brainpoolP384r1");
}

#[test]
fn every_altered_byte_of_the_payload_is_refused() {
    let (record, key) = p256(7, PAYLOAD);
    let key = PublicKey::parse(&key).unwrap();
    let mut mismatches = 0;
    for at in 5..5 + PAYLOAD.len() {
        let mut bytes = record.clone().into_bytes();
        bytes[at] ^= 1;
        let text = String::from_utf8(bytes).unwrap();
        match Record::parse(&text).and_then(|record| record.verify(&key)) {
            Ok(()) => panic!("byte {at}: {text}"),
            Err(OcmfError::Mismatch { .. }) => mismatches += 1,
            Err(_) => {}
        }
    }
    assert!(mismatches > PAYLOAD.len() / 3, "{mismatches} of {} got as far as the signature", PAYLOAD.len());
}

#[test]
fn every_altered_byte_of_the_signature_is_refused() {
    let (_, key) = p256(7, PAYLOAD);
    let signature = sign::<p256::NistP256>(7, PAYLOAD).0.to_der().as_bytes().to_vec();
    for (at, bit) in (0..signature.len()).flat_map(|at| [(at, 1), (at, 0x80)]) {
        let mut altered = signature.clone();
        altered[at] ^= bit;
        let record = format!(r#"OCMF|{PAYLOAD}|{{"SD":"{}"}}"#, hex::encode(&altered));
        assert!(check(&record, &key).is_err(), "byte {at}: {record}");
    }
}

#[test]
fn every_altered_bit_of_the_key_is_refused() {
    let (record, key) = p256(7, PAYLOAD);
    let key = hex::decode(key).unwrap();
    for (at, bit) in (0..key.len()).flat_map(|at| (0..8).map(move |bit| (at, 1 << bit))) {
        let mut altered = key.clone();
        altered[at] ^= bit;
        assert!(check(&record, &hex::encode(&altered)).is_err(), "byte {at}: {}", hex::encode(&altered));
    }
}

#[test]
fn signatures_of_nothing_are_refused() {
    let (_, key) = p256(7, PAYLOAD);
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    for numbers in
        [["00".repeat(32), "00".repeat(32)], ["00".repeat(31) + "01", "00".repeat(32)], [order.into(), order.into()]]
    {
        let record = format!(r#"OCMF|{PAYLOAD}|{{"SD":"{}"}}"#, numbers.concat());
        assert!(matches!(check(&record, &key), Err(OcmfError::Mismatch { .. })), "{record}");
    }
}

#[test]
fn another_key_and_another_curve_are_told_apart() {
    let (record, _) = p256(7, PAYLOAD);
    let (_, other) = p256(8, PAYLOAD);
    let told = |record: &str| check(record, &other).unwrap_err().to_string();
    assert_eq!(
        told(&record),
        "SD of record T32 is not this key's signature of its payload: do not bill it; \
         ask the charger for the original text and compare the key with the one on the meter"
    );
    let elsewhere = record.replacen(r#"{"SD""#, r#"{"SA":"ECDSA-secp256k1-SHA256","SD""#, 1);
    assert_eq!(
        told(&elsewhere),
        "SA of record T32 says secp256k1, publicKey lies on secp256r1: use the key of the meter that signed it"
    );
    assert_eq!(PublicKey::parse(&other).unwrap().curve(), Some(Curve::Secp256r1));
}

#[test]
fn a_cut_record_or_key_is_an_error_and_never_a_panic() {
    let (record, key) = p256(7, PAYLOAD);
    for length in 0..record.len() {
        assert!(Record::parse(&record[..length]).is_err(), "{length}");
    }
    for length in 0..key.len() {
        // 64 and 96 bytes would be bare points: no cut of this key is one that verifies.
        assert!(PublicKey::parse(&key[..length]).is_err() || check(&record, &key[..length]).is_err(), "{length}");
    }
    assert_eq!(Record::parse(&record).unwrap().pagination, Pagination::Transaction(32));
}
