//! The interaction model of a locale.

use std::collections::BTreeSet;

use super::locale::{LocaleSpec, Room};
use super::playlists;
use super::{
    IDENTIFY_ECHO, MA_PAUSE, MA_RESUME, MA_STOP, MUSIC_INTENTS, PAIR_ECHO, PLAY_AUDIO, PLAY_PLAYLIST,
    PLAYER_SLOT, PLAYER_TYPE, PLAYLIST_TYPE, WORD_SLOT, WORD_TYPE,
};
use crate::account::OneTimeWord;
use crate::config::InvocationName;
use crate::control::{HomeNames, folded_name, spoken_name};
use crate::i18n::{self, Message};
use serde_json::{Value, json};

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

/// Number of rooms of a home that the model learns at most.
const MOST_ROOMS: usize = 200;

/// The interaction model of a locale, as skill management takes it (Alexa Skills Kit, interaction model schema).
///
/// The names of the home's rooms stand beside those that every home may use. Playlists are free text where the home has
/// none. What Alexa takes for no name is left out, and so is a room that is named like a request.
#[must_use]
pub fn interaction_model(voice: &LocaleSpec, invocation_name: &InvocationName, names: &HomeNames) -> Value {
    let playlists = playlists::values(&names.playlists);
    let intents = intents(voice, !playlists.is_empty());
    let mut types = vec![
        json!({ "name": PLAYER_TYPE, "values": room_names(voice, &names.rooms) }),
        json!({ "name": WORD_TYPE, "values": words() }),
    ];
    if !playlists.is_empty() {
        types.push(json!({ "name": PLAYLIST_TYPE, "values": playlists }));
    }
    json!({
        "interactionModel": {
            "languageModel": {
                "invocationName": invocation_name.as_str(),
                "intents": intents,
                "types": types,
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

fn intents(voice: &LocaleSpec, knows_playlists: bool) -> Vec<Value> {
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
        "slots": [{ "name": WORD_SLOT, "type": WORD_TYPE, "samples": [] }],
        "samples": voice.samples(IDENTIFY_ECHO),
    });
    let music = MUSIC_INTENTS.into_iter().map(|intent| {
        if intent.name == PLAY_PLAYLIST && knows_playlists {
            return playlists::intent(voice);
        }
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

/// The values of the type of players: those of the home first, then the rooms of every home. A name of the home takes the
/// place of a synonym, so that it is recognized as itself.
fn room_names(voice: &LocaleSpec, own_names: &[String]) -> Vec<Value> {
    let rooms = voice.players();
    let names: BTreeSet<String> = rooms.iter().map(|room| folded_name(&room.name)).collect();
    let mut own: BTreeSet<String> = BTreeSet::new();
    let mut values = Vec::new();
    for name in own_names.iter().filter_map(|name| spoken_name(name)) {
        let folded = folded_name(&name);
        if names.contains(&folded) || voice.is_request(&name) || values.len() >= MOST_ROOMS {
            continue;
        }
        if own.insert(folded) {
            values.push(json!({ "name": { "value": name, "synonyms": [] } }));
        }
    }
    values.extend(rooms.iter().map(|room| value(room, &own)));
    values
}

fn words() -> Vec<Value> {
    OneTimeWord::all().map(|word| json!({ "name": { "value": word.as_str(), "synonyms": [] } })).collect()
}

fn value(room: &Room, taken: &BTreeSet<String>) -> Value {
    let synonyms = room.synonyms.iter().filter(|synonym| !taken.contains(&folded_name(synonym)));
    json!({ "id": room.id, "name": { "value": room.name, "synonyms": synonyms.collect::<Vec<_>>() } })
}

fn ask_player(voice: &LocaleSpec) -> String {
    i18n::say(voice.locale(), &Message::PairAsk { players: Vec::new() })
}
