//! The stream of live events: bytes to frames, and frames to events.

use ma_alexa::amazon::live::{EventKind, Frame, Framer, MAX_PART, events};

/// However the bytes are cut, the frames are the same, and no event has more than is known of its kind. The first line is
/// the content type.
pub(super) fn stream(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let kind = String::from_utf8_lossy(&data[..end]).into_owned();
    let bytes = data.get(end + 1..).unwrap_or_default();
    let (Some(mut whole), Some(mut cut)) = (Framer::of(&kind), Framer::of(&kind)) else { return };
    let at_once = whole.push(bytes);
    let one_by_one: Result<Vec<Vec<Frame>>, _> = bytes.chunks(1).map(|byte| cut.push(byte)).collect();
    assert_eq!(at_once, one_by_one.map(|frames| frames.concat()));
    for frame in at_once.unwrap_or_default() {
        let Frame::Message(message) = frame else { continue };
        assert!(message.starts_with(b"{") && message.ends_with(b"}") && message.len() <= MAX_PART);
        let events = events(&message);
        assert!(events.len() <= 64);
        for event in events {
            assert!(!event.name.is_empty() && event.name.len() <= 64, "{}", event.name);
            assert!(event.serial.is_none_or(|serial| !serial.is_empty() && serial.len() <= 64));
            match event.kind {
                EventKind::Volume { volume, .. } => assert!(volume <= 100),
                EventKind::NowPlaying { playing, .. } => {
                    assert!(playing.title.is_none_or(|title| title.chars().count() <= 300));
                }
                _ => {}
            }
        }
    }
}
