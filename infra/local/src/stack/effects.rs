//! What each function does, counted as AWS would bill it.

use std::collections::BTreeMap;

use super::Stack;

/// What a function has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effects {
    /// How often it ran.
    pub invocations: u64,
    /// Write capacity of the table, in tenths of a unit.
    pub write_unit_tenths: u64,
    /// Read capacity of the table, in tenths of a unit.
    pub read_unit_tenths: u64,
    /// Requests to the table.
    pub table_requests: u64,
    /// Requests to queues.
    pub queue_requests: u64,
    /// Requests to SNS.
    pub alert_requests: u64,
    /// Frames published for chargers.
    pub to_chargers: u64,
    /// Requests to Stripe.
    pub stripe_requests: u64,
}

impl Effects {
    fn since(self, before: Self) -> Self {
        Self {
            invocations: self.invocations - before.invocations,
            write_unit_tenths: self.write_unit_tenths - before.write_unit_tenths,
            read_unit_tenths: self.read_unit_tenths - before.read_unit_tenths,
            table_requests: self.table_requests - before.table_requests,
            queue_requests: self.queue_requests - before.queue_requests,
            alert_requests: self.alert_requests - before.alert_requests,
            to_chargers: self.to_chargers - before.to_chargers,
            stripe_requests: self.stripe_requests - before.stripe_requests,
        }
    }

    fn add(&mut self, more: Self) {
        self.invocations += more.invocations;
        self.write_unit_tenths += more.write_unit_tenths;
        self.read_unit_tenths += more.read_unit_tenths;
        self.table_requests += more.table_requests;
        self.queue_requests += more.queue_requests;
        self.alert_requests += more.alert_requests;
        self.to_chargers += more.to_chargers;
        self.stripe_requests += more.stripe_requests;
    }
}

/// Effects by function.
pub type Done = BTreeMap<&'static str, Effects>;

impl Stack {
    /// What was done so far, by whomever.
    pub(super) fn effects(&self) -> Effects {
        let usage = self.table.usage();
        Effects {
            invocations: 0,
            write_unit_tenths: usage.write_unit_tenths,
            read_unit_tenths: usage.read_unit_tenths,
            table_requests: usage.round_trips,
            queue_requests: self.queues.requests(),
            alert_requests: self.topics.requests(),
            to_chargers: self.broker.requests(),
            stripe_requests: self.stripe.requests(),
        }
    }

    /// What was done since `before` was done by `function`, in so many invocations.
    pub(super) fn did(&mut self, function: &'static str, invocations: usize, before: Effects) {
        let mut effects = self.effects().since(before);
        effects.invocations = invocations as u64;
        self.done.entry(function).or_default().add(effects);
    }
}
