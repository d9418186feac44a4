//! Whether an Echo plays an item, by what its controller says of it.

use url::Url;

use crate::upnp::MediaItem;

/// Types below `audio` that no Echo plays: it plays AAC, MP3 and lists of them (Alexa Skills Kit, `AudioPlayer`).
const OTHER_SOUNDS: [&str; 20] = [
    "flac", "x-flac", "ogg", "x-ogg", "opus", "vorbis", "wav", "x-wav", "wave", "vnd.wave", "l16", "l24",
    "aiff", "x-aiff", "x-ms-wma", "x-ape", "dsd", "x-dsd", "midi", "webm",
];

/// Types of lists, such as HLS (RFC 8216, 4).
const LISTS: [&str; 6] =
    ["vnd.apple.mpegurl", "x-mpegurl", "mpegurl", "x-scpls", "scpls", "vnd.apple.mpegurl.audio"];

/// Ends of names of files that no Echo plays.
const OTHER_ENDINGS: [&str; 28] = [
    "flac", "ogg", "oga", "opus", "wav", "wma", "aif", "aiff", "ape", "dsf", "dff", "mid", "webm", "mkv",
    "avi", "mov", "mpg", "mpeg", "wmv", "ts", "jpg", "jpeg", "png", "gif", "webp", "svg", "pdf", "html",
];

/// Ends of names of lists.
const LIST_ENDINGS: [&str; 3] = ["m3u", "m3u8", "pls"];

/// The use of an item for an Echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Playable {
    /// It plays it, as far as is known.
    Sound,
    /// It reads a list of addresses, and fetches those by itself.
    List,
    /// It plays nothing of this kind.
    Nothing,
}

impl Playable {
    /// The use of an item for an Echo: by its type where that is known, else by the end of its address.
    #[must_use]
    pub fn of(item: &MediaItem) -> Self {
        item.media_type().as_deref().and_then(Self::of_type).unwrap_or_else(|| Self::of_address(&item.uri))
    }

    fn of_type(media_type: &str) -> Option<Self> {
        let (kind, of) = media_type.split_once('/')?;
        match kind {
            "audio" | "application" if LISTS.contains(&of) => Some(Self::List),
            "audio" | "application" if OTHER_SOUNDS.contains(&of) => Some(Self::Nothing),
            "audio" => Some(Self::Sound),
            "video" | "image" | "text" => Some(Self::Nothing),
            _ => None,
        }
    }

    fn of_address(uri: &str) -> Self {
        let path = Url::parse(uri).map(|url| url.path().to_ascii_lowercase()).unwrap_or_default();
        let ending = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending);
        match ending {
            Some(ending) if LIST_ENDINGS.contains(&ending) => Self::List,
            Some(ending) if OTHER_ENDINGS.contains(&ending) => Self::Nothing,
            _ => Self::Sound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(media_type: &str, uri: &str) -> Playable {
        let didl = format!("<item><res protocolInfo=\"http-get:*:{media_type}:*\">{uri}</res></item>");
        Playable::of(&MediaItem { uri: uri.to_owned(), didl, ..MediaItem::default() })
    }

    #[test]
    fn the_type_counts_and_the_ending_where_there_is_none() {
        for (media_type, uri, playable) in [
            ("audio/mpeg", "http://nas/a.flac", Playable::Sound),
            ("audio/mp4", "http://nas/a.mp4", Playable::Sound),
            ("audio/x-flac", "http://nas/a.mp3", Playable::Nothing),
            ("audio/L16;rate=44100", "http://nas/a", Playable::Nothing),
            ("application/ogg", "http://nas/a", Playable::Nothing),
            ("video/mp4", "http://nas/a.mp4", Playable::Nothing),
            ("image/png", "http://nas/a", Playable::Nothing),
            ("application/vnd.apple.mpegurl", "http://nas/a", Playable::List),
            ("audio/x-mpegurl", "http://nas/a", Playable::List),
            ("application/octet-stream", "http://nas/a.mp3", Playable::Sound),
            ("application/octet-stream", "http://nas/a.WAV?b.mp3", Playable::Nothing),
            ("*", "http://nas/a.m3u8", Playable::List),
            ("*", "http://nas/live", Playable::Sound),
            ("*", "http://nas.flac/", Playable::Sound),
            ("", "no address", Playable::Sound),
        ] {
            assert_eq!(of(media_type, uri), playable, "{media_type} {uri}");
        }
    }
}
