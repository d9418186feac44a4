//! The rough sound of a text, as one code for each sound, and the distance between two such codes.
//!
//! A code is made by the rules of spelling of one language, so a name has one for each language that a person may read it
//! in. Sounds that Echos mistake for each other are near, and vowels count little.

use deunicode::deunicode;

use super::language::Language;
use super::numbers;

/// Spellings and the sounds for them. `^` stands for the start of a word, `$` for its end, `<` for a bright vowel after it.
type Rules = &'static [(&'static str, &'static str)];

const COMMON: Rules = &[
    ("sch", "x"),
    ("tch", "x"),
    ("ck", "k"),
    ("ph", "f"),
    ("sh", "x"),
    ("th", "c"),
    ("kh", "k"),
    ("gh", "g"),
    ("bh", "b"),
    ("dh", "d"),
    ("jh", "x"),
    ("rh", "r"),
    ("wh", "w"),
    ("qu", "kw"),
    ("ch", "x"),
    ("^x", "s"),
    ("x", "ks"),
    ("c<", "s"),
    ("c", "k"),
    ("e", "i"),
    ("u", "o"),
    ("j", "x"),
    ("q", "k"),
    ("y", "i"),
];
const ENGLISH: Rules = &[
    ("ought", "ot"),
    ("augh", "of"),
    ("ough", "o"),
    ("igh", "a"),
    ("tion", "xon"),
    ("ture", "xo"),
    ("dge", "x"),
    ("^kn", "n"),
    ("^wr", "r"),
    ("^ps", "s"),
    ("gh$", ""),
    ("ge$", "x"),
    ("g<", "x"),
    ("oo", "o"),
    ("ee", "i"),
    ("ea", "i"),
    ("ie", "i"),
    ("ai", "i"),
    ("ay", "i"),
    ("ei", "a"),
    ("ow", "o"),
    ("ou", "o"),
    ("aw", "o"),
    ("au", "o"),
    ("es$", "s"),
    ("ed$", "d"),
    ("e$", ""),
    ("mb$", "m"),
];
const GERMAN: Rules = &[
    ("tsch", "x"),
    ("chs", "ks"),
    ("^ch", "k"),
    ("ch", "k"),
    ("ei", "a"),
    ("ai", "a"),
    ("eu", "o"),
    ("ie", "i"),
    ("tz", "ts"),
    ("z", "ts"),
    ("v", "f"),
    ("qu", "kv"),
    ("w", "v"),
    ("j", "i"),
    ("^st", "xt"),
    ("^sp", "xp"),
    ("ah", "a"),
    ("eh", "i"),
    ("ih", "i"),
    ("oh", "o"),
    ("uh", "o"),
    ("g$", "k"),
    ("b$", "p"),
    ("d$", "t"),
    ("er$", "a"),
    ("th", "t"),
];
const FRENCH: Rules = &[
    ("eau", "o"),
    ("gn", "ni"),
    ("ge", "x"),
    ("g<", "x"),
    ("qu", "k"),
    ("ou", "o"),
    ("oi", "wa"),
    ("au", "o"),
    ("ai", "i"),
    ("ei", "i"),
    ("eu", "o"),
    ("ent$", "an"),
    ("es$", ""),
    ("e$", ""),
    ("s$", ""),
    ("t$", ""),
    ("d$", ""),
    ("x$", ""),
    ("z$", ""),
    ("p$", ""),
    ("en", "an"),
    ("em", "am"),
    ("ill", "i"),
    ("th", "t"),
    ("h", ""),
];
const SPANISH: Rules = &[
    ("ll", "i"),
    ("qu", "k"),
    ("g<", "h"),
    ("j", "h"),
    ("z", "s"),
    ("v", "b"),
    ("gui", "gi"),
    ("gue", "gi"),
    ("th", "t"),
    ("h", ""),
];
const ITALIAN: Rules = &[
    ("sci", "x"),
    ("sc<", "x"),
    ("ch", "k"),
    ("gh", "g"),
    ("c<", "x"),
    ("gli", "li"),
    ("gn", "ni"),
    ("g<", "x"),
    ("z", "ts"),
    ("th", "t"),
    ("h", ""),
];
const PORTUGUESE: Rules = &[
    ("lh", "li"),
    ("nh", "ni"),
    ("x", "x"),
    ("g<", "x"),
    ("qu<", "k"),
    ("m$", "n"),
    ("l$", "o"),
    ("th", "t"),
    ("z$", "s"),
    ("h", ""),
];
const DUTCH: Rules = &[
    ("sch", "sk"),
    ("ch", "h"),
    ("oe", "o"),
    ("ij", "a"),
    ("ei", "a"),
    ("ui", "a"),
    ("ie", "i"),
    ("eu", "o"),
    ("g", "h"),
    ("v", "f"),
    ("w", "v"),
    ("j", "i"),
    ("d$", "t"),
    ("b$", "p"),
    ("th", "t"),
];
/// After a transliteration that writes フ as "hu", ヴ as "vu", シ as "si" and ジ as "zi".
const JAPANESE: Rules = &[
    ("hua", "fa"),
    ("hui", "fi"),
    ("hue", "fi"),
    ("huo", "fo"),
    ("hu", "fo"),
    ("vua", "ba"),
    ("vui", "bi"),
    ("vue", "bi"),
    ("vu", "bo"),
    ("siy", "x"),
    ("sie", "xi"),
    ("ziy", "x"),
    ("zie", "xi"),
    ("tiy", "x"),
    ("tie", "xi"),
    ("tei", "ti"),
    ("dei", "di"),
    ("tou", "to"),
    ("dou", "do"),
    ("th", "s"),
    ("v", "b"),
    ("l", "r"),
    ("si", "xi"),
    ("ti", "xi"),
    ("ts", "s"),
    ("er$", "a"),
    ("zi", "xi"),
];
/// Hindi and Arabic, after a transliteration letter by letter.
const PLAIN: Rules = &[("th", "t"), ("v", "w"), ("ee", "i"), ("oo", "o"), ("e$", ""), ("'", "")];

const fn rules(language: Language) -> Rules {
    match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
        Language::French => FRENCH,
        Language::Spanish => SPANISH,
        Language::Italian => ITALIAN,
        Language::Portuguese => PORTUGUESE,
        Language::Dutch => DUTCH,
        Language::Japanese => JAPANESE,
        Language::Hindi | Language::Arabic => PLAIN,
    }
}

/// The sounds of a folded word, as a reader of the language says it.
pub(super) fn sounds(word: &str, language: Language) -> Vec<u8> {
    let word = if word == "&" { language.and().first().copied().unwrap_or("and") } else { word };
    // The small ツ doubles the next letter, and is no sound.
    let word = numbers::to_words(word, language).replace(['ッ', 'っ'], "");
    let latin = deunicode(&word);
    let mut letters: Vec<u8> = latin.bytes().filter(u8::is_ascii_alphabetic).collect();
    letters.make_ascii_lowercase();
    let mut sounds = Vec::with_capacity(letters.len());
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let rule = rules(language).iter().chain(COMMON).find(|(spelling, _)| fits(spelling, &letters, at));
        let one = [*letter];
        let (length, heard) =
            rule.map_or((1, &one[..]), |(spelling, heard)| (length(spelling), heard.as_bytes()));
        for sound in heard {
            if sounds.last() != Some(sound) {
                sounds.push(*sound);
            }
        }
        at += length;
    }
    sounds
}

fn length(spelling: &str) -> usize {
    spelling.bytes().filter(|byte| !b"^$<".contains(byte)).count().max(1)
}

fn fits(spelling: &str, letters: &[u8], at: usize) -> bool {
    let spelling = spelling.as_bytes();
    if spelling.first() != letters.get(at) && spelling.first() != Some(&b'^') {
        return false;
    }
    let (start, spelling) = spelling.strip_prefix(b"^").map_or((false, spelling), |rest| (true, rest));
    let (end, spelling) = spelling.strip_suffix(b"$").map_or((false, spelling), |rest| (true, rest));
    let (bright, spelling) = spelling.strip_suffix(b"<").map_or((false, spelling), |rest| (true, rest));
    let rest = letters.get(at..).unwrap_or_default();
    let Some(after) = rest.strip_prefix(spelling) else { return false };
    (!start || at == 0)
        // A word is more than its silent end.
        && (!end || (after.is_empty() && at > 0))
        && (!bright || after.first().is_some_and(|letter| b"eiy".contains(letter)))
}

const fn is_vowel(sound: u8) -> bool {
    matches!(sound, b'a' | b'i' | b'o')
}

/// What it costs that a sound is heard, or not heard, beside those of the name, in hundredths.
const fn weight(sound: u8) -> u32 {
    match sound {
        b'a' | b'i' | b'o' => 30,
        b'h' => 25,
        b'w' => 40,
        _ => 90,
    }
}

/// What it costs that one sound is heard for the other, in hundredths; the first is the lesser one.
const fn pair(one: u8, other: u8) -> u32 {
    if is_vowel(one) && is_vowel(other) {
        return 15;
    }
    match &[one, other] {
        b"bp" | b"dt" | b"gk" | b"fv" | b"sz" => 20,
        b"bv" | b"vw" | b"fp" | b"ow" | b"cs" | b"ct" | b"cd" | b"cf" | b"cz" | b"bw" => 30,
        b"sx" | b"xz" | b"mn" | b"lr" | b"gx" | b"gh" | b"hk" => 40,
        b"kx" | b"tx" | b"dx" | b"hx" | b"bf" | b"hr" => 55,
        b"ln" | b"dr" | b"ds" | b"st" | b"bm" | b"hi" => 70,
        _ => 100,
    }
}

/// The letters from `a`, which all sounds are.
const SOUNDS: usize = 26;

/// [`pair`] of each two sounds.
static CHANGES: [[u32; SOUNDS]; SOUNDS] = {
    let mut table = [[0; SOUNDS]; SOUNDS];
    let (mut one, mut first) = (0, b'a');
    while one < SOUNDS {
        let (mut other, mut second) = (0, b'a');
        while other < SOUNDS {
            table[one][other] = match () {
                () if one < other => pair(first, second),
                () if one > other => pair(second, first),
                () => 0,
            };
            other += 1;
            second += 1;
        }
        one += 1;
        first += 1;
    }
    table
};

/// The place of a sound in [`CHANGES`].
fn place(sound: u8) -> usize {
    usize::from(sound.wrapping_sub(b'a')).min(SOUNDS - 1)
}

/// The code of some words, and the cost of all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Code<'a> {
    pub(super) sounds: &'a [u8],
    pub(super) cost: u32,
}

/// The highest possible likeness of two codes, 0 to 1, by how much there is of each.
pub(super) fn at_most(one: Code<'_>, other: Code<'_>) -> f64 {
    let (one, other) = (one.cost, other.cost);
    f64::from(one.min(other)) / f64::from(one.max(other).max(1))
}

/// The cost where none of these sounds is heard.
pub(super) fn cost(sounds: &[u8]) -> u32 {
    sounds.iter().map(|sound| weight(*sound)).sum()
}

/// How alike two codes are, 0 to 1; 0 where it is less than `least`.
pub(super) fn likeness(one: Code<'_>, other: Code<'_>, least: f64) -> f64 {
    let most = f64::from(one.cost.max(other.cost));
    if most <= 0.0 || at_most(one, other) < least {
        return 0.0;
    }
    let alike = |distance: u32| 1.0 - f64::from(distance) / most;
    distance(one.sounds, other.sounds, |far| alike(far) < least).map_or(0.0, alike).max(0.0)
}

/// The least cost that leads from one code to the other; none as soon as it is too far. Plain steps: it is called for each
/// name, and compiled without optimisation where it is tested.
fn distance(one: &[u8], other: &[u8], too_far: impl Fn(u32) -> bool) -> Option<u32> {
    let others: Vec<(usize, u32)> = other.iter().map(|sound| (place(*sound), weight(*sound))).collect();
    let mut row: Vec<u32> = Vec::with_capacity(other.len() + 1);
    row.push(0);
    for (_, heard) in &others {
        row.push(row.last().copied().unwrap_or_default() + heard);
    }
    for sound in one {
        let (lost, changes) = (weight(*sound), &CHANGES[place(*sound)]);
        let mut diagonal = row[0];
        row[0] += lost;
        let mut nearest = row[0];
        let mut left = row[0];
        let mut at = 0;
        for &(place, heard) in &others {
            at += 1;
            let above = row[at];
            let mut least = diagonal + changes[place];
            if above + lost < least {
                least = above + lost;
            }
            if left + heard < least {
                least = left + heard;
            }
            if least < nearest {
                nearest = least;
            }
            diagonal = above;
            row[at] = least;
            left = least;
        }
        if too_far(nearest) {
            return None;
        }
    }
    row.last().copied()
}
