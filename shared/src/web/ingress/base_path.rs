//! The path below which Home Assistant shows the pages.

use std::fmt;

/// The longest base path in bytes. Home Assistant's are about 65 long.
const LONGEST: usize = 200;

/// A path such as `/api/hassio_ingress/TOKEN`, of plain letters alone: it is written into pages and headers as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BasePath(String);

impl BasePath {
    /// Reads the header `X-Ingress-Path`; none where it has anything but letters, digits, `-` and `_` between its slashes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_plain = |segment: &str| {
            !segment.is_empty()
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        let mut segments = text.strip_prefix('/')?.split('/');
        (text.len() <= LONGEST && segments.all(is_plain)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for BasePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_has_plain_letters_alone() {
        for good in ["/api/hassio_ingress/Ab-_09", "/a"] {
            assert_eq!(BasePath::parse(good).map(|base| base.to_string()).as_deref(), Some(good));
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        for evil in [
            "",
            "/",
            "//evil.example",
            "/a/",
            "/a//b",
            "/a/../b",
            "/a/.",
            "api",
            "https://evil.example",
            "/a\"onload=\"x",
            "/a'><script>",
            "/a;Path=/",
            "/a b",
            "/a%2fb",
            "/a\\b",
            "/ä",
            "/a\r\nSet-Cookie: x=y",
            &long,
        ] {
            assert_eq!(BasePath::parse(evil), None, "{evil:?}");
        }
    }
}
