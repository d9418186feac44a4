//! The token of a play: how an event names the play that it is about.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::address::RouteStanding;
use super::id::PlayerKey;
use super::types::StartReason;
use crate::clock::{NoRandomness, Random, Timestamp};
use crate::config::Route;

const LENGTH: usize = 16 + 8 + 8 + 1 + 8;

/// Names one play of one version of one player. Fresh for every play, without a name or an address in it;
/// 55 characters of base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PlayToken {
    /// The player.
    pub player: PlayerKey,
    /// Its version.
    pub version: u64,
    /// Time at which the play was answered.
    pub issued_at: Timestamp,
    /// Start reason of the play.
    pub origin: StartReason,
    /// Route by which the Echo was to fetch the stream.
    pub route: Route,
    /// The standing of that route then.
    pub standing: RouteStanding,
    nonce: [u8; 8],
}

impl PlayToken {
    /// A new token.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn issue(
        player: PlayerKey,
        version: u64,
        issued_at: Timestamp,
        origin: StartReason,
        random: &dyn Random,
    ) -> Result<Self, NoRandomness> {
        let mut nonce = [0; 8];
        random.fill(&mut nonce)?;
        Ok(Self {
            player,
            version,
            issued_at,
            origin,
            route: Route::Direct,
            standing: RouteStanding::Works,
            nonce,
        })
    }

    /// This token for a play by `route`; without it, that is the direct one.
    #[must_use]
    pub fn by(self, route: Route, standing: RouteStanding) -> Self {
        Self { route, standing, ..self }
    }

    /// The token on the wire.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend_from_slice(&self.player.0);
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.issued_at.millis().to_be_bytes());
        bytes.push(self.origin.code() | route_code(self.route) << 4 | standing_code(self.standing) << 6);
        bytes.extend_from_slice(&self.nonce);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token; `None` where it is not one of ours.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (player, rest) = bytes.split_first_chunk::<16>()?;
        let (version, rest) = rest.split_first_chunk::<8>()?;
        let (issued_at, rest) = rest.split_first_chunk::<8>()?;
        let (codes, nonce) = rest.split_first()?;
        Some(Self {
            player: PlayerKey(*player),
            version: u64::from_be_bytes(*version),
            issued_at: Timestamp::from_millis(i64::from_be_bytes(*issued_at)),
            origin: StartReason::from_code(codes & 0x0f)?,
            route: route_from_code((codes >> 4) & 0x03)?,
            standing: standing_from_code(codes >> 6)?,
            nonce: nonce.try_into().ok()?,
        })
    }
}

/// Two bits of the byte of codes. Tokens of older releases have 0 there.
fn route_code(route: Route) -> u8 {
    match route {
        Route::Direct => 0,
        Route::Door => 1,
        Route::Lan => 2,
        Route::Playlist => 3,
    }
}

fn route_from_code(code: u8) -> Option<Route> {
    Route::ALL.into_iter().find(|route| route_code(*route) == code)
}

/// The two bits above that.
fn standing_code(standing: RouteStanding) -> u8 {
    match standing {
        RouteStanding::Works => 0,
        RouteStanding::LastChoice => 1,
        RouteStanding::OneOfSeveral => 2,
    }
}

fn standing_from_code(code: u8) -> Option<RouteStanding> {
    [RouteStanding::Works, RouteStanding::LastChoice, RouteStanding::OneOfSeveral]
        .into_iter()
        .nth(code.into())
}
