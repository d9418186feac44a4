//! The choice among candidates.

use std::cmp::Ordering;

use super::candidate::{Candidate, Kind};
use super::compare::{Text, likeness, whole_likeness};
use super::fold;
use super::language::Language;
use super::query::title_and_artist;

/// Most candidates that are compared; the rest is left out.
pub const MOST_CANDIDATES: usize = 1000;
/// Most artists of a candidate that are compared.
const MOST_ARTISTS: usize = 4;
/// Most candidates to ask about.
const ASKED: usize = 3;

/// From here on a whole text is what was meant, and is not taken apart.
const SURE: f64 = 0.85;
/// From here on the best one is played where none other is near.
const LIKELY: f64 = 0.66;
/// From here on a person is asked.
const POSSIBLE: f64 = 0.5;
/// What a title with its artist after it, or before, counts beside a title.
const BOTH: f64 = 0.97;
/// What a candidate of another kind than the one that was asked for counts.
const OTHER_KIND: f64 = 0.8;
/// The least likeness of an artist that was named.
const ARTIST: f64 = 0.6;

/// The result of a search for the meaning of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice<'a> {
    /// One is meant: play it.
    Clear(&'a Candidate),
    /// Up to three may be meant, the likeliest first: ask.
    Close(Vec<&'a Candidate>),
    /// None is like what was heard.
    Nothing,
}

/// Candidates, ready to be compared with what was heard in one language. They can be asked more than once.
pub struct Prepared<'a> {
    language: Language,
    entries: Vec<Entry<'a>>,
}

/// A candidate with its names.
struct Entry<'a> {
    candidate: &'a Candidate,
    names: Vec<Text>,
    artists: Vec<Text>,
    /// The title with its artist, in both orders.
    both: Vec<Text>,
}

/// A candidate with what it got.
struct Scored<'a, 'b> {
    entry: &'b Entry<'a>,
    /// How like it is to what was heard, 0 to 1.
    score: f64,
    /// The score and what speaks for it besides.
    rank: f64,
}

/// Chooses what was meant among candidates. `kind` is the one that was asked for, if any.
///
/// Reads the first 200 characters of what was heard, and the first 1000 candidates.
#[must_use]
pub fn choose<'a>(
    heard: &str,
    kind: Option<Kind>,
    language: Language,
    candidates: &'a [Candidate],
) -> Choice<'a> {
    Prepared::new(candidates, language).choose(heard, kind)
}

impl<'a> Prepared<'a> {
    /// Prepares the first 1000 candidates.
    #[must_use]
    pub fn new(candidates: &'a [Candidate], language: Language) -> Self {
        let first = candidates.iter().take(MOST_CANDIDATES);
        Self { language, entries: first.map(|candidate| Entry::new(candidate, language)).collect() }
    }

    /// As [`choose`].
    #[must_use]
    pub fn choose(&self, heard: &str, kind: Option<Kind>) -> Choice<'a> {
        let text = |text: &str| Text::new(text, self.language);
        let whole = text(heard);
        let scores: Vec<f64> = self.entries.iter().map(|entry| whole_score(&whole, entry)).collect();
        let ranking = self.ranked(kind, &scores);
        if ranking.first().is_none_or(|best| best.score >= SURE) {
            return decide(&ranking);
        }
        let ways = title_and_artist(heard, self.language);
        if ways.is_empty() {
            return decide(&ranking);
        }
        let ways: Vec<_> = ways.into_iter().map(|(title, artist)| (text(&title), text(&artist))).collect();
        let apart = |entry| ways.iter().map(move |(title, artist)| apart_score(title, artist, entry));
        let best = |(entry, score): (_, &f64)| apart(entry).fold(*score, f64::max);
        let scores: Vec<f64> = self.entries.iter().zip(&scores).map(best).collect();
        decide(&self.ranked(kind, &scores))
    }

    /// The candidates with the likeliest first.
    fn ranked(&self, kind: Option<Kind>, scores: &[f64]) -> Vec<Scored<'a, '_>> {
        let ranking = self.entries.iter().zip(scores).map(|(entry, score)| {
            let other = kind.is_some_and(|kind| kind != entry.candidate.kind);
            let score = score * if other { OTHER_KIND } else { 1.0 };
            Scored { entry, score, rank: score + advantage(entry.candidate) }
        });
        let mut ranking: Vec<_> = ranking.collect();
        ranking.sort_by(order);
        ranking
    }
}

impl<'a> Entry<'a> {
    fn new(candidate: &'a Candidate, language: Language) -> Self {
        let core = fold::core(&candidate.title);
        let mut names = vec![Text::new(&core, language)];
        if core != candidate.title {
            names.push(Text::new(&candidate.title, language));
        }
        let artists = candidate.artists.iter().take(MOST_ARTISTS);
        let artists: Vec<Text> = artists.map(|artist| Text::new(artist, language)).collect();
        let both = match (names.first(), artists.first()) {
            (Some(title), Some(artist)) => vec![title.then(artist), artist.then(title)],
            _ => Vec::new(),
        };
        Self { candidate, names, artists, both }
    }

    fn name(&self, heard: &Text) -> f64 {
        self.names.iter().map(|name| likeness(heard, name)).fold(0.0, f64::max)
    }
}

fn whole_score(heard: &Text, entry: &Entry<'_>) -> f64 {
    let name = entry.name(heard);
    if name >= 1.0 || heard.words() < 2 {
        return name;
    }
    let both = entry.both.iter().map(|both| BOTH * whole_likeness(heard, both)).fold(0.0, f64::max);
    name.max(both)
}

/// The score of a title and an artist that stand apart.
fn apart_score(title: &Text, artist: &Text, entry: &Entry<'_>) -> f64 {
    let by = entry.artists.iter().map(|name| likeness(artist, name)).fold(0.0, f64::max);
    if by < ARTIST { 0.0 } else { 0.65 * entry.name(title) + 0.35 * by }
}

fn order(one: &Scored<'_, '_>, other: &Scored<'_, '_>) -> Ordering {
    let same = |scored: &Scored<'_, '_>| scored.score >= 1.0;
    same(other)
        .cmp(&same(one))
        .then(other.rank.total_cmp(&one.rank))
        .then_with(|| other.entry.candidate.last_played.cmp(&one.entry.candidate.last_played))
        .then_with(|| one.entry.candidate.cmp(other.entry.candidate))
}

/// What speaks for a candidate besides its name: less than a letter makes.
fn advantage(candidate: &Candidate) -> f64 {
    let library = if candidate.in_library { 0.04 } else { 0.0 };
    let favourite = if candidate.favourite { 0.015 } else { 0.0 };
    let kind = match candidate.kind {
        Kind::Artist => 0.008,
        Kind::Song => 0.006,
        Kind::Album => 0.004,
        Kind::Playlist => 0.002,
        Kind::Station | Kind::Genre | Kind::Audiobook | Kind::Podcast => 0.0,
    };
    library + favourite + kind + 0.02 * f64::from(candidate.popularity.min(100)) / 100.0
}

fn decide<'a>(scored: &[Scored<'a, '_>]) -> Choice<'a> {
    let Some(best) = scored.first().filter(|best| best.score >= POSSIBLE) else { return Choice::Nothing };
    let others = scored.iter().skip(1).filter(|other| !is_same(best, other));
    let near: Vec<&Scored<'a, '_>> = others.filter(|other| is_near(best, other)).take(ASKED - 1).collect();
    if best.score >= LIKELY && near.is_empty() {
        return Choice::Clear(best.entry.candidate);
    }
    let mut asked = vec![best.entry.candidate];
    asked.extend(near.iter().map(|other| other.entry.candidate));
    if asked.len() == 1 {
        asked.extend(
            scored.iter().skip(1).find(|other| !is_same(best, other)).map(|other| other.entry.candidate),
        );
    }
    Choice::Close(asked)
}

/// Whether two are one piece: another version, or the album of that song.
fn is_same(one: &Scored<'_, '_>, other: &Scored<'_, '_>) -> bool {
    let key = |scored: &Scored<'_, '_>| scored.entry.names.first().map(|name| name.key.clone());
    let artist = |scored: &Scored<'_, '_>| scored.entry.artists.first().map(|name| name.key.clone());
    let same_name = key(one) == key(other);
    same_name && (artist(one) == artist(other) || artist(one) == key(other) || artist(other) == key(one))
}

/// Whether the second may be meant as well.
fn is_near(best: &Scored<'_, '_>, other: &Scored<'_, '_>) -> bool {
    let margin = if best.score >= 1.0 {
        // Equal names: what is in the library, liked or much better known is meant.
        return other.score >= 1.0 && best.rank - other.rank < 0.003;
    } else if best.score >= SURE {
        0.03
    } else {
        0.08
    };
    best.score - other.score < margin && best.rank - other.rank < margin
}
