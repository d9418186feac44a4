//! The players that people name, Echos or not.

use std::collections::{BTreeMap, BTreeSet};

use super::everywhere;
use crate::control::{ControlError, Reply};
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
/// rooms. A reply where there is no such one.
pub(super) fn named<'a>(house: &'a House, heard: &str, language: Language) -> Result<&'a MaPlayer, Reply> {
    if everywhere::is_meant(heard, language) {
        return of_all(house, language).ok_or(Reply::Failed(ControlError::NoGroup));
    }
    let players = spoken_names(house);
    let names: Vec<PlayerId> = distinct(&players).into_iter().map(PlayerId::from).collect();
    let several = match find_spoken(&names, heard) {
        Spoken::One(name) => {
            let player = house.player(name.as_str()).ok().or_else(|| first(&players, name.as_str()));
            return player.ok_or_else(|| unknown(heard, Vec::new()));
        }
        Spoken::Several(several) => several.iter().map(|name| name.as_str().to_owned()).collect(),
        Spoken::Unknown(_) => Vec::new(),
    };
    Err(unknown(heard, several))
}

fn unknown(heard: &str, several: Vec<String>) -> Reply {
    Reply::RoomUnknown { heard: heard.to_owned(), several }
}

/// The parts of what was heard where it ends in a room; none where it does not.
pub(super) fn parted(house: &House, heard: &str, language: Language) -> Option<Parted> {
    if let Some((rest, room)) = everywhere::split(heard, language) {
        return Some(Parted { rest, room });
    }
    let names = distinct(&spoken_names(house));
    let place = split_room(heard, names.iter().copied(), [], language);
    let (rest, room) = (place.rest, place.room?.to_owned());
    Some(Parted { rest, room })
}

/// The player of all rooms: one that is named so, else the group with the most players.
fn of_all(house: &House, language: Language) -> Option<&MaPlayer> {
    let is_meant = |name: &str| {
        [language, Language::English].into_iter().any(|language| everywhere::is_meant(name, language))
    };
    let players = spoken_names(house).into_iter();
    let named =
        players.filter(|(name, _)| is_meant(name)).map(|(_, player)| player).find(|player| player.available);
    let groups = house.players.iter().filter(|player| player.player_type == PlayerType::Group);
    let biggest = groups.filter(|group| group.available && !group.group_members.is_empty());
    // Of groups of the same size the one that comes first by its id, each time.
    named.or_else(|| {
        biggest.max_by_key(|group| (group.group_members.len(), std::cmp::Reverse(&group.player_id)))
    })
}

/// The players that have a name, by what people say: without the remark in brackets behind it, such as that a group is not in
/// sync, where no other name is the same without its remark.
pub(super) fn spoken_names(house: &House) -> Vec<(&str, &MaPlayer)> {
    let mut whole: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for player in &house.players {
        let short = without_remark(&player.name).to_lowercase();
        whole.entry(short).or_default().insert(player.name.to_lowercase());
    }
    let spoken = |name| {
        let short = without_remark(name);
        let is_of_one = whole.get(&short.to_lowercase()).is_none_or(|names| names.len() == 1);
        if is_of_one { short } else { name }
    };
    let all = house.players.iter().map(|player| (spoken(player.name.as_str()), player));
    all.filter(|(name, _)| !name.trim().is_empty()).collect()
}

fn without_remark(name: &str) -> &str {
    name.strip_suffix(')').and_then(|name| name.rsplit_once(" (")).map_or(name, |(name, _)| name)
}

/// Each name once, in the order of the players.
fn distinct<'a>(players: &[(&'a str, &MaPlayer)]) -> Vec<&'a str> {
    let mut known = BTreeSet::new();
    players.iter().map(|(name, _)| *name).filter(|name| known.insert(name.to_lowercase())).collect()
}

/// Of several players of one name, the one that is reached.
fn first<'a>(players: &[(&str, &'a MaPlayer)], name: &str) -> Option<&'a MaPlayer> {
    let name = name.to_lowercase();
    let mut same =
        players.iter().filter(|(other, _)| other.to_lowercase() == name).map(|(_, player)| *player);
    let any = same.clone().next();
    same.find(|player| player.available).or(any)
}
