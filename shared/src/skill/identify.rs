//! An Echo brings back the code that we made it say, and so tells which of Amazon's devices it is.

use super::context::Context;
use super::fallback::Trouble;
use super::intent::{Hearer, played_or_said, said};
use super::{Failure, Skill};
use crate::account::{Code, CodeUse, Errand, ErrandKind};
use crate::alexa::DeviceId;
use crate::alexa::request::Intent;
use crate::alexa::response::IntentResponse;
use crate::i18n::Message;
use crate::playback::Link;
use crate::voice::CODE_SLOT;

impl Skill {
    /// Takes a code that comes back, and does what it was made for. What is no code of ours, or is one no longer,
    /// changes nothing and is answered without a sound: whoever says it, nobody in that room has asked for anything.
    pub(super) async fn identify(
        &self,
        intent: &Intent,
        context: &Context,
    ) -> Result<IntentResponse, Failure> {
        let Some(heard) = intent.slot(CODE_SLOT) else {
            return Ok(self.not_understood(context).await);
        };
        let listed = || intent.entity(CODE_SLOT).and_then(|entity| Code::parse(&entity.name));
        let Some(code) = Code::parse(heard).or_else(listed) else {
            return Ok(silent("no_code"));
        };
        let device = context.device.clone().ok_or(Trouble::NoDevice)?;
        let taken = CodeUse { device: device.clone(), request: context.request.clone(), at: context.at };
        let Some(errand) = self.store.take_code(&code, &taken).await? else {
            return Ok(silent("not_issued"));
        };
        self.store.link(&link(&errand, device, context)).await?;
        match errand.kind {
            ErrandKind::Identify => Ok(silent("identified")),
            ErrandKind::Play { .. } if !context.plays_audio => Ok(said(context, &Message::NoAudioPlayer)),
            ErrandKind::Play { version } => {
                let (given, household) = self.give_wanted(context, &errand.player, version).await?;
                Ok(played_or_said(self.music_of(given, &household, context)?, context, Hearer::PerhapsNone))
            }
        }
    }
}

fn link(errand: &Errand, device: DeviceId, context: &Context) -> Link {
    Link {
        device,
        endpoint: context.endpoint.clone(),
        user: context.user.clone(),
        locale: Some(context.locale.clone()),
        serial: errand.serial.clone(),
        player: errand.player.clone(),
        request: context.request.clone(),
        at: context.at,
    }
}

/// No word and no microphone. What became of the code is in the log alone.
fn silent(outcome: &str) -> IntentResponse {
    tracing::info!(outcome, "an Echo said a code");
    IntentResponse::end_session()
}
