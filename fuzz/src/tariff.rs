//! Tariffs as operators write them (OCPI): read, linted, shown, priced.

use plugtill_domain::tariff::Tariff;
use plugtill_domain::tariff::ocpi::OcpiTariff;

use crate::{comes_back, says_something, usage};

/// An OCPI Tariff object.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let lint = plugtill_ocpi::lint::lint(&text);
    match read(&text) {
        Ok(tariff) => priced(tariff),
        Err(error) => {
            says_something(&error);
            assert!(!lint.findings.is_empty(), "{error}, and the lint finds nothing: {text}");
        }
    }
}

pub(crate) fn read(text: &str) -> Result<Tariff, String> {
    let wire: OcpiTariff = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Tariff::try_from(wire).map_err(|error| error.to_string())
}

fn priced(tariff: Tariff) {
    comes_back(&tariff);
    let _ = plugtill_ocpi::show::week(&tariff, None);
    usage::usual(&usage::terms(tariff));
}
