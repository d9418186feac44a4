//! Speech that interrupts music, which comes back after it.

use url::Url;

use crate::upnp::MediaItem;

/// Path of files with speech (Home Assistant, `tts_proxy`). It makes them for one message each.
const SPEECH: &str = "/api/tts_proxy/";

/// Whether an item is speech. Its address alone says so: a short item may as well be music.
pub(super) fn is_speech(item: &MediaItem) -> bool {
    Url::parse(&item.uri).is_ok_and(|url| url.path().len() > SPEECH.len() && url.path().starts_with(SPEECH))
}

/// The music that comes back after `over`: what the Echo plays at the moment at which that is set, where `over` is speech
/// and the other is none.
pub(super) fn interrupted(playing: Option<&MediaItem>, over: &MediaItem) -> Option<MediaItem> {
    playing.filter(|music| is_speech(over) && !is_speech(music)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(uri: &str) -> MediaItem {
        MediaItem { uri: uri.to_owned(), ..MediaItem::default() }
    }

    #[test]
    fn speech_has_the_address_of_speech() {
        for uri in [
            "http://homeassistant:8123/api/tts_proxy/f0_en-us_-_cloud.mp3",
            "https://192.168.1.5:8123/api/tts_proxy/a.mp3?b=1",
        ] {
            assert!(is_speech(&item(uri)), "{uri}");
        }
        for uri in [
            "http://homeassistant:8123/api/tts_proxy/",
            "http://homeassistant:8123/media/local/api/tts_proxy/a.mp3",
            "http://192.168.1.5:8097/announcement/Kitchen.mp3",
            "http://192.168.1.5:8097/flow/s/q/i/api.mp3?/api/tts_proxy/a.mp3",
            "/api/tts_proxy/a.mp3",
            "",
        ] {
            assert!(!is_speech(&item(uri)), "{uri}");
        }
    }

    #[test]
    fn music_alone_comes_back_and_after_speech_alone() {
        let (music, speech) = (item("http://nas/a.mp3"), item("http://ha/api/tts_proxy/a.mp3"));
        assert_eq!(interrupted(Some(&music), &speech), Some(music.clone()));
        assert_eq!(interrupted(Some(&music), &music), None);
        assert_eq!(interrupted(Some(&speech), &speech), None);
        assert_eq!(interrupted(None, &speech), None);
    }
}
