//! Stripe's test cards, by the payment method tokens that stand for them (docs.stripe.com/testing).

/// Why a card is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decline {
    pub code: &'static str,
    pub decline_code: Option<&'static str>,
}

const fn declined(decline_code: &'static str) -> Decline {
    Decline { code: "card_declined", decline_code: Some(decline_code) }
}

const DECLINES: [(&str, Decline); 8] = [
    ("pm_card_chargeDeclined", declined("generic_decline")),
    ("pm_card_chargeDeclinedInsufficientFunds", declined("insufficient_funds")),
    ("pm_card_chargeDeclinedLostCard", declined("lost_card")),
    ("pm_card_chargeCustomerFail", declined("generic_decline")),
    ("pm_card_chargeDeclinedExpiredCard", Decline { code: "expired_card", decline_code: None }),
    ("pm_card_chargeDeclinedProcessingError", Decline { code: "processing_error", decline_code: None }),
    (
        "pm_card_authenticationRequired",
        Decline { code: "authentication_required", decline_code: Some("authentication_required") },
    ),
    (
        "pm_card_threeDSecure2Required",
        Decline { code: "authentication_required", decline_code: Some("authentication_required") },
    ),
];

/// What an off-session charge of this card is answered with; `None` is success.
pub(super) fn decline_of(token: &str) -> Option<Decline> {
    DECLINES.iter().find(|(known, _)| *known == token).map(|(_, decline)| *decline)
}

/// Whether the card cannot even be attached to a customer.
pub(super) fn refuses_attachment(token: &str) -> bool {
    // …0341 attaches and then declines; the plain declining cards decline the attachment already.
    token.starts_with("pm_card_chargeDeclined")
}
