//! How much goes wrong, by name.

use crate::stripe_simulator::Disturbance;

/// What goes wrong with the requests to one edge, each in per mille.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rates {
    /// Refused; at Stripe also answered with an error although it was done.
    pub(super) refused: u32,
    /// Lost before it was applied.
    pub(super) lost_before: u32,
    /// Applied, and the answer lost.
    pub(super) lost_after: u32,
    /// The function ends before it was applied.
    pub(super) died_before: u32,
    /// The function ends once it was applied.
    pub(super) died_after: u32,
    /// Applied, and the answer comes when the function's work has been handed to another one.
    pub(super) stalled: u32,
    /// Of questions to an index: it lags.
    pub(super) stale: u32,
}

impl Rates {
    const fn each(refused: u32, lost: u32, died: u32) -> Self {
        let (stalled, stale) = (0, 0);
        Self { refused, lost_before: lost, lost_after: lost, died_before: died, died_after: died, stalled, stale }
    }

    const fn late(self, stalled: u32, stale: u32) -> Self {
        Self { stalled, stale, ..self }
    }
}

/// What goes wrong between a charger and the queue, each in per mille of the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Carriage {
    /// Arrives again, up to an hour later.
    pub(super) duplicated: u32,
    /// Arrives up to two minutes later, and so out of order.
    pub(super) reordered: u32,
    /// Arrives up to six hours later.
    pub(super) delayed: u32,
    /// Never arrives.
    pub(super) dropped: u32,
}

/// The families of faults and how often they strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    pub(super) table: Rates,
    pub(super) queues: Rates,
    pub(super) topics: Rates,
    pub(super) broker: Rates,
    pub(super) stripe: Rates,
    /// In per mille of holds and of charges.
    pub(super) declines: u32,
    pub(super) webhooks: Webhooks,
    pub(super) carriage: Carriage,
    /// Runs in which a service does not answer for hours, in per mille of each service.
    pub(super) outages: u32,
    /// Items are written as older and later versions write them, by turns.
    pub(super) mixed_versions: bool,
    /// Sessions of chargers that misbehave, in per mille.
    pub(super) misbehaving: u32,
}

/// What goes wrong with Stripe's events on their way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Webhooks {
    duplicated_percent: u8,
    dropped_percent: u8,
    held_up_to_seconds: u32,
}

impl Webhooks {
    pub(super) const fn disturbance(self, seed: u64) -> Disturbance {
        let Self { duplicated_percent, dropped_percent, held_up_to_seconds } = self;
        Disturbance { duplicated_percent, dropped_percent, held_up_to_seconds, seed }
    }
}

const NONE: Rates = Rates::each(0, 0, 0);
const WELL_CARRIED: Carriage = Carriage { duplicated: 0, reordered: 0, delayed: 0, dropped: 0 };
const BADLY_CARRIED: Carriage = Carriage { duplicated: 60, reordered: 120, delayed: 20, dropped: 15 };
const PROMPT: Webhooks = Webhooks { duplicated_percent: 0, dropped_percent: 0, held_up_to_seconds: 0 };
const DISORDERLY: Webhooks = Webhooks { duplicated_percent: 20, dropped_percent: 20, held_up_to_seconds: 14_400 };

/// Nothing goes wrong.
const CALM: Profile = Profile {
    name: "calm",
    table: NONE,
    queues: NONE,
    topics: NONE,
    broker: NONE,
    stripe: NONE,
    declines: 0,
    webhooks: PROMPT,
    carriage: WELL_CARRIED,
    outages: 0,
    mixed_versions: false,
    misbehaving: 0,
};

impl Profile {
    /// Every profile: three of everything, then one a family.
    pub const ALL: [Self; 12] = [
        CALM,
        Self {
            name: "rough",
            table: Rates::each(4, 2, 1).late(2, 30),
            queues: Rates::each(10, 10, 2),
            topics: Rates::each(50, 20, 10),
            broker: Rates::each(0, 20, 5),
            stripe: Rates::each(30, 15, 5).late(20, 0),
            declines: 30,
            webhooks: DISORDERLY,
            carriage: BADLY_CARRIED,
            outages: 50,
            mixed_versions: false,
            misbehaving: 200,
        },
        Self {
            name: "storm",
            table: Rates::each(20, 8, 4).late(6, 150),
            queues: Rates::each(60, 40, 10),
            topics: Rates::each(200, 100, 40),
            broker: Rates::each(0, 100, 20),
            stripe: Rates::each(120, 60, 20).late(60, 0),
            declines: 150,
            webhooks: DISORDERLY,
            carriage: Carriage { duplicated: 150, reordered: 250, delayed: 60, dropped: 50 },
            outages: 150,
            mixed_versions: true,
            misbehaving: 600,
        },
        Self { name: "table", table: Rates::each(20, 10, 0), ..CALM },
        Self { name: "stripe", stripe: Rates::each(120, 60, 0), declines: 150, webhooks: DISORDERLY, ..CALM },
        Self {
            name: "queues",
            queues: Rates::each(80, 50, 0),
            topics: Rates::each(150, 80, 0),
            broker: Rates::each(0, 80, 0),
            ..CALM
        },
        Self {
            name: "crashes",
            table: Rates::each(0, 0, 12),
            queues: Rates::each(0, 0, 30),
            topics: Rates::each(0, 0, 60),
            broker: Rates::each(0, 0, 40),
            stripe: Rates::each(0, 0, 50),
            ..CALM
        },
        Self { name: "slow", table: NONE.late(20, 200), stripe: NONE.late(150, 0), webhooks: DISORDERLY, ..CALM },
        Self { name: "versions", mixed_versions: true, table: Rates::each(4, 2, 2), ..CALM },
        Self { name: "outages", outages: 400, ..CALM },
        Self { name: "carriage", carriage: BADLY_CARRIED, ..CALM },
        Self { name: "chargers", misbehaving: 700, ..CALM },
    ];

    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }
}
