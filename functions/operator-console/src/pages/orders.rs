//! What is ordered of a session: a form, then what would come of it, then the order.

use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{Markup, html};
use plugtill_domain::session::Session;
use plugtill_operator::{Answer, Credit, Done, OfSession, Request};
use serde::Deserialize;

use super::frame::framed;
use super::{hidden, session_link};
use crate::access::Caller;
use crate::problem::Problem;
use crate::story::{self, Story};
use crate::{Console, Shared, look, words};

/// What the forms say.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    line: String,
    /// The order's own name, so that a form that is sent twice orders once.
    #[serde(default)]
    id: String,
    /// Whether what would come of it was looked at.
    #[serde(default)]
    confirmed: bool,
}

pub(crate) async fn credit_form(
    State(console): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Problem> {
    let story = story::story(&console, &caller, &id).await?;
    let fields = credit_fields(&story);
    let about = (&story.session, story.site.name.as_str());
    Ok(form(&console, &caller, about, (words::GIVE_BACK, "credit"), &fields))
}

fn credit_fields(story: &Story) -> Markup {
    let lines = story.receipt.bill.iter().flat_map(|bill| bill.lines.iter().enumerate());
    html! {
        label { (words::HOW_MUCH) input name="amount" inputmode="decimal" autocomplete="off"; }
        label { (words::WHICH_LINE) select name="line" {
            option value="" { (words::NO_LINE) }
            @for (index, line) in lines { option value=(index) { (line.title) ", " (line.amount) } }
        } }
        label { (words::REASON_PRINTED) input name="reason" required maxlength="200"; }
    }
}

/// What is ordered with a reason and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// What is owed is given up.
    Forgive,
    /// The card is asked once more.
    Charge,
    /// The session is over.
    End,
    /// The driver is told of the receipt once more.
    Receipt,
}

impl Decision {
    pub(crate) const ALL: [Self; 4] = [Self::Charge, Self::Forgive, Self::End, Self::Receipt];

    /// The last part of its address.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Forgive => "forgive",
            Self::Charge => "charge",
            Self::End => "end",
            Self::Receipt => "receipt",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Forgive => words::GIVE_UP,
            Self::Charge => words::CHARGE_AGAIN,
            Self::End => words::END_IT,
            Self::Receipt => words::SEND_RECEIPT,
        }
    }

    /// Whether a session as it stands is one to order this of.
    pub(crate) fn suits(self, session: &Session) -> bool {
        match self {
            Self::Forgive => session.uncollectable.is_positive(),
            Self::Charge => session.balance.is_some() && session.payer.is_some(),
            Self::End => session.ended_at().is_none() && session.bill.is_none(),
            Self::Receipt => session.bill.is_some(),
        }
    }

    pub(crate) const fn request(self, asked: OfSession) -> Request {
        match self {
            Self::Forgive => Request::Forgive(asked),
            Self::Charge => Request::Charge(asked),
            Self::End => Request::End(asked),
            Self::Receipt => Request::Receipt(asked),
        }
    }

    pub(crate) async fn form(
        self,
        State(console): Shared,
        caller: Caller,
        Path(id): Path<String>,
    ) -> Result<Html<String>, Problem> {
        let session = story::seen(&console, &caller, &id).await?;
        let fields = html! { label { (words::REASON) input name="reason" required maxlength="200"; } };
        let known = console.desk.directory.site(&session.site).await?;
        let site = known.as_ref().map_or(session.site.as_str(), |known| &known.site.name);
        Ok(form(&console, &caller, (&session, site), (self.title(), self.path()), &fields))
    }

    pub(crate) async fn order(
        self,
        State(console): Shared,
        caller: Caller,
        Path(id): Path<String>,
        Form(asked): Form<Asked>,
    ) -> Result<Response, Problem> {
        let session = story::seen(&console, &caller, &id).await?;
        let (reason, by) = (asked.reason.clone(), caller.name.to_string());
        let decided = OfSession { session: session.id.clone(), reason, by, apply: asked.confirmed };
        ordered(&console, &caller, (&session, &asked, self.path(), self.title()), self.request(decided)).await
    }
}

fn form(
    console: &Console,
    caller: &Caller,
    (session, site): (&Session, &str),
    (title, order): (&str, &str),
    fields: &Markup,
) -> Html<String> {
    let here = session_link(&session.id.to_string());
    // The session and the instant name the order: a form that is sent again is the same one.
    let id = format!("console-{}", console.desk.clock.now().as_millisecond());
    let body = html! {
        p { (words::place(site, session.id.charger.as_str(), session.id.connector.0)) }
        dl {
            dt { (words::BILLED) } dd { (session.billed()) }
            dt { (words::OWED) } dd { (session.uncollectable) }
        }
        form.fields.narrow method="post" action=(format!("{here}/{order}")) {
            (hidden("csrf", &caller.token))
            (hidden("id", &id))
            (fields)
            div.row { button.first { (words::LOOK_FIRST) } a.button href=(here) { (words::BACK) } }
        }
    };
    Html(framed(caller, title, "/console/sessions", &body).into_string())
}

pub(crate) async fn credit(
    State(console): Shared,
    caller: Caller,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    let session = story::seen(&console, &caller, &id).await?;
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let line = given(&asked.line)
        .map(|line| line.parse().map_err(|_| Problem::field("line", &line, words::WRONG_FIELD[1], words::SEND_AGAIN)));
    let credit = Credit {
        session: session.id.clone(),
        id: asked.id.clone(),
        amount: given(&asked.amount),
        line: line.transpose()?,
        reason: asked.reason.clone(),
        by: caller.name.to_string(),
        apply: asked.confirmed,
    };
    ordered(&console, &caller, (&session, &asked, "credit", words::GIVE_BACK), Request::Credit(credit)).await
}

async fn ordered(
    console: &Console,
    caller: &Caller,
    (session, asked, order, title): (&Session, &Asked, &str, &str),
    request: Request,
) -> Result<Response, Problem> {
    let here = session_link(&session.id.to_string());
    let Answer::Done(done) = look::asked(console, request).await? else {
        return Ok(Redirect::to(&here).into_response());
    };
    if done.applied {
        return Ok(Redirect::to(&here).into_response());
    }
    let body = confirmation(caller, asked, &done, (&here, order));
    Ok(Html(framed(caller, title, "/console/sessions", &body).into_string()).into_response())
}

fn confirmation(caller: &Caller, asked: &Asked, done: &Done, (here, order): (&str, &str)) -> Markup {
    html! {
        p role="status" { (words::NOT_DONE_YET) }
        dl {
            @for (what, figure) in words::would(done) { dt { (what) } dd { (figure) } }
            dt { (words::WHY) } dd { (asked.reason) }
        }
        form method="post" action=(format!("{here}/{order}")) {
            (hidden("csrf", &caller.token))
            (hidden("id", &asked.id))
            (hidden("amount", &asked.amount))
            (hidden("line", &asked.line))
            (hidden("reason", &asked.reason))
            (hidden("confirmed", "true"))
            div.row { button.first { (words::DO_IT) } a.button href=(here) { (words::BACK) } }
        }
        p.dim { (words::STANDS_IN_AUDIT) }
    }
}
