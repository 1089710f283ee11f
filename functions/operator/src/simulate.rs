//! What other prices would have come to: the sessions of the last month, priced by a site file that is not in force.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::StoreError;
use plugtill_domain::evidence::{Evidence, Fact};
use plugtill_domain::ids::SiteId;
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Surroundings, assess};
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use serde::Serialize;

use crate::sites::checked;
use crate::{Desk, OrderError};

/// How far back sessions are looked at.
const DAYS: SignedDuration = SignedDuration::from_hours(31 * 24);
/// At most so many of a site, spread over that time: an answer has to be there within seconds.
const MOST: usize = 500;
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a site's sessions came to and would have come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Simulated {
    /// Which site.
    pub site: SiteId,
    /// How many sessions were priced.
    pub sessions: usize,
    /// How many could not be: without a bill or a stop, in another currency.
    pub left_out: usize,
    /// How many there are of which these are a sample; as many as were looked at where all were.
    pub of: usize,
    /// What they came to, before credits.
    pub before: Money,
    /// What they would have come to.
    pub after: Money,
    /// How many would have cost more.
    pub dearer: usize,
    /// How many would have cost less.
    pub cheaper: usize,
}

impl Desk {
    /// Prices the last month's sessions of every site in the file by what the file says. Nothing is changed.
    pub(crate) async fn simulate(&self, file: &str) -> Result<Vec<Simulated>, OrderError> {
        let mut simulated = Vec::new();
        for site in checked(file)? {
            simulated.push(self.simulate_site(&site).await?);
        }
        Ok(simulated)
    }

    async fn simulate_site(&self, site: &Site) -> Result<Simulated, StoreError> {
        let zero = Money::zero(site.terms.hold.currency());
        let (mut sum, since) = (Simulated::none(site, zero), self.clock.now() - DAYS);
        let mut sessions = Vec::new();
        for (charger, connector) in self.store.connectors(&site.id).await? {
            sessions.extend(self.store.sessions_since(&charger, connector, since).await?);
        }
        sessions.sort_by_key(|session| session.id.started_at);
        sum.of = sessions.len();
        for session in sessions.iter().step_by(sessions.len().div_ceil(MOST).max(1)) {
            let priced = self.priced_anew(session, site).await?;
            let both = priced.and_then(|(before, after)| {
                Some((sum.before.plus(before).ok()?, sum.after.plus(after).ok()?, before.minor(), after.minor()))
            });
            match both {
                None => sum.left_out += 1,
                Some((before, after, was, would)) => {
                    (sum.before, sum.after) = (before, after);
                    sum.sessions += 1;
                    sum.dearer += usize::from(would > was);
                    sum.cheaper += usize::from(would < was);
                }
            }
        }
        Ok(sum)
    }

    /// What a session came to and would have come to under what the site says now.
    async fn priced_anew(&self, session: &Session, site: &Site) -> Result<Option<(Money, Money)>, StoreError> {
        let (Some(bill), Some(stopped)) = (&session.bill, &session.stopped) else { return Ok(None) };
        let place = (&session.id.charger, session.id.connector);
        let again = coming(session.id.started_at, self.clock.now());
        let Some(index) = site.terms_at(place, session.id_tag(), again) else { return Ok(None) };
        let terms = site.terms_of(index);
        let frames = self.store.evidence(session).await?;
        let mut evidence: Vec<Evidence> = frames.into_iter().flat_map(|frame| frame.evidence).collect();
        evidence.push(Evidence { at: stopped.at, fact: Fact::Stopped(stopped.clone()) });
        let started_at = session.id.started_at;
        let occupied = self.store.occupied(site, &terms, (started_at, bill.ended_at)).await?;
        let around = Surroundings { occupied: &occupied, ..Surroundings::of(session.max_power) };
        Ok(assess(started_at, &evidence, around, &terms).bill.ok().map(|anew| (bill.total, anew.total)))
    }
}

/// When a session that started then would start if it came again in the week from `now` on: on the same weekday, at the
/// same hour, by what is valid by then.
fn coming(started_at: Timestamp, now: Timestamp) -> Timestamp {
    let ago = now.duration_since(started_at).as_secs().max(0).unsigned_abs();
    i32::try_from(ago.div_ceil(WEEK.as_secs().unsigned_abs())).map_or(now, |weeks| started_at + WEEK * weeks)
}

impl Simulated {
    fn none(site: &Site, zero: Money) -> Self {
        let site = site.id.clone();
        Self { site, sessions: 0, left_out: 0, of: 0, before: zero, after: zero, dearer: 0, cheaper: 0 }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_session_comes_again_within_a_week_on_its_weekday_at_its_hour() {
        let now: Timestamp = "2026-03-18T12:00:00Z".parse().unwrap();
        for (started_at, again) in [
            ("2026-03-16T07:00:00Z", "2026-03-23T07:00:00Z"),
            ("2026-02-16T07:00:00Z", "2026-03-23T07:00:00Z"),
            ("2026-03-18T12:00:00Z", "2026-03-18T12:00:00Z"),
            ("2026-03-18T11:59:59Z", "2026-03-25T11:59:59Z"),
        ] {
            assert_eq!(coming(started_at.parse().unwrap(), now), again.parse().unwrap(), "{started_at}");
        }
    }
}
