//! Live events in a message of the stream. Whatever a message holds, it is no error: what cannot be read is left out.
//!
//! Amazon nests JSON in texts of JSON, up to four levels deep (docs/amazon-api.md, 8.4 and 8.5).

use serde_json::Value;

use crate::amazon::reported::NowPlaying;
use crate::clock::Timestamp;

/// Most events of one message that are read.
const MAX_EVENTS: usize = 64;

/// Most levels of JSON in texts that are opened for one value.
const MAX_LEVELS: usize = 4;

/// Longest name of an event, in characters.
const MAX_NAME: usize = 64;

/// Longest serial number, in characters.
const MAX_SERIAL: usize = 64;

/// Longest id of a queue, in characters.
const MAX_QUEUE: usize = 200;

/// Longest title, artist, album or provider, in characters.
const MAX_TEXT: usize = 300;

/// Longest address of a picture, in characters.
const MAX_ADDRESS: usize = 2_000;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveEvent {
    /// Amazon's name of it, such as `PUSH_VOLUME_CHANGE`.
    pub name: String,
    /// The serial number of the device, where the event names one.
    pub serial: Option<String>,
    /// Time by Amazon's clock.
    pub at: Option<Timestamp>,
    /// The content.
    pub kind: EventKind,
}

/// The content of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The volume of the device, and whether it is muted.
    Volume {
        /// 0 to 100.
        volume: u8,
        /// None where the event does not say it.
        muted: Option<bool>,
    },
    /// Whether Amazon reaches the device.
    Online(bool),
    /// Whether the device is not to disturb.
    DoNotDisturb(bool),
    /// A change of what the device plays, of this queue where it is known.
    Player {
        /// The queue.
        queue: Option<String>,
    },
    /// Playback of a queue, without its device.
    NowPlaying {
        /// The queue.
        queue: Option<String>,
        /// Title and the rest.
        playing: Box<NowPlaying>,
    },
    /// A present item has changed somewhere.
    Sessions,
    /// Anything else, and what could not be read.
    Other,
}

/// The events of one message.
#[must_use]
pub fn events(message: &[u8]) -> Vec<LiveEvent> {
    let Ok(message) = serde_json::from_slice::<Value>(message) else { return Vec::new() };
    let payload = opened(&opened(&message["directive"])["payload"]);
    let updates = opened(&payload["renderingUpdates"]);
    updates.as_array().into_iter().flatten().take(MAX_EVENTS).filter_map(event).collect()
}

fn event(update: &Value) -> Option<LiveEvent> {
    let update = opened(update);
    let metadata = opened(&update["resourceMetadata"]);
    let names: Vec<String> =
        [&update["resourceId"], &metadata["command"]].into_iter().filter_map(name).collect();
    let name = names.iter().find(|name| is_known(name)).or(names.first())?.clone();
    let payload = opened(&metadata["payload"]);
    let doppler = opened(&payload["dopplerId"]);
    Some(LiveEvent {
        serial: serial(&doppler["deviceSerialNumber"]),
        at: integer(&metadata["timeStamp"]).map(Timestamp::from_millis),
        kind: kind(&name, &payload).unwrap_or(EventKind::Other),
        name,
    })
}

/// Whether a name has a form of Amazon's. Of an update with two names, the other may be an id.
fn is_known(name: &str) -> bool {
    name.starts_with("PUSH_") || name.starts_with("Notify")
}

fn kind(name: &str, payload: &Value) -> Option<EventKind> {
    Some(match name {
        "PUSH_VOLUME_CHANGE" => EventKind::Volume {
            volume: volume(&payload["volumeSetting"])?,
            muted: payload["isMuted"].as_bool(),
        },
        "PUSH_DOPPLER_CONNECTION_CHANGE" => {
            EventKind::Online(match payload["dopplerConnectionState"].as_str()? {
                "ONLINE" => true,
                "OFFLINE" => false,
                _ => return None,
            })
        }
        "PUSH_DND_STATE_CHANGE" => EventKind::DoNotDisturb(payload["enabled"].as_bool()?),
        "PUSH_AUDIO_PLAYER_STATE" | "PUSH_MEDIA_CHANGE" => {
            EventKind::Player { queue: payload["mediaReferenceId"].as_str().and_then(queue_of_reference) }
        }
        "NotifyNowPlayingUpdated" => {
            let update = opened(&opened(&payload["update"])["update"]);
            let data = opened(&update["nowPlayingData"]);
            data.as_object()?;
            EventKind::NowPlaying { queue: queue(&data), playing: Box::new(now_playing(&data)) }
        }
        "NotifyMediaSessionsUpdated" => EventKind::Sessions,
        _ => return None,
    })
}

fn now_playing(data: &Value) -> NowPlaying {
    let (info, art) = (opened(&data["infoText"]), opened(&data["mainArt"]));
    let (provider, progress) = (opened(&data["provider"]), opened(&data["progress"]));
    let state = bounded(&data["playerState"], MAX_NAME);
    // A position is Amazon's last word on the track only while it plays.
    let plays = state.as_deref() == Some("PLAYING");
    let picture = ["largeUrl", "fullUrl", "mediumUrl", "smallUrl", "tinyUrl", "url"];
    NowPlaying {
        title: bounded(&info["title"], MAX_TEXT),
        artist: bounded(&info["subText1"], MAX_TEXT),
        album: bounded(&info["subText2"], MAX_TEXT),
        art_url: picture.into_iter().find_map(|name| whole(&art[name], MAX_ADDRESS)),
        provider: bounded(&provider["providerName"], MAX_TEXT),
        position_ms: progress["mediaProgress"].as_u64().filter(|_| plays),
        length_ms: progress["mediaLength"].as_u64(),
        state,
    }
}

/// The queue of a now-playing message; that of its media reference where the message has none of its own.
fn queue(data: &Value) -> Option<String> {
    let of_reference = || whole(&opened(&opened(&data["mediaReference"])["value"])["queueId"], MAX_QUEUE);
    whole(&data["queueId"], MAX_QUEUE).or_else(of_reference).filter(|queue| !queue.is_empty())
}

/// The queue in `QUEUE:INDEX`, where Amazon leaves blanks at times (docs/amazon-api.md, 8.5).
fn queue_of_reference(reference: &str) -> Option<String> {
    let queue = reference.rsplit_once(':').map_or(reference, |(queue, _)| queue).trim();
    (!queue.is_empty() && queue.chars().count() <= MAX_QUEUE).then(|| queue.to_owned())
}

/// The value in a text of JSON, over several levels; any other value as it is.
fn opened(value: &Value) -> Value {
    let mut value = value.clone();
    for _ in 0..MAX_LEVELS {
        let Value::String(text) = &value else { break };
        let Ok(inner) = serde_json::from_str(text) else { break };
        value = inner;
    }
    value
}

fn name(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_name = !text.is_empty() && text.len() <= MAX_NAME;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
    (is_name && text.bytes().all(is_plain)).then(|| text.to_owned())
}

fn serial(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_serial = !text.is_empty() && text.len() <= MAX_SERIAL;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (is_serial && text.bytes().all(is_plain)).then(|| text.to_owned())
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn volume(value: &Value) -> Option<u8> {
    let level = value.as_f64().filter(|level| (0.0..=100.0).contains(level))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 100")]
    let volume = level.round() as u8;
    Some(volume)
}

/// A text, cut at the longest length.
fn bounded(value: &Value, longest: usize) -> Option<String> {
    value.as_str().map(|text| text.chars().take(longest).collect())
}

/// A text that is of no use when it is cut.
fn whole(value: &Value, longest: usize) -> Option<String> {
    value.as_str().filter(|text| text.len() <= longest).map(str::to_owned)
}
