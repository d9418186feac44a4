//! Requests, leaves and devices to test with.

use std::time::Duration;

use ma_alexa::account::{
    AcquireRequest, AcquireResult, AttemptOutcome, Device, DeviceKind, DeviceList, Feedback, LaneRelease,
    LeaseRequest, LimiterState, RequestKind, RequestLane, ResolvedChange, Sequence, VolumeAttempt,
    VolumeRequest,
};
use ma_alexa::clock::Timestamp;
use proptest::prelude::*;

use super::samples::T0;

/// The moment so many milliseconds after the beginning.
pub(super) fn ms(millis: u64) -> Timestamp {
    T0.plus(Duration::from_millis(millis))
}

pub(super) fn request(holder: &str, kind: RequestKind, at: Timestamp) -> AcquireRequest {
    AcquireRequest { holder: holder.to_owned(), kind, at }
}

pub(super) fn leave(holder: &str, sent: RequestKind, at: Timestamp, feedback: Feedback) -> LaneRelease {
    let sent_behavior = sent == RequestKind::Behavior;
    LaneRelease { holder: holder.to_owned(), at, sent_behavior, feedback }
}

pub(super) fn lease(holder: &str, at: Timestamp, seconds: u64) -> LeaseRequest {
    LeaseRequest { holder: holder.to_owned(), at, span: Duration::from_secs(seconds) }
}

pub(super) fn volume(serial: &str, value: u8) -> VolumeRequest {
    changed(serial, ResolvedChange::To(value))
}

pub(super) fn mute(serial: &str, now: Option<u8>) -> VolumeRequest {
    changed(serial, ResolvedChange::Mute { now })
}

pub(super) fn by(serial: &str, step: i8, from: Option<u8>) -> VolumeRequest {
    changed(serial, ResolvedChange::By { step, from })
}

pub(super) fn unmute(serial: &str, now: Option<u8>) -> VolumeRequest {
    changed(serial, ResolvedChange::Unmute { now })
}

fn changed(serial: &str, change: ResolvedChange) -> VolumeRequest {
    VolumeRequest { serial: serial.to_owned(), change }
}

pub(super) fn sent(value: u8, sequence: Sequence, at: Timestamp) -> VolumeAttempt {
    VolumeAttempt { value, sequence, at, outcome: AttemptOutcome::Accepted }
}

pub(super) fn failed(sequence: Sequence, at: Timestamp) -> VolumeAttempt {
    let outcome =
        AttemptOutcome::Failed { code: "throttled".to_owned(), message: "no".to_owned(), until: None };
    VolumeAttempt { value: 0, sequence, at, outcome }
}

/// So many devices, with everything about them that there may be.
pub(super) fn devices(count: usize) -> DeviceList {
    let device = |number: usize| Device {
        serial: format!("G0{number:014}"),
        device_type: "A32DOYMUN6DTXA".to_owned(),
        name: format!("Küche {number} — oben"),
        family: "ECHO".to_owned(),
        kind: [DeviceKind::Echo, DeviceKind::StereoPair, DeviceKind::Group, DeviceKind::Other][number % 4],
        online: !number.is_multiple_of(3),
        has_volume: !number.is_multiple_of(5),
        members: (0..number % 4).map(|member| format!("M{number}-{member}")).collect(),
        owner: number.is_multiple_of(2).then(|| format!("A{number:013}")),
        language: (!number.is_multiple_of(7)).then(|| "de-DE".to_owned()),
    };
    DeviceList { devices: (0..count).map(device).collect(), listed_at: ms(17) }
}

/// Something that happens to a lane. Any clock may tell any time.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Take(AcquireRequest),
    Leave(LaneRelease),
}

impl Step {
    pub(super) fn run(&self, lane: RequestLane, state: &mut LimiterState) -> Option<AcquireResult> {
        match self {
            Self::Take(request) => Some(state.acquire(request)),
            Self::Leave(leave) => {
                state.release(lane, leave);
                None
            }
        }
    }
}

/// Any order of steps of four holders, and any clocks within a minute. Few moments are shared by chance, so that
/// many are by choice.
pub(super) fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    let at = prop_oneof![
        (0_u64..60_000).prop_map(ms),
        (0_u64..60).prop_map(|seconds| ms(seconds * 1000)),
        (0_u64..20).prop_map(|tenths| ms(10_000 + tenths * 100)),
    ];
    let holder = (0_u8..4).prop_map(|holder| format!("holder-{holder}"));
    let feedback = prop_oneof![
        6 => Just(Feedback::Served),
        3 => Just(Feedback::Unknown),
        1 => proptest::option::of(0_u64..8).prop_map(|asked| {
            Feedback::Throttled(asked.map(Duration::from_secs))
        }),
    ];
    let kind = prop_oneof![Just(RequestKind::Behavior), Just(RequestKind::Other)];
    let step = (holder, kind, at, proptest::option::of(feedback)).prop_map(|(holder, kind, at, feedback)| {
        match feedback {
            None => Step::Take(request(&holder, kind, at)),
            Some(feedback) => Step::Leave(leave(&holder, kind, at, feedback)),
        }
    });
    proptest::collection::vec(step, 1..length)
}
