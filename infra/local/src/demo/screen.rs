//! The live table: a few rows on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal, Write};

use plugtill_domain::money::Money;
use plugtill_domain::units::WattHours;
use ratatui::layout::Constraint;
use ratatui::style::Style;
use ratatui::widgets::{Block, Row, Table};
use ratatui::{DefaultTerminal, TerminalOptions, Viewport};

use crate::summary::Summary;

const ROWS: u16 = 11;

/// Where the figures go.
pub(super) enum Screen {
    Table(Box<DefaultTerminal>),
    Lines,
}

impl Screen {
    /// A table on a terminal, lines into a file or pipe.
    pub(super) fn open() -> Self {
        if !io::stdout().is_terminal() {
            return Self::Lines;
        }
        let options = TerminalOptions { viewport: Viewport::Inline(ROWS) };
        // Ctrl-C stays a signal: raw mode is for programs that read keys.
        match ratatui::try_init_with_options(options) {
            Ok(terminal) => {
                let _ = ratatui::crossterm::terminal::disable_raw_mode();
                Self::Table(Box::new(terminal))
            }
            Err(_) => Self::Lines,
        }
    }

    /// Shows the figures as they are at `time`.
    pub(super) fn show(&mut self, time: &str, summary: &Summary) -> io::Result<()> {
        match self {
            Self::Table(terminal) => terminal
                .draw(|frame| {
                    let title = format!(" plugtill, the till at the plug: {time}, Ctrl-C for the report ");
                    let widths = [Constraint::Length(16), Constraint::Length(22), Constraint::Min(30)];
                    let table = Table::new(rows(summary), widths)
                        .header(Row::new(["", "sessions", "money"]).style(Style::new().bold()))
                        .block(Block::bordered().title(title));
                    frame.render_widget(table, frame.area());
                })
                .map(drop),
            Self::Lines => writeln!(io::stdout(), "{}", line(time, summary)),
        }
    }

    /// Leaves the terminal as it was.
    pub(super) fn close(self) {
        if let Self::Table(_) = self {
            ratatui::restore();
            println!();
        }
    }
}

fn rows(summary: &Summary) -> Vec<Row<'static>> {
    let sessions = &summary.sessions;
    let money = summary.money.first();
    let show = |minor: Option<i64>| match (minor, money) {
        (Some(minor), Some(money)) => Money::new(minor, money.currency).to_string(),
        _ => "-".to_owned(),
    };
    let row = |name: &str, count: String, money: String| Row::new([name.to_owned(), count, money]);
    let energy = format!("{} kWh", WattHours(summary.energy_wh).to_kwh());
    vec![
        row("billed", sessions.total.to_string(), show(money.map(|m| m.billed_minor))),
        row("captured", sessions.captured.to_string(), show(money.map(|m| m.captured_minor))),
        row("waived", sessions.waived.to_string(), show(money.map(|m| m.waived_minor))),
        row("uncollectable", sessions.uncollectable.to_string(), show(money.map(|m| m.uncollectable_minor))),
        row("open", sessions.open.to_string(), show(money.map(|m| m.open_minor))),
        row("energy", String::new(), energy),
        row("messages", summary.messages.received.to_string(), format!("{} quarantined", summary.messages.quarantined)),
        row("alerts", format!("{} SMS", summary.alerts.sms), format!("{} e-mail", summary.alerts.email)),
    ]
}

fn line(time: &str, summary: &Summary) -> String {
    let sessions = &summary.sessions;
    let captured = summary.money.first().map(|money| Money::new(money.captured_minor, money.currency).to_string());
    format!(
        "{time}  {} sessions ({} open), {} kWh, {} captured, {} alerts",
        sessions.total,
        sessions.open,
        WattHours(summary.energy_wh).to_kwh(),
        captured.unwrap_or_else(|| "nothing".to_owned()),
        summary.alerts.sms,
    )
}
