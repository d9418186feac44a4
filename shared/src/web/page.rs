//! The request behind a page: session, language and message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;

use super::error::PageError;
use super::flash::{self, Flash};
use super::ingress::Ingress;
use super::remedy::Link;
use super::session::{self, OwnerSession};
use super::theme::{self, Theme};
use super::{assets, cookies, language, origin};
use crate::api::ApiState;
use crate::clock::Timestamp;
use crate::config::{ApiUrl, LocaleCode};
use crate::i18n::PageLanguage;
use crate::updates::Updates;

/// With this header the script says that it, and no navigation, asks.
const FETCH_HEADER: &str = "x-fetch";

/// One request of a browser's; cheap to clone. Templates have it as `page`.
#[derive(Clone, Debug)]
pub(crate) struct Page(Arc<RequestInfo>);

#[derive(Clone, Debug)]
struct RequestInfo {
    language: PageLanguage,
    theme: Theme,
    /// The language of Alexa's that the browser prefers.
    locale: Option<LocaleCode>,
    https: bool,
    /// Scheme, host and port, as the browser has them. Through ingress these are Home Assistant's, and lead not here.
    origin: Option<String>,
    path: String,
    /// Whether the browser can ask for the same again.
    is_at_address: bool,
    now: Timestamp,
    /// A newer release than this one.
    newer: Option<Newer>,
    is_fetch: bool,
    session: Option<OwnerSession>,
    flash: Option<Flash>,
    /// Whether the message has been rendered.
    flash_shown: Arc<AtomicBool>,
}

/// A newer release than this one.
#[derive(Clone, Debug)]
pub(crate) struct Newer {
    /// Its number.
    pub(crate) release: String,
    /// The address that says how to update.
    pub(crate) how: String,
}

impl Newer {
    fn of(updates: &Updates) -> Option<Self> {
        let release = updates.newer()?.to_string();
        Some(Self { release, how: updates.how().to_owned() })
    }
}

impl Page {
    /// The request, with its session. Looks at cookies, and never at `Authorization`.
    pub(super) async fn of(state: &ApiState, parts: &Parts) -> Result<Self, (Self, PageError)> {
        let page = Self::without_session(state, parts, origin::configured(state).await.as_ref());
        match session_of(state, parts, page.is_https()).await {
            Ok(session) => Ok(Self(Arc::new(RequestInfo { session, ..Arc::unwrap_or_clone(page.0) }))),
            Err(error) => Err((page, error)),
        }
    }

    /// The request without its session. It reads nothing of the store, where the panic may come from.
    pub(super) fn after_panic(state: &ApiState, parts: &Parts) -> Self {
        Self::without_session(state, parts, None)
    }

    /// The request without its session, at a server with the address `configured`.
    fn without_session(state: &ApiState, parts: &Parts, configured: Option<&ApiUrl>) -> Self {
        let jar = CookieJar::from_headers(&parts.headers);
        let https = origin::is_https(parts, configured);
        let flash = jar.get(&cookies::name(flash::COOKIE, https)).map(Cookie::value);
        Self(Arc::new(RequestInfo {
            language: language::of(parts, &jar, https),
            theme: theme::of(parts, &jar, https),
            locale: language::preferred_locale(&parts.headers),
            https,
            origin: Some(parts)
                .filter(|parts| parts.extensions.get::<Ingress>().is_none())
                .and_then(|parts| origin::of(parts, https)),
            path: parts.uri.path().to_owned(),
            is_at_address: reads_only(parts),
            now: state.clock().now(),
            newer: Newer::of(state.updates()),
            is_fetch: is_fetch(&parts.headers),
            session: None,
            flash: flash.and_then(Flash::from_cookie),
            flash_shown: Arc::default(),
        }))
    }

    /// The owner's session; none without a login.
    pub(crate) fn session(&self) -> Option<&OwnerSession> {
        self.0.session.as_ref()
    }

    /// A newer release than this one. Who is not logged in learns of none.
    pub(crate) fn newer(&self) -> Option<&Newer> {
        self.session().and(self.0.newer.as_ref())
    }

    /// Whether the session can be ended here: one of Home Assistant ends there.
    pub(crate) fn can_log_out(&self) -> bool {
        self.session().is_some_and(OwnerSession::is_of_login)
    }

    /// The value of the field `csrf` in the forms of this page.
    pub(crate) fn csrf(&self) -> &str {
        self.session().map_or("", OwnerSession::csrf_token)
    }

    /// The language that it is in.
    pub(crate) fn language(&self) -> PageLanguage {
        self.0.language
    }

    /// The language of Alexa's that the browser prefers; none where Alexa speaks none of them.
    pub(crate) fn locale(&self) -> Option<LocaleCode> {
        self.0.locale
    }

    /// The colours that it is in.
    pub(crate) fn theme(&self) -> Theme {
        self.0.theme
    }

    /// All themes.
    #[expect(clippy::unused_self, reason = "templates have nothing but the page")]
    pub(crate) fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }

    /// The address of this page in another language.
    pub(crate) fn url_in_language(&self, language: PageLanguage) -> String {
        format!("{}?lang={}", self.address(), language.tag())
    }

    /// The address of this page in other colours.
    pub(crate) fn url_in_theme(&self, theme: Theme) -> String {
        format!("{}?theme={}", self.address(), theme.id())
    }

    /// The path of this page, relative to itself. The answer to a form has none: from there it leads to the set-up,
    /// which is the one that answers so.
    fn address(&self) -> &'static str {
        if self.0.is_at_address { "" } else { "/setup" }
    }

    /// All languages.
    #[expect(clippy::unused_self, reason = "templates have nothing but the page")]
    pub(crate) fn languages(&self) -> Vec<PageLanguage> {
        PageLanguage::all().collect()
    }

    /// A text of this language.
    pub(crate) fn text(&self, key: &str) -> String {
        self.0.language.text(key)
    }

    /// A text with values filled in.
    pub(crate) fn format(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.0.language.format(key, values)
    }

    /// A text with one value filled in, which templates write more shortly.
    pub(crate) fn format_one(&self, key: &str, name: &str, value: impl AsRef<str>) -> String {
        self.format(key, &[(name, value.as_ref())])
    }

    /// A text with two values filled in.
    pub(crate) fn format_two(
        &self,
        key: &str,
        name: &str,
        value: impl AsRef<str>,
        other: &str,
        another: impl AsRef<str>,
    ) -> String {
        self.format(key, &[(name, value.as_ref()), (other, another.as_ref())])
    }

    /// A text that depends on a number.
    pub(crate) fn count(&self, key: &str, count: usize) -> String {
        self.0.language.count(key, count)
    }

    /// The time since `at`, such as "3 minutes ago".
    pub(crate) fn ago(&self, at: Timestamp) -> String {
        let minutes = usize::try_from(self.0.now.since(at).as_secs() / 60).unwrap_or(usize::MAX);
        match minutes {
            0 => self.text("ago-now"),
            1..60 => self.count("ago-minutes", minutes),
            60..1440 => self.count("ago-hours", minutes / 60),
            _ => self.count("ago-days", minutes / 1440),
        }
    }

    /// The time from now until `at`, such as "in 3 minutes"; how long ago it was, once it is over.
    pub(crate) fn time_from_now(&self, at: Timestamp) -> String {
        let minutes = usize::try_from(at.since(self.0.now).as_secs().div_ceil(60)).unwrap_or(usize::MAX);
        match minutes {
            0 => self.ago(at),
            1..60 => self.count("in-minutes", minutes),
            60..1440 => self.count("in-hours", minutes.div_ceil(60)),
            _ => self.count("in-days", minutes.div_ceil(1440)),
        }
    }

    /// Whether the page is this one or below it.
    pub(crate) fn is_at(&self, path: &str) -> bool {
        let rest = self.0.path.strip_prefix(path);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Scheme, host and port, as the browser has them; none where it does not say. A client that
    /// forges it does so for its own page alone: nothing is sent there.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
    }

    /// The time of the request.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.now
    }

    /// The message about the form before; none where it belongs to one place of the page.
    pub(crate) fn flash(&self) -> Option<&Flash> {
        self.shown(self.0.flash.as_ref().filter(|flash| flash.place().is_none()))
    }

    /// The message about a form of this place, an id of an element.
    pub(crate) fn flash_at(&self, place: &str) -> Option<&Flash> {
        self.shown(self.0.flash.as_ref().filter(|flash| flash.place() == Some(place)))
    }

    /// The message whose place is not on this page.
    pub(crate) fn flash_left(&self) -> Option<&Flash> {
        if self.0.flash_shown.load(Ordering::Relaxed) {
            return None;
        }
        self.shown(self.0.flash.as_ref())
    }

    /// Whether a message came with the request.
    pub(super) fn has_flash(&self) -> bool {
        self.0.flash.is_some()
    }

    fn shown<'a>(&self, flash: Option<&'a Flash>) -> Option<&'a Flash> {
        if flash.is_some() {
            self.0.flash_shown.store(true, Ordering::Relaxed);
        }
        flash
    }

    /// The same request with a message, for a page that answers a form itself.
    pub(super) fn with_flash(&self, flash: Flash) -> Self {
        Self(Arc::new(RequestInfo { flash: Some(flash), ..(*self.0).clone() }))
    }

    /// The sentence of a message.
    pub(crate) fn flash_text(&self, flash: &Flash) -> String {
        flash.text(self.0.language)
    }

    /// The link to where a person acts on a message.
    pub(crate) fn flash_link(&self, flash: &Flash) -> Option<Link> {
        flash.link(self.language(), |path| self.is_at(path))
    }

    /// The address of the style.
    #[expect(clippy::unused_self, reason = "templates have nothing but the page")]
    pub(crate) fn style(&self) -> &'static str {
        assets::style()
    }

    /// The address of the style that makes it dark.
    #[expect(clippy::unused_self, reason = "templates have nothing but the page")]
    pub(crate) fn dark_style(&self) -> &'static str {
        assets::dark_style()
    }

    /// The address of the script.
    #[expect(clippy::unused_self, reason = "templates have nothing but the page")]
    pub(crate) fn script(&self) -> &'static str {
        assets::script()
    }

    /// The address of the icon.
    #[expect(clippy::unused_self, reason = "templates have nothing but the page")]
    pub(crate) fn icon(&self) -> &'static str {
        assets::icon()
    }

    /// The address of the picture that iPhones and iPads put on their screen.
    #[expect(clippy::unused_self, reason = "templates have nothing but the page")]
    pub(crate) fn touch_icon(&self) -> &'static str {
        assets::pictures()[2]
    }

    /// Whether the browser speaks https.
    pub(super) fn is_https(&self) -> bool {
        self.0.https
    }

    /// Whether the page's own script asks, which takes a fragment where a navigation takes a page.
    pub(crate) fn is_fetch(&self) -> bool {
        self.0.is_fetch
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(PageError::internal)
    }
}

/// The session of a request: Home Assistant's, or that of its cookie.
async fn session_of(state: &ApiState, parts: &Parts, https: bool) -> Result<Option<OwnerSession>, PageError> {
    if let Some(ingress) = parts.extensions.get::<Ingress>() {
        return OwnerSession::of_home_assistant(state, ingress.user()).await.map(Some);
    }
    let jar = CookieJar::from_headers(&parts.headers);
    match jar.get(&cookies::name(session::COOKIE, https)) {
        Some(cookie) => OwnerSession::read(state, cookie.value()).await,
        None => Ok(None),
    }
}

/// Whether a page's own script asks.
pub(super) fn is_fetch(headers: &HeaderMap) -> bool {
    headers.contains_key(FETCH_HEADER)
}

/// Whether a request changes nothing.
pub(super) fn reads_only(parts: &Parts) -> bool {
    matches!(parts.method, Method::GET | Method::HEAD)
}
