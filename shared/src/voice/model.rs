//! The interaction model of a locale.

use serde_json::{Value, json};

use super::locale::{LocaleSpec, Room};
use super::{
    CODE_SLOT, CODE_TYPE, IDENTIFY_ECHO, MA_PAUSE, MA_RESUME, MA_STOP, PAIR_ECHO, PLAY_AUDIO, PLAYER_SLOT,
    PLAYER_TYPE,
};
use crate::account::OneTimeWord;
use crate::config::InvocationName;
use crate::i18n::{self, Message};

/// Amazon's intents that the skill answers. While the skill plays, most of them arrive without its name, declared or
/// not; declaring them makes them work by name too. None may have samples of its own beside an audio player
/// (Alexa Skills Kit, standard built-in intents).
const BUILTINS: [&str; 17] = [
    "AMAZON.CancelIntent",
    "AMAZON.FallbackIntent",
    "AMAZON.HelpIntent",
    "AMAZON.LoopOffIntent",
    "AMAZON.LoopOnIntent",
    "AMAZON.NavigateHomeIntent",
    "AMAZON.NextIntent",
    "AMAZON.NoIntent",
    "AMAZON.PauseIntent",
    "AMAZON.PreviousIntent",
    "AMAZON.RepeatIntent",
    "AMAZON.ResumeIntent",
    "AMAZON.ShuffleOffIntent",
    "AMAZON.ShuffleOnIntent",
    "AMAZON.StartOverIntent",
    "AMAZON.StopIntent",
    "AMAZON.YesIntent",
];

/// The id of the prompt that asks for the player.
const ASK_PLAYER: &str = "Elicit.Slot.PairEcho.player";

/// The interaction model of a locale, as skill management takes it (Alexa Skills Kit, interaction model schema).
#[must_use]
pub fn interaction_model(voice: &LocaleSpec, invocation_name: &InvocationName) -> Value {
    json!({
        "interactionModel": {
            "languageModel": {
                "invocationName": invocation_name.as_str(),
                "intents": intents(voice),
                "types": [
                    {
                        "name": PLAYER_TYPE,
                        "values": voice.players().iter().map(value).collect::<Vec<_>>(),
                    },
                    { "name": CODE_TYPE, "values": codes() },
                ],
            },
            "dialog": {
                // The skill itself decides when to ask.
                "delegationStrategy": "SKILL_RESPONSE",
                "intents": [{
                    "name": PAIR_ECHO,
                    "confirmationRequired": false,
                    "prompts": {},
                    "slots": [{
                        "name": PLAYER_SLOT,
                        "type": PLAYER_TYPE,
                        "elicitationRequired": true,
                        "confirmationRequired": false,
                        "prompts": { "elicitation": ASK_PLAYER },
                    }],
                }],
            },
            "prompts": [{
                "id": ASK_PLAYER,
                "variations": [{ "type": "PlainText", "value": ask_player(voice) }],
            }],
        }
    })
}

fn intents(voice: &LocaleSpec) -> Vec<Value> {
    let builtins = BUILTINS
        .into_iter()
        .filter(|intent| !voice.omits_article(intent))
        .map(|intent| json!({ "name": intent, "samples": [] }));
    let plain = [PLAY_AUDIO, MA_PAUSE, MA_RESUME, MA_STOP]
        .into_iter()
        .map(|intent| json!({ "name": intent, "samples": voice.samples(intent) }));
    let pair = json!({
        "name": PAIR_ECHO,
        "slots": [{ "name": PLAYER_SLOT, "type": PLAYER_TYPE, "samples": voice.player_answers() }],
        "samples": voice.samples(PAIR_ECHO),
    });
    let identify = json!({
        "name": IDENTIFY_ECHO,
        "slots": [{ "name": CODE_SLOT, "type": CODE_TYPE, "samples": [] }],
        "samples": voice.samples(IDENTIFY_ECHO),
    });
    builtins.chain(plain).chain([pair, identify]).collect()
}

fn codes() -> Vec<Value> {
    OneTimeWord::all().map(|code| json!({ "name": { "value": code.as_str(), "synonyms": [] } })).collect()
}

fn value(room: &Room) -> Value {
    json!({ "id": room.id, "name": { "value": room.name, "synonyms": room.synonyms } })
}

fn ask_player(voice: &LocaleSpec) -> String {
    i18n::say(voice.locale(), &Message::PairAsk { players: Vec::new() })
}
