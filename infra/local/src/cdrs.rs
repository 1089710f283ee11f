//! OCPI CDRs as JSON lines, of every session that ended in money.

use std::io::Write;

use plugtill_adapters::store::StoreError;
use plugtill_domain::pricing::{Surroundings, periods};
use plugtill_domain::session::Outcome;
use plugtill_domain::site::Site;
use plugtill_ocpi::cdr::{CdrError, Source, cdrs};

use crate::stack::Stack;
use crate::summary::{Accounts, evidence_of};

/// Why there are no CDRs.
#[derive(Debug, thiserror::Error)]
pub enum CdrsError {
    /// The table does not answer.
    #[error("the table does not answer: {0}")]
    Store(#[from] StoreError),
    /// A session has none.
    #[error(transparent)]
    Cdr(#[from] CdrError),
    /// They cannot be written.
    #[error("the CDRs cannot be written: {0}")]
    Unwritable(#[from] std::io::Error),
    /// One cannot be put as JSON.
    #[error("a CDR cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// Writes the CDRs of every settled session, corrections after what they correct. Sessions that are still open, and those
/// that wait for a person to look at them, have none yet.
///
/// # Errors
/// When the table does not answer, a site says nothing of itself for partners, or `out` fails.
pub async fn write(stack: &Stack, accounts: &Accounts, sites: &[Site], out: &mut impl Write) -> Result<(), CdrsError> {
    let settled = |outcome: Outcome| !matches!(outcome, Outcome::Open | Outcome::Quarantined);
    for session in accounts.sessions.iter().filter(|session| session.bill.is_some() && settled(session.outcome)) {
        let Some(site) = sites.iter().find(|site| site.id == session.site) else { continue };
        let evidence = evidence_of(stack, session).await?;
        let terms = stack.terms(&session.terms).await?;
        let periods = periods(session.id.started_at, &evidence, Surroundings::of(session.max_power), &terms);
        for cdr in cdrs(Source { session, terms: &terms, periods: &periods, site }, stack.clock.now())? {
            serde_json::to_writer(&mut *out, &cdr)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(out.flush()?)
}
