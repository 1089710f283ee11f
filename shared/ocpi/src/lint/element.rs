//! Tariff elements and their price components.

use rust_decimal::Decimal;

use super::fields::Fields;
use super::finding::{FindingKind, Severity};
use super::json::Node;
use super::report::Report;
use super::restrictions::{self, Restrictions};
use super::values::{self, Read};

/// What a component puts a price on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Energy,
    Flat,
    ParkingTime,
    Time,
}

/// In the order of the standard.
pub(super) const DIMENSIONS: &[(&str, Dimension)] = &[
    ("ENERGY", Dimension::Energy),
    ("FLAT", Dimension::Flat),
    ("PARKING_TIME", Dimension::ParkingTime),
    ("TIME", Dimension::Time),
];

impl Dimension {
    /// The name in OCPI.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Energy => "ENERGY",
            Self::Flat => "FLAT",
            Self::ParkingTime => "PARKING_TIME",
            Self::Time => "TIME",
        }
    }

    /// What its steps count.
    const fn steps(self) -> &'static str {
        match self {
            Self::Energy => "Wh",
            Self::Flat => "sessions",
            Self::ParkingTime | Self::Time => "seconds",
        }
    }
}

/// A group of prices under the same restrictions.
pub(super) struct Element<'a> {
    pub(super) node: &'a Node<'a>,
    pub(super) components: Vec<Component<'a>>,
    pub(super) restrictions: Restrictions<'a>,
}

/// One price.
pub(super) struct Component<'a> {
    pub(super) node: &'a Node<'a>,
    pub(super) dimension: Option<Dimension>,
    pub(super) price: Option<Read<'a, Decimal>>,
}

impl<'a> Element<'a> {
    /// The first component of `dimension`: the only one that counts.
    pub(super) fn component(&self, dimension: Dimension) -> Option<&Component<'a>> {
        self.components.iter().find(|component| component.dimension == Some(dimension))
    }
}

/// Reads one entry of `elements`.
pub(super) fn read<'a>(node: &'a Node<'a>, report: &mut Report) -> Option<Element<'a>> {
    let fields = Fields::of(node, &["price_components", "restrictions"], Severity::Error, report)?;
    let components = fields
        .require("price_components", Severity::Error, "an element without a price means nothing", report)
        .and_then(|list| values::some(list, "price component", report))
        .unwrap_or_default();
    let components: Vec<_> = components.into_iter().filter_map(|entry| component(entry, report)).collect();
    let restrictions = match fields.get("restrictions") {
        Some(node) => restrictions::read(node, report),
        None => Restrictions { understood: fields.all_known, ..Restrictions::default() },
    };
    let element = Element { node, components, restrictions };
    several_flat(&element, report);
    reservation(&element, report);
    Some(element)
}

fn component<'a>(node: &'a Node<'a>, report: &mut Report) -> Option<Component<'a>> {
    let fields = Fields::of(node, &["type", "price", "vat", "step_size"], Severity::Error, report)?;
    let dimension = fields
        .require("type", Severity::Error, "say what is priced: ENERGY, FLAT, PARKING_TIME or TIME", report)
        .and_then(|node| values::choice(node, DIMENSIONS, report));
    let price = fields
        .require("price", Severity::Error, "write 0 for free", report)
        .and_then(|node| Some(Read::new(node, values::price(node, report)?)));
    if let Some(node) = fields.get("vat") {
        vat(node, report);
    }
    if let Some(node) = fields.require("step_size", Severity::Warning, "write 1, to bill what was used", report) {
        step_size(node, dimension, report);
    }
    Some(Component { node, dimension, price })
}

fn vat(node: &Node<'_>, report: &mut Report) {
    let Some(vat) = values::number(node, report) else { return };
    if vat < Decimal::ZERO || vat > Decimal::ONE_HUNDRED {
        let message = format!("`vat` is {vat}; it is a percentage: write a number from 0 to 100");
        report.error(node, FindingKind::VatOutOfRange, message);
    } else if vat > Decimal::ZERO && vat < Decimal::ONE {
        let percent = (vat * Decimal::ONE_HUNDRED).normalize();
        let message = format!("`vat` is {vat} percent; if {percent} percent was meant, write {percent}");
        report.warning(node, FindingKind::FractionalVat, message);
    }
}

/// The standard itself advises 1 (OCPI 2.2.1, `PriceComponent`, note); a flat fee has no steps.
fn step_size(node: &Node<'_>, dimension: Option<Dimension>, report: &mut Report) {
    let unit = dimension.map_or("units", Dimension::steps);
    let Some(steps) = values::whole(node, FindingKind::InvalidStepSize, unit, report) else { return };
    if dimension.is_none_or(|dimension| dimension == Dimension::Flat) {
        return;
    }
    if steps.is_zero() {
        let message = "`step_size` is 0, which readers take for an error or for 1; write 1".to_owned();
        report.warning(node, FindingKind::ZeroStepSize, message);
    } else if steps > Decimal::ONE {
        let unused = steps - Decimal::ONE;
        let message =
            format!("`step_size` is {steps}: drivers pay for up to {unused} {unit} they did not use; write 1");
        report.warning(node, FindingKind::LargeStepSize, message);
    }
}

fn several_flat(element: &Element<'_>, report: &mut Report) {
    let flat = element.components.iter().filter(|component| component.dimension == Some(Dimension::Flat));
    for component in flat.skip(1) {
        let message = format!("`{}` is another FLAT: only the first is charged; add them up", component.node.name());
        report.warning(component.node, FindingKind::SeveralFlat, message);
    }
}

/// A reservation has no energy and no parking (OCPI 2.2.1, `TariffRestrictions`, reservation).
fn reservation(element: &Element<'_>, report: &mut Report) {
    if element.restrictions.reservation.is_none() {
        return;
    }
    for component in &element.components {
        let Some(dimension @ (Dimension::Energy | Dimension::ParkingTime)) = component.dimension else { continue };
        let name = dimension.name();
        let message = format!("`type` is {name}: a reservation is priced by FLAT and TIME only; move {name} elsewhere");
        report.error(component.node, FindingKind::ReservationDimension, message);
    }
}
