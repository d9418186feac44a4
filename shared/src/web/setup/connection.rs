//! The connection to Music Assistant's own API, as a part of its step.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use secrecy::SecretString;
use serde::Deserialize;

use super::answer::{StepForm, answer};
use super::shown::part;
use super::step::SetupStep;
use crate::api::{
    ApiError, ApiState, ConnectBody, EchoPlayersBody, MaConnection, check_connection, connect, disconnect,
    suggestions,
};
use crate::music_assistant::PlayerWay;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::form::ValidForm;
use crate::web::page::Page;

/// The place of the page that shows it.
const PLACE: StepForm = StepForm::new(SetupStep::MusicAssistant, "ma-connection");

/// The connection as the page shows it.
pub(super) struct ConnectionView {
    /// The address: fixed, set, or the first suggestion.
    pub(super) address: String,
    /// Whether a variable fixes the address.
    pub(super) is_fixed: bool,
    /// Further addresses at which Music Assistant may be.
    pub(super) suggestions: Vec<String>,
    /// The last look at it; none where it is not connected.
    pub(super) seen: Option<SeenView>,
}

/// The last look at Music Assistant.
pub(super) struct SeenView {
    /// Address, release, user and time in one sentence.
    pub(super) sentence: String,
    /// The Echos with their players, in sentences, and whether there is a player.
    pub(super) echos: Vec<(String, bool)>,
}

#[derive(Template)]
#[template(path = "setup/connection.html")]
struct Fragment<'a> {
    page: &'a Page,
    connection: ConnectionView,
    /// Whether the form is unfolded although it is connected.
    opens: bool,
}

/// The fields of the form.
#[derive(Deserialize)]
pub(super) struct ConnectForm {
    #[serde(default)]
    address: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: Option<SecretString>,
    #[serde(default)]
    token: Option<SecretString>,
}

impl ConnectionView {
    /// The connection as it is known without a request to Music Assistant.
    pub(super) async fn of(state: &ApiState, page: &Page) -> Result<Self, ApiError> {
        let effective = state.effective().await?;
        let mut suggestions = suggestions(state).await?;
        let set = effective.ma_api.url.as_ref().map(ToString::to_string);
        let record = MaConnection::read(state).await?.filter(|_| set.is_some());
        let seen = record.zip(set.as_ref()).map(|(record, address)| SeenView::new(page, &record, address));
        let address = match set {
            Some(address) => address,
            None if suggestions.is_empty() => String::new(),
            None => suggestions.remove(0),
        };
        Ok(Self { address, is_fixed: state.deps.config.api.ma_api.url.is_some(), suggestions, seen })
    }
}

impl SeenView {
    fn new(page: &Page, record: &MaConnection, address: &str) -> Self {
        let (user, role) = (record.user.as_deref(), record.role.as_deref());
        let ago = page.ago(record.at);
        let values = [
            ("address", address),
            ("version", record.version.as_str()),
            ("user", user.unwrap_or_default()),
            ("role", role.unwrap_or_default()),
            ("ago", ago.as_str()),
        ];
        let key = if user.is_some() { "setup-ma-connected" } else { "setup-ma-connected-nameless" };
        let echos = record.echos.iter().map(|echo| (echo_sentence(page, echo), !echo.players.is_empty()));
        Self { sentence: page.format(key, &values), echos: echos.collect() }
    }
}

fn echo_sentence(page: &Page, echo: &EchoPlayersBody) -> String {
    let Some(first) = echo.players.first() else {
        return page.format_one("setup-ma-echo-without", "echo", &echo.echo);
    };
    let key = match (first.way, first.available) {
        (_, false) => "setup-ma-echo-away",
        (PlayerWay::Renderer, true) => "setup-ma-echo-renderer",
        (PlayerWay::Provider, true) => "setup-ma-echo-provider",
    };
    page.format_two(key, "echo", &echo.echo, "player", &first.name)
}

/// The part of the page.
pub(super) async fn show(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let connection = ConnectionView::of(&state, &page).await?;
    Ok(page.fragment(&Fragment { page: &page, connection, opens: false }))
}

/// The part as a text, for the whole page.
pub(super) async fn render(state: &ApiState, page: &Page, opens: bool) -> Result<String, PageError> {
    let connection = ConnectionView::of(state, page).await?;
    part(&Fragment { page, connection, opens })
}

/// Connects, by what the form holds.
pub(super) async fn begin(
    State(state): State<ApiState>,
    page: Page,
    ValidForm(form): ValidForm<ConnectForm>,
) -> Response {
    let is_fixed = state.deps.config.api.ma_api.url.is_some();
    let wish = ConnectBody {
        address: Some(form.address).filter(|_| !is_fixed),
        username: Some(form.username),
        password: form.password,
        token: form.token,
    };
    let flash = match connect(&state, wish).await {
        Ok(seen) => Flash::good("setup-ma-connected-now", &[("version", &seen.info.version)]),
        Err(error) => Flash::problem(&error),
    };
    answer(&page, PLACE, flash)
}

/// Looks at Music Assistant again.
pub(super) async fn check(State(state): State<ApiState>, page: Page) -> Response {
    let flash = match check_connection(&state).await {
        Ok(_) => Flash::good("setup-ma-checked", &[]),
        Err(error) => Flash::problem(&error),
    };
    answer(&page, PLACE, flash)
}

/// Forgets the token.
pub(super) async fn end(State(state): State<ApiState>, page: Page) -> Response {
    let flash = match disconnect(&state).await {
        Ok(()) => Flash::good("setup-ma-disconnected", &[]),
        Err(error) => Flash::problem(&error),
    };
    answer(&page, PLACE, flash)
}
