//! Context of a request, which every answer needs.

use super::question::OpenQuestion;
use crate::alexa::request::{PlayerActivity, RequestEnvelope};
use crate::alexa::{DeviceId, Locale, SessionId};
use crate::clock::Timestamp;
use crate::playback::{
    PlayToken, ReportedActivity, ReportedPlay, ReportedPosition, RequestId, ShortHash, short_hash,
};
use crate::telemetry::MetricBatch;

/// A request, as far as an answer depends on it.
#[derive(Clone, Debug)]
pub(super) struct SkillRequest {
    pub(super) device: Option<DeviceId>,
    pub(super) endpoint: Option<ShortHash>,
    pub(super) user: Option<ShortHash>,
    pub(super) request: RequestId,
    /// The conversation that it belongs to.
    pub(super) session: Option<SessionId>,
    /// The question that the last answer of the conversation left open.
    pub(super) question: Option<OpenQuestion>,
    /// Time at which it came, by our clock.
    pub(super) at: Timestamp,
    /// Time at which Alexa sent it, by Alexa's clock.
    pub(super) sent_at: Timestamp,
    pub(super) locale: String,
    pub(super) plays_audio: bool,
    /// Whether the Echo shows the names of what it plays.
    pub(super) has_screen: bool,
    /// Stream that the Echo played last, if it is one of ours.
    pub(super) reported: Option<ReportedPosition>,
    pub(super) reported_play: Option<ReportedPlay>,
    pub(super) plays_ours: bool,
    /// Metrics of the request.
    pub(super) tally: MetricBatch,
}

impl SkillRequest {
    pub(super) fn of(envelope: &RequestEnvelope, at: Timestamp, tally: MetricBatch) -> Self {
        let audio_player = envelope.audio_player();
        let reported = audio_player.and_then(|player| {
            let token = PlayToken::decode(player.token.as_deref()?)?;
            Some(ReportedPosition { token, offset_ms: player.offset_ms })
        });
        let active = audio_player.is_some_and(|player| {
            matches!(player.player_activity, PlayerActivity::Playing | PlayerActivity::BufferUnderrun)
        });
        let reported_play = audio_player.zip(reported).map(|(player, reported)| ReportedPlay {
            token: reported.token,
            activity: match player.player_activity {
                PlayerActivity::Playing => ReportedActivity::Plays,
                PlayerActivity::Stopped | PlayerActivity::Finished => ReportedActivity::Ended,
                _ => ReportedActivity::Other,
            },
        });
        Self {
            device: envelope.device_id().cloned(),
            endpoint: envelope.persistent_endpoint_id().map(|id| short_hash(id.as_str())),
            user: envelope.user_id().map(|id| short_hash(id.as_str())),
            request: envelope.request_id().to_owned(),
            session: envelope.session.as_ref().and_then(|session| session.session_id.clone()),
            question: envelope
                .session
                .as_ref()
                .and_then(|session| OpenQuestion::open(session.attributes.kept.as_ref()?)),
            at,
            sent_at: envelope.timestamp().unwrap_or(at),
            locale: envelope.locale().map_or("en-US", Locale::as_str).to_owned(),
            plays_audio: envelope.supports_audio_player(),
            has_screen: envelope.has_screen(),
            reported,
            reported_play,
            plays_ours: active && reported.is_some(),
            tally,
        }
    }

    /// The Echo's name in what people read.
    pub(super) fn echo(&self) -> String {
        self.device.as_ref().map(DeviceId::short_hash).unwrap_or_default()
    }
}
