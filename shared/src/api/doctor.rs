//! The report of the doctor.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::{ApiError, ErrorBody};
use super::state::ApiState;
use crate::diagnostics::{CheckKind, DoctorReport, Verdict};
use crate::i18n::PageLanguage;

/// The longest age of a report without `fresh=true`.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The report of all checks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DoctorBody {
    /// The time of the report, RFC 3339 in UTC.
    pub at: String,
    /// Whether nothing is broken. A check without a result is not broken.
    pub healthy: bool,
    /// The checks, from Music Assistant to the Echo.
    #[serde(rename = "links")]
    pub checks: Vec<CheckBody>,
}

/// One check.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LinkBody)]
pub struct CheckBody {
    /// The subject of the check.
    #[serde(rename = "link")]
    pub kind: CheckKind,
    /// The worst verdict of the findings.
    pub verdict: Verdict,
    /// The findings, the worst first. At least one: it says why all is well where nothing is wrong.
    pub findings: Vec<FindingBody>,
}

/// One finding.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingBody {
    /// The code; it never changes its meaning.
    #[schema(example = "stream-certificate-expired")]
    pub code: String,
    /// The verdict of this finding alone.
    pub verdict: Verdict,
    /// The finding as a sentence.
    pub message: String,
    /// The remedy as a sentence; null where all is well.
    #[serde(rename = "cure")]
    pub remedy: Option<String>,
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct DoctorQuery {
    /// The language of the sentences, such as `de`; English where there are none in it.
    #[param(example = "de")]
    language: Option<String>,
    /// Whether all checks run now; else a report of the last minute may be answered.
    #[param(default = false)]
    fresh: Option<bool>,
}

/// Checks everything from Music Assistant to the Echo. It disturbs no music, and takes up to a quarter of a minute.
#[utoipa::path(
    get, path = "/doctor", operation_id = "doctor", tag = "doctor", security(("basic" = []), ("token" = ["control"])),
    params(DoctorQuery),
    responses(
        (status = 200, description = "The report", body = DoctorBody),
        (status = 400, description = "invalid_request: a parameter is malformed", body = ErrorBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn check(
    State(state): State<ApiState>,
    query: Result<Query<DoctorQuery>, QueryRejection>,
) -> Result<Json<DoctorBody>, ApiError> {
    let Query(query) =
        query.map_err(|_| ApiError::invalid("fresh: it has to be true or false".to_owned()))?;
    let language = query.language.as_deref().and_then(PageLanguage::of).unwrap_or_else(PageLanguage::english);
    let doctor = state.doctor();
    let report = match query.fresh {
        Some(true) => doctor.check_fresh().await,
        _ => doctor.check_max_age(MAX_AGE).await,
    };
    Ok(Json(DoctorBody::of(&report?, language)))
}

impl DoctorBody {
    /// The report in a language.
    #[must_use]
    pub fn of(report: &DoctorReport, language: PageLanguage) -> Self {
        let checks = report.checks.iter().map(|check| CheckBody {
            kind: check.kind,
            verdict: check.verdict,
            findings: check
                .findings
                .iter()
                .map(|finding| FindingBody {
                    code: finding.code.clone(),
                    verdict: finding.verdict,
                    message: finding.message(language),
                    remedy: finding.remedy(language),
                })
                .collect(),
        });
        Self { at: report.at.rfc3339(), healthy: report.is_healthy(), checks: checks.collect() }
    }
}
