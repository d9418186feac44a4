//! What a person says to functions in AWS, to the sound at home: the real functions and bridge, the queue and table of an
//! emulator, a real Music Assistant that plays on the renderers of the home, and an Echo that asks, fetches and reports.

use std::sync::Arc;
use std::time::{Duration, Instant};

use end_to_end::amazon::serial;
use end_to_end::api::{Api, CREDENTIALS};
use end_to_end::bridge::{APART, Queue};
use end_to_end::emulator::Emulator;
use end_to_end::machine;
use end_to_end::measured::percentile;
use end_to_end::music_assistant::{ADMINISTRATOR, Installation};
use end_to_end::tap::Tap;
use end_to_end::tones::Sound;
use ma_alexa::clock::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::json;

use super::echos::Echos;
use super::far::FarHousehold;
use super::house::{Neighbour, beside_aws};
use super::household::RealServer;
use super::queues::{KITCHEN, Queues};
use super::voice::intent;
use crate::local::{command, serve};

const ECHO: &str = serial::KITCHEN;

/// Number of requests that are measured.
const MEASURED: usize = 40;

/// The longest that half of the requests may take to the command at Music Assistant, without the emulator's own time. It is more
/// than the budget, which `tests/bench bridge` holds: this build is without optimisation, and other tests run beside it.
const TO_COMMAND: Duration = Duration::from_millis(600);

/// The longest time until a person hears that the home is silent.
const SILENT_WITHIN: Duration = Duration::from_secs(1);

/// What a story needs. The home may start again.
struct Story {
    household: Arc<FarHousehold>,
    installation: Installation,
    queues: Queues,
    tap: Tap,
    echos: Echos,
}

#[test]
fn what_a_person_says_to_functions_in_aws_is_heard_at_home() {
    let name = "renderers::from_aws::what_a_person_says_to_functions_in_aws_is_heard_at_home";
    beside_aws(name, async |neighbour, emulator| {
        let (story, home) = Story::begin(&neighbour, &emulator).await;
        let listening = tokio::spawn(story.echos.clone().listen());
        story.music_comes_with_the_answer().await;
        story.requests_reach_music_assistant_soon(&emulator).await;
        story.a_late_request_does_nothing(&home).await;
        story.a_silent_home_is_said_at_once(home).await;
        listening.abort();
    });
}

impl Story {
    async fn begin(neighbour: &Neighbour, emulator: &Emulator) -> (Self, RealServer) {
        let household = FarHousehold::start(emulator, &[]).await;
        let (queues, _hook, _sentences) = neighbour.start(&[]).await;
        let tap = Tap::start(queues.ma.api()).await;
        connect(&household, &tap).await;
        let home = household.start_home(&[("RENDERER_BIND", "0.0.0.0:0")]);
        home.offers(ECHO).await;
        // It looked for renderers at its own start, and looks again minutes later.
        queues.ma.look_for_renderers().await;
        queues.have_all().await;
        let echos = Echos::new(Arc::clone(&household) as _, queues.ma.streams());
        let installation = neighbour.installation.clone();
        (Self { household, installation, queues, tap, echos }, home)
    }

    async fn music_comes_with_the_answer(&self) {
        let tracks = self.queues.tracks().await;
        self.queues.play(KITCHEN, &tracks[..3]).await;
        self.queues.is(KITCHEN, "playing", "Tone 1").await;
        assert_eq!(self.sound().await.piece, 0, "a play of Music Assistant");
        assert_eq!(self.echos.sentences(ECHO), 1, "it needs a sentence");

        let mut titles = vec!["Tone 1"];
        for (name, slot, value, title, piece) in [
            ("AMAZON.NextIntent", "", "", "Tone 2", 1),
            ("AMAZON.NextIntent", "", "", "Tone 3", 2),
            ("AMAZON.PreviousIntent", "", "", "Tone 2", 1),
            ("PlaySong", "song", "tone 4", "Tone 4", 3),
        ] {
            let began = Instant::now();
            self.echos.says(ECHO, intent(name, slot, value)).await;
            let answered = began.elapsed();
            titles.push(title);
            assert_eq!(self.echos.titles(ECHO), titles, "{name}: it is in the answer, after {answered:?}");
            assert_eq!(self.sound().await, Sound { piece, second: 0 }, "{name}");
            self.queues.is(KITCHEN, "playing", title).await;
            machine::say(&format!(
                "by the bridge, {name} to the answer with its stream: {} ms",
                answered.as_millis()
            ));
        }
        assert_eq!(self.echos.sentences(ECHO), 1, "no further sentence was needed");
    }

    /// From what a person says to the command at Music Assistant, while the functions are warm.
    async fn requests_reach_music_assistant_soon(&self, emulator: &Emulator) {
        let own = Queue::create(emulator, "own").await.own_times(MEASURED).await;
        let _ = self.tap.take("");
        let mut times = Vec::new();
        for number in 0..MEASURED {
            tokio::time::sleep(APART).await;
            let name = ["AMAZON.ShuffleOnIntent", "AMAZON.ShuffleOffIntent"][number % 2];
            let began = Instant::now();
            let said = self.echos.says(ECHO, intent(name, "", "")).await;
            let commands = self.tap.take("player_queues/shuffle");
            assert_eq!((commands.len(), said.as_str()), (1, "Okay."), "one command for one request");
            times.push(commands[0].duration_since(began));
        }
        let [[p50, p99], [own_p50, own_p99]] =
            [times, own].map(|times| [50, 99].map(|percent| percentile(&times, percent)));
        machine::say(&format!(
            "by the bridge, intent to command at Music Assistant: {MEASURED} requests, p50 {} ms, p99 {} ms; \
             of that the emulator's queue alone: p50 {} ms, p99 {} ms",
            p50.as_millis(),
            p99.as_millis(),
            own_p50.as_millis(),
            own_p99.as_millis(),
        ));
        assert!(p50.saturating_sub(own_p50) < TO_COMMAND, "{p50:?}, of that {own_p50:?} of the emulator");
    }

    /// The home does not get it in time: what was asked then plays at no later time.
    async fn a_late_request_does_nothing(&self, home: &RealServer) {
        let _ = self.tap.take("");
        let before = self.echos.titles(ECHO);
        home.program.freeze();
        let said = self.echos.says(ECHO, intent("AMAZON.NextIntent", "", "")).await;
        home.program.thaw();
        assert!(said.contains("takes too long"), "{said}");
        let _ = home.program.wait_for("a request came after its time");
        // A request that is carried out shows that the one before was not.
        let said = self.echos.says(ECHO, intent("WhatIsPlaying", "", "")).await;
        assert!(said.contains("Tone 4"), "{said}");
        assert_eq!(self.tap.take("player_queues/play_index").len(), 0, "no command after its time");
        assert_eq!(self.echos.titles(ECHO), before);
        assert!(self.echos.plays(ECHO), "what played plays on");
    }

    async fn a_silent_home_is_said_at_once(&self, home: RealServer) {
        home.program.kill();
        self.household.bridge.saw_home_at(SystemClock.now().minus(Duration::from_mins(3))).await;
        let _ = self.tap.take("");
        let began = Instant::now();
        let said = self.echos.says(ECHO, intent("AMAZON.NextIntent", "", "")).await;
        let answered = began.elapsed();
        assert!(said.contains("program at home"), "{said}");
        assert!(answered < SILENT_WITHIN, "{answered:?}");
        assert!(self.echos.plays(ECHO), "what played plays on");

        // Nothing of it waits for a home that comes back.
        let home = self.household.start_home(&[("RENDERER_BIND", "0.0.0.0:0")]);
        self.household.bridge.wait_for_home().await;
        assert_eq!(self.tap.take("player_queues/play_index").len(), 0);
        assert!(home.program.terminate().status.success());
    }

    async fn sound(&self) -> Sound {
        self.echos.sound(ECHO, &self.installation).await
    }
}

/// Connects the home with Music Assistant, as a person does once at `ma-alexa` in the same folder.
async fn connect(household: &FarHousehold, tap: &Tap) {
    let mut local = command(household.bridge.folder(), &[]);
    let (program, base) = serve(local.envs(CREDENTIALS));
    let (name, password) = ADMINISTRATOR;
    let sign_in = json!({ "address": tap.base(), "username": name, "password": password });
    let (status, said) =
        Api::at(&base).ask(Method::POST, "/v1/music-assistant/connect", Some(&sign_in)).await;
    assert_eq!(status, 200, "{said}");
    assert!(program.terminate().status.success());
}
