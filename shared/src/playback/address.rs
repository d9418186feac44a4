//! Public addresses of what Music Assistant offers: Music Assistant serves plain HTTP in the home network, an Echo
//! needs public HTTPS.

use url::Url;

use super::known_routes::KnownRoutes;
use super::stream::StreamUrl;
use super::types::{Metadata, StreamStart};
use crate::clock::Timestamp;
use crate::config::{Route, StreamOverrides};
use crate::host_place::HostPlace;

/// Longest address that Alexa accepts for an image, in characters (Alexa Skills Kit, limits).
const MAX_ART_LENGTH: usize = 2000;

/// The routes of an Echo of which nothing is known, the first choice first.
const UNTRIED: [Route; 4] = [Route::Door, Route::Direct, Route::Lan, Route::Playlist];

/// The public addresses of what Music Assistant offers, by those that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamAddresses {
    /// The addresses that are set.
    pub set: StreamOverrides,
}

/// The address of a stream for one Echo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutedStream {
    /// The route.
    pub route: Route,
    /// The address, always https.
    pub url: String,
    /// The standing of the route.
    pub standing: RouteStanding,
}

/// The standing of a route when a play by it was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RouteStanding {
    /// The Echo got streams by it before, or that does not matter.
    #[default]
    Works,
    /// It is not known to work, and no other route is left that may.
    LastChoice,
    /// It is not known to work, and another route is left that may.
    OneOfSeveral,
}

/// The stream stands on an address that no Echo reaches, and no public one is configured for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an Echo cannot reach this stream: it needs a public https address. Set DOOR_URL \
     or STREAM_BASE_URL, for example https://music.example.com"
)]
pub struct Unreachable;

impl From<StreamOverrides> for StreamAddresses {
    fn from(set: StreamOverrides) -> Self {
        Self { set }
    }
}

impl From<&StreamOverrides> for StreamAddresses {
    fn from(set: &StreamOverrides) -> Self {
        Self { set: set.clone() }
    }
}

impl StreamAddresses {
    /// The stream for an Echo by the first route that is set up. Where the settings fix a route, it is that one alone. Else
    /// the order is:
    ///
    /// 1. the route that is learned of this Echo;
    /// 2. one that is learned of others of its kind;
    /// 3. those that may work;
    /// 4. those that failed for its kind;
    /// 5. those that failed for this Echo.
    ///
    /// # Errors
    /// When none is set up, or the settings fix one that is not.
    pub fn for_echo(
        &self,
        start: &StreamStart,
        known: &KnownRoutes,
        kin: &KnownRoutes,
        now: Timestamp,
    ) -> Result<RoutedStream, Unreachable> {
        let may_work = || UNTRIED.into_iter().filter(|route| !known.fails(*route));
        let as_kin = |fails: bool| move |route: &Route| kin.fails(*route) == fails;
        let by = |route| Some((route, self.by_route(start, route, now)?));
        // Public media needs no route of the home.
        let fixed = self.set.route.filter(|_| start.grant.is_some() || !start.stream.is_media());
        let (route, url) = match fixed {
            Some(fixed) => by(fixed),
            None => known
                .learned()
                .into_iter()
                .chain(Route::ALL.into_iter().filter(|route| kin.works(*route) && !known.fails(*route)))
                .chain(may_work().filter(as_kin(false)))
                .chain(may_work().filter(as_kin(true)))
                .chain(UNTRIED.into_iter().filter(|route| known.fails(*route)))
                .find_map(by),
        }
        .ok_or(Unreachable)?;
        let is_another = |other: &Route| *other != route && self.by_route(start, *other, now).is_some();
        // By a route of Music Assistant's streams nothing shows whether public media reaches an Echo.
        let standing = if known.works(route) || (start.stream.is_media() && route == Route::Direct) {
            RouteStanding::Works
        } else if fixed.is_none() && may_work().any(|other| is_another(&other)) {
            RouteStanding::OneOfSeveral
        } else {
            RouteStanding::LastChoice
        };
        Ok(RoutedStream { route, url, standing })
    }

    /// The address of a stream by one route; `None` where that route is not set up, or the stream has no grant that holds.
    #[must_use]
    pub fn by_route(&self, start: &StreamStart, route: Route, now: Timestamp) -> Option<String> {
        if route == Route::Direct {
            return self.stream(&start.stream).ok();
        }
        // An Echo knows no name of the home, which the address of media may have.
        if route == Route::Playlist && start.stream.is_media() {
            return None;
        }
        let grant = start.grant.as_deref().filter(|_| start.is_granted(now))?;
        match route {
            Route::Door => Some(self.set.door.as_ref()?.join(&format!("/s/{grant}.mp3"))),
            Route::Lan => Some(self.set.lan_door.as_ref()?.join(&format!("/s/{grant}.mp3"))),
            Route::Playlist => {
                let base = self.set.playlist.as_ref().or(self.set.door.as_ref())?;
                Some(base.join(&format!("/p/{grant}.m3u")))
            }
            Route::Direct => None,
        }
    }

    /// Whether a stream goes through a door, so that a grant makes it reachable.
    #[must_use]
    pub fn has_door(&self, stream: &StreamUrl) -> bool {
        self.has_media_door() || (self.set.playlist.is_some() && !stream.is_media())
    }

    /// Whether media of the home goes through a door, by the routes that the settings leave.
    #[must_use]
    pub fn has_media_door(&self) -> bool {
        match self.set.route {
            Some(Route::Direct | Route::Playlist) => false,
            Some(Route::Door) => self.set.door.is_some(),
            Some(Route::Lan) => self.set.lan_door.is_some(),
            None => self.set.door.is_some() || self.set.lan_door.is_some(),
        }
    }

    /// The address under which an Echo fetches a stream directly, always https.
    ///
    /// # Errors
    /// When the stream stands in the home network and [`StreamOverrides::stream_base`] is not set.
    pub fn stream(&self, stream: &StreamUrl) -> Result<String, Unreachable> {
        let path = stream.path_for_echo();
        if self.is_reachable(stream.origin()) {
            return Ok(format!("{}{path}", stream.origin()));
        }
        let base = self.set.stream_base.as_ref().filter(|_| !stream.is_media());
        base.map(|base| base.join(&path)).ok_or(Unreachable)
    }

    /// The address under which an Echo fetches the picture of some music, always https; `None` where it could not. What is
    /// not public goes through the door, where there is one.
    #[must_use]
    pub fn picture(&self, metadata: &Metadata) -> Option<String> {
        let image = metadata.image_url.as_deref()?;
        let grant = metadata.image_grant.as_deref();
        let door = self.set.door.as_ref().or(self.set.lan_door.as_ref());
        match door.zip(grant) {
            Some((door, grant)) => {
                let granted = door.join(&format!("/a/{grant}"));
                (granted.chars().count() <= MAX_ART_LENGTH).then_some(granted)
            }
            None => self.art(image),
        }
    }

    /// The address under which an Echo fetches a picture without the door, always https; `None` where it could not. Of the
    /// pictures at home those alone have one that Music Assistant names by 64 hex digits.
    #[must_use]
    pub fn art(&self, image: &str) -> Option<String> {
        let url = Url::parse(image.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return None;
        }
        let public = if self.is_reachable(&url.origin().ascii_serialization()) {
            url.to_string()
        } else {
            let name = picture_name(url.path())?;
            self.set.art_base.as_ref()?.join(&format!("/imageproxy/{name}"))
        };
        (public.chars().count() <= MAX_ART_LENGTH).then_some(public)
    }

    /// Path and query of a picture of Music Assistant's image proxy; `None` for one that an Echo reaches as it stands, and
    /// for any other address.
    #[must_use]
    pub fn picture_to_grant(&self, image: &str) -> Option<String> {
        let url = Url::parse(image.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let is_at_home = !self.is_reachable(&url.origin().ascii_serialization());
        let is_picture = url.path() == "/imageproxy" || url.path().starts_with("/imageproxy/");
        (is_at_home && is_picture)
            .then(|| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
    }

    /// Whether an Echo reaches this origin as it stands.
    fn is_reachable(&self, origin: &str) -> bool {
        let Ok(url) = Url::parse(origin) else { return false };
        let ours = self.set.ma_origin.as_ref().is_some_and(|ours| ours.is(&url));
        url.scheme() == "https"
            && !ours
            && url.host().is_some_and(|host| HostPlace::of(&host) == HostPlace::Public)
    }
}

/// The name of a picture that Music Assistant gives out itself: 64 hex digits. Its older releases take an address, into
/// which any other address can be put. No proxy of ours lets that out, nor a query.
fn picture_name(path: &str) -> Option<&str> {
    let name = path.trim_start_matches('/').strip_prefix("imageproxy/")?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (name.len() == 64 && name.bytes().all(is_digit)).then_some(name)
}
