//! The result of a form, shown once on the page that comes after it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::remedy::{Link, PagePart};
use crate::api::{ApiError, ErrorCode};
use crate::i18n::PageLanguage;

/// The cookie that takes it to the next page.
pub(super) const COOKIE: &str = "said";

/// Most characters of the cookie's value. Browsers drop a cookie of more than 4096 bytes (RFC 6265), and with it the whole
/// message.
const MOST: usize = 3500;

/// The tone of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlashTone {
    /// A success.
    Good,
    /// A failure.
    Bad,
}

/// One text of the pages, and what is filled in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Flash {
    tone: FlashTone,
    key: String,
    #[serde(default)]
    values: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// The place where a person acts on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remedy: Option<PagePart>,
    /// A page of Tailscale's on which a person acts on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outside: Option<String>,
}

impl Flash {
    /// The message of a success.
    pub(crate) fn good(key: &str, values: &[(&str, &str)]) -> Self {
        Self::new(FlashTone::Good, key, values)
    }

    /// The message of a failure.
    pub(crate) fn bad(key: &str, values: &[(&str, &str)]) -> Self {
        Self::new(FlashTone::Bad, key, values)
    }

    /// The message of an error: the problem and the remedy.
    pub(crate) fn problem(error: &ApiError) -> Self {
        let code = error.code();
        let flash = Self::problem_of(error.page_text(), code.as_str(), error.message());
        Self { remedy: PagePart::of_error(code), ..flash }
    }

    /// The message of a failure with this code and sentence, or with the text of this key.
    pub(crate) fn problem_of(text: Option<&str>, code: &str, message: &str) -> Self {
        let of_code = || format!("problem-{}", code.replace('_', "-"));
        let key = text.map_or_else(of_code, str::to_owned);
        let key = if PageLanguage::english().has(&key) { key.as_str() } else { "problem-other" };
        let code = ErrorCode::ALL.into_iter().find(|known| known.as_str() == code);
        Self { remedy: code.and_then(PagePart::of_error), ..Self::bad(key, &[("message", message)]) }
    }

    /// The message with a link to the place where a person acts on it.
    pub(super) fn mended_at(self, remedy: Option<PagePart>) -> Self {
        Self { remedy, ..self }
    }

    /// The message with a link to a page of Tailscale's.
    pub(super) fn mended_outside(self, address: Option<&str>) -> Self {
        Self { outside: address.map(str::to_owned), ..self }
    }

    /// The link to where a person acts on it; none where that is in view, on the page of a path that `is_here`.
    pub(super) fn link(&self, language: PageLanguage, is_here: impl Fn(&str) -> bool) -> Option<Link> {
        let outside = self.outside.as_deref().and_then(|address| Link::of_tailscale(language, address));
        let remedy = self.remedy.filter(|place| !is_here(place.path()));
        outside.or_else(|| Some(remedy?.link(language)))
    }

    fn new(tone: FlashTone, key: &str, values: &[(&str, &str)]) -> Self {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { tone, key: key.to_owned(), values, place: None, remedy: None, outside: None }
    }

    /// The message beside the form that it is about: `place` is the id of the element that holds the form.
    pub(crate) fn at(self, place: &str) -> Self {
        Self { place: Some(place.to_owned()), ..self }
    }

    /// The id of the element that it belongs to; none for the whole page.
    pub(crate) fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// Whether it is the message of a success.
    pub(crate) fn is_good(&self) -> bool {
        self.tone == FlashTone::Good
    }

    /// The sentence.
    pub(crate) fn text(&self, language: PageLanguage) -> String {
        let values: Vec<(&str, &str)> =
            self.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        language.format(&self.key, &values)
    }

    /// As the value of a cookie. What would be too long for one is cut.
    pub(super) fn to_cookie(&self) -> String {
        let mut cookie = self.encoded();
        let mut most = self.values.iter().map(|(_, value)| value.len()).max().unwrap_or_default();
        while cookie.len() > MOST && most > 0 {
            most = most * 3 / 4;
            cookie = self.cut(most).encoded();
        }
        cookie
    }

    fn encoded(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// With at most `most` bytes of each value.
    fn cut(&self, most: usize) -> Self {
        let values = self.values.iter().map(|(name, value)| {
            let kept = &value[..value.floor_char_boundary(most)];
            let mark = if kept.len() < value.len() { "…" } else { "" };
            (name.clone(), format!("{kept}{mark}"))
        });
        Self { values: values.collect(), ..self.clone() }
    }

    /// From the value of a cookie. A text that there is not is left out: it would show any text of the cookie.
    pub(super) fn from_cookie(value: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(value).ok()?;
        let flash: Self = serde_json::from_slice(&json).ok()?;
        PageLanguage::english().has(&flash.key).then_some(flash)
    }
}
