//! Once a month: what each site came to, with the way to its files. SNS carries no attachments.

use jiff::civil::Date;
use plugtill_adapters::alerts::Alert;
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::incident::Severity;
use plugtill_domain::money::Currency;
use plugtill_domain::revenue::{Total, fold};
use plugtill_texts::Month;

use crate::{Notify, NotifyError};

/// A month is told of in the first days of the next: what could not be told on the first is told the day after.
const TOLD_WITHIN_DAYS: i8 = 7;

/// Tells the month that is over, of each site where something happened, once.
pub(crate) async fn tell(function: &Notify) -> Result<(), NotifyError> {
    for known in function.directory.sites().await?.iter() {
        let zone = function.incidents.rules(Some(&known.site.id)).await?.zone;
        let today = function.clock.now().to_zoned(zone).date();
        let last = today.first_of_month().yesterday();
        if let Some(last) = last.ok().filter(|_| today.day() <= TOLD_WITHIN_DAYS) {
            of_site(function, known, last).await?;
        }
    }
    Ok(())
}

async fn of_site(function: &Notify, known: &SiteInForce, last: Date) -> Result<(), NotifyError> {
    let (site, first) = (&known.site, last.first_of_month());
    if function.store.month_told(&site.id, first).await? {
        return Ok(());
    }
    let days = function.store.days(&site.id, (first, last)).await?;
    let totals = fold(days.into_iter().map(|day| (day.currency.code(), day.total))).into_iter();
    let totals: Vec<(Currency, Total)> = totals.filter_map(|(code, total)| Some((code.parse().ok()?, total))).collect();
    if totals.is_empty() {
        return Ok(());
    }
    let rules = function.incidents.rules(Some(&site.id)).await?;
    let link = function.links.exports_page(&site.id, (first, last));
    let month = Month { site: &site.name, day: first, totals: &totals, link: &link };
    let told = plugtill_texts::month(rules.policy.language, &month);
    let alert = Alert {
        id: &format!("month.{}.{first}", site.id),
        subject: &told.subject,
        sms: &told.sms,
        email: &told.email,
        site: Some(site.id.as_str()),
        kind: "monthly_report",
        event: "report",
        severity: Severity::Low.as_str(),
        contacts: &["first"],
    };
    let message_id = function.alerts.publish(&alert).await?;
    Ok(function.store.put_month_told(&site.id, first, &message_id).await?)
}
