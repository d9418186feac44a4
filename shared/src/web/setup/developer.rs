//! Signing in to the developer account.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use crate::api::ApiState;
use crate::smapi::{SecurityProfile, SmapiError};
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

const RETURN_PATH: &str = "/setup/developer/return";

/// The return address of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Returns {
    pub(super) origin: String,
    pub(super) url: String,
    /// Whether the browser finds nothing there, and the person has to bring the address back.
    pub(super) is_pasted: bool,
}

impl Returns {
    /// Amazon takes https addresses, and http ones of the browser's own machine (Login with Amazon, allowed return
    /// URLs).
    pub(super) fn of(page: &Page, api_url: Option<&str>, port: u16) -> Self {
        Self::from_origins(page.origin(), api_url, port)
    }

    fn from_origins(page: Option<&str>, api_url: Option<&str>, port: u16) -> Self {
        let usable = page.and_then(usable_origin).or_else(|| {
            // The page was reached by another name: the one that was set is as good where it is https.
            api_url.filter(|url| url.starts_with("https://")).and_then(usable_origin)
        });
        if let Some(origin) = usable {
            return Self { url: format!("{origin}{RETURN_PATH}"), origin, is_pasted: false };
        }
        // Where a browser finds nothing, unless this very program runs beside it.
        let origin = format!("http://127.0.0.1:{port}");
        Self { url: format!("{origin}{RETURN_PATH}"), origin, is_pasted: true }
    }
}

fn usable_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    // A proxy that speaks https and calls us by our own name hides the one that the browser knows.
    let is_usable = match url.scheme() {
        "https" => !is_local,
        _ => is_local,
    };
    is_usable.then(|| url.origin().ascii_serialization())
}

#[derive(Deserialize)]
pub(super) struct ProfileForm {
    #[serde(default)]
    client_id: String,
    client_secret: SecretString,
}

#[derive(Deserialize)]
pub(super) struct AddressForm {
    address: SecretString,
}

#[derive(Template)]
#[template(path = "setup/leave.html")]
struct Leave<'a> {
    page: &'a Page,
    url: String,
    is_pasted: bool,
}

/// Keeps the security profile and shows the way to Amazon. It is a link and no redirect, since the pages send their
/// forms nowhere else.
pub(super) async fn begin(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<ProfileForm>,
) -> Result<Response, PageError> {
    let effective = state.effective().await?;
    let api_url = effective.setup.api_url.as_ref().map(ToString::to_string);
    let returns = Returns::of(&page, api_url.as_deref(), state.deps.config.api.port);
    let begun = match SecurityProfile::parse(&form.client_id, form.client_secret.expose_secret()) {
        Ok(profile) => state.skills.login().begin(&profile, &returns.url).await,
        Err(error) => Err(error),
    };
    Ok(match begun {
        Ok(url) => page.render(&Leave { page: &page, url, is_pasted: returns.is_pasted }),
        Err(error) => done(&page, Err(error)),
    })
}

/// Amazon leads back.
pub(super) async fn returned(
    State(state): State<ApiState>,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let completed = state.skills.login().complete(&format!("?{query}")).await;
    done(&page, completed)
}

/// The person brings the address back.
pub(super) async fn pasted(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<AddressForm>,
) -> Result<Response, PageError> {
    let completed = state.skills.login().complete(form.address.expose_secret().trim()).await;
    Ok(done(&page, completed))
}

pub(super) async fn sign_out(State(state): State<ApiState>, page: Page) -> Response {
    match state.skills.login().sign_out().await {
        Ok(()) => page.redirect_with_flash("/setup#developer", &Flash::good("login-logged-out", &[])),
        Err(error) => page.redirect_with_flash("/setup#developer", &problem(&page, &error)),
    }
}

fn done(page: &Page, completed: Result<(), SmapiError>) -> Response {
    match completed {
        Ok(()) => page.redirect_with_flash("/setup#skill", &Flash::good("setup-developer-signed-in", &[])),
        Err(error) => page.redirect_with_flash("/setup#developer", &problem(page, &error)),
    }
}

/// The problem and the remedy, as one message.
pub(super) fn problem(page: &Page, error: &SmapiError) -> Flash {
    let (problem, cure) = texts(page, error);
    Flash::bad("setup-problem", &[("problem", &problem), ("cure", &cure)])
}

/// The problem and the remedy.
pub(super) fn texts(page: &Page, error: &SmapiError) -> (String, String) {
    let details = error.details();
    let values: Vec<(&str, &str)> =
        details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let text = |kind: &str| page.format(&format!("skill-{kind}-{}", error.code()), &values);
    (text("problem"), text("cure"))
}
