//! A trial: an Echo plays a tone by each route, or in each form, one after the other. Its reports tell which of them work.
//!
//! The Echo is made to ask once. The answer carries the first tone, and each later one is the answer to a report of the one
//! before. A failure is answered with a tone that plays at once; a tone that is nearly over, with one that follows it. Alexa
//! takes no stream as an answer to any other report.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::echo::EchoKind;
use super::event::{EchoReport, ReportKind};
use super::form::{Form, LeftOut, ToneKind};
use super::id::{PlayerId, PlayerKey, RequestId};
use super::known_routes::RouteOutcome;
use super::tone_request::{TonePart, ToneRequest};
use crate::alexa::DeviceId;
use crate::clock::Timestamp;

/// Time for the next sign of a trial. Without one it is over.
pub const TRIAL_PATIENCE: Duration = Duration::from_secs(30);

/// Longest time of a trial. After it, it is over.
pub const TRIAL_LENGTH: Duration = Duration::from_mins(5);

/// Most requests that are kept for a tone.
pub const TONE_REQUESTS: usize = 24;

/// Retention of a trial.
const KEPT: Duration = Duration::from_hours(24);

/// Shortest play of the tone that counts as heard, in milliseconds. The tone has five seconds.
const HEARD_MS: u64 = 3000;

/// The same for a list that grows: three seconds of it are there from the beginning.
const HEARD_LIVE_MS: u64 = 4000;

/// Time between two requests for a list of which the second is no repetition of the first.
const ASKED_AGAIN: Duration = Duration::from_millis(800);

/// A trial of the routes of one device, or of the forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Serial number of the device.
    pub serial: String,
    /// Its name at Amazon, which is that of its player.
    pub player: PlayerId,
    /// Its number among the trials of that device. The tokens of a tone have it, and the tone's position added, as
    /// their version.
    pub number: u64,
    /// The kind of its Echo; absent in trials of older releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo_kind: Option<EchoKind>,
    /// Whether it is of the forms; else it is of the routes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_of_forms: bool,
    /// Time of its beginning.
    pub begun_at: Timestamp,
    /// Time at which Amazon took the sentence that makes the Echo ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<Timestamp>,
    /// Time at which the Echo asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// The Echo that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo: Option<DeviceId>,
    /// Its tones, in the order in which they are played.
    pub tones: Vec<Tone>,
    /// The routes or forms that it leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// The tones of the trial before it that was of the other sort.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Tone>,
    /// Whether a person stopped a tone, or spoke to the Echo.
    #[serde(default)]
    pub is_stopped: bool,
    /// Time at which the owner cancelled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// Time of its last change, by our clock.
    pub changed_at: Timestamp,
    /// Time at which the item expires, in seconds since the epoch.
    pub expires_at: i64,
}

/// The tone by one route, or in one form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tone {
    /// The route or form.
    #[serde(flatten)]
    pub kind: ToneKind,
    /// The address from which the Echo fetches it.
    pub url: String,
    /// Time of the answer that carried it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The request of that answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<RequestId>,
    /// Time of the report that it plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playing_at: Option<Timestamp>,
    /// Its outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ToneOutcome>,
    /// The first requests for it, at most [`TONE_REQUESTS`]; none where another process serves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<ToneRequest>,
}

/// Whether an Echo played a tone, by its own reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToneOutcome {
    /// Whether it was heard.
    pub works: bool,
    /// Time of the report.
    pub at: Timestamp,
    /// Time for which it played, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played_ms: Option<u64>,
    /// Amazon's type of the error, where it failed with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Tone {
    fn new((kind, url): (ToneKind, String)) -> Self {
        Self {
            kind,
            url,
            sent_at: None,
            sent_by: None,
            playing_at: None,
            outcome: None,
            requests: Vec::new(),
        }
    }

    /// Time of the first `GET` for it.
    #[must_use]
    pub fn fetched_at(&self) -> Option<Timestamp> {
        self.requests.iter().filter(|request| !request.is_head).map(|request| request.at).min()
    }

    /// Whether the Echo asked again for a list that grows; none for another form, and where no list was fetched here.
    #[must_use]
    pub fn asked_again(&self) -> Option<bool> {
        let is_list = |request: &&ToneRequest| request.part == TonePart::List && !request.is_head;
        let mut lists = self.requests.iter().filter(is_list).map(|request| request.at);
        let first = lists.next().filter(|_| self.kind == ToneKind::Form(Form::HlsLive))?;
        Some(lists.any(|at| at.since(first) >= ASKED_AGAIN))
    }
}

/// The progress of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrialStage {
    /// The Echo has not asked yet.
    Waiting,
    /// A tone was sent, and more is to come.
    Running,
    /// Each tone has its outcome, or those that have none were not needed.
    Done,
    /// The Echo never asked.
    NeverAsked,
    /// A person stopped it.
    Stopped,
    /// The Echo did not report on the last tone.
    NoReport,
}

impl TrialStage {
    /// Whether nothing more happens.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

impl Trial {
    /// A trial of these tones and their addresses.
    #[must_use]
    pub fn new(serial: &str, player: &PlayerId, tones: Vec<(ToneKind, String)>, now: Timestamp) -> Self {
        Self {
            serial: serial.to_owned(),
            player: player.clone(),
            number: Self::number_at(now),
            echo_kind: None,
            is_of_forms: false,
            begun_at: now,
            heard_at: None,
            asked_at: None,
            echo: None,
            tones: tones.into_iter().map(Tone::new).collect(),
            left_out: Vec::new(),
            earlier: Vec::new(),
            is_stopped: false,
            cancelled_at: None,
            changed_at: now,
            expires_at: now.plus(KEPT).seconds(),
        }
    }

    /// The key of the trials of a player's device, in tokens, grants and the store. No player has it.
    #[must_use]
    pub fn key_of(player: &PlayerId) -> PlayerKey {
        PlayerId::from(format!("trial\0{player}")).key()
    }

    /// The number of a trial that begins at `now`.
    #[must_use]
    pub fn number_at(now: Timestamp) -> u64 {
        u64::try_from(now.millis()).unwrap_or_default()
    }

    /// Whether a trial of this number may run still, as far as its beginning shows.
    #[must_use]
    pub fn may_run(number: u64, now: Timestamp) -> bool {
        let begun = i64::try_from(number).map(Timestamp::from_millis);
        begun.is_ok_and(|begun| now.is_within(TRIAL_LENGTH, begun))
    }

    /// Puts `new` in the place of the last trial of its device, unless that one is not over. The results of the other sort
    /// stay.
    pub fn begin(known: &mut Option<Self>, new: &Self) {
        if known.as_ref().is_some_and(|known| !known.stage(new.begun_at).is_over()) {
            return;
        }
        let before = known.take();
        let earlier = before
            .map(|before| if before.is_of_forms == new.is_of_forms { before.earlier } else { before.tones });
        *known = Some(Self { earlier: earlier.unwrap_or_default(), ..new.clone() });
    }

    /// Takes the owner's word that it is enough: no tone is sent any more. Whether it was not over.
    pub fn cancel(&mut self, now: Timestamp) -> bool {
        let runs = !self.stage(now).is_over();
        if runs {
            self.is_stopped = true;
            self.cancelled_at = Some(now);
            self.changed_at = now;
        }
        runs
    }

    /// Whether what plays of it is to stop: the owner cancelled it a moment ago.
    #[must_use]
    pub fn is_to_stop(&self, now: Timestamp) -> bool {
        self.cancelled_at.is_some_and(|at| now.is_within(TRIAL_PATIENCE, at))
    }

    /// Takes note of a request for one of its tones; the first ones are kept.
    pub fn fetch(&mut self, number: u64, at: usize, request: &ToneRequest) {
        let tone = self.tones.get_mut(at).filter(|_| number == self.number);
        if let Some(tone) = tone.filter(|tone| tone.requests.len() < TONE_REQUESTS) {
            tone.requests.push(request.clone());
        }
    }

    /// Takes note that Amazon took the sentence that makes the Echo ask.
    pub fn hear(&mut self, now: Timestamp) {
        if self.heard_at.is_none() {
            self.heard_at = Some(now);
            self.changed_at = self.changed_at.max(now);
        }
    }

    /// Takes the word that comes back: the first tone is sent. The same request again changes nothing.
    pub fn ask(&mut self, echo: &DeviceId, request: &RequestId, now: Timestamp) {
        if self.asked_at.is_some() || self.stage(now).is_over() {
            return;
        }
        self.asked_at = Some(now);
        self.echo = Some(echo.clone());
        self.send(0, request, now);
    }

    /// Takes a report on one of its tones. Where Alexa takes a stream as the answer to it, the next tone is sent.
    pub fn report(&mut self, event: &EchoReport, now: Timestamp) {
        let Some(at) = self.position(event) else { return };
        let sent = self.tones.iter().rposition(|tone| tone.sent_at.is_some());
        let before = (self.tones[at].clone(), self.is_stopped);
        let was_over = self.stage(now).is_over();
        let tone = &mut self.tones[at];
        if event.kind == ReportKind::Started {
            tone.playing_at = Some(tone.playing_at.map_or(event.at, |at| at.min(event.at)));
        }
        tone.outcome = better(tone.outcome.take(), tone_outcome(event, tone.kind));
        self.is_stopped |= event.kind == ReportKind::Stopped;
        let is_answered = matches!(event.kind, ReportKind::NearlyFinished | ReportKind::Failed);
        if is_answered && Some(at) == sent && !self.is_stopped && !was_over {
            self.send(at + 1, &event.request, now);
        }
        if !was_over && before != (self.tones[at].clone(), self.is_stopped) {
            self.changed_at = now;
        }
    }

    fn send(&mut self, at: usize, request: &RequestId, now: Timestamp) {
        if let Some(tone) = self.tones.get_mut(at) {
            tone.sent_at = Some(now);
            tone.sent_by = Some(request.clone());
            self.changed_at = now;
        }
    }

    /// The tone that the answer to a request carries, and the version of its tokens.
    #[must_use]
    pub fn sent_by(&self, request: &str) -> Option<(u64, &Tone)> {
        (self.number..).zip(&self.tones).find(|(_, tone)| tone.sent_by.as_deref() == Some(request))
    }

    /// The outcome of a route that a report proves, where it is the one that counts.
    #[must_use]
    pub fn outcome_of(&self, event: &EchoReport) -> Option<RouteOutcome> {
        let tone = self.tones.get(self.position(event)?)?;
        let route = tone.kind.route()?;
        let known =
            tone.outcome.clone().filter(|known| tone_outcome(event, tone.kind).as_ref() == Some(known));
        known.map(|ToneOutcome { works, at, played_ms, error }| RouteOutcome {
            route,
            works,
            at,
            played_ms,
            error,
        })
    }

    /// The position of the tone that a report is about; none where it is none of its Echo on one of these.
    fn position(&self, event: &EchoReport) -> Option<usize> {
        let at = usize::try_from(event.token.version.checked_sub(self.number)?).ok()?;
        let is_ours = at < self.tones.len() && self.echo.is_some() && self.echo == event.device;
        is_ours.then_some(at)
    }

    /// Its progress at `now`.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> TrialStage {
        let is_late =
            !now.is_within(TRIAL_PATIENCE, self.changed_at) || !now.is_within(TRIAL_LENGTH, self.begun_at);
        let last = self.tones.iter().rev().find(|tone| tone.sent_at.is_some());
        match last {
            _ if self.is_stopped => TrialStage::Stopped,
            None if is_late => TrialStage::NeverAsked,
            None => TrialStage::Waiting,
            Some(_) if self.tones.iter().all(|tone| tone.outcome.is_some()) => TrialStage::Done,
            Some(_) if !is_late => TrialStage::Running,
            Some(tone) if tone.outcome.is_some() => TrialStage::Done,
            Some(_) => TrialStage::NoReport,
        }
    }
}

/// The outcome of a tone by a report. A tone that ends at once was taken for something else.
fn tone_outcome(event: &EchoReport, kind: ToneKind) -> Option<ToneOutcome> {
    let heard = if kind == ToneKind::Form(Form::HlsLive) { HEARD_LIVE_MS } else { HEARD_MS };
    let is_heard = event.offset_ms >= heard;
    let works = match event.kind {
        ReportKind::Failed => false,
        ReportKind::Finished => is_heard,
        ReportKind::NearlyFinished | ReportKind::Stopped if is_heard => true,
        ReportKind::NearlyFinished | ReportKind::Stopped | ReportKind::Started => return None,
    };
    Some(ToneOutcome {
        works,
        at: event.at,
        played_ms: (event.kind != ReportKind::Failed).then_some(event.offset_ms),
        error: event.error.as_ref().map(|error| error.kind.to_string()),
    })
}

/// The one of two outcomes that counts, in whatever order they come: that it works, for the longest time, and else the
/// first.
fn better(one: Option<ToneOutcome>, other: Option<ToneOutcome>) -> Option<ToneOutcome> {
    let rank = |outcome: &ToneOutcome| {
        (outcome.works, outcome.played_ms, std::cmp::Reverse(outcome.at), outcome.error.clone())
    };
    one.into_iter().chain(other).max_by(|one, other| rank(one).cmp(&rank(other)))
}
