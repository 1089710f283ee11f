//! `plugtill alerts`: who is told of incidents on this machine, and what was told. On AWS this is SNS's own.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_sdk_sns::error::DisplayErrorContext;
use clap::ValueEnum;
use plugtill_adapters::clock::Clock;

use crate::edges::clock::VirtualClock;
use crate::edges::sns::{LocalTopics, SentMessage, kept_messages};
use crate::stack::TOPIC;

/// Whose data, and what is wanted.
#[derive(Debug, clap::Args)]
pub struct AlertsArguments {
    /// The directory that `serve --data` keeps.
    #[arg(long, value_name = "DIR", global = true, default_value = "plugtill-data")]
    data: PathBuf,
    #[command(subcommand)]
    command: AlertsCommand,
}

#[derive(Debug, clap::Subcommand)]
enum AlertsCommand {
    /// What was told, and whom it reached.
    List {
        /// The mails, whole.
        #[arg(long)]
        full: bool,
    },
    /// Tell somebody from now on.
    Subscribe {
        /// How.
        protocol: By,
        /// Where: a mail address, or a telephone number such as +4915112345678.
        endpoint: String,
        /// Only what happens at these sites.
        #[arg(long, value_name = "SITE")]
        site: Vec<String>,
        /// Only these severities: `critical`, `warning`, `low`.
        #[arg(long)]
        severity: Vec<String>,
        /// Only these kinds: `charger_fault`, `billing_stopped`, …
        #[arg(long)]
        kind: Vec<String>,
        /// As `first` contact, or as `second`, who hears of what the first does not look after; both when not given.
        #[arg(long)]
        contact: Option<String>,
    },
    /// Who is told.
    Subscriptions,
    /// Tell somebody no more.
    Unsubscribe {
        /// Which, as `subscriptions` names it.
        arn: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum By {
    /// By e-mail, as `serve --smtp` sends it.
    Email,
    /// By text message: kept here, sent by nobody.
    Sms,
}

/// Why the command ended early.
#[derive(Debug, thiserror::Error)]
pub enum AlertsError {
    /// Refused, as SNS would.
    #[error("{0}")]
    Refused(String),
    /// The files cannot be used.
    #[error("{path}: {source}")]
    Files {
        /// The directory.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Shows or changes.
///
/// # Errors
/// When the files cannot be used, or nobody can be told there.
pub async fn run(arguments: AlertsArguments) -> Result<(), AlertsError> {
    let AlertsArguments { data, command } = arguments;
    let failed = |source| AlertsError::Files { path: data.display().to_string(), source };
    std::fs::create_dir_all(&data).map_err(failed)?;
    let topics = LocalTopics::kept(VirtualClock::new(Clock::system().now()), &data);
    let client = topics.sdk_client();
    match command {
        AlertsCommand::List { full } => {
            for sent in kept_messages(&data).map_err(failed)? {
                println!("{}", if full { whole(&sent) } else { line(&sent) });
            }
        }
        AlertsCommand::Subscribe { protocol, endpoint, site, severity, kind, contact } => {
            let contact: Vec<String> = contact.into_iter().collect();
            let wanted = [("site", site), ("severity", severity), ("kind", kind), ("escalation", contact)];
            let filter: BTreeMap<_, _> = wanted.into_iter().filter(|(_, values)| !values.is_empty()).collect();
            let filter = serde_json::json!(filter).to_string();
            let protocol = if let By::Email = protocol { "email" } else { "sms" };
            let asked = client.subscribe().topic_arn(TOPIC).protocol(protocol).endpoint(&endpoint);
            let answer = asked.attributes("FilterPolicy", filter).send().await.map_err(|e| refused(&e))?;
            println!("{}", answer.subscription_arn.unwrap_or_default());
        }
        AlertsCommand::Subscriptions => {
            let asked = client.list_subscriptions_by_topic().topic_arn(TOPIC).send().await.map_err(|e| refused(&e))?;
            for one in asked.subscriptions() {
                let arn = one.subscription_arn().unwrap_or_default();
                let known = client.get_subscription_attributes().subscription_arn(arn).send().await;
                let known = known.map_err(|e| refused(&e))?.attributes.unwrap_or_default();
                let filter = known.get("FilterPolicy").map_or("everything", String::as_str);
                println!(
                    "{arn}  {}  {}  {filter}",
                    one.protocol().unwrap_or_default(),
                    one.endpoint().unwrap_or_default()
                );
            }
        }
        AlertsCommand::Unsubscribe { arn } => {
            client.unsubscribe().subscription_arn(arn).send().await.map_err(|e| refused(&e))?;
        }
    }
    Ok(())
}

fn refused<E: std::error::Error>(error: &E) -> AlertsError {
    AlertsError::Refused(DisplayErrorContext(error).to_string())
}

/// What was told in one line.
#[must_use]
pub fn line(sent: &SentMessage) -> String {
    let to: Vec<&str> = sent.recipients.iter().map(|recipient| recipient.endpoint.as_str()).collect();
    let to = if to.is_empty() { "nobody".to_owned() } else { to.join(", ") };
    format!("{:.0}  {}  -> {to}", sent.at, sent.text())
}

fn whole(sent: &SentMessage) -> String {
    let subject = sent.subject.as_deref().unwrap_or_default();
    format!("{}\nSubject: {subject}\n\n{}\n", line(sent), sent.message)
}
