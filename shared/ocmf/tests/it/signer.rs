//! A meter of our own: it signs what the tests ask for.

use ecdsa::{
    EcdsaCurve, Signature,
    elliptic_curve::{
        AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize, NonZeroScalar, PublicKey, Scalar,
        sec1::{FromSec1Point, ModulusSize, ToSec1Point},
    },
    hazmat::sign_prehashed_rfc6979,
};
use sha2::{Digest, Sha256};

/// What stands before the point in the `SubjectPublicKeyInfo` of a P-256 key (RFC 5480).
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

pub(crate) const PAYLOAD: &str = r#"{"FV":"1.1","GS":"17619300","PG":"T32","IS":true,"IL":"VERIFIED","IT":"ISO14443","ID":"1F2D3A4F5506C7","CT":"EVSEID","CI":"DE*ABC*E1","RD":[{"TM":"2026-03-01T10:03:15,000+0100 S","TX":"B","EF":"","ST":"G","RV":2935.600,"RI":"1-b:1.8.0","RU":"kWh"},{"TM":"2026-03-01T10:43:36,250+0100 S","TX":"E","RV":2965.1005}]}"#;

/// A signature of the payload, its two numbers side by side, and the uncompressed point of the key that made it; `seed`
/// is every byte of the private key.
pub(crate) fn sign<C>(seed: u8, payload: &str) -> (Signature<C>, Vec<u8>)
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let mut secret = FieldBytes::<C>::default();
    secret.fill(seed);
    let secret: Option<Scalar<C>> = ecdsa::elliptic_curve::ff::PrimeField::from_repr(secret).into();
    let secret: NonZeroScalar<C> = Option::from(NonZeroScalar::new(secret.unwrap())).unwrap();
    let (signature, _) = sign_prehashed_rfc6979::<C, Sha256>(&secret, &Sha256::digest(payload), &[]);
    (signature, PublicKey::<C>::from_secret_scalar(&secret).to_sec1_point(false).as_bytes().to_vec())
}

/// A whole P-256 record over the payload, and its key as a charger shows it.
pub(crate) fn p256(seed: u8, payload: &str) -> (String, String) {
    let (signature, point) = sign::<p256::NistP256>(seed, payload);
    let record = format!(r#"OCMF|{payload}|{{"SD":"{}"}}"#, hex::encode(signature.to_der().as_bytes()));
    (record, format!("{P256}{}", hex::encode(point)))
}
