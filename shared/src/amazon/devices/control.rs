//! Commands for playback, speech and do-not-disturb, to one device or several.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::behavior::{self, Announcement, BehaviorStep, Operation, StepCustomer};
use super::device_client::{CommandOutcome, CommandTargets, DeviceClient, DeviceOutcome, reachable};
use super::state::encoded;
use crate::account::{Device, DeviceKind, DeviceList};
use crate::amazon::client::ApiRequest;
use crate::amazon::error::AmazonError;
use crate::clock::Timestamp;
use crate::deadline;
use crate::playback::ReportedState;

/// Longest wait for the device's own report, before Amazon's report decides.
const WATCHED: Duration = Duration::from_millis(1500);

/// Pause between two looks at the store meanwhile.
const POLL_EVERY: Duration = Duration::from_millis(250);

/// A command to the player of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportCommand {
    /// Playback goes on.
    Play,
    /// Playback pauses.
    Pause,
    /// Playback stops.
    Stop,
    /// The next track.
    Next,
    /// The track before, or the beginning of this one.
    Previous,
}

impl TransportCommand {
    /// Amazon's word (docs/amazon-api.md, 5.1); there is none for stop.
    fn command(self) -> Option<&'static str> {
        match self {
            Self::Play => Some("PlayCommand"),
            Self::Pause => Some("PauseCommand"),
            Self::Next => Some("NextCommand"),
            Self::Previous => Some("PreviousCommand"),
            Self::Stop => None,
        }
    }

    /// Amazon's words for a device that obeyed; none where Amazon does not show it.
    fn seen_as(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Play => Some(&["PLAYING"]),
            Self::Pause | Self::Stop => Some(&["PAUSED", "STOPPED", "IDLE", "INTERRUPTED"]),
            Self::Next | Self::Previous => None,
        }
    }
}

impl DeviceClient {
    /// Resumes, stops or skips playback. A skip is never tried twice.
    ///
    /// # Errors
    /// When the command failed.
    pub async fn transport(
        &self,
        serial: &str,
        command: TransportCommand,
        locale: &str,
    ) -> Result<DeviceOutcome, AmazonError> {
        let (device, list) = self.online(serial).await?;
        let sent_at = self.clock().now();
        self.send_command(&device, &list, command, locale).await?;
        let outcome = self.watch(&device, command, sent_at).await;
        Ok(DeviceOutcome { device, outcome })
    }

    /// Stops the playback of devices in one request, without a look at its effect. The outcome of each, in their order.
    pub async fn stop_playback(&self, serials: &[String], locale: &str) -> Vec<Result<(), AmazonError>> {
        let (mut outcomes, mut steps) = (Vec::with_capacity(serials.len()), Vec::new());
        for serial in serials {
            outcomes.push(self.online(serial).await.map(|(device, list)| {
                steps.extend(targets(&device, &list).into_iter().map(|echo| step(echo, Operation::Stop)));
            }));
        }
        if !steps.is_empty()
            && let Err(error) = self.behave(steps, locale, "a stop").await
        {
            let error = Arc::new(error);
            for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
                *outcome = Err(AmazonError::shared(&error));
            }
        }
        outcomes
    }

    async fn send_command(
        &self,
        device: &Device,
        list: &DeviceList,
        command: TransportCommand,
        locale: &str,
    ) -> Result<(), AmazonError> {
        let is_controlled = match command.command() {
            Some(kind) => self.player_command(device, kind).await?,
            None => false,
        };
        match command {
            _ if is_controlled => Ok(()),
            // Amazon's own player does not know of the playback; a behaviour may stop it.
            TransportCommand::Pause | TransportCommand::Stop => self.stop(device, list, locale).await,
            _ => {
                let reason = "plays nothing that Amazon can control now; start something there first";
                Err(AmazonError::NotControllable { name: device.name.clone(), reason })
            }
        }
    }

    /// Sends a command to Amazon's own player; whether that plays on the device.
    async fn player_command(&self, device: &Device, kind: &str) -> Result<bool, AmazonError> {
        let path = format!(
            "/api/np/command?deviceSerialNumber={}&deviceType={}",
            encoded(&device.serial),
            encoded(&device.device_type)
        );
        let body = json!({ "type": kind, "contentFocusClientId": Value::Null });
        let request = ApiRequest::command(Method::POST, path, body, "a command to a player");
        Ok(self.client().send_to_player(&request).await?.is_some())
    }

    async fn stop(&self, device: &Device, list: &DeviceList, locale: &str) -> Result<(), AmazonError> {
        let targets = targets(device, list);
        let steps = targets.into_iter().map(|device| step(device, Operation::Stop)).collect();
        self.behave(steps, locale, "a stop").await
    }

    /// Runs behaviours of several devices together.
    pub(super) async fn behave(
        &self,
        steps: Vec<BehaviorStep>,
        locale: &str,
        what: &'static str,
    ) -> Result<(), AmazonError> {
        let locale = locale.to_owned();
        let request = ApiRequest::behavior(move |place| behavior::preview(&steps, &locale, place), what);
        self.client().send(&request).await.map(drop)
    }

    /// Watches whether a device obeys: by its own report to the skill, else by Amazon's report.
    async fn watch(&self, device: &Device, command: TransportCommand, sent_at: Timestamp) -> CommandOutcome {
        let Some(words) = command.seen_as() else {
            return CommandOutcome::Accepted;
        };
        let (began, watched) = (self.clock().moment(), deadline::at_most(WATCHED));
        while self.clock().moment().since(began) < watched {
            if self.was_reported(device, command, sent_at).await {
                return CommandOutcome::Confirmed;
            }
            sleep(POLL_EVERY).await;
        }
        let seen = self.state().now_playing(device, Some(sent_at)).await.ok().flatten();
        let state = seen.and_then(|seen| seen.value.state);
        let obeyed = state.is_some_and(|state| words.contains(&state.as_str()));
        if obeyed { CommandOutcome::Confirmed } else { CommandOutcome::Accepted }
    }

    /// Whether the device reported the command's effect to the skill. Its clock counts whole seconds.
    async fn was_reported(&self, device: &Device, command: TransportCommand, sent_at: Timestamp) -> bool {
        let Ok(household) = self.store().household(self.clock().now()).await else {
            return false;
        };
        let since = Timestamp::from_millis(sent_at.seconds() * 1000);
        device.players(&household).into_iter().any(|player| {
            let Some(report) = player.report() else { return false };
            let matches = match report.state {
                ReportedState::Playing => command == TransportCommand::Play,
                ReportedState::Stopped | ReportedState::Finished => {
                    matches!(command, TransportCommand::Pause | TransportCommand::Stop)
                }
                ReportedState::Failed(_) => false,
            };
            matches && report.at >= since
        })
    }

    /// Runs a sentence on an Echo as if a person had said it. The Echo answers aloud. It is never sent twice.
    ///
    /// # Errors
    /// When Amazon did not accept it.
    pub async fn text_command(
        &self,
        serial: &str,
        text: &str,
        locale: &str,
    ) -> Result<DeviceOutcome, AmazonError> {
        let (device, list) = self.online(serial).await?;
        let target = single(&device, &list)?;
        self.behave(vec![step(target, Operation::Text(text.to_owned()))], locale, "a sentence").await?;
        Ok(DeviceOutcome { device, outcome: CommandOutcome::Accepted })
    }

    /// Speaks on a device, or on every member of a group.
    ///
    /// # Errors
    /// When Amazon did not accept it.
    pub async fn speak(&self, serial: &str, text: &str, locale: &str) -> Result<DeviceOutcome, AmazonError> {
        let (device, list) = self.online(serial).await?;
        let steps = targets(&device, &list)
            .into_iter()
            .map(|target| step(target, Operation::Speak(text.to_owned())))
            .collect();
        self.behave(steps, locale, "speech").await?;
        Ok(DeviceOutcome { device, outcome: CommandOutcome::Accepted })
    }

    /// Announces on these devices, on the members of groups, or on every Echo where none is named. A device
    /// that is offline or unknown has an outcome of its own.
    ///
    /// # Errors
    /// When nothing was announced anywhere.
    pub async fn announce(
        &self,
        serials: &[String],
        title: &str,
        text: &str,
        locale: &str,
    ) -> Result<Vec<DeviceOutcome>, AmazonError> {
        let CommandTargets { found, missing } = self.chosen(serials).await?;
        let mut outcomes: Vec<DeviceOutcome> = missing.into_iter().map(failed).collect();
        let mut speakers: Vec<Device> = Vec::new();
        for (device, list) in found {
            match reachable(&device, &list) {
                Ok(()) => {
                    for target in targets(&device, &list) {
                        if speakers.iter().all(|other| other.serial != target.serial) {
                            speakers.push(target);
                        }
                    }
                    outcomes.push(DeviceOutcome { device, outcome: CommandOutcome::Accepted });
                }
                Err(error) => outcomes.push(failed((device, error))),
            }
        }
        if speakers.is_empty() {
            return Err(match outcomes.into_iter().next().map(|failed| failed.outcome) {
                Some(CommandOutcome::Failed(error)) => error,
                _ => AmazonError::DeviceUnknown { serial: "that could announce anything".to_owned() },
            });
        }
        let announcement = Announcement {
            devices: speakers,
            title: title.to_owned(),
            text: text.to_owned(),
            locale: locale.to_owned(),
        };
        let request = ApiRequest::behavior(
            move |place| behavior::announcement(&announcement, place),
            "an announcement",
        );
        self.client().send(&request).await?;
        Ok(outcomes)
    }

    /// Sets do-not-disturb of an Echo. Amazon repeats the accepted value.
    ///
    /// # Errors
    /// When the command failed.
    pub async fn set_do_not_disturb(
        &self,
        serial: &str,
        enabled: bool,
    ) -> Result<DeviceOutcome, AmazonError> {
        let (device, _) = self.device(serial).await?;
        if device.kind != DeviceKind::Echo {
            let reason = "has no do-not-disturb of its own; name one of its Echos";
            return Err(AmazonError::NotControllable { name: device.name, reason });
        }
        let body = json!({
            "deviceSerialNumber": device.serial, "deviceType": device.device_type, "enabled": enabled,
        });
        let request = ApiRequest::command(Method::PUT, "/api/dnd/status", body, "do not disturb");
        self.live().commanded(&device.serial);
        let reply = self.client().send(&request).await?;
        self.state().invalidate_dnd().await;
        let repeated = reply.json::<Value>().and_then(|body| body.get("enabled")?.as_bool());
        let outcome =
            if repeated == Some(enabled) { CommandOutcome::Confirmed } else { CommandOutcome::Accepted };
        Ok(DeviceOutcome { device, outcome })
    }
}

fn failed((device, error): (Device, AmazonError)) -> DeviceOutcome {
    DeviceOutcome { device, outcome: CommandOutcome::Failed(error) }
}

pub(super) fn step(device: Device, operation: Operation) -> BehaviorStep {
    BehaviorStep { device, operation, customer: StepCustomer::Account }
}

/// The Echos that a command has to name. Amazon ignores most commands that name a group.
pub(super) fn targets(device: &Device, list: &DeviceList) -> Vec<Device> {
    let echos: Vec<Device> = list.echos_of(device).into_iter().filter(|echo| echo.online).cloned().collect();
    if device.kind == DeviceKind::Group && !echos.is_empty() {
        return echos;
    }
    match echos.first() {
        // The halves of a pair play as one, and speak as one.
        Some(first) if device.kind == DeviceKind::StereoPair => vec![first.clone()],
        _ => vec![device.clone()],
    }
}

/// The one Echo that runs a sentence for a device.
pub(super) fn single(device: &Device, list: &DeviceList) -> Result<Device, AmazonError> {
    if device.kind == DeviceKind::Group {
        let reason = "is a group, which cannot run a sentence; name one of its Echos";
        return Err(AmazonError::NotControllable { name: device.name.clone(), reason });
    }
    targets(device, list).into_iter().next().ok_or_else(|| AmazonError::Offline { name: device.name.clone() })
}
