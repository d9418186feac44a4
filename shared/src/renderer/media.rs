//! Items of controllers: whether an Echo can play them, and the reason where it cannot.

use super::playable::Playable;
use crate::playback::{MediaPlace, StreamUrl, StreamUrlError};
use crate::speakers::MediaItem;
use crate::upnp::ActionError;

/// Reason why an item is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MediaRefusal {
    /// It is none that an Echo plays.
    #[error("an Echo plays MP3, AAC and lists of them: this is another kind of file")]
    Kind,
    /// It is a list of the home, whose addresses no Echo reaches.
    #[error("an Echo reads lists at public https addresses alone: play what stands in the list")]
    List,
    /// It is media of the home, and there is no door.
    #[error("a file of the home reaches an Echo through the door alone: set DOOR_URL or DOOR_LAN_URL")]
    NoDoor,
    /// Its address is none that may be fetched.
    #[error(transparent)]
    Address(#[from] StreamUrlError),
}

/// Checks that an Echo can play an item. Streams of Music Assistant come in a format that it plays.
///
/// # Errors
/// When it cannot.
pub(super) fn check(item: &MediaItem, has_door: bool) -> Result<(), MediaRefusal> {
    let place = StreamUrl::of_controller(&item.uri)?.media_place();
    match (place, Playable::of(item)) {
        (Some(_), Playable::Nothing) => Err(MediaRefusal::Kind),
        (Some(MediaPlace::Home), Playable::List) => Err(MediaRefusal::List),
        (Some(MediaPlace::Home), Playable::Sound) if !has_door => Err(MediaRefusal::NoDoor),
        (None | Some(MediaPlace::Public), _) | (Some(MediaPlace::Home), Playable::Sound) => Ok(()),
    }
}

/// A refusal as a UPnP error: 714 for what is no sound, 716 for what may not be fetched (AVTransport:1, section 2.4.1).
impl From<MediaRefusal> for ActionError {
    fn from(refusal: MediaRefusal) -> Self {
        match refusal {
            MediaRefusal::Kind
            | MediaRefusal::List
            | MediaRefusal::Address(
                StreamUrlError::Empty
                | StreamUrlError::TooLong
                | StreamUrlError::NotHttp
                | StreamUrlError::UnknownShape
                | StreamUrlError::RawSlash,
            ) => Self::NotPlayable,
            MediaRefusal::NoDoor
            | MediaRefusal::Address(
                StreamUrlError::NoHost | StreamUrlError::Credentials | StreamUrlError::OutOfReach,
            ) => Self::NotFound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(uri: &str, has_door: bool) -> Option<ActionError> {
        let item = MediaItem { uri: uri.to_owned(), ..MediaItem::default() };
        check(&item, has_door).err().map(ActionError::from)
    }

    #[test]
    fn what_an_echo_cannot_play_is_refused_by_its_number() {
        for (uri, with_door, without) in [
            ("http://192.168.1.5:8097/flow/s/q/i/Bad.flac", None, None),
            ("http://192.168.1.5:8123/a.mp3", None, Some(ActionError::NotFound)),
            ("http://nas.local/live", None, Some(ActionError::NotFound)),
            ("https://radio.example.com/live.m3u8", None, None),
            ("https://radio.example.com/live.mp3", None, None),
        ] {
            assert_eq!((refusal(uri, true), refusal(uri, false)), (with_door, without), "{uri}");
        }
        for uri in [
            "",
            "ftp://192.168.1.5/a.mp3",
            "http://192.168.1.5/a b.mp3",
            "http://192.168.1.5/a.flac",
            "https://radio.example.com/a.ogg",
            "http://192.168.1.5/a.mkv",
            "http://192.168.1.5/a.m3u8",
        ] {
            assert_eq!(refusal(uri, true), Some(ActionError::NotPlayable), "{uri}");
        }
        for uri in [
            "http://u:p@192.168.1.5/a.mp3",
            "http://127.0.0.1/a.mp3",
            "http://localhost:5000/a.mp3",
            "http://169.254.169.254/a.mp3",
            "http://[::ffff:10.0.0.1]/a.mp3",
            "http://radio.example.com/a.mp3",
        ] {
            assert_eq!(refusal(uri, true), Some(ActionError::NotFound), "{uri}");
        }
    }
}
