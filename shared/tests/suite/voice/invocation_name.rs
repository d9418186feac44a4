//! Amazon's rules for invocation names.

use ma_alexa::voice::{InvocationName, InvocationNameError};
use proptest::prelude::*;

fn refused(name: &str) -> InvocationNameError {
    InvocationName::parse(name).unwrap_err()
}

#[test]
fn names_that_keep_the_rules() {
    for name in [
        "music assistant",
        "sam's science trivia",
        "a. b. c. music",
        "höre zu hause",
        "musique de maison",
        "संगीत सहायक",
        "मेरा म्यूज़िक बॉक्स",
        "مساعد الموسيقى",
        "ミュージックアシスタント",
        "音楽係",
        "house of music",
        "twenty one songs",
    ] {
        assert_eq!(InvocationName::parse(name).unwrap().as_str(), name);
    }
    assert_eq!(InvocationName::parse("music assistant").unwrap(), InvocationName::default());
    assert_eq!("music assistant".parse(), Ok(InvocationName::default()));
}

#[test]
fn each_rule_is_named() {
    use InvocationNameError as Rule;
    assert_eq!(refused(""), Rule::Length(0));
    assert_eq!(refused(&"ab ".repeat(17)), Rule::Length(51));
    assert_eq!(refused("Music assistant"), Rule::UpperCase('M'));
    assert_eq!(refused("music assistant 2"), Rule::Digit('2'));
    assert_eq!(refused("music-assistant"), Rule::Character('-'));
    assert_eq!(refused("music \"box\""), Rule::Character('"'));
    assert_eq!(refused(" music box"), Rule::Spacing);
    assert_eq!(refused("music  box"), Rule::Spacing);
    assert_eq!(refused("'s music"), Rule::Apostrophe("'s".into()));
    assert_eq!(refused("music. box"), Rule::Period("music.".into()));
    assert_eq!(refused("music"), Rule::OneWord);
    assert_eq!(refused("my echo music"), Rule::ReservedWord("echo".into()));
    assert_eq!(refused("alexa's music"), Rule::ReservedWord("alexa".into()));
    assert_eq!(refused("play my songs"), Rule::LaunchWord("play".into()));
    assert_eq!(refused("spiele das lied"), Rule::LaunchWord("spiele".into()));
    assert_eq!(refused("songs and music"), Rule::ConnectingWord("and".into()));
    assert_eq!(refused("the music"), Rule::ShortWord("the".into()));
    for rule in [Rule::OneWord, Rule::Spacing, Rule::LaunchWord("play".into())] {
        assert!(rule.to_string().contains("invocation name"), "{rule}");
    }
}

proptest! {
    #[test]
    fn an_accepted_name_keeps_the_rules(text in "\\PC{0,60}|[a-z' .A-Z0-9]{0,55}") {
        if let Ok(name) = InvocationName::parse(&text) {
            prop_assert_eq!(name.as_str(), &text);
            prop_assert!((2..=50).contains(&text.chars().count()));
            prop_assert_eq!(text.to_lowercase(), text.clone());
            prop_assert!(!text.chars().any(char::is_numeric));
            prop_assert_eq!(text.split(' ').collect::<Vec<_>>().join(" "), text.trim());
            prop_assert!(!text.split(' ').any(|word| ["alexa", "play", "and", ""].contains(&word)));
        }
    }

    #[test]
    fn plain_words_are_accepted(words in proptest::collection::vec("m[uo][a-z]{2,6}", 2..5)) {
        let name = words.join(" ");
        prop_assert_eq!(InvocationName::parse(&name).unwrap().to_string(), name);
    }

    #[test]
    fn one_forbidden_word_is_enough(
        words in proptest::collection::vec("m[uo][a-z]{2,6}", 1..4),
        forbidden in prop_oneof!["alexa", "amazon", "skill", "ask", "open", "to", "and"],
        at in 0_usize..4,
    ) {
        let mut words = words;
        words.insert(at.min(words.len()), forbidden);
        prop_assert!(InvocationName::parse(&words.join(" ")).is_err());
    }
}
