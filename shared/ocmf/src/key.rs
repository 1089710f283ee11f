//! A meter's public key, as operators get it: from a type plate, an XML file or a register.

use base64::{Engine, engine::general_purpose::STANDARD};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use crate::{Curve, OcmfError};

const FIELD: &str = "publicKey";
const ENCODING: &str = "hex or base64 of a SubjectPublicKeyInfo, as chargers show it";
const SHAPE: &str = "a SubjectPublicKeyInfo (3059..., MFkw...) or an uncompressed point";
const OFF_CURVE: &str = "this is no point of its curve: copy the key again";

/// `id-ecPublicKey` (RFC 5480).
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Lengths of an uncompressed point without its first byte (SEC 1): 192, 256 and 384 bit curves.
const POINTS: [usize; 3] = [48, 64, 96];

/// First byte of an uncompressed point (SEC 1, section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// The public key of one meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    curve: Option<Curve>,
    point: Vec<u8>,
}

impl PublicKey {
    /// Reads a key in hex or base64, white space and PEM lines ignored: a DER `SubjectPublicKeyInfo`, or an
    /// uncompressed point with or without its first byte `04`.
    ///
    /// A bare point does not say its curve: then the record's own `SA` decides, and a point is on that curve or not.
    ///
    /// # Errors
    /// [`OcmfError::Malformed`] for a text that is no key; [`OcmfError::Unsupported`] for one of a kind that no library
    /// here computes with, such as secp192k1 or RSA.
    pub fn parse(text: &str) -> Result<Self, OcmfError> {
        let bytes = decode(text).ok_or_else(|| OcmfError::malformed(FIELD, text, ENCODING))?;
        match SubjectPublicKeyInfoRef::try_from(bytes.as_slice()) {
            Ok(info) => Self::of(&info, text),
            Err(_) => bare(bytes).ok_or_else(|| OcmfError::malformed(FIELD, text, SHAPE)),
        }
    }

    /// The curve that the key names; absent for a bare point.
    #[must_use]
    pub fn curve(&self) -> Option<Curve> {
        self.curve
    }

    pub(crate) fn point(&self) -> &[u8] {
        &self.point
    }

    fn of(info: &SubjectPublicKeyInfoRef<'_>, text: &str) -> Result<Self, OcmfError> {
        let (kind, named) = info.algorithm.oids().map_err(|_| OcmfError::malformed(FIELD, text, SHAPE))?;
        let oid = named.filter(|_| kind == ELLIPTIC).unwrap_or(kind);
        let curve = Curve::identified(oid).ok_or_else(|| OcmfError::unsupported(FIELD, &oid.to_string()))?;
        let arithmetic = curve.arithmetic().ok_or_else(|| OcmfError::unsupported(FIELD, curve.name()))?;
        let point = info.subject_public_key.as_bytes().ok_or_else(|| OcmfError::malformed(FIELD, text, SHAPE))?;
        let key = Self { curve: Some(curve), point: point.to_vec() };
        if (arithmetic.holds)(&key.point) { Ok(key) } else { Err(OcmfError::malformed(FIELD, text, OFF_CURVE)) }
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().filter(|line| !line.starts_with("-----"));
    let plain: String = lines.flat_map(str::chars).filter(|letter| !letter.is_whitespace()).collect();
    if plain.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        hex::decode(plain).ok()
    } else {
        STANDARD.decode(plain).ok()
    }
}

fn bare(bytes: Vec<u8>) -> Option<PublicKey> {
    let point = match bytes.split_first() {
        _ if POINTS.contains(&bytes.len()) => [vec![UNCOMPRESSED], bytes].concat(),
        Some((&UNCOMPRESSED, rest)) if POINTS.contains(&rest.len()) => bytes,
        Some(_) | None => return None,
    };
    Some(PublicKey { curve: None, point })
}
