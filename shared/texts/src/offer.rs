//! What charging costs, in words: in the order and with the parts that an [`Offer`] has.

use plugtill_domain::language::Language;
use plugtill_domain::offer::{IdleFee, Offer, Price};
use plugtill_domain::tariff::Dimension;
use rust_decimal::Decimal;

use crate::bill::conditions;
use crate::catalogue::{Args, text};
use crate::figures::{amount, number};

/// Digits of a price in major units that are shown at least, and at most.
const DIGITS: (u32, u32) = (2, 4);

/// An offer in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// In the order in which they are to be told.
    pub prices: Vec<PriceTag>,
    /// What holds for the whole.
    pub notes: Vec<String>,
    /// What a vehicle costs that has charged and stays; empty where it costs nothing.
    pub idle: Vec<String>,
    /// A session as an example, and what it costs.
    pub example: Option<(String, String)>,
    /// What is reserved on the card before charging starts.
    pub held: String,
}

/// One price in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTag {
    /// With its currency, taxes included.
    pub amount: String,
    /// For how much of what.
    pub per: String,
    /// When it holds; empty for always.
    pub when: Vec<String>,
}

impl Offered {
    /// An offer in a language.
    #[must_use]
    pub fn of(language: Language, offer: &Offer<'_>) -> Self {
        let teller = Teller { language, offer };
        Self {
            prices: offer.prices.iter().map(|price| teller.tag(price)).collect(),
            notes: teller.notes(),
            idle: offer.idle.as_ref().map(|fee| teller.staying(fee)).unwrap_or_default(),
            example: teller.example(),
            held: amount(language, offer.held),
        }
    }
}

impl std::fmt::Display for PriceTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount, self.per)
    }
}

struct Teller<'a> {
    language: Language,
    offer: &'a Offer<'a>,
}

impl Teller<'_> {
    fn say(&self, name: &str, args: &Args<'_>) -> String {
        text(self.language, name, args)
    }

    fn price(&self, major: Decimal) -> String {
        let mut shown = major.round_dp(DIGITS.1).normalize();
        if shown.scale() < DIGITS.0 {
            shown.rescale(DIGITS.0);
        }
        format!("{} {}", number(self.language, &shown), self.offer.terms.tariff.currency)
    }

    fn tag(&self, price: &Price<'_>) -> PriceTag {
        let per = match price.dimension {
            Dimension::Energy => "offer-energy",
            Dimension::Time => "offer-time",
            Dimension::Flat => "offer-flat",
            Dimension::ParkingTime => "offer-parking",
        };
        PriceTag {
            amount: self.price(price.each),
            per: self.say(per, &[]),
            when: conditions(self.language, price.restrictions),
        }
    }

    fn notes(&self) -> Vec<String> {
        let terms = self.offer.terms;
        let bound =
            |name, limit: Option<Decimal>| limit.map(|limit| self.say(name, &[("amount", self.price(limit).into())]));
        let bounds = [bound("offer-at-least", self.offer.at_least), bound("offer-at-most", self.offer.at_most)];
        let mut notes: Vec<String> = bounds.into_iter().flatten().collect();
        if let Some(least) = terms.no_charge_below {
            let kwh = number(self.language, &least.kwh.normalize());
            notes.push(self.say("offer-too-small", &[("seconds", least.seconds.into()), ("kwh", kwh.into())]));
        }
        let of_tax = |percent: Decimal, name: &str| format!("{} % {name}", number(self.language, &percent.normalize()));
        let taxes: Vec<String> = terms.taxes.iter().map(|tax| of_tax(tax.percent, &tax.name)).collect();
        notes.push(if taxes.is_empty() {
            self.say("offer-with-taxes", &[])
        } else {
            let and = format!(" {} ", self.say("offer-and", &[]));
            self.say("offer-with", &[("taxes", taxes.join(&and).into())])
        });
        notes
    }

    fn staying(&self, fee: &IdleFee<'_>) -> Vec<String> {
        let policy = fee.policy;
        let when = policy.after_connected_minutes.map_or_else(
            || self.say("offer-idle-after", &[("minutes", policy.grace_minutes.into())]),
            |minutes| self.say("offer-idle-connected", &[("minutes", minutes.into())]),
        );
        let step = |(percent, price): &(Option<u8>, Decimal)| {
            let (amount, when) = (self.price(*price), when.as_str());
            match percent {
                None => self.say("offer-idle", &[("amount", amount.into()), ("when", when.into())]),
                Some(percent) => {
                    let args = [("amount", amount.into()), ("when", when.into()), ("percent", (*percent).into())];
                    self.say("offer-idle-occupied", &args)
                }
            }
        };
        let mut rules: Vec<String> = fee.steps.iter().map(step).collect();
        for quiet in &policy.quiet_hours {
            let (from, until) = (quiet.from.strftime("%H:%M").to_string(), quiet.until.strftime("%H:%M").to_string());
            rules.push(self.say("offer-quiet", &[("from", from.into()), ("until", until.into())]));
        }
        let waived = policy.waived_if_moved_within_minutes;
        rules.extend(waived.map(|minutes| self.say("offer-waived", &[("minutes", minutes.into())])));
        rules.extend(fee.cap.map(|cap| self.say("offer-cap", &[("amount", self.price(cap).into())])));
        rules
    }

    fn example(&self) -> Option<(String, String)> {
        let example = self.offer.example.as_ref()?;
        let kwh = number(self.language, &example.energy.to_kwh().normalize());
        let words = self.say("offer-example", &[("kwh", kwh.into()), ("minutes", example.minutes.into())]);
        Some((words, amount(self.language, example.total)))
    }
}
