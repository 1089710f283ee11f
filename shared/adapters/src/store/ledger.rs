//! Postings, and the daily totals of sites and of connectors, written in the transaction that changes a session's balances.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plugtill_domain::ids::SiteId;
use plugtill_domain::ledger::{Account, Counts, Entry, billed};
use plugtill_domain::revenue::{Total, fold, may_leak};
use plugtill_domain::session::Session;

use super::{Item, Store, StoreError, keys, number, text, to_document};

/// The attribute of an account. Some accounts' own names are reserved words of DynamoDB's.
fn name(account: Account) -> &'static str {
    match account.as_str() {
        "open" => "open_balance",
        "time" => "time_fee",
        name => name,
    }
}

impl Store {
    /// What an entry of a session is written as: itself, and what it adds to the totals of its day, by the site's calendar.
    pub(super) fn posted(
        &self,
        session: &Session,
        version: u64,
        entry: &Entry,
        zone: &TimeZone,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let day = entry.at.to_zoned(zone.clone()).date();
        let begun = hour_name(&session.id.started_at.to_zoned(zone.clone()));
        let connector = connector_sort(day, session, entry);
        let place = format!("{:.3}#{}#{version}", entry.at, session.id);
        let mut writes = vec![
            self.posting((&format!("j#{}#{day}", session.site), &place), entry)?,
            self.add_up(&keys::days(&session.site), &format!("{day}#{}", entry.currency), entry, Some(&begun))?,
            self.add_up(&keys::connector_days(&session.site), &connector, entry, None)?,
        ];
        if may_leak(entry) {
            writes.push(self.posting((&keys::leaks(&session.site, day), &place), entry)?);
        }
        Ok(writes)
    }

    fn posting(&self, (pk, sk): (&str, &str), entry: &Entry) -> Result<TransactWriteItem, StoreError> {
        let mut item = keys::key(pk, sk);
        item.insert("doc".to_owned(), to_document(entry)?);
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(|e| StoreError::from_sdk(&e))?).build())
    }

    /// Adds an entry to a total, and what it billed to an hour of it.
    fn add_up(&self, pk: &str, sk: &str, entry: &Entry, hour: Option<&str>) -> Result<TransactWriteItem, StoreError> {
        let counted = counted(entry.counts).into_iter().filter(|(name, count)| *name == SESSIONS || *count != 0);
        let legs = entry.legs.iter().map(|(account, minor)| (name(*account), *minor));
        let billed = hour.map(|hour| (hour, billed(&entry.legs))).filter(|(_, minor)| *minor != 0);
        let leaks = Some((LEAKS, 1)).filter(|_| hour.is_some() && may_leak(entry));
        let (mut terms, mut values) = (Vec::new(), HashMap::new());
        for (name, amount) in counted.chain(legs).chain(billed).chain(leaks) {
            terms.push(format!("{name} :{name}"));
            values.insert(format!(":{name}"), AttributeValue::N(amount.to_string()));
        }
        let update = Update::builder().table_name(&self.table).set_key(Some(keys::key(pk, sk)));
        let update = update.update_expression(format!("ADD {}", terms.join(", ")));
        let update = update.set_expression_attribute_values(Some(values)).build();
        Ok(TransactWriteItem::builder().update(update.map_err(|e| StoreError::from_sdk(&e))?).build())
    }

    /// A site's daily totals summed up, by currency code.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn day_totals(&self, site: &SiteId) -> Result<BTreeMap<String, Total>, StoreError> {
        let items = self.range(&keys::days(site), "0", keys::LAST).await?;
        Ok(by_currency(&items))
    }

    /// The daily totals of a site's connectors summed up, by currency code.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn connector_totals(&self, site: &SiteId) -> Result<BTreeMap<String, Total>, StoreError> {
        let items = self.range(&keys::connector_days(site), "0", keys::LAST).await?;
        Ok(by_currency(&items))
    }
}

fn by_currency(items: &[Item]) -> BTreeMap<String, Total> {
    let totals = items.iter().filter_map(|item| Some((text(item, "sk").rsplit_once('#')?.1.to_owned(), total(item))));
    fold(totals)
}

const SESSIONS: &str = "sessions";
/// How many entries of a site's day may be of something that was not collected: only such days are looked through for it.
pub(super) const LEAKS: &str = "leaks";

/// The attributes of what is counted.
const fn counted(counts: Counts) -> [(&'static str, i64); 5] {
    [
        (SESSIONS, counts.sessions),
        ("energy_wh", counts.energy_wh),
        ("plugged_s", counts.plugged_seconds),
        ("idle_s", counts.idle_seconds),
        ("idle_fees", counts.idle_fees),
    ]
}

/// What a total says.
pub(super) fn total(item: &Item) -> Total {
    let balances = Account::ALL.into_iter().map(|account| (account, number(item, name(account))));
    Total {
        counts: Counts {
            sessions: number(item, SESSIONS),
            energy_wh: number(item, "energy_wh"),
            plugged_seconds: number(item, "plugged_s"),
            idle_seconds: number(item, "idle_s"),
            idle_fees: number(item, "idle_fees"),
        },
        balances: balances.filter(|(_, minor)| *minor != 0).collect(),
    }
}

/// The attribute of what was billed of sessions that began in an hour of the week.
fn hour_name(begun: &Zoned) -> String {
    let hours = i16::from(begun.weekday().to_monday_zero_offset()) * 24 + i16::from(begun.hour());
    format!("hour{hours:03}")
}

/// The hour of the week, from 0 on Monday at midnight, that an attribute is of.
pub(super) fn hour_of(attribute: &str) -> Option<u8> {
    attribute.strip_prefix("hour")?.parse().ok()
}

fn connector_sort(day: Date, session: &Session, entry: &Entry) -> String {
    format!("{day}#{}#{}#{}#{}", session.id.charger, session.id.connector, session.terms, entry.currency)
}
