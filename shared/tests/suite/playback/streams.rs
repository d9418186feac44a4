//! Whose stream an address is, and how it is spelled.

use ma_alexa::playback::{StreamKind, StreamUrl, StreamUrlError};
use proptest::prelude::*;

const BASE: &str = "http://192.168.1.5:8097";

#[test]
fn every_shape_names_its_player() {
    for (path, kind, player) in [
        ("/flow/s1/Office Echo/item/Office Echo.flac", StreamKind::Flow, "Office Echo"),
        ("/flow/s1/Group/item/Office%20Echo.flac", StreamKind::Flow, "Office Echo"),
        ("/single/s1/Küche/item/Küche.mp3", StreamKind::Single, "Küche"),
        ("/single/s1/K%C3%BCche/item/K%C3%BCche.mp3", StreamKind::Single, "Küche"),
        ("/flow/s1/Bad 🛁/item.aac", StreamKind::Flow, "Bad 🛁"),
        ("/flow/Bad/item.aac", StreamKind::Flow, "Bad"),
        ("/single/Bad/item.wav", StreamKind::Single, "Bad"),
        ("/announcement/Bad.mp3", StreamKind::Announcement, "Bad"),
        ("/announcement/Bad.mp3?pre_announce=True", StreamKind::Announcement, "Bad"),
        ("/pluginsource/spotify--1/Mr. Echo.wav", StreamKind::PluginSource, "Mr. Echo"),
        ("/flow/s/q/i/Office #1.flac", StreamKind::Flow, "Office #1"),
        ("/flow/s/q/i/Who? Me.flac", StreamKind::Flow, "Who? Me"),
        ("/flow/s/q/i/50% off.flac", StreamKind::Flow, "50% off"),
        ("/flow/s/q/i/a%2Fb.flac", StreamKind::Flow, "a/b"),
        ("//flow/s/q/i/Bad.flac", StreamKind::Flow, "Bad"),
        ("/ugp/ugp_ab12.flac?player_id=Küche", StreamKind::UniversalGroup, "Küche"),
        ("/ugp/ugp_ab12.mp3?player_id=Office Echo", StreamKind::UniversalGroup, "Office Echo"),
        ("/ugp/ugp_ab12.mp3?player_id=Office%20Echo", StreamKind::UniversalGroup, "Office Echo"),
        ("/ugp/ugp_ab12.mp3?player_id=You & Me = 1+1?", StreamKind::UniversalGroup, "You & Me = 1+1?"),
        ("/ugp/ugp_ab12.aac?player_id=AC/DC", StreamKind::UniversalGroup, "AC/DC"),
        ("/flow/s/q/i/Bad.pcm;codec=pcm;rate=44100;bitrate=16;channels=2", StreamKind::Flow, "Bad"),
    ] {
        let url = StreamUrl::parse(&format!("{BASE}{path}")).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!((url.kind(), url.player().as_str()), (kind, player), "{path}");
    }
}

#[test]
fn a_query_has_one_spelling() {
    let url = StreamUrl::parse(&format!("{BASE}/single/s/q/i/Bad.mp3?a#b ä")).unwrap();
    assert_eq!(url.to_string(), format!("{BASE}/single/s/q/i/Bad.mp3?a%23b%20%C3%A4"));
    // As the store gives it back.
    assert_eq!(StreamUrl::try_from(url.to_string()), Ok(url));
}

#[test]
fn every_other_shape_is_refused_with_its_reason() {
    use StreamUrlError::{Credentials, Empty, NoHost, NotHttp, RawSlash, TooLong, UnknownShape};
    for (url, reason) in [
        (String::new(), Empty),
        ("  ".to_owned(), Empty),
        ("ftp://host/flow/s/q/i/p.mp3".to_owned(), NotHttp),
        ("/flow/s/q/i/p.mp3".to_owned(), NotHttp),
        ("http:///flow/s/q/i/p.mp3".to_owned(), NoHost),
        ("http://a b/flow/s/q/i/p.mp3".to_owned(), NoHost),
        ("http://me:secret@host/flow/s/q/i/p.mp3".to_owned(), Credentials),
        (format!("{BASE}/flow/s/q/i/{}.mp3", "p".repeat(2000)), TooLong),
        (BASE.to_owned(), UnknownShape),
        (format!("{BASE}/"), UnknownShape),
        (format!("{BASE}/flow/p.mp3"), UnknownShape),
        (format!("{BASE}/flow/s/q/i/AC/DC.mp3"), RawSlash),
        (format!("{BASE}/single/s/AC/DC/i/AC/DC.mp3"), RawSlash),
        (format!("{BASE}/announcement/AC/DC.mp3"), RawSlash),
        (format!("{BASE}/pluginsource/spotify/AC/DC.mp3"), RawSlash),
        (format!("{BASE}/flow/s/q/i/x/../p.mp3"), UnknownShape),
        (format!("{BASE}/ugp/group.mp3"), UnknownShape),
        (format!("{BASE}/ugp/group.mp3?player_id="), UnknownShape),
        (format!("{BASE}/ugp/group.mp3?player=Bad"), UnknownShape),
        (format!("{BASE}/ugp/group?player_id=Bad"), UnknownShape),
        (format!("{BASE}/flow/s/q/i/p"), UnknownShape),
        (format!("{BASE}/flow/s/q/i/.mp3"), UnknownShape),
        (format!("{BASE}/flow/s//i.mp3"), UnknownShape),
        (format!("{BASE}/flow/../q/i/p.mp3"), UnknownShape),
        (format!("{BASE}/command/q/next.mp3"), UnknownShape),
        (format!("{BASE}/music/file.mp3"), UnknownShape),
        (format!("{BASE}/flow/s/q/i/%FF%FE.mp3"), UnknownShape),
    ] {
        assert_eq!(StreamUrl::parse(&url), Err(reason), "{url}");
    }
}

/// An address of the greatest length is three times as long, or more, once its names are encoded.
#[test]
fn an_accepted_address_is_read_back_from_the_store() {
    for letter in ["ü", "音", "🛁"] {
        let name = letter.repeat(900);
        let url = StreamUrl::parse(&format!("{BASE}/flow/s/{name}/i/{name}.flac")).unwrap();
        let stored = serde_json::to_string(&url).unwrap();
        assert!(stored.len() > 2000);
        assert_eq!(serde_json::from_str::<StreamUrl>(&stored).unwrap(), url);
    }
}

#[test]
fn an_encoded_name_and_a_plain_one_are_the_same_stream() {
    let plain = StreamUrl::parse(&format!("{BASE}/flow/s/Office Echo/i/Küche 🛁.flac")).unwrap();
    let encoded = StreamUrl::parse(plain.to_string().as_str()).unwrap();
    assert!(plain.to_string().is_ascii());
    assert_eq!((plain.short_hash(), plain.player()), (encoded.short_hash(), encoded.player()));
}

/// Every format becomes one that an Echo plays, and nothing but the ending changes.
#[test]
fn every_format_becomes_mp3() {
    for format in ["flac", "wav", "aac", "ogg", "mp3", "pcm;codec=pcm;rate=44100;bitrate=16;channels=2"] {
        let url = StreamUrl::parse(&format!("{BASE}/flow/s/q.flac/i/My.flac Echo.{format}")).unwrap();
        assert_eq!(url.path_for_echo(), "/flow/s/q.flac/i/My.flac%20Echo.mp3", "{format}");
    }
    assert!(
        StreamUrl::parse("https://radio.example.com/station.flac").is_err(),
        "no foreign stream is touched"
    );
}

#[test]
fn a_name_with_a_control_character_is_none() {
    for name in ["a%00b", "a\0b", "a%0D%0Ab", "a\r\nb", "a%0Ab", "a%7Fb", "a%C2%85b", "%00"] {
        for path in [
            format!("flow/s/{name}/i/{name}.flac"),
            format!("single/s/q/i/{name}.flac"),
            format!("flow/s/{name}/i.flac"),
            format!("flow/{name}/i/plain.flac"),
            format!("announcement/{name}.mp3"),
            format!("pluginsource/{name}/plain.mp3"),
            format!("ugp/group.mp3?player_id={name}"),
            format!("ugp/{name}.mp3?player_id=plain"),
        ] {
            let parsed = StreamUrl::parse(&format!("{BASE}/{path}"));
            assert_eq!(parsed, Err(StreamUrlError::UnknownShape), "{path:?}");
        }
    }
}

#[test]
fn no_path_leaves_those_of_streams_even_when_it_is_decoded_again() {
    for segment in
        ["..", "%2e%2e", "%252e%252e", "..%2F..", "..%2f..%2fapi", "%252e%252e%252fapi", "..%5C..", "."]
    {
        for path in [format!("flow/s/{segment}/i/p.mp3"), format!("flow/s/q/i/{segment}%2Fp.mp3")] {
            assert!(StreamUrl::parse(&format!("{BASE}/{path}")).is_err(), "{path}");
        }
    }
}

/// The member is one value of the query, whatever stands in its name.
#[test]
fn the_stream_of_a_group_is_spelled_for_each_member() {
    for name in ["You & Me = 1+1?", "You%20%26%20Me%20%3D%201%2B1%3F"] {
        let url = StreamUrl::parse(&format!("{BASE}/ugp/ugp_1.flac?player_id={name}")).unwrap();
        assert_eq!(url.path_for_echo(), "/ugp/ugp_1.mp3?player_id=You%20%26%20Me%20%3D%201%2B1%3F");
        let again: StreamUrl = serde_json::from_value(serde_json::to_value(&url).unwrap()).unwrap();
        assert_eq!(again, url);
    }
    let [one, other] = ["Kitchen", "Office"].map(|name| {
        StreamUrl::parse(&format!("{BASE}/ugp/ugp_1.flac?player_id={name}")).unwrap().short_hash()
    });
    assert_ne!(one, other);
}

proptest! {
    #[test]
    fn parsing_any_text_does_not_panic(text in ".{0,200}") {
        let _ = StreamUrl::parse(&text);
        let _ = StreamUrl::parse(&format!("http://h/{text}"));
    }

    #[test]
    fn any_name_survives(name in "[^/\\p{Cc}%.?\\s][^/\\p{Cc}%.?]{0,600}[^/\\p{Cc}%.?\\s]", session in "[A-Za-z0-9]{8}") {
        let url = StreamUrl::parse(&format!("http://10.0.0.2:8097/flow/{session}/{name}/item/{name}.flac")).unwrap();
        let player = url.player();
        prop_assert_eq!(player.as_str(), name.as_str());
        let again: StreamUrl = serde_json::from_value(serde_json::to_value(&url).unwrap()).unwrap();
        prop_assert_eq!(&again, &url);
        prop_assert_eq!(again.to_string(), url.to_string());
        prop_assert!(url.path_for_echo().is_ascii());
        let path = url.path_for_echo();
        prop_assert_eq!(path.rsplit('.').next(), Some("mp3"));
    }
}
