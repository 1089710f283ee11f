//! Which tariff a session is priced by: the nearest one that is valid at its start, for its driver.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{ChargerId, ConnectorId, IdTag};
use crate::site::{Drivers, Site, SiteError, Terms};
use crate::tariff::Tariff;
use crate::tariff::ocpi::OcpiTariff;

/// A tariff for a part of a site, or for some of its drivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// What it costs there.
    pub tariff: Tariff,
    /// Where.
    pub place: Place,
    /// For which drivers only, by the name of their group.
    pub group: Option<String>,
}

/// Where a tariff holds; the later, the nearer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// At every site of the operator.
    Operator,
    /// At the site.
    Site,
    /// At one charger.
    Charger(ChargerId),
    /// At one connector.
    Connector(ChargerId, ConnectorId),
}

impl Place {
    const fn nearness(&self) -> u8 {
        match self {
            Self::Operator => 0,
            Self::Site => 1,
            Self::Charger(_) => 2,
            Self::Connector(..) => 3,
        }
    }

    fn covers(&self, charger: &ChargerId, connector: ConnectorId) -> bool {
        match self {
            Self::Operator | Self::Site => true,
            Self::Charger(own) => own == charger,
            Self::Connector(own, at) => own == charger && *at == connector,
        }
    }
}

/// The wire form, in `tariffs` of a site or of the whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignmentEntry {
    tariff: OcpiTariff,
    #[serde(default)]
    charger: Option<ChargerId>,
    #[serde(default)]
    connector: Option<ConnectorId>,
    #[serde(default)]
    group: Option<String>,
}

impl AssignmentEntry {
    /// Checks the entry; `whole` is where it holds when it names no charger.
    ///
    /// # Errors
    /// When the tariff cannot be priced, or a connector is named without its charger.
    pub fn checked(self, whole: Place) -> Result<Assignment, SiteError> {
        let place = match (self.charger, self.connector) {
            (Some(charger), Some(connector)) => Place::Connector(charger, connector),
            (Some(charger), None) => Place::Charger(charger),
            (None, None) => whole,
            (None, Some(connector)) => {
                let problem = format!("connector {connector} of which charger? name it in `charger`");
                return Err(SiteError::Value { field: "tariffs.connector", problem });
            }
        };
        Ok(Assignment { tariff: Tariff::try_from(self.tariff)?, place, group: self.group })
    }
}

impl Site {
    /// The terms that a session is priced by: an index for [`Site::terms_of`]. Nearest place first, there the driver's
    /// group first, there the one that became valid last. `None` when no tariff is valid at its start.
    #[must_use]
    pub fn terms_at(
        &self,
        (charger, connector): (&ChargerId, ConnectorId),
        tag: &IdTag,
        at: Timestamp,
    ) -> Option<usize> {
        let own = (1, false, self.terms.tariff.valid_from, 0);
        let own = self.terms.tariff.is_valid_at(at).then_some(own);
        let holds = |assignment: &Assignment| {
            let member = |group: &String| self.drivers.is_member(group, tag);
            assignment.place.covers(charger, connector)
                && assignment.group.as_ref().is_none_or(member)
                && assignment.tariff.is_valid_at(at)
        };
        let others = self.assignments.iter().enumerate().filter(|(_, assignment)| holds(assignment));
        let ranked = others.map(|(index, assignment)| {
            (assignment.place.nearness(), assignment.group.is_some(), assignment.tariff.valid_from, index + 1)
        });
        ranked.chain(own).max().map(|(.., index)| index)
    }

    /// How many terms the site has: its own and one for each assigned tariff.
    #[must_use]
    pub fn terms_count(&self) -> usize {
        self.assignments.len() + 1
    }

    /// The terms of an index: the site's own with the tariff assigned.
    #[must_use]
    pub fn terms_of(&self, index: usize) -> Terms {
        let assigned = index.checked_sub(1).and_then(|index| self.assignments.get(index));
        let tariff = assigned.map_or(&self.terms.tariff, |assignment| &assignment.tariff);
        Terms { tariff: tariff.clone(), ..self.terms.clone() }
    }
}

impl Drivers {
    fn is_member(&self, group: &str, tag: &IdTag) -> bool {
        self.groups.get(group).is_some_and(|tags| tags.contains(tag))
    }
}
