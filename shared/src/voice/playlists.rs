//! The intent for a playlist, in the model of a home whose playlists are known.
//!
//! A type with the home's names is heard better than free text. It may stand beside a room, which free text may not: that
//! holds what was said to its end, and is taken apart at home.

use serde_json::{Value, json};

use super::PLAYER_SLOT;
use super::locale::LocaleSpec;
use super::music::{PLAY_FAVOURITES, PLAY_PLAYLIST, PLAYER, PLAYLIST_SLOT, PLAYLIST_TYPE};
use crate::control::{folded_name, spoken_name};

/// Longest sample, in characters. Longer ones are left out.
const LONGEST_SAMPLE: usize = 100;

/// The intent with the type of playlists, and a sample in a room for each without one.
pub(super) fn intent(voice: &LocaleSpec) -> Value {
    let plain = voice.samples(PLAY_PLAYLIST);
    let mut samples = plain.to_vec();
    for (before, after) in rooms(voice) {
        let whole = plain.iter().map(|sample| format!("{before} {sample} {after}").trim().to_owned());
        samples.extend(whole.filter(|sample| sample.chars().count() <= LONGEST_SAMPLE));
    }
    let (room, room_type) = PLAYER;
    json!({
        "name": PLAY_PLAYLIST,
        "slots": [
            { "name": PLAYLIST_SLOT, "type": PLAYLIST_TYPE, "samples": [] },
            { "name": room, "type": room_type, "samples": [] },
        ],
        "samples": samples,
    })
}

/// The values of the type, from the names of the home.
pub(super) fn values(playlists: &[String]) -> Vec<Value> {
    let mut known: Vec<String> = Vec::new();
    let mut values = Vec::new();
    for name in playlists.iter().filter_map(|name| spoken_name(name)) {
        let folded = folded_name(&name);
        if !known.contains(&folded) {
            known.push(folded);
            values.push(json!({ "name": { "value": name, "synonyms": [] } }));
        }
    }
    values
}

/// The forms of a room in this language: the words before and behind the rest, of which one is empty. The samples about
/// favourites have it, with a room and without.
fn rooms(voice: &LocaleSpec) -> Vec<(&str, &str)> {
    let slot = format!("{{{PLAYER_SLOT}}}");
    let (with, without): (Vec<&str>, Vec<&str>) =
        voice.samples(PLAY_FAVOURITES).iter().map(String::as_str).partition(|sample| sample.contains(&slot));
    let mut rooms: Vec<(&str, &str)> = Vec::new();
    for sample in with {
        for rest in &without {
            // A verb that stands at the end of some sentences alone is none of the room.
            let behind = sample.strip_prefix(rest).map(str::trim).filter(|room| room.ends_with(&slot));
            let before = sample.strip_suffix(rest).map(str::trim).filter(|room| room.starts_with(&slot));
            let room = behind.map(|room| ("", room)).or(before.map(|room| (room, "")));
            rooms.extend(room.filter(|room| !rooms.contains(room)));
        }
    }
    rooms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::locales;

    #[test]
    fn every_locale_says_a_room_with_a_playlist() {
        for locale in locales() {
            let voice = LocaleSpec::of(locale).unwrap();
            let rooms = rooms(voice);
            assert!(!rooms.is_empty() && rooms.len() < 8, "{locale}: {rooms:?}");
            let intent = intent(voice);
            let samples = intent["samples"].as_array().unwrap();
            assert!(
                samples.len() > voice.samples(PLAY_PLAYLIST).len() * 3 / 2,
                "{locale}: {}",
                samples.len()
            );
        }
        let said = |locale| intent(LocaleSpec::of(locale).unwrap())["samples"].to_string();
        assert!(said("en-GB").contains("\"play my playlist {playlist} in the {player}\""));
        assert!(said("de-DE").contains("\"spiele die playlist {playlist} im {player}\""));
        assert!(said("ja-JP").contains("\"{player} で プレイリスト {playlist} を再生して\""));
    }
}
