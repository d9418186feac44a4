//! Where an Echo fetches streams and pictures.

use ma_alexa::config::{BaseUrl, Origin, StreamOverrides};
use ma_alexa::playback::{StreamAddresses, StreamUrl, Unreachable};

fn addresses() -> StreamAddresses {
    StreamAddresses::from(set())
}

fn set() -> StreamOverrides {
    StreamOverrides {
        stream_base: Some(BaseUrl::parse("https://music.example.com/").unwrap()),
        ma_origin: None,
        art_base: Some(BaseUrl::parse("https://art.example.com:8443/ma").unwrap()),
        ..StreamOverrides::default()
    }
}

fn stream_on(origin: &str) -> StreamUrl {
    StreamUrl::parse(&format!("{origin}/flow/s/q/i/Office Echo.flac")).unwrap()
}

/// A name or an IPv6 literal of the home is replaced just as an IPv4 address.
#[test]
fn everything_of_the_home_is_replaced() {
    for origin in [
        "http://192.168.1.5:8097",
        "http://homeassistant.local:8097",
        "http://[fd00::5]:8097",
        "http://[fe80::1]:8097",
        "http://music.example.org:8097",
        "http://8.8.8.8",
        "https://homeassistant.local",
        "https://nas",
        "https://nas.lan",
        "https://box.fritz.box",
        "https://10.0.0.2",
        "https://100.64.3.4",
        "https://127.0.0.1",
        "https://169.254.1.1",
        "https://[::1]",
        "https://[::ffff:192.168.1.5]",
    ] {
        assert_eq!(
            addresses().stream(&stream_on(origin)).as_deref(),
            Ok("https://music.example.com/flow/s/q/i/Office%20Echo.mp3"),
            "{origin}"
        );
    }
}

#[test]
fn a_public_https_stream_is_left_alone() {
    for origin in
        ["https://ma.example.org", "https://ma.example.org:8443", "https://8.8.8.8", "https://[2001:4860::1]"]
    {
        let expected = format!("{origin}/flow/s/q/i/Office%20Echo.mp3");
        assert_eq!(addresses().stream(&stream_on(origin)), Ok(expected));
    }
}

#[test]
fn music_assistants_own_https_origin_is_replaced() {
    let ma_origin = Some(Origin::parse("https://ma.example.org/").unwrap());
    let addresses = StreamAddresses::from(StreamOverrides { ma_origin, ..set() });
    let public = addresses.stream(&stream_on("https://ma.example.org")).unwrap();
    assert_eq!(public, "https://music.example.com/flow/s/q/i/Office%20Echo.mp3");
}

#[test]
fn without_a_base_a_stream_of_the_home_is_refused() {
    let none = StreamAddresses::default();
    assert_eq!(none.stream(&stream_on("http://192.168.1.5:8097")), Err(Unreachable));
    assert!(Unreachable.to_string().contains("STREAM_BASE_URL"));
    assert!(none.stream(&stream_on("https://ma.example.org")).is_ok());
}

/// A base with a scheme, a path prefix, a slash at its end makes one address, and never `https://https://`.
#[test]
fn a_base_is_read_once() {
    for base in ["https://m.example.com", "https://m.example.com/", "HTTPS://m.example.com//"] {
        let stream_base = Some(BaseUrl::parse(base).unwrap());
        let addresses = StreamAddresses::from(StreamOverrides { stream_base, ..set() });
        let public = addresses.stream(&stream_on("http://10.0.0.2:8097")).unwrap();
        assert_eq!(public, "https://m.example.com/flow/s/q/i/Office%20Echo.mp3", "{base}");
    }
    let stream_base = Some(BaseUrl::parse("https://m.example.com:8443/ma/stream/").unwrap());
    let addresses = StreamAddresses::from(StreamOverrides { stream_base, ..set() });
    let public = addresses.stream(&stream_on("http://10.0.0.2:8097")).unwrap();
    assert_eq!(public, "https://m.example.com:8443/ma/stream/flow/s/q/i/Office%20Echo.mp3");
    for wrong in [
        "m.example.com",
        "http://m.example.com",
        "https://u:p@m.example.com",
        "https://m.example.com/?a=b",
        "",
    ] {
        assert!(BaseUrl::parse(wrong).is_err(), "{wrong}");
    }
}

/// A picture on a foreign host is not touched; one that no Echo reaches is left out.
#[test]
fn art_of_other_hosts_is_left_alone_and_art_that_no_echo_reaches_left_out() {
    let addresses = addresses();
    for (image, public) in [
        ("https://i.scdn.co/image/abc?x=1", Some("https://i.scdn.co/image/abc?x=1")),
        // A person who knows such an address can put another one into it: it is not let out.
        ("http://192.168.1.5:8095/imageproxy?path=%2Fa%20b&size=500", None),
        ("https://ma.local/imageproxy/x.png", None),
        ("http://192.168.1.5:8095/logo.png", None),
        ("http://cdn.example.com/cover.jpg", None),
        ("https://u:p@i.scdn.co/image/abc", None),
        ("data:image/png;base64,AAAA", None),
        ("not an address", None),
    ] {
        assert_eq!(addresses.art(image).as_deref(), public, "{image}");
    }
    assert_eq!(addresses.art(&format!("https://i.scdn.co/{}", "a".repeat(2000))), None);
    let name = "0123456789abcdef".repeat(4);
    let public = format!("https://art.example.com:8443/ma/imageproxy/{name}");
    for image in ["http://192.168.1.5:8095/imageproxy/", "https://ma.local//imageproxy/"] {
        for query in ["", "?size=512&fmt=png", "?path=http%3A%2F%2F192.168.1.1"] {
            assert_eq!(addresses.art(&format!("{image}{name}{query}")).as_ref(), Some(&public));
        }
        for wrong in [&name[1..], &name.to_uppercase(), &format!("{name}0"), &format!("{name}/..")] {
            assert_eq!(addresses.art(&format!("{image}{wrong}")), None, "{wrong}");
        }
    }
    assert_eq!(StreamAddresses::default().art(&format!("http://192.168.1.5:8095/imageproxy/{name}")), None);
}
