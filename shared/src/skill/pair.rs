//! "This is the kitchen": a person says which player an Echo is, in one sentence or in a conversation.

use super::context::SkillRequest;
use super::error::InternalError;
use super::heard_names::of_players;
use super::intent::speak;
use super::play::names;
use super::select::paired;
use super::{Failure, Skill};
use crate::alexa::request::{Intent, IntentName};
use crate::alexa::response::{ElicitSlot, IntentResponse};
use crate::i18n::{Message, say};
use crate::playback::{Household, ManualPairing, PairingKind, PlayerId, Spoken, find_spoken};
use crate::voice::PLAYER_SLOT;

/// Longest name that is repeated, in characters; no value of a slot is longer (Alexa Skills Kit, limits).
const REPEATED: usize = 140;

impl Skill {
    /// Pairs the Echo with the player that a person names.
    pub(super) async fn pair(
        &self,
        intent: &Intent,
        context: &SkillRequest,
    ) -> Result<IntentResponse, Failure> {
        if !context.plays_audio {
            return Ok(speak(context, &Message::NoAudioPlayer));
        }
        let household = self.store.household(context.at).await?;
        self.settings.see(&household.settings).await;
        if household.players.is_empty() {
            return Ok(speak(context, &Message::PairNoPlayers));
        }
        let Some(heard) = intent.slot(PLAYER_SLOT) else {
            let names = names(&household);
            return Ok(elicited(context, &household, &Message::PairAsk { players: names }));
        };
        match find(&household, intent, heard) {
            Spoken::One(player) => self.pair_with(player, context).await,
            Spoken::Several(players) => {
                Ok(elicited(context, &household, &Message::PairSeveral { players: texts(&players) }))
            }
            Spoken::Unknown(players) => {
                let heard = heard.chars().filter(|c| !c.is_control()).take(REPEATED).collect();
                let message = Message::PairUnknown { heard, players: texts(&players) };
                Ok(elicited(context, &household, &message))
            }
        }
    }

    async fn pair_with(&self, player: PlayerId, context: &SkillRequest) -> Result<IntentResponse, Failure> {
        let device = context.device.clone().ok_or(InternalError::NoDevice)?;
        let pairing = ManualPairing {
            player,
            device,
            endpoint: context.endpoint.clone(),
            user: context.user.clone(),
            kind: PairingKind::Voice,
            request: context.request.clone(),
            at: context.at,
        };
        if !self.store.pair(&pairing).await? {
            return Ok(speak(context, &Message::PairNoPlayers));
        }
        self.record_activity(context, paired(&pairing.player, context, PairingKind::Voice)).await;
        Ok(speak(context, &Message::Paired { player: pairing.player.to_string() }))
    }
}

/// The player that is meant: by what was said, else by the name that the interaction model knows for it.
fn find(household: &Household, intent: &Intent, heard: &str) -> Spoken {
    let players = || household.players.iter().map(|player| &player.player);
    let found = find_spoken(players(), heard);
    let known = intent.entity(PLAYER_SLOT).map(|entity| find_spoken(players(), &entity.name));
    match (found, known) {
        (Spoken::Unknown(_), Some(known @ (Spoken::One(_) | Spoken::Several(_)))) => known,
        (found, _) => found,
    }
}

fn texts(players: &[PlayerId]) -> Vec<String> {
    players.iter().map(PlayerId::to_string).collect()
}

/// Asks for the name, and listens for it.
fn elicited(context: &SkillRequest, household: &Household, message: &Message) -> IntentResponse {
    let players = household.players.iter().map(|player| player.player.to_string());
    let names = of_players(context, players);
    IntentResponse::elicit_slot(
        ElicitSlot::new(IntentName::PairEcho, PLAYER_SLOT),
        say(&context.locale, message),
        say(&context.locale, &Message::PairAskAgain),
    )
    .with_names(names)
}
