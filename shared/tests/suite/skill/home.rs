//! A household with a skill over the SQLite store, in which the test decides the rest.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ma_alexa::account::{ChallengePurpose, OneTimeWord, PairingChallenge};
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::config::{Config, Env};
use ma_alexa::control::Control;
use ma_alexa::deps::Deps;
use ma_alexa::playback::{Household, Metadata, Player, PlayerId, PlayerState, Push};
use ma_alexa::skill::{Rejection, Skill, SkillIdPolicy};
use ma_alexa::store::{ActivityKind, ActivityStore as _, PlaybackStore as _, PushResult, WordStore as _};
use ma_alexa::telemetry::Metrics;
use serde_json::Value;

use super::envelope::{Envelope, Play, SKILL_ID, play};
use super::rules;
use crate::api::store::FaultyStore;
use crate::store::samples;

/// Two minutes before the sample requests, 2026-11-22T07:58:00Z.
pub(super) const START: Timestamp = Timestamp::from_millis(1_795_334_280_000);

pub(super) struct Home {
    pub(super) skill: Skill,
    pub(super) store: Arc<FaultyStore>,
    pub(super) clock: Arc<ManualClock>,
    metrics: Arc<Mutex<Vec<Value>>>,
    random: Arc<SeededRandom>,
}

impl Home {
    /// With a skill id and both public addresses.
    pub(super) fn start() -> Self {
        Self::start_with(&[
            ("SKILL_ID", SKILL_ID),
            ("STREAM_BASE_URL", "https://music.example.com"),
            ("ART_BASE_URL", "https://art.example.com"),
        ])
    }

    pub(super) fn start_with(variables: &[(&str, &str)]) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = Arc::new(FaultyStore::new(clock.clone()));
        let metrics: Arc<Mutex<Vec<Value>>> = Arc::default();
        let random = Arc::new(SeededRandom::new(1));
        let skill = skill(variables, SkillIdPolicy::KnownSkills, &store, &clock, &random, &metrics);
        Self { skill, store, clock, metrics, random }
    }

    /// The skill over the store of another process at the same time.
    pub(super) fn beside(store: Arc<FaultyStore>, clock: Arc<ManualClock>) -> Self {
        let variables = [("SKILL_ID", SKILL_ID), ("STREAM_BASE_URL", "https://music.example.com")];
        let metrics: Arc<Mutex<Vec<Value>>> = Arc::default();
        let random = Arc::new(SeededRandom::new(3));
        let skill = skill(&variables, SkillIdPolicy::KnownSkills, &store, &clock, &random, &metrics);
        Self { skill, store, clock, metrics, random }
    }

    /// The same, whose skill can ask Music Assistant.
    pub(super) fn with_control(self, control: Arc<dyn Control>) -> Self {
        Self { skill: self.skill.with_control(control), ..self }
    }

    /// Another process over the same store.
    pub(super) fn another(&self, variables: &[(&str, &str)], accepts: SkillIdPolicy) -> Skill {
        skill(variables, accepts, &self.store, &self.clock, &self.random, &self.metrics)
    }

    /// Another process over the same store, with its own sink of metrics.
    pub(super) fn counting_in(&self, variables: &[(&str, &str)], metrics: Arc<Metrics>) -> Skill {
        skill_with(variables, SkillIdPolicy::KnownSkills, &self.store, &self.clock, &self.random, metrics)
    }

    /// The answer to a request, which is sent now unless it says when.
    pub(super) async fn ask(&self, envelope: &Envelope) -> Value {
        self.ask_of(&self.skill, envelope).await.unwrap()
    }

    pub(super) async fn ask_of(&self, skill: &Skill, envelope: &Envelope) -> Result<Value, Rejection> {
        let mut envelope = envelope.clone();
        if envelope.0["request"].get("timestamp").is_none() {
            envelope = envelope.at(self.clock.now());
        }
        let answer = serde_json::to_value(skill.answer(&envelope.body()).await?).unwrap();
        rules::check(&envelope.0, &answer);
        Ok(answer)
    }

    /// Asks for what has to play.
    pub(super) async fn play(&self, envelope: &Envelope) -> Play {
        let answer = self.ask(envelope).await;
        play(&answer).unwrap_or_else(|| panic!("it does not play: {answer}"))
    }

    /// A whole queue on a player; another `session` is another start.
    pub(super) async fn push(&self, player: &str, session: &str) -> PushResult {
        self.push_path(&format!("flow/{session}/queue/item/{player}.flac"), Metadata::default()).await
    }

    pub(super) async fn push_path(&self, path: &str, metadata: Metadata) -> PushResult {
        let push = Push { metadata: metadata.clean(), ..push_of(path, self.clock.now()) };
        self.store.push(&push).await.unwrap()
    }

    /// As [`Self::push`], by a sender that leaves its sentence out for a hand-over.
    pub(super) async fn silent_push(&self, player: &str, session: &str) -> PushResult {
        silent_push(&self.store, self.clock.now(), player, session).await
    }

    /// Issues the code with this number for a player, which is the name of the device.
    pub(super) async fn issue(&self, code: usize, player: &str, kind: ChallengePurpose) -> OneTimeWord {
        assert!(self.try_issue(code, player, kind).await);
        OneTimeWord::from_index(code)
    }

    /// The same; `false` where the code is on another challenge.
    pub(super) async fn try_issue(&self, code: usize, player: &str, kind: ChallengePurpose) -> bool {
        let now = self.clock.now();
        let challenge = PairingChallenge {
            word: OneTimeWord::from_index(code),
            serial: format!("G0{}", player.to_uppercase()),
            echo_kind: None,
            player: PlayerId::from(player),
            kind,
            used: None,
            expires_at: now.plus(PairingChallenge::LASTS).seconds(),
        };
        self.store.put_challenge(&challenge, now).await.unwrap()
    }

    /// A player that the Echo of the same name, in lower case, has claimed and plays.
    pub(super) async fn playing(&self, player: &str) -> Play {
        self.push(player, "one").await;
        let play = self.play(&Envelope::play_audio().from(&player.to_lowercase())).await;
        self.pass(1);
        self.ask(&Envelope::event("Started", &play.token, 0).from(&player.to_lowercase())).await;
        self.pass(1);
        play
    }

    /// The same, and stopped by its Echo at an offset.
    pub(super) async fn stopped(&self, player: &str, offset_ms: u64) -> Play {
        let play = self.playing(player).await;
        self.pass(60);
        let stopped = Envelope::event("Stopped", &play.token, offset_ms).from(&player.to_lowercase());
        self.ask(&stopped).await;
        self.pass(1);
        play
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) async fn household(&self) -> Household {
        self.store.household(self.clock.now()).await.unwrap()
    }

    pub(super) async fn player(&self, name: &str) -> Player {
        self.household().await.player(&PlayerId::from(name)).unwrap().clone()
    }

    pub(super) async fn state(&self, name: &str) -> PlayerState {
        let household = self.household().await;
        household.view(household.player(&PlayerId::from(name)).unwrap(), self.clock.now()).state
    }

    /// The Echo that serves a player, as its requests name it.
    pub(super) async fn served_by(&self, player: &str) -> Option<String> {
        let device = self.player(player).await.pairing?.device?;
        Some(device.as_str().trim_start_matches("amzn1.ask.device.").to_owned())
    }

    /// What happened, newest first.
    pub(super) async fn activity(&self) -> Vec<ActivityKind> {
        let recent = self.store.recent(100, self.clock.now()).await.unwrap();
        recent.into_iter().map(|activity| activity.kind).collect()
    }

    /// What a request makes the skill ask of the store.
    pub(super) async fn calls(&self, envelope: &Envelope) -> Vec<&'static str> {
        self.store.calls();
        self.ask(envelope).await;
        let mut calls = self.store.calls();
        calls.sort_unstable();
        calls
    }

    /// How often a metric was counted.
    pub(super) fn counted(&self, metric: &str) -> u64 {
        self.metrics.lock().unwrap().iter().filter_map(|line| line[metric].as_u64()).sum()
    }
}

/// As [`Home::silent_push`].
pub(super) async fn silent_push(
    store: &FaultyStore,
    now: Timestamp,
    player: &str,
    session: &str,
) -> PushResult {
    let push = push_of(&format!("flow/{session}/queue/item/{player}.flac"), now);
    store.push(&Push { can_skip_speech: Some(true), ..push }).await.unwrap()
}

fn push_of(path: &str, now: Timestamp) -> Push {
    samples::push_of(path, &format!("push of {path} at {}", now.millis()), now)
}

fn skill(
    variables: &[(&str, &str)],
    accepts: SkillIdPolicy,
    store: &Arc<FaultyStore>,
    clock: &Arc<ManualClock>,
    random: &Arc<SeededRandom>,
    metrics: &Arc<Mutex<Vec<Value>>>,
) -> Skill {
    let kept = Arc::clone(metrics);
    let metrics = Metrics::to("ma-alexa", move |line| {
        kept.lock().unwrap().push(serde_json::from_str(line).unwrap());
    });
    skill_with(variables, accepts, store, clock, random, Arc::new(metrics))
}

fn skill_with(
    variables: &[(&str, &str)],
    accepts: SkillIdPolicy,
    store: &Arc<FaultyStore>,
    clock: &Arc<ManualClock>,
    random: &Arc<SeededRandom>,
    metrics: Arc<Metrics>,
) -> Skill {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let env = Env::new(move |name| {
        variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    });
    let deps = Deps {
        store: store.clone(),
        clock: clock.clone(),
        random: random.clone(),
        metrics,
        config: Arc::new(Config::from_env(&env).unwrap()),
    };
    Skill::new(deps, accepts)
}
