//! Bodies that the routes of devices share.

use serde::Serialize;
use utoipa::ToSchema;

use crate::account::{Device, DeviceKind, DeviceList};
use crate::amazon::{CommandOutcome, DeviceOutcome};
use crate::api::amazon::amazon_error;
use crate::api::error::{ApiError, ErrorDetail};
use crate::api::state::ApiState;
use crate::playback::Household;

/// All devices.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DevicesBody {
    /// Sorted by name.
    pub devices: Vec<DeviceBody>,
    /// Time at which Amazon listed them, RFC 3339 in UTC.
    pub listed_at: String,
    /// Reason why the list is not newer, where Amazon did not answer.
    pub problem: Option<ErrorDetail>,
}

/// A device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceBody {
    /// Its serial number, by which it is addressed here.
    pub serial: String,
    /// Its name at Amazon.
    pub name: String,
    /// Amazon's type.
    #[serde(rename = "type")]
    #[schema(example = "A32DOYMUN6DTXA")]
    pub device_type: String,
    /// Amazon's family: `ECHO`, `KNIGHT` and `ROOK` with a screen, `WHA` a group, and others.
    #[schema(example = "ECHO")]
    pub family: String,
    /// `echo`, `stereo_pair`, `group` or `other`.
    #[schema(value_type = String, example = "echo")]
    pub kind: DeviceKind,
    /// Whether Amazon reaches it.
    pub online: bool,
    /// Serial numbers of the members of a group or pair.
    pub members: Vec<String>,
    /// Player in Music Assistant that is this device: the player that its Echo serves, else the known player of its
    /// name.
    pub player: Option<String>,
    /// The Echo's id for the skill, where it is identified; see `/v1/echos`.
    pub echo: Option<String>,
}

/// Outcome of a command for one device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutcomeBody {
    /// The device's serial number.
    pub serial: String,
    /// Its name.
    pub name: String,
    /// `confirmed`: it was seen to be done. `accepted`: Amazon took it, and nothing was seen yet. `failed`: it was
    /// not done.
    #[schema(example = "accepted")]
    pub outcome: &'static str,
    /// Error of the device.
    pub error: Option<ErrorDetail>,
}

/// Outcomes of a command for several devices.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutcomesBody {
    /// One for each device.
    pub devices: Vec<OutcomeBody>,
}

impl DevicesBody {
    pub(super) fn new(list: &DeviceList, household: &Household, problem: Option<ErrorDetail>) -> Self {
        Self {
            devices: list.devices.iter().map(|device| DeviceBody::new(device, household)).collect(),
            listed_at: list.listed_at.rfc3339(),
            problem,
        }
    }
}

impl DeviceBody {
    pub(super) fn new(device: &Device, household: &Household) -> Self {
        let echo = device.linked(household).next();
        let served = device.players(household);
        let named = household.players.iter().find(|player| player.player.as_str() == device.name);
        // An Echo may serve more than one; its own name comes first.
        let own = served.iter().find(|player| player.player.as_str() == device.name).copied();
        let player = own.or(named).or_else(|| served.first().copied());
        Self {
            serial: device.serial.clone(),
            name: device.name.clone(),
            device_type: device.device_type.clone(),
            family: device.family.clone(),
            kind: device.kind,
            online: device.online,
            members: device.members.clone(),
            player: player.map(|player| player.player.to_string()),
            echo: echo.map(|echo| echo.device.as_str().to_owned()),
        }
    }
}

impl OutcomeBody {
    /// A failure of the only device is the answer itself.
    pub(super) fn of_one(state: &ApiState, done: DeviceOutcome) -> Result<Self, ApiError> {
        match done.outcome {
            CommandOutcome::Failed(error) => Err(amazon_error(state, error)),
            _ => Ok(Self::new(state, done)),
        }
    }

    pub(super) fn new(state: &ApiState, done: DeviceOutcome) -> Self {
        let (outcome, error) = match done.outcome {
            CommandOutcome::Confirmed => ("confirmed", None),
            CommandOutcome::Accepted => ("accepted", None),
            CommandOutcome::Failed(error) => ("failed", Some(amazon_error(state, error).detail())),
        };
        Self { serial: done.device.serial, name: done.device.name, outcome, error }
    }
}
