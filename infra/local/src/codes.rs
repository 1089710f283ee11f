//! `plugtill codes`: a sheet to print, with the code of every stall and its price in words.

use std::path::PathBuf;

use http::Uri;
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use plugtill_adapters::clock::Clock;
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag};
use plugtill_domain::offer::Offer;
use plugtill_domain::site::{EVERY_CONNECTOR, Site};
use plugtill_texts::offer::Offered;
use plugtill_texts::text;
use qrcode::render::svg;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};

use crate::site_file::{self, SiteFileError};

/// Printed in millimetres, so that a phone reads them at arm's length; a sheet breaks between stalls.
const STYLE: &str = "body{font:11pt/1.4 sans-serif;margin:12mm}section{break-inside:avoid;display:flex;gap:8mm;align-items:center;
border-bottom:1px solid #999;padding:6mm 0}svg{width:40mm;height:40mm;flex:none}h2{font-size:15pt;margin:0}p{margin:1mm 0}";
/// Prices are looked up for nobody in particular: those of groups are not for everybody to read.
const ANYBODY: &str = "anybody";

/// Which stalls, and where their pages are.
#[derive(Debug, clap::Args)]
pub struct CodesArguments {
    /// The site file. Chargers that it does not name have no code.
    #[arg(long, value_name = "SITE.json")]
    pub site: PathBuf,
    /// The address that drivers know their pages by: `PortalUrl` of the stack, or what `serve` prints.
    #[arg(long, value_name = "URL")]
    pub portal_url: Uri,
}

/// Why there is no sheet.
#[derive(Debug, thiserror::Error)]
pub enum CodesError {
    /// The site file cannot be used.
    #[error(transparent)]
    Site(#[from] SiteFileError),
    /// The address is none.
    #[error("--portal-url {0}: give scheme and host, such as https://pay.example.com")]
    Address(Uri),
    /// No charger is named.
    #[error(
        "{0}: names no charger with its connectors; a code leads to one stall, so write them out instead of `*` and 0"
    )]
    NoStall(String),
    /// An address does not fit into a code.
    #[error("{address}: {problem}")]
    Code {
        /// Of which stall.
        address: String,
        /// Why.
        problem: QrError,
    },
}

/// Prints the sheet as HTML.
///
/// # Errors
/// When the site file or the address cannot be used.
pub fn run(arguments: &CodesArguments) -> Result<(), CodesError> {
    let sites = site_file::read(&arguments.site)?;
    println!("{}", sheet(&sites, &arguments.portal_url, Clock::system().now(), &arguments.site.display().to_string())?);
    Ok(())
}

/// The sheet of these sites, with the prices of an instant (UTC); `name` is the file's, for the error.
///
/// # Errors
/// When no stall is named or the address is none.
pub fn sheet(sites: &[Site], portal_url: &Uri, at: Timestamp, name: &str) -> Result<String, CodesError> {
    if portal_url.scheme().is_none() || portal_url.host().is_none() {
        return Err(CodesError::Address(portal_url.clone()));
    }
    let base = portal_url.to_string();
    let mut stalls = Vec::new();
    for (site, charger, connector) in sites.iter().flat_map(stalls_of) {
        let address = format!("{}/stalls/{charger}/{connector}", base.trim_end_matches('/'));
        stalls.push(stall(site, (&charger, connector), &address, at)?);
    }
    if stalls.is_empty() {
        return Err(CodesError::NoStall(name.to_owned()));
    }
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Codes for stalls" } style { (PreEscaped(STYLE)) } }
            body { main { h1 { "Codes for stalls" } @for stall in &stalls { (stall) } } }
        }
    };
    Ok(page.into_string())
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
) -> Result<Markup, CodesError> {
    let failed = |problem| CodesError::Code { address: address.to_owned(), problem };
    // Some of it may be scratched and still be read.
    let code = QrCode::with_error_correction_level(address, EcLevel::Q).map_err(failed)?;
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
