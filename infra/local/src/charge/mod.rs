//! `plugtill charge`: a charger with one vehicle, for whatever back end: ours, or another that is to be tried.
//!
//! # Layout, in reading order
//! - `stay`: what the vehicle does, and when. `pace`: when that is on the wall.
//! - `words`: how a charger tells of it, in OCPP 1.6 (`words_16`) and 2.0.1 (`words_201`).
//! - `line`: calls and answers over a WebSocket.

mod line;
mod pace;
mod stay;
mod words;
mod words_16;
mod words_201;

use std::sync::atomic::AtomicBool;

use jiff::SignedDuration;
use plugtill_adapters::clock::Clock;

use line::{Line, Order};
use pace::Pace;
use stay::{Happens, Stay};
use words::{End, Said, Words};

pub use line::LineError;
pub use words::Protocol;

/// Which charger, and what its vehicle does.
#[derive(Debug, Clone, clap::Args)]
pub struct ChargeArguments {
    /// Where the charger connects, by ws or wss, for example `ws://127.0.0.1:9000/CP1`; the last part is its name.
    #[arg(value_name = "ADDRESS")]
    pub address: String,
    /// The password of the charger, where it has one.
    #[arg(long, env = "PLUGTILL_CHARGER_PASSWORD", hide_env_values = true)]
    pub password: Option<String>,
    /// What it speaks.
    #[arg(long, value_enum, default_value_t = Protocol::Ocpp16)]
    pub protocol: Protocol,
    /// Which connector the vehicle is plugged into.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub connector: u32,
    /// The tag that is held to the charger; left out, it waits until the back end lets somebody start.
    #[arg(long)]
    pub tag: Option<String>,
    /// How long the vehicle charges.
    #[arg(long, value_name = "DURATION", default_value = "60m")]
    pub charges: SignedDuration,
    /// How long it stays plugged in after that.
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub stays: SignedDuration,
    /// The power it charges with, in W.
    #[arg(long, value_name = "WATTS", default_value_t = 11_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub power: u32,
    /// What the register shows when it comes, in Wh.
    #[arg(long, value_name = "WH", default_value_t = 100_000)]
    pub register: u32,
    /// How long between readings of the register.
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub every: SignedDuration,
    /// How much faster than the clock on the wall it all happens. What is told then begins in the past, so that it ends now.
    #[arg(long, default_value_t = 1, requires = "tag", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub pace: u32,
}

/// Why the vehicle did not charge to its end.
#[derive(Debug, thiserror::Error)]
pub enum ChargeError {
    /// The back end cannot be talked to.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The back end does not want the charger.
    #[error("the back end answers BootNotification with `{0}`; is the charger known there?")]
    NotAccepted(String),
    /// The back end does not want the driver.
    #[error("the back end does not let `{tag}` charge: `{status}`")]
    Refused {
        /// The tag.
        tag: String,
        /// The answer's word.
        status: String,
    },
    /// Nobody was let start before it was asked to end.
    #[error("nobody was let start; give a tag with --tag, or pay at the stall's page")]
    NobodyCame,
    /// It cannot take place.
    #[error("--{option} {value}: {problem}")]
    Option {
        /// Which option.
        option: &'static str,
        /// What was given.
        value: String,
        /// What is wrong with it, and what to give.
        problem: &'static str,
    },
}

/// Lets one vehicle charge; it leaves early when `stop` is set or the back end says so.
///
/// # Errors
/// When the back end cannot be reached, or refuses the charger or the driver.
pub async fn run(arguments: ChargeArguments, stop: &AtomicBool) -> Result<(), ChargeError> {
    let arguments = checked(arguments)?;
    let mut charger = Charger::connect(&arguments, stop).await?;
    charger.boots().await?;
    let (tag, is_remote) = match &arguments.tag {
        Some(tag) => (tag.clone(), false),
        None => (charger.waits().await?, true),
    };
    charger.charges(&arguments, &tag, is_remote).await
}

fn checked(arguments: ChargeArguments) -> Result<ChargeArguments, ChargeError> {
    let longest = SignedDuration::from_hours(24 * 7);
    let spans = [("charges", arguments.charges), ("stays", arguments.stays), ("every", arguments.every)];
    for (option, span) in spans {
        if span.is_negative() || span > longest {
            let problem = "give between 0s and 168h";
            return Err(ChargeError::Option { option, value: format!("{span:#}"), problem });
        }
    }
    if arguments.every < SignedDuration::from_secs(1) {
        let value = format!("{:#}", arguments.every);
        return Err(ChargeError::Option { option: "every", value, problem: "give 1s or more" });
    }
    Ok(arguments)
}

/// A charger that is connected.
struct Charger<'a> {
    line: Line<'a>,
    words: Words,
    clock: Clock,
}

impl<'a> Charger<'a> {
    async fn connect(arguments: &ChargeArguments, stop: &'a AtomicBool) -> Result<Self, LineError> {
        let line = Line::connect(&arguments.address, arguments.password.as_deref(), arguments.protocol, stop).await?;
        let words = Words::of(arguments.protocol, arguments.connector);
        Ok(Self { line, words, clock: Clock::system() })
    }

    async fn boots(&mut self) -> Result<(), ChargeError> {
        let (action, payload) = self.words.boot();
        let answer = self.line.call(action, &payload).await?;
        match answer["status"].as_str() {
            Some("Accepted") => Ok(()),
            status => Err(ChargeError::NotAccepted(status.unwrap_or("no status").to_owned())),
        }
    }

    /// Waits for somebody whom the back end lets start; their tag.
    async fn waits(&mut self) -> Result<String, ChargeError> {
        self.tell(Said::Plugged, self.clock.now(), 0).await?;
        println!("waiting for somebody who pays at the stall's page, or is let start by the operator (Ctrl-C ends)");
        match self.line.listen(None).await? {
            Some(Order::Start(tag)) => Ok(tag),
            Some(Order::Stop) | None => Err(ChargeError::NobodyCame),
        }
    }

    async fn charges(&mut self, arguments: &ChargeArguments, tag: &str, is_remote: bool) -> Result<(), ChargeError> {
        let pace = Pace::new(arguments.charges + arguments.stays, arguments.pace, self.clock.now());
        let stay = Stay::new(arguments, pace.begins_at());
        if !is_remote {
            self.tell(Said::Plugged, stay.begins_at, stay.register_wh).await?;
            let (action, payload) = self.words.authorize(tag);
            self.accepted(tag, action, &payload).await?;
        }
        let started = Said::Started { tag, is_remote };
        let mut refused = Ok(());
        for (action, payload) in self.words.say(&started, stay.begins_at, stay.register_wh) {
            refused = self.accepted(tag, action, &payload).await;
        }
        let (ended_at, end) = match refused {
            Ok(()) => self.stays(&stay, &pace).await?,
            Err(ChargeError::Refused { .. }) => (stay.begins_at, End::NotAllowed),
            Err(error) => return Err(error),
        };
        let register_wh = stay.register_at(ended_at);
        self.tell(Said::Ended(end), ended_at, register_wh).await?;
        self.tell(Said::Free, ended_at, register_wh).await?;
        println!("{} Wh from {:.0} to {ended_at:.0}", register_wh - stay.register_wh, stay.begins_at);
        refused
    }

    /// Everything between start and end; when and why it ended.
    async fn stays(&mut self, stay: &Stay, pace: &Pace) -> Result<(jiff::Timestamp, End), ChargeError> {
        for (at, happens) in stay.timetable() {
            if self.line.listen(Some(pace.on_the_wall(at))).await? == Some(Order::Stop) {
                return Ok((pace.now().clamp(stay.begins_at, stay.leaves_at()), End::Told));
            }
            if self.line.is_over() {
                return Ok((pace.now().clamp(stay.begins_at, stay.leaves_at()), End::Unplugged));
            }
            let said = match happens {
                Happens::Charges => Said::Charging,
                Happens::IsRead => Said::Reading,
                Happens::IsFull => Said::Full,
                Happens::Leaves => break,
            };
            self.tell(said, at, stay.register_at(at)).await?;
        }
        Ok((stay.leaves_at(), End::Unplugged))
    }

    async fn tell(&mut self, said: Said<'_>, at: jiff::Timestamp, register_wh: i64) -> Result<(), LineError> {
        for (action, payload) in self.words.say(&said, at, register_wh) {
            let answer = self.line.call(action, &payload).await?;
            self.words.hear(&answer);
        }
        Ok(())
    }

    /// Asks whether a driver may; says so when not.
    async fn accepted(&mut self, tag: &str, action: &str, payload: &serde_json::Value) -> Result<(), ChargeError> {
        let answer = self.line.call(action, payload).await?;
        self.words.hear(&answer);
        match Words::verdict(&answer) {
            Some("Accepted") | None => Ok(()),
            Some(status) => Err(ChargeError::Refused { tag: tag.to_owned(), status: status.to_owned() }),
        }
    }
}
