//! Plays on a device: a challenge makes its Echo ask for a stream, and the Echo's report is the outcome.

use std::time::Duration;

use tokio::time::sleep;

use super::behavior::StepCustomer;
use super::device_client::DeviceClient;
use super::pairing_challenge::{POLL_EVERY, PendingChallenge, PlayTarget, challenge_device, unclear};
use crate::account::ChallengePurpose;
use crate::amazon::error::AmazonError;
use crate::clock::Timestamp;
use crate::config::Speech;
use crate::deadline;
use crate::playback::{Failure, Player, ReportedState};

/// The outcome of a play.
#[derive(Debug)]
pub enum PlayOutcome {
    /// The Echo says that it plays.
    Playing {
        /// Time of its report.
        at: Timestamp,
    },
    /// The Echo asked and was answered, and has not reported since.
    Starting {
        /// Time of its request.
        at: Timestamp,
    },
    /// The Echo could not play it.
    Failed(Failure),
    /// The Echo never asked.
    NeverAsked,
    /// Amazon did not make it ask.
    Refused(AmazonError),
}

impl DeviceClient {
    /// Whether a device can be made to ask for a stream, before anything is changed for that.
    ///
    /// # Errors
    /// When it is offline, a group, or no Echo.
    pub async fn player(&self, serial: &str) -> Result<PlayTarget, AmazonError> {
        let (device, list) = self.device(serial).await?;
        let echo = challenge_device(&device, &list)?;
        Ok(PlayTarget { device, echo })
    }

    /// Makes a device ask for this version of its player's stream. The outcome is the Echo's own report within `wait`.
    ///
    /// # Errors
    /// When the store fails. A refusal of Amazon's is an outcome, since the stream is the player's by then.
    pub async fn play(
        &self,
        target: &PlayTarget,
        version: u64,
        speech: &Speech,
        wait: Duration,
    ) -> Result<PlayOutcome, AmazonError> {
        let began = self.clock().moment();
        let mut sent = [self.challenge(target, ChallengePurpose::Play { version }).await?];
        match unclear(self.send_challenges(&sent, speech, StepCustomer::Account).await) {
            Err(error @ (AmazonError::Store(_) | AmazonError::NoRandomness(_))) => Err(error),
            Err(error) => Ok(PlayOutcome::Refused(error)),
            Ok(unclear) => {
                let left = wait.saturating_sub(self.clock().moment().since(began));
                let played = self.wait_for_play(&mut sent, version, speech, left).await?;
                Ok(match (played, unclear) {
                    (PlayOutcome::NeverAsked, Some(error)) => PlayOutcome::Refused(error),
                    (played, _) => played,
                })
            }
        }
    }

    /// Waits for the Echo's report of a version.
    async fn wait_for_play(
        &self,
        sent: &mut [PendingChallenge; 1],
        version: u64,
        speech: &Speech,
        wait: Duration,
    ) -> Result<PlayOutcome, AmazonError> {
        let (began, wait) = (self.clock().moment(), deadline::at_most(wait));
        let mut asked_owner = false;
        loop {
            self.poll_responses(sent).await?;
            let now = self.clock().moment();
            let (waited, now) = (now.since(began), now.wall());
            let household = self.store().household(now).await?;
            let known = household.player(&sent[0].challenge.player).filter(|known| known.is_at(version));
            if let Some(outcome) = known.and_then(|known| reported(known, now)) {
                return Ok(outcome);
            }
            let asked_at = sent[0].used.as_ref().map(|used| used.at);
            if waited >= wait {
                return Ok(asked_at.map_or(PlayOutcome::NeverAsked, |at| PlayOutcome::Starting { at }));
            }
            if asked_at.is_none() && !asked_owner && waited >= wait / 2 {
                asked_owner = true;
                self.retry_as_owner(sent, speech).await?;
            }
            sleep(POLL_EVERY).await;
        }
    }
}

/// The outcome in an Echo's report; none while it may still change.
fn reported(player: &Player, now: Timestamp) -> Option<PlayOutcome> {
    let report = player.effective_report()?.report;
    match &report.state {
        ReportedState::Playing | ReportedState::Stopped | ReportedState::Finished => {
            Some(PlayOutcome::Playing { at: report.at })
        }
        ReportedState::Failed(_) if player.replay_is_pending(now) => None,
        ReportedState::Failed(error) => error.clone().map(PlayOutcome::Failed),
    }
}
