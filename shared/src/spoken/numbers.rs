//! Numbers as people say them, and as they are written.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::language::Language;

/// The numbers whose words are known: up to a hundred, and years.
fn known() -> impl Iterator<Item = u32> {
    (0..=100).chain(1900..=2039)
}

/// How a language counts to a hundred, after folding.
struct Counting {
    /// The words of 0 to 19.
    small: [&'static str; 20],
    /// The words of 20, 30 … 90.
    tens: [&'static str; 8],
    /// What stands between ten and unit.
    joint: &'static str,
    /// Whether the unit stands first.
    unit_first: bool,
}

const ENGLISH: Counting = Counting {
    small: [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ],
    tens: ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
    joint: "",
    unit_first: false,
};
const GERMAN: Counting = Counting {
    small: [
        "null", "eins", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun", "zehn", "elf",
        "zwolf", "dreizehn", "vierzehn", "funfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
    ],
    tens: ["zwanzig", "dreissig", "vierzig", "funfzig", "sechzig", "siebzig", "achtzig", "neunzig"],
    joint: "und",
    unit_first: true,
};
const DUTCH: Counting = Counting {
    small: [
        "nul",
        "een",
        "twee",
        "drie",
        "vier",
        "vijf",
        "zes",
        "zeven",
        "acht",
        "negen",
        "tien",
        "elf",
        "twaalf",
        "dertien",
        "veertien",
        "vijftien",
        "zestien",
        "zeventien",
        "achttien",
        "negentien",
    ],
    tens: ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"],
    joint: "en",
    unit_first: true,
};
const FRENCH: Counting = Counting {
    small: [
        "zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
        "douze", "treize", "quatorze", "quinze", "seize", "dixsept", "dixhuit", "dixneuf",
    ],
    tens: ["vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatrevingt", "quatrevingt"],
    joint: "",
    unit_first: false,
};
const SPANISH: Counting = Counting {
    small: [
        "cero",
        "uno",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
        "trece",
        "catorce",
        "quince",
        "dieciseis",
        "diecisiete",
        "dieciocho",
        "diecinueve",
    ],
    tens: ["veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"],
    joint: "y",
    unit_first: false,
};
const ITALIAN: Counting = Counting {
    small: [
        "zero",
        "uno",
        "due",
        "tre",
        "quattro",
        "cinque",
        "sei",
        "sette",
        "otto",
        "nove",
        "dieci",
        "undici",
        "dodici",
        "tredici",
        "quattordici",
        "quindici",
        "sedici",
        "diciassette",
        "diciotto",
        "diciannove",
    ],
    tens: ["venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"],
    joint: "",
    unit_first: false,
};
const PORTUGUESE: Counting = Counting {
    small: [
        "zero",
        "um",
        "dois",
        "tres",
        "quatro",
        "cinco",
        "seis",
        "sete",
        "oito",
        "nove",
        "dez",
        "onze",
        "doze",
        "treze",
        "quatorze",
        "quinze",
        "dezesseis",
        "dezessete",
        "dezoito",
        "dezenove",
    ],
    tens: ["vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"],
    joint: "e",
    unit_first: false,
};

/// Articles that are numbers too: alone they stay words.
const ARTICLES: [&str; 3] = ["un", "um", "een"];

const fn counting(language: Language) -> &'static Counting {
    match language {
        Language::German => &GERMAN,
        Language::Dutch => &DUTCH,
        Language::French => &FRENCH,
        Language::Spanish => &SPANISH,
        Language::Italian => &ITALIAN,
        Language::Portuguese => &PORTUGUESE,
        Language::English | Language::Arabic | Language::Hindi | Language::Japanese => &ENGLISH,
    }
}

/// The words of a number up to 99, without spaces; empty for a greater one.
fn up_to_99(number: u32, language: Language) -> String {
    let counting = counting(language);
    let small = |number: u32| counting.small.get(number as usize).copied().unwrap_or_default();
    if number < 20 {
        return small(number).to_owned();
    }
    let (ten, unit) = (number / 10, number % 10);
    let tens = counting.tens.get(ten as usize - 2).copied().unwrap_or_default();
    match language {
        Language::French if matches!(ten, 7 | 9) => {
            let joint = if number == 71 { "et" } else { "" };
            return format!("{tens}{joint}{}", small(unit + 10));
        }
        Language::French if unit == 1 && ten < 8 => return format!("{tens}etun"),
        Language::Spanish if ten == 2 && unit > 0 => return format!("veinti{}", small(unit)),
        Language::Italian if matches!(unit, 1 | 8) => {
            let short = tens.get(..tens.len() - 1).unwrap_or_default();
            return format!("{short}{}", small(unit));
        }
        _ => {}
    }
    match (unit, counting.unit_first) {
        (0, _) => tens.to_owned(),
        (1, true) if language == Language::German => format!("ein{}{tens}", counting.joint),
        (_, true) => format!("{}{}{tens}", small(unit), counting.joint),
        (_, false) => format!("{tens}{}{}", counting.joint, small(unit)),
    }
}

/// What people say for a number, without spaces: each usual way.
fn said(number: u32, language: Language) -> Vec<String> {
    let rest = if number.is_multiple_of(100) { String::new() } else { up_to_99(number % 100, language) };
    let all = |heads: &[&str]| heads.iter().map(|head| format!("{head}{rest}")).collect::<Vec<_>>();
    match (number, language) {
        (0..100, _) => vec![up_to_99(number, language)],
        (100, Language::German) => all(&["hundert", "einhundert"]),
        (100, Language::Dutch) => all(&["honderd"]),
        (100, Language::French) => all(&["cent"]),
        (100, Language::Spanish) => all(&["cien"]),
        (100, Language::Italian) => all(&["cento"]),
        (100, Language::Portuguese) => all(&["cem"]),
        (100, _) => all(&["hundred", "onehundred", "ahundred"]),
        (..2000, Language::German) => all(&["neunzehnhundert"]),
        (..2000, Language::Dutch) => all(&["negentienhonderd", "negentien"]),
        (..2000, Language::French) => all(&["milleneufcent", "dixneufcent"]),
        (..2000, Language::Spanish) => all(&["milnovecientos"]),
        (..2000, Language::Italian) => all(&["millenovecento"]),
        (..2000, Language::Portuguese) => all(&["milnovecentose", "milnovecentos"]),
        (..2000, _) => all(&["nineteen", "nineteenhundred", "nineteeno", "nineteenoh"]),
        (_, Language::German) => all(&["zweitausend"]),
        (_, Language::Dutch) => all(&["tweeduizend"]),
        (_, Language::French) => all(&["deuxmille"]),
        (_, Language::Spanish) => all(&["dosmil"]),
        (_, Language::Italian) => all(&["duemila"]),
        (_, Language::Portuguese) => all(&["doismile", "doismil"]),
        (_, _) => all(&["twothousand", "twothousandand", "twenty"]),
    }
}

/// The numbers of a language by what people say, in the order of the letters.
fn spoken(language: Language) -> &'static [(String, u32)] {
    static TABLES: [OnceLock<Vec<(String, u32)>>; Language::ALL.len()] =
        [const { OnceLock::new() }; Language::ALL.len()];
    let at = Language::ALL.iter().position(|other| *other == language).unwrap_or_default();
    TABLES[at].get_or_init(|| {
        let said = |number| said(number, language).into_iter().map(move |said| (said, number));
        let mut table: Vec<(String, u32)> = known().flat_map(said).collect();
        table.sort();
        table.dedup_by(|one, other| one.0 == other.0);
        table
    })
}

/// The longest number that the words begin with: of how many words it is, and its value.
fn longest(words: &[&str], table: &[(String, u32)]) -> Option<(usize, u32)> {
    let (mut said, mut found) = (String::new(), None);
    for (at, word) in words.iter().enumerate() {
        said.push_str(word);
        let next = table.partition_point(|(known, _)| *known < said);
        let Some((known, number)) = table.get(next).filter(|(known, _)| known.starts_with(&said)) else {
            break;
        };
        if *known == said && !(at == 0 && ARTICLES.contains(word)) {
            found = Some((at + 1, *number));
        }
    }
    found
}

/// The words with those of numbers as digits: the language's own, else English ones. The longest number counts.
pub(super) fn to_digits(words: &[&str], language: Language) -> Vec<String> {
    let mut counted = Vec::with_capacity(words.len());
    let mut rest = words;
    while let Some(word) = rest.first() {
        let own = longest(rest, spoken(language));
        let number = own.or_else(|| longest(rest, spoken(Language::English)));
        counted.push(match number {
            Some((_, number)) => number.to_string(),
            None => decade(word).unwrap_or((*word).to_owned()),
        });
        rest = rest.get(number.map_or(1, |(length, _)| length)..).unwrap_or_default();
    }
    counted
}

/// "80s" for "eighties", "achtziger" and "80er".
fn decade(word: &str) -> Option<String> {
    let ten = |ends: &str, tens: &[&str; 8]| {
        let said = word.strip_suffix(ends)?;
        tens.iter().position(|ten| ten.strip_suffix('y').unwrap_or(ten) == said).map(|at| (at + 2) * 10)
    };
    let written =
        || word.strip_suffix("er")?.parse().ok().filter(|ten: &usize| ten.is_multiple_of(10) && *ten < 100);
    let decade = ten("ies", &ENGLISH.tens).or_else(|| ten("er", &GERMAN.tens)).or_else(written)?;
    Some(format!("{decade}s"))
}

/// A word with its digits as people say them; numbers that have no words here digit by digit.
pub(super) fn to_words(word: &str, language: Language) -> Cow<'_, str> {
    if !word.bytes().any(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(word);
    }
    let mut said_word = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, tail) = rest.split_at(start);
        let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (digits, after) = tail.split_at(end);
        said_word.push_str(before);
        let whole = digits.parse().ok().filter(|number| known().any(|known| known == *number));
        if let Some(number) = whole {
            said_word.push_str(said(number, language).first().map_or("", String::as_str));
        } else {
            let each = digits.chars().filter_map(|digit| digit.to_digit(10));
            each.for_each(|digit| said_word.push_str(&up_to_99(digit, language)));
        }
        rest = after;
    }
    said_word.push_str(rest);
    Cow::Owned(said_word)
}
