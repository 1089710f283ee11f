//! Numbers of receipts and credit notes: without a gap, each allocated in the transaction that makes the document.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use plugtill_domain::session::Session;

use super::{Store, StoreError, keys, number};

const SORT_KEY: &str = "last";

/// The last numbers as last seen here. A guess: the transaction's condition decides.
#[derive(Debug, Clone, Default)]
pub(super) struct LastNumbers(Arc<Mutex<HashMap<&'static str, u64>>>);

/// A sequence of documents.
const RECEIPTS: &str = "receipts";
const CREDIT_NOTES: &str = "credit-notes";

impl LastNumbers {
    fn get(&self, series: &'static str) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(series).copied()
    }

    fn put(&self, series: &'static str, last: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(series, last);
    }

    /// Somebody else took a number: the next guess is read.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Store {
    /// Numbers the documents of `session` that have none yet; returns what the transaction has to write for that.
    pub(super) async fn number_documents(&self, session: &mut Session) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut writes = Vec::new();
        if session.needs_receipt_number() {
            let (last, write) = self.next_number(RECEIPTS, 1).await?;
            session.receipt_number = Some(format!("R-{last:06}"));
            writes.push(write);
        }
        let unnumbered = session.credits.iter_mut().filter(|credit| credit.number.is_none());
        let mut unnumbered: Vec<_> = unnumbered.collect();
        if let Ok(count @ 1..) = u64::try_from(unnumbered.len()) {
            let (last, write) = self.next_number(CREDIT_NOTES, count).await?;
            for (credit, number) in unnumbered.iter_mut().zip(last - count + 1..) {
                credit.number = Some(format!("C-{number:06}"));
            }
            writes.push(write);
        }
        Ok(writes)
    }

    /// Takes `count` numbers; the last of them, and the write that takes them unless somebody else just did.
    async fn next_number(&self, series: &'static str, count: u64) -> Result<(u64, TransactWriteItem), StoreError> {
        let pk = format!("numbers#{series}");
        let before = if let Some(known) = self.numbers.get(series) {
            known
        } else {
            let item = self.get(&pk, SORT_KEY).await?;
            item.map_or(0, |item| u64::try_from(number(&item, "last_number")).unwrap_or_default())
        };
        let last = before + count;
        self.numbers.put(series, last);
        let amount = |value: u64| AttributeValue::N(value.to_string());
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::key(&pk, SORT_KEY)))
            .update_expression("SET last_number = :last")
            .condition_expression(if before == 0 { "attribute_not_exists(pk)" } else { "last_number = :before" })
            .expression_attribute_values(":last", amount(last));
        let update = if before == 0 { update } else { update.expression_attribute_values(":before", amount(before)) };
        let update = update.build().map_err(|e| StoreError::from_sdk(&e))?;
        Ok((last, TransactWriteItem::builder().update(update).build()))
    }
}
