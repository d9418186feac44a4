//! An Echo brings back the one-time word that we made it say, which shows which of Amazon's devices it is.

use super::context::SkillRequest;
use super::error::InternalError;
use super::intent::{Hearer, play_or_speak, speak};
use super::{Failure, Skill};
use crate::account::{ChallengePurpose, ChallengeResponse, OneTimeWord, PairingChallenge};
use crate::alexa::DeviceId;
use crate::alexa::request::Intent;
use crate::alexa::response::IntentResponse;
use crate::i18n::Message;
use crate::playback::DeviceBinding;
use crate::voice::WORD_SLOT;

impl Skill {
    /// Takes a one-time word that comes back, and serves its purpose. A foreign or used word changes nothing and is
    /// answered without a sound, since no person in that room made a request.
    pub(super) async fn identify(
        &self,
        intent: &Intent,
        context: &SkillRequest,
    ) -> Result<IntentResponse, Failure> {
        let Some(spoken) = intent.slot(WORD_SLOT) else {
            return Ok(self.not_understood(context).await);
        };
        let listed = || intent.entity(WORD_SLOT).and_then(|entity| OneTimeWord::parse(&entity.name));
        let Some(word) = OneTimeWord::parse(spoken).or_else(listed) else {
            return Ok(silent("no_code"));
        };
        let device = context.device.clone().ok_or(InternalError::NoDevice)?;
        let taken =
            ChallengeResponse { device: device.clone(), request: context.request.clone(), at: context.at };
        let Some(challenge) = self.store.consume_challenge(&word, &taken).await? else {
            return Ok(silent("not_issued"));
        };
        self.store.bind(&binding(&challenge, device, context)).await?;
        match challenge.kind {
            ChallengePurpose::Identify => Ok(silent("identified")),
            ChallengePurpose::Play { .. } | ChallengePurpose::Test { .. } if !context.plays_audio => {
                Ok(speak(context, &Message::NoAudioPlayer))
            }
            ChallengePurpose::Test { number } => self.first_tone(&challenge.player, number, context).await,
            ChallengePurpose::Play { version } => {
                let (given, household) = self.select_version(context, &challenge.player, version).await?;
                Ok(play_or_speak(self.music_of(given, &household, context)?, context, Hearer::PerhapsNone))
            }
        }
    }
}

fn binding(challenge: &PairingChallenge, device: DeviceId, context: &SkillRequest) -> DeviceBinding {
    DeviceBinding {
        device,
        endpoint: context.endpoint.clone(),
        user: context.user.clone(),
        locale: Some(context.locale.clone()),
        serial: challenge.serial.clone(),
        kind: challenge.echo_kind.clone(),
        player: challenge.player.clone(),
        request: context.request.clone(),
        at: context.at,
    }
}

/// No word and no microphone. The outcome of the word is in the log alone.
pub(super) fn silent(outcome: &str) -> IntentResponse {
    tracing::info!(outcome, "an Echo said a one-time word");
    IntentResponse::end_session()
}
