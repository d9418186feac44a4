//! The search for a player by its spoken name.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::id::PlayerId;

/// Most names that are read out.
const NAMED: usize = 5;

/// Meaning of a spoken name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// One player.
    One(PlayerId),
    /// Several; up to five of them.
    Several(Vec<PlayerId>),
    /// None; up to five that there are.
    Unknown(Vec<PlayerId>),
}

/// Finds the player that a person means. Case and accents make no difference. A whole name goes before a part, and a
/// part counts only if one player has it.
#[must_use]
pub fn find_spoken<'a>(players: impl IntoIterator<Item = &'a PlayerId>, spoken: &str) -> Spoken {
    let mut players: Vec<&PlayerId> = players.into_iter().collect();
    players.sort();
    let named = |players: &[&PlayerId]| players.iter().take(NAMED).map(|id| (*id).clone()).collect();
    let spoken_name = fold(spoken);
    if spoken_name.is_empty() {
        return Spoken::Unknown(named(&players));
    }
    let whole: Vec<_> = players.iter().copied().filter(|id| fold(id.as_str()) == spoken_name).collect();
    let part: Vec<_> =
        players.iter().copied().filter(|id| has_part(&fold(id.as_str()), &spoken_name)).collect();
    match (&whole[..], &part[..]) {
        ([one], _) | ([], [one]) => Spoken::One((*one).clone()),
        ([], []) => Spoken::Unknown(named(&players)),
        ([], several) | (several, _) => Spoken::Several(named(several)),
    }
}

/// Whether either is a part of the other, word by word: "kitchen" of "Kitchen Echo", and "the kitchen echo"
/// holds "Kitchen Echo".
fn has_part(name: &str, spoken_name: &str) -> bool {
    let within =
        |whole: &str, part: &str| !part.is_empty() && format!(" {whole} ").contains(&format!(" {part} "));
    // Languages that write no spaces have no word to find.
    let unspaced = !name.is_ascii() && !name.contains(' ') && name.contains(spoken_name);
    within(name, spoken_name) || within(spoken_name, name) || unspaced
}

/// Words that people say before the name of a room, and do not write into it.
const ARTICLES: [&str; 23] = [
    "the", "der", "die", "das", "den", "dem", "la", "le", "les", "l", "el", "los", "las", "il", "lo", "gli",
    "i", "o", "a", "os", "as", "de", "het",
];

/// Lower case, without accents and without the article before it, with single spaces between words.
fn fold(name: &str) -> String {
    let plain: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let words = match &words[..] {
        [article, rest @ ..] if !rest.is_empty() && ARTICLES.contains(article) => rest,
        all => all,
    };
    words.join(" ").replace('ß', "ss")
}
