//! Restrictions that say nothing, and those that say something impossible.

use super::finding::FindingKind;
use super::hours::{Hours, LAST_MINUTE};
use super::json::Node;
use super::report::Report;
use super::restrictions::{Bounds, EVERY_DAY, Restrictions};
use super::tariff::Tariff;

/// Looks at the restrictions of each element by themselves.
pub(super) fn check(tariff: &Tariff<'_>, report: &mut Report) {
    for element in tariff.elements() {
        let restrictions = &element.restrictions;
        time_of_day(restrictions, report);
        dates(restrictions, report);
        days(restrictions, report);
        for bounds in &restrictions.bounds {
            quantity(bounds, report);
        }
    }
}

fn time_of_day(restrictions: &Restrictions<'_>, report: &mut Report) {
    let (start, end) = (restrictions.start_time.as_ref(), restrictions.end_time.as_ref());
    if let Some(end) = end.filter(|end| end.value == LAST_MINUTE) {
        let message = "`end_time` is 23:59, which leaves the last minute of the day out; write 00:00".to_owned();
        report.warning(end.node, FindingKind::NearEndOfDay, message);
    } else if let Some(first) = start.or(end).filter(|_| Hours::of(restrictions).is_whole_day()) {
        let message = format!("`{}`: the times are the whole day and restrict nothing; remove them", first.node.name());
        report.warning(first.node, FindingKind::NoEffect, message);
    }
    if let (Some(start), Some(end)) = (start, end)
        && start.value == end.value
        && start.value != 0
    {
        never(start.node, "`start_time` and `end_time` are the same", report);
    }
}

fn dates(restrictions: &Restrictions<'_>, report: &mut Report) {
    if let (Some(start), Some(end)) = (&restrictions.start_date, &restrictions.end_date)
        && start.value >= end.value
    {
        let message = format!("`end_date` {} no longer counts, and `start_date` is {}", end.value, start.value);
        never(end.node, &message, report);
    }
}

fn days(restrictions: &Restrictions<'_>, report: &mut Report) {
    if let Some(days) = restrictions.days.as_ref().filter(|days| days.value == EVERY_DAY) {
        let message = "`day_of_week` names every day and restricts nothing; remove it".to_owned();
        report.warning(days.node, FindingKind::NoEffect, message);
    }
}

fn quantity(bounds: &Bounds<'_>, report: &mut Report) {
    if let Some(min) = bounds.min.as_ref().filter(|min| min.value.is_zero()) {
        let message = format!("`{}` is 0 and restricts nothing; remove it", min.node.name());
        report.warning(min.node, FindingKind::NoEffect, message);
    }
    let Some(max) = &bounds.max else { return };
    let name = max.node.name();
    if max.value.is_zero() || max.value.is_sign_negative() {
        never(max.node, &format!("`{name}` is {}, and nothing is less", max.value), report);
    } else if let Some(min) = bounds.min.as_ref().filter(|min| min.value >= max.value) {
        let message = format!("`{name}` is {}, which `{}` {} has reached", max.value, min.node.name(), min.value);
        never(max.node, &message, report);
    }
}

fn never(node: &Node<'_>, why: &str, report: &mut Report) {
    let message = format!("{why}: the element never applies; correct the bounds or remove the element");
    report.warning(node, FindingKind::NeverApplies, message);
}
