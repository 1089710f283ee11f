//! The least that still breaks: sessions, faults and messages are left out while the same invariant fails.

use std::collections::BTreeSet;
use std::fmt;

use super::SimulateError;
use super::carriage::Arrival;
use super::plan::{Fault, Met, Place, Source};
use super::run::{Ran, run};
use super::world::World;

/// The most runs that are tried.
const TRIES: usize = 500;

/// What is left of a failing run.
pub(super) struct Story {
    arrivals: Vec<Arrival>,
    ran: Ran,
}

/// Shrinks a world of which `ran` came.
pub(super) async fn shrink(world: World, ran: Ran) -> Result<Story, SimulateError> {
    let invariant = ran.broken.first().map_or("", |broken| broken.invariant);
    let faults = ran.met.iter().map(|met| (met.place, met.fault)).collect();
    let mut search = Search { world, faults, ran, invariant, tries: 0 };
    let visits: BTreeSet<usize> = search.world.arrivals.iter().map(|arrival| arrival.visit).collect();
    for visit in visits {
        let arrivals = search.world.arrivals.iter().filter(|arrival| arrival.visit != visit).cloned().collect();
        search.attempt(arrivals, search.faults.clone()).await?;
    }
    search.fewer_faults().await?;
    search.fewer_messages().await?;
    search.fewer_faults().await?;
    Ok(Story { arrivals: search.world.arrivals, ran: search.ran })
}

struct Search {
    world: World,
    faults: Vec<(Place, Fault)>,
    ran: Ran,
    invariant: &'static str,
    tries: usize,
}

impl Search {
    /// Keeps the smaller world where it fails in the same way.
    async fn attempt(&mut self, arrivals: Vec<Arrival>, faults: Vec<(Place, Fault)>) -> Result<bool, SimulateError> {
        if self.tries >= TRIES {
            return Ok(false);
        }
        self.tries += 1;
        let before = std::mem::replace(&mut self.world.arrivals, arrivals);
        self.world.faults = Source::Given(faults.iter().copied().collect());
        let ran = Box::pin(run(&self.world, None)).await?;
        let fails = ran.broken.first().is_some_and(|broken| broken.invariant == self.invariant);
        if fails {
            (self.faults, self.ran) = (faults, ran);
        } else {
            self.world.arrivals = before;
        }
        Ok(fails)
    }

    async fn fewer_faults(&mut self) -> Result<(), SimulateError> {
        let mut size = self.faults.len();
        while size > 0 {
            let mut from = 0;
            while from < self.faults.len() {
                let fewer = without(&self.faults, from, size);
                if !self.attempt(self.world.arrivals.clone(), fewer).await? {
                    from += size;
                }
            }
            size /= 2;
        }
        Ok(())
    }

    async fn fewer_messages(&mut self) -> Result<(), SimulateError> {
        let mut size = self.world.arrivals.len() / 2;
        while size > 0 {
            let mut from = 0;
            while from < self.world.arrivals.len() {
                let fewer = without(&self.world.arrivals, from, size);
                if !self.attempt(fewer, self.faults.clone()).await? {
                    from += size;
                }
            }
            size /= 2;
        }
        Ok(())
    }
}

fn without<T: Clone>(all: &[T], from: usize, size: usize) -> Vec<T> {
    let left_out = from..from.saturating_add(size);
    all.iter().enumerate().filter(|(index, _)| !left_out.contains(index)).map(|(_, one)| one.clone()).collect()
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<_> = self.arrivals.iter().map(|it| (it.at, format!("{} {}", it.at, it.line))).collect();
        lines.extend(self.ran.met.iter().map(|met: &Met| (met.at, met.to_string())));
        lines.sort_by_key(|(at, _)| *at);
        for (_, line) in lines {
            writeln!(f, "  {line}")?;
        }
        for session in &self.ran.sessions {
            let (outcome, reason, billed) = (session.outcome, &session.reason, session.billed());
            writeln!(f, "  session {}: {outcome:?}, {reason:?}, billed {billed}", session.id)?;
            for payment in &session.payments {
                writeln!(f, "    {:?} {} {:?} {:?}", payment.purpose, payment.amount, payment.intent, payment.state)?;
            }
        }
        for broken in &self.ran.broken {
            writeln!(f, "  {broken}")?;
        }
        Ok(())
    }
}
