//! Endpoint of the skill over HTTPS, behind the check of Alexa's signature.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};

use crate::api::{ApiError, ApiState, Proven};
use crate::routing::post;
use crate::skill::Skill;
use crate::telemetry::Metric;
use crate::verification::{SignatureHeaders, Verifier};

/// The services of the endpoint.
#[derive(Clone)]
struct Endpoint {
    skill: Arc<Skill>,
    verifier: Arc<Verifier>,
    api: ApiState,
}

/// `POST /`. No header, query or variable leads past the signature.
pub(super) fn routes(skill: Arc<Skill>, verifier: Arc<Verifier>, api: &ApiState) -> Router {
    Router::new().route("/", post(answer)).with_state(Endpoint { skill, verifier, api: api.clone() })
}

async fn answer(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response {
    let texts = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let addressed = endpoint.skill.is_addressed_by(&body);
    if let Err(error) = endpoint.verifier.verify(SignatureHeaders::among(texts), &body, addressed).await {
        endpoint.api.metrics().count(&[Metric::AuthFailures], endpoint.api.clock().now());
        if let Some(earlier) = endpoint.api.log_limiter().admit(error.code(), endpoint.api.clock().now()) {
            tracing::warn!(
                error.code = error.code(),
                error = %error,
                earlier,
                "a request is not proven to be Alexa's"
            );
        }
        return ApiError::invalid(error.to_string()).into_response();
    }
    match endpoint.skill.answer(&body).await {
        Ok(answer) => {
            let mut response = Json(answer).into_response();
            response.extensions_mut().insert(Proven);
            response
        }
        Err(rejection) => ApiError::invalid(rejection.to_string()).into_response(),
    }
}
