//! Light or dark.

use axum::http::request::Parts;
use axum_extra::extract::CookieJar;

use super::cookies;

/// The cookie that keeps the chosen theme.
pub(super) const COOKIE: &str = "theme";

/// The colours of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Those of the browser.
    #[default]
    System,
    /// Dark text on a light ground.
    Light,
    /// Light text on a dark ground.
    Dark,
}

impl Theme {
    /// All themes, in the order in which they are offered.
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name in an address, in a cookie and in the style.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The key of its name.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::System => "theme-system",
            Self::Light => "theme-light",
            Self::Dark => "theme-dark",
        }
    }

    /// The media for which the dark style is loaded; none for never.
    pub(crate) fn dark_media(self) -> Option<&'static str> {
        match self {
            Self::System => Some("(prefers-color-scheme: dark)"),
            Self::Light => None,
            Self::Dark => Some("all"),
        }
    }

    fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.id() == id)
    }
}

/// The theme of the address, in `theme`.
pub(super) fn asked(parts: &Parts) -> Option<Theme> {
    let query = parts.uri.query()?;
    let (_, id) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "theme")?;
    Theme::parse(&id)
}

/// The theme of a request: what it asks for, else what was chosen before.
pub(super) fn of(parts: &Parts, jar: &CookieJar, https: bool) -> Theme {
    let kept = || jar.get(&cookies::name(COOKIE, https)).and_then(|cookie| Theme::parse(cookie.value()));
    asked(parts).or_else(kept).unwrap_or_default()
}
