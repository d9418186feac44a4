//! The address of a stream, as Music Assistant pushes it, and whose stream it is.

use std::borrow::Cow;

use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::id::PlayerId;
use super::short_hash::{ShortHash, short_hash};
use super::stream_path::{QUERY, VALUE, decode_once, has_control, is_name, split_query, stem, write_path};

/// Longest address that is accepted, in characters.
pub(super) const MAX_LENGTH: usize = 2000;

/// Prefix of the name of a member in the address of a universal group's stream.
const MEMBER: &str = "player_id=";

/// Kind of a stream, by the first segment of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// The whole queue as one endless stream.
    Flow,
    /// One item of a queue, or a radio station.
    Single,
    /// A message that is spoken over the music.
    Announcement,
    /// Sound that a plugin of Music Assistant brings, such as a Spotify Connect session.
    PluginSource,
    /// The sound of a universal group, for one of its members.
    UniversalGroup,
    /// A file or a radio station that is none of Music Assistant's.
    Media,
}

impl StreamKind {
    /// Whether a play can go on at an offset. An Echo skips by itself to where it was, since Music Assistant
    /// answers no range requests. It can wait for a single item, which comes as fast as it is read. A flow comes
    /// in real time and begins with its first item: the offset would be silence of that length.
    #[must_use]
    pub fn can_resume(self) -> bool {
        self == Self::Single
    }

    /// Whether Music Assistant uses one address for every play of this kind.
    #[must_use]
    pub fn is_reused(self) -> bool {
        matches!(self, Self::Announcement | Self::PluginSource | Self::UniversalGroup)
    }

    /// Whether one play of this kind holds many tracks, whose names are pushed while it goes on.
    #[must_use]
    pub fn holds_tracks(self) -> bool {
        !matches!(self, Self::Announcement | Self::Single | Self::Media)
    }
}

/// A stream of Music Assistant, in one canonical spelling: every segment decoded once and encoded once. Or media of another
/// controller, whose address stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamUrl {
    pub(super) origin: String,
    pub(super) path: Vec<String>,
    /// Query of the address, encoded.
    pub(super) query: Option<String>,
    /// Path and query of media, as they came.
    pub(super) media: Option<String>,
}

/// Reason why an address is refused. Each is a sentence for the person who pushed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StreamUrlError {
    /// It is empty.
    #[error("streamUrl is empty")]
    Empty,
    /// It is longer than 2,000 characters.
    #[error("streamUrl is longer than 2000 characters")]
    TooLong,
    /// Its scheme is something else.
    #[error("streamUrl has to begin with http:// or https://")]
    NotHttp,
    /// It has no host, or one that cannot be one.
    #[error("streamUrl has no valid host name")]
    NoHost,
    /// It has a user name or a password in it.
    #[error("streamUrl must not contain a user name or password")]
    Credentials,
    /// Its path is not one of Music Assistant's.
    #[error(
        "streamUrl is not a stream of Music Assistant: its path has to be \
         /flow or /single/{{session}}/{{queue}}/{{item}}/{{player}}.{{format}}, or one of the older shapes, \
         /announcement/{{player}}.{{format}}, /pluginsource/{{source}}/{{player}}.{{format}} or \
         /ugp/{{group}}.{{format}}?player_id={{player}}"
    )]
    UnknownShape,
    /// It has more segments than Music Assistant writes, since a name in it has a `/`.
    #[error(
        "streamUrl has more parts than Music Assistant writes: the name of a player or group has a / in it. \
         Rename it without the /: an Echo in the Alexa app, a group in Music Assistant"
    )]
    RawSlash,
    /// It is media, and stands where neither an Echo nor the door may fetch it.
    #[error(
        "the address of media has to be a public https address with port 443, or that of another machine of the home \
         by its IPv4 address or its name"
    )]
    OutOfReach,
}

impl StreamUrl {
    /// Reads an address as Music Assistant writes it, with names encoded or not.
    ///
    /// # Errors
    /// When it is no address of a stream of Music Assistant; see [`StreamUrlError`].
    pub fn parse(text: &str) -> Result<Self, StreamUrlError> {
        if text.chars().count() > MAX_LENGTH {
            return Err(StreamUrlError::TooLong);
        }
        Self::read(text, Self::parse_origin)
    }

    /// Reads an address of any length: one that was accepted grows as its names are encoded.
    pub(super) fn read(
        text: &str,
        origin: impl FnOnce(&str, &str) -> Result<String, StreamUrlError>,
    ) -> Result<Self, StreamUrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(StreamUrlError::Empty);
        }
        let (scheme, rest) = text.split_once("://").ok_or(StreamUrlError::NotHttp)?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(StreamUrlError::NotHttp);
        }
        let (authority, path) = rest.split_once('/').ok_or(StreamUrlError::UnknownShape)?;
        let origin = origin(scheme, authority)?;
        let (path, query) = split_query(path);
        let path: Vec<String> = path
            .trim_start_matches('/')
            .split('/')
            .map(decode_once)
            .collect::<Option<_>>()
            .ok_or(StreamUrlError::UnknownShape)?;
        // What an Echo would not send as it stands is encoded; the rest is kept, not understood.
        let query = query.map(|query| utf8_percent_encode(query, QUERY).to_string());
        let mut url = Self { origin, path, query, media: None };
        match url.shape() {
            Some((StreamKind::UniversalGroup, player)) => {
                url.query = Some(format!("{MEMBER}{}", utf8_percent_encode(&player, VALUE)));
            }
            Some(_) => {}
            None if url.has_raw_slash() => return Err(StreamUrlError::RawSlash),
            None => return Err(StreamUrlError::UnknownShape),
        }
        Ok(url)
    }

    fn parse_origin(scheme: &str, authority: &str) -> Result<String, StreamUrlError> {
        if authority.contains('@') {
            return Err(StreamUrlError::Credentials);
        }
        // An unencoded name may hold anything, but a host may not: a stray `?` or `#` here is no path.
        if authority.contains(['?', '#', '\\']) {
            return Err(StreamUrlError::NoHost);
        }
        let url = Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| StreamUrlError::NoHost)?;
        url.host().ok_or(StreamUrlError::NoHost)?;
        Ok(url.origin().ascii_serialization())
    }

    /// Whether it is none of Music Assistant's.
    #[must_use]
    pub fn is_media(&self) -> bool {
        self.media.is_some()
    }

    /// Kind of the stream.
    #[must_use]
    pub fn kind(&self) -> StreamKind {
        let otherwise = if self.is_media() { StreamKind::Media } else { StreamKind::Single };
        self.shape().map_or(otherwise, |(kind, _)| kind)
    }

    /// The player that it belongs to: the file stem where the path names a player, else the queue.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        PlayerId::from(self.shape().map_or_else(String::new, |(_, player)| player.into_owned()))
    }

    /// Whether the address names the session of its play. Without one, every play of an item has the same address.
    #[must_use]
    pub fn has_session(&self) -> bool {
        let is_flow_or_single = matches!(self.kind(), StreamKind::Flow | StreamKind::Single);
        is_flow_or_single && self.path.len() > 3
    }

    /// Whether it is a whole queue in one stream, which cannot be entered at an offset.
    pub(super) fn is_flow(&self) -> bool {
        matches!(self.kind(), StreamKind::Flow)
    }

    /// The item of the queue that a flow begins with, or that is played alone.
    #[must_use]
    pub fn item(&self) -> Option<&str> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match path[..] {
            ["flow" | "single", _, _, item, _] => Some(item),
            ["flow" | "single", _, _, file] | ["flow" | "single", _, file] => stem(file),
            _ => None,
        }
    }

    /// The kind, and the player's name.
    fn shape(&self) -> Option<(StreamKind, Cow<'_, str>)> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let (kind, player, file) = match path[..] {
            ["flow", _, _, _, file] => (StreamKind::Flow, stem(file)?, file),
            ["single", _, _, _, file] => (StreamKind::Single, stem(file)?, file),
            ["flow", _, queue, file] | ["flow", queue, file] => (StreamKind::Flow, queue, file),
            ["single", _, queue, file] | ["single", queue, file] => (StreamKind::Single, queue, file),
            ["announcement", file] => (StreamKind::Announcement, stem(file)?, file),
            ["pluginsource", _, file] => (StreamKind::PluginSource, stem(file)?, file),
            ["ugp", file] => return self.group_member(file),
            _ => return None,
        };
        stem(file)?;
        let is_one = !player.is_empty() && path.iter().all(|segment| is_name(segment));
        is_one.then_some((kind, Cow::Borrowed(player)))
    }

    /// Member that a universal group's stream is for: all text behind `player_id=`. Music Assistant writes names as
    /// they are, and nothing behind them.
    fn group_member(&self, file: &str) -> Option<(StreamKind, Cow<'_, str>)> {
        stem(file)?;
        let player = percent_decode_str(self.query.as_deref()?.strip_prefix(MEMBER)?).decode_utf8().ok()?;
        let is_one = !player.is_empty() && !has_control(&player) && is_name(file);
        is_one.then_some((StreamKind::UniversalGroup, player))
    }

    /// Whether it is one of Music Assistant's shapes but for a name that has a `/` in it.
    fn has_raw_slash(&self) -> bool {
        let most = match self.path.first().map(String::as_str) {
            Some("flow" | "single") => 5,
            Some("pluginsource") => 3,
            Some("announcement" | "ugp") => 2,
            _ => return false,
        };
        let names_file = self.path.last().is_some_and(|file| stem(file).is_some());
        self.path.len() > most && names_file && self.path.iter().all(|segment| is_name(segment))
    }

    /// Scheme, host and port, as `http://192.168.1.5:8097`. The default port is left out.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> Option<Host<String>> {
        Url::parse(&self.origin).ok()?.host().map(|host| host.to_owned())
    }

    /// Path and query for an Echo: with `/` before it, encoded, and in a format that an Echo plays. Music
    /// Assistant encodes what the ending asks for.
    #[must_use]
    pub fn path_for_echo(&self) -> String {
        if let Some(media) = &self.media {
            return media.clone();
        }
        let mut path = self.path.clone();
        if let Some(file) = path.last_mut()
            && let Some((stem, _)) = file.rsplit_once('.')
        {
            *file = format!("{stem}.mp3");
        }
        write_path(&path, self.query.as_deref())
    }

    /// A digest of the canonical address.
    #[must_use]
    pub fn short_hash(&self) -> ShortHash {
        short_hash(&self.to_string())
    }
}

impl std::fmt::Display for StreamUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.media {
            Some(media) => write!(f, "{}{media}", self.origin),
            None => write!(f, "{}{}", self.origin, write_path(&self.path, self.query.as_deref())),
        }
    }
}

impl From<StreamUrl> for String {
    fn from(url: StreamUrl) -> Self {
        url.to_string()
    }
}
