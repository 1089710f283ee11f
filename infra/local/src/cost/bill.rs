//! From counts to dollars.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use super::fleet::Played;
use super::prices::Prices;
use super::{CostArguments, Ingest, Samples};
use crate::stack::Effects;

/// Hours of a month, as AWS's price pages count them.
const MONTH_HOURS: u64 = 730;
/// As in `infra/aws/template.yaml`: shards of the due-index, queues that functions look into and dead letters that `sweep` does.
const DUE_SHARDS: u64 = 8;
const QUEUES: u64 = 5;
const DEAD_LETTERS: u64 = 6;
/// A queue without messages is looked into by five connections that wait twenty seconds each.
const EMPTY_LOOKS_AN_HOUR: u64 = 5 * 3600 / 20;
/// The most messages of one request to a queue.
const A_REQUEST: u64 = 10;
const MILLION: u64 = 1_000_000;

/// One line of the bill, for a million sessions.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// What for.
    pub what: &'static str,
    /// How often, a session; of fixed costs a month.
    pub count: Decimal,
    /// USD a million sessions.
    pub usd: Decimal,
}

/// What a million sessions cost.
#[derive(Debug, Clone, Serialize)]
pub struct Bill {
    /// Where the prices hold.
    pub region: String,
    /// Since when.
    pub as_of: String,
    /// Sessions a month, over which fixed costs are spread.
    pub month: u64,
    /// Sessions that were played, and those that ended in money.
    pub sessions: u64,
    /// See `sessions`.
    pub closed: u64,
    /// The lines.
    pub lines: Vec<Line>,
    /// What each function does for a session.
    pub functions: Vec<Share>,
    /// USD a million sessions.
    pub usd: Decimal,
}

impl Bill {
    /// Prices what was counted.
    #[must_use]
    pub(super) fn of(played: &Played, arguments: &CostArguments, prices: &Prices) -> Self {
        let mut lines = Lines { sessions: Decimal::from(played.sessions.max(1)), lines: Vec::new() };
        messages(&mut lines, played, arguments, prices);
        functions(&mut lines, played, prices);
        fixed(&mut lines, arguments, prices);
        let usd = lines.lines.iter().map(|line| line.usd).sum::<Decimal>().round_dp(2);
        let (region, as_of) = (prices.region.clone(), prices.as_of.clone());
        let (sessions, closed) = (played.sessions, played.closed);
        let functions = played.done.iter().map(|(name, done)| Share::of(name, done, lines.sessions)).collect();
        Self { region, as_of, month: arguments.month, sessions, closed, lines: lines.lines, functions, usd }
    }
}

/// What one function does for a session, on average.
#[derive(Debug, Clone, Serialize)]
pub struct Share {
    /// Its name.
    pub function: &'static str,
    /// How often it runs.
    pub invocations: Decimal,
    /// Requests to the table.
    pub table_requests: Decimal,
    /// Write units of the table.
    pub write_units: Decimal,
    /// Read units of the table.
    pub read_units: Decimal,
    /// Requests to Stripe.
    pub stripe_requests: Decimal,
}

impl Share {
    fn of(function: &'static str, done: &Effects, sessions: Decimal) -> Self {
        let each = |counted: u64| (Decimal::from(counted) / sessions).round_dp(2).normalize();
        let tenths = |counted: u64| (Decimal::from(counted) / Decimal::TEN / sessions).round_dp(2).normalize();
        Self {
            function,
            invocations: each(done.invocations),
            table_requests: each(done.table_requests),
            write_units: tenths(done.write_unit_tenths),
            read_units: tenths(done.read_unit_tenths),
            stripe_requests: each(done.stripe_requests),
        }
    }
}

struct Lines {
    sessions: Decimal,
    lines: Vec<Line>,
}

impl Lines {
    /// So many of something were counted over all sessions played.
    fn counted(&mut self, what: &'static str, counted: impl Into<Decimal>, usd_per_million: Decimal) {
        let count = counted.into() / self.sessions;
        self.push(what, count, count * usd_per_million);
    }

    /// So many of something a month, whatever happens.
    fn monthly(&mut self, what: &'static str, count: impl Into<Decimal>, usd_per_million: Decimal, month: u64) {
        let count = count.into();
        let usd = count / Decimal::from(MILLION) * usd_per_million * Decimal::from(MILLION) / Decimal::from(month);
        self.push(what, count, usd);
    }

    fn push(&mut self, what: &'static str, count: Decimal, usd: Decimal) {
        if !count.is_zero() {
            self.lines.push(Line { what, count: count.round_dp(2).normalize(), usd: usd.round_dp(2) });
        }
    }
}

/// From the charger to the function.
fn messages(lines: &mut Lines, played: &Played, arguments: &CostArguments, prices: &Prices) {
    let price = &prices.usd_per_million;
    let to_chargers: u64 = played.done.values().map(|done| done.to_chargers).sum();
    let answered = if arguments.answering { to_chargers } else { 0 };
    let published = if arguments.ingest == Ingest::Broker { played.from_chargers } else { 0 };
    lines.counted("messages to the broker", published, price.iot_message);
    lines.counted("messages from the broker to chargers", answered, price.iot_message);
    lines.counted("rules", played.rules, price.iot_rule);
    lines.counted("actions of rules", played.actions, price.iot_action);
    // Taken and deleted ten at a time, in part-filled requests at the end of each batch.
    let taken = played.messages.div_ceil(A_REQUEST).max(played.batches) * 2;
    lines.counted("queue of charger messages", played.queued + taken, price.queue_request);
    lines.counted("records of the stream", played.streamed, price.stream_record);
}

/// What the functions do.
fn functions(lines: &mut Lines, played: &Played, prices: &Prices) {
    let price = &prices.usd_per_million;
    let work = || played.done.iter().filter(|(name, _)| **name != "sweep");
    let sum = |of: fn(&Effects) -> u64| work().map(|(_, done)| of(done)).sum::<u64>();
    let invocations = sum(|done| done.invocations);
    lines.counted("invocations", invocations, price.function_request);
    let gb_seconds: Decimal = work().map(|(name, done)| gb_seconds(name, done, prices)).sum();
    lines.counted("GB-seconds (waits assumed)", gb_seconds, price.function_gb_second);
    let tenths = |tenths: u64| Decimal::from(tenths) / Decimal::TEN;
    lines.counted("write units of the table", tenths(sum(|done| done.write_unit_tenths)), price.table_write_unit);
    lines.counted("read units of the table", tenths(sum(|done| done.read_unit_tenths)), price.table_read_unit);
    // What rings a function is taken and deleted as well.
    let rung = sum(|done| done.queue_requests);
    let taken: u64 = played.done.iter().filter(|(name, _)| **name == "settle").map(|(_, done)| done.invocations).sum();
    lines.counted("doorbells", rung + taken * 2, price.queue_request);
    lines.counted("alerts", sum(|done| done.alert_requests), price.alert_request);
    let logged = Decimal::from(invocations) * prices.log_bytes_per_invocation / Decimal::from(1_000_000_000);
    lines.counted("GB of logs", logged, prices.usd_per_gb_of_logs * Decimal::from(MILLION));
}

/// How long a function was busy with what it did, by the memory that it has.
fn gb_seconds(function: &str, done: &Effects, prices: &Prices) -> Decimal {
    let (assumed, usual) = (&prices.assumed_ms, prices.function_memory_mb);
    let memory = if function == "settle" { prices.settle_memory_mb } else { usual };
    // Less memory is less processor: only what waits for others takes as long as before.
    let ms = assumed.invocation * Decimal::from(done.invocations) * usual / memory
        + assumed.table_request * Decimal::from(done.table_requests)
        + assumed.queue_request * Decimal::from(done.queue_requests)
        + assumed.alert_request * Decimal::from(done.alert_requests)
        + assumed.to_charger * Decimal::from(done.to_chargers)
        + assumed.stripe_request * Decimal::from(done.stripe_requests);
    ms / Decimal::ONE_THOUSAND * memory / Decimal::from(1024)
}

/// What is paid for although nothing happens.
fn fixed(lines: &mut Lines, arguments: &CostArguments, prices: &Prices) {
    let (price, month) = (&prices.usd_per_million, arguments.month);
    let minutes = MONTH_HOURS * 60;
    lines.monthly("a month: runs of sweep", minutes, price.function_request, month);
    let reads = Decimal::from(minutes * DUE_SHARDS) / Decimal::TWO;
    lines.monthly("a month: sweep's look into the due-index", reads, price.table_read_unit, month);
    let looks = EMPTY_LOOKS_AN_HOUR * MONTH_HOURS * QUEUES + minutes / 5 * DEAD_LETTERS;
    lines.monthly("a month: looks into empty queues", looks, price.queue_request, month);
    if arguments.samples == Samples::Stream {
        let usd_per_million = prices.usd_per_stream_shard_hour * Decimal::from(MILLION);
        lines.monthly("a month: hours of a shard", MONTH_HOURS, usd_per_million, month);
    }
}

impl fmt::Display for Bill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, as_of, month, sessions, closed, .. } = self;
        writeln!(f, "{sessions} sessions played, {closed} ended in money; {month} a month, {region} as of {as_of}\n")?;
        writeln!(f, "{:<42} {:>12} {:>10}", "", "a session", "USD/million")?;
        for Line { what, count, usd } in &self.lines {
            writeln!(f, "{what:<42} {count:>12} {usd:>10}")?;
        }
        writeln!(f, "{:<42} {:>12} {:>10}\n", "", "", self.usd)?;
        let head = ["", "invocations", "table", "written", "read", "Stripe"];
        writeln!(f, "{:<16} {:>12} {:>8} {:>8} {:>8} {:>8}", head[0], head[1], head[2], head[3], head[4], head[5])?;
        for Share { function, invocations, table_requests, write_units, read_units, stripe_requests } in &self.functions
        {
            writeln!(
                f,
                "{function:<16} {invocations:>12} {table_requests:>8} {write_units:>8} {read_units:>8} {stripe_requests:>8}"
            )?;
        }
        Ok(())
    }
}
