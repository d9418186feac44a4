//! Volumes: many wishes, few requests.

mod confirm;

use std::time::Duration;

use tokio::time::sleep;

use self::confirm::is_last;
use super::account::{Account, Chosen, DeviceOutcome, Outcome, reachable};
use super::behavior::{self, Operation, Step};
use super::calls::{Ask, CallError};
use super::error::AmazonError;
use super::rate_limit::Permit;
use crate::account::{
    AttemptOutcome, Device, DeviceKind, DeviceList, Feedback, RequestLane, ResolvedChange, Sequence,
    VolumeAttempt, VolumeRequest, Volumes,
};
use crate::clock::Timestamp;
use crate::deadline;

/// How long a wish waits until it is sent.
const PATIENCE: Duration = Duration::from_secs(12);

/// How long after a failure the same volumes are sent once more.
const SENT_AGAIN: Duration = Duration::from_secs(2);

/// How long a device may take until Amazon tells its new volume.
const SETTLES: Duration = Duration::from_millis(700);

/// How a volume is to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeChange {
    /// To this, 0 to 100.
    To(u8),
    /// By so much, within 0 to 100.
    By(i8),
    /// To nothing, and what it was is remembered: Amazon has no command to mute (docs/amazon-api.md, 7.3).
    Mute,
    /// To what it was.
    Unmute,
}

/// What became of a wish for one device.
#[derive(Debug)]
pub struct VolumeOutcome {
    /// The device, and whether its volume was set.
    pub device: DeviceOutcome,
    /// The last volume that was sent to it, 0 to 100; none where nothing was. Under many wishes at once that is not
    /// each wish, but always the last one.
    pub volume: Option<u8>,
}

impl Account {
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
        let Chosen { found, missing } = self.chosen(serials).await?;
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
        let (wishes, tells) = self.wishes(&targets, change).await?;
        let wanted = self.store().enqueue_volumes(&wishes, self.clock().now()).await?;
        let mut moved = Vec::new();
        for device in targets {
            if wanted.unknown.contains(&device.serial) {
                let reason = "has a volume that nobody knows: set one first";
                let error = AmazonError::NotControllable { name: device.name.clone(), reason };
                outcomes.push(failed(device, error));
            } else if let Some(volume) = wanted.kept.get(&device.serial) {
                let device = DeviceOutcome { device, outcome: Outcome::Confirmed };
                outcomes.push(VolumeOutcome { device, volume: *volume });
            } else {
                moved.push(device);
            }
        }
        let given_up = self.flush(&moved, wanted.ticket, locale).await?;
        outcomes.extend(self.outcomes(moved, wanted.ticket, locale, tells).await?);
        let is_failed = |one: &VolumeOutcome| matches!(one.device.outcome, Outcome::Failed(_));
        if !outcomes.iter().all(is_failed) {
            return Ok(outcomes);
        }
        let first = outcomes.into_iter().next().map(|failed| failed.device.outcome);
        Err(match (given_up, first) {
            (Some(error), _) | (None, Some(Outcome::Failed(error))) => error,
            _ => AmazonError::DeviceUnknown { serial: "with a volume".to_owned() },
        })
    }

    /// What a change means for devices, with what Amazon says of them where that matters: it is asked once for all. And
    /// whether it tells volumes at present, as far as is known.
    async fn wishes(
        &self,
        devices: &[Device],
        change: VolumeChange,
    ) -> Result<(Vec<VolumeRequest>, bool), AmazonError> {
        let volumes = self.store().volumes().await?;
        let now = self.clock().now();
        let (asked, since): (Vec<&Device>, _) = match change {
            VolumeChange::To(_) => (Vec::new(), None),
            VolumeChange::By(_) => (
                devices.iter().filter(|one| volumes.applied_by_us(&one.serial, now).is_none()).collect(),
                None,
            ),
            VolumeChange::Mute | VolumeChange::Unmute => (devices.iter().collect(), Some(now)),
        };
        let said = self.said(asked, since).await;
        let (said, tells) = (said.as_ref(), said.is_some());
        let wish = |device: &Device| {
            let seen = said.and_then(|said| said.get(&device.serial));
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
        Ok((devices.iter().map(wish).collect(), tells))
    }

    /// Waits until somebody sent the wishes of a ticket, and is that somebody where the lane is free. Why some of
    /// them were not sent, if so.
    async fn flush(
        &self,
        devices: &[Device],
        ticket: Sequence,
        locale: &str,
    ) -> Result<Option<AmazonError>, AmazonError> {
        let (began, patience) = (self.clock().moment(), deadline::at_most(PATIENCE));
        let mut is_gone = false;
        loop {
            let volumes = self.store().volumes().await?;
            let waits = |device: &&Device| volumes.outcome(&device.serial, ticket).is_none();
            let waiting: Vec<&Device> = devices.iter().filter(waits).collect();
            let Some(first) = waiting.first() else {
                return Ok(None);
            };
            if is_gone {
                let error = AmazonError::DeviceUnknown { serial: first.serial.clone() };
                return self.give_up(&waiting, ticket, error).await.map(Some);
            }
            if self.clock().moment().since(began) >= patience {
                let until = self.clock().now().plus(SENT_AGAIN);
                return self.give_up(&waiting, ticket, AmazonError::Busy { until }).await.map(Some);
            }
            match self.limiter().try_enter(RequestLane::Commands, true).await {
                // With nothing of ours to be sent, either another did so meanwhile, or these devices are no more.
                Ok(Some(permit)) => {
                    let tried = self.send_pending(permit, locale).await?;
                    is_gone = !waiting.iter().any(|device| tried.contains(&device.serial));
                }
                Ok(None) => sleep(self.limiter().again()?).await,
                Err(error) => return self.give_up(&waiting, ticket, error).await.map(Some),
            }
        }
    }

    /// Sends what is wanted at this moment, of all devices, and notes what became of it; the serial numbers of those.
    async fn send_pending(&self, permit: Permit, locale: &str) -> Result<Vec<String>, AmazonError> {
        let steps = match self.wanted_steps().await {
            Ok(steps) if !steps.is_empty() => steps,
            nothing => {
                self.limiter().leave(&permit, false, Feedback::Unknown).await;
                return nothing.map(|_| Vec::new());
            }
        };
        let tried =
            |(step, ticket, value): &(Step, Sequence, u8)| (step.device.serial.clone(), *ticket, *value);
        let wanted: Vec<(String, Sequence, u8)> = steps.iter().map(tried).collect();
        let ask = volume_ask(steps.into_iter().map(|(step, ..)| step).collect(), locale);
        let mut called = self.call_in(&permit, &ask).await;
        if let Err(CallError::Failed(error)) = &called
            && error.is_momentary()
        {
            // To set the same volume twice does no harm.
            sleep(SENT_AGAIN).await;
            if self.limiter().keep(&permit, true).await.is_ok() {
                called = self.call_in(&permit, &ask).await;
            }
        }
        let outcome = match self.leave(&permit, &ask, called).await {
            Ok(_) => AttemptOutcome::Accepted,
            Err(CallError::NotPlaying) => noted(&AmazonError::Changed { what: "a volume" }),
            Err(CallError::Failed(error)) => noted(&error),
        };
        let at = self.clock().now();
        let sent: Vec<(String, VolumeAttempt)> = wanted
            .into_iter()
            .map(|(serial, ticket, value)| {
                (serial, VolumeAttempt { value, ticket, at, outcome: outcome.clone() })
            })
            .collect();
        self.store().record_attempts(&sent).await?;
        Ok(sent.into_iter().map(|(serial, _)| serial).collect())
    }

    /// What is wanted now of devices that there are, with the wishes and their values.
    async fn wanted_steps(&self) -> Result<Vec<(Step, Sequence, u8)>, AmazonError> {
        let (volumes, list) = (self.store().volumes().await?, self.store().devices().await?);
        let mut steps = Vec::new();
        for (serial, volume) in volumes.pending(self.clock().now()) {
            if let Some(device) = list.as_ref().and_then(|list| list.get(serial)) {
                steps.push((set(device, volume.wanted, false), volume.ticket, volume.wanted));
            }
        }
        Ok(steps)
    }

    /// Notes that wishes were not sent, so that nobody sends them later, when nobody wants them any more.
    async fn give_up(
        &self,
        devices: &[&Device],
        ticket: Sequence,
        error: AmazonError,
    ) -> Result<AmazonError, AmazonError> {
        let at = self.clock().now();
        let sent: Vec<(String, VolumeAttempt)> = devices
            .iter()
            .map(|device| {
                (device.serial.clone(), VolumeAttempt { value: 0, ticket, at, outcome: noted(&error) })
            })
            .collect();
        self.store().record_attempts(&sent).await?;
        Ok(error)
    }

    /// What became of the wishes for devices, as far as Amazon tells.
    async fn outcomes(
        &self,
        devices: Vec<Device>,
        ticket: Sequence,
        locale: &str,
        tells: bool,
    ) -> Result<Vec<VolumeOutcome>, AmazonError> {
        let volumes = self.store().volumes().await?;
        let (mut outcomes, mut unseen) = (Vec::new(), Vec::new());
        for device in devices {
            let Some(sent) = volumes.outcome(&device.serial, ticket) else {
                let error = AmazonError::DeviceUnknown { serial: device.serial.clone() };
                outcomes.push(failed(device, error));
                continue;
            };
            let outcome = match &sent.outcome {
                AttemptOutcome::Confirmed => Outcome::Confirmed,
                AttemptOutcome::Accepted if is_last(&volumes, &device, sent) => {
                    unseen.push((device, sent.clone()));
                    continue;
                }
                // A newer wish is on its way: what Amazon says now is neither.
                AttemptOutcome::Accepted => Outcome::Accepted,
                AttemptOutcome::Failed { until: Some(until), .. } => {
                    Outcome::Failed(AmazonError::Throttled { until: *until })
                }
                AttemptOutcome::Failed { code, message, .. } => {
                    Outcome::Failed(AmazonError::Noted { code: code.clone(), message: message.clone() })
                }
            };
            let volume = (!matches!(outcome, Outcome::Failed(_))).then_some(sent.value);
            outcomes.push(VolumeOutcome { device: DeviceOutcome { device, outcome }, volume });
        }
        let seen = if tells { self.confirm(&unseen, locale).await } else { Vec::new() };
        for (device, sent) in unseen {
            let is_seen = seen.contains(&device.serial);
            let outcome = if is_seen { Outcome::Confirmed } else { Outcome::Accepted };
            outcomes
                .push(VolumeOutcome { device: DeviceOutcome { device, outcome }, volume: Some(sent.value) });
        }
        Ok(outcomes)
    }
}

/// Whether Amazon had its time, when it told a volume, to learn the last one that we sent. One that was sent before the
/// clock was set back is long known.
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

fn set(device: &Device, value: u8, as_owner: bool) -> Step {
    Step { device: device.clone(), operation: Operation::Volume(value), as_owner }
}

fn volume_ask(steps: Vec<Step>, locale: &str) -> Ask {
    let locale = locale.to_owned();
    Ask::behavior(move |place| behavior::preview(&steps, &locale, place), "a volume")
}

fn failed(device: Device, error: AmazonError) -> VolumeOutcome {
    VolumeOutcome { device: DeviceOutcome { device, outcome: Outcome::Failed(error) }, volume: None }
}

/// An error as others read it who waited for the same request.
fn noted(error: &AmazonError) -> AttemptOutcome {
    let until = match error {
        AmazonError::Throttled { until } | AmazonError::Busy { until } => Some(*until),
        _ => None,
    };
    AttemptOutcome::Failed { code: error.code().to_owned(), message: error.to_string(), until }
}
