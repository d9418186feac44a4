//! Names of the home that people say: those of Music Assistant's rooms and playlists, as Alexa takes them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::playback::short_hash;

/// The longest name, in characters: that of a value of a slot (Alexa Skills Kit, limits).
const NAME_AT_MOST: usize = 140;

/// The most names of each kind, and the most bytes of all: a household has no more that it says.
const ROOMS_AT_MOST: usize = 200;
const PLAYLISTS_AT_MOST: usize = 200;
const BYTES_AT_MOST: usize = 16 * 1024;

/// The most names that are looked at, whatever was sent.
const READ_AT_MOST: usize = 2000;

/// Names of the home that a slot can have as a value, within limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HomeNames {
    /// Names of Music Assistant's players, Echos or not.
    pub rooms: Vec<String>,
    /// Names of playlists, favourites first.
    pub playlists: Vec<String>,
}

impl HomeNames {
    /// The names as Alexa takes them, each once. Those that come first stay where there are too many, and rooms go before
    /// playlists.
    #[must_use]
    pub fn new<T: AsRef<str>>(
        rooms: impl IntoIterator<Item = T>,
        playlists: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut bytes = BYTES_AT_MOST;
        let rooms = distinct(rooms, ROOMS_AT_MOST, &mut bytes);
        Self { rooms, playlists: distinct(playlists, PLAYLISTS_AT_MOST, &mut bytes) }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty() && self.playlists.is_empty()
    }

    /// A short text that is another one for other names. Their order makes no difference.
    #[must_use]
    pub fn digest(&self) -> String {
        let sorted = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        let all = format!("{:?}{:?}", sorted(&self.rooms), sorted(&self.playlists));
        short_hash(&all).as_str().to_owned()
    }
}

/// A name with the characters that a value of a slot may have, and no longer than Alexa takes it; none where nothing of it
/// can be said.
#[must_use]
pub fn spoken_name(name: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_alphanumeric() || is_combining_mark(c) || " '.&-".contains(c);
    // Nothing behind it is kept, however much an address or a text has.
    let kept: String =
        name.chars().take(NAME_AT_MOST * 4).map(|c| if is_allowed(c) { c } else { ' ' }).collect();
    let words = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = words.chars().take(NAME_AT_MOST).collect();
    let name = name.trim();
    name.chars().any(char::is_alphanumeric).then(|| name.to_owned())
}

/// A name in one form for all ways in which it is written: two names of one form are one to Alexa.
#[must_use]
pub fn folded_name(name: &str) -> String {
    name.nfkd().flat_map(char::to_lowercase).collect()
}

fn distinct<T: AsRef<str>>(
    names: impl IntoIterator<Item = T>,
    at_most: usize,
    bytes: &mut usize,
) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut kept: Vec<String> = Vec::new();
    for name in names.into_iter().take(READ_AT_MOST) {
        let Some(name) = spoken_name(name.as_ref()) else { continue };
        if kept.len() >= at_most || name.len() > *bytes {
            break;
        }
        if known.insert(folded_name(&name)) {
            *bytes -= name.len();
            kept.push(name);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONE: [&str; 0] = [];

    #[test]
    fn a_name_has_the_characters_of_a_slot_value() {
        for (name, spoken) in [
            ("Kitchen Speaker", Some("Kitchen Speaker")),
            (" Mum & Dad's (old) \u{1f3a7} Echo! ", Some("Mum & Dad's old Echo")),
            ("\"Best\" of <b>1980</b>", Some("Best of b 1980 b")),
            ("हिन्दी गाने", Some("हिन्दी गाने")),
            ("\u{1f3a7}\u{202e}", None),
            ("- . '", None),
            ("", None),
        ] {
            assert_eq!(spoken_name(name).as_deref(), spoken, "{name}");
        }
        assert_eq!(spoken_name(&"x".repeat(300)).unwrap().len(), 140);
    }

    #[test]
    fn each_name_is_there_once_and_the_first_ones_stay() {
        let names =
            HomeNames::new(["Küche", "KÜCHE", "Ku\u{308}che", "Bad"], ["Dinner", "dinner!", "Ｄinner"]);
        assert_eq!(
            (names.rooms, names.playlists),
            (vec!["Küche".into(), "Bad".into()], vec!["Dinner".into()])
        );
        let many: Vec<String> = (0..5000).map(|number| format!("list {number}")).collect();
        let names = HomeNames::new(Vec::new(), many.clone());
        assert_eq!(names.playlists, many[..PLAYLISTS_AT_MOST]);
        let long: Vec<String> = (0..500).map(|number| format!("{number} {}", "ü".repeat(200))).collect();
        let names = HomeNames::new(long.clone(), long);
        assert!(names.playlists.is_empty() && names.rooms.len() > 40, "{}", names.rooms.len());
    }

    #[test]
    fn the_digest_is_of_the_names_and_not_of_their_order() {
        let digest = |rooms: &[&str], lists: &[&str]| HomeNames::new(rooms.to_vec(), lists.to_vec()).digest();
        assert_eq!(digest(&["a", "b"], &["c"]), digest(&["b", "a"], &["c"]));
        assert_ne!(digest(&["a", "b"], &[]), digest(&["a"], &["b"]));
        assert_ne!(digest(&["a"], &[]), HomeNames::new(NONE, NONE).digest());
        assert!(HomeNames::new(NONE, NONE).is_empty());
    }

    proptest! {
        #[test]
        fn any_names_are_within_the_limits(
            rooms in prop::collection::vec(".{0,200}", 0..80),
            playlists in prop::collection::vec("\\PC{0,200}|[a-c]{1,2}", 0..80),
        ) {
            let names = HomeNames::new(rooms, playlists);
            prop_assert!(serde_json::to_vec(&names).unwrap().len() < 2 * BYTES_AT_MOST);
            for list in [&names.rooms, &names.playlists] {
                let folded: BTreeSet<String> = list.iter().map(|name| folded_name(name)).collect();
                prop_assert_eq!(folded.len(), list.len());
                prop_assert!(list.iter().all(|name| (1..=140).contains(&name.chars().count())));
            }
            let again = HomeNames::new(names.rooms.clone(), names.playlists.clone());
            prop_assert_eq!(again, names);
        }
    }
}
