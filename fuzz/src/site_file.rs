//! The site file: all that an operator decides, at once.

use plugtill_domain::site::SiteFile;

use crate::{comes_back, says_something, usage};

/// A site file.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &[u8]) {
    let file: SiteFile = match serde_json::from_slice(input) {
        Ok(file) => file,
        Err(error) => return says_something(&error),
    };
    match file.sites() {
        Ok(sites) => {
            for site in sites {
                comes_back(&site);
                for index in 0..site.terms_count() {
                    usage::usual(&site.terms_of(index));
                }
                let _ = (site.rules(), site.connector_count(), site.zone());
            }
        }
        Err((_, error)) => says_something(&error),
    }
}
