//! What the stories come to, reckoned by hand.

use plugtill_domain::pricing::LineKind::{self, Energy, Flat, Idle, MaxPrice, NoCharge};
use plugtill_tests::Story;

use super::stories;

/// A bill of the page `docs/examples.md`. Amounts are minor units.
pub(super) struct Billed {
    /// The site file.
    pub(super) example: &'static str,
    /// Where it stands on the page.
    pub(super) heading: &'static str,
    /// What happens.
    pub(super) story: fn() -> Story,
    /// Line by line.
    pub(super) lines: &'static [(LineKind, i64)],
    /// Their sum.
    pub(super) total: i64,
    /// The tax in it: all prices of the examples include it.
    pub(super) tax: i64,
}

pub(super) const BILLS: [Billed; 15] = [
    // 31.25 kWh x 0.36 = 11.25; 11.25 x 19/119 = 1.7962.
    Billed {
        example: "landlord",
        heading: "A tenant's working day",
        story: stories::tenant,
        lines: &[(Energy, 1125)],
        total: 1125,
        tax: 180,
    },
    // 12.34 kWh x 0.49 = 6.0466; 6.05 x 19/119 = 0.9660.
    Billed {
        example: "landlord",
        heading: "A visitor who stays",
        story: stories::visitor,
        lines: &[(Energy, 605)],
        total: 605,
        tax: 97,
    },
    // One minute: below 120 s.
    Billed {
        example: "landlord",
        heading: "A plug that did not fit",
        story: stories::misfit,
        lines: &[(NoCharge, 0)],
        total: 0,
        tax: 0,
    },
    // 38.4 kWh x 0.42 = 16.128, and 3.00; quiet from 23:00 to 09:30; 19.13 x 20/120 = 3.1883.
    Billed {
        example: "hotel",
        heading: "A night",
        story: stories::night,
        lines: &[(Energy, 1613), (Flat, 300), (Idle, 0)],
        total: 1913,
        tax: 319,
    },
    // 82 kWh x 0.42 = 34.44, and 3.00: 7.44 above 30.00; 30.00 x 20/120 = 5.00.
    Billed {
        example: "hotel",
        heading: "A large battery",
        story: stories::large_battery,
        lines: &[(Energy, 3444), (Flat, 300), (MaxPrice, -744), (Idle, 0)],
        total: 3000,
        tax: 500,
    },
    // 20 kWh x 0.42 = 8.40, and 3.00; 10:00 to 13:00 is 180 min x 0.10 = 18.00, at most 12.00; 23.40 x 20/120 = 3.90.
    Billed {
        example: "hotel",
        heading: "A long breakfast",
        story: stories::long_breakfast,
        lines: &[(Energy, 840), (Flat, 300), (Idle, 1200)],
        total: 2340,
        tax: 390,
    },
    // 15 kWh within the hour, nothing after it.
    Billed {
        example: "supermarket",
        heading: "The week's shopping",
        story: stories::shopping,
        lines: &[(Energy, 0), (Idle, 0)],
        total: 0,
        tax: 0,
    },
    // 20 kWh within the hour, 6.4 kWh x 1.95 = 12.48 after it; 12.48 x 23/123 = 2.3337.
    Billed {
        example: "supermarket",
        heading: "Shopping and a coffee",
        story: stories::coffee,
        lines: &[(Energy, 0), (Energy, 1248), (Idle, 0)],
        total: 1248,
        tax: 233,
    },
    // 13 kWh x 1.95 = 25.35 after the hour; from minute 90 to 120, 30 x 0.40 = 12.00; 37.35 x 23/123 = 6.9841.
    Billed {
        example: "supermarket",
        heading: "A morning in town",
        story: stories::morning_in_town,
        lines: &[(Energy, 0), (Energy, 2535), (Idle, 1200)],
        total: 3735,
        tax: 698,
    },
    // 52.3 kWh x 0.57 = 29.811; gone after 8 of 10 minutes; 29.81 x 21/121 = 5.1736.
    Billed {
        example: "highway",
        heading: "Moved in time",
        story: stories::moved_in_time,
        lines: &[(Energy, 2981)],
        total: 2981,
        tax: 517,
    },
    // 40 kWh x 0.57 = 22.80; 25 min at two of four, x 0.50 = 12.50; 35.30 x 21/121 = 6.1264.
    Billed {
        example: "highway",
        heading: "Lunch while half the site is taken",
        story: stories::lunch,
        lines: &[(Energy, 2280), (Idle, 1250)],
        total: 3530,
        tax: 613,
    },
    // 22.80; 6 min at two of four x 0.50 = 3.00, 4 min at four of four x 1.00 = 4.00, 15 min alone free; 29.80 x 21/121 = 5.1719.
    Billed {
        example: "highway",
        heading: "Lunch while the site empties",
        story: stories::lunch_alone,
        lines: &[(Energy, 2280), (Idle, 300), (Idle, 400)],
        total: 2980,
        tax: 517,
    },
    // 21.5 kWh x 4.90 = 105.35; 20:30 to 22:00 is 90 min x 0.50 = 45.00; 150.35 x 25/125 = 30.07.
    Billed {
        example: "city",
        heading: "Home from work",
        story: stories::home_from_work,
        lines: &[(Energy, 10_535), (Idle, 4500)],
        total: 15_035,
        tax: 3007,
    },
    // 10.6 kWh x 4.90 = 51.94, 30.4 kWh x 3.20 = 97.28; all idle time is quiet; 149.22 x 25/125 = 29.844.
    Billed {
        example: "city",
        heading: "Home late",
        story: stories::home_late,
        lines: &[(Energy, 5194), (Energy, 9728), (Idle, 0)],
        total: 14_922,
        tax: 2984,
    },
    // 20 kWh x 4.90 = 98.00; quiet from 22:00 CET to 08:00 CEST, nine hours; 120 min x 0.50 = 60.00; 158.00 x 25/125 = 31.60.
    Billed {
        example: "city",
        heading: "The night in which clocks are put forward",
        story: stories::shorter_night,
        lines: &[(Energy, 9800), (Idle, 6000)],
        total: 15_800,
        tax: 3160,
    },
];
