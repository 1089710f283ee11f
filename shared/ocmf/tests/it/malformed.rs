//! What is refused, and what the error tells the one who has to mend it.

use plugtill_ocmf::{OcmfError, PublicKey, Record};

const READING: &str = r#"{"TM":"2026-03-01T10:00:00,000+0100 S","ST":"G"}"#;

/// The error of a whole record, as text.
fn refused(text: &str) -> String {
    Record::parse(text).unwrap_err().to_string()
}

fn payload(text: &str) -> String {
    refused(&format!(r#"OCMF|{text}|{{"SD":"3006020101020101"}}"#))
}

fn signature(text: &str) -> String {
    refused(&format!(r#"OCMF|{{"PG":"T1","RD":[{READING}]}}|{text}"#))
}

fn reading(text: &str) -> String {
    payload(&format!(r#"{{"PG":"T1","RD":[{text}]}}"#))
}

/// Each error beside the text it must have: the field, what stands there, what belongs there.
fn expect<const CASES: usize>(cases: [(String, String); CASES]) {
    for (told, expected) in cases {
        assert_eq!(told, expected);
    }
}

#[test]
fn a_text_that_is_no_record_is_refused() {
    let sections = "a record is OCMF|{payload}|{signature}, without a further pipe";
    expect([
        (refused(""), format!("OCMF is ``: {sections}")),
        (refused("hello"), format!("OCMF is `hello`: {sections}")),
        (refused("OCMF|{}"), format!("OCMF is `OCMF|{{}}`: {sections}")),
        (refused("OCMF|{}|{}|key"), format!("OCMF is `OCMF|{{}}|{{}}|key`: {sections}")),
        (refused(&"x".repeat(99)), format!("OCMF is `{}`: {sections}", "x".repeat(64))),
    ]);
}

#[test]
fn a_payload_names_the_field_that_is_wrong() {
    let object = "a JSON object, each field once";
    expect([
        (payload("[]"), format!("payload is `[]`: {object}")),
        (payload(r#"{"PG":"T1","PG":"T2"}"#), format!(r#"payload is `{{"PG":"T1","PG":"T2"}}`: {object}"#)),
        (payload("{}"), "PG is ``: the format asks for this field".into()),
        (payload(r#"{"PG":"X1"}"#), "PG is `X1`: T or F and a number, such as T12345".into()),
        (payload(r#"{"PG":"T+1"}"#), "PG is `T+1`: T or F and a number, such as T12345".into()),
        (payload(r#"{"PG":"T"}"#), "PG is `T`: T or F and a number, such as T12345".into()),
        (payload(r#"{"PG":["T1"]}"#), r#"PG is `["T1"]`: a JSON text or number"#.into()),
        (payload(r#"{"FV":"2.0"}"#), "FV is `2.0`: versions 0.x and 1.x of the format are known".into()),
        (payload(r#"{"PG":"T1","IS":"yes"}"#), r#"IS is `"yes"`: true or false"#.into()),
        (payload(r#"{"PG":"T1"}"#), "RD is ``: the format asks for this field".into()),
        (payload(r#"{"PG":"T1","RD":[]}"#), "RD is `[]`: at least one reading".into()),
        (payload(r#"{"PG":"T1","RD":[1]}"#), "RD is `[1]`: an array of JSON objects, each field once".into()),
    ]);
}

#[test]
fn a_reading_names_the_field_that_is_wrong() {
    let time = "a time and its clock status, such as 2018-07-24T13:22:04,000+0200 S";
    let number = "a decimal number of at most 28 digits, such as 2935.600";
    let at = r#""TM":"2026-03-01T10:00:00,000+0100 S","ST":"G""#;
    expect([
        (reading("{}"), "TM is ``: the format asks for this field".into()),
        (reading(r#"{"TM":"2026-03-01 S"}"#), format!("TM is `2026-03-01 S`: {time}")),
        (reading(r#"{"TM":"2026-03-01T10:00:00,000 S"}"#), format!("TM is `2026-03-01T10:00:00,000 S`: {time}")),
        (reading(r#"{"TM":"2026-03-01T10:00:00,000Z"}"#), format!("TM is `2026-03-01T10:00:00,000Z`: {time}")),
        (reading(r#"{"TM":"2026-03-01T10:00:00,000Z Q"}"#), "TM is `Q`: after the time stands U, I, S or R".into()),
        (reading(r#"{"TM":"2026-03-01T10:00:00,000Z S"}"#), "ST is ``: the format asks for this field".into()),
        (reading(&format!(r#"{{{at},"TX":"Z"}}"#)), "TX is `Z`: one of B C X E L R A P S T".into()),
        (reading(&format!(r#"{{{at},"EF":"e"}}"#)), "EF is `e`: E for energy, t for time, both or nothing".into()),
        (reading(r#"{"TM":"2026-03-01T10:00:00Z S","ST":"Q"}"#), "ST is `Q`: one of N G T D R M X I O S E F".into()),
        (reading(&format!(r#"{{{at},"RV":"1_000"}}"#)), format!("RV is `1_000`: {number}")),
        (reading(&format!(r#"{{{at},"RV":"12,5"}}"#)), format!("RV is `12,5`: {number}")),
        (reading(&format!(r#"{{{at},"RV":1{}}}"#, "0".repeat(29))), format!("RV is `1{}`: {number}", "0".repeat(29))),
    ]);
}

#[test]
fn a_signature_section_names_the_field_that_is_wrong() {
    let object = "a JSON object, each field once";
    let pair = "a DER sequence of two integers, or the two of them side by side";
    expect([
        (signature("{}"), "SD is ``: the format asks for this field".into()),
        (signature(r#"{"SD":"xy"}"#), "SD is `xy`: the signature in hex, or in base64 where SE says so".into()),
        (signature(r#"{"SD":"3000"}"#), format!("SD is `3000`: {pair}")),
        (signature(r#"{"SD":"300602010102010100"}"#), format!("SD is `300602010102010100`: {pair}")),
        (signature(r#"{"SE":"octal","SD":"00"}"#), "SE is `octal`: hex or base64".into()),
        (signature(r#"{"SM":"x/y","SD":"00"}"#), "SM is `x/y`: the format knows application/x-der only".into()),
        (
            signature(r#"{"SD":"3006020101020101"} x"#),
            format!(r#"signature is `{{"SD":"3006020101020101"}} x`: {object}"#),
        ),
    ]);
}

#[test]
fn a_refused_key_says_why() {
    let told = |text: &str| PublicKey::parse(text).unwrap_err().to_string();
    let shape = "a SubjectPublicKeyInfo (3059..., MFkw...) or an uncompressed point";
    let encoding = "hex or base64 of a SubjectPublicKeyInfo, as chargers show it";
    assert_eq!(told(""), format!("publicKey is ``: {shape}"));
    assert_eq!(told("ab-cd"), format!("publicKey is `ab-cd`: {encoding}"));
    assert_eq!(told("abcd"), format!("publicKey is `abcd`: {shape}"));
    let off = format!("3059301306072a8648ce3d020106082a8648ce3d03010703420004{}", "01".repeat(64));
    assert_eq!(told(&off), format!("publicKey is `{}`: this is no point of its curve: copy the key again", &off[..64]));
    let koblitz = format!("3046301006072a8648ce3d020106052b8104001f03320004{}", "01".repeat(48));
    assert_eq!(
        told(&koblitz),
        "publicKey names `secp192k1`, which cannot be checked here: use SAFE's Transparenzsoftware for this meter"
    );
    assert!(matches!(
        PublicKey::parse("301a300d06092a864886f70d010101050003090030060201030201 03"),
        Err(OcmfError::Unsupported { field: "publicKey", curve }) if curve == "1.2.840.113549.1.1.1"
    ));
}

#[test]
fn an_algorithm_without_a_library_is_unsupported_and_still_read() {
    let key = PublicKey::parse(&"01".repeat(64)).unwrap();
    for (algorithm, named) in [
        ("ECDSA-secp192k1-SHA256", "secp192k1"),
        ("ECDSA-secp521r1-SHA256", "ECDSA-secp521r1-SHA256"),
        ("ECDSA-secp256r1-SHA512", "ECDSA-secp256r1-SHA512"),
        ("RSA-2048-SHA256", "RSA-2048-SHA256"),
    ] {
        let text = format!(r#"OCMF|{{"PG":"F7","RD":[{READING}]}}|{{"SA":"{algorithm}","SD":"3006020101020101"}}"#);
        let record = Record::parse(&text).unwrap();
        assert_eq!(record.verify(&key), Err(OcmfError::Unsupported { field: "SA", curve: named.into() }));
    }
}
