//! The renderers of this process, or of the home behind it, as their owner sees and chooses them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::JsonBody;
use super::devices::{check_serials, listed};
use super::error::{ApiError, ErrorBody, ErrorCode};
use super::playback_errors::explain;
use super::state::ApiState;
use crate::account::{Device, DeviceKind, DeviceList};
use crate::amazon::Freshness;
use crate::clock::Timestamp;
use crate::config::OfferedRenderers;
use crate::playback::{Player, PlayerId, ReportedState};
use crate::renderer_report::{
    Finder, RendererProblem, RendererReport, RendererState, ReportedRenderer, Serving,
};

/// Most serial numbers that are kept as switched off, and as switched on.
const CHOSEN_AT_MOST: usize = 100;

/// The renderers, and who looked for them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RenderersBody {
    /// Whether this server serves them: not where `RENDERER_BIND` is `off` or another program has the port.
    pub served: bool,
    /// Whether the program at home serves them, by the bridge to functions in AWS. Who found them and what failed is known
    /// there alone.
    pub at_home: bool,
    /// The address on which they are served; null where they are not.
    #[schema(example = "0.0.0.0:5002")]
    pub address: Option<String>,
    /// Time of the last search that finds one, RFC 3339 in UTC; null before the first since the start.
    pub searched_at: Option<String>,
    /// The last controller that asked for one; null before the first since the start.
    pub found_by: Option<FinderBody>,
    /// Whether none is offered, whatever is on.
    pub all_off: bool,
    /// The Echos, stereo pairs and groups that can be renderers. The halves of a pair play as one.
    pub renderers: Vec<RendererBody>,
}

/// A controller.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FinderBody {
    /// Its address.
    #[schema(example = "192.168.1.5")]
    pub address: String,
    /// Its program; null where it does not say.
    #[schema(example = "Python/3.13")]
    pub product: Option<String>,
    /// Time of its last request, RFC 3339 in UTC.
    pub at: String,
}

/// A device as a renderer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RendererBody {
    /// The device's serial number.
    pub serial: String,
    /// The device's name at Amazon. The name of a group's renderer says, too, that it is not in sync.
    pub name: String,
    /// Whether it is a group: each member starts for itself, not in sync.
    pub group: bool,
    /// Whether it is to be offered.
    pub on: bool,
    /// Its state; null where it is not offered.
    pub state: Option<RendererState>,
    /// Time of the last request of a controller, RFC 3339 in UTC.
    pub found_at: Option<String>,
    /// Its last failure since it was told to play last.
    pub problem: Option<RendererProblemBody>,
}

/// A failure of a renderer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RendererProblemBody {
    /// The code of an error, such as `device_offline` or `never_asked`, or `did_not_play`.
    #[schema(example = "never_asked")]
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// Its time, RFC 3339 in UTC.
    pub at: String,
}

/// The choice of renderers, which replaces the one before.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct RenderersChange {
    /// Whether none is offered.
    all_off: bool,
    /// Serial numbers of Echos and stereo pairs that are not offered, at most 100.
    off: Vec<String>,
    /// Serial numbers of groups that are offered, at most 100; without it, none is.
    #[serde(default)]
    on: Vec<String>,
}

/// The renderers, who looked for them, and what failed. In AWS, which of them the program at home offers.
#[utoipa::path(
    get, path = "/renderers", operation_id = "renderers", tag = "devices", security(("basic" = []), ("token" = ["control"])),
    responses(
        (status = 200, description = "The renderers", body = RenderersBody),
        (status = 404, description = "serves_no_renderers: these functions have no bridge", body = ErrorBody),
        super::responses::AmazonReadErrors,
    )
)]
pub(super) async fn get(State(state): State<ApiState>) -> Result<Json<RenderersBody>, ApiError> {
    Ok(Json(body(&state).await?))
}

/// Chooses the renderers that are offered. It takes effect within half a minute, and in AWS within two minutes.
#[utoipa::path(
    put, path = "/renderers", operation_id = "choose_renderers", tag = "devices", request_body = RenderersChange,
    security(("basic" = []), ("token" = ["everything"])),
    responses(
        (status = 200, description = "The renderers", body = RenderersBody),
        (status = 404, description = "serves_no_renderers: these functions have no bridge", body = ErrorBody),
        super::responses::AmazonWriteErrors,
    )
)]
pub(super) async fn choose(
    State(state): State<ApiState>,
    JsonBody(RenderersChange { all_off, mut off, mut on }): JsonBody<RenderersChange>,
) -> Result<Json<RenderersBody>, ApiError> {
    report_here(&state)?;
    for serials in [&mut off, &mut on] {
        check_serials(&*serials)?;
        serials.sort_unstable();
        serials.dedup();
    }
    let wanted = OfferedRenderers { all_off, off, on };
    state.change_settings(Arc::new(move |settings| settings.renderers = wanted.clone())).await?;
    Ok(Json(body(&state).await?))
}

/// Switches the renderer of one device on or off, and returns the device's name.
///
/// # Errors
/// When there are no renderers here, the list of devices has no such one, or the store does not answer.
pub(crate) async fn switch_renderer(state: &ApiState, serial: &str, on: bool) -> Result<String, ApiError> {
    report_here(state)?;
    let devices = listed(state, Freshness::Cached).await?;
    let playable: Vec<&Device> = can_be_offered(&devices.list).collect();
    let device = playable.iter().find(|device| device.serial == serial).ok_or_else(|| {
        ApiError::new(
            ErrorCode::DeviceUnknown,
            "no group, and no Echo or stereo pair that plays alone, has this serial number",
        )
    })?;
    let others = playable.iter().filter(|other| other.serial != serial && !is_group(other));
    let others: Vec<String> = others.map(|other| other.serial.clone()).collect();
    let (wanted, of_group) = (serial.to_owned(), is_group(device));
    let change = move |renderers: &mut OfferedRenderers| {
        if on && renderers.all_off {
            *renderers = OfferedRenderers { off: others.clone(), ..OfferedRenderers::default() };
        }
        let (listed, is_listed) = if of_group { (&mut renderers.on, on) } else { (&mut renderers.off, !on) };
        listed.retain(|known| *known != wanted);
        if is_listed {
            // The oldest may be of devices that are gone.
            let excess = (listed.len() + 1).saturating_sub(CHOSEN_AT_MOST);
            listed.drain(..excess);
            listed.push(wanted.clone());
        }
    };
    state.change_settings(Arc::new(move |settings| change(&mut settings.renderers))).await?;
    Ok(device.name.clone())
}

/// The devices of a list that can be renderers. The halves of a pair play as one, and of a group a member is known.
pub(crate) fn can_be_offered(list: &DeviceList) -> impl Iterator<Item = &Device> {
    list.devices.iter().filter(|device| !players_of(list, device).is_empty())
}

/// The Echos and pairs that play for a device: itself, or the members of a group, for which no Echo asks.
pub(crate) fn players_of<'a>(list: &'a DeviceList, device: &'a Device) -> Vec<&'a Device> {
    let is_pair = |device: &&Device| device.kind == DeviceKind::StereoPair;
    let is_half =
        |serial: &String| list.devices.iter().filter(is_pair).any(|pair| pair.members.contains(serial));
    let plays_alone = |device: &&Device| match device.kind {
        DeviceKind::Echo => !is_half(&device.serial),
        DeviceKind::StereoPair => true,
        DeviceKind::Group | DeviceKind::Other => false,
    };
    if !is_group(device) {
        return Some(device).into_iter().filter(plays_alone).collect();
    }
    let echos: Vec<&str> = list.echos_of(device).iter().map(|echo| echo.serial.as_str()).collect();
    let is_inside =
        |member: &&Device| list.echos_of(member).iter().all(|echo| echos.contains(&echo.serial.as_str()));
    list.devices.iter().filter(plays_alone).filter(is_inside).collect()
}

/// Whether it is a group. One of two Echos as a pair is none.
pub(crate) fn is_group(device: &Device) -> bool {
    device.kind == DeviceKind::Group
}

/// Whether a device that can be a renderer is offered: a group only where it is switched on.
pub(crate) fn is_offered(chosen: &OfferedRenderers, device: &Device) -> bool {
    if is_group(device) { chosen.has_group(&device.serial) } else { chosen.has(&device.serial) }
}

fn report_here(state: &ApiState) -> Result<RendererReport, ApiError> {
    let report = state.renderers().report();
    if report.is_here() {
        return Ok(report);
    }
    let why = "these functions have no bridge, so that no home serves renderers: deploy this release by infra/deploy, \
               and start `ma-alexa bridge` at home";
    Err(ApiError::new(ErrorCode::ServesNoRenderers, why))
}

async fn body(state: &ApiState) -> Result<RenderersBody, ApiError> {
    let mut report = report_here(state)?;
    let chosen = state.settings().await?.renderers.clone();
    explain_failures(state, &mut report).await?;
    let renderers = match listed(state, Freshness::Cached).await {
        Ok(devices) => can_be_offered(&devices.list)
            .map(|device| RendererBody::of(device, &chosen, report.renderers.get(&device.serial)))
            .collect(),
        Err(error) if matches!(error.code(), ErrorCode::NotSignedIn | ErrorCode::SignInAgain) => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(RenderersBody {
        served: report.address().is_some(),
        at_home: report.serving == Serving::AtHome,
        address: report.address().map(|address| address.to_string()),
        searched_at: report.searched_at.map(Timestamp::rfc3339),
        found_by: report.found_by.map(FinderBody::of),
        all_off: chosen.all_off,
        renderers,
    })
}

/// Has each Echo that did not play say why, by its own report.
async fn explain_failures(state: &ApiState, report: &mut RendererReport) -> Result<(), ApiError> {
    let did_not_play = |renderer: &&mut ReportedRenderer| {
        renderer.problem.as_ref().is_some_and(RendererProblem::has_no_reason)
    };
    let mut failed = report.renderers.values_mut().filter(did_not_play).peekable();
    if failed.peek().is_none() {
        return Ok(());
    }
    let household = state.deps.store.household(state.clock().now()).await?;
    for ReportedRenderer { device, problem, .. } in failed {
        let player = household.player(&PlayerId::from(device.name.as_str()));
        let heard = player.and_then(Player::effective_report).map(|heard| &heard.report.state);
        if let (Some(problem), Some(ReportedState::Failed(Some(failure)))) = (problem, heard) {
            problem.message = format!("{} ({})", explain(failure), failure.kind);
        }
    }
    Ok(())
}

impl FinderBody {
    fn of(finder: Finder) -> Self {
        let Finder { address, product, at } = finder;
        Self { address: address.to_string(), product, at: at.rfc3339() }
    }
}

impl RendererBody {
    fn of(device: &Device, chosen: &OfferedRenderers, known: Option<&ReportedRenderer>) -> Self {
        let problem = |RendererProblem { code, message, at }: RendererProblem| RendererProblemBody {
            code: code.to_string(),
            message,
            at: at.rfc3339(),
        };
        Self {
            serial: device.serial.clone(),
            name: device.name.clone(),
            group: is_group(device),
            on: is_offered(chosen, device),
            state: known.map(|known| known.state),
            found_at: known.and_then(|known| known.found_at).map(Timestamp::rfc3339),
            problem: known.and_then(|known| known.problem.clone()).map(problem),
        }
    }
}
