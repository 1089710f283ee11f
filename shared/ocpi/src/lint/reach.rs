//! Prices that never come up, because an earlier one is always found first.
//!
//! The first element that matches and has a component of a dimension prices it (OCPI 2.2.1, Tariff object).

use rust_decimal::Decimal;

use super::element::{Component, Dimension, Element};
use super::finding::FindingKind;
use super::hours::Hours;
use super::report::Report;
use super::restrictions::{Bounds, Restrictions};
use super::tariff::Tariff;
use super::values::Read;

/// Looks for elements and components that earlier ones leave nothing for.
pub(super) fn check(tariff: &Tariff<'_>, report: &mut Report) {
    for (index, element) in tariff.elements().iter().enumerate() {
        repeated(element, report);
        let earlier = &tariff.elements()[..index];
        let shadows: Vec<_> = element.components.iter().map(|component| shadow(component, element, earlier)).collect();
        match shadows.iter().flatten().next() {
            Some(first) if shadows.iter().all(Option::is_some) => whole(element, first, report),
            _ => some(element, &shadows, report),
        }
    }
}

fn whole(element: &Element<'_>, by: &Element<'_>, report: &mut Report) {
    let message = format!(
        "`{}` never comes up: `{}` applies whenever it would; remove it, or put it first",
        element.node.name(),
        by.node.name()
    );
    report.warning(element.node, FindingKind::UnreachableElement, message);
}

fn some(element: &Element<'_>, shadows: &[Option<&Element<'_>>], report: &mut Report) {
    for (component, by) in element.components.iter().zip(shadows) {
        if let (Some(by), Some(dimension)) = (by, component.dimension) {
            unreachable(component, dimension, by.node.name(), report);
        }
    }
}

/// The second component of a dimension in one element; a second flat fee is reported as such.
fn repeated(element: &Element<'_>, report: &mut Report) {
    for (index, component) in element.components.iter().enumerate() {
        let Some(dimension) = component.dimension.filter(|dimension| *dimension != Dimension::Flat) else { continue };
        if element.components[..index].iter().any(|earlier| earlier.dimension == Some(dimension)) {
            unreachable(component, dimension, element.node.name(), report);
        }
    }
}

fn unreachable(component: &Component<'_>, dimension: Dimension, by: &str, report: &mut Report) {
    let (name, dimension) = (component.node.name(), dimension.name());
    let message = format!("`{name}` never comes up: {dimension} already has a price in `{by}`; remove one of them");
    report.warning(component.node, FindingKind::UnreachableComponent, message);
}

/// The earlier element that prices the dimension of `component` whenever `element` applies.
fn shadow<'e, 'a>(
    component: &Component<'_>,
    element: &Element<'_>,
    earlier: &'e [Element<'a>],
) -> Option<&'e Element<'a>> {
    let dimension = component.dimension?;
    earlier
        .iter()
        .find(|other| other.component(dimension).is_some() && contain(&other.restrictions, &element.restrictions))
}

/// Whether `outer` matches whenever `inner` does. What could not be read contains nothing and lies in nothing.
fn contain(outer: &Restrictions<'_>, inner: &Restrictions<'_>) -> bool {
    let known = outer.understood && inner.understood && outer.reservation == inner.reservation;
    let dates = within(outer.start_date.as_ref(), inner.start_date.as_ref(), |outer, inner| outer <= inner)
        && within(outer.end_date.as_ref(), inner.end_date.as_ref(), |outer, inner| outer >= inner);
    let bounds = outer.bounds.iter().zip(&inner.bounds).all(|(outer, inner)| wider(outer, inner));
    known && dates && bounds && Hours::of(outer).cover(&Hours::of(inner))
}

fn wider(outer: &Bounds<'_>, inner: &Bounds<'_>) -> bool {
    let min = outer.min.as_ref().is_some_and(|min| min.value > Decimal::ZERO);
    (!min || within(outer.min.as_ref(), inner.min.as_ref(), |outer, inner| outer <= inner))
        && within(outer.max.as_ref(), inner.max.as_ref(), |outer, inner| outer >= inner)
}

/// An absent bound is wider than any.
fn within<T>(outer: Option<&Read<'_, T>>, inner: Option<&Read<'_, T>>, wider: fn(&T, &T) -> bool) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => wider(&outer.value, &inner.value),
    }
}
