//! Whatever comes late, early, twice or never: pushes, Music Assistant's sentences, and the answers themselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::future::BoxFuture;
use ma_alexa::clock::Clock as _;
use ma_alexa::control::{Action, Control, ControlError, ControlRequest, Reply};
use proptest::prelude::*;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::super::envelope::{Envelope, play};
use super::super::home::Home;
use super::STARTING;

/// The rooms, each with the Echo of its name.
const ROOMS: [&str; 2] = ["Kitchen", "Office"];

/// Step of the clock, which goes with the time of tokio.
const TICK: Duration = Duration::from_millis(25);

/// Time in which all that was begun comes to its end, and in which a lost answer counts as lost.
const QUIET: Duration = Duration::from_secs(12);

/// A sentence of Music Assistant's, on its way to the Echo.
#[derive(Clone, Copy, Debug)]
enum Sentence {
    Arrives,
    ArrivesTwice,
    IsLost,
}

/// What a start does.
#[derive(Clone, Copy, Debug)]
struct Start {
    /// Milliseconds to its push; none where that is lost.
    push: Option<u16>,
    /// Milliseconds from the push to the same one once more.
    again: Option<u16>,
    /// Whether the sender speaks in any case.
    is_of_older: bool,
    /// Milliseconds from the push to the sentence.
    speaks: u16,
    sentence: Sentence,
}

/// What happens in a room.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A person says "next". The answer may be lost.
    Says { start: Start, is_heard: bool },
    /// A button is pressed so many times within a second.
    Presses { times: u8, start: Start },
    /// Music Assistant starts by itself.
    Starts(Start),
    /// A person says "next", which Music Assistant refuses.
    IsRefused,
}

fn start() -> impl Strategy<Value = Start> {
    let push = prop_oneof![8 => (20..1500_u16).prop_map(Some), 2 => (4200..6000_u16).prop_map(Some), 1 => Just(None)];
    let again = prop_oneof![4 => Just(None), 1 => (100..3000_u16).prop_map(Some)];
    let sentence = prop_oneof![
        5 => Just(Sentence::Arrives), 1 => Just(Sentence::ArrivesTwice), 1 => Just(Sentence::IsLost),
    ];
    (push, again, prop::bool::weighted(0.1), 50..1500_u16, sentence).prop_map(
        |(push, again, is_of_older, speaks, sentence)| Start { push, again, is_of_older, speaks, sentence },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (start(), prop::bool::weighted(0.8)).prop_map(|(start, is_heard)| Step::Says { start, is_heard }),
        2 => (1..4_u8, start()).prop_map(|(times, start)| Step::Presses { times, start }),
        2 => start().prop_map(Step::Starts),
        1 => Just(Step::IsRefused),
    ]
}

/// A stream of a room.
#[derive(Clone, Debug, Default)]
struct Stream {
    /// Whether the push got the answer that needs no sentence.
    is_handed: bool,
    /// How many sentences for it have come to the Echo.
    heard: usize,
    /// How many answers had it, and how many of those were lost.
    given: usize,
    lost: usize,
    /// Whether a person asked for something else since.
    is_followed: bool,
}

#[derive(Debug, Default)]
struct Room {
    /// The streams in the order of their first pushes, by their sessions.
    streams: Vec<(String, Stream)>,
    /// Token and session of what the Echo plays.
    playing: Option<(String, String)>,
    /// What Music Assistant does at the next requests, oldest first; none where it refuses.
    plans: Vec<Option<Start>>,
    actions: Vec<Action>,
    /// The commands that were to come of all that was said and pressed.
    expected: usize,
}

impl Room {
    fn stream(&mut self, session: &str) -> &mut Stream {
        if !self.streams.iter().any(|(known, _)| known == session) {
            self.streams.push((session.to_owned(), Stream::default()));
        }
        self.streams.iter_mut().find(|(known, _)| known == session).map(|(_, stream)| stream).unwrap()
    }
}

type Rooms = Arc<Mutex<BTreeMap<&'static str, Room>>>;

/// Music Assistant, which does what the room has planned.
#[derive(Debug)]
struct Planned {
    rooms: Rooms,
    starts: mpsc::UnboundedSender<(&'static str, Start)>,
}

impl Control for Planned {
    fn carry_out<'a>(&'a self, request: &'a ControlRequest) -> BoxFuture<'a, Reply> {
        Box::pin(async move {
            let room = ROOMS.into_iter().find(|room| *room == request.player.as_str()).unwrap();
            let plan = {
                let mut rooms = self.rooms.lock().unwrap();
                let room = rooms.get_mut(room).unwrap();
                room.actions.push(request.action.clone());
                room.plans.remove(0)
            };
            sleep(Duration::from_millis(30)).await;
            let Some(start) = plan else { return Reply::Failed(ControlError::NoSuchItem) };
            self.starts.send((room, start)).unwrap();
            STARTING
        })
    }
}

/// The home, its Echos and Music Assistant's provider.
struct World {
    home: Home,
    rooms: Rooms,
    count: Mutex<usize>,
    /// Pushes go one after the other, in the order of their streams.
    turn: tokio::sync::Mutex<()>,
}

impl World {
    async fn start() -> (Arc<Self>, mpsc::UnboundedReceiver<(&'static str, Start)>) {
        let rooms: Rooms = Arc::default();
        for room in ROOMS {
            rooms.lock().unwrap().insert(room, Room::default());
        }
        let (starts, started) = mpsc::unbounded_channel();
        let home = Home::start().with_control(Arc::new(Planned { rooms: Arc::clone(&rooms), starts }));
        let world =
            Arc::new(Self { home, rooms, count: Mutex::default(), turn: tokio::sync::Mutex::default() });
        for room in ROOMS {
            world.pushes(room, "begun", false).await;
            world.hears(room, "begun").await;
        }
        (world, started)
    }

    fn room<T>(&self, name: &str, look: impl FnOnce(&mut Room) -> T) -> T {
        let mut rooms: MutexGuard<'_, _> = self.rooms.lock().unwrap();
        look(rooms.get_mut(name).unwrap())
    }

    /// The request with what the Echo of the room plays.
    fn of_echo(&self, room: &str, asked: Envelope) -> Envelope {
        let asked = asked.from(&room.to_lowercase());
        match self.room(room, |room| room.playing.clone()) {
            Some((token, _)) => asked.after(&token, 1000, "PLAYING"),
            None => asked,
        }
    }

    async fn asks(&self, room: &'static str, asked: Envelope, is_heard: bool) {
        let answer = self.home.ask(&self.of_echo(room, asked)).await;
        self.obeys(room, &answer, is_heard).await;
    }

    /// Plays what the answer has, and reports it.
    async fn obeys(&self, room: &'static str, answer: &Value, is_heard: bool) {
        let Some(given) = play(answer) else { return };
        assert!(given.url.ends_with(&format!("/{room}.mp3")), "{room} plays its own: {}", given.url);
        let session = given.url.split('/').nth(4).unwrap().to_owned();
        self.room(room, |room| {
            let stream = room.stream(&session);
            stream.given += 1;
            stream.lost += usize::from(!is_heard);
            if is_heard {
                room.playing = Some((given.token.clone(), session));
            }
        });
        if is_heard {
            let started = Envelope::event("Started", &given.token, 0).from(&room.to_lowercase());
            self.home.ask(&started).await;
        }
    }

    /// A push of a stream. Whether its sender needs no sentence.
    async fn pushes(&self, room: &str, session: &str, is_of_older: bool) -> bool {
        let _turn = self.turn.lock().await;
        self.room(room, |room| {
            room.stream(session);
        });
        if is_of_older {
            self.home.push(room, session).await;
            return false;
        }
        let handed = self.home.silent_push(room, session).await.handed;
        self.room(room, |room| room.stream(session).is_handed |= handed);
        handed
    }

    /// Music Assistant's sentence reaches the Echo.
    async fn hears(&self, room: &'static str, session: &str) {
        self.room(room, |room| room.stream(session).heard += 1);
        self.asks(room, Envelope::play_audio(), true).await;
    }

    /// Pushes as the plan says, and speaks where that is needed.
    async fn starts(&self, room: &'static str, start: Start) {
        let Some(push) = start.push else { return };
        sleep(Duration::from_millis(push.into())).await;
        let session = {
            let mut count = self.count.lock().unwrap();
            *count += 1;
            format!("s{count}")
        };
        let is_handed = self.pushes(room, &session, start.is_of_older).await;
        let again = async {
            let Some(after) = start.again else { return };
            sleep(Duration::from_millis(after.into())).await;
            // What was replaced meanwhile is not pushed again by a sender that began the next one.
            assert!(!self.home.silent_push(room, &session).await.handed, "{session} is handed over again");
        };
        let speaks = async {
            if is_handed {
                return;
            }
            sleep(Duration::from_millis(start.speaks.into())).await;
            let times = match start.sentence {
                Sentence::Arrives => 1,
                Sentence::ArrivesTwice => 2,
                Sentence::IsLost => 0,
            };
            for _ in 0..times {
                self.hears(room, &session).await;
            }
        };
        tokio::join!(again, speaks);
    }

    async fn takes(&self, room: &'static str, step: Step) {
        let plans = |plan: Option<Start>| {
            self.room(room, |room| {
                room.plans.push(plan);
                room.expected += 1;
                room.streams.iter_mut().for_each(|(_, stream)| stream.is_followed = true);
            });
        };
        match step {
            Step::Says { start, is_heard } => {
                plans(Some(start));
                self.asks(room, super::next(), is_heard).await;
            }
            Step::IsRefused => {
                plans(None);
                self.asks(room, super::next(), true).await;
            }
            Step::Presses { times, start } => {
                plans(Some(start));
                let press = |number: u8| async move {
                    sleep(Duration::from_millis(300 * u64::from(number))).await;
                    self.asks(room, Envelope::button("Next"), true).await;
                };
                futures_util::future::join_all((0..times).map(press)).await;
            }
            Step::Starts(start) => self.starts(room, start).await,
        }
    }

    /// Looks after an answer that was lost, as the program at home does: Music Assistant starts the music again.
    async fn heals(&self, room: &'static str) {
        let player = self.home.player(room).await;
        let is_lost = player.lost_hand_over(player.version()).is_some();
        let (session, stream) = self.room(room, |room| room.streams.last().cloned().unwrap());
        let was_lost = stream.is_handed && stream.lost > 0;
        // A request that takes the place of a lost one is the person's own way to heal it.
        assert!(is_lost == was_lost || was_lost && stream.is_followed, "{room} {session}: {stream:?}");
        if is_lost {
            assert!(!self.pushes(room, "healed", false).await, "no request waits, so Music Assistant speaks");
            self.hears(room, "healed").await;
        }
    }

    fn check(&self, room: &'static str) {
        self.room(room, |room| {
            assert_eq!(room.actions.len(), room.expected, "{:?}", room.actions);
            for (session, stream) in &room.streams {
                assert!(stream.given - stream.lost <= 1, "{session} is heard twice: {stream:?}");
                // Where a newer one has started before the answer was made, that one is what plays.
                let is_newest = room.streams.last().is_some_and(|(newest, _)| newest == session);
                if stream.is_handed {
                    assert!(stream.given <= 1, "{session} is in one answer: {stream:?}");
                    assert!(stream.given == 1 || !is_newest, "{session} is in no answer: {stream:?}");
                }
            }
            let (newest, stream) = room.streams.last().unwrap();
            let playing = room.playing.as_ref().map(|(_, session)| session);
            if stream.heard > 0 || stream.given > stream.lost {
                assert_eq!(playing, Some(newest), "{:?}", room.streams);
            }
        });
    }
}

/// Lives through it all. How many streams were handed over, and how many answers were lost.
async fn live(steps: Vec<(usize, Step, u16)>) -> (usize, usize) {
    let (world, mut started) = World::start().await;
    let clock = Arc::clone(&world.home.clock);
    let began = (Instant::now(), clock.now());
    let ticking = tokio::spawn(async move {
        loop {
            sleep(TICK).await;
            clock.set(began.1.plus(began.0.elapsed()));
        }
    });
    let mut tasks = tokio::task::JoinSet::new();
    let plans = Arc::clone(&world);
    let provider = tokio::spawn(async move {
        let mut starts = tokio::task::JoinSet::new();
        while let Some((room, start)) = started.recv().await {
            let world = Arc::clone(&plans);
            starts.spawn(async move { world.starts(room, start).await });
            while let Some(done) = starts.try_join_next() {
                done.unwrap();
            }
        }
    });
    let mut free = [Duration::ZERO; 2];
    for (room, step, gap) in steps {
        // A person waits until the presses before are one command: more than a second.
        let wait = free[room].saturating_sub(began.0.elapsed());
        sleep(wait).await;
        free[room] = began.0.elapsed() + Duration::from_millis(2100);
        let world = Arc::clone(&world);
        tasks.spawn(async move { world.takes(ROOMS[room], step).await });
        sleep(Duration::from_millis(gap.into())).await;
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    sleep(QUIET).await;
    assert!(!provider.is_finished(), "a start has failed");
    for room in ROOMS {
        world.heals(room).await;
        world.check(room);
    }
    ticking.abort();
    provider.abort();
    let rooms = world.rooms.lock().unwrap();
    let all = || rooms.values().flat_map(|room| &room.streams);
    let handed = all().filter(|(_, stream)| stream.is_handed).count();
    (handed, all().map(|(_, stream)| stream.lost).sum())
}

#[test]
fn each_start_is_heard_once_and_the_newest_one_plays_whatever_comes_late_early_twice_or_never() {
    let config = ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let counted = std::cell::Cell::new((0, 0));
    let steps = prop::collection::vec((0..2_usize, step(), 0..6000_u16), 1..14);
    runner
        .run(&steps, |steps| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .start_paused(true)
                .build()
                .unwrap();
            let (handed, lost) = runtime.block_on(live(steps));
            let before = counted.get();
            counted.set((before.0 + handed, before.1 + lost));
            Ok(())
        })
        .unwrap();
    let (handed, lost) = counted.get();
    assert!(handed > 30 && lost > 5, "{handed} were handed over, {lost} answers were lost");
}
