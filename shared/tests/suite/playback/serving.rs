//! Which Echo gets which stream, one rule after the other.

use ma_alexa::playback::{
    Decision, Household, ManualPairing, NoStreamReason, PairingKind, PlayRequest, PlayerState, Transition,
    short_hash,
};

use super::{Apply as _, ask, at, device, push};

pub(super) const SECOND: i64 = 1000;
pub(super) const DAY: i64 = 24 * 3600 * SECOND;

pub(super) fn home(pushes: &[(&str, &str, i64)]) -> Household {
    let mut home = Household::default();
    for (player, session, millis) in pushes {
        home.push(&push(player, session, *millis));
    }
    home
}

/// What an Echo is given, as text; a claim is written.
pub(super) fn give(home: &mut Household, ask: &PlayRequest) -> String {
    let given = match home.select_stream(ask) {
        Decision::Start(player) => format!("start {} {}", player.player, player.version()),
        Decision::Resume(player) => format!("resume {} {}", player.player, player.version()),
        Decision::Playing(player) => format!("playing {} {}", player.player, player.version()),
        Decision::Claim(player, claim) => {
            let name = player.player.to_string();
            let version = player.version();
            assert_eq!(home.claim(&claim), Transition::Applied);
            format!("claim {name} {version}")
        }
        Decision::Rebind(rebinds) => {
            for rebind in &rebinds {
                home.player_mut(rebind.player.as_str()).rebind(rebind);
            }
            return give(home, ask);
        }
        Decision::Revoke(revocations) => {
            for revocation in &revocations {
                home.player_mut(revocation.player.as_str()).revoke(revocation);
            }
            "withdraw".to_owned()
        }
        Decision::Elsewhere(elsewhere) => {
            let own = elsewhere.own.map_or_else(|| "none".to_owned(), |own| own.player.to_string());
            let text = format!("of {own} but {} {}", elsewhere.started.player, elsewhere.started.version());
            if let Some(record) = elsewhere.record {
                assert_eq!(
                    home.player_mut(record.player.as_str()).record_stray(&record),
                    Transition::Applied
                );
            }
            text
        }
        Decision::NoStream(NoStreamReason::NotPaired) => "not paired".to_owned(),
        Decision::NoStream(NoStreamReason::NotPlayable(player)) => format!("nothing on {}", player.player),
    };
    home.note(ask);
    given
}

pub(super) fn pair(home: &mut Household, player: &str, echo: &str, millis: i64) {
    home.player_mut(player).pair(&ManualPairing {
        player: player.into(),
        device: device(echo),
        endpoint: None,
        user: None,
        kind: PairingKind::Manual,
        request: format!("pair-{millis}"),
        at: at(millis),
    });
}

#[test]
fn the_first_play_is_claimed_and_the_next_ones_follow() {
    let mut home = home(&[("Kitchen", "s1", 0)]);
    assert_eq!(give(&mut home, &ask("k", SECOND)), "claim Kitchen 1");
    assert_eq!(give(&mut home, &ask("k", 2 * SECOND)), "playing Kitchen 1");
    home.push(&push("Kitchen", "s2", 3 * SECOND));
    assert_eq!(give(&mut home, &ask("k", 4 * SECOND)), "start Kitchen 2");
}

/// Two rooms start one second apart, and each gets its own stream.
#[test]
fn two_rooms_never_get_each_others_stream() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    assert_eq!(give(&mut home, &ask("k", SECOND)), "claim Kitchen 1");
    home.push(&push("Office", "o1", 2 * SECOND));
    assert_eq!(give(&mut home, &ask("o", 3 * SECOND)), "claim Office 1");
    home.push(&push("Kitchen", "k2", DAY));
    home.push(&push("Office", "o2", DAY + SECOND));
    assert_eq!(give(&mut home, &ask("k", DAY + 2 * SECOND)), "start Kitchen 2");
    assert_eq!(give(&mut home, &ask("o", DAY + 2 * SECOND)), "start Office 2");
}

#[test]
fn two_open_starts_are_not_guessed() {
    let mut home = home(&[("Kitchen", "k1", 0), ("Office", "o1", SECOND)]);
    assert_eq!(give(&mut home, &ask("o", 2 * SECOND)), "not paired");
    assert_eq!(give(&mut home, &ask("o", 30 * SECOND)), "claim Office 1", "the other is no longer fresh");
}

#[test]
fn only_music_assistants_words_claim() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    let person = PlayRequest { is_ma_phrase: false, ..ask("k", SECOND) };
    assert_eq!(give(&mut home, &person), "not paired");
}

#[test]
fn a_start_can_be_claimed_for_thirty_seconds() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    assert_eq!(give(&mut home, &ask("k", 30 * SECOND)), "not paired");
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("k", DAY + 29_999)), "claim Kitchen 2");
}

#[test]
fn an_unpaired_echo_does_not_get_what_a_live_one_serves() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    give(&mut home, &ask("k", SECOND));
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("stranger", DAY + SECOND)), "of none but Kitchen 2");
    assert_eq!(give(&mut home, &ask("k", DAY + 2 * SECOND)), "start Kitchen 2");
}

#[test]
fn a_replaced_echo_is_learned_when_two_starts_went_untaken() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    give(&mut home, &ask("old", SECOND));
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("new", DAY + SECOND)), "of none but Kitchen 2");
    home.push(&push("Kitchen", "k3", 2 * DAY));
    assert_eq!(give(&mut home, &ask("new", 2 * DAY + SECOND)), "claim Kitchen 3");
}

#[test]
fn an_echo_that_was_away_for_a_month_is_not_live() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    give(&mut home, &ask("old", SECOND));
    home.push(&push("Kitchen", "k2", 31 * DAY));
    assert_eq!(give(&mut home, &ask("new", 31 * DAY + SECOND)), "claim Kitchen 2");
}

/// An Echo that comes back after it missed a start has to claim its own, since another one could as well.
#[test]
fn an_echo_that_comes_back_and_a_claimer_cannot_both_win() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    give(&mut home, &ask("old", SECOND));
    home.push(&push("Kitchen", "k2", DAY));
    home.push(&push("Kitchen", "k3", 2 * DAY));
    let (back, new) = (ask("old", 2 * DAY + SECOND), ask("new", 2 * DAY + SECOND));
    let seen = home.clone();
    let (Decision::Claim(_, first), Decision::Claim(_, second)) =
        (seen.select_stream(&back), seen.select_stream(&new))
    else {
        panic!("both see it open");
    };
    let mut asked = home.clone();
    asked.note(&back);
    assert_eq!(asked.claim(&second), Transition::Rejected, "the Echo that serves it asked since");
    assert_eq!(home.claim(&first), Transition::Applied);
    assert_eq!(home.claim(&second), Transition::Rejected);
    assert_eq!(home.claim(&first), Transition::AlreadyApplied, "its answer was lost");
}

#[test]
fn a_second_echo_in_music_assistants_words_makes_a_claim_doubtful() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    assert_eq!(give(&mut home, &ask("passer-by", SECOND)), "claim Kitchen 1");
    assert_eq!(give(&mut home, &ask("kitchen", 2 * SECOND)), "withdraw");
    assert_eq!(
        give(&mut home, &ask("kitchen", 3 * SECOND)),
        "not paired",
        "no other Echo gets a contested start"
    );
    assert_eq!(give(&mut home, &ask("passer-by", 4 * SECOND)), "not paired");
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &ask("kitchen", DAY + SECOND)), "claim Kitchen 2");
}

#[test]
fn a_second_echo_that_is_explained_otherwise_changes_nothing() {
    let mut home = home(&[("Kitchen", "k1", 0), ("Office", "o1", 0)]);
    pair(&mut home, "Office", "o", 0);
    assert_eq!(give(&mut home, &ask("k", SECOND)), "claim Kitchen 1");
    assert_eq!(give(&mut home, &ask("o", 2 * SECOND)), "start Office 1");
    assert_eq!(give(&mut home, &ask("o", 3 * SECOND)), "playing Office 1");
    let person = PlayRequest { is_ma_phrase: false, ..ask("stranger", 4 * SECOND) };
    assert_eq!(give(&mut home, &person), "not paired");
    assert_eq!(home.served_by(&device("k")).len(), 1);
}

#[test]
fn a_renamed_echo_also_serves_its_new_name() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    give(&mut home, &ask("k", SECOND));
    home.push(&push("Cuisine", "c1", DAY));
    let playing = PlayRequest { plays_ours: true, ..ask("k", DAY + SECOND) };
    assert_eq!(
        give(&mut home.clone(), &playing),
        "of Kitchen but Cuisine 1",
        "it plays, and is not given more"
    );
    assert_eq!(give(&mut home, &ask("k", DAY + SECOND)), "claim Cuisine 1");
    assert_eq!(home.served_by(&device("k")).len(), 2);
}

#[test]
fn an_echo_that_was_paired_by_hand_learns_nothing() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    pair(&mut home, "Kitchen", "k", SECOND);
    give(&mut home, &ask("k", 2 * SECOND));
    home.push(&push("Cuisine", "c1", DAY));
    assert_eq!(give(&mut home, &ask("k", DAY + SECOND)), "of Kitchen but Cuisine 1");
    assert_eq!(give(&mut home, &ask("k", DAY + 40 * SECOND)), "nothing on Kitchen");
}

#[test]
fn a_player_that_had_an_echo_is_not_a_new_name() {
    let mut home = home(&[("Kitchen", "k1", 0), ("Bath", "b1", 40 * SECOND)]);
    pair(&mut home, "Bath", "b", 0);
    home.player_mut("Bath").unpair(&device("b"), at(SECOND));
    home.player_mut("Kitchen").pairing = None;
    home.push(&push("Kitchen", "k2", 50 * SECOND));
    give(&mut home, &ask("k", 51 * SECOND));
    home.push(&push("Bath", "b2", DAY));
    assert_eq!(give(&mut home, &ask("k", DAY + SECOND)), "of Kitchen but Bath 2");
    assert_eq!(give(&mut home, &ask("new", DAY + 2 * SECOND)), "claim Bath 2");
}

#[test]
fn of_several_players_the_newest_start_goes_first() {
    let mut home = home(&[("Left", "l1", 0), ("Pair", "p1", SECOND), ("Right", "r1", 2 * SECOND)]);
    for player in ["Left", "Pair", "Right"] {
        pair(&mut home, player, "e", 0);
    }
    assert_eq!(give(&mut home, &ask("e", 3 * SECOND)), "start Right 1");
    home.push(&push("Left", "l2", 4 * SECOND));
    assert_eq!(give(&mut home, &ask("e", 5 * SECOND)), "start Left 2");
    assert_eq!(give(&mut home, &ask("e", 6 * SECOND)), "playing Left 2");
}

#[test]
fn a_manual_pairing_keeps_its_player_although_its_echo_is_away() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    pair(&mut home, "Kitchen", "k", 0);
    for (n, session) in ["k2", "k3", "k4"].iter().enumerate() {
        let day = (60 + i64::try_from(n).unwrap()) * DAY;
        home.push(&push("Kitchen", session, day));
        let version = n + 2;
        let given = give(&mut home, &ask("new", day + SECOND));
        assert_eq!(given, format!("of none but Kitchen {version}"));
    }
    let [stray] = home.strays()[..] else { panic!("{:?}", home.strays()) };
    assert_eq!((stray.player.player.as_str(), stray.starts, stray.echo), ("Kitchen", 3, &device("new")));
    pair(&mut home, "Kitchen", "new", 63 * DAY);
    assert_eq!(home.strays(), [], "the remedy");
}

#[test]
fn the_note_counts_for_later_requests_whichever_lands_first() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    give(&mut home, &ask("k", SECOND));
    home.push(&push("Kitchen", "k2", 2 * SECOND));
    let asks = ask("k", 3 * SECOND);
    assert!(matches!(home.select_stream(&asks), Decision::Start(_)), "query before the note");
    home.note(&asks);
    assert!(matches!(home.select_stream(&asks), Decision::Start(_)), "query after the note");
    home.note(&asks);
    assert!(matches!(home.select_stream(&asks), Decision::Start(_)), "after a repeated note");
    assert!(matches!(home.select_stream(&ask("k", 4 * SECOND)), Decision::Playing(_)), "the next request");
    assert!(matches!(home.select_stream(&ask("k", 14 * SECOND)), Decision::Resume(_)), "a later request");
}

#[test]
fn a_start_in_a_lost_answer_is_given_again() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    assert_eq!(give(&mut home, &ask("k", SECOND)), "claim Kitchen 1");
    let again = |lost| PlayRequest { lost, ..ask("k", 2 * SECOND) };
    assert!(matches!(home.select_stream(&again(None)), Decision::Playing(_)));
    assert!(
        matches!(home.select_stream(&again(Some(at(0)))), Decision::Playing(_)),
        "an earlier one was lost"
    );
    assert!(matches!(home.select_stream(&again(Some(at(SECOND)))), Decision::Resume(_)));
}

#[test]
fn the_skill_disabled_and_enabled_again_finds_its_echos() {
    let (user, endpoint) = (short_hash("user"), short_hash("endpoint"));
    let with_endpoint = |echo: &str, millis| PlayRequest {
        endpoint: Some(endpoint.clone()),
        user: Some(user.clone()),
        ..ask(echo, millis)
    };
    let mut home = home(&[("Kitchen", "k1", 0)]);
    give(&mut home, &with_endpoint("before", SECOND));
    assert_eq!(home.player_mut("Kitchen").suspend(&user, at(2 * SECOND)), Transition::Applied);
    assert_eq!(home.served_by(&device("before")).len(), 0);
    home.push(&push("Kitchen", "k2", DAY));
    assert_eq!(give(&mut home, &with_endpoint("after", DAY + SECOND)), "start Kitchen 2");
    let pairing = home.players[0].pairing.clone().unwrap();
    assert_eq!((pairing.device, pairing.user), (Some(device("after")), Some(user)));
}

#[test]
fn a_pairing_without_an_endpoint_does_not_outlive_the_skill() {
    let mut home = home(&[("Kitchen", "k1", 0)]);
    let user = short_hash("user");
    give(&mut home, &PlayRequest { user: Some(user.clone()), ..ask("k", SECOND) });
    home.player_mut("Kitchen").suspend(&user, at(2 * SECOND));
    assert_eq!(home.players[0].pairing, None);
    assert_eq!(give(&mut home, &ask("other", 3 * SECOND)), "not paired", "the start had an Echo");
}

#[test]
fn a_player_is_requested_once_its_echo_asked_and_no_sooner() {
    let mut home = home(&[("Kitchen", "k1", 0), ("Office", "o1", SECOND)]);
    let state = |home: &Household, player: &str| home.view(home.player(&player.into()).unwrap(), at(0)).state;
    assert_eq!(state(&home, "Kitchen"), PlayerState::Idle, "a push is not a request to play");
    pair(&mut home, "Kitchen", "e", 0);
    pair(&mut home, "Office", "e", 0);
    assert_eq!(give(&mut home, &ask("e", 2 * SECOND)), "start Office 1");
    assert_eq!(state(&home, "Office"), PlayerState::Requested);
    assert_eq!(state(&home, "Kitchen"), PlayerState::Idle, "the Echo was given the other");
}
