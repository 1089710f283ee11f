//! What chargers are answered, where we are their back end: only after all that they said is stored, so that a charger
//! whose answer is lost says it again and nothing of it.

use plugtill_adapters::ocpp::Message;
use plugtill_adapters::ocpp::answer::{Answer, Authorization, Call, transaction_number};
use plugtill_adapters::store::StoreError;
use plugtill_domain::checkout::is_token;
use plugtill_domain::ids::{ChargerId, IdTag, SessionId};
use plugtill_domain::site::{Role, Site};

use crate::batch::Batch;
use crate::{BatchError, ChargerEvents};

/// A message that waits for its answer.
pub(crate) struct Waiting<'a> {
    /// Whose.
    pub charger: ChargerId,
    /// Which of the directory's sites.
    pub site: usize,
    /// As it was sent.
    pub frame: &'a str,
    /// What it says, or why it cannot be read.
    pub message: Result<&'a Message, &'a str>,
}

/// Answers every call of the batch.
pub(crate) async fn send(batch: &Batch<'_, '_>) -> Result<(), BatchError> {
    let function = batch.function;
    for waiting in batch.waiting() {
        let Some(known) = batch.sites.get(waiting.site).filter(|known| known.site.role == Role::Answering) else {
            continue;
        };
        // What is no call is not answered; what is no frame has no id to answer to.
        let Ok(Some(call)) = Call::of(waiting.frame) else { continue };
        let answer = answer(function, &known.site, &waiting, &call).await?;
        function.chargers.send(&waiting.charger, call.answer(&answer)).await?;
    }
    Ok(())
}

async fn answer(
    function: &ChargerEvents,
    site: &Site,
    waiting: &Waiting<'_>,
    call: &Call<'_>,
) -> Result<Answer, StoreError> {
    let message = match waiting.message {
        Ok(message) => message,
        Err(why) => return Ok(Answer::Unreadable(why.to_owned())),
    };
    let tag = call.id_tag().filter(|_| matches!(call.action, "Authorize" | "StartTransaction" | "TransactionEvent"));
    let Some(tag) = tag else {
        let nobody = call.action == "Authorize";
        let plain = || call.plain(function.clock.now());
        return Ok(if nobody { Answer::Authorized(Authorization::Invalid) } else { plain() });
    };
    let who = authorization(function, site, &waiting.charger, &tag).await?;
    let Message::Start { connector, at, .. } = message else { return Ok(Answer::Authorized(who)) };
    let id = SessionId { charger: waiting.charger.clone(), connector: *connector, started_at: *at };
    Ok(Answer::Started(transaction_number(&id), who))
}

/// Whether somebody pays for a tag here: a hold that was placed for this charger, or a card, and nothing owed.
async fn authorization(
    function: &ChargerEvents,
    site: &Site,
    charger: &ChargerId,
    tag: &IdTag,
) -> Result<Authorization, StoreError> {
    let store = &function.store;
    if is_token(tag) {
        let checkout = store.checkout(tag).await?;
        let pays = checkout.is_some_and(|checkout| checkout.pays_at(charger));
        return Ok(if pays { Authorization::Accepted } else { Authorization::Invalid });
    }
    let card = match store.payer(&site.id, Some(tag)).await? {
        Some(card) => Some(card),
        None => store.payer(&site.id, None).await?,
    };
    if card.is_none() {
        return Ok(Authorization::Invalid);
    }
    let owes = !store.unpaid_sessions(tag).await?.is_empty();
    Ok(if owes { Authorization::Blocked } else { Authorization::Accepted })
}
