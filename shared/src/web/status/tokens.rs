//! Sign-ins at Amazon, and the age of their tokens.

use crate::account::Revoked;
use crate::api::{ApiState, amazon_error};
use crate::clock::Timestamp;
use crate::web::flash::Flash;
use crate::web::page::Page;
use crate::web::remedy::PagePart;

/// One sign-in.
pub(super) struct SignInRow {
    pub(super) name: String,
    pub(super) tone: &'static str,
    pub(super) state: String,
    /// The time of the last refresh, as it is shown and for programs.
    pub(super) refreshed: Option<(String, String)>,
    /// When Amazon ended it.
    pub(super) ended_at: Option<Timestamp>,
    /// The address of the sign-in, where a person has to sign in.
    pub(super) signs_in_at: Option<&'static str>,
}

/// The data of one sign-in.
#[derive(Default)]
struct SignInData {
    signed_in: bool,
    name: Option<String>,
    ended: Option<Revoked>,
    refreshed_at: Option<Timestamp>,
}

/// The rows of the household account and of the developer account. What cannot be read says so: the rest of the page
/// has nothing to do with it.
pub(super) async fn all(state: &ApiState, page: &Page) -> Vec<SignInRow> {
    let (amazon, developer) = tokio::join!(state.account.session().status(), state.skills.login().status());
    let amazon = amazon
        .map(|status| SignInData {
            signed_in: status.signed_in,
            name: status.name,
            ended: status.ended,
            refreshed_at: status.token_renewed_at.max(status.cookies_renewed_at),
        })
        .map_err(|error| page.flash_text(&Flash::problem(&amazon_error(state, error))));
    let developer = developer
        .map(|status| SignInData {
            signed_in: status.signed_in,
            name: None,
            ended: status.ended,
            refreshed_at: status.renewed_at,
        })
        .map_err(|error| {
            tracing::warn!(%error, "the session of the developer account cannot be read");
            page.text("token-unreadable")
        });
    vec![
        SignInRow::of(page, ("token-amazon", PagePart::Household), amazon),
        SignInRow::of(page, ("token-developer", PagePart::Developer), developer),
    ]
}

/// When Amazon last ended a sign-in that has not been made again.
pub(super) fn last_end(tokens: &[SignInRow]) -> Option<Timestamp> {
    tokens.iter().filter_map(|token| token.ended_at).max()
}

impl SignInRow {
    fn of(page: &Page, (name, place): (&str, PagePart), known: Result<SignInData, String>) -> Self {
        let name = page.text(name);
        let ended_at = known.as_ref().ok().and_then(|known| Some(known.ended.as_ref()?.at));
        let mut token =
            Self { name, tone: "bad", state: String::new(), refreshed: None, ended_at, signs_in_at: None };
        let known = match known {
            Ok(known) => known,
            Err(problem) => return Self { state: problem, ..token },
        };
        token.refreshed = known.refreshed_at.map(|at| (page.ago(at), at.rfc3339()));
        if let Some(ended) = &known.ended {
            let values = [("at", page.ago(ended.at)), ("reason", ended.reason.clone())];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            token.state = page.format("token-ended", &values);
            token.signs_in_at = Some(place.href());
        } else if known.signed_in {
            token.tone = "good";
            token.state = match known.name {
                Some(name) => page.format("token-signed-in-as", &[("name", &name)]),
                None => page.text("token-signed-in"),
            };
        } else {
            token.tone = "warn";
            token.state = page.text("token-not-signed-in");
            token.signs_in_at = Some(place.href());
        }
        token
    }
}
