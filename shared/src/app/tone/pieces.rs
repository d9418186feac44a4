//! The tone in pieces, as HLS lists have them.

use std::time::Duration;

use axum::body::Bytes;

use crate::door::HlsPiece;

/// Frames of a piece: about one second.
const FRAMES: usize = 39;

/// Samples of a frame of MPEG-1 Layer III.
const SAMPLES: u64 = 1152;

/// Bit rates of MPEG-1 Layer III in kbit/s, by their index; 0 stands for none.
const BIT_RATES: [usize; 16] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];

/// Sample rates of MPEG-1 in Hz, by their index; 0 stands for none.
const SAMPLE_RATES: [u32; 4] = [44_100, 48_000, 32_000, 0];

/// The owner of the frame that has the time of a piece (RFC 8216, 3.4).
const OWNER: &[u8] = b"com.apple.streaming.transportStreamTimestamp\0";

/// A piece of a sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TonePiece {
    /// A tag with its time, and its frames.
    pub(super) bytes: Bytes,
    /// Its length.
    pub(super) length: Duration,
}

/// The frame at the beginning of `rest`, and its sample rate; none where there is no whole one.
fn frame(rest: &[u8]) -> Option<(&[u8], u32)> {
    let [0xff, 0xfb | 0xfa, rates, ..] = *rest else { return None };
    let bits = BIT_RATES[usize::from(rates >> 4)];
    let rate = SAMPLE_RATES[usize::from((rates >> 2) & 3)];
    let padding = usize::from((rates >> 1) & 1);
    let length = (144_000 * bits).checked_div(usize::try_from(rate).ok()?)? + padding;
    (bits > 0).then_some(())?;
    Some((rest.get(..length)?, rate))
}

/// Cuts a sound at borders of its frames. What is no frame ends it.
pub(super) fn cut(sound: &[u8]) -> Vec<TonePiece> {
    let (mut rest, mut frames) = (sound, Vec::new());
    while let Some((found, rate)) = frame(rest) {
        frames.push((found, rate));
        rest = &rest[found.len()..];
    }
    let mut before = 0;
    let pieces = frames.chunks(FRAMES).map(|frames| {
        let rate = u64::from(frames[0].1);
        let samples = frames.len() as u64 * SAMPLES;
        let mut bytes = time_tag(before * 90_000 / rate);
        bytes.extend(frames.iter().flat_map(|(frame, _)| *frame));
        before += samples;
        TonePiece { bytes: bytes.into(), length: Duration::from_millis(samples * 1000 / rate) }
    });
    pieces.collect()
}

/// An ID3v2.4 tag with the time of a piece, in ticks of 90 kHz.
fn time_tag(ticks: u64) -> Vec<u8> {
    // All sizes are below 128, so that the seven bits of a byte are enough.
    let frame = OWNER.len() + 8;
    let size = |length: usize| [0, 0, 0, u8::try_from(length).unwrap_or(u8::MAX)];
    let mut tag = b"ID3\x04\0\0".to_vec();
    tag.extend(size(frame + 10));
    tag.extend(b"PRIV");
    tag.extend(size(frame));
    tag.extend([0, 0]);
    tag.extend(OWNER);
    tag.extend((ticks & ((1 << 33) - 1)).to_be_bytes());
    tag
}

/// The pieces of a list whose address ends in `grant` and `.m3u8`.
pub(super) fn listed(pieces: &[TonePiece], grant: &str) -> Vec<HlsPiece> {
    let pieces = pieces.iter().enumerate();
    pieces.filter_map(|(at, piece)| HlsPiece::new(&format!("{grant}/{at}.mp3"), piece.length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TONE: &[u8] = include_bytes!("../assets/tone.mp3");

    #[test]
    fn the_pieces_are_the_whole_tone() {
        let pieces = cut(TONE);
        let sound: Vec<u8> = pieces.iter().flat_map(|piece| piece.bytes[73..].to_vec()).collect();
        assert_eq!(sound, TONE);
        assert_eq!(pieces.len(), 5);
        let length: Duration = pieces.iter().map(|piece| piece.length).sum();
        assert!((5000..5100).contains(&length.as_millis()), "{length:?}");
        assert!(pieces.iter().all(|piece| piece.length.as_millis().abs_diff(1000) < 50), "{pieces:?}");
        let ticks = |piece: &TonePiece| u64::from_be_bytes(piece.bytes[65..73].try_into().unwrap());
        assert_eq!(pieces.iter().map(ticks).take(2).collect::<Vec<_>>(), [0, 39 * 1152 * 90_000 / 44_100]);
    }

    #[test]
    fn a_piece_begins_with_a_tag_of_73_bytes() {
        let tag = time_tag(0x1_2345_6789);
        assert_eq!(tag.len(), 73);
        assert_eq!(&tag[..20], b"ID3\x04\0\0\0\0\0\x3fPRIV\0\0\0\x35\0\0");
        assert_eq!(tag[65..], [0, 0, 0, 1, 0x23, 0x45, 0x67, 0x89]);
    }

    #[test]
    fn what_is_no_sound_has_no_pieces() {
        for bytes in
            [&b""[..], b"\xff", b"\xff\xfb\x00\x00", b"\xff\xfb\xf0\xc4", b"<html>", &TONE[..100], &[0; 500]]
        {
            assert_eq!(cut(bytes), []);
        }
        assert_eq!(cut(&TONE[..1000]).len(), 1);
    }
}
