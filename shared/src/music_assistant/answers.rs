//! Answers of Music Assistant as types. Members that are missing, null or new do not hurt.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient::{items, list, or_default};
use crate::clock::Timestamp;

/// The longest item, in seconds: a week.
const LONGEST_ITEM: f64 = 7.0 * 24.0 * 3600.0;

/// The answer to `GET /info` (`ServerInfoMessage`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MaServerInfo {
    /// `server_id`: it stays the same for one installation.
    #[serde(default, deserialize_with = "or_default")]
    pub server_id: String,
    /// `server_version`: the release.
    #[serde(rename = "server_version")]
    pub version: String,
    /// `schema_version`: the number of the API's schema.
    #[serde(rename = "schema_version")]
    pub schema: u64,
    /// `min_supported_schema_version`: the oldest schema that the server still serves.
    #[serde(default, rename = "min_supported_schema_version", deserialize_with = "or_default")]
    pub oldest_schema: u64,
}

/// Declares an enum of wire strings with one more variant for every other string.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A word that this release does not know, or none.
            #[default]
            Other,
        }

        impl $name {
            /// The word of the wire.
            #[must_use]
            pub fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other => "other",
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(match Value::deserialize(deserializer)?.as_str() {
                    $(Some($text) => Self::$variant,)+
                    _ => Self::Other,
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// The role of a user. Newer servers have roles of the owner's own making, which count as other ones.
    pub enum UserRole {
        /// May do everything.
        Admin = "admin",
        /// May control players and queues.
        User = "user",
        /// May do little, and nothing that is needed here.
        Guest = "guest",
    }
}

words! {
    /// The state of a player or queue.
    pub enum PlaybackState {
        /// It plays.
        Playing = "playing",
        /// It is stopped for now.
        Paused = "paused",
        /// It does nothing.
        Idle = "idle",
    }
}

words! {
    /// The type of a player.
    pub enum PlayerType {
        /// One of its own.
        Player = "player",
        /// Two speakers as one.
        StereoPair = "stereo_pair",
        /// Several players as one.
        Group = "group",
    }
}

words! {
    /// The repeated part of a queue.
    pub enum RepeatMode {
        /// Nothing.
        Off = "off",
        /// The present item.
        One = "one",
        /// The whole queue.
        All = "all",
    }
}

words! {
    /// The kind of a piece of music.
    pub enum MediaKind {
        /// An artist.
        Artist = "artist",
        /// An album.
        Album = "album",
        /// A track.
        Track = "track",
        /// A playlist.
        Playlist = "playlist",
        /// A radio station.
        Radio = "radio",
        /// An audiobook.
        Audiobook = "audiobook",
        /// A podcast.
        Podcast = "podcast",
        /// A genre.
        Genre = "genre",
    }
}

/// The user of a token, from `auth/me`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MaUser {
    /// The name by which the user signs in.
    pub username: String,
    /// The user's role.
    #[serde(default)]
    pub role: UserRole,
}

impl MaUser {
    /// Whether the role may control players and queues.
    #[must_use]
    pub fn may_control(&self) -> bool {
        self.role != UserRole::Guest
    }
}

/// A player, from `players/all`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MaPlayer {
    /// Its id, which is that of its queue.
    pub player_id: String,
    /// Its name. A server sends `display_name` beside it, so that one is no other name of this member.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The instance of the provider, such as `alexa--aBcD` or `universal_player`.
    #[serde(default, deserialize_with = "or_default")]
    pub provider: String,
    /// Whether Music Assistant reaches it.
    #[serde(default = "yes", deserialize_with = "or_yes")]
    pub available: bool,
    /// Its state. For a player of the Alexa provider it is a guess of Music Assistant's.
    #[serde(default)]
    pub playback_state: PlaybackState,
    /// Its type.
    #[serde(default, rename = "type")]
    pub player_type: PlayerType,
    /// The ids of the players that play with it.
    #[serde(default, deserialize_with = "list")]
    pub group_members: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    device_info: DeviceInfo,
    #[serde(default, deserialize_with = "list")]
    output_protocols: Vec<OutputProtocol>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct DeviceInfo {
    #[serde(default, deserialize_with = "or_default")]
    identifiers: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct OutputProtocol {
    output_protocol_id: String,
}

impl MaPlayer {
    /// Everything by which the player can be known: its id, the identifiers of its device, and its ways of output.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let identifiers = self.device_info.identifiers.values().filter_map(Value::as_str);
        let outputs = self.output_protocols.iter().map(|output| output.output_protocol_id.as_str());
        [self.player_id.as_str()].into_iter().chain(identifiers).chain(outputs)
    }
}

/// A queue, from `player_queues/get_active_queue`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Queue {
    /// Its id: that of its player, or of the leader of a group.
    pub queue_id: String,
    /// Its state.
    #[serde(default)]
    pub state: PlaybackState,
    /// The number of its items.
    #[serde(default, rename = "items", deserialize_with = "or_default")]
    pub count: u64,
    /// Whether the order of its items is shuffled.
    #[serde(default, deserialize_with = "or_default")]
    pub shuffle_enabled: bool,
    /// The repeated part.
    #[serde(default)]
    pub repeat_mode: RepeatMode,
    /// The place of the present item, from 0; none where nothing ever played.
    #[serde(default, deserialize_with = "or_default")]
    pub current_index: Option<u64>,
    /// Seconds of the present item that had played when the queue was read. An event has those at [`Self::elapsed_at`].
    #[serde(default, deserialize_with = "or_default")]
    pub elapsed_time: f64,
    /// When that was, in seconds since the Unix epoch by Music Assistant's clock; none of a server that does not say it.
    #[serde(default, rename = "elapsed_time_last_updated", deserialize_with = "or_default")]
    pub elapsed_at: Option<f64>,
    /// Whether Music Assistant finds the items itself, such as for a radio of an artist.
    #[serde(default, deserialize_with = "or_default")]
    pub is_dynamic: bool,
    /// The present item.
    #[serde(default, deserialize_with = "or_default")]
    pub current_item: Option<QueueItem>,
    /// The item after it.
    #[serde(default, deserialize_with = "or_default")]
    pub next_item: Option<QueueItem>,
}

impl Queue {
    /// The queue with the seconds that its present item has played at `date`, the time of the answer. Both times are by
    /// Music Assistant's clock: the one of this machine may be another.
    pub(super) fn read_at(self, date: Option<Timestamp>) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century")]
        let seconds = |time: Timestamp| time.millis() as f64 / 1000.0;
        let since = date.zip(self.elapsed_at).map_or(0.0, |(date, at)| seconds(date) - at);
        let goes_on = self.state == PlaybackState::Playing && (0.0..LONGEST_ITEM).contains(&since);
        let elapsed_time = self.elapsed_time + if goes_on { since } else { 0.0 };
        Self { elapsed_time, ..self }
    }
}

/// An item of a queue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct QueueItem {
    /// Its id in the queue.
    pub queue_item_id: String,
    /// Artist and title in one text.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// Its length in seconds; none for radio.
    #[serde(default, deserialize_with = "or_default")]
    pub duration: Option<f64>,
    /// Its music.
    #[serde(default, deserialize_with = "or_default")]
    pub media_item: Option<QueuedMedia>,
}

/// The music of an item of a queue, or of a search.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct QueuedMedia {
    /// Its address in Music Assistant.
    pub uri: String,
    /// Its title or name.
    pub name: String,
    /// Its kind.
    #[serde(default)]
    pub media_type: MediaKind,
    /// The id at its provider.
    #[serde(default, deserialize_with = "or_default")]
    pub item_id: String,
    /// Its provider; `library` for what is in the library.
    #[serde(default, deserialize_with = "or_default")]
    pub provider: String,
    /// Whether it is a favourite.
    #[serde(default, deserialize_with = "or_default")]
    pub favorite: bool,
    /// When it was played last, in seconds since the Unix epoch; 0 for what never was, or is not in the library.
    #[serde(default, deserialize_with = "or_default")]
    pub last_played: i64,
    #[serde(default, deserialize_with = "list")]
    artists: Vec<Named>,
    #[serde(default, deserialize_with = "or_default")]
    album: Option<Named>,
    #[serde(default, deserialize_with = "or_default")]
    metadata: MediaMetadata,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct MediaMetadata {
    #[serde(default, deserialize_with = "or_default")]
    popularity: u8,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Named {
    name: String,
}

impl QueuedMedia {
    /// The names of its artists with commas between them; none where there are none.
    #[must_use]
    pub fn artist(&self) -> Option<String> {
        let names: Vec<&str> = self.artists.iter().map(|artist| artist.name.as_str()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// The name of its album.
    #[must_use]
    pub fn album(&self) -> Option<&str> {
        self.album.as_ref().map(|album| album.name.as_str())
    }
}

/// A result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResult {
    /// Its kind.
    pub kind: MediaKind,
    /// Its name or title.
    pub name: String,
    /// Its artists; none where it has none.
    pub artist: Option<String>,
    /// Its album; none where it has none.
    pub album: Option<String>,
    /// Its address in Music Assistant.
    pub uri: String,
    /// Whether it is in the library.
    pub in_library: bool,
    /// Whether it is a favourite.
    pub favorite: bool,
    /// How popular its provider finds it, 0 to 100; 0 where it does not say.
    pub popularity: u8,
    /// When it was played last; none for what never was, or is not in the library.
    pub last_played: Option<Timestamp>,
}

impl SearchResult {
    /// The results of the kinds that were asked for, by kind, at most `limit` of each.
    pub(super) fn all(mut results: Value, kinds: &[MediaKind], limit: usize) -> Vec<Self> {
        let lists = [
            ("tracks", MediaKind::Track),
            ("artists", MediaKind::Artist),
            ("albums", MediaKind::Album),
            ("playlists", MediaKind::Playlist),
            ("radio", MediaKind::Radio),
            ("audiobooks", MediaKind::Audiobook),
            ("podcasts", MediaKind::Podcast),
            ("genres", MediaKind::Genre),
        ];
        let asked = lists.into_iter().filter(|(_, kind)| kinds.is_empty() || kinds.contains(kind));
        let of_kind = |(name, kind): (&str, MediaKind)| -> Vec<Self> {
            let Value::Array(list) = results[name].take() else { return Vec::new() };
            Self::list(&kind, list, limit)
        };
        asked.flat_map(of_kind).collect()
    }

    /// The items of a list that can be read, at most `limit`.
    pub(super) fn list(kind: &MediaKind, list: Vec<Value>, limit: usize) -> Vec<Self> {
        let media: Vec<QueuedMedia> = items(list, limit);
        media.iter().map(|media| Self::of(kind.clone(), media)).collect()
    }

    /// Music as a result of its kind.
    pub(crate) fn of(kind: MediaKind, media: &QueuedMedia) -> Self {
        let played = Some(media.last_played).filter(|seconds| *seconds > 0);
        Self {
            kind,
            name: media.name.clone(),
            artist: media.artist(),
            album: media.album().map(str::to_owned),
            uri: media.uri.clone(),
            in_library: media.provider == "library",
            favorite: media.favorite,
            popularity: media.metadata.popularity.min(100),
            last_played: played.map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1000))),
        }
    }
}

fn yes() -> bool {
    true
}

fn or_yes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_bool().unwrap_or(true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_played_since_goes_by_the_clock_of_music_assistant() {
        let date = Timestamp::from_millis(1_000_000);
        for (state, at, date, elapsed) in [
            ("playing", Some(990.0), Some(date), 22.5),
            ("paused", Some(990.0), Some(date), 12.5),
            ("playing", Some(990.0), None, 12.5),
            ("playing", None, Some(date), 12.5),
            // A proxy that answers by a clock of its own.
            ("playing", Some(1_000_000.0), Some(date), 12.5),
            ("playing", Some(-1e9), Some(date), 12.5),
            ("playing", Some(f64::MIN), Some(date), 12.5),
        ] {
            let queue: Queue = serde_json::from_value(json!({
                "queue_id": "Kitchen", "state": state, "elapsed_time": 12.5, "elapsed_time_last_updated": at,
            }))
            .unwrap();
            let read = queue.read_at(date).elapsed_time;
            assert!((read - elapsed).abs() < 1e-6, "{state} {at:?} {date:?}: {read}");
        }
    }
}
