//! Postings and daily totals, written in the transaction that changes a session's balances.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use jiff::civil::Date;
use plugtill_domain::ids::SiteId;
use plugtill_domain::ledger::{Account, Balances, Entry};
use plugtill_domain::session::Session;

use super::{Store, StoreError, keys, number, text, to_document};

pub(super) const ACCOUNTS: [Account; 18] = [
    Account::Captured,
    Account::Refunded,
    Account::ChargedBack,
    Account::Waived,
    Account::Uncollectable,
    Account::Open,
    Account::Disputed,
    Account::Energy,
    Account::Time,
    Account::Flat,
    Account::Idle,
    Account::Parking,
    Account::Reservation,
    Account::PriceLimit,
    Account::Tax,
    Account::Fees,
    Account::PaidOut,
    Account::Withheld,
];

/// The attribute of a daily total. Some accounts' own names are reserved words of DynamoDB's.
pub(super) const fn name(account: Account) -> &'static str {
    match account {
        Account::Captured => "captured",
        Account::Refunded => "refunded",
        Account::ChargedBack => "charged_back",
        Account::Waived => "waived",
        Account::Uncollectable => "uncollectable",
        Account::Open => "open_balance",
        Account::Disputed => "disputed",
        Account::Energy => "energy",
        Account::Time => "time_fee",
        Account::Flat => "flat",
        Account::Idle => "idle",
        Account::Parking => "parking",
        Account::Reservation => "reservation",
        Account::PriceLimit => "price_limit",
        Account::Tax => "tax",
        Account::Fees => "fees",
        Account::PaidOut => "paid_out",
        Account::Withheld => "withheld",
    }
}

impl Store {
    pub(super) fn posting(
        &self,
        session: &Session,
        version: u64,
        entry: &Entry,
        day: Date,
    ) -> Result<TransactWriteItem, StoreError> {
        let pk = format!("j#{}#{day}", session.site);
        let mut item = keys::key(&pk, &format!("{:.3}#{}#{version}", entry.at, session.id));
        item.insert("doc".to_owned(), to_document(entry)?);
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(|e| StoreError::from_sdk(&e))?).build())
    }

    pub(super) fn day_total(
        &self,
        session: &Session,
        entry: &Entry,
        day: Date,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut expression = "ADD sessions :sessions, energy_wh :energy_wh".to_owned();
        let amount = |minor: i64| AttributeValue::N(minor.to_string());
        let mut values = HashMap::from([
            (":sessions".to_owned(), amount(entry.sessions)),
            (":energy_wh".to_owned(), amount(entry.energy_wh)),
        ]);
        for (account, minor) in &entry.legs {
            let name = name(*account);
            let _ = write!(expression, ", {name} :{name}");
            values.insert(format!(":{name}"), amount(*minor));
        }
        let key = keys::key(&format!("d#{}", session.site), &format!("{day}#{}", entry.currency));
        let update = Update::builder().table_name(&self.table).set_key(Some(key)).update_expression(expression);
        let update = update.set_expression_attribute_values(Some(values)).build();
        Ok(TransactWriteItem::builder().update(update.map_err(|e| StoreError::from_sdk(&e))?).build())
    }

    /// A site's daily totals summed up, by currency code.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn day_totals(&self, site: &SiteId) -> Result<BTreeMap<String, Balances>, StoreError> {
        let mut totals: BTreeMap<String, Balances> = BTreeMap::new();
        for item in self.range(&format!("d#{site}"), "0", keys::LAST).await? {
            let Some((_, currency)) = text(&item, "sk").rsplit_once('#') else { continue };
            let balances = totals.entry(currency.to_owned()).or_default();
            for account in ACCOUNTS {
                *balances.entry(account).or_default() += number(&item, name(account));
            }
        }
        Ok(totals)
    }
}
