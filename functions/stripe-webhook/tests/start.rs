//! The program itself, with and without what it needs.

use std::process::Command;

#[test]
fn the_function_refuses_to_start_without_a_secret() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_stripe-webhook"));
    program.env_clear().envs([
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("TABLE_NAME", "plugtill"),
        ("DUE_SHARDS", "1"),
        ("SETTLE_QUEUE_URL", "https://sqs.invalid/settle"),
        ("NOTIFY_QUEUE_URL", "https://sqs.invalid/notify"),
    ]);
    let output = program.output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("STRIPE_WEBHOOK_SECRET_ARN"), "{said}");
}
