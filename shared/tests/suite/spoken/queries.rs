//! What was heard, taken apart.

use ma_alexa::spoken::{Choice, Kind, Language, choose, split_room, title_and_artist, unfolded};

use super::item;

const ROOMS: [&str; 4] = ["Kitchen", "Living Room", "Room", "Küche"];

#[track_caller]
fn room(language: Language, heard: &str, expected: Option<(&str, &str)>) {
    let place = split_room(heard, ROOMS, ["Dancing in the Kitchen", "Kitchen"], language);
    let (rest, room) = expected.map_or((heard, None), |(rest, room)| (rest, Some(room)));
    assert_eq!((place.rest.as_str(), place.room), (rest, room), "{heard}");
}

#[test]
fn a_room_at_the_end_is_taken_off() {
    room(Language::English, "Joni Mitchell in the kitchen", Some(("Joni Mitchell", "Kitchen")));
    room(Language::English, "jazz in the living room", Some(("jazz", "Living Room")));
    room(Language::German, "die ärzte in der küche", Some(("die ärzte", "Küche")));
}

/// Music Assistant compares titles letter by letter.
#[test]
fn the_rest_is_as_it_was_heard() {
    let seven = Some(("Seven Nation Army", "Kitchen"));
    room(Language::English, "Seven Nation Army in the kitchen", seven);
    room(Language::English, "salt and pepper in the living room", Some(("salt and pepper", "Living Room")));
    assert_eq!(unfolded("play AC/DC next", "ac dc", Language::English), "AC/DC");
    assert_eq!(unfolded("blue", "red", Language::English), "red");
}

/// The article of a room loses its vowel, and Alexa writes both as one word.
#[test]
fn an_article_may_be_joined_to_its_room() {
    for (language, heard, name, rest) in [
        (Language::French, "Daft Punk dans l'entrée", "Entrée", "Daft Punk"),
        (Language::French, "Air à l’atelier", "Atelier", "Air"),
        (Language::French, "Air dans l atelier", "Atelier", "Air"),
        (Language::Italian, "Mina nell'ingresso", "Ingresso", "Mina"),
        (Language::Italian, "Mina sull'altana", "Altana", "Mina"),
    ] {
        let place = split_room(heard, [name], [], language);
        assert_eq!((place.rest.as_str(), place.room), (rest, Some(name)), "{heard}");
    }
    assert_eq!(split_room("Mina nelingresso", ["Ingresso"], [], Language::Italian).room, None);
}

#[test]
fn a_room_counts_as_a_whole_name_after_its_word_alone() {
    room(Language::English, "queen kitchen", None);
    room(Language::English, "queen in the kit", None);
    room(Language::English, "queen in the kitchen sink", None);
    room(Language::English, "begin kitchen", None);
}

#[test]
fn something_has_to_remain() {
    room(Language::English, "in the kitchen", None);
    room(Language::English, "", None);
}

#[test]
fn a_title_of_the_library_is_no_room() {
    room(Language::English, "dancing in the kitchen", None);
    let again = Some(("dancing in the kitchen", "Kitchen"));
    room(Language::English, "dancing in the kitchen in the kitchen", again);
}

#[test]
fn a_room_stands_first_in_japanese_and_hindi() {
    for (language, heard, name, rest) in [
        (Language::Japanese, "キッチンでクイーン", "キッチン", "クイーン"),
        (Language::Hindi, "रसोई में लता", "रसोई", "लता"),
        (Language::Arabic, "فيروز في المطبخ", "مطبخ", "فيروز"),
    ] {
        let place = split_room(heard, [name], [], language);
        assert_eq!((place.rest.as_str(), place.room), (rest, Some(name)));
    }
}

#[track_caller]
fn first_way(language: Language, heard: &str, expected: Option<(&str, &str)>) {
    let ways = title_and_artist(heard, language);
    let first = ways.first().map(|(title, artist)| (title.as_str(), artist.as_str()));
    assert_eq!(first, expected, "{heard}");
}

#[test]
fn the_last_word_for_by_comes_first() {
    first_way(Language::English, "stand by me by ben e king", Some(("stand by me", "ben e king")));
    first_way(Language::German, "das modell von kraftwerk", Some(("das modell", "kraftwerk")));
    first_way(Language::Japanese, "スピッツのロビンソン", Some(("ロビンソン", "スピッツ")));
    first_way(Language::Hindi, "लता का गाना", Some(("गाना", "लता")));
    first_way(Language::Arabic, "نور العين لعمرو دياب", Some(("نور العين", "عمرو دياب")));
    first_way(Language::English, "baby blue", None);
    first_way(Language::English, "by queen", None);
}

#[test]
fn a_whole_title_is_not_taken_apart() {
    let items = [item(Kind::Song, "Stand by Me", &["Ben E. King"]), item(Kind::Song, "Stand", &["Me"])];
    assert_eq!(choose("stand by me", None, Language::English, &items), Choice::Clear(&items[0]));
}

#[test]
fn an_artist_that_was_named_decides() {
    let items = [item(Kind::Song, "Hurt", &["Johnny Cash"]), item(Kind::Song, "Hurt", &["Nine Inch Nails"])];
    let chosen = choose("hurt by nine inch nails", None, Language::English, &items);
    assert_eq!(chosen, Choice::Clear(&items[1]));
    assert!(
        matches!(choose("hurt", None, Language::English, &items), Choice::Close(both) if both.len() == 2)
    );
}
