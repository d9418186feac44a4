//! The queue of volume changes, and their attempts at Amazon.
//!
//! A slider moves faster than Amazon accepts commands. Each move only queues a value. The holder of the command lane
//! sends the latest values of all devices in one request, until no newer one is queued.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Age at which a request is not sent any more: its caller got a failure, or died.
const STALE: Duration = Duration::from_secs(20);

/// Age up to which a volume of ours counts as the present one, even against Amazon's report, which comes late.
const OURS: Duration = Duration::from_secs(15);

/// The volume after a mute without a stored volume.
const MODERATE: u8 = 30;

/// Counts requests; a later request has a higher number.
pub type Sequence = u64;

/// The volumes of all devices, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volumes {
    /// The last sequence.
    #[serde(default, rename = "ticket")]
    pub sequence: Sequence,
    /// By serial number.
    #[serde(default)]
    pub devices: BTreeMap<String, DeviceVolume>,
}

/// The queue entry of one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceVolume {
    /// The volume that is wanted, 0 to 100.
    pub wanted: u8,
    /// The request.
    #[serde(rename = "ticket")]
    pub sequence: Sequence,
    /// Time of the request.
    pub wanted_at: Timestamp,
    /// The latest attempt to send a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<VolumeAttempt>,
    /// The last volume that Amazon took, which a later failure does not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<AppliedVolume>,
    /// Whether it is to be muted, by us: Amazon has no command for that, so its volume is 0.
    #[serde(default)]
    pub muted: bool,
    /// Volume after an unmute; never 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_mute: Option<u8>,
}

/// A volume that Amazon took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedVolume {
    /// 0 to 100.
    pub value: u8,
    /// The request that it was.
    #[serde(rename = "ticket")]
    pub sequence: Sequence,
    /// Time of Amazon's response.
    pub at: Timestamp,
}

/// An attempt to send a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeAttempt {
    /// The value, 0 to 100.
    pub value: u8,
    /// The request that it was.
    #[serde(rename = "ticket")]
    pub sequence: Sequence,
    /// Time of the response.
    pub at: Timestamp,
    /// Its outcome.
    pub outcome: AttemptOutcome,
}

/// The outcome of a request with volumes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum AttemptOutcome {
    /// Amazon took it.
    Accepted,
    /// Amazon says that the device has this volume now.
    Confirmed,
    /// It did not reach the device, for this reason: the code of an error of the API.
    Failed {
        /// The code.
        code: String,
        /// A sentence for people.
        message: String,
        /// End of the throttle, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
}

/// A volume request for one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeRequest {
    /// The device.
    pub serial: String,
    /// Change of its volume.
    pub change: ResolvedChange,
}

/// Change of a volume, with Amazon's report of the present one, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolvedChange {
    /// To this, 0 to 100.
    To(u8),
    /// By so much, within 0 to 100.
    By {
        /// Up or down.
        step: i8,
        /// Amazon's report, 0 to 100.
        from: Option<u8>,
    },
    /// To nothing, and what it was is remembered.
    Mute {
        /// Amazon's report, 0 to 100, after our last volume settled.
        now: Option<u8>,
    },
    /// To what it was before it was muted.
    Unmute {
        /// Amazon's report, as for [`Self::Mute`].
        now: Option<u8>,
    },
}

/// The result of queueing requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueuedChanges {
    /// The sequence of those that have to be sent.
    pub sequence: Sequence,
    /// The devices that stay as they are, with their volume where it is known: they can be heard already.
    pub kept: BTreeMap<String, Option<u8>>,
    /// Devices without a known volume, which cannot go up or down.
    pub unknown: Vec<String>,
}

/// The effect of one request.
enum Meaning {
    /// This has to be sent.
    Set(u8),
    /// Nothing has to be sent; the volume is this, where it is known.
    Keep(Option<u8>),
    /// The present volume is not known.
    Unknown,
}

impl DeviceVolume {
    /// The volume that we gave it a moment ago, or are about to give it.
    fn applied_by_us(&self, at: Timestamp) -> Option<u8> {
        let is_recent = |since: Timestamp| at.is_within(OURS, since);
        if is_recent(self.wanted_at) && !self.has_failed() {
            return Some(self.wanted);
        }
        self.reached.as_ref().filter(|reached| is_recent(reached.at)).map(|reached| reached.value)
    }

    /// Whether its last request did not reach Amazon.
    fn has_failed(&self) -> bool {
        let sent = self.sent.as_ref().filter(|sent| sent.sequence >= self.sequence);
        sent.is_some_and(|sent| matches!(sent.outcome, AttemptOutcome::Failed { .. }))
    }

    /// The last volume that Amazon took and that can be heard, else the one before.
    fn audible(&self) -> Option<u8> {
        let reached = self.reached.as_ref().map(|reached| reached.value).filter(|value| *value > 0);
        // What was heard before a mute is remembered with it.
        if self.muted { self.before_mute.or(reached) } else { reached.or(self.before_mute) }
    }
}

impl Volumes {
    /// Notes requests, all under one sequence. A step goes on from what is wanted, so that none of several at once is
    /// lost.
    pub fn enqueue(&mut self, requests: &[VolumeRequest], at: Timestamp) -> QueuedChanges {
        let mut queued = QueuedChanges { sequence: self.sequence + 1, ..QueuedChanges::default() };
        for VolumeRequest { serial, change } in requests {
            let before = self.devices.get_mut(serial);
            match change.meaning(before.as_deref(), at) {
                Meaning::Unknown => queued.unknown.push(serial.clone()),
                Meaning::Keep(volume) => {
                    if let Some(before) = before {
                        before.muted = false;
                    }
                    queued.kept.insert(serial.clone(), volume);
                }
                Meaning::Set(value) => {
                    let device = DeviceVolume {
                        wanted: value,
                        sequence: queued.sequence,
                        wanted_at: at,
                        muted: matches!(change, ResolvedChange::Mute { .. }),
                        before_mute: change.remembered(before.as_deref(), at),
                        sent: before.as_ref().and_then(|before| before.sent.clone()),
                        reached: before.as_ref().and_then(|before| before.reached.clone()),
                    };
                    self.devices.insert(serial.clone(), device);
                    self.sequence = queued.sequence;
                }
            }
        }
        queued
    }

    /// Whether a mute of ours holds: no other volume was requested since, and Amazon accepted the 0.
    #[must_use]
    pub fn is_muted(&self, serial: &str) -> bool {
        let muted = self.devices.get(serial).filter(|device| device.muted);
        muted.and_then(|device| device.reached.as_ref()).is_some_and(|reached| reached.value == 0)
    }

    /// The volume that we gave a device within the last 15 seconds, or are about to give it; what failed does not
    /// count.
    #[must_use]
    pub fn applied_by_us(&self, serial: &str, now: Timestamp) -> Option<u8> {
        self.devices.get(serial)?.applied_by_us(now)
    }

    /// The requests to send at `now`: the devices whose latest request has no attempt.
    #[must_use]
    pub fn pending(&self, now: Timestamp) -> Vec<(&str, &DeviceVolume)> {
        self.devices
            .iter()
            .filter(|(_, device)| device.sent.as_ref().is_none_or(|sent| sent.sequence < device.sequence))
            .filter(|(_, device)| now.is_within(STALE, device.wanted_at))
            .map(|(serial, device)| (serial.as_str(), device))
            .collect()
    }

    /// Records the outcome of a request, unless a later stage is recorded already.
    pub fn record_attempt(&mut self, serial: &str, sent: &VolumeAttempt) {
        let Some(device) = self.devices.get_mut(serial) else { return };
        // A request that is not known would hide the ones that are.
        if sent.sequence > device.sequence {
            return;
        }
        let known = device.sent.as_ref().map(|known| (known.sequence, known.outcome.certainty()));
        if known.is_none_or(|known| (sent.sequence, sent.outcome.certainty()) >= known) {
            device.sent = Some(sent.clone());
        }
        let is_newer = device.reached.as_ref().is_none_or(|reached| reached.sequence < sent.sequence);
        if is_newer && !matches!(sent.outcome, AttemptOutcome::Failed { .. }) {
            device.reached = Some(AppliedVolume { value: sent.value, sequence: sent.sequence, at: sent.at });
        }
    }

    /// Clears all devices. The sequence goes on, so that the caller with an old one takes no new request for it.
    pub fn forget(&mut self) {
        self.devices.clear();
    }

    /// The attempt of the request `sequence` or a later one for this device; none before an attempt.
    #[must_use]
    pub fn outcome(&self, serial: &str, sequence: Sequence) -> Option<&VolumeAttempt> {
        self.devices.get(serial)?.sent.as_ref().filter(|sent| sent.sequence >= sequence)
    }
}

impl AttemptOutcome {
    /// Rank of the evidence: a vain wait knows less than the sender, and the sender less than a look at the device.
    fn certainty(&self) -> u8 {
        match self {
            Self::Failed { .. } => 0,
            Self::Accepted => 1,
            Self::Confirmed => 2,
        }
    }
}

impl ResolvedChange {
    fn meaning(self, before: Option<&DeviceVolume>, at: Timestamp) -> Meaning {
        let ours = before.and_then(|before| before.applied_by_us(at));
        let reached = before.and_then(|before| before.reached.as_ref()).map(|reached| reached.value);
        match self {
            Self::To(value) => Meaning::Set(value.min(100)),
            Self::Mute { .. } => Meaning::Set(0),
            Self::By { step, from } => match ours.or(from).or(reached) {
                Some(from) => Meaning::Set(stepped(from, step)),
                None => Meaning::Unknown,
            },
            Self::Unmute { now } => {
                let ours_heard = ours.filter(|ours| *ours > 0);
                let back = before.and_then(DeviceVolume::audible).unwrap_or(MODERATE);
                match now {
                    // Of a mute that was sent just now, Amazon may not know yet.
                    Some(now) if now > 0 && ours != Some(0) => Meaning::Keep(ours.or(Some(now))),
                    _ if before.is_some_and(|before| before.muted) => Meaning::Set(back),
                    Some(0) => Meaning::Set(ours_heard.unwrap_or(back)),
                    now => Meaning::Keep(now.or(ours).or(reached)),
                }
            }
        }
    }

    /// The volume that is remembered with this request; never 0.
    fn remembered(self, before: Option<&DeviceVolume>, at: Timestamp) -> Option<u8> {
        let audible = before.and_then(DeviceVolume::audible);
        let Self::Mute { now } = self else { return audible };
        let ours = before.and_then(|before| before.applied_by_us(at));
        [ours, now].into_iter().flatten().find(|volume| *volume > 0).or(audible)
    }
}

/// A step up or down, which ends at 0 and at 100.
fn stepped(from: u8, step: i8) -> u8 {
    let value = i16::from(from) + i16::from(step);
    u8::try_from(value.clamp(0, 100)).unwrap_or(0)
}
