//! The signature section: which algorithm, and the pair of numbers that an ECDSA signature is.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Curve, OcmfError, json::Object};

const ALGORITHM: &str = "ECDSA-secp256r1-SHA256";
const ENCODINGS: &str = "hex or base64";
const MIME: &str = "application/x-der";
const BYTES: &str = "the signature in hex, or in base64 where SE says so";
const PAIR: &str = "a DER sequence of two integers, or the two of them side by side";

/// Lengths of two numbers side by side, in bytes: 192, 256 and 384 bit curves.
const SIDE_BY_SIDE: [usize; 3] = [48, 64, 96];

/// What the signature section says (OCMF, table 8).
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    algorithm: String,
    pub(crate) numbers: Numbers,
}

/// The two numbers of an ECDSA signature, big endian, without leading zeros.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    r: Vec<u8>,
    s: Vec<u8>,
}

impl Signature {
    pub(crate) fn parse(section: &str) -> Result<Self, OcmfError> {
        let object = Object::parse("signature", section)?;
        let mime = object.filled("SM")?.unwrap_or_else(|| MIME.to_owned());
        if mime != MIME {
            return Err(OcmfError::malformed("SM", &mime, "the format knows application/x-der only"));
        }
        let data = object.filled("SD")?.ok_or_else(|| OcmfError::missing("SD"))?;
        let bytes = decode(&data, object.filled("SE")?.as_deref())?;
        Ok(Self {
            algorithm: object.filled("SA")?.unwrap_or_else(|| ALGORITHM.to_owned()),
            numbers: Numbers::parse(&bytes).ok_or_else(|| OcmfError::malformed("SD", &data, PAIR))?,
        })
    }

    /// The curve of `SA`; every algorithm of the format is ECDSA over SHA-256.
    pub(crate) fn curve(&self) -> Result<Curve, OcmfError> {
        let parts: Vec<&str> = self.algorithm.split('-').collect();
        let curve = match parts.as_slice() {
            [method, curve, hash] if *method == "ECDSA" && hash.eq_ignore_ascii_case("SHA256") => Curve::named(curve),
            _ => None,
        };
        curve.ok_or_else(|| OcmfError::unsupported("SA", &self.algorithm))
    }
}

impl Numbers {
    // DC meters of Isabellenhütte sign without the DER frame that the format asks for.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let side_by_side = || SIDE_BY_SIDE.contains(&bytes.len()).then(|| bytes.split_at(bytes.len() / 2));
        let (r, s) = sequence(bytes).or_else(side_by_side)?;
        Some(Self { r: unpadded(r), s: unpadded(s) })
    }

    /// Both numbers side by side, each `size` bytes; absent where one is too large for the curve.
    pub(crate) fn padded(&self, size: usize) -> Option<Vec<u8>> {
        let zeros = |number: &[u8]| size.checked_sub(number.len()).map(|count| vec![0; count]);
        Some([zeros(&self.r)?, self.r.clone(), zeros(&self.s)?, self.s.clone()].concat())
    }
}

fn decode(data: &str, encoding: Option<&str>) -> Result<Vec<u8>, OcmfError> {
    let bytes = match encoding {
        None | Some("hex") => hex::decode(data).ok(),
        Some("base64") => STANDARD.decode(data).ok(),
        Some(other) => return Err(OcmfError::malformed("SE", other, ENCODINGS)),
    };
    bytes.ok_or_else(|| OcmfError::malformed("SD", data, BYTES))
}

/// The two integers of a DER sequence, as unsigned numbers: eBZ meters leave out the zero that keeps a number positive
/// and keep one that says nothing. Strict readers refuse both; the Transparenzsoftware reads the first as positive too.
fn sequence(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (body, []) = element(0x30, bytes)? else { return None };
    let (r, rest) = element(0x02, body)?;
    let (s, []) = element(0x02, rest)? else { return None };
    Some((r, s))
}

/// Content and rest of one DER element; a signature on a 384 bit curve is still shorter than 128 bytes.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes {
        [found, length @ ..0x80, rest @ ..] if *found == tag => rest.split_at_checked(usize::from(*length)),
        _ => None,
    }
}

fn unpadded(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}
