//! What a person may mean by what an Echo heard.

use ma_alexa::spoken::{Candidate, Choice, Kind, Language, choose, fold, split_room, title_and_artist};

const KINDS: [Kind; 5] = [Kind::Artist, Kind::Album, Kind::Song, Kind::Playlist, Kind::Station];

/// Only candidates and rooms that there are can be chosen, and each once. The first line is the language, the second what
/// was heard, each of the others a title, and a room.
pub(super) fn music(text: &str) {
    let mut lines = text.lines();
    let language = Language::of_locale(lines.next().unwrap_or_default());
    let heard = lines.next().unwrap_or_default();
    let titles: Vec<&str> = lines.take(20).collect();
    let candidates: Vec<Candidate> =
        titles.iter().zip(KINDS.into_iter().cycle()).map(|(title, kind)| candidate(kind, title)).collect();
    let place = split_room(heard, titles.iter().copied(), [], language);
    assert!(place.room.is_none_or(|room| titles.contains(&room) && !place.rest.is_empty()));
    let folded = fold(heard, language);
    assert_eq!(fold(&folded, language), folded);
    for (title, artist) in title_and_artist(heard, language) {
        assert!(!title.is_empty() && !artist.is_empty());
    }
    let choice = choose(&place.rest, None, language, &candidates);
    if let Choice::Close(several) = &choice {
        assert!((1..=3).contains(&several.len()));
    }
    let turned: Vec<Candidate> = candidates.iter().rev().cloned().collect();
    assert_eq!(choose(&place.rest, None, language, &turned), choice);
}

fn candidate(kind: Kind, title: &str) -> Candidate {
    Candidate {
        kind,
        title: title.to_owned(),
        artists: title.split_once('/').map(|(_, artist)| artist.to_owned()).into_iter().collect(),
        album: None,
        in_library: title.len().is_multiple_of(2),
        favourite: false,
        popularity: 0,
        last_played: None,
        uri: title.to_owned(),
    }
}
