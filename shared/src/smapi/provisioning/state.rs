//! How far the set-up is, as it is kept between two requests of a page.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::error::SmapiError;
use super::update::Write;
use super::wish::SkillWish;
use crate::clock::Timestamp;
use crate::config::SkillEndpoint;

/// One piece of the set-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Finds out whose skills they are.
    Vendor,
    /// Finds our skill, or makes it.
    Skill,
    /// Lets Alexa invoke the function for this skill.
    Permission,
    /// Writes what the skill is.
    Manifest,
    /// Writes what people can say.
    Model {
        /// In this language.
        locale: String,
    },
    /// Waits until Amazon has built that.
    Build {
        /// In this language.
        locale: String,
    },
    /// Lets the account's Echos use the skill.
    Testing,
    /// Notes the skill's id, so that its requests are accepted.
    Remember,
    /// Tries sentences out.
    Sentences {
        /// In this language.
        locale: String,
    },
}

impl TaskKind {
    /// What it is, for the texts of the pages: `skill-task-CODE`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Skill => "skill",
            Self::Permission => "permission",
            Self::Manifest => "manifest",
            Self::Model { .. } => "model",
            Self::Build { .. } => "build",
            Self::Testing => "testing",
            Self::Remember => "remember",
            Self::Sentences { .. } => "sentences",
        }
    }

    /// Its language, where it is about one.
    #[must_use]
    pub fn locale(&self) -> Option<&str> {
        match self {
            Self::Model { locale } | Self::Build { locale } | Self::Sentences { locale } => Some(locale),
            _ => None,
        }
    }

    /// Whether nothing further can be done without it.
    fn is_needed_by_all(&self) -> bool {
        matches!(self, Self::Vendor | Self::Skill | Self::Permission | Self::Manifest)
    }
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// It has not begun, and does not begin where something that it needs has failed.
    Waiting,
    /// It has begun.
    Running,
    /// It is done.
    Done,
    /// There was nothing to do.
    Unchanged,
    /// It was not done.
    Failed,
}

impl TaskState {
    /// What it is, for the texts of the pages: `skill-state-CODE`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
        }
    }
}

/// What is the matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What it is, for the texts of the pages: `skill-problem-CODE` and `skill-cure-CODE`.
    pub code: String,
    /// What these texts fill in.
    pub details: BTreeMap<String, String>,
}

impl Problem {
    pub(super) fn new(code: &str, details: &[(&str, &str)]) -> Self {
        let details = details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { code: code.to_owned(), details: details.collect() }
    }
}

impl From<&SmapiError> for Problem {
    fn from(error: &SmapiError) -> Self {
        Self { code: error.code().to_owned(), details: error.details() }
    }
}

/// A piece and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Which.
    pub kind: TaskKind,
    /// What became of it.
    pub state: TaskState,
    /// Why it failed, or why it is not done yet: while it runs, it is tried again.
    pub problem: Option<Problem>,
    /// Further problems: each sentence that lands elsewhere has its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Problem>,
}

/// The set-up of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// When it began.
    pub began_at: Timestamp,
    /// When nothing was left to do; some of it may have failed.
    pub finished_at: Option<Timestamp>,
    /// Nothing is done before: Amazon works, or takes no more for now.
    pub not_before: Option<Timestamp>,
    /// The skill, as soon as it is known.
    pub skill_id: Option<String>,
    /// All pieces, in the order in which they are done.
    pub tasks: Vec<Task>,
    /// What the skill is to be.
    pub(super) wish: Wished,
    /// The skill of the job before, where it was about the same endpoint or had not noted a skill that was made.
    #[serde(default)]
    pub(super) earlier: Option<String>,
    /// Further endpoints for which a skill was made, or may have been, that was never noted.
    #[serde(default)]
    pub(super) former: BTreeSet<String>,
    /// Whose skills they are.
    #[serde(default)]
    pub(super) vendor: Option<String>,
    /// When a skill was made without an answer, so that there may be one.
    #[serde(default)]
    pub(super) creating_at: Option<Timestamp>,
    /// How often it was looked for since.
    #[serde(default)]
    pub(super) looks: u32,
    /// Whether this job made the skill.
    #[serde(default)]
    pub(super) created: bool,
    /// Whether this job or one before it made the skill.
    #[serde(default)]
    pub(super) made: bool,
    /// Skills that are not ours.
    #[serde(default)]
    pub(super) examined: BTreeSet<String>,
    /// What was written of the skill: its manifest by an empty name, its models by their locales.
    #[serde(default)]
    pub(super) writes: BTreeMap<String, Write>,
    /// How often the manifest was written again, since Amazon kept another one than it took.
    #[serde(default)]
    pub(super) rewrites: u32,
    /// Amazon does not take events at this endpoint.
    #[serde(default)]
    pub(super) without_events: bool,
    /// How many sentences of a locale were tried out.
    #[serde(default)]
    pub(super) asked: BTreeMap<String, usize>,
    /// How often the piece that runs was not done for now, one after the other.
    #[serde(default)]
    pub(super) attempts: u32,
    /// Since when the piece that runs waits for Amazon without getting any further.
    #[serde(default)]
    pub(super) waiting_since: Option<Timestamp>,
    /// How often the skill was gone.
    #[serde(default)]
    pub(super) restarts: u32,
    /// Who works at it, and until when nobody else does.
    #[serde(default)]
    pub(super) lease: Option<WorkLease>,
}

/// Somebody works at a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WorkLease {
    pub(super) holder: String,
    pub(super) until: Timestamp,
}

/// A wish as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wished {
    pub(super) endpoint: String,
    pub(super) locales: Vec<String>,
    pub(super) invocation_name: String,
}

impl Wished {
    pub(super) fn of(wish: &SkillWish) -> Self {
        let mut locales: Vec<String> = Vec::new();
        for locale in &wish.locales {
            if !locales.iter().any(|known| known == locale.as_str()) {
                locales.push(locale.as_str().to_owned());
            }
        }
        Self {
            endpoint: wish.endpoint.as_str().to_owned(),
            locales,
            invocation_name: wish.invocation_name.as_str().to_owned(),
        }
    }

    /// Whether Alexa invokes a function.
    pub(super) fn is_function(&self) -> bool {
        matches!(SkillEndpoint::parse(&self.endpoint), Ok(SkillEndpoint::Function(_)))
    }
}

impl Job {
    pub(super) fn new(wish: Wished, now: Timestamp, has_permission: bool) -> Self {
        let of_locales = |kind: fn(String) -> TaskKind| wish.locales.iter().cloned().map(kind);
        let mut kinds = vec![TaskKind::Vendor, TaskKind::Skill];
        if has_permission && wish.is_function() {
            kinds.push(TaskKind::Permission);
        }
        kinds.push(TaskKind::Manifest);
        kinds.extend(of_locales(|locale| TaskKind::Model { locale }));
        kinds.extend(of_locales(|locale| TaskKind::Build { locale }));
        kinds.extend([TaskKind::Testing, TaskKind::Remember]);
        kinds.extend(of_locales(|locale| TaskKind::Sentences { locale }));
        let waiting = |kind| Task { kind, state: TaskState::Waiting, problem: None, more: Vec::new() };
        let tasks = kinds.into_iter().map(waiting).collect();
        Self {
            began_at: now,
            finished_at: None,
            not_before: None,
            skill_id: None,
            tasks,
            wish,
            earlier: None,
            former: BTreeSet::new(),
            made: false,
            vendor: None,
            creating_at: None,
            looks: 0,
            created: false,
            examined: BTreeSet::new(),
            writes: BTreeMap::new(),
            rewrites: 0,
            without_events: false,
            asked: BTreeMap::new(),
            attempts: 0,
            waiting_since: None,
            restarts: 0,
            lease: None,
        }
    }

    /// Takes over from the job before what keeps this one from making a second skill.
    pub(super) fn follow(&mut self, before: Self) {
        let is_same = before.wish.endpoint == self.wish.endpoint;
        let is_noted = before.is_done(&TaskKind::Remember);
        if !is_noted && (before.made || before.creating_at.is_some()) {
            self.former = before.former;
            self.former.insert(before.wish.endpoint);
        } else if !is_same {
            return;
        }
        self.earlier = before.skill_id.or(before.earlier);
        (self.creating_at, self.made) = (before.creating_at, before.made);
        self.without_events = is_same && before.without_events;
    }

    /// The endpoints by which the skill is known to be ours.
    pub(super) fn endpoints(&self) -> Vec<String> {
        let former = self.former.iter().filter(|former| **former != self.wish.endpoint);
        std::iter::once(&self.wish.endpoint).chain(former).cloned().collect()
    }

    fn is_done(&self, kind: &TaskKind) -> bool {
        let is_done = |task: &Task| matches!(task.state, TaskState::Done | TaskState::Unchanged);
        self.tasks.iter().any(|task| task.kind == *kind && is_done(task))
    }

    /// Whether nothing is left to do and nothing failed.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        let done = |task: &Task| matches!(task.state, TaskState::Done | TaskState::Unchanged);
        self.finished_at.is_some() && self.tasks.iter().all(done)
    }

    /// Whether somebody works at it.
    pub(super) fn is_leased(&self, now: Timestamp) -> bool {
        self.lease.as_ref().is_some_and(|lease| now.is_before(lease.until, super::run::LEASE))
    }

    /// Gives the piece that runs as many attempts and as much time as it had when it began.
    pub(super) fn refresh(&mut self) {
        (self.attempts, self.waiting_since, self.restarts) = (0, None, 0);
    }

    /// The piece to do next.
    pub(super) fn next(&self) -> Option<usize> {
        self.tasks.iter().position(|task| {
            matches!(task.state, TaskState::Waiting | TaskState::Running) && !self.is_blocked(&task.kind)
        })
    }

    /// Whether something that a piece needs has failed.
    fn is_blocked(&self, kind: &TaskKind) -> bool {
        let failed = |needed: &dyn Fn(&TaskKind) -> bool| {
            self.tasks.iter().any(|task| task.state == TaskState::Failed && needed(&task.kind))
        };
        if failed(&TaskKind::is_needed_by_all) {
            return true;
        }
        match kind {
            TaskKind::Build { locale } => failed(&|kind| *kind == TaskKind::Model { locale: locale.clone() }),
            TaskKind::Sentences { locale } => failed(
                &|kind| matches!(kind, TaskKind::Model { locale: of } | TaskKind::Build { locale: of } if of == locale),
            ),
            TaskKind::Testing => {
                let built = |task: &Task| {
                    matches!(task.kind, TaskKind::Build { .. })
                        && matches!(task.state, TaskState::Done | TaskState::Unchanged)
                };
                !self.tasks.iter().any(built)
            }
            _ => false,
        }
    }

    /// Forgets the skill, which is gone, and all that was done with it.
    pub(super) fn forget_skill(&mut self) {
        (self.skill_id, self.earlier, self.creating_at) = (None, None, None);
        (self.created, self.made, self.looks, self.waiting_since) = (false, false, 0, None);
        self.former.clear();
        self.rewrites = 0;
        self.writes.clear();
        self.asked.clear();
        for task in self.tasks.iter_mut().filter(|task| task.kind != TaskKind::Vendor) {
            (task.state, task.problem) = (TaskState::Waiting, None);
            task.more.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ID: &str = "amzn1.ask.skill.11111111-2222-4333-8444-555555555555";

    fn wish() -> Value {
        json!({
            "endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:ma-alexa-skill",
            "locales": ["de-DE"], "invocation_name": "music assistant",
        })
    }

    fn waiting(kind: &Value) -> Value {
        json!({ "kind": kind, "state": "waiting", "problem": null })
    }

    /// A set-up that waits for the list of skills to show the one that it may have created.
    fn creating() -> Value {
        json!({
            "began_at": 1_795_334_400_000_u64, "finished_at": null, "not_before": 1_795_334_410_000_u64,
            "skill_id": null,
            "tasks": [
                { "kind": "vendor", "state": "unchanged", "problem": null },
                {
                    "kind": "skill", "state": "running",
                    "problem": { "code": "no-answer", "details": { "reason": "no answer" } },
                },
                waiting(&json!("permission")),
                waiting(&json!("manifest")),
                waiting(&json!({ "model": { "locale": "de-DE" } })),
                waiting(&json!({ "build": { "locale": "de-DE" } })),
                waiting(&json!("testing")),
                waiting(&json!("remember")),
                waiting(&json!({ "sentences": { "locale": "de-DE" } })),
            ],
            "wish": wish(), "earlier": null, "former": ["https://skill.example.org/alexa"],
            "vendor": "M1VENDOR", "creating_at": 1_795_334_405_000_u64, "looks": 2,
            "created": false, "made": false,
            "examined": ["amzn1.ask.skill.99999999-2222-4333-8444-555555555555"],
            "writes": {}, "rewrites": 0, "without_events": false, "asked": {}, "attempts": 3,
            "waiting_since": 1_795_334_406_000_u64, "restarts": 1,
            "lease": { "holder": "AbCdEfGhIjKlMnOp", "until": 1_795_334_450_000_u64 },
        })
    }

    /// A set-up that follows one of before, and has done nothing yet.
    fn follower() -> Value {
        let mut job = creating();
        (job["earlier"], job["creating_at"]) = (json!(ID), Value::Null);
        (job["looks"], job["made"], job["examined"]) = (json!(0), json!(true), json!([]));
        job
    }

    /// A set-up that ended, with sentences at other intents.
    fn finished() -> Value {
        let problem = json!({
            "code": "sentence-elsewhere",
            "details": { "sentence": "spiele audio", "expected": "PlayAudio", "got": "-", "locale": "de-DE" },
        });
        let mut job = creating();
        (job["finished_at"], job["not_before"]) = (json!(1_795_334_500_000_u64), Value::Null);
        (job["skill_id"], job["creating_at"], job["examined"]) = (json!(ID), Value::Null, json!([]));
        (job["created"], job["made"], job["looks"]) = (json!(true), json!(true), json!(1));
        job["tasks"] = json!([
            { "kind": "skill", "state": "done", "problem": null },
            { "kind": { "sentences": { "locale": "de-DE" } }, "state": "failed", "problem": problem,
              "more": [problem] },
        ]);
        job["writes"] = json!({
            "": { "before": "etag-1", "etag": null, "at": 1_795_334_420_000_u64, "sent": true, "seen": true },
            "de-DE": { "before": null, "etag": null, "at": 1_795_334_430_000_u64, "sent": false, "seen": false },
        });
        (job["rewrites"], job["without_events"], job["asked"]) =
            (json!(1), json!(true), json!({ "de-DE": 6 }));
        (job["attempts"], job["waiting_since"], job["lease"]) = (json!(0), Value::Null, Value::Null);
        job
    }

    #[test]
    fn the_stored_form_is_read_and_written_as_it_is() {
        for stored in [creating(), follower(), finished()] {
            let job: Job = serde_json::from_value(stored.clone()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(serde_json::to_value(&job).ok(), Some(stored));
        }
    }

    #[test]
    fn a_stored_form_with_required_members_alone_is_read() {
        let required = ["began_at", "finished_at", "not_before", "skill_id", "tasks", "wish"];
        let mut stored = creating();
        if let Value::Object(members) = &mut stored {
            members.retain(|name, _| required.contains(&name.as_str()));
        }
        let job: Job = serde_json::from_value(stored).unwrap_or_else(|error| panic!("{error}"));
        assert!(!job.succeeded());
    }
}
