//! The price of a session while it runs: one more reading costs one reading, not the session.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Bill, Pricer, Surroundings, conclude, limits};
use crate::evidence::{Evidence, Fact};
use crate::site::Terms;
use crate::timeline::{Implausible, Timeline};
use crate::usage::Span;

/// A session's price, kept up to date as evidence comes in, in whatever order it comes.
///
/// It is always what [`super::assess`] says of the same evidence. A reading at the end, of a register that rose while the
/// vehicle charges, adds to what was priced before; whatever else comes has everything looked at anew.
#[derive(Debug, Clone)]
pub struct Running<'t> {
    terms: &'t Terms,
    zone: &'t TimeZone,
    around: Surroundings<'t>,
    started_at: Timestamp,
    evidence: Vec<Evidence>,
    timeline: Option<Timeline>,
    pricer: Pricer<'t>,
    /// Whether nothing that a further reading proves changes what was priced.
    is_settled: bool,
}

impl<'t> Running<'t> {
    /// The session that started at `started_at` (UTC), of which nothing is known yet. `zone` is that of the terms.
    #[must_use]
    pub fn new(started_at: Timestamp, around: Surroundings<'t>, terms: &'t Terms, zone: &'t TimeZone) -> Self {
        let pricer = Pricer::new(&terms.tariff, zone, started_at, None);
        let (evidence, timeline) = (Vec::new(), None);
        Self { terms, zone, around, started_at, evidence, timeline, pricer, is_settled: false }
    }

    /// Takes one more thing that the charger said.
    pub fn take(&mut self, evidence: Evidence) {
        let extended = self.is_settled && self.extend(&evidence);
        self.evidence.push(evidence);
        if !extended {
            self.look_anew();
        }
    }

    /// What is owed by now.
    ///
    /// # Errors
    /// When the evidence contradicts itself, or the start is not among it.
    pub fn bill(&self) -> Result<Bill, Implausible> {
        let timeline = self.timeline.as_ref().ok_or(Implausible::NoStart)?;
        if let Some(flaw) = timeline.flaw {
            return Err(flaw);
        }
        conclude(&self.pricer, timeline, self.around, self.terms, self.zone).map_err(|_| Implausible::TooLarge)
    }

    /// Adds the evidence, if it is a single reading that can only prolong the session's last stretch of charging.
    fn extend(&mut self, evidence: &Evidence) -> bool {
        let Fact::Meter { transaction, readings } = &evidence.fact else { return false };
        // Another transaction's readings are of another vehicle.
        let same =
            |known: &Evidence| matches!(&known.fact, Fact::Meter { transaction: known, .. } if known == transaction);
        if transaction.is_some() && !self.evidence.iter().any(same) {
            return false;
        }
        let ([reading], Some(timeline)) = (readings.as_slice(), &mut self.timeline) else { return false };
        // The instant of the evidence is a sign of life of its own, where it is not the reading's.
        let (true, Some(before)) = (evidence.at == reading.at, timeline.readings.last().copied()) else { return false };
        if !timeline.extend(*reading, limits(self.around, self.terms)) {
            return false;
        }
        self.pricer.advance(Span::charging(&before, reading));
        true
    }

    fn look_anew(&mut self) {
        let limits = limits(self.around, self.terms);
        self.timeline = Timeline::assemble(self.started_at, &self.evidence, limits);
        self.pricer = Pricer::new(&self.terms.tariff, self.zone, self.started_at, None);
        self.is_settled = false;
        if let Some(timeline) = &self.timeline {
            timeline.usage().into_iter().for_each(|span| self.pricer.advance(span));
            self.is_settled = timeline.is_charging(&self.evidence);
        }
    }
}
