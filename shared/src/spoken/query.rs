//! The parts of what was heard: the room at its end, a title and its artist.

use super::compare::Text;
use super::fold::fold;
use super::language::Language;

/// Number of beginnings and ends of words up to which a part of what was heard is looked for.
const MOST_EDGES: usize = 40;

/// A text that was heard, without its room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSplit<'a> {
    /// The rest of what was heard, as it was heard.
    pub rest: String,
    /// The room as it stands in the list, if one was named.
    pub room: Option<&'a str>,
}

/// Finds the room that stands at the end of what was heard ("… in the kitchen"), or at its start in Japanese and Hindi.
///
/// Only a whole name of the list counts, and at least one word has to remain. All that was heard must be no title of the
/// library.
#[must_use]
pub fn split_room<'a, 'b>(
    heard: &str,
    rooms: impl IntoIterator<Item = &'a str>,
    titles: impl IntoIterator<Item = &'b str>,
    language: Language,
) -> RoomSplit<'a> {
    let folded = fold(heard, language);
    let found = rooms.into_iter().filter_map(|room| {
        let rest = without_room(&folded, &fold(room, language), language)?;
        Some((rest, room))
    });
    // The longest name of a room: "living room" before "room".
    let found = found.min_by(|(one, a), (other, b)| one.len().cmp(&other.len()).then(a.cmp(b)));
    let unsplit = || RoomSplit { rest: heard.to_owned(), room: None };
    let Some((rest, room)) = found else { return unsplit() };
    let whole = Text::key_of(heard, language);
    if titles.into_iter().any(|title| Text::key_of(title, language) == whole) {
        return unsplit();
    }
    RoomSplit { rest: unfolded(heard, &rest, language).to_owned(), room: Some(room) }
}

/// The words of what was heard that are folded to `rest`, as they were heard: a server looks for those. `rest` itself where no
/// whole words are, and in what is very long.
#[must_use]
pub fn unfolded<'a>(heard: &'a str, rest: &'a str, language: Language) -> &'a str {
    let mut edges: Vec<usize> = if language == Language::Japanese {
        heard.char_indices().map(|(at, _)| at).collect()
    } else {
        let spaces = heard.char_indices().filter(|(_, letter)| letter.is_whitespace());
        [0].into_iter().chain(spaces.map(|(at, _)| at)).collect()
    };
    edges.push(heard.len());
    if edges.len() > MOST_EDGES {
        return rest;
    }
    let parts = edges.iter().enumerate().flat_map(|(at, from)| {
        let ends = edges[at + 1..].iter();
        ends.map(|to| heard[*from..*to].trim())
    });
    parts.into_iter().find(|part| fold(part, language) == rest).unwrap_or(rest)
}

/// The words that remain without the room, its article and the word before it.
fn without_room(heard: &str, room: &str, language: Language) -> Option<String> {
    if room.is_empty() {
        return None;
    }
    let rest = language.room().iter().find_map(|word| {
        if language.turned() {
            let after = heard.strip_prefix(room)?.trim_start().strip_prefix(word)?;
            // Japanese writes no spaces.
            let ends = language == Language::Japanese || after.starts_with(' ');
            return ends.then_some(after.trim_start());
        }
        let named = heard.strip_suffix(room)?;
        let named =
            if language == Language::Arabic { named.strip_suffix("ال").unwrap_or(named) } else { named };
        let is_joined = language == Language::Arabic || language.elides(word);
        let named = named.strip_suffix(' ').or_else(|| is_joined.then_some(named))?;
        let named = named.trim_end().strip_suffix(word)?;
        named.strip_suffix(' ').map(str::trim_end)
    })?;
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// The ways to read what was heard as a title and an artist, the last word for "by" first; at most four.
#[must_use]
pub fn title_and_artist(heard: &str, language: Language) -> Vec<(String, String)> {
    let folded = fold(heard, language);
    let mut ways: Vec<(usize, String, String)> = Vec::new();
    for by in language.by() {
        let found: Vec<usize> = folded.match_indices(by).map(|(at, _)| at).collect();
        for at in found {
            let (before, after) = (&folded[..at], &folded[at + by.len()..]);
            let joined = (language == Language::Arabic && *by == "ل") || language == Language::Japanese;
            let apart = (before.ends_with(' ') || language == Language::Japanese)
                && (after.starts_with(' ') || joined);
            let (before, after) = (before.trim(), after.trim());
            if apart && !before.is_empty() && !after.is_empty() {
                let (title, artist) = if language.turned() { (after, before) } else { (before, after) };
                ways.push((at, title.to_owned(), artist.to_owned()));
            }
        }
    }
    ways.sort();
    ways.dedup();
    ways.reverse();
    ways.truncate(4);
    ways.into_iter().map(|(_, title, artist)| (title, artist)).collect()
}
