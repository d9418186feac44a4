//! DIDL-Lite: what a controller says of an item, and what a renderer says of it.
//!
//! A controller's text may be malformed: Music Assistant writes an address into it without escaping. Nothing of it is
//! needed for a play.

use std::fmt::Write as _;
use std::time::Duration;

use url::Url;

use super::xml::{Strictness, XmlPart, XmlReader, allowed, escape};
use crate::speakers::MediaItem;

/// Most bytes of a text that are kept as they came.
const MAX_DIDL: usize = 16 * 1024;

/// Most characters of a title, an artist or an album.
const MAX_NAME: usize = 256;

/// Longest address of a picture, in bytes.
const MAX_PICTURE: usize = 2048;

/// The length that Music Assistant gives a stream without an end, in seconds.
const ENDLESS: u64 = 24 * 60 * 60 - 1;

/// An item of this address, as `didl` describes it. What cannot be read is left out.
pub(super) fn describe(uri: &str, didl: &str) -> MediaItem {
    let mut item = MediaItem { uri: uri.to_owned(), ..MediaItem::default() };
    if didl.len() <= MAX_DIDL {
        didl.clone_into(&mut item.didl);
    }
    let mut creator = None;
    let mut reader = XmlReader::new(didl, Strictness::Lenient);
    let mut open = String::new();
    let mut text = String::new();
    let mut items = 0;
    while let Ok(piece) = reader.next() {
        match piece {
            XmlPart::Open(start) => {
                start.local_name().into_inner().clone_into(&mut open);
                text.clear();
                items += usize::from(open == "item");
                if items > 1 {
                    break;
                }
                if open == "res" && item.duration.is_none() {
                    let mut attributes = start.attributes();
                    let found = attributes.with_checks(false).flatten();
                    let mut durations = found.filter(|attribute| attribute.key.into_inner() == "duration");
                    item.duration = durations.next().and_then(|attribute| read_duration(&attribute.value));
                }
            }
            XmlPart::Text(more) if text.len() + more.len() <= MAX_DIDL => text += &more,
            XmlPart::Text(_) => {}
            XmlPart::Close => {
                match open.as_str() {
                    "title" => keep(&mut item.title, name(&text)),
                    "artist" => keep(&mut item.artist, name(&text)),
                    "creator" => keep(&mut creator, name(&text)),
                    "album" => keep(&mut item.album, name(&text)),
                    "albumArtURI" => keep(&mut item.picture, picture(&text)),
                    _ => {}
                }
                open.clear();
            }
            XmlPart::End => break,
        }
    }
    item.artist = item.artist.or(creator);
    item
}

/// The first one counts.
fn keep(field: &mut Option<String>, found: Option<String>) {
    if field.is_none() {
        *field = found;
    }
}

/// A name in one line, with an end; none where nothing is left of it.
fn name(text: &str) -> Option<String> {
    let words = allowed(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(MAX_NAME).collect();
    // The cut may be behind a space.
    Some(short.trim_end().to_owned()).filter(|name| !name.is_empty())
}

fn picture(text: &str) -> Option<String> {
    let text = text.trim();
    // The parser would leave some of these out.
    let is_clean = allowed(text) == text && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    let url = Url::parse(text).ok().filter(|_| is_clean && text.len() <= MAX_PICTURE)?;
    matches!(url.scheme(), "http" | "https").then(|| text.to_owned())
}

/// A length such as `0:03:25.500` (ContentDirectory:1, `res@duration`); none of a stream without an end.
fn read_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (whole, _fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let mut next = || {
        let part = parts.next().filter(|part| (1..=5).contains(&part.len()))?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u64>().ok())?
    };
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    let is_whole = parts.next().is_none() && minutes < 60 && seconds < 60;
    let total = hours * 3600 + minutes * 60 + seconds;
    (is_whole && (1..ENDLESS).contains(&total)).then(|| Duration::from_secs(total))
}

/// A length or a position in whole seconds, such as `0:03:25`.
pub(super) fn write_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// An item as a renderer shows it. It is written from the fields, since the controller's own text may be malformed.
pub(super) fn write(item: &MediaItem) -> String {
    let mut didl = String::from(
        "<DIDL-Lite xmlns=\"urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:upnp=\"urn:schemas-upnp-org:metadata-1-0/upnp/\">\
         <item id=\"0\" parentID=\"-1\" restricted=\"1\">",
    );
    // A title is required (ContentDirectory:1, section 2.8).
    let title = item.title.as_deref().unwrap_or_default();
    let fields = [
        ("dc:title", Some(title)),
        ("dc:creator", item.artist.as_deref()),
        ("upnp:artist", item.artist.as_deref()),
        ("upnp:album", item.album.as_deref()),
        ("upnp:albumArtURI", item.picture.as_deref()),
        ("upnp:class", Some("object.item.audioItem.musicTrack")),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            let _ = write!(didl, "<{name}>{}</{name}>", escape(value));
        }
    }
    let duration = item.duration.map(|duration| format!(" duration=\"{}\"", write_duration(duration)));
    let _ = write!(
        didl,
        "<res protocolInfo=\"http-get:*:audio/mpeg:*\"{}>{}</res></item></DIDL-Lite>",
        duration.unwrap_or_default(),
        escape(&item.uri)
    );
    didl
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Music Assistant writes it: the address in `dc:queueItemId` is not escaped.
    const MALFORMED: &str = r#"<DIDL-Lite xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"><item id="x" parentID="0">
        <dc:title>Abc &amp; D</dc:title><dc:creator>Creator</dc:creator><upnp:artist>An  artist</upnp:artist>
        <upnp:album>Album</upnp:album><upnp:albumArtURI>http://192.168.1.5:8095/imageproxy?a=1&amp;b=2</upnp:albumArtURI>
        <dc:queueItemId>http://192.168.1.5:8097/flow/a/b.mp3?x=1&y=2</dc:queueItemId>
        <res duration="0:03:25.500" protocolInfo="http-get:*:audio/mpeg:*">http://192.168.1.5/x</res></item></DIDL-Lite>"#;

    #[test]
    fn a_malformed_text_is_read() {
        let item = describe("http://a/b", MALFORMED);
        assert_eq!(item.uri, "http://a/b");
        assert_eq!(item.didl, MALFORMED);
        assert_eq!(item.title.as_deref(), Some("Abc & D"));
        assert_eq!(item.artist.as_deref(), Some("An artist"));
        assert_eq!(item.album.as_deref(), Some("Album"));
        assert_eq!(item.picture.as_deref(), Some("http://192.168.1.5:8095/imageproxy?a=1&b=2"));
        assert_eq!(item.duration, Some(Duration::from_secs(205)));
    }

    #[test]
    fn what_is_before_an_error_counts_and_nothing_is_needed() {
        let cut = describe("u", "<DIDL-Lite><item><dc:title>T</dc:title><dc:creator>C</dc:creator><<<");
        assert_eq!((cut.title.as_deref(), cut.artist.as_deref()), (Some("T"), Some("C")));
        for nothing in ["", "x", "<", "<DIDL-Lite/>", "NOT_IMPLEMENTED", "<!DOCTYPE a><title>T</title>"] {
            assert_eq!(
                describe("u", nothing),
                MediaItem { uri: "u".into(), didl: nothing.into(), ..MediaItem::default() }
            );
        }
        let two = describe("u", "<item><album>A</album></item><item><title>Second</title></item>");
        assert_eq!((two.title, two.album.as_deref()), (None, Some("A")));
    }

    #[test]
    fn fields_are_bounded() {
        let long = "x".repeat(MAX_DIDL);
        let item = describe(
            "u",
            &format!("<item><title>{long}</title><albumArtURI>http://a/{long}</albumArtURI></item>"),
        );
        assert_eq!(item.title.map(|title| title.len()), Some(MAX_NAME));
        assert_eq!((item.picture, item.didl.as_str()), (None, ""));
        let word = "x".repeat(MAX_NAME - 1);
        let cut = describe("u", &format!("<item><title>{word} more</title></item>"));
        assert_eq!(cut.title, Some(word), "no space is left where it is cut");
        let evil = describe(
            "u",
            "<item><albumArtURI>file:///etc/passwd</albumArtURI><title>\u{1}&#7; </title></item>",
        );
        assert_eq!((evil.picture, evil.title), (None, None));
    }

    #[test]
    fn lengths_are_read_and_written() {
        for (text, seconds) in [
            ("0:00:01", Some(1)),
            ("1:02:03", Some(3723)),
            ("00:10:00.000", Some(600)),
            ("23:59:58", Some(86398)),
            ("23:59:59", None),
            ("0:00:00", None),
            ("0:60:00", None),
            ("1:2", None),
            ("-1:00:00", None),
            ("1:00:00:00", None),
            ("999999:00:00", None),
            ("", None),
        ] {
            assert_eq!(read_duration(text), seconds.map(Duration::from_secs), "{text}");
        }
        assert_eq!(write_duration(Duration::from_millis(3_723_900)), "1:02:03");
        assert_eq!(write_duration(Duration::ZERO), "0:00:00");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let item = describe("http://a/b?c=1&d=2", MALFORMED);
        let written = write(&item);
        assert_eq!(describe("http://a/b?c=1&d=2", &written), MediaItem { didl: written.clone(), ..item });
        assert!(written.contains(">http://a/b?c=1&amp;d=2</res>"));
    }
}
