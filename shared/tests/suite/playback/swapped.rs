//! An Echo that asks for the start of another player: by a new name, or by that of another Echo.

use ma_alexa::playback::{Decision, Household, PlayRequest, ReportedState, Transition};

use super::serving::{DAY, SECOND, give, home, pair};
use super::{Apply as _, GiveReport as _, ask, push};

/// Days on which two Echos that were learned play, the one of the Kitchen and the one of the Office.
fn two_rooms() -> Household {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    assert_eq!(give(&mut home, &ask("k", SECOND)), "claim Kitchen 1");
    home.push(&push("Office", "o1", 60 * SECOND));
    assert_eq!(give(&mut home, &ask("o", 61 * SECOND)), "claim Office 1");
    home
}

#[test]
fn two_echos_that_swap_names_are_told_and_then_followed() {
    let mut home = two_rooms();
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("o", DAY + SECOND)), "of Office but Kitchen 2", "and nothing older");
    assert_eq!(give(&mut home, &ask("o", DAY + 2 * SECOND)), "of Office but Kitchen 2", "asked once more");
    home.push(&push("Office", "o2", DAY + 60 * SECOND));
    assert_eq!(give(&mut home, &ask("k", DAY + 61 * SECOND)), "of Kitchen but Office 2");
    home.push(&push("Kitchen", "k3", 2 * DAY));
    assert_eq!(give(&mut home, &ask("o", 2 * DAY + SECOND)), "claim Kitchen 3", "the evidence repeats");
    home.push(&push("Office", "o3", 2 * DAY + 60 * SECOND));
    assert_eq!(give(&mut home, &ask("k", 2 * DAY + 61 * SECOND)), "claim Office 3");
    home.push(&push("Kitchen", "k4", 3 * DAY));
    assert_eq!(give(&mut home, &ask("o", 3 * DAY + SECOND)), "start Kitchen 4");
    home.push(&push("Office", "o4", 3 * DAY + 60 * SECOND));
    assert_eq!(give(&mut home, &ask("k", 3 * DAY + 61 * SECOND)), "start Office 4");
}

#[test]
fn no_echo_follows_where_the_own_or_a_second_echo_asks() {
    let mut home = two_rooms();
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("o", DAY + SECOND)), "of Office but Kitchen 2");
    assert_eq!(give(&mut home, &ask("x", DAY + 2 * SECOND)), "of none but Kitchen 2");
    home.push(&push("Kitchen", "k3", DAY + 60 * SECOND));
    assert_eq!(give(&mut home, &ask("o", DAY + 61 * SECOND)), "of Office but Kitchen 3", "two had asked");
    home.push(&push("Kitchen", "k4", 2 * DAY));
    // Now that o might follow, both have to claim, and one of them wins.
    let (own, other) = (ask("k", 2 * DAY + SECOND), ask("o", 2 * DAY + SECOND));
    let seen = home.clone();
    let (Decision::Claim(_, first), Decision::Claim(_, second)) =
        (seen.select_stream(&own), seen.select_stream(&other))
    else {
        panic!("{:?} {:?}", seen.select_stream(&own), seen.select_stream(&other))
    };
    assert_eq!((home.claim(&first), home.claim(&second)), (Transition::Applied, Transition::Rejected));
    home.note(&own);
    assert_eq!(give(&mut home, &other), "withdraw", "both say that they are the Kitchen");
    assert_eq!(home.player_mut("Kitchen").stray(), None, "its own Echo asked");
}

#[test]
fn a_start_that_was_played_or_a_person_s_word_speaks_against_following() {
    let mut home = two_rooms();
    pair(&mut home, "Office", "o", DAY);
    for (day, session) in (2..5).zip(["k2", "k3", "k4"]) {
        home.push(&push("Kitchen", session, day * DAY));
        let told = give(&mut home, &ask("o", day * DAY + SECOND));
        assert_eq!(told, format!("of Office but Kitchen {day}"), "a person said that it is the Office");
    }
    let [stray] = home.strays()[..] else { panic!("{:?}", home.strays()) };
    assert_eq!((stray.player.player.as_str(), stray.starts), ("Kitchen", 3));
    home.player_mut("Kitchen").give_report(ReportedState::Playing);
    assert_eq!(home.strays(), [], "it plays after all");
    home.push(&push("Kitchen", "k5", 5 * DAY));
    assert_eq!(home.player_mut("Kitchen").stray(), None);
}

#[test]
fn an_echo_that_takes_the_name_of_a_dead_one_hears_so_and_gets_it() {
    let mut home = two_rooms();
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("new", DAY + SECOND)), "of none but Kitchen 2");
    home.push(&push("Kitchen", "k3", 2 * DAY));
    assert_eq!(give(&mut home, &ask("new", 2 * DAY + SECOND)), "claim Kitchen 3");
}

#[test]
fn an_echo_that_was_paired_after_its_request_gets_the_music() {
    let mut home = two_rooms();
    home.push(&push("Den", "d1", DAY));
    let playing = PlayRequest { plays_ours: true, ..ask("o", DAY + SECOND) };
    assert_eq!(give(&mut home, &playing), "of Office but Den 1");
    pair(&mut home, "Den", "o", DAY + 5 * SECOND);
    assert_eq!(give(&mut home, &ask("o", DAY + 6 * SECOND)), "resume Den 1");
    assert_eq!(give(&mut home, &ask("o", DAY + 7 * SECOND)), "playing Den 1");
}

#[test]
fn a_start_for_another_echo_is_not_played_later() {
    let mut home = two_rooms();
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("o", DAY + SECOND)), "of Office but Kitchen 2");
    let person = PlayRequest { is_ma_phrase: false, ..ask("k", DAY + 60 * SECOND) };
    assert_eq!(give(&mut home, &person), "nothing on Kitchen");
}
