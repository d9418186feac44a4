//! What controllers in the network send to media renderers.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use ma_alexa::upnp::testing;
use url::{Host, Url};

use super::parts;

/// A datagram of discovery.
pub(super) fn search(data: &[u8]) {
    let Some((target, seconds)) = testing::search(data) else { return };
    assert!(target.bytes().all(|byte| byte.is_ascii_graphic()) && target.len() <= 256);
    assert!((1..=5).contains(&seconds));
}

/// A call of an action: the header, an empty line and the message.
pub(super) fn call(text: &str) {
    let (header, body) = parts(text);
    for service in ["AVTransport", "RenderingControl", "ConnectionManager"] {
        match testing::call(service, Some(header), body) {
            Ok((action, arguments)) => {
                assert!(header.contains(action) && header.contains(service));
                // Nothing is expanded.
                let length: usize = arguments.iter().map(|(_, value)| value.len()).sum();
                assert!(length <= body.len());
            }
            Err(number) => assert!(number == 401 || number == 402),
        }
    }
}

/// DIDL-Lite.
pub(super) fn item(text: &str) {
    let uri = "http://192.168.1.5:8097/a.mp3?b=1&c=2";
    let item = testing::described(uri, text);
    assert_eq!(item.uri, uri);
    for name in [&item.title, &item.artist, &item.album].into_iter().flatten() {
        assert!((1..=256).contains(&name.chars().count()));
    }
    let picture =
        item.picture.as_deref().map(|picture| Url::parse(picture).map(|url| url.scheme().to_owned()));
    assert!(picture.is_none_or(|scheme| scheme.is_ok_and(|scheme| scheme == "http" || scheme == "https")));
    let shown = testing::shown(&item);
    assert!(testing::is_well_formed(&shown));
    let read = testing::described(uri, &shown);
    assert_eq!((read.title, read.artist, read.album), (item.title, item.artist, item.album));
    assert_eq!((read.picture, read.duration), (item.picture, item.duration));
}

/// The headers of a subscription, one in a line.
pub(super) fn subscription(text: &str) {
    let mut headers = HeaderMap::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    let renews = headers.contains_key("sid");
    match testing::subscription(&headers) {
        Ok((seconds, texts)) => {
            assert!((60..=1800).contains(&seconds) && (1..=4).contains(&texts.len()));
            for callback in texts.iter().filter(|_| !renews) {
                let url = Url::parse(callback);
                assert!(
                    url.is_ok_and(|url| url.scheme() == "http" && matches!(url.host(), Some(Host::Ipv4(_))))
                );
            }
        }
        Err(status) => assert!(status == 400 || status == 412),
    }
}
