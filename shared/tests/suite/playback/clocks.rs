//! Clocks: which start is the newest, after the wall clock was set back by an hour, 30 days, a year.

use ma_alexa::playback::{Decision, Household, ManualPairing, PairingKind};

use super::{Apply as _, ask, at, device, push};

const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;
const BACK: [i64; 3] = [HOUR, 30 * 24 * HOUR, 365 * 24 * HOUR];

fn pair(home: &mut Household, player: &str, millis: i64) {
    home.player_mut(player).pair(&ManualPairing {
        player: player.into(),
        device: device("k"),
        endpoint: None,
        user: None,
        kind: PairingKind::Manual,
        request: format!("pair-{player}-{millis}"),
        at: at(millis),
    });
}

/// What the Echo is given, and that it asked.
fn give(home: &mut Household, millis: i64) -> String {
    let ask = ask("k", millis);
    let given = match home.select_stream(&ask) {
        Decision::Start(player) => format!("start {} {}", player.player, player.version()),
        Decision::Resume(player) => format!("resume {} {}", player.player, player.version()),
        other => format!("{other:?}"),
    };
    home.note(&ask);
    given
}

#[test]
fn the_newest_push_is_the_newest_although_the_clock_was_set_back() {
    for back in BACK {
        let mut home = Household::default();
        home.push(&push("Kitchen", "k1", back));
        home.push(&push("Office", "o1", back));
        pair(&mut home, "Kitchen", back);
        pair(&mut home, "Office", back);
        home.push(&push("Kitchen", "k2", back + SECOND));
        assert_eq!(give(&mut home, back + 2 * SECOND), "start Kitchen 2");
        home.push(&push("Office", "o2", 0));
        assert_eq!(give(&mut home, SECOND), "start Office 2", "set back by {back} ms");
        assert_eq!(give(&mut home, 2 * SECOND), "resume Office 2", "set back by {back} ms");
        home.push(&push("Kitchen", "k3", 3 * SECOND));
        assert_eq!(give(&mut home, 4 * SECOND), "start Kitchen 3", "set back by {back} ms");
    }
}

#[test]
fn an_older_request_is_resumed_after_the_clock_was_set_back() {
    let mut home = Household::default();
    home.push(&push("Kitchen", "k1", HOUR));
    pair(&mut home, "Kitchen", HOUR);
    assert_eq!(give(&mut home, HOUR + SECOND), "start Kitchen 1");
    assert_eq!(give(&mut home, 0), "resume Kitchen 1");
    assert_eq!(give(&mut home, SECOND), "resume Kitchen 1");
}

#[test]
fn no_other_echo_takes_over_from_one_that_was_seen_before_the_clock_was_set_back() {
    let mut home = Household::default();
    home.push(&push("Kitchen", "k1", HOUR));
    let Decision::Claim(_, claim) = home.select_stream(&ask("k", HOUR)) else { panic!("it is open") };
    home.claim(&claim);
    home.note(&ask("k", HOUR));
    home.push(&push("Kitchen", "k2", 0));
    let given = home.select_stream(&ask("other", SECOND));
    assert!(matches!(given, Decision::NoStream(_) | Decision::Elsewhere(_)), "{given:?}");
    assert_eq!(give(&mut home, 2 * SECOND), "start Kitchen 2");
}

#[test]
fn a_start_from_ahead_is_not_fresh_and_ends() {
    for back in BACK {
        let mut home = Household::default();
        home.push(&push("Kitchen", "k1", back));
        let player = home.player_mut("Kitchen").clone();
        assert!(player.is_fresh(at(back)) && player.is_playable(at(back)));
        assert!(!player.is_fresh(at(0)), "set back by {back} ms");
        assert_eq!(player.is_playable(at(0)), back == HOUR, "music of within 12 hours plays on");
    }
}
