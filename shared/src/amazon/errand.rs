//! Errands: an Echo is made to say a one-time code, and the skill learns by it which device that was.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;

use super::account::{Account, reachable};
use super::behavior::{Operation, Step};
use super::control::{single, step};
use super::error::AmazonError;
use crate::account::{Code, Device, DeviceKind, DeviceList, Errand, ErrandKind};
use crate::clock::Timestamp;
use crate::config::Speech;
use crate::playback::{Failure, Household, Player, PlayerId, StreamState};
use crate::voice::Voice;

/// How often it is looked whether an Echo asked.
const LOOKED: Duration = Duration::from_millis(250);

/// How often another word is tried where one is taken.
const WORDS: usize = 16;

/// A device that was to tell who it is.
#[derive(Debug)]
pub struct Identified {
    /// The device.
    pub device: Device,
    /// Whether it did.
    pub told: Told,
}

/// Whether an Echo brought its code back.
#[derive(Debug)]
pub enum Told {
    /// It did, and is paired with its player.
    Paired {
        /// The Echo's name in what people read.
        echo: String,
        /// When.
        at: Timestamp,
    },
    /// It did not: the skill is not enabled on its account or language, or has another name there.
    NeverAsked,
    /// It was not made to.
    Failed(AmazonError),
}

/// What became of a play.
#[derive(Debug)]
pub enum Played {
    /// The Echo says that it plays.
    Playing {
        /// Since when.
        at: Option<Timestamp>,
    },
    /// The Echo asked and was answered, and has not reported since.
    Starting {
        /// When it asked.
        at: Timestamp,
    },
    /// The Echo could not play it.
    Failed(Failure),
    /// The Echo never asked.
    NeverAsked,
    /// Amazon did not make it ask.
    Refused(AmazonError),
}

/// A device that can be made to play, and the Echo that asks for it.
#[derive(Clone, Debug)]
pub struct PlayTarget {
    /// The device.
    pub device: Device,
    /// Itself, or a half of a pair.
    pub echo: Device,
}

impl PlayTarget {
    /// Its player in Music Assistant, which is called as the device is at Amazon.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        PlayerId::from(self.device.name.as_str())
    }
}

/// An errand, and the Echo that runs it.
struct Sent {
    device: Device,
    echo: Device,
    errand: Errand,
}

impl Account {
    /// Makes devices say who they are: one request for all of them, and a code for each. Without any named, every
    /// Echo and every pair of the house.
    ///
    /// # Errors
    /// When none of them was made to.
    pub async fn identify(
        &self,
        serials: &[String],
        speech: &Speech,
        wait: Duration,
    ) -> Result<Vec<Identified>, AmazonError> {
        let (mut sent, mut identified) = (Vec::new(), Vec::new());
        for (device, list) in self.chosen(serials).await? {
            match errand_runner(&device, &list) {
                Ok(echo) => {
                    sent.push(self.errand(&PlayTarget { device, echo }, ErrandKind::Identify).await?);
                }
                Err(error) => identified.push(Identified { device, told: Told::Failed(error) }),
            }
        }
        if sent.is_empty() {
            return Err(match identified.into_iter().next().map(|failed| failed.told) {
                Some(Told::Failed(error)) => error,
                _ => AmazonError::DeviceUnknown { serial: "that could be identified".to_owned() },
            });
        }
        self.send_errands(&sent, speech, false).await?;
        let missing = self.wait_for_codes(&sent, speech, wait).await?;
        for Sent { device, errand, .. } in sent {
            let told = match self.store().errand(&errand.code, self.clock().now()).await? {
                Some(Errand { used: Some(used), .. }) if !missing.contains(errand.code.as_str()) => {
                    Told::Paired { echo: used.device.short_hash(), at: used.at }
                }
                _ => Told::NeverAsked,
            };
            identified.push(Identified { device, told });
        }
        identified.sort_by(|a, b| a.device.name.cmp(&b.device.name));
        Ok(identified)
    }

    /// Whether a device can be made to ask for a stream, before anything is changed for that.
    ///
    /// # Errors
    /// When it is offline, a group, or no Echo.
    pub async fn player(&self, serial: &str) -> Result<PlayTarget, AmazonError> {
        let (device, list) = self.device(serial).await?;
        let echo = errand_runner(&device, &list)?;
        Ok(PlayTarget { device, echo })
    }

    /// Makes a device ask for this version of its player's stream, and tells what became of it, as far as the Echo
    /// itself does within `wait`.
    ///
    /// # Errors
    /// When the store does not serve. What Amazon refuses is told in the answer, since the stream is the player's by
    /// then.
    pub async fn play(
        &self,
        target: &PlayTarget,
        version: u64,
        speech: &Speech,
        wait: Duration,
    ) -> Result<Played, AmazonError> {
        let until = self.clock().now().plus(wait);
        let sent = [self.errand(target, ErrandKind::Play { version }).await?];
        match self.send_errands(&sent, speech, false).await {
            Err(error @ (AmazonError::Store(_) | AmazonError::NoRandomness(_))) => Err(error),
            Err(error) => Ok(Played::Refused(error)),
            Ok(()) => self.wait_for_play(&sent, version, speech, until).await,
        }
    }

    /// Keeps an errand for a device under a word that nobody else has now.
    async fn errand(&self, target: &PlayTarget, kind: ErrandKind) -> Result<Sent, AmazonError> {
        let PlayTarget { device, echo } = target;
        for _ in 0..WORDS {
            let now = self.clock().now();
            let errand = Errand {
                code: Code::random(self.random())?,
                serial: echo.serial.clone(),
                player: target.player(),
                kind,
                used: None,
                expires_at: now.plus(Errand::LASTS).seconds(),
            };
            if self.store().issue_code(&errand, now).await? {
                return Ok(Sent { device: device.clone(), echo: echo.clone(), errand });
            }
        }
        let until = self.clock().now().plus(Errand::LASTS);
        Err(AmazonError::Throttled { until })
    }

    /// Makes the Echos say their codes, all in one request.
    async fn send_errands(&self, sent: &[Sent], speech: &Speech, as_owner: bool) -> Result<(), AmazonError> {
        let household = self.store().household(self.clock().now()).await?;
        let mut steps: Vec<Step> = Vec::new();
        for Sent { echo, errand, .. } in sent {
            let sentence = sentence(echo, &errand.code, &household, speech);
            steps.push(Step { as_owner, ..step(echo.clone(), Operation::Text(sentence)) });
        }
        self.behave(steps, speech.locale.as_str(), "a sentence").await
    }

    /// Waits until all codes came back; those that did not. An Echo that belongs to another person of the household
    /// may have ignored its sentence, and gets it once more in its owner's name: a code works only once.
    async fn wait_for_codes(
        &self,
        sent: &[Sent],
        speech: &Speech,
        wait: Duration,
    ) -> Result<BTreeSet<String>, AmazonError> {
        let began = self.clock().now();
        let (half, until) = (began.plus(wait / 2), began.plus(wait));
        let mut asked_owners = false;
        loop {
            let missing = self.missing(sent).await?;
            let now = self.clock().now();
            if missing.is_empty() || now >= until {
                return Ok(missing);
            }
            if !asked_owners && now >= half {
                asked_owners = true;
                self.ask_owners(sent, &missing, speech).await?;
            }
            sleep(LOOKED).await;
        }
    }

    async fn ask_owners(
        &self,
        sent: &[Sent],
        missing: &BTreeSet<String>,
        speech: &Speech,
    ) -> Result<(), AmazonError> {
        let customer = self.session().customer().await?;
        let owned: Vec<Sent> = sent
            .iter()
            .filter(|sent| missing.contains(sent.errand.code.as_str()))
            .filter(|sent| sent.echo.owner.is_some() && sent.echo.owner != customer)
            .map(|sent| Sent {
                device: sent.device.clone(),
                echo: sent.echo.clone(),
                errand: sent.errand.clone(),
            })
            .collect();
        if owned.is_empty() {
            return Ok(());
        }
        self.send_errands(&owned, speech, true).await
    }

    async fn missing(&self, sent: &[Sent]) -> Result<BTreeSet<String>, AmazonError> {
        let mut missing = BTreeSet::new();
        for Sent { errand, .. } in sent {
            let now = self.clock().now();
            let found = self.store().errand(&errand.code, now).await?;
            if found.is_none_or(|found| found.used.is_none()) {
                missing.insert(errand.code.as_str().to_owned());
            }
        }
        Ok(missing)
    }

    /// Waits for what the Echo says of a version.
    async fn wait_for_play(
        &self,
        sent: &[Sent; 1],
        version: u64,
        speech: &Speech,
        until: Timestamp,
    ) -> Result<Played, AmazonError> {
        let half = self.clock().now().plus(until.since(self.clock().now()) / 2);
        let (mut asked_at, mut asked_owner) = (None, false);
        loop {
            let now = self.clock().now();
            if asked_at.is_none() {
                let errand = self.store().errand(&sent[0].errand.code, now).await?;
                asked_at = errand.and_then(|errand| errand.used).map(|used| used.at);
            }
            let household = self.store().household(now).await?;
            let known = household.player(&sent[0].errand.player).filter(|known| known.version == version);
            if let Some(told) = known.and_then(told) {
                return Ok(told);
            }
            if now >= until {
                return Ok(asked_at.map_or(Played::NeverAsked, |at| Played::Starting { at }));
            }
            if asked_at.is_none() && !asked_owner && now >= half {
                asked_owner = true;
                let missing = BTreeSet::from([sent[0].errand.code.as_str().to_owned()]);
                self.ask_owners(sent, &missing, speech).await?;
            }
            sleep(LOOKED).await;
        }
    }
}

/// The Echo that runs a device's errands.
fn errand_runner(device: &Device, list: &DeviceList) -> Result<Device, AmazonError> {
    reachable(device, list)?;
    let echo = single(device, list)?;
    if echo.kind == DeviceKind::Other {
        let reason = "is no Echo that could be told to use the skill";
        return Err(AmazonError::NotControllable { name: device.name.clone(), reason });
    }
    Ok(echo)
}

/// What an Echo told of a version; none while it may still say more.
fn told(player: &Player) -> Option<Played> {
    match player.state? {
        StreamState::Playing | StreamState::Stopped | StreamState::Finished => {
            Some(Played::Playing { at: player.state_at })
        }
        StreamState::Failed if player.replay_is_pending() => None,
        StreamState::Failed => player.error.clone().map(Played::Failed),
    }
}

/// What an Echo has to hear to bring a code back, in the language that it speaks.
fn sentence(echo: &Device, code: &Code, household: &Household, speech: &Speech) -> String {
    let linked = household.echos.iter().find(|known| known.serial.as_deref() == Some(&echo.serial));
    let spoken = linked.and_then(|linked| linked.locale.as_deref()).or(echo.language.as_deref());
    let voice = spoken.and_then(Voice::of).or_else(|| Voice::of(speech.locale.as_str()));
    voice.map(|voice| voice.identify_sentence(&speech.invocation_name, code)).unwrap_or_default()
}
