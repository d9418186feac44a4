//! The host names by which a request may call this server.
//!
//! Where a stranger's name leads to this machine, a browser would otherwise let that stranger's pages read
//! what it answers.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use url::Url;

use crate::api::{ApiError, ApiState, ErrorCode};
use crate::config::{SkillEndpoint, plain_host};
use crate::web::Ingress;

/// Lets requests through that name an address, localhost, a name of the settings or one of `TRUSTED_HOSTS`. What Alexa
/// posts is proven by its signature, by any name, and a request that names nothing comes from no browser. The name that
/// the Supervisor passes on is Home Assistant's.
pub(super) async fn require(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let is_alexas = request.method() == Method::POST && request.uri().path() == "/";
    let named = match named(&request) {
        _ if is_alexas || request.extensions().get::<Ingress>().is_some() => Vec::new(),
        Ok(named) => named,
        Err(error) => return error.into_response(),
    };
    let unknown: Vec<String> =
        named.into_iter().filter(|host| !state.deps.config.api.hosts.admit(host)).collect();
    if !unknown.is_empty() {
        let known = of_settings(&state).await;
        if !unknown.iter().all(|host| known.contains(&plain_host(host))) {
            return refused().into_response();
        }
    }
    next.run(request).await
}

fn refused() -> ApiError {
    ApiError::new(
        ErrorCode::Misdirected,
        "this server is not known by that name; use its address, or add the name to TRUSTED_HOSTS",
    )
}

/// The hosts that a request names, without ports.
fn named(request: &Request) -> Result<Vec<String>, ApiError> {
    let of_header = texts(request.headers())?;
    let of_target = request.uri().authority().map(|authority| authority.host().to_owned());
    Ok(of_header.into_iter().chain(of_target).collect())
}

fn texts(headers: &HeaderMap) -> Result<Vec<String>, ApiError> {
    let values = headers.get_all(header::HOST).iter().filter(|value| !value.is_empty());
    let host = |value: &HeaderValue| {
        let text = value.to_str().ok().filter(|text| !text.contains('@'));
        let authority = text.and_then(|text| text.parse::<Authority>().ok());
        authority.map(|authority| authority.host().to_owned()).ok_or_else(refused)
    };
    values.map(host).collect()
}

/// The names of the addresses that the environment and the settings have.
async fn of_settings(state: &ApiState) -> Vec<String> {
    // A store that is down must not keep a caller out who uses a name of the environment.
    let settings = state.settings().await.unwrap_or_default();
    let effective = state.deps.config.with(&settings);
    let (setup, streams) = (&effective.setup, &effective.streams);
    let skill = setup.skill_endpoint.as_ref().and_then(|endpoint| match endpoint {
        SkillEndpoint::Https(url) => Some(url.clone()),
        SkillEndpoint::Function(_) => None,
    });
    let bases = [&streams.stream_base, &streams.art_base].into_iter().flatten();
    let bases = bases.filter_map(|base| Url::parse(base.as_str()).ok());
    let urls = skill.into_iter().chain(setup.api_url.as_ref().map(|url| url.as_url().clone())).chain(bases);
    urls.filter_map(|url| url.host_str().map(plain_host)).collect()
}
