//! What drivers are told about their payments: once each, by text message where their number is known.
//!
//! Who gave no number reads the same on the session's page.

use plugtill_adapters::alerts::AlertError;
use plugtill_adapters::store::StoreError;
use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::checkout::is_token;
use plugtill_domain::ids::SessionId;
use plugtill_domain::language::Language;
use plugtill_domain::money::Money;
use plugtill_domain::session::Session;
use plugtill_texts::{DriverStory, tell_driver};

use crate::{Notify, NotifyError};

pub(crate) async fn tell(function: &Notify, id: &SessionId, index: u32) -> Result<(), NotifyError> {
    let Some(stored) = function.store.notice(id, index).await?.filter(|stored| stored.told_at.is_none()) else {
        return Ok(());
    };
    let session = function.store.session(id).await?.map(|stored| stored.session);
    if let Some(session) = session.filter(|session| is_still_so(stored.notice.kind, session))
        && let Some((phone, language)) = reached(function, &session).await?
    {
        let rules = function.incidents.rules(Some(&session.site)).await?;
        let language = language.unwrap_or(rules.policy.language);
        let (name, page) = function.links.short_session_page(id);
        function.store.put_session_name(&name, id).await?;
        let story = DriverStory {
            kind: stored.notice.kind,
            charger: session.id.charger.as_str(),
            amount: amount(stored.notice.kind, &session),
            minutes: stored.notice.in_minutes.map_or(0, i64::from),
            page: &page,
        };
        match function.alerts.text(&phone, &tell_driver(language, &story)).await {
            Ok(_) => {}
            // The session's page says the same: what cannot be told by text is not tried for ever.
            Err(error @ AlertError::Number(_)) => {
                tracing::warn!(session = %id, %error, "the driver is told on the page alone");
            }
            Err(error @ AlertError::NotTaken(_)) => return Err(error.into()),
        }
    }
    // Told, then marked: a crash in between tells twice, the other order would tell never.
    Ok(function.store.notice_told(&stored, function.clock.now()).await?)
}

/// Whether a notice still holds: a balance that is paid by now is not demanded.
fn is_still_so(kind: DriverNoticeKind, session: &Session) -> bool {
    match kind {
        DriverNoticeKind::Unpaid | DriverNoticeKind::Reminder => session.balance.is_some(),
        DriverNoticeKind::HoldDeclined => session.bill.is_none() && session.active_holds().is_empty(),
        // Who has left by now has nothing to hurry for.
        DriverNoticeKind::ChargingComplete | DriverNoticeKind::IdleSoon | DriverNoticeKind::IdleRunning => {
            session.bill.is_none()
        }
        DriverNoticeKind::BalanceSettled | DriverNoticeKind::Refunded | DriverNoticeKind::ReceiptReady => true,
    }
}

fn amount(kind: DriverNoticeKind, session: &Session) -> Money {
    if kind == DriverNoticeKind::ReceiptReady { session.billed() } else { session.uncollectable }
}

/// The number that the driver left when they paid, and the language that they read then.
async fn reached(function: &Notify, session: &Session) -> Result<Option<(String, Option<Language>)>, StoreError> {
    if !is_token(session.id_tag()) {
        return Ok(None);
    }
    let checkout = function.store.checkout(session.id_tag()).await?;
    Ok(checkout.and_then(|checkout| Some((checkout.texts_to.or(checkout.buyer.phone)?, checkout.language))))
}
