//! Answers in the words of the DynamoDB protocol (AWS JSON 1.0).

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use dynoxide::DynoxideError;
use dynoxide::errors::CancellationReason;
use http::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::StoreFault;
use crate::edges::transport::answer;

const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

pub(super) fn success(json: Vec<u8>) -> HttpResponse {
    answer(StatusCode::OK, CONTENT_TYPE, json)
}

pub(super) fn error(error: &DynoxideError) -> HttpResponse {
    let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer(status, CONTENT_TYPE, error.to_json())
}

pub(super) fn unknown_operation(name: &str) -> HttpResponse {
    let json = serde_json::json!({
        "__type": "com.amazon.coral.service#UnknownOperationException",
        "message": format!("the embedded store does not serve {name:?}"),
    });
    answer(StatusCode::BAD_REQUEST, CONTENT_TYPE, json.to_string())
}

/// The error that a fault answers instead of running the request; none for the faults of the connection.
pub(super) fn refusal(fault: StoreFault, body: &[u8]) -> Option<DynoxideError> {
    match fault {
        StoreFault::ThrottleBefore => Some(DynoxideError::ProvisionedThroughputExceededException(
            "The level of configured provisioned throughput for the table was exceeded.".to_owned(),
        )),
        StoreFault::ServerErrorBefore => {
            Some(DynoxideError::InternalServerError("The request could not be processed.".to_owned()))
        }
        StoreFault::TransactionConflict => Some(conflict(body)),
        StoreFault::DropBefore
        | StoreFault::DropAfter
        | StoreFault::DieBefore
        | StoreFault::DieAfter
        | StoreFault::StaleIndex
        | StoreFault::AnswerLate => None,
    }
}

#[derive(Deserialize)]
struct Actions {
    #[serde(rename = "TransactItems", default)]
    transact_items: Vec<IgnoredAny>,
}

fn conflict(body: &[u8]) -> DynoxideError {
    let actions = serde_json::from_slice::<Actions>(body).map_or(1, |actions| actions.transact_items.len());
    let reason = CancellationReason {
        code: "TransactionConflict".to_owned(),
        message: Some("Transaction is ongoing for the item".to_owned()),
        item: None,
    };
    let codes = vec!["TransactionConflict"; actions].join(", ");
    let message = format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]");
    DynoxideError::TransactionCanceledException(message, vec![reason; actions])
}
