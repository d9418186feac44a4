//! The decoders of Amazon's answers by themselves, for tests that feed them with any bytes.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;

use super::devices::list::{self, Groups, Listed};
use super::devices::state::{
    DoNotDisturb, DoNotDisturbAnswer, MediaSession, SessionsAnswer, Volume, VolumesAnswer, readable,
};
use super::error::LoginError;
use super::jar::Jar;
use super::login;
use super::reported::{NowPlaying, SpeakerVolume};
use super::response;
use super::session::{Endpoints, Me};
use super::tokens::{jar_of, read, take_cookies, token_answer};
use super::transport::AmazonResponse;
use crate::account::{AlexaSession, AmazonHost, Device, Marketplace, PendingLogin, SessionCookies};
use crate::clock::Timestamp;

/// An answer as it arrives.
#[derive(Debug)]
pub struct Answer(AmazonResponse);

impl Answer {
    /// An answer with those of the headers that HTTP can carry.
    #[must_use]
    pub fn new(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let carried = headers.iter().filter_map(|(name, value)| {
            Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_str(value).ok()?))
        });
        let mut headers = HeaderMap::new();
        carried.for_each(|(name, value)| {
            headers.append(name, value);
        });
        Self(AmazonResponse { status, headers, body: body.to_vec() })
    }

    /// Whether it is fit to be read.
    #[must_use]
    pub fn is_served(self) -> bool {
        response::classify(self.0).is_ok()
    }

    /// Lifetime of its access token.
    #[must_use]
    pub fn token_lasts(self) -> Option<std::time::Duration> {
        token_answer(self.0, "a test").ok().map(|answer| answer.lasts())
    }

    /// The session that it begins as the answer to a registration.
    #[must_use]
    pub fn registered(self, login: &PendingLogin, now: Timestamp) -> Option<AlexaSession> {
        login::registered(self.0, login, now).ok()
    }

    /// The cookies of a shop in it.
    #[must_use]
    pub fn cookies(self, marketplace: &Marketplace, now: Timestamp) -> Option<SessionCookies> {
        Some(jar_of(self.0, marketplace).ok()?.cookies(marketplace, now))
    }

    /// The cookies as they are after it, where a shop's host answered.
    #[must_use]
    pub fn sets(&self, cookies: &SessionCookies, host: &AmazonHost) -> SessionCookies {
        let jar = Jar::of(cookies);
        take_cookies(&jar, &self.0, &format!("https://{host}/api/"));
        jar.cookies(&cookies.marketplace, cookies.issued_at)
    }

    /// The customer and the account's own shop in it.
    #[must_use]
    pub fn account(self, requested: &Marketplace) -> Option<(String, Marketplace)> {
        let me: Me = read(self.0, "a test").ok()?;
        let shop = me.shop(requested).ok()?;
        Some((me.id, shop))
    }

    /// The host of a shop's API in it.
    #[must_use]
    pub fn api_host(self, marketplace: &Marketplace) -> Option<AmazonHost> {
        read::<Endpoints>(self.0, "a test").ok()?.host(marketplace)
    }
}

/// The `Cookie` header of a request to a host.
#[must_use]
pub fn cookie_header(cookies: &SessionCookies, host: &AmazonHost) -> Option<String> {
    Jar::of(cookies).header(&format!("https://{host}/api/"))
}

/// The devices in a list of them and one of groups.
#[must_use]
pub fn devices(listed: &[u8], groups: &[u8], own_serial: Option<&str>) -> Option<Vec<Device>> {
    let listed: Listed = serde_json::from_slice(listed).ok()?;
    let groups: Groups = serde_json::from_slice(groups).unwrap_or_default();
    Some(list::devices(listed, &groups, own_serial))
}

/// Playback of a device.
#[must_use]
pub fn now_playing(body: &[u8], serial: &str) -> Option<NowPlaying> {
    let answer: SessionsAnswer = serde_json::from_slice(body).ok()?;
    MediaSession::playing(&readable(answer.sessions), serial)
}

/// The volume of a device.
#[must_use]
pub fn speaker_volume(body: &[u8], serial: &str) -> Option<SpeakerVolume> {
    let answer: VolumesAnswer = serde_json::from_slice(body).ok()?;
    Volume::of(&readable(answer.volumes), serial)
}

/// Do-not-disturb of a device.
#[must_use]
pub fn do_not_disturb(body: &[u8], serial: &str) -> Option<bool> {
    let answer: DoNotDisturbAnswer = serde_json::from_slice(body).ok()?;
    DoNotDisturb::of(&readable(answer.devices), serial)
}

/// The code in the address that a person pasted after a sign-in.
///
/// # Errors
/// When it is another address.
pub fn sign_in_code(address: &str) -> Result<SecretString, LoginError> {
    login::code_of(address)
}
