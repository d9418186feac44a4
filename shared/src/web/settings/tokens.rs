//! API tokens: what there is, a new one, and an end to one.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::show;
use crate::access::{self, LONGEST_NAME, MadeToken, Scope, StoredToken};
use crate::api::{ApiState, make_token, revoke_token};
use crate::routing::post;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::origin;
use crate::web::page::Page;

/// The places of the answers: beside the list, and below the form.
const LIST: &str = "tokens-list";
const FORM: &str = "tokens-form";

/// The address of the program if nothing else is said.
const USUAL: &str = "http://127.0.0.1:5000";

pub(super) fn routes() -> Router<ApiState> {
    Router::new().route("/settings/tokens", post(make)).route("/settings/tokens/revoke", post(revoke))
}

/// The section of the page.
pub(super) struct TokensView<'a> {
    /// The tokens; none where they cannot be read.
    pub(super) rows: Option<Vec<TokenRow>>,
    /// The token that was just made, and a line of a shell that uses it.
    pub(super) made: Option<(&'a MadeToken, String)>,
    pub(super) longest_name: usize,
}

/// A token in the list.
pub(super) struct TokenRow {
    pub(super) id: String,
    pub(super) name: String,
    /// Its scope, when it was made and when it was used last, in sentences.
    pub(super) scope: String,
    pub(super) made: String,
    pub(super) used: String,
}

impl<'a> TokensView<'a> {
    pub(super) async fn of(state: &ApiState, page: &Page, made: Option<&'a MadeToken>) -> Self {
        let tokens = access::list(state.deps.store.as_ref()).await;
        let tokens = tokens.inspect_err(|error| tracing::error!(%error, "the API tokens cannot be read"));
        let made = match made {
            Some(made) => Some((made, curl(state, page, made).await)),
            None => None,
        };
        Self {
            rows: tokens.ok().map(|tokens| tokens.iter().map(|token| TokenRow::new(page, token)).collect()),
            made,
            longest_name: LONGEST_NAME,
        }
    }
}

impl TokenRow {
    fn new(page: &Page, token: &StoredToken) -> Self {
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            scope: page.text(match token.scope {
                Scope::Control => "token-scope-control",
                Scope::Everything => "token-scope-everything",
            }),
            made: page.format_one("token-made-ago", "ago", page.ago(token.made_at)),
            used: match token.unused_days(page.now()) {
                None => page.text("token-used-never"),
                Some(0) => page.text("token-used-today"),
                Some(days) => page.count("token-used-days", days),
            },
        }
    }
}

/// A line of a shell that asks for the players.
async fn curl(state: &ApiState, page: &Page, made: &MadeToken) -> String {
    let configured = origin::configured(state).await;
    let configured = configured.as_ref().map(|url| url.as_url().as_str().trim_end_matches('/'));
    let base = page.origin().or(configured).unwrap_or(USUAL);
    format!("curl -H 'Authorization: Bearer {}' {base}/v1/players", made.token.text())
}

#[derive(Deserialize)]
struct NewToken {
    #[serde(default)]
    name: String,
    scope: Scope,
}

/// Makes a token, which this answer alone shows.
async fn make(State(state): State<ApiState>, page: Page, ValidForm(form): ValidForm<NewToken>) -> Response {
    match make_token(&state, form.name, form.scope).await {
        Ok(made) => show(&state, &page, Some(&made)).await,
        Err(error) => page.redirect_with_flash("/settings", &Flash::problem(&error).at(FORM)),
    }
}

#[derive(Deserialize)]
struct RevokeForm {
    #[serde(default)]
    id: String,
}

async fn revoke(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<RevokeForm>,
) -> Response {
    let flash = match revoke_token(&state, &form.id).await {
        Ok(revoked) => Flash::good("token-revoked", &[("name", &revoked.name)]),
        Err(error) => Flash::problem(&error),
    };
    page.redirect_with_flash("/settings", &flash.at(LIST))
}
