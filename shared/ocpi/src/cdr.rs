//! Charge detail records (OCPI 2.2.1, module CDRs): what a finished session was and cost, for a roaming partner.
//!
//! A session gives one CDR. Each credit note after it gives a credit CDR of the whole, and a new CDR of what is left:
//! "as CDRs are used for billing and can be seen as a kind of invoice, they cannot be deleted" (Credit CDRs).

mod costs;
mod record;
mod tariff;

use jiff::Timestamp;
use plugtill_domain::checkout::is_token;
use plugtill_domain::credit::Credit;
use plugtill_domain::ids::SessionId;
use plugtill_domain::pricing::{Bill, LineKind, Period};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::site::{Roaming, Site, Terms};
use plugtill_domain::units::seconds_between;
use plugtill_domain::usage::Mode;
use rust_decimal::Decimal;

use costs::Costs;
pub use record::Cdr;
use record::{ChargingPeriod, Coordinates, Dimension, Location, Number, Price, Token};
use tariff::Tariff;

/// The longest id of a session that OCPI takes; a longer one is left out, which the standard allows to those who do not
/// offer the Sessions module.
const LONGEST_ID: usize = 36;

/// What a CDR is made of.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Settled.
    pub session: &'a Session,
    /// The terms it was pinned to.
    pub terms: &'a Terms,
    /// Its stretches, as [`plugtill_domain::pricing::periods`] tells them of the evidence that was billed.
    pub periods: &'a [Period],
    /// Its site.
    pub site: &'a Site,
}

/// Why a session has no CDR.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CdrError {
    /// It has not ended in money.
    #[error("session {0} is not settled: there is nothing to bill a partner for yet")]
    NotSettled(SessionId),
    /// The site says nothing about itself for partners.
    #[error("site `{0}`: roaming is missing: give country_code, party_id, address and plugs there")]
    NoRoaming(String),
}

/// The CDRs of a session as of `now`: what it came to first, then two for each credit note, but one where nothing is left.
///
/// # Errors
/// When it is not settled, or the site says nothing about itself for partners.
pub fn cdrs(source: Source<'_>, now: Timestamp) -> Result<Vec<Cdr>, CdrError> {
    let Source { session, site, .. } = source;
    let not_settled = || CdrError::NotSettled(session.id.clone());
    let settled = !matches!(session.outcome, Outcome::Open | Outcome::Quarantined);
    let bill = session.bill.as_ref().filter(|_| settled).ok_or_else(not_settled)?;
    let id = session.receipt_number.as_ref().ok_or_else(not_settled)?;
    let roaming = site.roaming.as_ref().ok_or_else(|| CdrError::NoRoaming(site.id.to_string()))?;
    let mut costs = Costs::of(bill);
    let mut last = source.record(roaming, bill, id.clone(), &costs, now);
    let mut all = vec![last.clone()];
    for (index, credit) in session.credits.iter().enumerate() {
        all.push(last.credited(credit));
        costs.give_back(credit);
        if costs.total().is_zero() {
            break;
        }
        last = source.record(roaming, bill, format!("{id}-{}", index + 2), &costs, credit.at);
        all.push(last.clone());
    }
    Ok(all)
}

impl Cdr {
    /// The credit CDR of this one: "only the values in the `total_cost` field SHALL contain the negative amounts".
    fn credited(&self, credit: &Credit) -> Self {
        let Price { excl_vat, incl_vat } = self.total_cost;
        Self {
            id: format!("{}-C", self.id),
            total_cost: Price { excl_vat: Number(-excl_vat.0), incl_vat: Number(-incl_vat.0) },
            remark: Some(shortened(&credit.reason)),
            credit: Some(true),
            credit_reference_id: Some(self.id.clone()),
            last_updated: instant(credit.at),
            ..self.clone()
        }
    }
}

impl Source<'_> {
    fn record(self, roaming: &Roaming, bill: &Bill, id: String, costs: &Costs, at: Timestamp) -> Cdr {
        let Self { session, terms, site, .. } = self;
        let (country_code, party_id) = (roaming.country_code.clone(), roaming.party_id.clone());
        let session_id = session.id.to_string();
        let ended_at = bill.idle.last().map_or(bill.ended_at, |span| span.to.max(bill.ended_at));
        let idle = self.seconds_of(Mode::Idle);
        Cdr {
            start_date_time: instant(session.id.started_at),
            end_date_time: instant(ended_at),
            session_id: Some(session_id).filter(|id| id.len() <= LONGEST_ID),
            cdr_token: self.token(roaming),
            auth_method: "WHITELIST",
            cdr_location: self.location(roaming, site),
            currency: bill.total.currency().code(),
            tariffs: [Tariff::of(terms, (&country_code, &party_id), session.id.started_at)],
            charging_periods: self.periods.iter().map(|period| self.period(period)).collect(),
            total_cost: costs.total().into(),
            total_fixed_cost: costs.of_kinds(&[LineKind::Flat]).map(Price::from),
            total_energy: Number(bill.energy.to_kwh()),
            total_energy_cost: costs.of_kinds(&[LineKind::Energy]).map(Price::from),
            total_time: hours(seconds_between(session.id.started_at, ended_at)),
            total_time_cost: costs.of_kinds(&[LineKind::Time]).map(Price::from),
            total_parking_time: hours(idle),
            total_parking_cost: costs.of_kinds(&[LineKind::Parking, LineKind::Idle]).map(Price::from),
            total_reservation_cost: costs.of_kinds(&[LineKind::Reservation]).map(Price::from),
            remark: self.remark(bill),
            invoice_reference_id: session.receipt_number.clone().unwrap_or_default(),
            credit: None,
            credit_reference_id: None,
            last_updated: instant(at),
            country_code,
            party_id,
            id,
        }
    }

    fn token(self, roaming: &Roaming) -> Token {
        let tag = &self.session.started.id_tag;
        let uid = tag.as_str().to_owned();
        Token {
            country_code: roaming.country_code.clone(),
            party_id: roaming.party_id.clone(),
            kind: if is_token(tag) { "AD_HOC_USER" } else { "RFID" },
            contract_id: uid.clone(),
            uid,
        }
    }

    fn location(self, roaming: &Roaming, site: &Site) -> Location {
        let SessionId { charger, connector, .. } = &self.session.id;
        let evse_id = roaming.evse_id(charger, *connector);
        Location {
            id: site.id.to_string(),
            name: site.name.clone(),
            address: roaming.address.clone(),
            city: roaming.city.clone(),
            postal_code: roaming.postal_code.clone(),
            country: roaming.country.clone(),
            coordinates: Coordinates { latitude: roaming.latitude.clone(), longitude: roaming.longitude.clone() },
            evse_uid: evse_id.chars().take(LONGEST_ID).collect(),
            evse_id,
            connector_id: connector.to_string(),
            connector_standard: roaming.connector_standard.clone(),
            connector_format: roaming.connector_format,
            connector_power_type: roaming.connector_power_type,
        }
    }

    fn seconds_of(self, mode: Mode) -> i64 {
        self.periods.iter().filter(|period| period.mode == mode).map(|period| period.seconds).sum()
    }

    /// Time for which the station withheld power is neither charging nor parking: such a period has energy only.
    fn period(self, period: &Period) -> ChargingPeriod {
        let energy = Number(period.energy.to_kwh());
        let time = match period.mode {
            Mode::Charging => Some(("TIME", hours(period.seconds))),
            Mode::Idle => Some(("PARKING_TIME", hours(period.seconds))),
            Mode::Withheld => None,
        };
        let (power, current) = period.power;
        let kilo = |thousandths: u32| Number(Decimal::new(thousandths.into(), 3));
        let asked = self.terms.tariff.elements.iter().any(|element| element.restrictions.depends_on_power());
        let power = asked.then(|| kilo(power.0));
        let current = current.filter(|_| asked).map(|current| kilo(current.0));
        let told = [("MIN_POWER", power), ("MAX_POWER", power), ("MIN_CURRENT", current), ("MAX_CURRENT", current)];
        let told = told.into_iter().filter_map(|(kind, volume)| Some((kind, volume?)));
        let flowed = Some(("ENERGY", energy)).filter(|_| period.energy.0 > 0 || time.is_none());
        let all = time.into_iter().chain(flowed).chain(told);
        ChargingPeriod {
            start_date_time: instant(period.from),
            dimensions: all.map(|(kind, volume)| Dimension { kind, volume }).collect(),
            tariff_id: self.terms.tariff.id.clone(),
        }
    }

    /// Whatever a partner who recomputes the record from its tariff could not find.
    fn remark(self, bill: &Bill) -> Option<String> {
        let mut said = Vec::new();
        let idle = bill.amount_of(LineKind::Idle);
        if !idle.is_zero() {
            said.push(format!("total_parking_cost holds an idle fee of {idle} by the site's policy"));
        }
        if self.terms.tariff.tax_included {
            said.push("drivers' prices include tax; those here are without, to four decimals".to_owned());
        }
        if bill.is_not_charged() {
            said.push("too short or too little energy to be charged for".to_owned());
        }
        (!said.is_empty()).then(|| shortened(&said.join("; ")))
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(255).collect()
}

/// OCPI `DateTime`: UTC, to the second.
fn instant(at: Timestamp) -> String {
    format!("{at:.0}")
}

fn hours(seconds: i64) -> Number {
    Number(Decimal::from(seconds) / Decimal::from(3_600))
}
