//! `plugtill codes`: a sheet to print, with the code of every stall and its price in words.

use std::path::PathBuf;

use http::Uri;
use jiff::Timestamp;
use maud::{DOCTYPE, PreEscaped, html};
use plugtill_adapters::clock::Clock;
use plugtill_domain::site::Site;
use plugtill_operator_console::codes::{QrError, stalls};

use crate::site_file::{self, SiteFileError};

/// Printed in millimetres, so that a phone reads them at arm's length; a sheet breaks between stalls.
const STYLE: &str = "body{font:11pt/1.4 sans-serif;margin:12mm}section{break-inside:avoid;display:flex;gap:8mm;align-items:center;
border-bottom:1px solid #999;padding:6mm 0}svg{width:40mm;height:40mm;flex:none}h2{font-size:15pt;margin:0}p{margin:1mm 0}";

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
    #[error("--portal-url: too long for a code: {0}")]
    Code(#[from] QrError),
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
    let mut codes = Vec::new();
    for site in sites {
        codes.extend(stalls(site, &portal_url.to_string(), at)?);
    }
    if codes.is_empty() {
        return Err(CodesError::NoStall(name.to_owned()));
    }
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Codes for stalls" } style { (PreEscaped(STYLE)) } }
            body { main { h1 { "Codes for stalls" } @for code in &codes { (code) } } }
        }
    };
    Ok(page.into_string())
}
