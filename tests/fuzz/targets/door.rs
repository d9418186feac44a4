//! Grants, their keys, the path in a grant, and the lists that are made of them.

use std::time::Duration;

use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::config::Origin;
use ma_alexa::door::{HlsPiece, address, hls, playlist};
use ma_alexa::grant::{Grant, GrantKeys, GrantKind, MAX_GRANTED_PATH};
use ma_alexa::playback::{PlayerKey, TonePath};
use secrecy::ExposeSecret as _;
use url::{Position, Url};

use super::household::NOW;

/// What was sealed opens as it was, for its kind alone, and what was not opens nothing.
pub(super) fn grant(text: &str) {
    let random = SeededRandom::new(1);
    let Ok(keys) = GrantKeys::generate(&random) else { return };
    for kind in [GrantKind::Stream, GrantKind::Picture, GrantKind::Tone, GrantKind::Media] {
        assert!(keys.open(text, kind, NOW).is_none());
        let granted = Grant::new(kind, PlayerKey::from_bytes([7; 16]), text.to_owned(), NOW);
        let Ok(sealed) = keys.seal(&granted, &random) else {
            let is_media = text.starts_with("http://") || text.starts_with("https://");
            let is_path = if kind == GrantKind::Media { is_media } else { text.starts_with('/') };
            assert!(!is_path || text.len() > MAX_GRANTED_PATH);
            continue;
        };
        let opened = keys.open(&sealed, kind, NOW);
        assert!(opened.is_some_and(|opened| opened.path == text && opened.player == granted.player));
        let other = if kind == GrantKind::Stream { GrantKind::Picture } else { GrantKind::Stream };
        assert!(keys.open(&sealed, other, NOW).is_none());
    }
    if let Ok(read) = GrantKeys::parse(text) {
        assert_eq!(read.text().expose_secret(), text);
    }
}

/// Whatever is in a path, its address stays at Music Assistant, and no reader of addresses sees another path in it.
pub(super) fn granted_path(text: &str) {
    let origin = "http://192.168.1.5:8097";
    let Ok(music_assistant) = Origin::parse(origin) else { return };
    assert!(address(&music_assistant, GrantKind::Media, text).is_none());
    for kind in [GrantKind::Stream, GrantKind::Picture] {
        if let Some(address) = address(&music_assistant, kind, text) {
            let address = address.to_string();
            assert_eq!(address.strip_prefix(origin), Some(text));
            let url = Url::parse(&address);
            assert!(url.is_ok_and(|url| music_assistant.is(&url) && &url[Position::BeforePath..] == text));
            assert!(!text.starts_with("/command") && text.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}

/// A list has a line for each address that went into it, as it was, and the path of a tone is written as it was read.
pub(super) fn lists(text: &str) {
    if let Some(path) = TonePath::parse(text) {
        assert_eq!(path.to_string(), text);
    }
    let Ok(music_assistant) = Origin::parse("http://192.168.1.5:8097") else { return };
    let mut given = Vec::new();
    for line in text.lines() {
        if let Some(address) = address(&music_assistant, GrantKind::Stream, line) {
            assert_eq!(playlist(&address).lines().collect::<Vec<_>>(), [address.to_string()]);
        }
        let (millis, name) = line.split_once(' ').unwrap_or(("1000", line));
        let length = Duration::from_millis(millis.parse::<u32>().unwrap_or(1000).into());
        given.extend(HlsPiece::new(name, length).map(|piece| (piece, name.to_owned(), length)));
    }
    let pieces: Vec<HlsPiece> = given.iter().map(|(piece, _, _)| piece.clone()).collect();
    for has_ended in [false, true] {
        let list = hls(&pieces, has_ended);
        let mut lines = list.lines();
        assert_eq!(lines.next(), Some("#EXTM3U"));
        assert_eq!(list.lines().last() == Some("#EXT-X-ENDLIST"), has_ended);
        let number = |prefix: &str, line: &str| {
            line.strip_prefix(prefix).map(|rest| rest.trim_end_matches(',').to_owned())
        };
        let target = list.lines().find_map(|line| number("#EXT-X-TARGETDURATION:", line));
        let target: f64 = target.and_then(|target| target.parse().ok()).unwrap_or_default();
        let mut read = Vec::new();
        while let Some(line) = lines.next() {
            let Some(seconds) = number("#EXTINF:", line) else { continue };
            let seconds: f64 = seconds.parse().unwrap_or(f64::INFINITY);
            assert!(seconds.round() <= target, "{list}");
            read.push((lines.next().unwrap_or_default().to_owned(), Duration::from_secs_f64(seconds)));
        }
        let given: Vec<_> = given.iter().map(|(_, name, length)| (name.clone(), *length)).collect();
        assert_eq!(read, given);
    }
}
