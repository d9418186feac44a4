//! The interaction model of a locale.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use unicode_normalization::char::is_combining_mark;

use super::locale::{LocaleSpec, Room};
use super::{
    CODE_SLOT, CODE_TYPE, IDENTIFY_ECHO, MA_PAUSE, MA_RESUME, MA_STOP, MUSIC_INTENTS, PAIR_ECHO, PLAY_AUDIO,
    PLAYER_SLOT, PLAYER_TYPE,
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

/// Longest value of a slot, in characters (Alexa Skills Kit, limits).
const LONGEST_VALUE: usize = 140;

/// Number of players of a household that the model learns at most.
const MOST_PLAYERS: usize = 200;

/// The interaction model of a locale, as skill management takes it (Alexa Skills Kit, interaction model schema).
///
/// `players` are the names of the household's players. They stand beside the names of rooms that every household may use;
/// what Alexa takes for no name is left out.
#[must_use]
pub fn interaction_model(voice: &LocaleSpec, invocation_name: &InvocationName, players: &[&str]) -> Value {
    json!({
        "interactionModel": {
            "languageModel": {
                "invocationName": invocation_name.as_str(),
                "intents": intents(voice),
                "types": [
                    {
                        "name": PLAYER_TYPE,
                        "values": player_names(voice, players),
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
    let music = MUSIC_INTENTS.into_iter().map(|intent| {
        let slots =
            intent.slots.iter().map(|(name, kind)| json!({ "name": name, "type": kind, "samples": [] }));
        let mut music = json!({ "name": intent.name, "samples": voice.samples(intent.name) });
        if !intent.slots.is_empty() {
            music["slots"] = slots.collect();
        }
        music
    });
    builtins.chain(plain).chain([pair, identify]).chain(music).collect()
}

/// The values of the type of players: those of the household first, then the rooms. A name of the household takes the
/// place of a synonym, so that it is recognized as itself.
fn player_names(voice: &LocaleSpec, players: &[&str]) -> Vec<Value> {
    let rooms = voice.players();
    let names: BTreeSet<String> = rooms.iter().map(|room| room.name.to_lowercase()).collect();
    let mut own: BTreeSet<String> = BTreeSet::new();
    let mut values = Vec::new();
    for player in players {
        let name = spoken_name(player);
        let folded = name.to_lowercase();
        if name.is_empty() || names.contains(&folded) || values.len() >= MOST_PLAYERS || !own.insert(folded) {
            continue;
        }
        values.push(json!({ "name": { "value": name, "synonyms": [] } }));
    }
    values.extend(rooms.iter().map(|room| value(room, &own)));
    values
}

/// A name with the characters that a value of a slot may have, and no longer than Alexa takes it.
fn spoken_name(name: &str) -> String {
    let is_allowed = |c: char| c.is_alphanumeric() || is_combining_mark(c) || " '.&-".contains(c);
    let kept: String = name.chars().map(|c| if is_allowed(c) { c } else { ' ' }).collect();
    let words = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = words.chars().take(LONGEST_VALUE).collect();
    let name = name.trim();
    if name.chars().any(char::is_alphanumeric) { name.to_owned() } else { String::new() }
}

fn codes() -> Vec<Value> {
    OneTimeWord::all().map(|code| json!({ "name": { "value": code.as_str(), "synonyms": [] } })).collect()
}

fn value(room: &Room, taken: &BTreeSet<String>) -> Value {
    let synonyms = room.synonyms.iter().filter(|synonym| !taken.contains(&synonym.to_lowercase()));
    json!({ "id": room.id, "name": { "value": room.name, "synonyms": synonyms.collect::<Vec<_>>() } })
}

fn ask_player(voice: &LocaleSpec) -> String {
    i18n::say(voice.locale(), &Message::PairAsk { players: Vec::new() })
}
