//! Mail to operators, through a mail server of theirs: on AWS SNS sends it.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::JoinHandle;

use crate::edges::sns::{Protocol, SentMessage};

/// Where mail goes out, and from whom.
#[derive(Debug, Clone, clap::Args)]
pub struct MailArguments {
    /// The mail server that alerts are sent through: `smtps://user:password@mail.example.com`, or `smtp://127.0.0.1:2525`.
    #[arg(long, value_name = "URL", env = "PLUGTILL_SMTP", hide_env_values = true, requires = "mail_from")]
    pub smtp: Option<String>,
    /// Whom alerts come from.
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
}

/// Why no mail can be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The server's address cannot be used. It may hold a password, so that it is not repeated.
    #[error("--smtp: {0}; write it as smtps://user:password@host or smtp://host:port")]
    Server(lettre::transport::smtp::Error),
    /// The sender's address cannot be used.
    #[error("--mail-from `{address}`: {problem}; write it as alerts@example.com")]
    From {
        /// What was given.
        address: String,
        /// Why not.
        problem: lettre::address::AddressError,
    },
}

/// How long a mail waits that the server did not take.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// How long is waited at the end for mails that are on their way.
const LAST_CHANCE: Duration = Duration::from_secs(10);
/// A server that says nothing for so long is down.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends mails one after the other, beside everything else: a mail server that is slow holds no charger up.
pub struct Mailer {
    from: Mailbox,
    waiting: UnboundedSender<Message>,
    sending: JoinHandle<()>,
}

impl Mailer {
    /// The mailer that is asked for; `None` when none is.
    ///
    /// # Errors
    /// When an address cannot be used.
    pub fn start(arguments: &MailArguments) -> Result<Option<Self>, MailError> {
        let (Some(url), Some(from)) = (&arguments.smtp, &arguments.mail_from) else { return Ok(None) };
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(MailError::Server)?;
        let server = server.timeout(Some(PATIENCE)).build();
        let address = from.clone();
        let from = from.parse().map_err(|problem| MailError::From { address, problem })?;
        let (waiting, mut taken) = mpsc::unbounded_channel();
        let sending = tokio::spawn(async move {
            while let Some(mail) = taken.recv().await {
                send(&server, mail).await;
            }
        });
        Ok(Some(Self { from, waiting, sending }))
    }

    /// Sends what was published to those who are told by mail.
    pub fn send(&self, published: &[SentMessage]) {
        for sent in published {
            let mails = sent.recipients.iter().filter(|recipient| recipient.protocol == Protocol::Email);
            for recipient in mails {
                let mail = recipient.endpoint.parse().ok().and_then(|to| self.mail(sent, to));
                if mail.is_none_or(|mail| self.waiting.send(mail).is_err()) {
                    tracing::error!(to = recipient.endpoint, "no mail can be sent to this address");
                }
            }
        }
    }

    /// Waits a moment for what is on its way.
    pub async fn finish(self) {
        drop(self.waiting);
        if tokio::time::timeout(LAST_CHANCE, self.sending).await.is_err() {
            tracing::error!("not every mail was sent; `plugtill alerts list` shows what was told");
        }
    }

    fn mail(&self, sent: &SentMessage, to: Mailbox) -> Option<Message> {
        let subject = sent.subject.clone().unwrap_or_default();
        Message::builder().from(self.from.clone()).to(to).subject(subject).body(sent.message.clone()).ok()
    }
}

/// Until the server takes it, or says that it never will.
async fn send(server: &AsyncSmtpTransport<Tokio1Executor>, mail: Message) {
    while let Err(error) = server.send(mail.clone()).await {
        if error.is_permanent() {
            tracing::error!(%error, "the mail server refuses a mail for good");
            return;
        }
        tracing::error!(%error, "the mail server takes no mail; it is tried again");
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}
