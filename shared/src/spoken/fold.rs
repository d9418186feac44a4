//! Folding: one form for all ways to write the same words.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

use super::language::Language;
use super::numbers;

/// Most characters of a text that are read.
pub(super) const LONGEST: usize = 200;

/// Words that are written short, and said in full.
const SHORT: [(&str, &str); 12] = [
    ("dr", "doctor"),
    ("ft", "feat"),
    ("featuring", "feat"),
    ("mister", "mr"),
    ("misses", "mrs"),
    ("missus", "mrs"),
    ("pt", "part"),
    ("saint", "st"),
    ("senor", "sr"),
    ("sergeant", "sgt"),
    ("versus", "vs"),
    ("vol", "volume"),
];

/// Words before a number that add nothing to it.
const NUMBER: [&str; 6] = ["no", "nr", "number", "nummer", "numero", "num"];

/// Roman numbers that are no words; only at the end or between words.
const ROMAN: [(&str, &str); 8] = [
    ("ii", "2"),
    ("iii", "3"),
    ("iv", "4"),
    ("vi", "6"),
    ("vii", "7"),
    ("viii", "8"),
    ("ix", "9"),
    ("xi", "11"),
];

/// The words of a text: lower case, without accents and punctuation, numbers as digits, each "and" as `&`; of the first
/// 200 characters, and at most so many. Folding what is folded changes nothing.
#[must_use]
pub fn fold(text: &str, language: Language) -> String {
    words(text, language).join(" ")
}

pub(super) fn words(text: &str, language: Language) -> Vec<String> {
    let plain = plain(text);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let counted = numbers::to_digits(&words, language);
    let mut folded: Vec<String> = Vec::with_capacity(counted.len());
    for (at, word) in counted.iter().enumerate() {
        let whole = whole_word(word, at > 0, language);
        if is_number(whole) {
            while folded.last().is_some_and(|last| NUMBER.contains(&last.as_str())) {
                folded.pop();
            }
        }
        folded.push(whole.to_owned());
    }
    bounded(folded)
}

/// As many whole words as [`LONGEST`] characters hold, of a longer first one its beginning: one character may be written out
/// as many.
fn bounded(mut words: Vec<String>) -> Vec<String> {
    if let Some(first) = words.first_mut() {
        *first = first.chars().take(LONGEST).collect();
    }
    let mut length = 0;
    let fits = |word: &String| {
        length += word.chars().count() + 1;
        length <= LONGEST + 1
    };
    words.into_iter().take_while(fits).collect()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn whole_word(word: &str, follows: bool, language: Language) -> &str {
    let same = |table: &[(&'static str, &'static str)]| {
        table.iter().find(|(short, _)| *short == word).map(|(_, whole)| *whole)
    };
    if matches!(word, "and" | "n") || language.and().contains(&word) {
        return "&";
    }
    let roman = if follows { same(&ROMAN) } else { None };
    same(&SHORT).or(roman).unwrap_or(word)
}

/// Letters, digits, `&` and spaces, in lower case and without accents.
fn plain(text: &str) -> String {
    let lower = text.chars().take(LONGEST).nfkd().flat_map(char::to_lowercase).nfkd();
    let letters: Vec<char> = lower.filter(|c| !is_accent(*c)).nfc().collect();
    let mut plain = String::with_capacity(letters.len());
    for (at, letter) in letters.iter().enumerate() {
        let letter_at =
            |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_alphabetic());
        let inside = letter_at(at.checked_sub(1)) && letter_at(Some(at + 1));
        push(&mut plain, *letter, inside, letter_at(Some(at + 1)));
    }
    plain
}

/// Accents of Latin and alike, and the vowel points of Arabic. What is a letter of its own in Hindi and Japanese stays.
fn is_accent(c: char) -> bool {
    let class = canonical_combining_class(c);
    matches!(c, '\u{640}' | '\u{200c}' | '\u{200d}' | '\u{93c}') || class >= 200 || (27..=35).contains(&class)
}

fn push(plain: &mut String, letter: char, inside: bool, before: bool) {
    match letter {
        'ß' => plain.push_str("ss"),
        'æ' => plain.push_str("ae"),
        'œ' => plain.push_str("oe"),
        'þ' => plain.push_str("th"),
        'ø' => plain.push('o'),
        'ł' => plain.push('l'),
        'đ' | 'ð' => plain.push('d'),
        'ı' => plain.push('i'),
        'ة' => plain.push('ه'),
        'ى' => plain.push('ي'),
        '!' if inside => plain.push('i'),
        '$' if inside || before => plain.push('s'),
        '\'' | '’' | '‘' | '`' | 'ʼ' => {}
        '&' | '+' => plain.push_str(" & "),
        '\u{94d}' => plain.push(letter),
        _ if let Some(digit) = digit(letter) => plain.push(digit),
        _ if letter.is_alphanumeric() => plain.push(letter),
        _ => plain.push(' '),
    }
}

/// The digits of Arabic, Persian and Hindi in the form of all others.
fn digit(letter: char) -> Option<char> {
    let zeros = ['\u{660}', '\u{6f0}', '\u{966}'].map(u32::from);
    let value =
        zeros.into_iter().find_map(|zero| u32::from(letter).checked_sub(zero).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

/// A name without brackets, guests and what stands after a dash; as it is where nothing else remains.
pub(super) fn core(name: &str) -> String {
    let name: String = name.chars().take(LONGEST).collect();
    let mut depth = 0_u32;
    let mut kept = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '(' | '[' | '（' | '【' => depth += 1,
            ')' | ']' | '）' | '】' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    let mut end = kept.len();
    for mark in [" - ", " – ", " feat. ", " ft. ", " feat "] {
        end = kept.find(mark).map_or(end, |at| at.min(end));
    }
    let core = kept.get(..end).unwrap_or_default();
    if core.chars().any(char::is_alphanumeric) { core.trim().to_owned() } else { name }
}
