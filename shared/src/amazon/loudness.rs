//! Volumes: many wishes, few requests.

use std::time::Duration;

use tokio::time::sleep;

use super::account::{Account, DeviceOutcome, Outcome, reachable};
use super::behavior::{self, Operation, Step};
use super::calls::{Ask, CallError};
use super::error::AmazonError;
use super::lanes::Pass;
use crate::account::{Device, DeviceKind, DeviceList, Lane, Sent, SentOutcome, Ticket, VolumeWish};
use crate::clock::Timestamp;

/// How long a wish waits until it is sent.
const PATIENCE: Duration = Duration::from_secs(12);

/// How long after a failure the same volumes are sent once more.
const SENT_AGAIN: Duration = Duration::from_secs(2);

/// How long a device may take until Amazon tells its new volume.
const SETTLES: Duration = Duration::from_millis(700);

/// How long a volume that we set ourselves is taken for the present one.
const OURS: Duration = Duration::from_secs(15);

/// What is set where nothing is remembered.
const MODERATE: u8 = 30;

/// How a volume is to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeChange {
    /// To this, 0 to 100.
    To(u8),
    /// By so much, within 0 to 100.
    By(i8),
    /// To nothing, and what it was is remembered: Amazon has no command to mute (Amazon account API, §7.3).
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
        let (mut targets, mut outcomes) = (Vec::new(), Vec::new());
        for (device, list) in self.chosen(serials).await? {
            match adjustable(&device, &list) {
                Ok(echos) => targets.extend(echos),
                Err(error) => outcomes.push(failed(device, error)),
            }
        }
        targets.sort_by(|a, b| a.serial.cmp(&b.serial));
        targets.dedup_by(|a, b| a.serial == b.serial);
        let mut wishes = Vec::new();
        for target in std::mem::take(&mut targets) {
            match self.wish(&target, change).await {
                Ok(wish) => {
                    wishes.push(wish);
                    targets.push(target);
                }
                Err(error) => outcomes.push(failed(target, error)),
            }
        }
        if wishes.is_empty() {
            let first = outcomes.into_iter().next().map(|failed| failed.device.outcome);
            return Err(match first {
                Some(Outcome::Failed(error)) => error,
                _ => AmazonError::DeviceUnknown { serial: "with a volume".to_owned() },
            });
        }
        let ticket = self.store().want_volumes(&wishes, self.clock().now()).await?;
        self.move_volumes(&targets, ticket, locale).await?;
        for target in targets {
            outcomes.push(self.outcome(target, ticket, locale).await?);
        }
        Ok(outcomes)
    }

    /// What a change means for a device now.
    async fn wish(&self, device: &Device, change: VolumeChange) -> Result<VolumeWish, AmazonError> {
        let serial = device.serial.clone();
        let unknown = || AmazonError::NotControllable {
            name: device.name.clone(),
            reason: "has a volume that nobody knows: set one first",
        };
        Ok(match change {
            VolumeChange::To(value) => VolumeWish { serial, value, mute: None },
            VolumeChange::By(step) => {
                let now = self.present_volume(&serial).await?.ok_or_else(unknown)?;
                let value = i16::from(now) + i16::from(step);
                VolumeWish { serial, value: u8::try_from(value.clamp(0, 100)).unwrap_or(0), mute: None }
            }
            VolumeChange::Mute => {
                let now = self.present_volume(&serial).await.unwrap_or(None);
                VolumeWish { serial, value: 0, mute: Some(now) }
            }
            VolumeChange::Unmute => {
                let volumes = self.store().volumes().await?;
                let remembered = volumes.devices.get(&serial).and_then(|device| device.before_mute);
                VolumeWish { serial, value: remembered.unwrap_or(MODERATE), mute: None }
            }
        })
    }

    /// The volume that a device has, as far as anybody knows: what is wanted of it since a moment ago, else what
    /// Amazon says, else what was sent last.
    async fn present_volume(&self, serial: &str) -> Result<Option<u8>, AmazonError> {
        let volumes = self.store().volumes().await?;
        let known = volumes.devices.get(serial);
        let now = self.clock().now();
        if let Some(device) = known.filter(|device| now.since(device.wanted_at) < OURS) {
            return Ok(Some(device.wanted));
        }
        let said = self.speaker_volume(serial, None).await?;
        let sent = known.and_then(|device| device.sent.as_ref()).map(|sent| sent.value);
        Ok(said.map(|said| said.value.volume).or(sent))
    }

    /// Waits until somebody sent the wishes of a ticket, and is that somebody where the lane is free.
    async fn move_volumes(
        &self,
        devices: &[Device],
        ticket: Ticket,
        locale: &str,
    ) -> Result<(), AmazonError> {
        let patience = self.clock().now().plus(PATIENCE);
        loop {
            let volumes = self.store().volumes().await?;
            if devices.iter().all(|device| volumes.outcome(&device.serial, ticket).is_some()) {
                return Ok(());
            }
            match self.lanes().try_enter(Lane::Commands, true).await {
                Ok(Some(pass)) => self.send_wanted(pass, locale).await?,
                Ok(None) if self.clock().now() < patience => sleep(self.lanes().again()?).await,
                Ok(None) => {
                    let until = self.clock().now().plus(SENT_AGAIN);
                    return self.give_up(devices, ticket, AmazonError::Throttled { until }).await;
                }
                Err(error) => return self.give_up(devices, ticket, error).await,
            }
        }
    }

    /// Sends what is wanted at this moment, of all devices, and notes what became of it.
    async fn send_wanted(&self, pass: Pass, locale: &str) -> Result<(), AmazonError> {
        let now = self.clock().now();
        let (volumes, list) = (self.store().volumes().await?, self.store().devices().await?);
        let mut wanted: Vec<(String, Ticket, u8)> = Vec::new();
        let mut steps = Vec::new();
        for (serial, volume) in volumes.pending(now) {
            if let Some(device) = list.as_ref().and_then(|list| list.get(serial)) {
                wanted.push((serial.to_owned(), volume.ticket, volume.wanted));
                steps.push(Step {
                    device: device.clone(),
                    operation: Operation::Volume(volume.wanted),
                    as_owner: false,
                });
            }
        }
        let ask = volume_ask(steps, locale);
        if wanted.is_empty() {
            self.lanes().leave(&pass, false, crate::account::LaneVerdict::Unknown).await;
            return Ok(());
        }
        let mut called = self.call_in(&pass, &ask).await;
        if let Err(CallError::Failed(AmazonError::Unavailable(_) | AmazonError::Transport(_))) = &called {
            // To set the same volume twice does no harm.
            sleep(SENT_AGAIN).await;
            if self.lanes().keep(&pass, true).await.is_ok() {
                called = self.call_in(&pass, &ask).await;
            }
        }
        let outcome = match self.leave(&pass, &ask, called).await {
            Ok(_) => SentOutcome::Accepted,
            Err(CallError::NotPlaying) => noted(&AmazonError::Changed { what: "a volume" }),
            Err(CallError::Failed(error)) => noted(&error),
        };
        let at = self.clock().now();
        let sent: Vec<(String, Sent)> = wanted
            .into_iter()
            .map(|(serial, ticket, value)| (serial, Sent { value, ticket, at, outcome: outcome.clone() }))
            .collect();
        Ok(self.store().note_volumes(&sent).await?)
    }

    /// Notes that wishes were not sent, so that nobody sends them later, when nobody wants them any more.
    async fn give_up(
        &self,
        devices: &[Device],
        ticket: Ticket,
        error: AmazonError,
    ) -> Result<(), AmazonError> {
        let at = self.clock().now();
        let sent: Vec<(String, Sent)> = devices
            .iter()
            .map(|device| (device.serial.clone(), Sent { value: 0, ticket, at, outcome: noted(&error) }))
            .collect();
        self.store().note_volumes(&sent).await?;
        Err(error)
    }

    /// What became of the wish for one device.
    async fn outcome(
        &self,
        device: Device,
        ticket: Ticket,
        locale: &str,
    ) -> Result<VolumeOutcome, AmazonError> {
        let volumes = self.store().volumes().await?;
        let Some(sent) = volumes.outcome(&device.serial, ticket).cloned() else {
            return Ok(failed(device, AmazonError::Changed { what: "a volume" }));
        };
        let is_last = volumes.devices.get(&device.serial).is_some_and(|device| device.ticket == sent.ticket);
        let outcome = match &sent.outcome {
            SentOutcome::Confirmed => Outcome::Confirmed,
            // A newer wish is on its way: what Amazon says now is neither.
            SentOutcome::Accepted if !is_last => Outcome::Accepted,
            SentOutcome::Accepted => self.confirm(&device, &sent, locale).await,
            SentOutcome::Failed { until: Some(until), .. } => {
                Outcome::Failed(AmazonError::Throttled { until: *until })
            }
            SentOutcome::Failed { code, message, .. } => {
                Outcome::Failed(AmazonError::Noted { code: code.clone(), message: message.clone() })
            }
        };
        let volume = (!matches!(outcome, Outcome::Failed(_))).then_some(sent.value);
        Ok(VolumeOutcome { device: DeviceOutcome { device, outcome }, volume })
    }

    /// Looks whether Amazon tells the volume that was sent. A device of another person of the household may have
    /// ignored it, and is told once more in its owner's name.
    async fn confirm(&self, device: &Device, sent: &Sent, locale: &str) -> Outcome {
        let settled = sent.at.plus(SETTLES);
        sleep(settled.since(self.clock().now())).await;
        match self.said(device, settled).await {
            Some(volume) if volume == sent.value => return self.confirmed(device, sent).await,
            Some(_) if device.owner.is_some() => {}
            _ => return Outcome::Accepted,
        }
        let step = Step { device: device.clone(), operation: Operation::Volume(sent.value), as_owner: true };
        if self.call(&volume_ask(vec![step], locale)).await.is_err() {
            return Outcome::Accepted;
        }
        let settled = self.clock().now().plus(SETTLES);
        sleep(SETTLES).await;
        match self.said(device, settled).await {
            Some(volume) if volume == sent.value => self.confirmed(device, sent).await,
            _ => Outcome::Accepted,
        }
    }

    async fn said(&self, device: &Device, since: Timestamp) -> Option<u8> {
        let said = self.speaker_volume(&device.serial, Some(since)).await.ok().flatten();
        said.map(|said| said.value.volume)
    }

    async fn confirmed(&self, device: &Device, sent: &Sent) -> Outcome {
        let confirmed = Sent { outcome: SentOutcome::Confirmed, ..sent.clone() };
        if let Err(error) = self.store().note_volumes(&[(device.serial.clone(), confirmed)]).await {
            tracing::warn!(%error, "a volume was set, which was not kept");
        }
        Outcome::Confirmed
    }
}

/// The Echos whose volume changes with a device's.
fn adjustable(device: &Device, list: &DeviceList) -> Result<Vec<Device>, AmazonError> {
    reachable(device, list)?;
    let echos: Vec<Device> = match device.kind {
        DeviceKind::Group | DeviceKind::StereoPair => {
            list.echos_of(device).into_iter().filter(|echo| echo.online).cloned().collect()
        }
        DeviceKind::Echo | DeviceKind::Other => vec![device.clone()],
    };
    let echos = if echos.is_empty() { vec![device.clone()] } else { echos };
    if echos.iter().all(|echo| !echo.has_volume) {
        let reason = "has no volume that Amazon can set";
        return Err(AmazonError::NotControllable { name: device.name.clone(), reason });
    }
    Ok(echos.into_iter().filter(|echo| echo.has_volume).collect())
}

fn volume_ask(steps: Vec<Step>, locale: &str) -> Ask {
    let locale = locale.to_owned();
    Ask::behavior(move |place| behavior::preview(&steps, &locale, place), "a volume")
}

fn failed(device: Device, error: AmazonError) -> VolumeOutcome {
    VolumeOutcome { device: DeviceOutcome { device, outcome: Outcome::Failed(error) }, volume: None }
}

/// An error as others read it who waited for the same request.
fn noted(error: &AmazonError) -> SentOutcome {
    let until = match error {
        AmazonError::Throttled { until } => Some(*until),
        _ => None,
    };
    SentOutcome::Failed { code: error.code().to_owned(), message: error.to_string(), until }
}
