//! What a linter says of the tariffs in a site file, before drivers pay by them.

use plugtill_ocpi::lint::{Severity, lint};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Something to look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Linted {
    pub(crate) severity: Severity,
    /// Where it stands in the file: `$.sites[0].tariff.elements[0].price_components[1].step_size`.
    pub(crate) place: String,
    pub(crate) message: String,
}

/// A file as far as tariffs are concerned; what else is wrong with it is said by whoever reads it as a whole.
#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, default)]
    tariff: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tariffs: Vec<Assigned<'a>>,
    #[serde(borrow, default)]
    sites: Vec<SiteTariffs<'a>>,
}

#[derive(Deserialize)]
struct SiteTariffs<'a> {
    #[serde(borrow, default)]
    tariff: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tariffs: Vec<Assigned<'a>>,
}

#[derive(Deserialize)]
struct Assigned<'a> {
    #[serde(borrow)]
    tariff: &'a RawValue,
}

/// The findings in the order of the file; none where it is no site file.
pub(crate) fn linted(file: &str) -> Vec<Linted> {
    let Ok(File { tariff, tariffs, sites }) = serde_json::from_str::<File<'_>>(file) else { return Vec::new() };
    let mut all = Vec::new();
    let mut take = |place: &str, tariff: Option<&RawValue>, tariffs: Vec<Assigned<'_>>| {
        all.extend(tariff.map(|tariff| (format!("{place}.tariff"), tariff.get().to_owned())));
        let assigned = tariffs.into_iter().enumerate();
        all.extend(
            assigned.map(|(index, one)| (format!("{place}.tariffs[{index}].tariff"), one.tariff.get().to_owned())),
        );
    };
    take("$", tariff, tariffs);
    for (index, site) in sites.into_iter().enumerate() {
        take(&format!("$.sites[{index}]"), site.tariff, site.tariffs);
    }
    let findings = |(place, text): (String, String)| {
        let found = lint(&text).findings.into_iter();
        found.map(move |finding| Linted {
            severity: finding.severity,
            place: format!("{place}{}", finding.path.strip_prefix('$').unwrap_or(&finding.path)),
            message: finding.message,
        })
    };
    all.into_iter().flat_map(findings).collect()
}

#[cfg(test)]
mod tests {
    use super::{Severity, linted};

    #[test]
    fn every_tariff_of_a_file_is_looked_at_and_named_by_its_place() {
        let good = r#"{"id":"a","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.35,"step_size":1}]}]}"#;
        let bad = good.replace("0.35", "-1");
        let file = format!(
            r#"{{"tariff":{bad},"sites":[{{"tariff":{good},"tariffs":[{{"tariff":{bad}}}]}},{{"tariff":{bad}}}]}}"#
        );
        let errors: Vec<_> = linted(&file).into_iter().filter(|one| one.severity == Severity::Error).collect();
        let places: Vec<&str> = errors.iter().map(|one| one.place.split(".elements").next().unwrap()).collect();
        assert_eq!(places, ["$.tariff", "$.sites[0].tariffs[0].tariff", "$.sites[1].tariff"], "{errors:?}");
        assert_eq!(linted("no JSON"), []);
    }
}
