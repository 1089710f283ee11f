//! The curves of the format, and the library that does each one's arithmetic.

use std::fmt;

use ecdsa::{
    EcdsaCurve, Signature, VerifyingKey,
    elliptic_curve::{
        AffinePoint, CurveArithmetic, FieldBytes, FieldBytesSize,
        sec1::{FromSec1Point, ModulusSize, ToSec1Point},
    },
    signature::hazmat::PrehashVerifier,
};
use spki::ObjectIdentifier;

use crate::signature::Numbers;

/// The curves that a record may be signed on (OCMF, table 22).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// secp192k1: no kept library computes with it, so its records are [`crate::OcmfError::Unsupported`].
    Secp192k1,
    /// secp256k1.
    Secp256k1,
    /// secp192r1, NIST P-192.
    Secp192r1,
    /// secp256r1, NIST P-256, prime256v1: the one that a record means when it names none.
    Secp256r1,
    /// secp384r1, NIST P-384.
    Secp384r1,
    /// brainpoolP256r1.
    BrainpoolP256r1,
    /// brainpoolP384r1.
    BrainpoolP384r1,
}

/// What one curve's library can do, for a point as SEC 1 encodes it and a digest of any length.
pub(crate) struct Arithmetic {
    pub(crate) holds: fn(&[u8]) -> bool,
    pub(crate) verifies: fn(&[u8], &[u8], &Numbers) -> bool,
}

impl Curve {
    const ALL: [Self; 7] = [
        Self::Secp192k1,
        Self::Secp256k1,
        Self::Secp192r1,
        Self::Secp256r1,
        Self::Secp384r1,
        Self::BrainpoolP256r1,
        Self::BrainpoolP384r1,
    ];

    /// The curve's name, as standards write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names().0
    }

    /// By name in any case; the format's table writes `brainpool256r1` where the standard and the meters write
    /// `brainpoolP256r1`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let plain = |name: &str| name.to_ascii_lowercase().replace("brainpoolp", "brainpool");
        Self::ALL.into_iter().find(|curve| plain(curve.name()) == plain(name))
    }

    pub(crate) fn identified(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.names().1 == oid.to_string())
    }

    /// Name and object identifier (SEC 2, RFC 5480, RFC 5639).
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Secp192k1 => ("secp192k1", "1.3.132.0.31"),
            Self::Secp256k1 => ("secp256k1", "1.3.132.0.10"),
            Self::Secp192r1 => ("secp192r1", "1.2.840.10045.3.1.1"),
            Self::Secp256r1 => ("secp256r1", "1.2.840.10045.3.1.7"),
            Self::Secp384r1 => ("secp384r1", "1.3.132.0.34"),
            Self::BrainpoolP256r1 => ("brainpoolP256r1", "1.3.36.3.3.2.8.1.1.7"),
            Self::BrainpoolP384r1 => ("brainpoolP384r1", "1.3.36.3.3.2.8.1.1.11"),
        }
    }

    pub(crate) fn arithmetic(self) -> Option<Arithmetic> {
        match self {
            Self::Secp192k1 => None,
            Self::Secp256k1 => Some(Arithmetic::of::<k256::Secp256k1>()),
            Self::Secp192r1 => Some(Arithmetic::of::<p192::NistP192>()),
            Self::Secp256r1 => Some(Arithmetic::of::<p256::NistP256>()),
            Self::Secp384r1 => Some(Arithmetic::of::<p384::NistP384>()),
            Self::BrainpoolP256r1 => Some(Arithmetic::of::<bp256::BrainpoolP256r1>()),
            Self::BrainpoolP384r1 => Some(Arithmetic::of::<bp384::BrainpoolP384r1>()),
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Arithmetic {
    fn of<C>() -> Self
    where
        C: EcdsaCurve + CurveArithmetic,
        AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        Self { holds: |point| VerifyingKey::<C>::from_sec1_bytes(point).is_ok(), verifies: verifies::<C> }
    }
}

fn verifies<C>(point: &[u8], digest: &[u8], numbers: &Numbers) -> bool
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let Some(signature) = numbers.padded(FieldBytes::<C>::default().len()) else { return false };
    let (Ok(key), Ok(signature)) = (VerifyingKey::<C>::from_sec1_bytes(point), Signature::<C>::from_slice(&signature))
    else {
        return false;
    };
    // Of the two signatures that mean the same, k256 takes the one with the smaller number only; meters send either.
    key.verify_prehash(digest, &signature.normalize_s()).is_ok()
}
