//! `plugtill incidents` and `plugtill uptime`: what breaks, who looks after it, and what it adds up to.

use std::path::PathBuf;

use jiff::Timestamp;
use plugtill_adapters::clock::Clock;
use plugtill_domain::incident::Subject;
use plugtill_operator::{Answer, Availability, OfIncident, Request, Shown};

use crate::desk::{self, DeskError};

/// What is wanted of incidents.
#[derive(Debug, clap::Args)]
pub struct IncidentsArguments {
    /// The directory that `replay --data` or `serve --data` keeps.
    #[arg(long, value_name = "DIR", global = true, default_value = "plugtill-data")]
    data: PathBuf,
    /// As of when; now when not given.
    #[arg(long, value_name = "INSTANT", global = true)]
    at: Option<Timestamp>,
    #[command(subcommand)]
    command: IncidentsCommand,
}

#[derive(Debug, clap::Subcommand)]
enum IncidentsCommand {
    /// What lasts, one a line.
    List {
        /// Since when; 31 days when not given.
        #[arg(long)]
        since: Option<Timestamp>,
        /// Also what is over, and what nobody was to be told of.
        #[arg(long)]
        all: bool,
        /// As one JSON array, with all that is known.
        #[arg(long)]
        json: bool,
    },
    /// Say who looks after one: nobody is reminded of it any more.
    Ack {
        /// Which, as `list` names it.
        subject: Subject,
        /// Who.
        #[arg(long)]
        by: String,
    },
    /// Say why one does not count against uptime: a planned outage, vandalism, the grid.
    Exclude {
        /// Which, as `list` names it.
        subject: Subject,
        /// When it was first seen, where it is not the latest.
        #[arg(long)]
        first_at: Option<Timestamp>,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decided.
        #[arg(long)]
        by: String,
    },
}

/// What is wanted of uptime.
#[derive(Debug, clap::Args)]
pub struct UptimeArguments {
    /// The directory that `replay --data` or `serve --data` keeps.
    #[arg(long, value_name = "DIR", default_value = "plugtill-data")]
    data: PathBuf,
    /// The twelve months before this; now when not given.
    #[arg(long, value_name = "INSTANT")]
    until: Option<Timestamp>,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

/// Shows or decides.
///
/// # Errors
/// When the data cannot be opened, or there is no such incident.
pub async fn run(arguments: IncidentsArguments) -> Result<(), DeskError> {
    let now = arguments.at.unwrap_or_else(|| Clock::system().now());
    let (request, as_json) = match arguments.command {
        IncidentsCommand::List { since, all, json } => (Request::Incidents { since, all }, json),
        IncidentsCommand::Ack { subject, by } => {
            (Request::LookAfter(OfIncident { subject, first_at: None, by, reason: String::new() }), false)
        }
        IncidentsCommand::Exclude { subject, first_at, reason, by } => {
            (Request::Exclude(OfIncident { subject, first_at, by, reason }), false)
        }
    };
    let Answer::Incidents(shown) = desk::ask(&arguments.data, now, request).await? else { return Ok(()) };
    if as_json {
        println!("{}", serde_json::to_string_pretty(&shown)?);
    } else {
        for incident in &shown {
            println!("{}", line(incident));
        }
    }
    Ok(())
}

fn line(incident: &Shown) -> String {
    let state = match (incident.ended_at, &incident.acknowledged_by) {
        (Some(ended_at), _) => format!("over since {ended_at:.0}"),
        (None, Some(by)) => format!("{by} looks after it"),
        (None, None) if incident.open => "open".to_owned(),
        (None, None) => "pending".to_owned(),
    };
    let lost = incident.revenue_lost.map_or_else(String::new, |lost| format!(", about {lost} lost"));
    let excluded = incident.excluded.as_ref().map_or_else(String::new, |reason| format!(", excluded: {reason}"));
    let facts = if incident.facts.is_empty() { String::new() } else { format!("  {}", incident.facts) };
    let Shown { subject, severity, first_at, count, minutes_lost, .. } = incident;
    let severity = severity.as_str();
    format!("{first_at:.0}  {severity:<8}  {subject}{facts}  {count}x, {minutes_lost} min{lost}{excluded}  {state}")
}

/// Prints uptime.
///
/// # Errors
/// When the data cannot be opened.
pub async fn uptime(arguments: UptimeArguments) -> Result<(), DeskError> {
    let now = arguments.until.unwrap_or_else(|| Clock::system().now());
    let Answer::Uptime(known) = desk::ask(&arguments.data, now, Request::Uptime { until: Some(now) }).await? else {
        return Ok(());
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&known)?);
    } else {
        print(&known);
    }
    Ok(())
}

fn print(known: &Availability) {
    println!("Uptime from {:.0} to {:.0}, by 23 CFR 680.116(b)", known.from, known.to);
    let minutes = |time: Option<i64>| time.map_or_else(|| "-".to_owned(), |minutes| format!("{minutes} min"));
    for site in &known.sites {
        println!("{}  {} %", site.site, site.percent);
        for one in &site.connectors {
            println!(
                "  {}/{}  {} %  {} min down, {} min excluded, {} outages, since {:.0}",
                one.charger, one.connector, one.percent, one.minutes_down, one.minutes_excluded, one.outages, one.from
            );
        }
        let (acknowledged, repaired) = (minutes(site.minutes_to_acknowledge), minutes(site.minutes_to_repair));
        println!("  acknowledged after {acknowledged}, repaired after {repaired} on average");
        for (error, count) in &site.top_errors {
            println!("  {count}x {error}");
        }
    }
}
