//! An Echo that asked for music, or told which of Amazon's devices it is.

use serde::{Deserialize, Serialize};

use super::id::RequestId;
use super::known_routes::KnownRoutes;
use super::short_hash::ShortHash;
use super::types::Transition;
use crate::alexa::DeviceId;
use crate::clock::{SKEW, Timestamp};

/// The kind of an Echo, by Amazon's words. Echos of one kind are taken to reach streams by the same routes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EchoKind {
    /// Amazon's family, such as `ECHO` or `KNIGHT`.
    pub family: String,
    /// Amazon's type of the device, such as `A32DOYMUN6DTXA`.
    pub device_type: String,
}

/// An Echo, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Echo {
    /// Its id, which Amazon makes for this skill and changes when the skill is enabled again.
    pub device: DeviceId,
    /// Short hash of its endpoint id, which survives that; absent where Amazon does not send one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<ShortHash>,
    /// Short hash of the Alexa user whose Echo it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<ShortHash>,
    /// The language that it speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Its serial number at Amazon; absent until it was linked, see [`super::DeviceBinding`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Its name at Amazon, as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its kind; absent until it was linked, and in items of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<EchoKind>,
    /// Time of its last play request; absent where the Echo was only bound to a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// The request by which it asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_request: Option<RequestId>,
    /// Time of the play request before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_before: Option<Timestamp>,
    /// The routes by which it got streams, and those by which it did not.
    #[serde(default, skip_serializing_if = "KnownRoutes::is_empty")]
    pub routes: KnownRoutes,
    /// Time at which the item expires, in seconds since the epoch.
    pub expires_at: i64,
    /// Number of writes of its item; 0 before the first one and in items of older releases. The store counts.
    #[serde(default, skip_serializing)]
    pub revision: u64,
}

/// The note that an Echo asks for music.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRequest {
    /// The Echo.
    pub device: DeviceId,
    /// Short hash of its endpoint id.
    pub endpoint: Option<ShortHash>,
    /// Short hash of its user's id.
    pub user: Option<ShortHash>,
    /// Its language.
    pub locale: Option<String>,
    /// The request.
    pub request: RequestId,
    /// Time at which it came.
    pub at: Timestamp,
}

impl Echo {
    /// The Echo after its first note.
    #[must_use]
    pub fn first(request: &LastRequest) -> Self {
        Self {
            device: request.device.clone(),
            endpoint: request.endpoint.clone(),
            user: request.user.clone(),
            locale: request.locale.clone(),
            serial: None,
            name: None,
            kind: None,
            asked_at: Some(request.at),
            asked_request: Some(request.request.clone()),
            asked_before: None,
            routes: KnownRoutes::default(),
            expires_at: request.at.plus(super::RETENTION).seconds(),
            revision: 0,
        }
    }

    /// Notes that an Echo asks, which may be the first that is known of it.
    pub fn record_first_or_next(known: &mut Option<Self>, request: &LastRequest) -> Transition {
        let Some(echo) = known else {
            *known = Some(Self::first(request));
            return Transition::Applied;
        };
        echo.record_request(request)
    }

    /// Notes that it asks again, or for the first time after a binding, and moves the time before aside. A repeated note
    /// changes nothing: the request would look like an earlier one of its own. Nor does a note after a later one.
    pub fn record_request(&mut self, request: &LastRequest) -> Transition {
        if self.asked_request.as_ref() == Some(&request.request) {
            return Transition::AlreadyApplied;
        }
        // What is still to come was noted before the clock was set back.
        if self.asked_at.is_some_and(|at| request.at < at && at.since(request.at) <= SKEW) {
            return Transition::Rejected;
        }
        let (serial, name, asked_before) = (self.serial.take(), self.name.take(), self.asked_at);
        let (kind, routes) = (self.kind.take(), std::mem::take(&mut self.routes));
        *self = Self {
            serial,
            name,
            kind,
            asked_before,
            routes,
            revision: self.revision,
            ..Self::first(request)
        };
        Transition::Applied
    }

    /// Whether the item has ceased to exist, although a store may still show it.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now.seconds()
    }

    /// Time of its last play request before the request `request`, whichever of record and query landed first.
    #[must_use]
    pub fn asked_before(&self, request: &str) -> Option<Timestamp> {
        if self.asked_request.as_deref() == Some(request) { self.asked_before } else { self.asked_at }
    }
}
