//! What people are told, in five languages, as text message, as e-mail and as page.
//!
//! A text message fits one SMS: at most [`SMS_CHARACTERS`] of the GSM alphabet, and its link is never cut. What operators are told and
//! drivers are sent lies in `texts/*.ftl`, what drivers read in `texts/drivers/*.ftl`.
//!
//! # Layout, in reading order
//! - [`tell`]: an incident, to operators; [`page`]: the page where it stands. [`digest`]: the small matters of a day. [`month`]: what a month came to. [`tell_driver`]: a session, to its driver.
//! - [`offer`]: what charging costs, beforehand. [`bill`]: why a bill is what it is. [`receipt`]: what a session came to.
//! - [`preferred`]: which language somebody reads. [`amount`], [`number`]: figures as they are written there.
//! - [`narrow`]: what text messages and subject lines can carry. `codes`: what chargers report. [`text`]: the catalogues.

pub mod bill;
mod catalogue;
mod codes;
mod driver;
mod figures;
mod month;
pub mod narrow;
pub mod offer;
mod operators;
pub mod receipt;
mod tongue;

pub use catalogue::{Args, text};
pub use driver::{DriverStory, tell_driver};
pub use figures::{amount, number};
pub use month::{Month, month};
pub use narrow::{SMS_CHARACTERS, SUBJECT_CHARACTERS};
pub use operators::{Digest, Page, Story, digest, explain, page, place, tell, title};
pub use tongue::preferred;

/// The same told in each form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The e-mail's subject line.
    pub subject: String,
    /// The text message.
    pub sms: String,
    /// The e-mail.
    pub email: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use plugtill_domain::language::Language;

    use crate::catalogue::sources;

    /// The messages of a catalogue, each with the variables it uses.
    fn messages(language: Language) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut message = String::new();
        for line in sources(language).into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#')) {
            let name = line.split_once(" = ").map(|(name, _)| name.trim());
            match name {
                Some(attribute) if attribute.starts_with('.') => {
                    found.insert(format!("{message}{attribute}"), Vec::new());
                }
                Some(name) if !line.starts_with(' ') => name.clone_into(&mut message),
                _ => {}
            }
            let variables = line.split('$').skip(1).filter_map(|rest| rest.split([' ', '}']).next());
            let known = found.entry(message.clone()).or_default();
            known.extend(variables.map(str::to_owned));
            known.sort();
            known.dedup();
        }
        found
    }

    #[test]
    fn every_language_says_the_same_with_the_same_variables() {
        let english = messages(Language::En);
        assert!(english.len() > 300, "the catalogue is read: {}", english.len());
        for language in Language::ALL {
            assert_eq!(messages(language), english, "{language:?}");
        }
    }

    #[test]
    fn every_catalogue_is_read_to_its_end() {
        for language in Language::ALL {
            for source in sources(language) {
                let errors = fluent_bundle::FluentResource::try_new(source.to_owned()).err();
                assert!(errors.is_none(), "{language:?}: {:?}", errors.map(|(_, errors)| errors));
            }
        }
    }
}
