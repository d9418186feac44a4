//! The report of a problem, for a person who looks at it from afar.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::activity::{ActivityEntry, recent};
use super::doctor::DoctorBody;
use super::error::ApiError;
use super::state::ApiState;
use crate::config::Settings;
use crate::diagnostics::Redactor;
use crate::i18n::PageLanguage;
use crate::telemetry::last_log_lines;
use crate::updates::{Asks, Updates};

/// Most activities in the report.
const ACTIVITIES: usize = 200;

/// Data that helps to find a fault, without secrets. Names of players and addresses of the home are in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DiagnosticsBody {
    /// The time of the report, RFC 3339 in UTC.
    pub at: String,
    /// The release of this program.
    pub version: &'static str,
    /// The newer releases that are known.
    pub update: UpdateBody,
    /// The system and processor that it was built for.
    #[schema(example = "linux aarch64")]
    pub system: String,
    /// The report of the doctor, in English.
    pub doctor: DoctorBody,
    /// The variables that are set. A secret only says that it is.
    pub variables: BTreeMap<&'static str, String>,
    /// The stored settings.
    #[schema(value_type = Object)]
    pub settings: Settings,
    /// The newest activities, newest first, at most 200.
    pub activity: Vec<ActivityEntry>,
    /// The last log lines of this process, oldest first, at most 200.
    pub log: Vec<String>,
}

/// The newer releases that are known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UpdateBody {
    /// Whether this deployment asks for them.
    pub asks: bool,
    /// The newest release, where it is newer than this one; null where none is known.
    pub newer: Option<String>,
}

impl UpdateBody {
    fn of(updates: &Updates) -> Self {
        Self { asks: updates.asks() == Asks::Daily, newer: updates.newer().map(|newer| newer.to_string()) }
    }
}

/// A report of a problem, to be attached to a question: checks, settings, activities and log lines, without secrets.
#[utoipa::path(
    get, path = "/diagnostics", operation_id = "diagnostics", tag = "doctor", security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "The report", body = DiagnosticsBody),
        super::responses::ReadErrors,
    )
)]
pub(super) async fn get(State(state): State<ApiState>) -> Result<Json<Value>, ApiError> {
    diagnose(&state, Redactor::default()).await.map(Json)
}

/// The report as JSON. `known` are secrets that the state does not know.
///
/// # Errors
/// When the store does not answer.
pub async fn diagnose(state: &ApiState, known: Redactor) -> Result<Value, ApiError> {
    let report = state.doctor().check().await?;
    let settings = state.settings().await?;
    let activity = recent(state, ACTIVITIES).await?;
    let body = DiagnosticsBody {
        at: state.clock().now().rfc3339(),
        version: env!("CARGO_PKG_VERSION"),
        update: UpdateBody::of(state.updates()),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        doctor: DoctorBody::of(&report, PageLanguage::english()),
        variables: state.deps.config.api.shown.clone(),
        settings: settings.as_ref().clone(),
        activity: activity.into_iter().map(ActivityEntry::from).collect(),
        log: last_log_lines(),
    };
    let mut report = serde_json::to_value(&body).map_err(|_| ApiError::internal())?;
    let own = Redactor::of(&state.deps.config.api.credentials, state.secrets.as_ref()).await;
    known.redact(&mut report);
    own.redact(&mut report);
    Ok(report)
}
