//! The routes of the door, by method and path alone.

use axum::http::Method;

/// Longest grant that is looked at, in characters.
const MAX_GRANT: usize = 5600;

/// Longest ending of a picture's path, and longest name of a part of a tone, in characters.
const MAX_ENDING: usize = 5;

/// One of the routes. There is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DoorRoute<'a> {
    /// `POST /`: Alexa's request.
    Alexa,
    /// `/healthz`.
    Health,
    /// `/s/{grant}.mp3`.
    Stream(&'a str),
    /// `/p/{grant}.m3u`, with a stream's grant.
    Playlist(&'a str),
    /// `/a/{grant}`, perhaps with an ending such as `.jpg`.
    Picture(&'a str),
    /// `/t/{grant}.mp3`, `.m3u` or `.m3u8`, or `/t/{grant}/{part}.mp3`: the tone of a trial.
    Tone(&'a str),
}

impl<'a> DoorRoute<'a> {
    /// Reads method and path; none where they are of no route.
    pub(super) fn read(method: &Method, path: &'a str) -> Option<Self> {
        if method == Method::POST {
            return (path == "/").then_some(Self::Alexa);
        }
        if method != Method::GET && method != Method::HEAD {
            return None;
        }
        if path == "/healthz" {
            return Some(Self::Health);
        }
        let (folder, name) = path.strip_prefix('/')?.split_once('/')?;
        let asked = match folder {
            "s" => Self::Stream(name.strip_suffix(".mp3")?),
            "p" => Self::Playlist(name.strip_suffix(".m3u")?),
            "a" => Self::Picture(without_ending(name)?),
            "t" => Self::Tone(tone_grant(name)?),
            _ => return None,
        };
        asked.grant().is_some_and(is_grant).then_some(asked)
    }

    /// The route, as metrics have it.
    pub(super) fn route(self) -> &'static str {
        match self {
            Self::Alexa => "/",
            Self::Health => "/healthz",
            Self::Stream(_) => "/s/{grant}.mp3",
            Self::Playlist(_) => "/p/{grant}.m3u",
            Self::Picture(_) => "/a/{grant}",
            Self::Tone(_) => "/t/{grant}",
        }
    }

    fn grant(self) -> Option<&'a str> {
        match self {
            Self::Stream(grant) | Self::Playlist(grant) | Self::Picture(grant) | Self::Tone(grant) => {
                Some(grant)
            }
            Self::Alexa | Self::Health => None,
        }
    }
}

fn tone_grant(name: &str) -> Option<&str> {
    let Some((grant, part)) = name.split_once('/') else {
        return [".mp3", ".m3u", ".m3u8"].iter().find_map(|ending| name.strip_suffix(ending));
    };
    let part = part.strip_suffix(".mp3")?;
    let is_part =
        (1..=MAX_ENDING).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_part.then_some(grant)
}

fn without_ending(name: &str) -> Option<&str> {
    let Some((grant, ending)) = name.split_once('.') else { return Some(name) };
    let is_ending =
        (1..=MAX_ENDING).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_ending.then_some(grant)
}

/// Whether a text can be a grant, before anything is decoded.
fn is_grant(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_GRANT).contains(&text.len()) && text.bytes().all(is_base64url)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_routes_are_read() {
        for (method, path, asked) in [
            ("POST", "/", DoorRoute::Alexa),
            ("GET", "/healthz", DoorRoute::Health),
            ("HEAD", "/healthz", DoorRoute::Health),
            ("GET", "/s/aB-_9.mp3", DoorRoute::Stream("aB-_9")),
            ("HEAD", "/s/a.mp3", DoorRoute::Stream("a")),
            ("GET", "/p/a.m3u", DoorRoute::Playlist("a")),
            ("GET", "/a/a", DoorRoute::Picture("a")),
            ("HEAD", "/a/a.jpeg", DoorRoute::Picture("a")),
            ("GET", "/t/a.mp3", DoorRoute::Tone("a")),
            ("HEAD", "/t/a.m3u", DoorRoute::Tone("a")),
            ("GET", "/t/a.m3u8", DoorRoute::Tone("a")),
            ("GET", "/t/a/0.mp3", DoorRoute::Tone("a")),
            ("HEAD", "/t/a/sound.mp3", DoorRoute::Tone("a")),
        ] {
            assert_eq!(DoorRoute::read(&method.parse().unwrap(), path), Some(asked), "{method} {path}");
        }
    }

    /// One of each, so that a new one has to be added here.
    fn each() -> [DoorRoute<'static>; 6] {
        let is_listed = |route| match route {
            DoorRoute::Alexa
            | DoorRoute::Health
            | DoorRoute::Stream(_)
            | DoorRoute::Playlist(_)
            | DoorRoute::Picture(_)
            | DoorRoute::Tone(_) => true,
        };
        let grant = "a";
        let routes = [
            DoorRoute::Alexa,
            DoorRoute::Health,
            DoorRoute::Stream(grant),
            DoorRoute::Playlist(grant),
            DoorRoute::Picture(grant),
            DoorRoute::Tone(grant),
        ];
        assert!(routes.into_iter().all(is_listed));
        routes
    }

    /// The first column of the table in `docs/security.md`: the methods and the paths of each row.
    fn documented() -> Vec<(Vec<Method>, Vec<String>)> {
        let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
        let document = fs::read_to_string(document).unwrap();
        let table = document.split_once("| route |").unwrap().1.split_once("\n\n").unwrap().0;
        let rows = table.lines().skip(2).map(|row| {
            let words = row.split('|').nth(1).unwrap().split(['`', ' ', ',']).filter(|word| !word.is_empty());
            let (paths, methods): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with('/'));
            let methods = methods.into_iter().map(|method| method.parse().unwrap());
            (methods.collect(), paths.into_iter().map(str::to_owned).collect())
        });
        rows.collect()
    }

    #[test]
    fn the_document_of_security_has_every_route() {
        let mut found = BTreeSet::new();
        for (methods, paths) in documented() {
            for path in paths {
                let asked = path.replace("{grant}", "a").replace("{part}", "0");
                for method in [Method::GET, Method::HEAD, Method::POST] {
                    let route = DoorRoute::read(&method, &asked);
                    assert_eq!(route.is_some(), methods.contains(&method), "{method} {path}");
                    found.extend(route.map(DoorRoute::route));
                }
            }
        }
        assert_eq!(found, BTreeSet::from(each().map(DoorRoute::route)));
        for ending in [".mp3", ".m3u", ".m3u8", "/{part}.mp3"] {
            let tone = format!("/t/{{grant}}{ending}");
            assert!(documented().iter().any(|(_, paths)| paths.contains(&tone)), "{tone}");
        }
    }

    #[test]
    fn everything_else_is_no_route() {
        let long = format!("/s/{}.mp3", "a".repeat(MAX_GRANT + 1));
        let paths = [
            "",
            "*",
            "/",
            "//",
            "/s",
            "/s/",
            "/s/.mp3",
            "/s/a",
            "/s/a.m3u",
            "/s/a.mp3/",
            "/s/a.mp3.mp3",
            "/s/a/b.mp3",
            "/s/%61.mp3",
            "/S/a.mp3",
            "//s/a.mp3",
            "/p/a.mp3",
            "/t/a",
            "/t/.mp3",
            "/t/a.jpg",
            "/t/a.m3u88",
            "/t/a/.mp3",
            "/t/a/0",
            "/t/a/0.m3u8",
            "/t/a/sounds.mp3",
            "/t/a/../0.mp3",
            "/t/a/0.mp3/",
            "/t//0.mp3",
            "/t/a.mp3/0.mp3",
            "/a/",
            "/a/.jpg",
            "/a/a.",
            "/a/a.b.c",
            "/a/a.jpgjpg",
            "/a/a/b",
            "/healthz/",
            "/health",
            "/x/a",
            &long,
        ];
        for method in [Method::GET, Method::HEAD] {
            for path in paths {
                assert_eq!(DoorRoute::read(&method, path), None, "{method} {path}");
            }
        }
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "get"] {
            for path in ["/s/a.mp3", "/a/a", "/p/a.m3u", "/healthz", "//"] {
                assert_eq!(DoorRoute::read(&method.parse().unwrap(), path), None, "{method} {path}");
            }
        }
    }
}
