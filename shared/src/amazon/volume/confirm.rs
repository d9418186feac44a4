//! Whether volumes that were sent became true, and what is done about those that did not.

use std::collections::BTreeMap;

use tokio::time::sleep;

use super::{SETTLES, set, volume_ask};
use crate::account::{AttemptOutcome, Device, Feedback, RequestLane, VolumeAttempt, Volumes};
use crate::amazon::account::Account;
use crate::amazon::calls::CallError;
use crate::amazon::error::AmazonError;
use crate::amazon::observe::{Seen, SpeakerVolume};
use crate::clock::Timestamp;

/// How far the volume that Amazon tells may be from the one that was sent, 0 to 100.
const ROUNDED: u8 = 3;

impl Account {
    /// Looks whether Amazon tells the volumes that were sent; the serial numbers of those. Devices of other people of
    /// the household may have ignored it, and are told once more in their owners' names.
    pub(super) async fn confirm(&self, sent: &[(Device, VolumeAttempt)], locale: &str) -> Vec<String> {
        let Some(settled) = sent.iter().map(|(_, sent)| sent.at.plus(SETTLES)).max() else {
            return Vec::new();
        };
        let (mut seen, ignored) = self.look(sent, settled).await;
        let retried = self.send_as_owners(ignored, locale).await.unwrap_or_else(|error| {
            tracing::info!(%error, "volumes were not sent in the name of the devices' owners");
            Vec::new()
        });
        if !retried.is_empty() {
            seen.extend(self.look(&retried, self.clock().now().plus(SETTLES)).await.0);
        }
        let confirmed: Vec<(String, VolumeAttempt)> = sent
            .iter()
            .filter(|(device, _)| seen.contains(&device.serial))
            .map(|(device, sent)| {
                (device.serial.clone(), VolumeAttempt { outcome: AttemptOutcome::Confirmed, ..sent.clone() })
            })
            .collect();
        if !confirmed.is_empty()
            && let Err(error) = self.store().record_attempts(&confirmed).await
        {
            tracing::warn!(%error, "volumes were set, which was not kept");
        }
        seen
    }

    /// Those devices of which Amazon tells the volume that was sent, and those of which it tells another, once it has
    /// had its time.
    async fn look(
        &self,
        sent: &[(Device, VolumeAttempt)],
        settled: Timestamp,
    ) -> (Vec<String>, Vec<(Device, VolumeAttempt)>) {
        // The clock may have been set back since.
        sleep(settled.since(self.clock().now()).min(SETTLES)).await;
        let said = self.said(sent.iter().map(|(device, _)| device), Some(settled)).await.unwrap_or_default();
        let (mut seen, mut ignored) = (Vec::new(), Vec::new());
        for (device, sent) in sent {
            match said.get(&device.serial) {
                Some(said) if is_heard(sent.value, said.value.volume) => seen.push(device.serial.clone()),
                Some(_) => ignored.push((device.clone(), sent.clone())),
                None => {}
            }
        }
        (seen, ignored)
    }

    /// Sends volumes once more in the names of the devices' owners, where those are other people and nothing newer is
    /// wanted; those that were sent.
    async fn send_as_owners(
        &self,
        ignored: Vec<(Device, VolumeAttempt)>,
        locale: &str,
    ) -> Result<Vec<(Device, VolumeAttempt)>, AmazonError> {
        if ignored.is_empty() {
            return Ok(Vec::new());
        }
        let customer = self.session().customer().await?;
        let of_others =
            |(device, _): &(Device, VolumeAttempt)| device.owner.is_some() && device.owner != customer;
        let mut owned: Vec<(Device, VolumeAttempt)> = ignored.into_iter().filter(of_others).collect();
        if owned.is_empty() {
            return Ok(owned);
        }
        let permit = self.limiter().enter(RequestLane::Commands, true).await?;
        // Only whoever holds the lane knows that nothing newer is sent before this.
        match self.store().volumes().await {
            Ok(volumes) => owned.retain(|(device, sent)| is_last(&volumes, device, sent)),
            Err(error) => {
                self.limiter().leave(&permit, false, Feedback::Unknown).await;
                return Err(error.into());
            }
        }
        if owned.is_empty() {
            self.limiter().leave(&permit, false, Feedback::Unknown).await;
            return Ok(owned);
        }
        let steps = owned.iter().map(|(device, sent)| set(device, sent.value, true)).collect();
        let ask = volume_ask(steps, locale);
        let called = self.call_in(&permit, &ask).await;
        match self.leave(&permit, &ask, called).await {
            Ok(_) => Ok(owned),
            Err(CallError::NotPlaying) => Err(AmazonError::Changed { what: "a volume" }),
            Err(CallError::Failed(error)) => Err(error),
        }
    }

    /// What Amazon says of the volumes of devices, by serial number; none where it does not answer, and then it is not
    /// asked again for the others.
    pub(super) async fn said<'a>(
        &self,
        devices: impl IntoIterator<Item = &'a Device>,
        since: Option<Timestamp>,
    ) -> Option<BTreeMap<String, Seen<SpeakerVolume>>> {
        let serials: Vec<&str> = devices.into_iter().map(|device| device.serial.as_str()).collect();
        let mut said = BTreeMap::new();
        for serial in serials {
            match self.speaker_volume(serial, since).await {
                Ok(seen) => said.extend(seen.map(|seen| (serial.to_owned(), seen))),
                Err(error) => {
                    tracing::info!(%error, "Amazon does not tell the volumes");
                    return None;
                }
            }
        }
        Some(said)
    }
}

/// Whether a volume is what was sent: Echos round it to steps of their own. Silence is not rounded.
fn is_heard(sent: u8, said: u8) -> bool {
    (sent == 0) == (said == 0) && sent.abs_diff(said) <= ROUNDED
}

/// Whether nothing newer is wanted of a device than what was sent.
pub(super) fn is_last(volumes: &Volumes, device: &Device, sent: &VolumeAttempt) -> bool {
    volumes.devices.get(&device.serial).is_some_and(|known| known.ticket == sent.ticket)
}
