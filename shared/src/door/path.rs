//! Addresses at Music Assistant, made of an origin and a granted path.

use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use percent_encoding::percent_decode_str;

use crate::config::Origin;
use crate::grant::GrantKind;

/// Paths of streams without an end, which a reader may join anywhere (Music Assistant, `controllers/streams`).
const ENDLESS: [&str; 3] = ["/flow/", "/pluginsource/", "/ugp/"];

/// Paths of streams that have a beginning and an end.
const WHOLE: [&str; 2] = [SINGLE, "/announcement/"];

/// Paths of single tracks, of which Music Assistant may serve a part.
const SINGLE: &str = "/single/";

/// Path of pictures; its query, or the name behind it, says which (Music Assistant, `controllers/metadata`).
const PICTURES: &str = "/imageproxy";

/// Characters that no address has as they are: one reader of addresses would see another path than the next (WHATWG URL).
const ENCODED: &[u8] = br##""#<>\^`{}"##;

/// The address of a granted path at `origin`, path and query as they are. None for a path that is none of this kind: a
/// seal proves who made a grant, and this that it is harmless.
#[must_use]
pub fn address(origin: &Origin, kind: GrantKind, path: &str) -> Option<Uri> {
    if !is_of_kind(kind, path) {
        return None;
    }
    let mut parts = origin.as_str().parse::<Uri>().ok()?.into_parts();
    let granted = PathAndQuery::try_from(path).ok().filter(|granted| granted.as_str() == path)?;
    parts.path_and_query = Some(granted);
    Uri::from_parts(parts).ok()
}

/// Whether a stream may be joined after its beginning.
pub(super) fn is_endless(path: &str) -> bool {
    ENDLESS.iter().any(|prefix| path.starts_with(prefix))
}

/// Whether Music Assistant is asked for a part of this stream.
pub(super) fn has_parts(path: &str) -> bool {
    path.starts_with(SINGLE)
}

fn is_of_kind(kind: GrantKind, path: &str) -> bool {
    let is_encoded = path.bytes().all(|byte| byte.is_ascii_graphic() && !ENCODED.contains(&byte));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_known = match kind {
        GrantKind::Stream => {
            ENDLESS.iter().chain(&WHOLE).any(|prefix| path.starts_with(prefix) && path.len() > prefix.len())
        }
        GrantKind::Picture => {
            path.strip_prefix(PICTURES).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        // The one is ours, and fetched nowhere; the other has an address of its own.
        GrantKind::Tone | GrantKind::Media => false,
    };
    is_encoded && is_known && !query.contains('\'') && path.split('/').skip(1).all(is_name)
}

/// Whether a segment is one for every server on its way: encoded or not, it is no step up and no second slash.
fn is_name(segment: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(segment).collect();
    let is_harmless = |byte: &u8| !byte.is_ascii_control() && !matches!(byte, b'/' | b'\\');
    !matches!(&decoded[..], b"" | b"." | b"..") && decoded.iter().all(is_harmless)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    const ORIGIN: &str = "http://192.168.1.5:8097";

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    fn at_home(kind: GrantKind, path: &str) -> Option<String> {
        address(&origin(ORIGIN), kind, path).map(|uri| uri.to_string())
    }

    #[test]
    fn paths_of_music_assistant_are_joined_as_they_are() {
        for path in [
            "/flow/Aa2keUeZ/Kitchen/1234/Kitchen.mp3",
            "/flow/Aa2keUeZ/Office%20Echo/1234/K%C3%BCche.mp3",
            "/single/a/b/c/d.mp3?x=//@..",
            "/announcement/Kitchen.mp3",
            "/pluginsource/spotify--1/a%40b.mp3",
            "/flow/Aa2keUeZ/me@home/1234/me@home.mp3",
            "/ugp/group.mp3",
            "/flow/a/...mp3",
            "/flow/%252e%252e/a.mp3",
            "/flow/a/[1]|(2)!$&'*+,;=:~.mp3",
        ] {
            assert_eq!(at_home(GrantKind::Stream, path), Some(format!("{ORIGIN}{path}")));
            assert_eq!(at_home(GrantKind::Picture, path), None, "{path}");
        }
        for picture in
            ["/imageproxy?provider=a&size=512&path=https%253A%252F%252Fa%252Fb", "/imageproxy/0a1b?size=512"]
        {
            assert_eq!(at_home(GrantKind::Picture, picture), Some(format!("{ORIGIN}{picture}")));
            assert_eq!(at_home(GrantKind::Stream, picture), None);
        }
    }

    #[test]
    fn other_paths_are_none() {
        for path in [
            "",
            "/",
            "flow/a.mp3",
            "/flow",
            "/flow/",
            "/flow/?a",
            "/FLOW/a",
            "/command/Kitchen/next.mp3",
            "//evil.example/flow/a.mp3",
            "@evil.example/flow/a.mp3",
            "/flow//a.mp3",
            "/flow/a.mp3/",
            "/flow/../command/Kitchen/next.mp3",
            "/flow/./a.mp3",
            "/flow/%2e%2e/command/a/next.mp3",
            "/flow/.%2E/command/a/next.mp3",
            "/flow/a/..",
            "/flow/a%2f..%2f..%2fcommand/a.mp3",
            "/flow/a%5c..%5ca.mp3",
            "/flow/..\\command",
            "/flow/a b.mp3",
            "/flow/a%0d%0aHost: evil.mp3",
            "/flow/a%00.mp3",
            "/flow/a\r\n.mp3",
            "/flow/ü.mp3",
            "/flow/a.mp3#b",
            "/flow/a.mp3?a b",
            "/flow/\"a\".mp3",
            "/flow/a.mp3?'",
            "/imageproxy/../command/a",
            "/imageproxies",
            "/imageproxy/",
            "http://evil.example/flow/a.mp3",
            "/api",
            "/ws",
        ] {
            assert_eq!(at_home(GrantKind::Stream, path), None, "{path}");
            assert_eq!(at_home(GrantKind::Picture, path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_path_it_stays_at_the_origin(
            prefix in prop::sample::select(&["", "/", "/flow/", "/single/", "/imageproxy?", "/ugp/", "/command/"][..]),
            rest in r"([/.@\\:?#%&=]|%2[eEfF]|%5[cC]|%40|\.\.|[a-z0-9 ]|\PC){0,12}",
            at in prop::sample::select(&["http://192.168.1.5:8097", "https://ma.example.com", "http://[fd00::1]:8097"][..]),
        ) {
            let path = format!("{prefix}{rest}");
            for kind in [GrantKind::Stream, GrantKind::Picture] {
                let Some(uri) = address(&origin(at), kind, &path) else { continue };
                // Another reader of addresses, which resolves dots and slashes, sees the same.
                let url = Url::parse(&uri.to_string()).unwrap();
                prop_assert!(origin(at).is(&url), "{url}");
                prop_assert_eq!(&url[url::Position::BeforePath..], &path);
                prop_assert!(!url.path().starts_with("/command"));
                prop_assert!(url.username().is_empty() && url.fragment().is_none());
            }
        }
    }
}
