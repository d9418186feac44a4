//! Volume changes: many calls, few requests to Amazon.

use std::time::Duration;

use tokio::time::sleep;

use super::behavior::{self, BehaviorStep, Operation, StepCustomer};
use super::confirm::is_last;
use super::device_client::{CommandOutcome, CommandTargets, DeviceClient, DeviceOutcome, reachable};
use crate::account::{
    AttemptOutcome, Device, DeviceKind, DeviceList, ResolvedChange, Sequence, VolumeAttempt, VolumeRequest,
    Volumes,
};
use crate::amazon::client::{ApiRequest, Behaviors};
use crate::amazon::error::{AmazonError, AmazonErrorCode};
use crate::clock::Timestamp;
use crate::deadline;

/// Longest wait of a change until it is sent.
const PATIENCE: Duration = Duration::from_secs(12);

/// Pause before the same volumes are sent once more after a failure.
const RETRY_PAUSE: Duration = Duration::from_secs(2);

/// Longest time until Amazon reports a device's new volume.
pub(super) const SETTLES: Duration = Duration::from_millis(700);

/// A change of a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeChange {
    /// To this, 0 to 100.
    To(u8),
    /// By so much, within 0 to 100.
    By(i8),
    /// To 0, with the volume before it stored: Amazon has no command to mute (docs/amazon-api.md, 7.3).
    Mute,
    /// To the volume before it was muted.
    Unmute,
}

/// The outcome of a change for one device.
#[derive(Debug)]
pub struct VolumeOutcome {
    /// The device, and whether its volume was set.
    pub device: DeviceOutcome,
    /// The last volume that was sent to it, 0 to 100; none where nothing was. Of many changes at once, only the last
    /// one is sent.
    pub volume: Option<u8>,
}

impl DeviceClient {
    /// Changes the volumes of devices, of groups by their members, in one request.
    ///
    /// # Errors
    /// When nothing was changed anywhere.
    pub async fn change_volumes(
        &self,
        serials: &[String],
        change: VolumeChange,
        locale: &str,
    ) -> Result<Vec<VolumeOutcome>, AmazonError> {
        let CommandTargets { found, missing } = self.chosen(serials).await?;
        let mut outcomes: Vec<VolumeOutcome> =
            missing.into_iter().map(|(device, error)| failed(device, error)).collect();
        let mut targets = Vec::new();
        for (device, list) in found {
            match adjustable(&device, &list) {
                Ok((online, offline)) => {
                    targets.extend(online);
                    outcomes.extend(offline.into_iter().map(|echo| {
                        let error = AmazonError::Offline { name: echo.name.clone() };
                        failed(echo, error)
                    }));
                }
                Err(error) => outcomes.push(failed(device, error)),
            }
        }
        targets.sort_by(|a: &Device, b| a.serial.cmp(&b.serial));
        targets.dedup_by(|a, b| a.serial == b.serial);
        outcomes.sort_by(|a, b| a.device.device.serial.cmp(&b.device.device.serial));
        outcomes.dedup_by(|a, b| a.device.device.serial == b.device.device.serial);
        let (requests, is_reported) = self.resolve(&targets, change).await?;
        let queued = self.store().enqueue_volumes(&requests, self.clock().now()).await?;
        let mut moved = Vec::new();
        for device in targets {
            if queued.unknown.contains(&device.serial) {
                let reason = "has a volume that is not known: set one first";
                let error = AmazonError::NotControllable { name: device.name.clone(), reason };
                outcomes.push(failed(device, error));
            } else if let Some(volume) = queued.kept.get(&device.serial) {
                let device = DeviceOutcome { device, outcome: CommandOutcome::Confirmed };
                outcomes.push(VolumeOutcome { device, volume: *volume });
            } else {
                moved.push(device);
            }
        }
        let given_up = self.flush(&moved, queued.sequence, locale).await?;
        outcomes.extend(self.outcomes(moved, queued.sequence, locale, is_reported).await?);
        let is_failed = |one: &VolumeOutcome| matches!(one.device.outcome, CommandOutcome::Failed(_));
        if !outcomes.iter().all(is_failed) {
            return Ok(outcomes);
        }
        let first = outcomes.into_iter().next().map(|failed| failed.device.outcome);
        Err(match (given_up, first) {
            (Some(error), _) | (None, Some(CommandOutcome::Failed(error))) => error,
            _ => AmazonError::DeviceUnknown { serial: "with a volume".to_owned() },
        })
    }

    /// Resolves a change for devices, with the volumes that Amazon reports where they matter: one query for all. Also
    /// whether Amazon reports volumes at present, as far as is known.
    async fn resolve(
        &self,
        devices: &[Device],
        change: VolumeChange,
    ) -> Result<(Vec<VolumeRequest>, bool), AmazonError> {
        let volumes = self.store().volumes().await?;
        let now = self.clock().now();
        let (queried, since): (Vec<&Device>, _) = match change {
            VolumeChange::To(_) => (Vec::new(), None),
            VolumeChange::By(_) => (
                devices.iter().filter(|one| volumes.applied_by_us(&one.serial, now).is_none()).collect(),
                None,
            ),
            VolumeChange::Mute | VolumeChange::Unmute => (devices.iter().collect(), Some(now)),
        };
        let reported = self.reported_volumes(queried, since).await;
        let (reported, is_reported) = (reported.as_ref(), reported.is_some());
        let request = |device: &Device| {
            let seen = reported.and_then(|reported| reported.get(&device.serial));
            let volume = seen.map(|seen| seen.value.volume);
            let settled = volume.filter(|_| seen.is_some_and(|seen| has_settled(&volumes, device, seen.at)));
            let change = match change {
                VolumeChange::To(value) => ResolvedChange::To(value),
                VolumeChange::By(step) => ResolvedChange::By { step, from: volume },
                VolumeChange::Mute => ResolvedChange::Mute { now: settled },
                VolumeChange::Unmute => ResolvedChange::Unmute { now: settled },
            };
            VolumeRequest { serial: device.serial.clone(), change }
        };
        Ok((devices.iter().map(request).collect(), is_reported))
    }

    /// Waits until another process sent the changes of a sequence, or sends them where the lane is free. The error of those
    /// that were not sent, if any.
    async fn flush(
        &self,
        devices: &[Device],
        sequence: Sequence,
        locale: &str,
    ) -> Result<Option<AmazonError>, AmazonError> {
        let (began, patience) = (self.clock().moment(), deadline::at_most(PATIENCE));
        let mut is_gone = false;
        loop {
            let volumes = self.store().volumes().await?;
            let waits = |device: &&Device| volumes.outcome(&device.serial, sequence).is_none();
            let waiting: Vec<&Device> = devices.iter().filter(waits).collect();
            let Some(first) = waiting.first() else {
                return Ok(None);
            };
            if is_gone {
                let error = AmazonError::DeviceUnknown { serial: first.serial.clone() };
                return self.give_up(&waiting, sequence, error).await.map(Some);
            }
            if self.clock().moment().since(began) >= patience {
                let until = self.clock().now().plus(RETRY_PAUSE);
                return self.give_up(&waiting, sequence, AmazonError::Busy { until }).await.map(Some);
            }
            match self.client().try_begin_behaviors().await {
                // With nothing of ours to send, either another process did so, or these devices are gone.
                Ok(Some(behaviors)) => {
                    let tried = self.send_pending(behaviors, locale).await?;
                    is_gone = !waiting.iter().any(|device| tried.contains(&device.serial));
                }
                Ok(None) => sleep(self.client().jitter()?).await,
                Err(error) => return self.give_up(&waiting, sequence, error).await.map(Some),
            }
        }
    }

    /// Sends the volumes in the queue, of all devices, and records the outcome. Returns the serial numbers of those.
    async fn send_pending(&self, behaviors: Behaviors, locale: &str) -> Result<Vec<String>, AmazonError> {
        let steps = match self.queued_steps().await {
            Ok(steps) if !steps.is_empty() => steps,
            nothing => return behaviors.end(nothing.map(|_| Vec::new())).await,
        };
        let attempt = |(step, sequence, value): &(BehaviorStep, Sequence, u8)| {
            (step.device.serial.clone(), *sequence, *value)
        };
        let attempts: Vec<(String, Sequence, u8)> = steps.iter().map(attempt).collect();
        for (serial, ..) in &attempts {
            self.live().commanded(serial);
        }
        let request = volume_request(steps.into_iter().map(|(step, ..)| step).collect(), locale);
        let sent = behaviors.send_repeatable(&request, RETRY_PAUSE).await;
        let outcome = match behaviors.end(sent).await {
            Ok(Some(_)) => AttemptOutcome::Accepted,
            Ok(None) => recorded(&AmazonError::UnexpectedResponse { what: "a volume" }),
            Err(error) => recorded(&error),
        };
        let at = self.clock().now();
        let sent: Vec<(String, VolumeAttempt)> = attempts
            .into_iter()
            .map(|(serial, sequence, value)| {
                (serial, VolumeAttempt { value, sequence, at, outcome: outcome.clone() })
            })
            .collect();
        self.store().record_attempts(&sent).await?;
        Ok(sent.into_iter().map(|(serial, _)| serial).collect())
    }

    /// The queued volumes of known devices, with their sequences and values.
    async fn queued_steps(&self) -> Result<Vec<(BehaviorStep, Sequence, u8)>, AmazonError> {
        let (volumes, list) = (self.store().volumes().await?, self.store().devices().await?);
        let mut steps = Vec::new();
        for (serial, volume) in volumes.pending(self.clock().now()) {
            if let Some(device) = list.as_ref().and_then(|list| list.get(serial)) {
                steps.push((
                    set(device, volume.wanted, StepCustomer::Account),
                    volume.sequence,
                    volume.wanted,
                ));
            }
        }
        Ok(steps)
    }

    /// Records that changes were not sent, so that no process sends them later, when they are outdated.
    async fn give_up(
        &self,
        devices: &[&Device],
        sequence: Sequence,
        error: AmazonError,
    ) -> Result<AmazonError, AmazonError> {
        let at = self.clock().now();
        let sent: Vec<(String, VolumeAttempt)> = devices
            .iter()
            .map(|device| {
                (device.serial.clone(), VolumeAttempt { value: 0, sequence, at, outcome: recorded(&error) })
            })
            .collect();
        self.store().record_attempts(&sent).await?;
        Ok(error)
    }

    /// The outcomes of changes, as far as Amazon reports them.
    async fn outcomes(
        &self,
        devices: Vec<Device>,
        sequence: Sequence,
        locale: &str,
        is_reported: bool,
    ) -> Result<Vec<VolumeOutcome>, AmazonError> {
        let volumes = self.store().volumes().await?;
        let (mut outcomes, mut unseen) = (Vec::new(), Vec::new());
        for device in devices {
            let Some(sent) = volumes.outcome(&device.serial, sequence) else {
                let error = AmazonError::DeviceUnknown { serial: device.serial.clone() };
                outcomes.push(failed(device, error));
                continue;
            };
            let outcome = match &sent.outcome {
                AttemptOutcome::Confirmed => CommandOutcome::Confirmed,
                AttemptOutcome::Accepted if is_last(&volumes, &device, sent) => {
                    unseen.push((device, sent.clone()));
                    continue;
                }
                // A newer change is in flight, so that Amazon's report is of neither.
                AttemptOutcome::Accepted => CommandOutcome::Accepted,
                AttemptOutcome::Failed { until: Some(until), .. } => {
                    CommandOutcome::Failed(AmazonError::Throttled { until: *until })
                }
                AttemptOutcome::Failed { code, message, .. } => {
                    let code = AmazonErrorCode::parse(code);
                    CommandOutcome::Failed(AmazonError::Recorded { code, message: message.clone() })
                }
            };
            let volume = (!matches!(outcome, CommandOutcome::Failed(_))).then_some(sent.value);
            outcomes.push(VolumeOutcome { device: DeviceOutcome { device, outcome }, volume });
        }
        let seen = if is_reported { self.confirm(&unseen, locale).await } else { Vec::new() };
        for (device, sent) in unseen {
            let is_seen = seen.contains(&device.serial);
            let outcome = if is_seen { CommandOutcome::Confirmed } else { CommandOutcome::Accepted };
            outcomes
                .push(VolumeOutcome { device: DeviceOutcome { device, outcome }, volume: Some(sent.value) });
        }
        Ok(outcomes)
    }
}

/// Whether a report of Amazon's is late enough to include the last volume that we sent. A volume from before the clock
/// was set back is included.
fn has_settled(volumes: &Volumes, device: &Device, at: Timestamp) -> bool {
    let known = volumes.devices.get(&device.serial);
    known.is_none_or(|known| known.sent.as_ref().is_none_or(|sent| !at.is_within(SETTLES, sent.at)))
}

/// The Echos whose volume changes with a device's, and those of them that are offline.
fn adjustable(device: &Device, list: &DeviceList) -> Result<(Vec<Device>, Vec<Device>), AmazonError> {
    reachable(device, list)?;
    let mut echos: Vec<Device> = match device.kind {
        DeviceKind::Group | DeviceKind::StereoPair => list.echos_of(device).into_iter().cloned().collect(),
        DeviceKind::Echo | DeviceKind::Other => Vec::new(),
    };
    if echos.is_empty() {
        echos.push(device.clone());
    }
    echos.retain(|echo| echo.has_volume);
    if echos.is_empty() {
        let reason = "has no volume that Amazon can set";
        return Err(AmazonError::NotControllable { name: device.name.clone(), reason });
    }
    let (online, offline): (Vec<Device>, Vec<Device>) = echos.into_iter().partition(|echo| echo.online);
    if online.is_empty() {
        return Err(AmazonError::Offline { name: device.name.clone() });
    }
    Ok((online, offline))
}

pub(super) fn set(device: &Device, value: u8, customer: StepCustomer) -> BehaviorStep {
    BehaviorStep { device: device.clone(), operation: Operation::Volume(value), customer }
}

pub(super) fn volume_request(steps: Vec<BehaviorStep>, locale: &str) -> ApiRequest {
    let locale = locale.to_owned();
    ApiRequest::behavior(move |place| behavior::preview(&steps, &locale, place), "a volume")
}

fn failed(device: Device, error: AmazonError) -> VolumeOutcome {
    VolumeOutcome { device: DeviceOutcome { device, outcome: CommandOutcome::Failed(error) }, volume: None }
}

/// An error in the store, for other callers of the same request.
fn recorded(error: &AmazonError) -> AttemptOutcome {
    let code = error.code().as_str().to_owned();
    AttemptOutcome::Failed { code, message: error.to_string(), until: error.until() }
}
