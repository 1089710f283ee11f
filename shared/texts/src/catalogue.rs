//! The catalogues, one per language: Project Fluent, checked by the tests to name the same messages.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use plugtill_domain::language::Language;
use unic_langid::LanguageIdentifier;

type Catalogue = FluentBundle<FluentResource>;

static CATALOGUES: LazyLock<[Catalogue; Language::ALL.len()]> = LazyLock::new(|| Language::ALL.map(read));

/// What operators are told and drivers are sent; what drivers read on their pages.
pub(crate) const fn sources(language: Language) -> [&'static str; 2] {
    match language {
        Language::En => [include_str!("../texts/en.ftl"), include_str!("../texts/drivers/en.ftl")],
        Language::De => [include_str!("../texts/de.ftl"), include_str!("../texts/drivers/de.ftl")],
        Language::Fr => [include_str!("../texts/fr.ftl"), include_str!("../texts/drivers/fr.ftl")],
        Language::Nl => [include_str!("../texts/nl.ftl"), include_str!("../texts/drivers/nl.ftl")],
        Language::Es => [include_str!("../texts/es.ftl"), include_str!("../texts/drivers/es.ftl")],
    }
}

fn read(language: Language) -> Catalogue {
    let id: LanguageIdentifier = language.as_str().parse().unwrap_or_default();
    let mut catalogue = Catalogue::new_concurrent(vec![id]);
    // What stands between the marks that would be added is a name or a figure: text messages cannot carry the marks.
    catalogue.set_use_isolating(false);
    for source in sources(language) {
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(source.to_owned());
        catalogue.add_resource_overriding(resource);
    }
    catalogue
}

/// What stands for a message's variables.
pub type Args<'a> = [(&'a str, FluentValue<'a>)];

/// The text of `message` or `message.attribute`. A message that is missing reads as its name.
#[must_use]
pub fn text(language: Language, name: &str, args: &Args<'_>) -> String {
    let (message, attribute) = name.split_once('.').map_or((name, None), |(message, rest)| (message, Some(rest)));
    let catalogue = Language::ALL.iter().position(|one| *one == language).and_then(|at| CATALOGUES.get(at));
    let found = catalogue.and_then(|catalogue| {
        let message = catalogue.get_message(message)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(attribute) => message.get_attribute(attribute)?.value(),
        };
        let args: FluentArgs<'_> = args.iter().map(|(name, value)| (*name, value.clone())).collect();
        Some(catalogue.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
    });
    found.unwrap_or_else(|| name.to_owned())
}
