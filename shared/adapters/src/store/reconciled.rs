//! The latest comparison of our books with Stripe's.

use plugtill_domain::reconcile::Reconciliation;

use super::{Store, StoreError, document, keys, to_document};

const KEY: (&str, &str) = ("reconciled", "latest");
/// More differences are one: somebody has to run it again, with a file.
const MOST: usize = 200;

impl Store {
    /// Keeps a comparison, with the first 200 of its differences, in the place of the one before.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn put_reconciliation(&self, compared: &Reconciliation) -> Result<(), StoreError> {
        let mut kept = compared.clone();
        kept.differences.truncate(MOST);
        let mut item = keys::key(KEY.0, KEY.1);
        item.insert("doc".to_owned(), to_document(&kept)?);
        self.file(vec![item]).await
    }

    /// The latest comparison; none where none was made.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn reconciliation(&self) -> Result<Option<Reconciliation>, StoreError> {
        self.get(KEY.0, KEY.1).await?.as_ref().map(document).transpose()
    }
}
