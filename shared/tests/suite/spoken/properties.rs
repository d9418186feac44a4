//! What holds for every text.

use std::fs;
use std::time::Duration;

use ma_alexa::clock::Timestamp;
use ma_alexa::spoken::{
    Candidate, Choice, Kind, Language, MOST_CANDIDATES, choose, fold, split_room, title_and_artist,
};
use proptest::prelude::*;

use super::item;
use super::labelled::LABELLED;

fn languages() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![Kind::Artist, Kind::Album, Kind::Song, Kind::Playlist, Kind::Station])
}

/// Any characters, and words that the rules know.
fn texts() -> impl Strategy<Value = String> {
    let words = [
        "no",
        "number",
        "ii",
        "iv",
        "nine",
        "ninety",
        "hundert",
        "und",
        "&",
        "n",
        "99",
        "achtziger",
        "by",
        "の",
        "ل",
        "in",
        "the",
        "kitchen",
        "feat.",
        "(",
        ")",
        " - ",
        "P!nk",
        "क्वीन",
        "ガ",
        "Ǆ",
        "İ",
        "ß",
    ];
    let known = prop::collection::vec(prop::sample::select(words.to_vec()), 0..8);
    prop_oneof![any::<String>(), known.prop_map(|words| words.join(" "))]
}

fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (kinds(), texts(), texts(), any::<bool>(), any::<bool>(), 0..=100_u8);
    let one = one.prop_map(|(kind, title, artist, in_library, favourite, popularity)| Candidate {
        in_library,
        favourite,
        popularity,
        ..item(kind, &title, &[&artist])
    });
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn folding_what_is_folded_changes_nothing(text in texts(), language in languages()) {
        let folded = fold(&text, language);
        prop_assert!(folded.chars().count() <= 200);
        prop_assert_eq!(fold(&folded, language), folded);
    }

    #[test]
    fn no_text_breaks_anything(
        heard in texts(), language in languages(), items in candidates(), rooms in prop::collection::vec(texts(), 0..3),
    ) {
        let place = split_room(&heard, rooms.iter().map(String::as_str), [], language);
        prop_assert!(place.room.is_none_or(|room| rooms.iter().any(|known| known == room)));
        prop_assert!(title_and_artist(&heard, language).len() <= 4);
        match choose(&heard, None, language, &items) {
            Choice::Clear(one) => prop_assert!(items.contains(one)),
            Choice::Close(several) => prop_assert!((1..=3).contains(&several.len())),
            Choice::Nothing => {}
        }
    }

    #[test]
    fn the_order_of_candidates_does_not_matter(
        heard in texts(), language in languages(), items in candidates(), kind in prop::option::of(kinds()),
    ) {
        let mut turned = items.clone();
        turned.reverse();
        let title = items.first().map_or(heard, |first| first.title.clone());
        prop_assert_eq!(choose(&title, kind, language, &items), choose(&title, kind, language, &turned));
    }
}

proptest! {
    // Each case compares the whole catalogue.
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Where no other name of the catalogue folds to the same.
    #[test]
    fn the_exact_title_of_one_item_wins(at in any::<prop::sample::Index>(), language in languages(), asks in any::<bool>()) {
        let items = &LABELLED.catalogue;
        let wanted = at.get(items);
        let letters = |title: &str| fold(title, language).replace([' ', 'e'], "");
        let same = items.iter().filter(|other| letters(plain(&other.title)) == letters(plain(&wanted.title)));
        prop_assume!(same.count() == 1 && !letters(&wanted.title).is_empty());
        let kind = asks.then_some(wanted.kind);
        prop_assert_eq!(choose(&wanted.title, kind, language, items), Choice::Clear(wanted));
    }
}

/// A title without an article, brackets and what stands after a dash.
fn plain(title: &str) -> &str {
    let title = title.split(['(', '[']).next().unwrap_or(title);
    let title = title.split(" - ").next().unwrap_or(title);
    let articles =
        ["The ", "Die ", "Los ", "La ", "Les ", "Le ", "El ", "Il ", "Het ", "Das ", "Une ", "O ", "A "];
    articles.iter().find_map(|article| title.strip_prefix(article)).unwrap_or(title)
}

#[test]
fn equal_names_are_chosen_by_library_favourite_and_time() {
    let song = |artist: &str| item(Kind::Song, "Hello", &[artist]);
    let outside = Candidate { in_library: false, popularity: 100, ..song("Lionel Richie") };
    let items = [outside, song("Adele")];
    assert_eq!(choose("hello", None, Language::English, &items), Choice::Clear(&items[1]));
    let liked = Candidate { favourite: true, ..song("Martin Solveig") };
    let items = [song("Adele"), liked];
    assert_eq!(choose("hello", None, Language::English, &items), Choice::Clear(&items[1]));
    let played = |millis| Some(Timestamp::from_millis(millis));
    let items = [
        Candidate { last_played: played(1), ..song("Adele") },
        Candidate { last_played: played(2), ..song("Lionel Richie") },
    ];
    assert_eq!(choose("hello", None, Language::English, &items), Choice::Close(vec![&items[1], &items[0]]));
}

#[test]
fn a_thousand_candidates_are_compared() {
    let mut items: Vec<Candidate> =
        (0..MOST_CANDIDATES).map(|at| item(Kind::Song, &format!("Song {at}"), &[])).collect();
    items.push(item(Kind::Song, "Yesterday", &[]));
    assert_eq!(choose("yesterday", None, Language::English, &items), Choice::Nothing);
    items.swap_remove(0);
    assert_eq!(choose("yesterday", None, Language::English, &items), Choice::Clear(&items[0]));
}

/// Of the processor, since other work on the machine would count else.
fn processor_time() -> Duration {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(spent.split(' ').next().and_then(|spent| spent.parse().ok()).unwrap_or_default())
}

/// An unoptimized build takes some ten times as long.
const MOST_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 400 } else { 20 });

#[test]
fn five_hundred_candidates_are_ranked_in_time() {
    let items = &LABELLED.catalogue[..500];
    let queries: Vec<_> = LABELLED.queries.iter().step_by(40).collect();
    let start = processor_time();
    for query in &queries {
        let _ = choose(query.heard, query.kind, query.language, items);
    }
    let each = processor_time().saturating_sub(start) / u32::try_from(queries.len()).unwrap_or(1);
    assert!(each <= MOST_TIME, "{each:?}");
}

#[test]
fn eight_thousand_characters_cost_no_more_than_their_first_two_hundred() {
    let words = "the sound of silence and the fury of the river by the man who sold the world ";
    let long = words.repeat(8000 / words.len() + 1);
    let items = &LABELLED.catalogue[..200];
    let short: String = long.chars().take(200).collect();
    assert_eq!(choose(&long, None, Language::English, items), choose(&short, None, Language::English, items));
    let start = processor_time();
    let _ = choose(&long, None, Language::English, items);
    let spent = processor_time().saturating_sub(start);
    assert!(spent <= 2 * MOST_TIME, "{spent:?}");
}
