//! Confirmation of volumes that were sent, and a second request for those that a device ignored.

use std::collections::BTreeMap;

use tokio::time::sleep;

use super::behavior::StepCustomer;
use super::device_client::DeviceClient;
use super::volume::{SETTLES, set, volume_request};
use crate::account::{AttemptOutcome, Device, VolumeAttempt, Volumes};
use crate::amazon::client::Behaviors;
use crate::amazon::error::AmazonError;
use crate::amazon::reported::{Reading, SpeakerVolume};
use crate::clock::Timestamp;

/// Largest difference between a reported volume and the one that was sent, 0 to 100.
const ROUNDED: u8 = 3;

impl DeviceClient {
    /// Confirms volumes by Amazon's report; returns the serial numbers of the confirmed ones. Devices of other people of
    /// the household may have ignored theirs, and get it once more in their owners' names.
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
            tracing::warn!(%error, "confirmed volumes were not recorded");
        }
        seen
    }

    /// Devices whose reported volume is the one that was sent, and devices whose report is another, after the time to
    /// settle.
    async fn look(
        &self,
        sent: &[(Device, VolumeAttempt)],
        settled: Timestamp,
    ) -> (Vec<String>, Vec<(Device, VolumeAttempt)>) {
        // The clock may have been set back since.
        sleep(settled.since(self.clock().now()).min(SETTLES)).await;
        let reported = self
            .reported_volumes(sent.iter().map(|(device, _)| device), Some(settled))
            .await
            .unwrap_or_default();
        let (mut seen, mut ignored) = (Vec::new(), Vec::new());
        for (device, sent) in sent {
            match reported.get(&device.serial) {
                Some(seen_volume) if is_obeyed(sent.value, seen_volume.value.volume) => {
                    seen.push(device.serial.clone());
                }
                Some(_) => ignored.push((device.clone(), sent.clone())),
                None => {}
            }
        }
        (seen, ignored)
    }

    /// Sends volumes once more in the names of the devices' owners, where those are other people and no newer request
    /// waits. Returns the devices that it sent to.
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
        let behaviors = self.client().begin_behaviors().await?;
        let sent = self.send_latest(&behaviors, &mut owned, locale).await;
        behaviors.end(sent).await?;
        Ok(owned)
    }

    /// Sends those of the volumes after which no newer one is queued. Only the lane's holder knows that none is sent
    /// before this.
    async fn send_latest(
        &self,
        behaviors: &Behaviors,
        owned: &mut Vec<(Device, VolumeAttempt)>,
        locale: &str,
    ) -> Result<(), AmazonError> {
        let volumes = self.store().volumes().await?;
        owned.retain(|(device, sent)| is_last(&volumes, device, sent));
        if owned.is_empty() {
            return Ok(());
        }
        let steps = owned.iter().map(|(device, sent)| set(device, sent.value, StepCustomer::Owner)).collect();
        match behaviors.send(&volume_request(steps, locale)).await? {
            Some(_) => Ok(()),
            None => Err(AmazonError::UnexpectedResponse { what: "a volume" }),
        }
    }

    /// The volumes that Amazon reports, by serial number; none after a failed query, which is not repeated for the other
    /// devices.
    pub(super) async fn reported_volumes<'a>(
        &self,
        devices: impl IntoIterator<Item = &'a Device>,
        since: Option<Timestamp>,
    ) -> Option<BTreeMap<String, Reading<SpeakerVolume>>> {
        let serials: Vec<&str> = devices.into_iter().map(|device| device.serial.as_str()).collect();
        let mut reported = BTreeMap::new();
        for serial in serials {
            match self.state().speaker_volume(serial, since).await {
                Ok(seen) => reported.extend(seen.map(|seen| (serial.to_owned(), seen))),
                Err(error) => {
                    tracing::info!(%error, "Amazon does not report the volumes");
                    return None;
                }
            }
        }
        Some(reported)
    }
}

/// Whether a reported volume is the one that was sent. Echos round it to steps of their own, but not silence.
fn is_obeyed(sent: u8, reported: u8) -> bool {
    (sent == 0) == (reported == 0) && sent.abs_diff(reported) <= ROUNDED
}

/// Whether no newer volume of the device is queued.
pub(super) fn is_last(volumes: &Volumes, device: &Device, sent: &VolumeAttempt) -> bool {
    volumes.devices.get(&device.serial).is_some_and(|known| known.sequence == sent.sequence)
}
