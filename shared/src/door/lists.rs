//! Lists that an Echo reads: a playlist of one address, and HLS lists of pieces.

use std::fmt::Write as _;
use std::time::Duration;

use axum::http::Uri;

/// The media type of a playlist.
pub const PLAYLIST_TYPE: &str = "audio/x-mpegurl";

/// The media type of an HLS list (RFC 8216, 4).
pub const HLS_TYPE: &str = "application/vnd.apple.mpegurl";

/// A piece of an HLS list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HlsPiece {
    address: String,
    length: Duration,
}

impl HlsPiece {
    /// A piece at an address, which may be relative to the list's, of this length. None for an address that would be
    /// another line of the list, or more than one.
    #[must_use]
    pub fn new(address: &str, length: Duration) -> Option<Self> {
        let is_line = address.bytes().all(|byte| byte.is_ascii_graphic())
            && !address.is_empty()
            && !address.starts_with('#');
        is_line.then(|| Self { address: address.to_owned(), length })
    }
}

/// A playlist whose one line is `address`.
#[must_use]
pub fn playlist(address: &Uri) -> String {
    format!("{address}\n")
}

/// An HLS list of version 3 of these pieces, the first one first (RFC 8216, 4.3). One that has not ended gets more.
#[must_use]
pub fn hls(pieces: &[HlsPiece], has_ended: bool) -> String {
    // No piece may be longer than the target, in whole seconds, to the nearest.
    let target = pieces.iter().map(|piece| (piece.length.as_millis() + 500) / 1000).max().unwrap_or(0).max(1);
    let mut list =
        format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{target}\n#EXT-X-MEDIA-SEQUENCE:0\n");
    for HlsPiece { address, length } in pieces {
        let (seconds, millis) = (length.as_secs(), length.subsec_millis());
        // A text takes all that is written to it.
        let _ = write!(list, "#EXTINF:{seconds}.{millis:03},\n{address}\n");
    }
    if has_ended {
        list.push_str("#EXT-X-ENDLIST\n");
    }
    list
}
