//! The path of a stream's address: its names, as they are read and encoded.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// Characters to encode in a path segment so that it stays one. Names arrive with spaces, `#` and `?`.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Characters to encode in the value of a query, so that it stays one.
pub(super) const VALUE: &AsciiSet = &SEGMENT.add(b'&').add(b'\'').add(b'+').add(b'=');

/// Characters to encode in a query. `%` stays: what is encoded already is not encoded twice.
pub(super) const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'\'')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The name before the last dot; `None` where there is no name or no format.
pub(super) fn stem(file: &str) -> Option<&str> {
    file.rsplit_once('.')
        .filter(|(stem, format)| !stem.is_empty() && !format.is_empty())
        .map(|(stem, _)| stem)
}

/// Whether a segment is a name and nothing else.
pub(super) fn is_name(segment: &str) -> bool {
    // A play reads the streams of all players, and almost all of their segments are of these characters alone.
    let is_harmless = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'/' | b'\\' | b'%');
    if !matches!(segment, "." | "..") && segment.bytes().all(is_harmless) {
        return true;
    }
    !climbs(segment) && !has_control(segment)
}

/// Whether a proxy or an Echo could take a segment for a way up, as it stands or once it is decoded again. That would
/// lead out of the paths that the proxy lets through.
fn climbs(segment: &str) -> bool {
    let has_way_up = |segment: &str| segment.split(['/', '\\']).any(|part| matches!(part, "." | ".."));
    has_way_up(segment) || has_way_up(&percent_decode_str(segment).decode_utf8_lossy())
}

/// Whether a segment has a control character.
pub(super) fn has_control(segment: &str) -> bool {
    segment.chars().any(char::is_control)
}

/// Path and query of a text. A `?` begins a query only after a whole file name: it may as well stand in a player's name.
pub(super) fn split_query(path: &str) -> (&str, Option<&str>) {
    let names_file = |path: &str| {
        let file = path.rsplit('/').next().unwrap_or(path);
        file.rsplit_once('.').is_some_and(|(stem, format)| {
            !stem.is_empty()
                && !format.is_empty()
                && format.chars().all(|c| c.is_ascii_alphanumeric() || ";=".contains(c))
        })
    };
    match path.split_once('?') {
        Some((before, query)) if names_file(before) => (before, Some(query)),
        _ => (path, None),
    }
}

/// A segment as text; none where it is not UTF-8.
pub(super) fn decode_once(segment: &str) -> Option<String> {
    if !segment.contains('%') {
        return Some(segment.to_owned());
    }
    // A name such as `50% off` is no encoding; what does not decode to text is no name.
    percent_decode_str(segment).decode_utf8().ok().map(Cow::into_owned)
}

/// Path and query, with every segment encoded.
pub(super) fn write_path(path: &[String], query: Option<&str>) -> String {
    let mut text = String::new();
    for segment in path {
        text.push('/');
        text.extend(utf8_percent_encode(segment, SEGMENT));
    }
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    text
}
