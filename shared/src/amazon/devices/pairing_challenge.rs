//! Pairing challenges: an Echo runs a sentence with a one-time word, which names its device to the skill.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::behavior::{BehaviorStep, Operation, StepCustomer};
use super::control::{single, step};
use super::device_client::{CommandTargets, DeviceClient, Freshness, reachable};
use crate::account::{
    ChallengePurpose, ChallengeResponse, Device, DeviceKind, DeviceList, OneTimeWord, PairingChallenge,
};
use crate::amazon::error::AmazonError;
use crate::clock::Timestamp;
use crate::config::Speech;
use crate::deadline;
use crate::playback::{Household, PlayerId};
use crate::voice::LocaleSpec;

/// Pause between two looks at the store.
pub(super) const POLL_EVERY: Duration = Duration::from_millis(250);

/// Attempts with another word where one is taken.
const WORDS: usize = 16;

/// A device and the result of its challenge.
#[derive(Debug)]
pub struct Identification {
    /// The device.
    pub device: Device,
    /// The result.
    pub outcome: IdentifyOutcome,
}

/// The result of a pairing challenge.
#[derive(Debug)]
pub enum IdentifyOutcome {
    /// The word came back, and the Echo is paired with its player.
    Paired {
        /// The Echo's name for people.
        echo: String,
        /// Time of the response.
        at: Timestamp,
    },
    /// The word did not come back: the skill is not enabled on its account or language, or has another name there.
    NeverAsked,
    /// The challenge was not sent.
    Failed(AmazonError),
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

/// Words that devices were made to bring back.
pub struct SentWords(Vec<PendingChallenge>);

impl SentWords {
    /// The words.
    pub fn words(&self) -> impl Iterator<Item = &OneTimeWord> {
        self.0.iter().map(|sent| &sent.challenge.word)
    }
}

/// A challenge, the Echo that runs it, and its progress.
#[derive(Clone)]
pub(super) struct PendingChallenge {
    device: Device,
    echo: Device,
    pub(super) challenge: PairingChallenge,
    /// The response with the word.
    pub(super) used: Option<ChallengeResponse>,
    /// Whether that Echo is known by its device since.
    is_linked: bool,
}

impl DeviceClient {
    /// Sends pairing challenges: one request for all devices, and a word for each. Without serial numbers, to every
    /// pair of the house and every Echo that is in none.
    ///
    /// # Errors
    /// When no challenge was sent.
    pub async fn identify(
        &self,
        serials: &[String],
        speech: &Speech,
        wait: Duration,
    ) -> Result<Vec<Identification>, AmazonError> {
        let CommandTargets { found, missing } = self.identifiable(serials).await?;
        let failed = |(device, error)| Identification { device, outcome: IdentifyOutcome::Failed(error) };
        let mut identified: Vec<Identification> = missing.into_iter().map(failed).collect();
        let mut sent = Vec::new();
        for (device, list) in found {
            match challenge_device(&device, &list) {
                Ok(echo) => {
                    sent.push(
                        self.challenge(&PlayTarget { device, echo }, ChallengePurpose::Identify).await?,
                    );
                }
                Err(error) => identified.push(failed((device, error))),
            }
        }
        if sent.is_empty() {
            return Err(match identified.into_iter().next().map(|failed| failed.outcome) {
                Some(IdentifyOutcome::Failed(error)) => error,
                _ => AmazonError::DeviceUnknown { serial: "that could be identified".to_owned() },
            });
        }
        let unclear =
            unclear(self.send_challenges(&sent, speech, StepCustomer::Account).await)?.map(Arc::new);
        self.await_responses(&mut sent, speech, wait).await?;
        identified.extend(sent.into_iter().map(|sent| sent.result(unclear.as_ref())));
        identified.sort_by(|a, b| a.device.name.cmp(&b.device.name));
        Ok(identified)
    }

    async fn identifiable(&self, serials: &[String]) -> Result<CommandTargets, AmazonError> {
        if !serials.is_empty() {
            return self.chosen(serials).await;
        }
        let list = self.devices(Freshness::Cached).await?.list;
        let is_half = |device: &Device| {
            let mut pairs = list.devices.iter().filter(|pair| pair.kind == DeviceKind::StereoPair);
            pairs.any(|pair| pair.members.contains(&device.serial))
        };
        let targets = list.devices.iter().filter(|device| match device.kind {
            DeviceKind::Echo => !is_half(device),
            DeviceKind::StereoPair => true,
            DeviceKind::Group | DeviceKind::Other => false,
        });
        let found = targets.map(|device| (device.clone(), list.clone())).collect();
        Ok(CommandTargets { found, missing: Vec::new() })
    }

    /// Makes devices bring words back, each for its purpose, in one request.
    ///
    /// # Errors
    /// When Amazon does not make them, or the store fails.
    pub async fn send_words(
        &self,
        targets: &[(PlayTarget, ChallengePurpose)],
        speech: &Speech,
    ) -> Result<SentWords, AmazonError> {
        let mut sent = Vec::with_capacity(targets.len());
        for (target, purpose) in targets {
            sent.push(self.challenge(target, *purpose).await?);
        }
        unclear(self.send_challenges(&sent, speech, StepCustomer::Account).await)?;
        Ok(SentWords(sent))
    }

    /// Words that were sent before, by whichever process. Those that have ended, and those of devices that are gone, are left
    /// out.
    ///
    /// # Errors
    /// When the store fails, or there is no list of devices.
    pub async fn sent_words(&self, words: &[OneTimeWord]) -> Result<SentWords, AmazonError> {
        let list = self.devices(Freshness::Cached).await?.list;
        let mut sent = Vec::with_capacity(words.len());
        for word in words {
            let Some(challenge) = self.store().challenge(word, self.clock().now()).await? else { continue };
            let Some(echo) = list.get(&challenge.serial).cloned() else { continue };
            let used = challenge.used.clone();
            sent.push(PendingChallenge { device: echo.clone(), echo, challenge, used, is_linked: false });
        }
        Ok(SentWords(sent))
    }

    /// Waits until all words came back, for as long as `wait`. The number of those that did; see [`Self::send_words`].
    ///
    /// # Errors
    /// When the store fails.
    pub async fn await_words(
        &self,
        mut sent: SentWords,
        speech: &Speech,
        wait: Duration,
    ) -> Result<usize, AmazonError> {
        self.await_responses(&mut sent.0, speech, wait).await?;
        Ok(sent.0.iter().filter(|sent| sent.used.is_some()).count())
    }

    /// Stores a challenge for a device under a word that is free now.
    pub(super) async fn challenge(
        &self,
        target: &PlayTarget,
        kind: ChallengePurpose,
    ) -> Result<PendingChallenge, AmazonError> {
        let PlayTarget { device, echo } = target;
        for _ in 0..WORDS {
            let now = self.clock().now();
            let challenge = PairingChallenge {
                word: OneTimeWord::random(self.random())?,
                serial: echo.serial.clone(),
                echo_kind: Some(echo.echo_kind()),
                player: target.player(),
                kind,
                used: None,
                expires_at: now.plus(PairingChallenge::LASTS).seconds(),
            };
            if self.store().put_challenge(&challenge, now).await? {
                let (device, echo) = (device.clone(), echo.clone());
                return Ok(PendingChallenge { device, echo, challenge, used: None, is_linked: false });
            }
        }
        let until = self.clock().now().plus(PairingChallenge::LASTS);
        Err(AmazonError::Busy { until })
    }

    /// Runs the sentences of all challenges in one request.
    pub(super) async fn send_challenges(
        &self,
        sent: &[PendingChallenge],
        speech: &Speech,
        customer: StepCustomer,
    ) -> Result<(), AmazonError> {
        let household = self.store().household(self.clock().now()).await?;
        let mut steps: Vec<BehaviorStep> = Vec::new();
        for PendingChallenge { echo, challenge, .. } in sent {
            let sentence = sentence(echo, &challenge.word, &household, speech);
            steps.push(BehaviorStep { customer, ..step(echo.clone(), Operation::Text(sentence)) });
        }
        self.behave(steps, speech.locale.as_str(), "a sentence").await
    }

    /// Waits until all words came back and their Echos are known. An Echo of another person of the household may have
    /// ignored its sentence, and gets it once more in that person's name. A word works only once.
    async fn await_responses(
        &self,
        sent: &mut [PendingChallenge],
        speech: &Speech,
        wait: Duration,
    ) -> Result<(), AmazonError> {
        let (began, wait) = (self.clock().moment(), deadline::at_most(wait));
        let mut asked_owners = false;
        loop {
            self.poll_responses(sent).await?;
            let waited = self.clock().moment().since(began);
            if sent.iter().all(|sent| sent.is_linked) || waited >= wait {
                return Ok(());
            }
            if !asked_owners && waited >= wait / 2 {
                asked_owners = true;
                self.retry_as_owner(sent, speech).await?;
            }
            sleep(POLL_EVERY).await;
        }
    }

    /// Polls the store for the words that came back, and for their Echos.
    pub(super) async fn poll_responses(&self, sent: &mut [PendingChallenge]) -> Result<(), AmazonError> {
        let now = self.clock().now();
        for sent in sent.iter_mut().filter(|sent| sent.used.is_none()) {
            let challenge = self.store().challenge(&sent.challenge.word, now).await?;
            sent.used = challenge.and_then(|challenge| challenge.used);
        }
        if sent.iter().any(|sent| sent.used.is_some() && !sent.is_linked) {
            let household = self.store().household(now).await?;
            for sent in sent.iter_mut() {
                sent.is_linked = sent.used.as_ref().is_some_and(|used| {
                    let player = household.player(&sent.challenge.player);
                    player.is_some_and(|player| player.is_served_by(&used.device))
                });
            }
        }
        Ok(())
    }

    /// A second attempt for Echos of another owner, as their owner. Its failure is no reason to stop waiting for the first.
    pub(super) async fn retry_as_owner(
        &self,
        sent: &[PendingChallenge],
        speech: &Speech,
    ) -> Result<(), AmazonError> {
        let customer = self.session().customer().await?;
        let is_anothers = |sent: &&PendingChallenge| sent.echo.owner.is_some() && sent.echo.owner != customer;
        let owned: Vec<PendingChallenge> =
            sent.iter().filter(|sent| sent.used.is_none()).filter(is_anothers).cloned().collect();
        if !owned.is_empty()
            && let Err(error) = self.send_challenges(&owned, speech, StepCustomer::Owner).await
        {
            tracing::warn!(%error, "Echos of another owner did not get their words");
        }
        Ok(())
    }
}

impl PendingChallenge {
    /// Its result, where `unclear` is the error of a request that may have been obeyed.
    fn result(self, unclear: Option<&Arc<AmazonError>>) -> Identification {
        let outcome = match self.used {
            Some(used) if self.is_linked => {
                IdentifyOutcome::Paired { echo: used.device.short_hash(), at: used.at }
            }
            Some(_) => IdentifyOutcome::Failed(AmazonError::NotControllable {
                name: self.device.name.clone(),
                reason: "answered its challenge, and that was not stored: try again",
            }),
            None => unclear.map_or(IdentifyOutcome::NeverAsked, |error| {
                IdentifyOutcome::Failed(AmazonError::shared(error))
            }),
        };
        Identification { device: self.device, outcome }
    }
}

/// The error of a sentence that may have run, although its response was lost or reports a failure. Its word may still
/// come back.
pub(super) fn unclear(sent: Result<(), AmazonError>) -> Result<Option<AmazonError>, AmazonError> {
    match sent {
        Ok(()) => Ok(None),
        Err(error) if error.may_be_done() => Ok(Some(error)),
        Err(error) => Err(error),
    }
}

/// The Echo that runs the challenges of a device.
pub(super) fn challenge_device(device: &Device, list: &DeviceList) -> Result<Device, AmazonError> {
    reachable(device, list)?;
    let echo = single(device, list)?;
    if echo.kind == DeviceKind::Other {
        let reason = "is no Echo that could use the skill";
        return Err(AmazonError::NotControllable { name: device.name.clone(), reason });
    }
    Ok(echo)
}

/// The sentence that brings a word back, in the Echo's language.
fn sentence(echo: &Device, word: &OneTimeWord, household: &Household, speech: &Speech) -> String {
    let spoken =
        echo.linked(household).next().and_then(|bound| bound.locale.as_deref()).or(echo.language.as_deref());
    let voice = spoken.and_then(LocaleSpec::of).or_else(|| LocaleSpec::of(speech.locale.as_str()));
    voice.map(|voice| voice.identify_sentence(&speech.invocation_name, word)).unwrap_or_default()
}
