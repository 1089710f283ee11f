//! Codes for stalls, to print: each leads to its stall's page, with the price in words beside it.

use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag};
use plugtill_domain::offer::Offer;
use plugtill_domain::site::{EVERY_CONNECTOR, Site};
use plugtill_texts::offer::Offered;
use plugtill_texts::text;
use qrcode::render::svg;
pub use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};

/// Prices are looked up for nobody in particular: those of groups are not for everybody to read.
const ANYBODY: &str = "anybody";

/// The codes of a site's stalls, below the address that drivers know their pages by, with the prices of an instant (UTC).
///
/// # Errors
/// When an address does not fit into a code.
pub fn stalls(site: &Site, base_url: &str, at: Timestamp) -> Result<Vec<Markup>, QrError> {
    let base = base_url.trim_end_matches('/');
    let address = |charger: &ChargerId, connector: ConnectorId| format!("{base}/stalls/{charger}/{connector}");
    stalls_of(site)
        .map(|(site, charger, connector)| stall(site, (&charger, connector), &address(&charger, connector), at))
        .collect()
}

/// Every stall that the site names.
fn stalls_of(site: &Site) -> impl Iterator<Item = (&Site, ChargerId, ConnectorId)> {
    site.chargers.iter().filter_map(|entry| Some((entry, entry.id.parse::<ChargerId>().ok()?))).flat_map(
        move |(entry, charger)| {
            let named = entry.connectors.iter().filter(|connector| connector.id != EVERY_CONNECTOR);
            named.map(move |connector| (site, charger.clone(), connector.id)).collect::<Vec<_>>()
        },
    )
}

fn stall(
    site: &Site,
    (charger, connector): (&ChargerId, ConnectorId),
    address: &str,
    at: Timestamp,
) -> Result<Markup, QrError> {
    // Some of it may be scratched and still be read.
    let code = QrCode::with_error_correction_level(address, EcLevel::Q)?;
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(160, 160).build();
    // The XML declaration has no place inside a page.
    let drawn = drawn.find("<svg").and_then(|from| drawn.get(from..)).unwrap_or_default();
    let prices = prices(site, (charger, connector), at).unwrap_or_default();
    Ok(html! {
        section {
            (PreEscaped(drawn))
            div {
                h2 { (site.name) }
                p { strong { "Charger " (charger) ", connector " (connector) } }
                @for price in &prices { p { (price) } }
                p { (address) }
            }
        }
    })
}

fn prices(site: &Site, place: (&ChargerId, ConnectorId), at: Timestamp) -> Option<Vec<String>> {
    let language = site.alerts.language;
    let anybody: IdTag = ANYBODY.parse().ok()?;
    let terms = site.terms_of(site.terms_at(place, &anybody, at)?);
    let offer = Offered::of(language, &Offer::of(&terms, site.connector(place.0, place.1)?.max_power_w, at));
    let when = |when: &[String]| if when.is_empty() { String::new() } else { format!(" ({})", when.join(", ")) };
    let mut lines: Vec<String> = offer.prices.iter().map(|price| format!("{price}{}", when(&price.when))).collect();
    let staying = || text(language, "offer-staying", &[("rules", offer.idle.join("; ").into())]);
    lines.extend((!offer.idle.is_empty()).then(staying));
    lines.extend(offer.notes);
    Some(lines)
}
