//! Stripe's test cards, by the payment method tokens that stand for them (docs.stripe.com/testing).

/// Why a card is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decline {
    pub code: &'static str,
    /// The issuer's `decline_code`.
    pub reason: Option<&'static str>,
    /// How to go on (docs.stripe.com/declines/card). Real issuers differ and mostly say nothing; these words fit.
    pub advice: Option<&'static str>,
}

impl Decline {
    const fn card(reason: &'static str, advice: Option<&'static str>) -> Self {
        Self { code: "card_declined", reason: Some(reason), advice }
    }

    const fn coded(code: &'static str, advice: Option<&'static str>) -> Self {
        Self { code, reason: None, advice }
    }

    /// Whether a cardholder who is there would be asked first.
    pub(super) fn asks_the_cardholder(self) -> bool {
        self == UNAUTHENTICATED
    }
}

const UNAUTHENTICATED: Decline =
    Decline { code: "authentication_required", reason: Some("authentication_required"), advice: None };

const DECLINES: [(&str, Decline); 8] = [
    ("pm_card_chargeDeclined", Decline::card("generic_decline", None)),
    ("pm_card_chargeDeclinedInsufficientFunds", Decline::card("insufficient_funds", Some("try_again_later"))),
    ("pm_card_chargeDeclinedLostCard", Decline::card("lost_card", Some("do_not_try_again"))),
    ("pm_card_chargeCustomerFail", Decline::card("generic_decline", None)),
    ("pm_card_chargeDeclinedExpiredCard", Decline::coded("expired_card", Some("confirm_card_data"))),
    ("pm_card_chargeDeclinedProcessingError", Decline::coded("processing_error", Some("try_again_later"))),
    ("pm_card_authenticationRequired", UNAUTHENTICATED),
    ("pm_card_threeDSecure2Required", UNAUTHENTICATED),
];

/// What an issuer says that gives no reason.
pub(super) const UNEXPLAINED: Decline = Decline::card("generic_decline", None);

/// What an off-session charge of this card is answered with; `None` is success.
pub(super) fn decline_of(token: &str) -> Option<Decline> {
    DECLINES.iter().find(|(known, _)| *known == token).map(|(_, decline)| *decline)
}

/// Whether the card's network lets a hold be raised. Some do not; this one stands for them.
pub(super) fn allows_raises(token: &str) -> bool {
    token != "pm_card_jcb"
}

/// Whether the card cannot even be attached to a customer.
pub(super) fn refuses_attachment(token: &str) -> bool {
    // …0341 attaches and then declines; the plain declining cards decline the attachment already.
    token.starts_with("pm_card_chargeDeclined")
}
