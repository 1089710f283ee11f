//! What a month came to, for operators.

use jiff::civil::Date;
use plugtill_domain::language::Language;
use plugtill_domain::ledger::Account;
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::revenue::Total;
use plugtill_domain::units::WattHours;

use crate::catalogue::text;
use crate::figures::{amount, number};
use crate::{Told, narrow};

/// A site's month.
#[derive(Debug, Clone, Copy)]
pub struct Month<'a> {
    /// The site's name.
    pub site: &'a str,
    /// A day of the month.
    pub day: Date,
    /// What it came to, in each currency.
    pub totals: &'a [(Currency, Total)],
    /// Where the files are.
    pub link: &'a str,
}

/// A month, told: the first currency's figures in a text message, all of them by mail.
#[must_use]
pub fn month(language: Language, month: &Month<'_>) -> Told {
    let named = month.day.strftime("%Y-%m").to_string();
    let line = |name: &str, figure: String| {
        let what = text(language, name, &[]);
        text(language, "report-line", &[("what", what.into()), ("figure", figure.into())])
    };
    let money = |minor: i64, currency: Currency| amount(language, Money::new(minor, currency));
    let mut lines =
        vec![text(language, "report-head", &[("site", month.site.into()), ("month", named.as_str().into())])];
    for (currency, total) in month.totals {
        let energy = number(language, &WattHours(total.counts.energy_wh).to_kwh());
        let figures = [
            ("report-billed", total.gross()),
            ("report-tax", total.of(Account::Tax)),
            ("report-collected", total.collected()),
            ("report-refunded", total.of(Account::Refunded)),
            ("report-fees", total.of(Account::Fees)),
            ("report-open", total.of(Account::Open)),
            ("report-uncollectable", total.of(Account::Uncollectable)),
            ("report-waived", total.of(Account::Waived)),
        ];
        lines.extend([
            String::new(),
            line("report-sessions", total.counts.sessions.to_string()),
            line("report-energy", energy),
        ]);
        lines.extend(figures.map(|(name, minor)| line(name, money(minor, *currency))));
    }
    lines.extend([String::new(), text(language, "report-file", &[("link", month.link.into())])]);
    let (currency, total) =
        month.totals.first().map_or((None, Total::default()), |(it, total)| (Some(*it), total.clone()));
    let said = |minor| currency.map_or_else(String::new, |currency| money(minor, currency));
    let args = [
        ("site", month.site.into()),
        ("month", named.as_str().into()),
        ("title", text(language, "report-title", &[]).into()),
        ("sessions", total.counts.sessions.into()),
        ("billed", said(total.gross()).into()),
        ("collected", said(total.collected()).into()),
    ];
    Told {
        subject: narrow::subject(&text(language, "report-subject", &args)),
        sms: narrow::words(&text(language, "report-sms", &args)),
        email: lines.join("\n"),
    }
}
