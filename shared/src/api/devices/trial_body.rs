//! Trials, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::config::Route;
use crate::playback::{
    EchoKind, Form, LeftOut, LeftOutReason, Tone, TonePart, ToneRequest, Trial, TrialStage,
};

/// The last trial of a device.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastTrialBody {
    /// The trial; null where there was none within a day.
    pub test: Option<TrialBody>,
}

/// A trial: links from the sentence to the tones. A time that is null has not come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrialBody {
    /// The device's serial number.
    pub serial: String,
    /// Its progress: `waiting`, `running`, `done`, `never_asked`, `stopped` or `no_report`.
    #[schema(value_type = String, example = "running")]
    pub stage: TrialStage,
    /// Time of its beginning, as all times RFC 3339 in UTC.
    pub begun_at: String,
    /// Time at which Amazon took the sentence that makes the Echo ask.
    pub heard_at: Option<String>,
    /// Time at which the Echo asked, and was answered with the first tone.
    pub asked_at: Option<String>,
    /// Whether the forms are tested; else the routes are. The others have the results of the last trial of them.
    pub is_of_forms: bool,
    /// One for each route, in the order in which they are played.
    pub routes: Vec<ToneBody>,
    /// One for each form, in the order in which they are played.
    pub forms: Vec<FormBody>,
    /// The routes or forms that are not played.
    pub left_out: Vec<LeftOutBody>,
    /// The first route that works.
    #[schema(value_type = Option<String>, example = "door")]
    pub works: Option<Route>,
    /// The kind of the Echo.
    #[serde(skip)]
    pub(crate) echo_kind: Option<EchoKind>,
}

/// The tone by one route.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ToneBody {
    /// The route: `playlist`, `lan` or `door`.
    #[schema(value_type = String, example = "door")]
    pub route: Route,
    /// Its outcome.
    #[serde(flatten)]
    pub played: PlayedToneBody,
}

/// The tone in one form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FormBody {
    /// The form: `playlist_http`, `port`, `address`, `redirect`, `hls_ended` or `hls_live`.
    #[schema(value_type = String, example = "hls_live")]
    pub form: Form,
    /// Whether the Echo asked again for a list that grows; null for another form, and where another process serves it.
    pub asked_again: Option<bool>,
    /// Its outcome.
    #[serde(flatten)]
    pub played: PlayedToneBody,
}

/// The outcome of a tone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlayedToneBody {
    /// Its result.
    pub result: ToneResult,
    /// Time of the answer that carried it.
    pub answered_at: Option<String>,
    /// Time at which it was fetched; null also where another process serves it.
    pub fetched_at: Option<String>,
    /// Time of the Echo's report that it plays.
    pub playing_at: Option<String>,
    /// Time for which the Echo played it, in milliseconds.
    pub played_ms: Option<u64>,
    /// Amazon's type of the error.
    pub error: Option<String>,
    /// The first requests for it, up to 24; none where another process serves it.
    pub requests: Vec<ToneRequestBody>,
}

/// A request for a tone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ToneRequestBody {
    /// Time of the request.
    pub at: String,
    /// `GET` or `HEAD`.
    #[schema(value_type = String, example = "GET")]
    pub method: &'static str,
    /// The part that was asked for: `sound`, `redirect`, `list` or `piece`.
    #[schema(value_type = String, example = "list")]
    pub part: TonePart,
    /// The range that was asked for, or `other`.
    #[schema(example = "bytes=0-")]
    pub range: Option<String>,
    /// The first program that the request named as its sender, or `other`.
    #[schema(example = "AlexaMediaPlayer/2.1")]
    pub agent: Option<String>,
}

/// A route or form that is not played.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeftOutBody {
    /// The route or form.
    #[schema(example = "port")]
    pub name: String,
    /// The code of the reason; it never changes its meaning.
    #[schema(example = "no_other_port")]
    pub code: &'static str,
    /// The reason, as a sentence.
    pub message: &'static str,
}

/// The result of a tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToneResult {
    /// It was not sent.
    Untried,
    /// It was sent, and the Echo has not reported its end.
    Sent,
    /// The Echo played it.
    Works,
    /// The Echo did not play it.
    Failed,
}

impl TrialBody {
    pub(crate) fn of(trial: &Trial, now: Timestamp) -> Self {
        let tones = || trial.earlier.iter().chain(&trial.tones);
        let routes: Vec<ToneBody> = tones().filter_map(ToneBody::of).collect();
        Self {
            serial: trial.serial.clone(),
            stage: trial.stage(now),
            begun_at: trial.begun_at.rfc3339(),
            heard_at: trial.heard_at.map(Timestamp::rfc3339),
            asked_at: trial.asked_at.map(Timestamp::rfc3339),
            is_of_forms: trial.is_of_forms,
            works: routes.iter().find(|tone| tone.played.result == ToneResult::Works).map(|tone| tone.route),
            routes,
            forms: tones().filter_map(FormBody::of).collect(),
            left_out: trial.left_out.iter().copied().map(LeftOutBody::of).collect(),
            echo_kind: trial.echo_kind.clone(),
        }
    }

    /// Whether one of the tones that are tested was played.
    pub(crate) fn is_heard(&self) -> bool {
        let is_heard = |played: &PlayedToneBody| played.result == ToneResult::Works;
        if self.is_of_forms {
            self.forms.iter().any(|form| is_heard(&form.played))
        } else {
            self.works.is_some()
        }
    }
}

impl ToneBody {
    fn of(tone: &Tone) -> Option<Self> {
        Some(Self { route: tone.kind.route()?, played: PlayedToneBody::of(tone) })
    }
}

impl FormBody {
    fn of(tone: &Tone) -> Option<Self> {
        let form = tone.kind.form()?;
        Some(Self { form, asked_again: tone.asked_again(), played: PlayedToneBody::of(tone) })
    }
}

impl PlayedToneBody {
    fn of(tone: &Tone) -> Self {
        let outcome = tone.outcome.as_ref();
        Self {
            result: match (outcome, tone.sent_at) {
                (Some(outcome), _) if outcome.works => ToneResult::Works,
                (Some(_), _) => ToneResult::Failed,
                (None, Some(_)) => ToneResult::Sent,
                (None, None) => ToneResult::Untried,
            },
            answered_at: tone.sent_at.map(Timestamp::rfc3339),
            fetched_at: tone.fetched_at().map(Timestamp::rfc3339),
            playing_at: tone.playing_at.map(Timestamp::rfc3339),
            played_ms: outcome.and_then(|outcome| outcome.played_ms),
            error: outcome.and_then(|outcome| outcome.error.clone()),
            requests: tone.requests.iter().map(ToneRequestBody::of).collect(),
        }
    }
}

impl ToneRequestBody {
    fn of(request: &ToneRequest) -> Self {
        Self {
            at: request.at.rfc3339(),
            method: if request.is_head { "HEAD" } else { "GET" },
            part: request.part,
            range: request.range.clone(),
            agent: request.agent.clone(),
        }
    }
}

impl LeftOutBody {
    fn of(LeftOut { kind, reason }: LeftOut) -> Self {
        Self { name: kind.to_string(), code: reason.code(), message: sentence(reason) }
    }
}

/// Why something is left out, and where there is one, the setting that changes it.
fn sentence(reason: LeftOutReason) -> &'static str {
    match reason {
        LeftOutReason::NoDoor => "the door has no public address: set DOOR_URL",
        LeftOutReason::NoLanDoor => "the door has no address at home with a certificate: set DOOR_LAN_URL",
        LeftOutReason::NoToneAtHome => {
            "the playlist has to name an address at home that serves the tone: set API_URL to the plain address of this \
             program at home, or DOOR_LAN_URL to that of a door at home"
        }
        LeftOutReason::MusicAssistantOnly => {
            "Music Assistant alone answers by this route, and has no tone: the first music that is played by it decides"
        }
        LeftOutReason::NoOtherPort => "no address of the door has another port than 443",
        LeftOutReason::NoBareAddress => "no address of the door is an IP address instead of a name",
        LeftOutReason::NoPublicPlain => "no public address without TLS serves the tone",
    }
}
