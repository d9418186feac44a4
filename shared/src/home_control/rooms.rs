//! The players that people name, Echos or not.

use super::everywhere;
use crate::music_assistant::{House, MaPlayer, PlayerType};
use crate::playback::{PlayerId, Spoken, find_spoken};
use crate::spoken::{Language, split_room};

/// The text of music without its room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parted {
    /// The music.
    pub(super) rest: String,
    /// The name of the room: that of a player, or words for all rooms.
    pub(super) room: String,
}

/// The player that a person names. Its whole name, or a part that no other one has, without its article; or words for all
/// rooms. None where there is no such one.
pub(super) fn named<'a>(house: &'a House, heard: &str, language: Language) -> Option<&'a MaPlayer> {
    if everywhere::is_meant(heard, language) {
        return of_all(house, language);
    }
    let names: Vec<PlayerId> = names(house).into_iter().map(PlayerId::from).collect();
    match find_spoken(&names, heard) {
        Spoken::One(name) => house.player(name.as_str()).ok().or_else(|| first(house, name.as_str())),
        Spoken::Several(_) | Spoken::Unknown(_) => None,
    }
}

/// The parts of what was heard where it ends in a room; none where it does not.
pub(super) fn parted(house: &House, heard: &str, language: Language) -> Option<Parted> {
    if let Some((rest, room)) = everywhere::split(heard, language) {
        return Some(Parted { rest, room });
    }
    let names = names(house);
    let place = split_room(heard, names.iter().copied(), [], language);
    let (rest, room) = (place.rest, place.room?.to_owned());
    Some(Parted { rest, room })
}

/// The player of all rooms: one that is named so, else the group with the most players.
fn of_all(house: &House, language: Language) -> Option<&MaPlayer> {
    let named = house.players.iter().find(|player| {
        player.available
            && [language, Language::English]
                .into_iter()
                .any(|language| everywhere::is_meant(without_remark(&player.name), language))
    });
    let groups = house.players.iter().filter(|player| player.player_type == PlayerType::Group);
    let biggest = groups.filter(|group| group.available && !group.group_members.is_empty());
    // Of groups of the same size the one that comes first by its id, each time.
    named.or_else(|| {
        biggest.max_by_key(|group| (group.group_members.len(), std::cmp::Reverse(&group.player_id)))
    })
}

/// The name without what stands in brackets behind it: a renderer of a group says there that it is not in sync.
fn without_remark(name: &str) -> &str {
    name.split_once(" (").map_or(name, |(name, _)| name)
}

/// The name of each player once, in the order of their players.
fn names(house: &House) -> Vec<&str> {
    let mut names: Vec<&str> = house.players.iter().map(|player| player.name.as_str()).collect();
    names.retain(|name| !name.trim().is_empty());
    let mut known: Vec<String> = Vec::new();
    names.retain(|name| {
        let lower = name.to_lowercase();
        let is_new = !known.contains(&lower);
        known.push(lower);
        is_new
    });
    names
}

/// Of several players of one name, the one that is reached.
fn first<'a>(house: &'a House, name: &str) -> Option<&'a MaPlayer> {
    let mut same = house.players.iter().filter(|player| player.name.to_lowercase() == name.to_lowercase());
    let any = same.clone().next();
    same.find(|player| player.available).or(any)
}
