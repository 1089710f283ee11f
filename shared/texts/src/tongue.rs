//! Which language somebody reads. Browsers name theirs in the order of preference, so the weights beside them add nothing.

use fluent_langneg::{NegotiationStrategy, negotiate_languages, parse_accepted_languages};
use plugtill_domain::language::Language;
use unic_langid::LanguageIdentifier;

/// The language that an `Accept-Language` header asks for first among those there are; English where it names none of them.
#[must_use]
pub fn preferred(header: &str) -> Language {
    let asked = parse_accepted_languages(header);
    let known: Vec<LanguageIdentifier> = Language::ALL.iter().filter_map(|one| one.as_str().parse().ok()).collect();
    let chosen = negotiate_languages(&asked, &known, None, NegotiationStrategy::Filtering);
    let name = chosen.first().map(|language| language.language.as_str().to_owned());
    name.and_then(|name| Language::from_code(&name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_there_is_wins() {
        for (header, language) in [
            ("", Language::En),
            ("de", Language::De),
            ("de-AT,de;q=0.9,en;q=0.8", Language::De),
            ("pl,fr-CH;q=0.7,en;q=0.3", Language::Fr),
            ("nl-BE,en;q=0.9", Language::Nl),
            ("es-419", Language::Es),
            ("*", Language::En),
            ("ja,zh;q=0.9", Language::En),
            (";;;q=,\u{0}", Language::En),
        ] {
            assert_eq!(preferred(header), language, "{header:?}");
        }
    }
}
