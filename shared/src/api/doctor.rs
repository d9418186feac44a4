//! The chain from Music Assistant to the loudspeaker, link by link.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::{ApiError, ErrorBody};
use super::state::ApiState;
use crate::doctor::{Examination, LinkKind, Verdict};
use crate::i18n::PageLanguage;

/// How old an examination may be that nobody asked to be fresh.
const KEPT: Duration = Duration::from_mins(1);

/// How the chain is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DoctorBody {
    /// When it was looked at, RFC 3339 in UTC.
    pub at: String,
    /// Whether nothing is broken. What cannot be checked from here is not.
    pub healthy: bool,
    /// In the order of the chain.
    pub links: Vec<LinkBody>,
}

/// One link.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkBody {
    /// Which.
    pub link: LinkKind,
    /// How it is: as bad as the worst of its findings.
    pub verdict: Verdict,
    /// What was found, the worst first; at least one, which says why where all is well.
    pub findings: Vec<FindingBody>,
}

/// One thing that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingBody {
    /// What it is; never changes its meaning.
    #[schema(example = "stream-certificate-expired")]
    pub code: String,
    /// How it is.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub message: String,
    /// The one thing to do; null where there is nothing to do.
    pub cure: Option<String>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DoctorQuery {
    /// The language of the sentences, such as `de`; English where there are none in it.
    #[param(example = "de")]
    language: Option<String>,
    /// Whether to look anew, and not to take what was found in the last minute.
    #[param(default = false)]
    fresh: Option<bool>,
}

/// Looks at every link from Music Assistant to the Echo. It disturbs no music, and takes up to a quarter of a minute.
#[utoipa::path(
    get, path = "/doctor", operation_id = "doctor", tag = "doctor", security(("basic" = [])),
    params(DoctorQuery),
    responses(
        (status = 200, description = "What was found", body = DoctorBody),
        (status = 400, description = "invalid_request: a parameter is malformed", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn examine(
    State(state): State<ApiState>,
    query: Result<Query<DoctorQuery>, QueryRejection>,
) -> Result<Json<DoctorBody>, ApiError> {
    let Query(query) =
        query.map_err(|_| ApiError::invalid("fresh: it has to be true or false".to_owned()))?;
    let language = query.language.as_deref().and_then(PageLanguage::of).unwrap_or_else(PageLanguage::english);
    let doctor = state.doctor();
    let found = match query.fresh {
        Some(true) => doctor.examine_afresh().await,
        _ => doctor.at_most(KEPT).await,
    };
    Ok(Json(body(&found?, language)))
}

fn body(examination: &Examination, language: PageLanguage) -> DoctorBody {
    let links = examination.links.iter().map(|link| LinkBody {
        link: link.link,
        verdict: link.verdict,
        findings: link
            .findings
            .iter()
            .map(|finding| FindingBody {
                code: finding.code.clone(),
                verdict: finding.verdict,
                message: finding.message(language),
                cure: finding.cure(language),
            })
            .collect(),
    });
    DoctorBody { at: examination.at.rfc3339(), healthy: examination.is_healthy(), links: links.collect() }
}
