//! Media of any controller: a file or a radio station that is none of Music Assistant's.

use url::{Host, Url};

use super::stream::{MAX_LENGTH, StreamUrl, StreamUrlError};
use crate::host_place::HostPlace;

/// Place of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaPlace {
    /// At an address that an Echo reaches as it stands.
    Public,
    /// On a machine of the home, which the door reaches.
    Home,
}

impl StreamUrl {
    /// Reads an address that a controller hands over: a stream of Music Assistant, or media of another one.
    ///
    /// # Errors
    /// When it is neither, or media that stands where it may not be fetched; see [`StreamUrlError`].
    pub fn of_controller(text: &str) -> Result<Self, StreamUrlError> {
        match Self::parse(text) {
            Err(StreamUrlError::UnknownShape) => {}
            read => return read,
        }
        let address = media_address(text)?;
        // Without its dots, it may be a stream of Music Assistant. One that is none for another reason would not be read
        // from the store again.
        match Self::parse(&address) {
            Err(StreamUrlError::UnknownShape) => Self::of_media(&address),
            read => read,
        }
    }

    /// Takes the address of media as it stands.
    fn of_media(text: &str) -> Result<Self, StreamUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(StreamUrlError::NotHttp)?;
        let (authority, path) = rest.find('/').map(|at| rest.split_at(at)).ok_or(StreamUrlError::NoHost)?;
        if !matches!(scheme, "http" | "https") || authority.is_empty() {
            return Err(StreamUrlError::NotHttp);
        }
        let (origin, media) = (format!("{scheme}://{authority}"), Some(path.to_owned()));
        Ok(Self { origin, path: Vec::new(), query: None, media })
    }

    /// The target of the stream's grant: the path, or the address of media of the home. None where it needs none.
    #[must_use]
    pub fn granted(&self) -> Option<String> {
        match self.media_place() {
            None => Some(self.path_for_echo()),
            Some(MediaPlace::Home) => Some(self.to_string()),
            Some(MediaPlace::Public) => None,
        }
    }

    /// The place of media; none of a stream of Music Assistant.
    #[must_use]
    pub fn media_place(&self) -> Option<MediaPlace> {
        place(&Url::parse(self.origin()).ok().filter(|_| self.is_media())?)
    }
}

/// Reads an address from the store, where every origin was accepted before. A play reads the streams of the whole
/// household, and needs the host of one.
impl TryFrom<String> for StreamUrl {
    type Error = StreamUrlError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match Self::read(&text, |scheme, authority| Ok(format!("{scheme}://{authority}"))) {
            Err(StreamUrlError::UnknownShape) => Self::of_media(&text),
            read => read,
        }
    }
}

/// The address of media as every reader of addresses sees it: without steps up, and with a host in its usual form.
fn media_address(text: &str) -> Result<String, StreamUrlError> {
    if text.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(StreamUrlError::UnknownShape);
    }
    let mut url = Url::parse(text).map_err(|_| StreamUrlError::NoHost)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(StreamUrlError::Credentials);
    }
    url.set_fragment(None);
    place(&url).ok_or(StreamUrlError::OutOfReach)?;
    let address = String::from(url);
    if address.len() > MAX_LENGTH { Err(StreamUrlError::TooLong) } else { Ok(address) }
}

/// The place of an address, by its text: a name is not resolved. None where it may not be fetched.
fn place(url: &Url) -> Option<MediaPlace> {
    let host = url.host()?;
    // The door fetches from private IPv4 addresses alone.
    let is_fetched = match host {
        Host::Ipv4(address) => address.is_private(),
        Host::Domain(_) => true,
        Host::Ipv6(_) => return None,
    };
    match HostPlace::of(&host) {
        _ if url.port() == Some(0) => None,
        HostPlace::Home => is_fetched.then_some(MediaPlace::Home),
        // An Echo fetches from port 443 alone (Alexa Skills Kit, `AudioPlayer.Play`).
        HostPlace::Public => (url.port().is_none() && url.scheme() == "https").then_some(MediaPlace::Public),
        HostPlace::ThisMachine | HostPlace::CloudMachine | HostPlace::Multicast | HostPlace::Reserved => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::playback::StreamKind;

    fn read(text: &str) -> Result<(Option<MediaPlace>, String), StreamUrlError> {
        StreamUrl::of_controller(text).map(|url| (url.media_place(), url.to_string()))
    }

    #[test]
    fn media_of_the_home_and_public_media_are_taken_as_they_are() {
        for text in [
            "http://homeassistant:8123/api/tts_proxy/f0_en-us_-_cloud.mp3",
            "http://homeassistant.local:8123/media/local/bell.mp3?authSig=ey%2BJh.b-c",
            "http://192.168.1.5:8123/api/tts_proxy/a.mp3",
            "https://10.0.0.2/a%20b.mp3",
            "https://nas.fritz.box:5001/a.m4a",
            "http://nas.localdomain/a.m4a",
            "http://172.31.255.254/",
        ] {
            assert_eq!(read(text), Ok((Some(MediaPlace::Home), text.to_owned())), "{text}");
        }
        for text in ["https://radio.example.com/live", "https://radio.example.com/live.m3u8?x=1&y=2"] {
            assert_eq!(read(text), Ok((Some(MediaPlace::Public), text.to_owned())), "{text}");
        }
        let written = read("HTTP://0xC0A80105:80/a/../b.mp3#c");
        assert_eq!(written, Ok((Some(MediaPlace::Home), "http://192.168.1.5/b.mp3".to_owned())));
    }

    #[test]
    fn streams_of_music_assistant_are_no_media() {
        for text in [
            "http://192.168.1.5:8097/flow/s/q/i/Bad.flac",
            "http://192.168.1.5:8097/x/../flow/s/q/i/Bad.flac",
        ] {
            let url = StreamUrl::of_controller(text).unwrap();
            assert_eq!((url.kind(), url.media_place()), (StreamKind::Flow, None), "{text}");
        }
        for slash in [
            "http://192.168.1.5:8097/flow/s/q/i/a/b.flac",
            "http://192.168.1.5:8097/x/../flow/s/q/i/a/b.flac",
        ] {
            assert_eq!(read(slash), Err(StreamUrlError::RawSlash), "{slash}");
        }
    }

    #[test]
    fn what_may_not_be_fetched_is_refused() {
        for text in [
            "http://radio.example.com/live.mp3",
            "https://radio.example.com:8443/live.mp3",
            "http://8.8.8.8/a.mp3",
            "https://8.8.8.8:8443/a.mp3",
            "http://127.0.0.1/a.mp3",
            "https://127.0.0.1/a.mp3",
            "http://2130706433/a.mp3",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/a.mp3",
            "http://0.0.0.0/a.mp3",
            "https://198.18.0.1/a.mp3",
            "https://192.0.2.1/a.mp3",
            "http://localhost/a.mp3",
            "http://a.localhost./a.mp3",
            "http://localhost.localdomain/a.mp3",
            "http://[fd00::5]/a.mp3",
            "https://[2003::1]/a.mp3",
            "http://[::ffff:192.168.1.5]/a.mp3",
            "http://192.168.1.5:0/a.mp3",
        ] {
            assert_eq!(read(text), Err(StreamUrlError::OutOfReach), "{text}");
        }
        assert_eq!(read("http://u:p@192.168.1.5/a.mp3"), Err(StreamUrlError::Credentials));
        assert_eq!(read("http://u@192.168.1.5/a.mp3"), Err(StreamUrlError::Credentials));
        assert_eq!(read("ftp://192.168.1.5/a.mp3"), Err(StreamUrlError::NotHttp));
        assert!(read("http://192.168.1.5/a b.mp3").is_err());
        let long = format!("http://192.168.1.5/{}", "a".repeat(MAX_LENGTH));
        assert_eq!(read(&long), Err(StreamUrlError::TooLong));
    }

    proptest! {
        /// A stored address is read back as it was, and is at the place where it was.
        #[test]
        fn an_address_is_stored_and_read_back(
            host in prop::sample::select(&["192.168.1.5:8123", "radio.example.com", "nas.local", "127.0.0.1", "u@nas"][..]),
            path in r"(/|[a-z0-9]{1,4}|\.\.|\.|%2[eEfF]|%5c|[?&=#@:;~ü]|\PC){0,12}",
        ) {
            for scheme in ["http", "https"] {
                let Ok(url) = StreamUrl::of_controller(&format!("{scheme}://{host}/{path}")) else { continue };
                let again: StreamUrl = serde_json::from_value(serde_json::to_value(&url).unwrap()).unwrap();
                prop_assert_eq!(&again, &url);
                prop_assert_eq!(again.media_place(), url.media_place());
                prop_assert_eq!(url.is_media(), url.media_place().is_some());
                if url.is_media() {
                    // Every other reader of addresses sees the same.
                    let other = Url::parse(&url.to_string()).unwrap();
                    prop_assert_eq!(other.as_str(), url.to_string());
                    prop_assert!(other.username().is_empty() && other.fragment().is_none());
                    prop_assert!(!host.starts_with("127.") && !host.starts_with("u@"));
                }
            }
        }
    }
}
