//! The invocation name of the skill.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::char::is_combining_mark;

/// A skill's invocation name that keeps Amazon's rules (Alexa Skills Kit, choose the invocation name), as far as they can
/// be checked by reading: whether a name is only that of a person or a place is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvocationName(String);

/// The rule that a name breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvocationNameError {
    /// Shorter than 2 or longer than 50 characters.
    #[error("an invocation name has 2 to 50 characters, this one has {0}")]
    Length(usize),
    /// A letter that has a lower-case form.
    #[error("an invocation name is lower case: `{0}` is not")]
    UpperCase(char),
    /// A digit.
    #[error("numbers in an invocation name are spelled out: `{0}` is a digit")]
    Digit(char),
    /// Anything but letters, single spaces, apostrophes and periods.
    #[error(
        "an invocation name has letters, spaces, possessive apostrophes and the periods of initials only, not `{0}`"
    )]
    Character(char),
    /// A space at either end, or two together.
    #[error("the words of an invocation name are separated by one space")]
    Spacing,
    /// An apostrophe that no letter precedes.
    #[error("an apostrophe in an invocation name follows a letter: `{0}`")]
    Apostrophe(String),
    /// A period that does not follow a single letter.
    #[error("a period in an invocation name follows a single letter, as in `a. b. c.`: `{0}`")]
    Period(String),
    /// A single word, in a script that separates words.
    #[error("an invocation name has two words or more")]
    OneWord,
    /// A word that wakes a device, or names what a skill is.
    #[error("an invocation name must not contain the wake word or reserved word `{0}`")]
    ReservedWord(String),
    /// A word that launches skills.
    #[error("an invocation name must not contain the launch word `{0}`")]
    LaunchWord(String),
    /// A word that connects a name and a request.
    #[error("an invocation name must not contain the connecting word `{0}`")]
    ConnectingWord(String),
    /// An article or preposition in a name of two words.
    #[error("an invocation name of two words must not contain `{0}`")]
    ShortWord(String),
}

const LENGTH: std::ops::RangeInclusive<usize> = 2..=50;

const RESERVED: [&str; 10] =
    ["alexa", "amazon", "echo", "computer", "skill", "skills", "app", "アレクサ", "アマゾン", "スキル"];

/// The launch words of Amazon's page, then the commonest of the other languages.
const LAUNCH: [&str; 36] = [
    "run",
    "start",
    "play",
    "resume",
    "use",
    "launch",
    "ask",
    "open",
    "tell",
    "load",
    "begin",
    "enable", // en
    "öffne",
    "starte",
    "spiele",
    "frage",
    "sag", // de
    "abre",
    "inicia",
    "pídele",
    "pregunta", // es
    "ouvre",
    "lance",
    "demande", // fr
    "apri",
    "avvia",
    "chiedi", // it
    "abra",
    "inicie",
    "peça", // pt
    "vraag",
    "speel", // nl
    "खोलो",
    "चलाओ", // hi
    "افتحي",
    "اطلبي", // ar
];

const CONNECTING: [&str; 6] = ["to", "from", "by", "if", "and", "whether"];

const SHORT: [&str; 10] = ["a", "an", "the", "of", "for", "in", "on", "at", "with", "as"];

impl InvocationName {
    /// Reads a name and holds it against the rules.
    ///
    /// # Errors
    /// The first rule that the name breaks.
    pub fn parse(text: &str) -> Result<Self, InvocationNameError> {
        let length = text.chars().count();
        if !LENGTH.contains(&length) {
            return Err(InvocationNameError::Length(length));
        }
        text.chars().try_for_each(check_character)?;
        let words: Vec<&str> = text.split(' ').collect();
        if words.contains(&"") {
            return Err(InvocationNameError::Spacing);
        }
        words.iter().try_for_each(|word| check_punctuation(word))?;
        if words.len() == 1 && !text.chars().any(is_unspaced) {
            return Err(InvocationNameError::OneWord);
        }
        words.iter().try_for_each(|word| check_word(word))?;
        if words.len() == 2 {
            words.iter().try_for_each(|word| check_short(word))?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `music assistant`, the name in the sentences that are fixed inside Music Assistant.
impl Default for InvocationName {
    fn default() -> Self {
        Self("music assistant".to_owned())
    }
}

impl fmt::Display for InvocationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for InvocationName {
    type Err = InvocationNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

fn check_character(character: char) -> Result<(), InvocationNameError> {
    if character.is_numeric() {
        return Err(InvocationNameError::Digit(character));
    }
    if character.to_lowercase().ne([character]) {
        return Err(InvocationNameError::UpperCase(character));
    }
    // Some scripts write vowels and joins as marks, which are not letters by themselves.
    let allowed =
        character.is_alphabetic() || is_combining_mark(character) || matches!(character, ' ' | '\'' | '.');
    if allowed { Ok(()) } else { Err(InvocationNameError::Character(character)) }
}

fn check_punctuation(word: &str) -> Result<(), InvocationNameError> {
    let letters: Vec<char> = word.chars().collect();
    for (at, character) in letters.iter().enumerate() {
        let before = letters[..at].last().copied();
        if *character == '\'' && !before.is_some_and(char::is_alphabetic) {
            return Err(InvocationNameError::Apostrophe(word.to_owned()));
        }
        if *character == '.' && !(letters.len() == 2 && before.is_some_and(char::is_alphabetic)) {
            return Err(InvocationNameError::Period(word.to_owned()));
        }
    }
    Ok(())
}

fn check_word(word: &str) -> Result<(), InvocationNameError> {
    let stem = word.strip_suffix("'s").unwrap_or(word);
    if RESERVED.contains(&stem) {
        Err(InvocationNameError::ReservedWord(stem.to_owned()))
    } else if LAUNCH.contains(&stem) {
        Err(InvocationNameError::LaunchWord(stem.to_owned()))
    } else if CONNECTING.contains(&stem) {
        Err(InvocationNameError::ConnectingWord(stem.to_owned()))
    } else {
        Ok(())
    }
}

fn check_short(word: &str) -> Result<(), InvocationNameError> {
    if SHORT.contains(&word) { Err(InvocationNameError::ShortWord(word.to_owned())) } else { Ok(()) }
}

/// Kana and kanji, in which words are not separated.
fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}
