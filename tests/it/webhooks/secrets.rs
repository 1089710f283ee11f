//! One secret, two while one is rolled, none.

use plugtill::edges::secrets::LocalSecrets;
use plugtill_adapters::webhook::{Rejection, SecretsError, SigningSecrets};
use plugtill_stripe_webhook::Received;
use plugtill_tests::at;

use super::{Endpoint, NAME, SECRET, capturable, endpoint, endpoint_with, signature, signed};

const NEXT: &str = "whsec_nextnextnextnextnextnext";

/// Whether a delivery signed now with `secret` is believed.
async fn believed(endpoint: &Endpoint, secret: &str) -> bool {
    let body = capturable().to_string();
    let received = endpoint.receives(Some(&signed(secret, endpoint.now(), &body)), &body).await;
    matches!(received, Received::Filed | Received::Duplicate)
}

#[tokio::test]
async fn f95_both_secrets_are_believed_while_one_is_rolled() {
    let endpoint = endpoint_with(&format!("{SECRET}\n{NEXT}")).await;
    assert!(believed(&endpoint, SECRET).await && believed(&endpoint, NEXT).await);
    assert!(!believed(&endpoint, "whsec_neitherneitherneither").await);
}

#[tokio::test]
async fn a_delivery_that_stripe_signs_with_both_secrets_is_believed_by_either() {
    let endpoint = endpoint().await;
    let (now, body) = (endpoint.now(), capturable().to_string());
    let [old, new] = [SECRET, NEXT].map(|secret| signature(secret, &format!("{now}.{body}")));
    for header in [format!("t={now},v1={new},v1={old}"), format!("t={now},v1={old},v1={new}")] {
        let received = endpoint.receives(Some(&header), &body).await;
        assert!(matches!(received, Received::Filed | Received::Duplicate), "{received:?}");
    }
}

#[tokio::test]
async fn f95_a_secret_rolled_without_a_deployment_is_read_within_a_minute() {
    let mut endpoint = endpoint().await;
    endpoint.secrets.put(NAME, &format!("{SECRET} {NEXT}"));
    assert!(!believed(&endpoint, NEXT).await, "read less than a minute ago");
    endpoint.stack.advance_to(at(1)).await.unwrap();
    assert!(believed(&endpoint, NEXT).await, "read again, and the same delivery believed");
    assert!(believed(&endpoint, SECRET).await);
}

#[tokio::test]
async fn wrong_signatures_have_the_secret_read_at_most_every_minute() {
    let mut endpoint = endpoint().await;
    for minute in 0..5 {
        endpoint.stack.advance_to(at(minute)).await.unwrap();
        for _ in 0..20 {
            assert!(!believed(&endpoint, NEXT).await);
        }
    }
    assert_eq!(endpoint.secrets.reads(), 1 + 4);
    endpoint.refuses(None, "{}", Rejection::NoHeader).await;
    assert_eq!(endpoint.secrets.reads(), 1 + 4, "what no secret could have signed is no reason to read");
}

#[tokio::test]
async fn a_secret_that_was_taken_away_is_forgotten_within_a_quarter_of_an_hour() {
    let mut endpoint = endpoint_with(&format!("{SECRET} {NEXT}")).await;
    endpoint.secrets.put(NAME, NEXT);
    assert!(believed(&endpoint, SECRET).await);
    endpoint.stack.advance_to(at(15)).await.unwrap();
    assert!(!believed(&endpoint, SECRET).await && believed(&endpoint, NEXT).await);
}

#[tokio::test]
async fn known_secrets_stay_while_new_ones_cannot_be_read() {
    let mut endpoint = endpoint().await;
    endpoint.secrets.unreachable(true);
    endpoint.stack.advance_to(at(20)).await.unwrap();
    assert!(believed(&endpoint, SECRET).await);
    endpoint.secrets.unreachable(false);
    endpoint.secrets.put(NAME, "sk_test_pasted_into_the_wrong_secret");
    endpoint.stack.advance_to(at(40)).await.unwrap();
    assert!(believed(&endpoint, SECRET).await);
}

#[tokio::test]
async fn without_a_secret_the_function_does_not_start() {
    let secrets = LocalSecrets::default();
    let start = || SigningSecrets::read(secrets.sdk_client(), NAME, at(0));
    assert!(matches!(start().await, Err(SecretsError::Unreadable)), "there is none");
    secrets.put(NAME, " \n");
    assert!(matches!(start().await, Err(SecretsError::None)));
    for placeholder in ["changeme", "whsec_", "sk_live_0123456789abcdef"] {
        secrets.put(NAME, placeholder);
        assert!(matches!(start().await, Err(SecretsError::NotASecret)), "{placeholder}");
    }
    secrets.put(NAME, SECRET);
    assert!(start().await.is_ok());
    secrets.unreachable(true);
    assert!(matches!(start().await, Err(SecretsError::Unreadable)));
}
