//! What drivers are told about their payments: once each, by text message where their number is known.
//!
//! Who gave no number reads the same on the session's page.

use plugtill_adapters::store::StoreError;
use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::checkout::is_token;
use plugtill_domain::ids::SessionId;
use plugtill_domain::session::Session;

use crate::{Notify, NotifyError};

pub(crate) async fn tell(function: &Notify, id: &SessionId, index: u32) -> Result<(), NotifyError> {
    let Some(stored) = function.store.notice(id, index).await?.filter(|stored| stored.told_at.is_none()) else {
        return Ok(());
    };
    let session = function.store.session(id).await?.map(|stored| stored.session);
    if let Some(session) = session.filter(|session| is_still_so(stored.notice.kind, session))
        && let Some(phone) = phone(function, &session).await?
    {
        let page = function.links.session_page(id);
        function.alerts.text(&phone, &text(stored.notice.kind, &session, &page)).await?;
    }
    // Told, then marked: a crash in between tells twice, the other order would tell never.
    Ok(function.store.notice_told(&stored, function.clock.now()).await?)
}

/// Whether a notice still holds: a balance that is paid by now is not demanded.
fn is_still_so(kind: DriverNoticeKind, session: &Session) -> bool {
    match kind {
        DriverNoticeKind::Unpaid | DriverNoticeKind::Reminder => session.balance.is_some(),
        DriverNoticeKind::HoldDeclined => session.bill.is_none() && session.active_holds().is_empty(),
        DriverNoticeKind::BalanceSettled | DriverNoticeKind::Refunded => true,
    }
}

/// The number that the driver left at Stripe's page.
async fn phone(function: &Notify, session: &Session) -> Result<Option<String>, StoreError> {
    if !is_token(session.id_tag()) {
        return Ok(None);
    }
    Ok(function.store.checkout(session.id_tag()).await?.and_then(|checkout| checkout.buyer.phone))
}

/// The page is the driver's: it shows why, and takes the payment.
fn text(kind: DriverNoticeKind, session: &Session, page: &str) -> String {
    let charger = &session.id.charger;
    match kind {
        DriverNoticeKind::HoldDeclined => {
            format!("Your card did not bear the hold for charging at {charger}. Pay at the end by another card: {page}")
        }
        DriverNoticeKind::Unpaid => {
            format!(
                "Your card did not pay {} for charging at {charger}. Why, and another card: {page}",
                session.uncollectable
            )
        }
        DriverNoticeKind::Reminder => {
            format!("Still unpaid: {} for charging at {charger}. Pay here: {page}", session.uncollectable)
        }
        DriverNoticeKind::BalanceSettled => {
            format!("Settled: nothing is owed for charging at {charger}. Receipt: {page}")
        }
        DriverNoticeKind::Refunded => format!("Money was given back for charging at {charger}. Receipt: {page}"),
    }
}
