//! Times of the week at which something has no price.

use super::element::{DIMENSIONS, Dimension, Element};
use super::finding::FindingKind;
use super::hours::{DAY, Hours};
use super::report::Report;
use super::restrictions::{Bounds, DAYS, Restrictions};
use super::tariff::Tariff;

/// Minutes of a week.
const WEEK: usize = 7 * DAY as usize;

/// For each dimension that has prices by time of day and day of week alone: the first time it has none.
pub(super) fn check(tariff: &Tariff<'_>, report: &mut Report) {
    let Some(elements) = &tariff.elements else { return };
    for (_, dimension) in DIMENSIONS {
        let Some(gaps) = gaps(&elements.value, *dimension) else { continue };
        let Some((start, end)) = gaps.first() else { continue };
        let more = match gaps.len() {
            1 => String::new(),
            all => format!(" (the first of {all} such times a week)"),
        };
        let (name, span) = (dimension.name(), span(*start, *end));
        let message =
            format!("{name} has no price on {span}{more}; add an element, or write a price of 0 if it is free");
        report.warning(elements.node, FindingKind::GapInWeek, message);
    }
}

/// The uncovered spans, each within one day. None when the week is not what decides about the price.
fn gaps(elements: &[Element<'_>], dimension: Dimension) -> Option<Vec<(usize, usize)>> {
    let priced: Vec<_> = elements
        .iter()
        .filter(|element| element.component(dimension).is_some() && element.restrictions.reservation.is_none())
        .map(|element| &element.restrictions)
        .collect();
    if priced.is_empty() || !priced.iter().all(|restrictions| weekly(restrictions)) {
        return None;
    }
    let mut covered = vec![false; WEEK];
    for (start, end) in priced.iter().flat_map(|restrictions| Hours::meant(restrictions).spans().collect::<Vec<_>>()) {
        covered[start..end].fill(true);
    }
    covered.contains(&true).then(|| uncovered(&covered))
}

/// Whether only the time of the week decides.
fn weekly(restrictions: &Restrictions<'_>) -> bool {
    let free = |bounds: &Bounds<'_>| bounds.max.is_none() && bounds.min.as_ref().is_none_or(|min| min.value.is_zero());
    restrictions.understood
        && restrictions.start_date.is_none()
        && restrictions.end_date.is_none()
        && restrictions.bounds.iter().all(free)
}

fn uncovered(covered: &[bool]) -> Vec<(usize, usize)> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for minute in (0..WEEK).filter(|minute| !covered[*minute]) {
        match spans.last_mut() {
            Some((_, end)) if *end == minute && !minute.is_multiple_of(usize::from(DAY)) => *end += 1,
            _ => spans.push((minute, minute + 1)),
        }
    }
    spans
}

/// `SUNDAY 22:00-24:00`.
fn span(start: usize, end: usize) -> String {
    let day = start / usize::from(DAY);
    let clock = |minute: usize| format!("{:02}:{:02}", minute / 60, minute % 60);
    let midnight = day * usize::from(DAY);
    format!("{} {}-{}", DAYS[day].0, clock(start - midnight), clock(end - midnight))
}
