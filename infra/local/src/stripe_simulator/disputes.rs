//! Disputes: what the cardholder's bank does, and what the operator answers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Reply;
use super::error::ApiError;
use super::form::Form;
use super::objects::State;

/// Evidence can be handed in for a week (docs.stripe.com/disputes: 7 to 21 days, by the network).
const EVIDENCE_SECONDS: i64 = 7 * 24 * 3600;

/// A dispute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Dispute {
    intent: String,
    amount: i64,
    currency: String,
    reason: String,
    created: i64,
    status: String,
    evidence: Vec<String>,
}

impl State {
    /// The bank takes a payment back.
    pub(super) fn open_dispute(&mut self, intent: &str, reason: &str, now: i64) -> Option<(String, Value)> {
        let paid = self.intents.get(intent).filter(|intent| intent.received > 0)?;
        let (amount, currency) = (paid.received - paid.refunded, paid.currency.clone());
        let dispute = Dispute {
            intent: intent.to_owned(),
            amount,
            currency,
            reason: reason.to_owned(),
            created: now,
            status: "needs_response".to_owned(),
            evidence: Vec::new(),
        };
        let id = self.id("dp");
        self.disputes.insert(id.clone(), dispute);
        self.disputed(&id, intent, -amount, now);
        let view = self.dispute_view(&id)?;
        Some((id, view))
    }

    /// The bank decides.
    pub(super) fn close_dispute(&mut self, id: &str, won: bool, now: i64) -> Option<Value> {
        let dispute = self.disputes.get_mut(id)?;
        if won { "won" } else { "lost" }.clone_into(&mut dispute.status);
        let (intent, amount) = (dispute.intent.clone(), dispute.amount);
        if won {
            self.disputed(id, &intent, amount, now);
        }
        self.dispute_view(id)
    }

    pub(super) fn read_dispute(&self, id: &str, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        let view = self.dispute_view(id).ok_or_else(|| ApiError::missing("dispute", id))?;
        Ok((200, view.to_string()))
    }

    /// Evidence is kept until it is submitted; then it is the bank's turn.
    pub(super) fn answer_dispute(&mut self, id: &str, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["evidence", "submit", "metadata", "expand"])?;
        let dispute = self.disputes.get_mut(id).ok_or_else(|| ApiError::missing("dispute", id))?;
        dispute.evidence.extend(form.entries("evidence[").into_keys());
        if form.is_true("submit") && dispute.status == "needs_response" {
            "under_review".clone_into(&mut dispute.status);
        }
        self.read_dispute(id, &Form::parse(b""))
    }

    fn dispute_view(&self, id: &str) -> Option<Value> {
        let dispute = self.disputes.get(id)?;
        let moved = self.movements_of(id);
        Some(json!({
            "id": id, "object": "dispute", "amount": dispute.amount, "currency": dispute.currency,
            "charge": dispute.intent.replacen("pi_", "ch_", 1), "payment_intent": dispute.intent,
            "created": dispute.created, "reason": dispute.reason, "status": dispute.status,
            "balance_transactions": moved, "enhanced_eligibility_types": [], "evidence": { "enhanced_evidence": {} },
            "evidence_details": { "due_by": dispute.created + EVIDENCE_SECONDS, "enhanced_eligibility": {},
                                  "has_evidence": !dispute.evidence.is_empty(), "past_due": false,
                                  "submission_count": u8::from(dispute.status != "needs_response") },
            "is_charge_refundable": false, "livemode": false, "metadata": {},
        }))
    }
}
