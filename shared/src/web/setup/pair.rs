//! Pairing of all Echos at once.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::amazon::sentence;
use crate::amazon::{Identification, IdentifyOutcome};
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// How long the page waits for the Echos.
const WAIT: Duration = Duration::from_secs(12);

#[derive(Template)]
#[template(path = "setup/paired.html")]
struct Paired<'a> {
    page: &'a Page,
    good: usize,
    results: Vec<ResultView>,
}

struct ResultView {
    name: String,
    text: String,
    is_good: bool,
}

/// Identifies every Echo of the account.
pub(super) async fn pair_all(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let speech = state.effective().await?.speech.clone();
    let account = state.account.clone();
    let told = state.account.finish(async move { account.identify(&[], &speech, WAIT).await }).await;
    Ok(match told {
        Ok(identified) => {
            let results: Vec<ResultView> =
                identified.iter().map(|identified| ResultView::new(&page, identified)).collect();
            let good = results.iter().filter(|result| result.is_good).count();
            page.render(&Paired { page: &page, good, results })
        }
        Err(error) => page.redirect_with_flash(
            "/setup#pair",
            &Flash::bad("setup-amazon-problem", &[("problem", &sentence(&page, &error))]),
        ),
    })
}

impl ResultView {
    fn new(page: &Page, identified: &Identification) -> Self {
        let name = identified.device.name.clone();
        let (is_good, text) = match &identified.outcome {
            IdentifyOutcome::Paired { .. } => (true, page.text("setup-pair-paired")),
            IdentifyOutcome::NeverAsked => (false, page.text("setup-pair-never-asked")),
            IdentifyOutcome::Failed(error) => (false, sentence(page, error)),
        };
        Self { name, text, is_good }
    }
}
