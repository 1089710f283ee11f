//! Which cancelled transactions are decided again at once, and which are left to whoever delivers the message once more.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// Whether a transaction was cancelled only because somebody else wrote: then reading again helps. Where anything else is
/// among its reasons (throttled, an item too large), it would only be cancelled again.
pub(super) fn lost(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return false };
    let known = ["ConditionalCheckFailed", "TransactionConflict", "None"];
    cancelled.cancellation_reasons().iter().all(|reason| reason.code().is_some_and(|code| known.contains(&code)))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::CancellationReason;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    use super::*;

    fn cancelled(codes: &[&str]) -> TransactWriteItemsError {
        let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build());
        let exception = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons.collect()));
        TransactWriteItemsError::TransactionCanceledException(exception.build())
    }

    #[test]
    fn f77_a_transaction_is_decided_again_only_where_all_its_reasons_are_other_writers() {
        const WRITERS: [&str; 3] = ["ConditionalCheckFailed", "TransactionConflict", "None"];
        // docs.aws.amazon.com, TransactWriteItems, "Cancellation reason codes".
        const OTHERS: [&str; 5] = [
            "ItemCollectionSizeLimitExceeded",
            "ProvisionedThroughputExceeded",
            "ThrottlingError",
            "ValidationError",
            "DuplicateItem",
        ];
        for (one, other) in WRITERS.iter().flat_map(|one| WRITERS.iter().map(move |other| (one, other))) {
            assert!(lost(&cancelled(&[one, other])), "{one} and {other}");
        }
        for (one, other) in OTHERS.iter().flat_map(|one| WRITERS.iter().chain(&OTHERS).map(move |other| (one, other))) {
            assert!(!lost(&cancelled(&[one, other])) && !lost(&cancelled(&[other, one])), "{one} and {other}");
        }
    }
}
