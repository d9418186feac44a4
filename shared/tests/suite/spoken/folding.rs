//! One form for all ways to write the same words.

use ma_alexa::spoken::{Language, fold};

#[track_caller]
fn folds(language: Language, text: &str, expected: &str) {
    assert_eq!(fold(text, language), expected, "{text}");
}

#[test]
fn case_accents_and_punctuation_make_no_difference() {
    folds(Language::English, "  Sigur Rós ", "sigur ros");
    folds(Language::German, "Blöf, BLØF & Straße", "blof blof & strasse");
    folds(Language::English, "Guns N' Roses", "guns & roses");
    folds(Language::English, "Simon and Garfunkel", "simon & garfunkel");
    folds(Language::Spanish, "Simon y Garfunkel", "simon & garfunkel");
    folds(Language::English, "P!nk, Ke$ha! AC/DC", "pink kesha ac dc");
    folds(Language::English, "Sgt. Pepper, Mister Blue Sky, Pt. 2", "sgt pepper mr blue sky part 2");
}

#[test]
fn letters_that_are_no_accents_stay() {
    folds(Language::Japanese, "ガラス", "ガラス");
    folds(Language::Hindi, "पुराने गाने", "पुराने गाने");
    folds(Language::Arabic, "أُمّ كلثوم ألف ليلة", "ام كلثوم الف ليله");
}

#[test]
fn numbers_are_digits() {
    folds(Language::English, "Ninety Nine Problems", "99 problems");
    folds(Language::German, "neunundneunzig Luftballons", "99 luftballons");
    folds(Language::French, "quatre-vingt-dix-neuf ballons", "99 ballons");
    folds(Language::French, "soixante et onze, vingt et un", "71 21");
    folds(Language::Spanish, "noventa y nueve globos", "99 globos");
    folds(Language::Italian, "novantanove, ventotto, ventuno", "99 28 21");
    folds(Language::Portuguese, "noventa e nove balões", "99 baloes");
    folds(Language::Dutch, "negenennegentig, vijftien", "99 15");
    folds(Language::English, "nineteen eighty four", "1984");
    folds(Language::German, "neunzehnhundertvierundachtzig", "1984");
    folds(Language::Spanish, "mil novecientos ochenta y cuatro", "1984");
    folds(Language::English, "the eighties", "the 80s");
    folds(Language::German, "Achtziger und 90er", "80s & 90s");
    folds(Language::English, "Symphony No. 9", "symphony 9");
    folds(Language::English, "Led Zeppelin IV, I and X", "led zeppelin 4 i & x");
    folds(Language::Hindi, "४ ٤", "4 4");
}

#[test]
fn articles_are_no_numbers() {
    folds(Language::French, "un autre été", "un autre ete");
    folds(Language::Dutch, "een dag", "een dag");
}

#[test]
fn two_hundred_characters_are_read() {
    let long = "a ".repeat(4000);
    assert_eq!(fold(&long, Language::English).len(), 199);
    for written_out in ["ß", "ﷺ", "dr ", "+"] {
        let folded = fold(&written_out.repeat(200), Language::English);
        assert!(folded.chars().count() <= 200, "{written_out}: {folded}");
        assert_eq!(fold(&folded, Language::English), folded);
    }
}
