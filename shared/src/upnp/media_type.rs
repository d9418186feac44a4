//! The type of an item, as far as a controller says it.

use super::xml::{Strictness, XmlPart, XmlReader};
use crate::speakers::MediaItem;

/// Longest type, in bytes (RFC 6838, 4.2).
const MAX_TYPE: usize = 255;

impl MediaItem {
    /// The media type in the first `res@protocolInfo` (ConnectionManager:1, section 2.5.2), in lower case and without
    /// parameters; none where there is no whole one.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let mut reader = XmlReader::new(&self.didl, Strictness::Lenient);
        let info = loop {
            match reader.next().ok()? {
                XmlPart::Open(start) if start.local_name().into_inner() == "res" => {
                    let mut attributes = start.attributes();
                    let mut found = attributes.with_checks(false).flatten();
                    break found
                        .find(|attribute| attribute.key.into_inner() == "protocolInfo")?
                        .value
                        .into_owned();
                }
                XmlPart::End => return None,
                _ => {}
            }
        };
        let media_type = info.split(':').nth(2)?.split(';').next()?.trim().to_ascii_lowercase();
        let is_whole =
            media_type.split_once('/').is_some_and(|(kind, of)| !kind.is_empty() && !of.is_empty());
        (is_whole && media_type.len() <= MAX_TYPE).then_some(media_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(didl: &str) -> Option<String> {
        MediaItem { didl: didl.to_owned(), ..MediaItem::default() }.media_type()
    }

    #[test]
    fn the_type_of_the_first_resource_counts() {
        let res =
            |info: &str| format!("<DIDL-Lite><item><res protocolInfo=\"{info}\">http://a/b?c=1&d=2</res>");
        for (info, media_type) in [
            ("http-get:*:audio/mpeg:*", Some("audio/mpeg")),
            ("http-get:*:Audio/L16;rate=44100;channels=2:DLNA.ORG_PN=LPCM", Some("audio/l16")),
            ("http-get:*:*:*", None),
            ("http-get:*::*", None),
            ("http-get", None),
            ("", None),
        ] {
            assert_eq!(of(&res(info)).as_deref(), media_type, "{info}");
        }
        let two = format!("{}<res protocolInfo=\"http-get:*:video/mp4:*\"/>", res("http-get:*:audio/mp4:*"));
        assert_eq!(of(&two).as_deref(), Some("audio/mp4"));
        for nothing in ["", "x", "<res/>", "<item><title>http-get:*:audio/mpeg:*</title></item>", "<<<"] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
    }
}
