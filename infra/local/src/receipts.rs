//! Receipts as JSON lines: what each session owes, line by line.

use std::io::Write;

use plugtill_domain::pricing::{Line, LineKind, Unit};
use plugtill_domain::session::{Outcome, Session};
use rust_decimal::Decimal;
use serde::Serialize;

#[derive(Serialize)]
struct Receipt<'a> {
    session_id: String,
    charger: &'a str,
    connector: u32,
    started_at: String,
    ended_at: Option<String>,
    energy_wh: i64,
    idle_seconds: i64,
    lines: Vec<ReceiptLine>,
    total_minor: i64,
    currency: &'static str,
    outcome: Outcome,
    reason: Option<String>,
}

#[derive(Serialize)]
struct ReceiptLine {
    kind: LineKind,
    quantity: Decimal,
    unit: Unit,
    amount_minor: i64,
}

impl<'a> From<&'a Session> for Receipt<'a> {
    fn from(session: &'a Session) -> Self {
        let bill = session.bill.as_ref();
        let ended_at = bill.map(|bill| bill.ended_at).or_else(|| session.stopped.as_ref().map(|stop| stop.at));
        Self {
            session_id: session.id.to_string(),
            charger: session.id.charger.as_str(),
            connector: session.id.connector.0,
            started_at: format!("{:.3}", session.id.started_at),
            ended_at: ended_at.map(|at| format!("{at:.3}")),
            energy_wh: bill.map_or(0, |bill| bill.energy.0),
            idle_seconds: bill.map_or(0, |bill| bill.total_idle_seconds),
            lines: bill.map_or_else(Vec::new, |bill| bill.lines.iter().map(ReceiptLine::from).collect()),
            total_minor: session.billed().minor(),
            currency: session.waived.currency().code(),
            outcome: session.outcome,
            reason: session.reason.as_ref().map(ToString::to_string),
        }
    }
}

impl From<&Line> for ReceiptLine {
    fn from(line: &Line) -> Self {
        let Line { kind, quantity, unit, amount, .. } = line;
        Self { kind: *kind, quantity: *quantity, unit: *unit, amount_minor: amount.minor() }
    }
}

/// Writes a line for each session.
///
/// # Errors
/// When the file cannot be written.
pub fn write(sessions: &[Session], out: &mut impl Write) -> std::io::Result<()> {
    for session in sessions {
        serde_json::to_writer(&mut *out, &Receipt::from(session))?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
