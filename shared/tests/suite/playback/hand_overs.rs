//! Hand-overs: a request that waits is handed the stream that it causes, or gives up.

use std::collections::BTreeMap;
use std::time::Duration;

use ma_alexa::clock::Timestamp;
use ma_alexa::playback::{
    AwaitStart, HANDED_WITHIN, ManualPairing, PairingKind, Player, PlayerId, Push, PushOutcome, Transition,
    WaitState,
};
use proptest::prelude::*;

use super::{at, device, push, push_of};

/// A player that the Echo of its name serves.
fn served(name: &str) -> Player {
    let mut player = Player::new(&PlayerId::from(name));
    player.pair(&ManualPairing {
        player: player.player.clone(),
        device: device(name),
        endpoint: None,
        user: None,
        kind: PairingKind::Manual,
        request: "pairing".to_owned(),
        at: at(0),
    });
    player
}

fn wait(player: &str, request: &str, millis: i64) -> AwaitStart {
    AwaitStart {
        player: PlayerId::from(player),
        device: device(player),
        request: request.to_owned(),
        at: at(millis),
        resumes: false,
        steps: 0,
    }
}

fn press(request: &str, steps: i32, millis: i64) -> AwaitStart {
    AwaitStart { steps, ..wait("Kitchen", request, millis) }
}

/// A push of a sender that leaves its sentence out for a hand-over.
fn silent_push(player: &str, session: &str, millis: i64) -> Push {
    Push { can_skip_speech: Some(true), ..push(player, session, millis) }
}

/// The player after a push, and whether that was handed over.
fn pushed(player: &mut Player, push: &Push) -> bool {
    match push.take(Some(player.clone())) {
        PushOutcome::Late(_) => false,
        PushOutcome::Taken(taken) => {
            *player = *taken;
            push.has_handed_over(player)
        }
    }
}

fn handed(player: &Player, request: &str) -> Option<u64> {
    match player.wait_state(request) {
        WaitState::Handed(handed) => Some(handed.version),
        _ => None,
    }
}

#[test]
fn a_push_is_handed_to_the_request_that_waits_and_to_no_other() {
    let mut player = served("Kitchen");
    assert!(!pushed(&mut player, &silent_push("Kitchen", "one", 0)), "none waits yet");
    assert!(player.hands_over);
    assert_eq!(player.await_start(&wait("Kitchen", "next", 100)), Transition::Applied);
    assert_eq!(player.await_start(&wait("Kitchen", "next", 100)), Transition::AlreadyApplied);
    assert_eq!(player.wait_state("next"), WaitState::Waiting);
    assert!(pushed(&mut player, &silent_push("Kitchen", "two", 400)));
    assert_eq!(handed(&player, "next"), Some(2));
    assert!(!pushed(&mut player, &silent_push("Kitchen", "three", 500)), "one request gets one stream");
    assert_eq!(handed(&player, "next"), Some(2));
    assert_eq!(player.end_wait("next"), player.wait_state("next"), "it plays what it was handed");
    // What is over leaves nothing behind.
    assert!(!pushed(&mut player, &silent_push("Kitchen", "four", 60_000)));
    assert_eq!(player.hand_over, None);
}

#[test]
fn a_push_that_comes_again_is_handed_to_no_later_request() {
    let mut player = served("Kitchen");
    player.await_start(&wait("Kitchen", "next", 0));
    let one = silent_push("Kitchen", "one", 300);
    assert!(pushed(&mut player, &one));
    player.await_start(&wait("Kitchen", "another next", 700));
    assert!(!pushed(&mut player, &Push { request: "again".to_owned(), ..one.clone() }));
    assert!(!pushed(&mut player, &Push { at: at(800), ..one }));
    assert_eq!(player.wait_state("another next"), WaitState::Waiting);
    assert!(pushed(&mut player, &silent_push("Kitchen", "two", 900)));
    assert_eq!(handed(&player, "another next"), Some(2));
}

#[test]
fn an_echo_waits_for_its_own_player_alone() {
    let mut player = served("Kitchen");
    let other = AwaitStart { device: device("Office"), ..wait("Kitchen", "next", 0) };
    assert_eq!(player.await_start(&other), Transition::Rejected);
    player.await_start(&wait("Kitchen", "next", 0));
    player.unpair(&device("Kitchen"), at(10));
    assert!(!pushed(&mut player, &silent_push("Kitchen", "one", 20)), "it is not its player any more");
}

#[test]
fn a_late_push_makes_the_echo_ask() {
    let late = i64::try_from(HANDED_WITHIN.as_millis()).unwrap();
    for (millis, is_handed) in [(late - 1, true), (late, false), (-61_000, false)] {
        let mut player = served("Kitchen");
        player.await_start(&wait("Kitchen", "next", 0));
        assert_eq!(pushed(&mut player, &silent_push("Kitchen", "one", millis)), is_handed, "{millis}");
    }
}

#[test]
fn a_request_that_gave_up_gets_nothing() {
    let mut player = served("Kitchen");
    player.await_start(&wait("Kitchen", "next", 0));
    assert_eq!(player.end_wait("next"), WaitState::Over);
    assert!(!pushed(&mut player, &silent_push("Kitchen", "one", 10)));
    assert_eq!(player.wait_state("next"), WaitState::Over);
}

#[test]
fn a_sender_that_speaks_in_any_case_ends_the_wait() {
    let mut player = served("Kitchen");
    pushed(&mut player, &silent_push("Kitchen", "one", 0));
    player.await_start(&wait("Kitchen", "next", 10));
    let named = Push { request: "names".to_owned(), ..push("Kitchen", "one", 20) };
    assert!(!pushed(&mut player, &named));
    assert!(player.hands_over, "names say nothing of the sentence");
    assert_eq!(player.wait_state("next"), WaitState::Waiting);
    assert!(!pushed(&mut player, &push("Kitchen", "two", 30)));
    assert!(!player.hands_over);
    assert_eq!(player.wait_state("next"), WaitState::Over);
}

#[test]
fn an_announcement_and_a_play_by_the_api_leave_the_wait_alone() {
    let mut player = served("Kitchen");
    player.await_start(&wait("Kitchen", "next", 0));
    let bell = push_of("http://192.168.1.5:8097/announcement/Kitchen.mp3", 10);
    assert!(!pushed(&mut player, &Push { can_skip_speech: Some(true), ..bell }));
    assert!(!pushed(&mut player, &Push { is_play: true, ..push("Kitchen", "api", 20) }));
    assert_eq!(player.wait_state("next"), WaitState::Waiting);
    assert!(pushed(&mut player, &silent_push("Kitchen", "two", 30)));
}

#[test]
fn what_a_request_was_handed_stays_its_own_when_the_next_one_comes() {
    let mut player = served("Kitchen");
    player.await_start(&wait("Kitchen", "first", 0));
    assert!(pushed(&mut player, &silent_push("Kitchen", "one", 10)));
    player.await_start(&wait("Kitchen", "second", 20));
    assert_eq!(handed(&player, "first"), Some(1));
    assert_eq!(player.wait_state("second"), WaitState::Waiting);
    player.await_start(&wait("Kitchen", "third", 30));
    assert_eq!(player.wait_state("second"), WaitState::Replaced);
}

#[test]
fn a_resume_is_handed_what_there_is() {
    let mut player = served("Kitchen");
    pushed(&mut player, &silent_push("Kitchen", "one", 0));
    player.await_start(&wait("Kitchen", "next", 10));
    assert!(!player.awaits_resume(at(20)));
    player.await_start(&AwaitStart { resumes: true, ..wait("Kitchen", "resume", 30) });
    assert!(player.awaits_resume(at(40)));
    assert_eq!(player.hand_over(2, at(40)), Transition::Rejected, "another version");
    assert_eq!(player.hand_over(1, at(40)), Transition::Applied);
    assert_eq!(handed(&player, "resume"), Some(1));
    assert_eq!(player.hand_over(1, at(50)), Transition::Rejected, "none waits any more");
}

#[test]
fn three_presses_in_a_second_are_one_jump() {
    let mut player = served("Kitchen");
    for (number, millis) in [(1, 0), (2, 350), (3, 700)] {
        player.await_start(&press(&format!("press-{number}"), 1, millis));
    }
    assert_eq!(player.send_steps("press-1"), None);
    assert_eq!(player.send_steps("press-2"), None);
    assert_eq!(player.send_steps("press-3"), Some(3));
    // A press after that moves on from what is wanted by then.
    player.await_start(&press("press-4", 1, 900));
    assert_eq!(player.send_steps("press-4"), Some(1));
}

#[test]
fn a_start_that_is_spoken_takes_no_press_away() {
    let mut player = served("Kitchen");
    player.await_start(&press("press", 1, 0));
    assert!(!pushed(&mut player, &push("Kitchen", "of the press before", 200)));
    assert_eq!(player.send_steps("press"), Some(1));
    assert!(!pushed(&mut player, &push("Kitchen", "its own", 700)));
    assert_eq!(player.wait_state("press"), WaitState::Over);
}

#[test]
fn presses_forward_and_back_come_to_nothing_and_slow_ones_count_apart() {
    let mut player = served("Kitchen");
    player.await_start(&press("forward", 1, 0));
    player.await_start(&press("back", -1, 300));
    assert_eq!(player.send_steps("back"), Some(0));
    player.await_start(&press("one", 1, 5000));
    player.await_start(&press("two", 1, 6000));
    assert_eq!(player.send_steps("two"), Some(1));
    player.await_start(&wait("Kitchen", "words", 6100));
    assert_eq!(player.send_steps("words"), Some(0));
    for number in 0..200 {
        player.await_start(&press(&format!("held-{number}"), 1, 10_000 + number));
    }
    assert_eq!(player.send_steps("held-199"), Some(50));
}

#[derive(Clone, Copy, Debug)]
enum Op {
    Wait,
    Press(i32),
    SilentPush,
    SpokenPush,
    PushAgain,
    Announcement,
    GiveUp(usize),
    Pass(u16),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => Just(Op::Wait),
        1 => (-1..=1_i32).prop_map(Op::Press),
        4 => Just(Op::SilentPush),
        1 => Just(Op::SpokenPush),
        1 => Just(Op::PushAgain),
        1 => Just(Op::Announcement),
        3 => (0..4_usize).prop_map(Op::GiveUp),
        3 => (0..3000_u16).prop_map(Op::Pass),
    ]
}

/// A household of two players: the requests of their Echos, and what was handed over.
struct Rooms {
    players: [Player; 2],
    now: Timestamp,
    /// State of each request as it saw it last, by player.
    requests: [BTreeMap<usize, WaitState>; 2],
    /// The versions of which the sender of the push left its sentence out.
    unspoken: [Vec<u64>; 2],
    last: [Option<Push>; 2],
    count: usize,
}

const NAMES: [&str; 2] = ["Kitchen", "Office"];

impl Rooms {
    fn new() -> Self {
        Self {
            players: NAMES.map(served),
            now: at(0),
            requests: Default::default(),
            unspoken: Default::default(),
            last: Default::default(),
            count: 0,
        }
    }

    fn millis(&self) -> i64 {
        self.now.millis() - at(0).millis()
    }

    /// Each request looks, as it does all the time.
    fn look(&mut self, room: usize) {
        for (number, state) in &mut self.requests[room] {
            if *state == WaitState::Waiting {
                *state = self.players[room].wait_state(&number.to_string());
            }
        }
    }

    fn push(&mut self, room: usize, push: Push) {
        if pushed(&mut self.players[room], &push) {
            self.unspoken[room].push(self.players[room].version());
        }
        self.last[room] = Some(push);
    }

    fn take(&mut self, room: usize, op: Op) {
        self.count += 1;
        self.now = self.now.plus(Duration::from_millis(1));
        let (name, number, millis) = (NAMES[room], self.count, self.millis());
        match op {
            Op::Wait | Op::Press(_) => {
                self.look(room);
                let steps = if let Op::Press(steps) = op { steps } else { 0 };
                let wait = AwaitStart { steps, ..wait(name, &number.to_string(), millis) };
                assert_eq!(self.players[room].await_start(&wait), Transition::Applied);
                self.requests[room].insert(number, WaitState::Waiting);
            }
            Op::SilentPush => self.push(room, silent_push(name, &format!("s{number}"), millis)),
            Op::SpokenPush => self.push(room, push(name, &format!("s{number}"), millis)),
            Op::PushAgain => {
                if let Some(last) = self.last[room].clone() {
                    self.push(room, Push { at: self.now, ..last });
                }
            }
            Op::Announcement => {
                let path = format!("http://192.168.1.5:8097/announcement/{name}.mp3");
                let bell = Push { can_skip_speech: Some(true), ..push_of(&path, millis) };
                assert!(!pushed(&mut self.players[room], &bell));
            }
            Op::GiveUp(nth) => {
                if let Some((number, state)) = self.requests[room].iter_mut().nth_back(nth)
                    && *state == WaitState::Waiting
                {
                    *state = self.players[room].end_wait(&number.to_string());
                    assert_ne!(*state, WaitState::Waiting);
                }
            }
            Op::Pass(millis) => self.now = self.now.plus(Duration::from_millis(millis.into())),
        }
    }

    /// All give up in the end. What was handed over is played by one request, and what was not by none.
    fn end(mut self) {
        for (room, name) in NAMES.iter().enumerate() {
            self.look(room);
            let player = &mut self.players[room];
            let mut versions = Vec::new();
            for (number, state) in &mut self.requests[room] {
                if *state == WaitState::Waiting {
                    *state = player.end_wait(&number.to_string());
                }
                match state {
                    WaitState::Handed(handed) => versions.push(handed.version),
                    WaitState::Replaced | WaitState::Over => {}
                    WaitState::Waiting => panic!("{number} waits for ever"),
                }
            }
            versions.sort_unstable();
            assert_eq!(versions, self.unspoken[room], "{name}");
            versions.dedup();
            assert_eq!(versions.len(), self.unspoken[room].len(), "{name}: a stream is handed over once");
        }
    }
}

proptest! {
    #[test]
    fn a_stream_is_played_by_one_request_or_asked_for_by_a_sentence(
        ops in prop::collection::vec((0..2_usize, op()), 0..60)
    ) {
        let mut rooms = Rooms::new();
        for (room, op) in ops {
            rooms.take(room, op);
            rooms.look(room);
        }
        rooms.end();
    }
}
