//! Numbers of releases.

use std::fmt;

/// Most digits of a part.
const MOST_DIGITS: usize = 6;

/// The number of a release, such as `0.2.0`. Nothing else is one: neither a pre-release nor a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release([u32; 3]);

impl Release {
    /// Reads a number, with a `v` before it or not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let mut next = || {
            let part = parts.next()?;
            let is_number =
                (1..=MOST_DIGITS).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| part.parse().ok())?
        };
        let release = Self([next()?, next()?, next()?]);
        parts.next().is_none().then_some(release)
    }

    /// The release of this program.
    #[must_use]
    pub fn own() -> Self {
        // One without a number is older than each.
        Self::parse(env!("CARGO_PKG_VERSION")).unwrap_or(Self([0; 3]))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_three_numbers_and_nothing_else() {
        for (text, shown) in [("v0.2.0", "0.2.0"), ("10.0.3", "10.0.3"), ("v00.1.0", "0.1.0")] {
            assert_eq!(
                Release::parse(text).map(|release| release.to_string()).as_deref(),
                Some(shown),
                "{text}"
            );
        }
        for text in [
            "",
            "v",
            "1",
            "1.2",
            "1.2.3.4",
            "1.2.3-rc.1",
            "1.2.3+build",
            "v1.2.x",
            "-1.2.3",
            "1..3",
            "1.2.",
            " 1.2.3",
            "latest",
            "vv1.2.3",
            "1.2.3 ",
            "1.2.1234567",
            "٣.1.2",
        ] {
            assert_eq!(Release::parse(text), None, "{text}");
        }
    }

    #[test]
    fn releases_sort_by_their_numbers() {
        let of = |text| Release::parse(text);
        assert!(of("0.10.0") > of("0.9.9") && of("1.0.0") > of("0.99.99") && of("0.1.2") > of("0.1.1"));
        assert!(Release::parse(env!("CARGO_PKG_VERSION")).is_some(), "this release has a number");
    }
}
