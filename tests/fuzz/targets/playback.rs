//! What Music Assistant pushes, and what comes back from Echos.

use ma_alexa::api::testing;
use ma_alexa::playback::{
    Metadata, PlayToken, Player, PlayerId, Push, PushPlan, Spoken, StreamUrl, find_spoken,
};
use percent_encoding::percent_decode_str;
use url::Url;

use super::household::NOW;

/// The first parts of the paths that Music Assistant serves to players.
const STREAM_PATHS: [&str; 5] = ["flow", "single", "announcement", "pluginsource", "ugp"];

/// A token is printed as what it was parsed from.
pub(super) fn token(text: &str) {
    if let Some(token) = PlayToken::decode(text) {
        assert_eq!(token.encode(), text);
    }
}

/// A push that is taken starts its player, and describes that start when it comes again.
pub(super) fn push_body(data: &[u8]) {
    let Ok(body) = testing::push_body(data) else { return };
    let metadata = Metadata {
        title: body.title,
        artist: body.artist,
        album: body.album,
        image_url: body.image_url,
        image_grant: None,
    };
    let metadata = metadata.clean();
    assert_eq!(metadata.clone().clean(), metadata);
    for name in [&metadata.title, &metadata.artist, &metadata.album].into_iter().flatten() {
        assert!((1..=500).contains(&name.chars().count()) && !name.chars().any(char::is_control));
    }
    let Ok(stream) = StreamUrl::parse(&body.stream_url) else { return };
    let player = stream.player();
    let push = Push {
        player,
        stream,
        grant: None,
        metadata,
        at: NOW,
        request: "one".to_owned(),
        is_play: false,
        can_skip_speech: None,
        reports_home: false,
    };
    assert_eq!(push.plan(None), PushPlan::Start);
    let started = Player::started(None, &push);
    let again = Push { request: "two".to_owned(), ..push };
    assert_eq!(again.plan(Some(&started)), PushPlan::Describe);
    let written = serde_json::to_vec(&started).unwrap_or_default();
    assert!(serde_json::from_slice::<Player>(&written).is_ok_and(|read| read == started));
}

/// Only players that there are can be meant. The first line is what was heard, each of the others a player.
pub(super) fn spoken_name(text: &str) {
    let mut lines = text.lines();
    let heard = lines.next().unwrap_or_default();
    let players: Vec<PlayerId> = lines.map(PlayerId::from).collect();
    let found = match find_spoken(&players, heard) {
        Spoken::One(player) => vec![player],
        Spoken::Several(found) | Spoken::Unknown(found) => found,
    };
    assert!(found.iter().all(|player| players.contains(player)));
}

/// What is taken as media of a controller is stored and read back as it is, and every reader of addresses sees the same.
fn media(text: &str) {
    let Ok(url) = StreamUrl::of_controller(text) else { return };
    let printed = url.to_string();
    assert_eq!(StreamUrl::try_from(printed.clone()).as_ref(), Ok(&url), "{printed}");
    assert_eq!(url.is_media(), url.media_place().is_some());
    if url.is_media() {
        let other = Url::parse(&printed);
        assert!(other.is_ok_and(|other| {
            other.as_str() == printed && other.username().is_empty() && other.fragment().is_none()
        }));
    }
}

/// Print and parse agree, and no path leads out of the streams, also where a proxy decodes once more.
pub(super) fn stream_address(text: &str) {
    media(text);
    let Ok(url) = StreamUrl::parse(text) else { return };
    let printed = url.to_string();
    if printed.chars().count() <= 2000 {
        assert_eq!(StreamUrl::parse(&printed).as_ref(), Ok(&url), "{printed}");
    }
    let path = url.path_for_echo();
    assert!(path.bytes().all(|byte| byte.is_ascii_graphic()), "{path}");
    let path = path.split('?').next().unwrap_or_default();
    let once = percent_decode_str(path).decode_utf8_lossy();
    let twice = percent_decode_str(&once).decode_utf8_lossy();
    for decoded in [path, &once, &twice] {
        assert!(decoded.split(['/', '\\']).all(|segment| segment != ".." && segment != "."), "{decoded}");
        let first = decoded.split('/').nth(1).unwrap_or_default();
        assert!(STREAM_PATHS.contains(&first), "{decoded}");
    }
}
