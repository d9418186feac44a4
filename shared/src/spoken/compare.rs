//! How alike two texts are, by letters and by sound.

use std::cmp::Ordering;
use std::ops::Range;

use deunicode::deunicode;

use super::fold;
use super::language::Language;
use super::sound::{self, Code};

/// Most words of a text that are compared.
const MOST_WORDS: usize = 16;
/// The most for what is not the same.
const NEAR: f64 = 0.97;
/// What is less alike is not looked at.
const LEAST: f64 = 0.45;
/// What a sound counts beside letters, and how much of it.
const SOUND: f64 = 0.96;
const SOUND_SHARE: f64 = 0.8;
/// What a part of a name counts that was heard, and how much more if it is most of it.
const PART_HEARD: [f64; 2] = [0.62, 0.38];
/// The same for a name within more words.
const MORE_HEARD: [f64; 2] = [0.35, 0.65];

/// A text, ready to be compared.
#[derive(Clone, Debug)]
pub(super) struct Text {
    /// Its letters alone, one for each way to write them, without an article before them.
    pub(super) key: String,
    /// The same with the article.
    full: String,
    /// The same without any article.
    bare: String,
    letters: Letters,
    /// The letters in Latin script.
    latin: Letters,
    /// As a reader of the language says it, and as an English reader does.
    sounds: [Sounds; 2],
}

/// The sounds of words without spaces, and behind how many sounds of which cost each word ends.
#[derive(Clone, Debug)]
struct Sounds {
    all: Vec<u8>,
    ends: Vec<(usize, u32)>,
}

impl Sounds {
    fn of(words: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut sounds = Self { all: Vec::new(), ends: Vec::new() };
        let mut cost = 0;
        for word in words {
            cost += sound::cost(&word);
            sounds.all.extend(word);
            sounds.ends.push((sounds.all.len(), cost));
        }
        sounds
    }

    fn run(&self, words: &Range<usize>) -> Code<'_> {
        let end = |words: usize| words.checked_sub(1).and_then(|at| self.ends.get(at).copied());
        let (start, before) = end(words.start).unwrap_or_default();
        let (end, until) = end(words.end).unwrap_or_default();
        let sounds = self.all.get(start..end).unwrap_or_default();
        Code { sounds, cost: until.saturating_sub(before) }
    }

    fn then(&self, other: &Self) -> Self {
        let (length, cost) = self.ends.last().copied().unwrap_or_default();
        let ends = other.ends.iter().map(|(end, more)| (length + end, cost + more));
        Self {
            all: self.all.iter().chain(&other.all).copied().collect(),
            ends: self.ends.iter().copied().chain(ends).collect(),
        }
    }
}

/// The letters of words without spaces, and behind how many bytes and how many letters each word ends.
#[derive(Clone, Debug)]
struct Letters {
    all: String,
    ends: Vec<(usize, usize)>,
}

impl Letters {
    fn of(words: impl Iterator<Item = String>) -> Self {
        let mut letters = Self { all: String::new(), ends: Vec::new() };
        let mut count = 0;
        for word in words {
            letters.all.push_str(&word);
            count += word.chars().count();
            letters.ends.push((letters.all.len(), count));
        }
        letters
    }

    fn run(&self, words: &Range<usize>) -> LetterRun<'_> {
        let end = |words: usize| words.checked_sub(1).and_then(|at| self.ends.get(at).copied());
        let (start, before) = end(words.start).unwrap_or_default();
        let (end, until) = end(words.end).unwrap_or_default();
        LetterRun { text: self.all.get(start..end).unwrap_or_default(), count: until.saturating_sub(before) }
    }

    fn count(&self) -> usize {
        self.ends.last().map_or(0, |(_, count)| *count)
    }

    fn then(&self, other: &Self) -> Self {
        let (bytes, count) = (self.all.len(), self.count());
        let ends = other.ends.iter().map(|(end, letters)| (bytes + end, count + letters));
        Self {
            all: format!("{}{}", self.all, other.all),
            ends: self.ends.iter().copied().chain(ends).collect(),
        }
    }
}

/// The letters of some words, and how many there are.
#[derive(Clone, Copy)]
struct LetterRun<'a> {
    text: &'a str,
    count: usize,
}

/// Some words of a text.
struct Run<'a> {
    letters: LetterRun<'a>,
    latin: LetterRun<'a>,
    sounds: [Code<'a>; 2],
}

impl Text {
    pub(super) fn new(text: &str, language: Language) -> Self {
        let mut words = words(text, language);
        let full = key(&words.concat());
        let is_article = |word: &String| is_article(word, language);
        if words.len() > 1 && words.first().is_some_and(is_article) {
            words.remove(0);
        }
        let bare: String = words.iter().filter(|word| !is_article(word)).map(String::as_str).collect();
        let sounds = [language, Language::English]
            .map(|reader| Sounds::of(words.iter().map(|word| sound::sounds(word, reader))));
        Self {
            key: key(&words.concat()),
            full,
            bare: key(&bare),
            latin: Letters::of(words.iter().map(|word| deunicode(word))),
            letters: Letters::of(words.into_iter()),
            sounds,
        }
    }

    /// [`Self::key`] of a text of which nothing else is needed.
    pub(super) fn key_of(text: &str, language: Language) -> String {
        let words = words(text, language);
        let article =
            usize::from(words.len() > 1 && words.first().is_some_and(|word| is_article(word, language)));
        key(&words.get(article..).unwrap_or_default().concat())
    }

    /// This text and another one after it.
    pub(super) fn then(&self, other: &Self) -> Self {
        let [own, english] = &self.sounds;
        let [other_own, other_english] = &other.sounds;
        Self {
            key: format!("{}{}", self.key, other.key),
            full: format!("{}{}", self.full, other.full),
            bare: format!("{}{}", self.bare, other.bare),
            letters: self.letters.then(&other.letters),
            latin: self.latin.then(&other.latin),
            sounds: [own.then(other_own), english.then(other_english)],
        }
    }

    pub(super) fn words(&self) -> usize {
        self.letters.ends.len()
    }

    fn run(&self, words: &Range<usize>) -> Run<'_> {
        let [own, english] = &self.sounds;
        Run {
            letters: self.letters.run(words),
            latin: self.latin.run(words),
            sounds: [own.run(words), english.run(words)],
        }
    }

    fn whole(&self) -> Run<'_> {
        self.run(&(0..self.words()))
    }
}

/// The words that are compared.
fn words(text: &str, language: Language) -> Vec<String> {
    let mut words = fold::words(text, language);
    words.truncate(MOST_WORDS);
    words
}

fn is_article(word: &str, language: Language) -> bool {
    word == "the" || language.articles().contains(&word)
}

/// The letters with umlauts in one form, written out or not.
fn key(joined: &str) -> String {
    let mut key = String::with_capacity(joined.len());
    for letter in joined.chars() {
        if !(letter == 'e' && key.ends_with(['a', 'o', 'u'])) {
            key.push(letter);
        }
    }
    key
}

/// How alike what was heard and a name are, 0 to 1; 1 for the same letters, 0 for less than 0.45. A part of either counts, too.
pub(super) fn likeness(heard: &Text, name: &Text) -> f64 {
    let whole = whole_likeness(heard, name);
    let part = match name.words().cmp(&heard.words()) {
        _ if whole >= NEAR => 0.0,
        Ordering::Greater => best_part(heard, name, PART_HEARD, whole),
        Ordering::Less => best_part(name, heard, MORE_HEARD, whole),
        Ordering::Equal => 0.0,
    };
    whole.max(part.min(NEAR))
}

/// As [`likeness`], of the whole texts alone.
pub(super) fn whole_likeness(heard: &Text, name: &Text) -> f64 {
    if heard.key.is_empty() || name.key.is_empty() {
        return 0.0;
    }
    if heard.key == name.key || heard.full == name.full || heard.key == name.full {
        return 1.0;
    }
    if heard.bare == name.bare && !heard.bare.is_empty() {
        return NEAR;
    }
    alike(&heard.whole(), &name.whole(), LEAST).min(NEAR)
}

/// The best run of about as many words in a longer text, if it is more than `best`: a share of its likeness, and more for
/// a run that is most of the text.
fn best_part(short: &Text, long: &Text, [share, more]: [f64; 2], best: f64) -> f64 {
    let mut best = best.max(LEAST);
    let whole = short.whole();
    for length in short.words().saturating_sub(1).max(1)..=(short.words() + 1).min(long.words()) {
        for start in 0..=long.words() - length {
            let run = long.run(&(start..start + length));
            let counts = more.mul_add(ratio(run.letters.count, long.letters.count()), share);
            if counts > best {
                best = best.max(alike(&whole, &run, best / counts) * counts);
            }
        }
    }
    best
}

fn ratio(part: usize, whole: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    float(part) / float(whole.max(1))
}

/// The likeness of two runs as a whole; 0 where it is surely less than `least`.
fn alike(heard: &Run<'_>, name: &Run<'_>, least: f64) -> f64 {
    let [own, english] = heard.sounds;
    let [name_own, name_english] = name.sounds;
    let pairs = [(own, name_own), (own, name_english), (english, name_english), (english, name_own)];
    let (one, other) = (heard.letters.count, name.letters.count);
    let most_letters = ratio(one.min(other), one.max(other));
    let most_sound = pairs.iter().map(|(one, other)| sound::at_most(*one, *other)).fold(0.0, f64::max);
    if is_latin(heard) == is_latin(name) && most_letters.max(both(most_sound, most_letters)) < least {
        return 0.0;
    }
    let letters = if is_latin(heard) == is_latin(name) {
        letters_alike(heard.letters, name.letters)
    } else {
        letters_alike(heard.latin, name.latin)
    };
    // What a sound has to be, so that it matters.
    let mut best = ((least.max(letters) / SOUND - (1.0 - SOUND_SHARE) * letters) / SOUND_SHARE).max(0.0);
    let mut sound = 0.0;
    for (at, pair) in pairs.iter().enumerate() {
        let known = pairs.iter().take(at).any(|earlier| earlier == pair);
        if !known && best <= 1.0 {
            sound = sound::likeness(pair.0, pair.1, best).max(sound);
            best = best.max(sound);
        }
    }
    letters.max(both(sound, letters))
}

/// What the likeness of sounds counts, with that of letters.
fn both(sound: f64, letters: f64) -> f64 {
    SOUND * sound.mul_add(SOUND_SHARE, (1.0 - SOUND_SHARE) * letters)
}

fn is_latin(run: &Run<'_>) -> bool {
    run.letters.text.is_ascii()
}

/// Of texts, and not of slices: what is generic there is compiled with this crate, without optimisation where it is tested.
fn letters_alike(one: LetterRun<'_>, other: LetterRun<'_>) -> f64 {
    1.0 - ratio(strsim::levenshtein(one.text, other.text), one.count.max(other.count))
}
