//! Playback, speech and quiet: commands to single devices and to several.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::account::{Account, Chosen, DeviceOutcome, Outcome, reachable};
use super::behavior::{self, Announcement, Operation, Step};
use super::calls::{Ask, CallError};
use super::error::AmazonError;
use super::observe::encoded;
use crate::account::{Device, DeviceKind, DeviceList};
use crate::clock::Timestamp;
use crate::deadline;
use crate::playback::StreamState;

/// How long a command is watched before Amazon's word has to do.
const WATCHED: Duration = Duration::from_millis(1500);

/// How often it is looked at meanwhile.
const LOOKED: Duration = Duration::from_millis(250);

/// What can be told to whatever plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportCommand {
    /// Goes on.
    Play,
    /// Stops for now.
    Pause,
    /// Stops.
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

    /// Amazon's words for a device that obeyed; none where it cannot be told from one that did not.
    fn seen_as(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Play => Some(&["PLAYING"]),
            Self::Pause | Self::Stop => Some(&["PAUSED", "STOPPED", "IDLE", "INTERRUPTED"]),
            Self::Next | Self::Previous => None,
        }
    }
}

impl Account {
    /// Tells a device to go on, to stop, or to skip. Skipping is never tried twice.
    ///
    /// # Errors
    /// When it was not done.
    pub async fn transport(
        &self,
        serial: &str,
        command: TransportCommand,
        locale: &str,
    ) -> Result<DeviceOutcome, AmazonError> {
        let (device, list) = self.online(serial).await?;
        let sent_at = self.clock().now();
        let called = match command.command() {
            Some(kind) => self.np_command(&device, kind).await,
            None => Err(CallError::NotPlaying),
        };
        match (called, command) {
            (Ok(()), _) => {}
            // Amazon's own player knows nothing of it; another way may.
            (Err(CallError::NotPlaying), TransportCommand::Pause | TransportCommand::Stop) => {
                self.stop(&device, &list, locale).await?;
            }
            (Err(CallError::NotPlaying), _) => {
                let reason = "plays nothing that Amazon can control now; start something there first";
                return Err(AmazonError::NotControllable { name: device.name, reason });
            }
            (Err(CallError::Failed(error)), _) => return Err(error),
        }
        let outcome = self.watch(&device, command, sent_at).await;
        Ok(DeviceOutcome { device, outcome })
    }

    async fn np_command(&self, device: &Device, kind: &str) -> Result<(), CallError> {
        let path = format!(
            "/api/np/command?deviceSerialNumber={}&deviceType={}",
            encoded(&device.serial),
            encoded(&device.device_type)
        );
        let body = json!({ "type": kind, "contentFocusClientId": Value::Null });
        self.call(&Ask::command(Method::POST, path, body, "a command to a player")).await.map(drop)
    }

    async fn stop(&self, device: &Device, list: &DeviceList, locale: &str) -> Result<(), AmazonError> {
        let targets = targets(device, list);
        let steps = targets.into_iter().map(|device| step(device, Operation::Stop)).collect();
        self.behave(steps, locale, "a stop").await
    }

    /// Makes devices do something together.
    pub(super) async fn behave(
        &self,
        steps: Vec<Step>,
        locale: &str,
        what: &'static str,
    ) -> Result<(), AmazonError> {
        let locale = locale.to_owned();
        let ask = Ask::behavior(move |place| behavior::preview(&steps, &locale, place), what);
        match self.call(&ask).await {
            Ok(_) => Ok(()),
            Err(CallError::NotPlaying) => Err(AmazonError::Changed { what }),
            Err(CallError::Failed(error)) => Err(error),
        }
    }

    /// Looks for a sign that a device obeyed: what it told the skill, else what Amazon says.
    async fn watch(&self, device: &Device, command: TransportCommand, sent_at: Timestamp) -> Outcome {
        let Some(words) = command.seen_as() else {
            return Outcome::Accepted;
        };
        let (began, watched) = (self.clock().moment(), deadline::at_most(WATCHED));
        while self.clock().moment().since(began) < watched {
            if self.was_reported(device, command, sent_at).await {
                return Outcome::Confirmed;
            }
            sleep(LOOKED).await;
        }
        let seen = self.now_playing(device, Some(sent_at)).await.ok().flatten();
        let state = seen.and_then(|seen| seen.value.state);
        let obeyed = state.is_some_and(|state| words.contains(&state.as_str()));
        if obeyed { Outcome::Confirmed } else { Outcome::Accepted }
    }

    /// Whether the device itself told the skill, since the command. Its clock counts whole seconds.
    async fn was_reported(&self, device: &Device, command: TransportCommand, sent_at: Timestamp) -> bool {
        let Ok(household) = self.store().household(self.clock().now()).await else {
            return false;
        };
        let since = Timestamp::from_millis(sent_at.seconds() * 1000);
        device.players(&household).into_iter().any(|player| {
            let matches = match player.state {
                Some(StreamState::Playing) => command == TransportCommand::Play,
                Some(StreamState::Stopped | StreamState::Finished) => {
                    matches!(command, TransportCommand::Pause | TransportCommand::Stop)
                }
                Some(StreamState::Failed) | None => false,
            };
            matches && player.state_at.is_some_and(|at| at >= since)
        })
    }

    /// Makes an Echo hear a sentence, as if somebody had said it. It answers aloud. It is never sent twice.
    ///
    /// # Errors
    /// When it was not taken.
    pub async fn text_command(
        &self,
        serial: &str,
        text: &str,
        locale: &str,
    ) -> Result<DeviceOutcome, AmazonError> {
        let (device, list) = self.online(serial).await?;
        let target = single(&device, &list)?;
        self.behave(vec![step(target, Operation::Text(text.to_owned()))], locale, "a sentence").await?;
        Ok(DeviceOutcome { device, outcome: Outcome::Accepted })
    }

    /// Makes a device speak; every member of a group.
    ///
    /// # Errors
    /// When it was not taken.
    pub async fn speak(&self, serial: &str, text: &str, locale: &str) -> Result<DeviceOutcome, AmazonError> {
        let (device, list) = self.online(serial).await?;
        let steps = targets(&device, &list)
            .into_iter()
            .map(|target| step(target, Operation::Speak(text.to_owned())))
            .collect();
        self.behave(steps, locale, "speech").await?;
        Ok(DeviceOutcome { device, outcome: Outcome::Accepted })
    }

    /// Announces on these devices, on the members of groups, or on every Echo where none is named. What is offline or
    /// unknown is told apart.
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
        let Chosen { found, missing } = self.chosen(serials).await?;
        let mut outcomes: Vec<DeviceOutcome> = missing.into_iter().map(failed).collect();
        let mut heard: Vec<Device> = Vec::new();
        for (device, list) in found {
            match reachable(&device, &list) {
                Ok(()) => {
                    for target in targets(&device, &list) {
                        if heard.iter().all(|other| other.serial != target.serial) {
                            heard.push(target);
                        }
                    }
                    outcomes.push(DeviceOutcome { device, outcome: Outcome::Accepted });
                }
                Err(error) => outcomes.push(failed((device, error))),
            }
        }
        if heard.is_empty() {
            return Err(match outcomes.into_iter().next().map(|failed| failed.outcome) {
                Some(Outcome::Failed(error)) => error,
                _ => AmazonError::DeviceUnknown { serial: "that could announce anything".to_owned() },
            });
        }
        let announcement = Announcement {
            devices: heard,
            title: title.to_owned(),
            text: text.to_owned(),
            locale: locale.to_owned(),
        };
        let ask = Ask::behavior(move |place| behavior::announcement(&announcement, place), "an announcement");
        match self.call(&ask).await {
            Ok(_) => Ok(outcomes),
            Err(CallError::NotPlaying) => Err(AmazonError::Changed { what: "an announcement" }),
            Err(CallError::Failed(error)) => Err(error),
        }
    }

    /// Tells a device not to disturb, or to do so again. Amazon repeats what it took.
    ///
    /// # Errors
    /// When it was not done.
    pub async fn set_do_not_disturb(
        &self,
        serial: &str,
        enabled: bool,
    ) -> Result<DeviceOutcome, AmazonError> {
        const WHAT: &str = "do not disturb";
        let (device, _) = self.device(serial).await?;
        if device.kind != DeviceKind::Echo {
            let reason = "has no do-not-disturb of its own; name one of its Echos";
            return Err(AmazonError::NotControllable { name: device.name, reason });
        }
        let body = json!({
            "deviceSerialNumber": device.serial, "deviceType": device.device_type, "enabled": enabled,
        });
        let reply = match self.call(&Ask::command(Method::PUT, "/api/dnd/status", body, WHAT)).await {
            Ok(reply) => reply,
            Err(CallError::NotPlaying) => return Err(AmazonError::Changed { what: WHAT }),
            Err(CallError::Failed(error)) => return Err(error),
        };
        self.forget_quiet().await;
        let repeated = reply.json::<Value>().and_then(|body| body.get("enabled")?.as_bool());
        let outcome = if repeated == Some(enabled) { Outcome::Confirmed } else { Outcome::Accepted };
        Ok(DeviceOutcome { device, outcome })
    }
}

fn failed((device, error): (Device, AmazonError)) -> DeviceOutcome {
    DeviceOutcome { device, outcome: Outcome::Failed(error) }
}

pub(super) fn step(device: Device, operation: Operation) -> Step {
    Step { device, operation, as_owner: false }
}

/// The Echos that a command has to name: Amazon ignores most that name a group.
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

/// The one Echo that hears for a device.
pub(super) fn single(device: &Device, list: &DeviceList) -> Result<Device, AmazonError> {
    if device.kind == DeviceKind::Group {
        let reason = "is a group, which cannot be told a sentence; name one of its Echos";
        return Err(AmazonError::NotControllable { name: device.name.clone(), reason });
    }
    targets(device, list).into_iter().next().ok_or_else(|| AmazonError::Offline { name: device.name.clone() })
}
