//! Tokens.

use ma_alexa::clock::Timestamp;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::config::Route;
use ma_alexa::playback::{PlayToken, PlayerId, RouteStanding, StartReason};
use proptest::prelude::*;

fn origins() -> impl Strategy<Value = StartReason> {
    prop::sample::select(vec![
        StartReason::Start,
        StartReason::ResumedAtOffset,
        StartReason::ResumedAtStart,
        StartReason::Replayed,
        StartReason::Tested,
    ])
}

fn standings() -> impl Strategy<Value = RouteStanding> {
    prop::sample::select(vec![RouteStanding::Works, RouteStanding::LastChoice, RouteStanding::OneOfSeveral])
}

proptest! {
    #[test]
    fn a_token_is_read_as_it_was_written(
        player in ".{0,300}", version: u64, at: i64, seed: u64, origin in origins(), standing in standings(),
        route in prop::sample::select(Route::ALL.to_vec()),
    ) {
        let random = SeededRandom::new(seed);
        let player = PlayerId::from(player);
        let token = PlayToken::issue(player.key(), version, Timestamp::from_millis(at), origin, &random).unwrap();
        let token = token.by(route, standing);
        let text = token.encode();
        prop_assert_eq!(PlayToken::decode(&text), Some(token));
        prop_assert!(text.len() < 200 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));
    }

    #[test]
    fn anything_else_is_not_ours(text in ".{0,100}") {
        if let Some(token) = PlayToken::decode(&text) {
            prop_assert_eq!(token.encode(), text);
        }
    }
}

#[test]
fn two_plays_of_one_version_have_two_tokens() {
    let random = SeededRandom::new(1);
    let issue = || {
        let key = PlayerId::from("Kitchen").key();
        PlayToken::issue(key, 1, Timestamp::from_millis(5), StartReason::Start, &random).unwrap().encode()
    };
    assert_ne!(issue(), issue());
}

#[test]
fn the_tokens_of_others_are_not_ours() {
    for text in ["", "ma1.q7f3.0007.5c2e9a", "https://music.example.com/flow/s/q/i/p.mp3", "AAAA"] {
        assert_eq!(PlayToken::decode(text), None, "{text}");
    }
}
