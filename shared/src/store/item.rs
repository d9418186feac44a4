//! How state is written down, the same in both stores: keys, attribute names, the schema number.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ACTIVITY_KEPT, Activity, ActivityKind, StoreError};
use crate::account::Code;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{Echo, Household, Link, PairingKind, Player, PlayerKey, digest};

/// The schema that this release writes, and the newest that it reads.
pub(super) const SCHEMA: u32 = 1;

/// The first part of every key: one deployment is one household.
pub(super) const HOUSEHOLD: &str = "home";

/// What a play reads begins with this, and nothing else does.
pub(super) const PLAY: &str = "play#";

/// The settings.
pub(super) const SETTINGS: &str = "play#settings";

/// What happened lately.
pub(super) const ACTIVITY: &str = "activity#";

/// One-time codes.
const CODE: &str = "code#";

const PLAYER: &str = "play#player#";
const ECHO: &str = "play#echo#";

/// The key of a player.
pub(super) fn player_key(key: PlayerKey) -> String {
    format!("{PLAYER}{key}")
}

/// The key of an Echo.
pub(super) fn echo_key(device: &DeviceId) -> String {
    format!("{ECHO}{}", digest(device.as_str()).as_str())
}

/// The key of a code.
pub(super) fn code_key(code: &Code) -> String {
    format!("{CODE}{}", code.as_str())
}

/// The key of an entry: entries sort by time, and two of one moment differ in `nonce`.
pub(super) fn activity_key(at: Timestamp, nonce: [u8; 8]) -> String {
    format!("{ACTIVITY}{:019}#{:016x}", at.millis().max(0), u64::from_be_bytes(nonce))
}

/// The entry that tells of a link and is written with it, and its key.
pub(super) fn link_entry(link: &Link) -> (String, Expiring<Activity>) {
    let (player, echo) = (link.player.clone(), link.device.short_hash());
    let kind = ActivityKind::Paired { player, echo, how: PairingKind::Code };
    let request = digest(&link.request);
    let nonce = request.as_str().as_bytes().first_chunk().copied().unwrap_or_default();
    let expires_at = link.at.plus(ACTIVITY_KEPT).seconds();
    (activity_key(link.at, nonce), Expiring { expires_at, item: Activity { at: link.at, kind } })
}

/// An item with the number that says how to read it.
#[derive(Debug, Serialize)]
pub(super) struct Versioned<T> {
    schema: u32,
    #[serde(flatten)]
    item: T,
}

impl<T> Versioned<T> {
    pub(super) fn new(item: T) -> Self {
        Self { schema: SCHEMA, item }
    }
}

/// An item whose type knows nothing of its end.
#[derive(Debug, Serialize)]
pub(super) struct Expiring<T> {
    pub(super) expires_at: i64,
    #[serde(flatten)]
    pub(super) item: T,
}

/// An item as a store holds it.
pub(super) trait RawItem {
    fn key(&self) -> &str;
    fn schema(&self) -> Option<u32>;
    fn expires_at(&self) -> Option<i64>;
    fn decode<T: DeserializeOwned>(&self) -> Result<T, String>;

    fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at().is_some_and(|expiry| expiry <= now.seconds())
    }
}

/// Refuses an item of a newer release.
pub(super) fn check_schema(item: &impl RawItem) -> Result<(), StoreError> {
    known_schema(item).map(drop)
}

/// The item's number, if it has one; refuses that of a newer release.
fn known_schema(item: &impl RawItem) -> Result<Option<u32>, StoreError> {
    match item.schema() {
        Some(found) if found > SCHEMA => Err(StoreError::Newer { found, known: SCHEMA }),
        schema => Ok(schema),
    }
}

/// Reads an item, whether expired or not.
pub(super) fn read<T: DeserializeOwned>(item: &impl RawItem) -> Result<T, StoreError> {
    known_schema(item)?.ok_or_else(|| malformed(item.key(), &"it has no schema number"))?;
    item.decode().map_err(|reason| malformed(item.key(), &reason))
}

/// Reads an item that has not expired.
pub(super) fn read_live<T: DeserializeOwned>(
    item: Option<&impl RawItem>,
    now: Timestamp,
) -> Result<Option<T>, StoreError> {
    item.filter(|item| !item.is_expired(now)).map(read).transpose()
}

pub(super) fn malformed(key: &str, reason: &impl fmt::Display) -> StoreError {
    StoreError::Malformed(format!("item {key}: {reason}"))
}

/// The first key behind all that begin with `prefix`, which ends in `#`.
#[cfg(feature = "sqlite")]
pub(super) fn end_of(prefix: &str) -> String {
    format!("{}$", prefix.trim_end_matches('#'))
}

/// Reads what a play needs. One malformed item is left out and logged, since it must not stop every play; one
/// of a newer release stops them all, since a decision without it may be wrong.
pub(super) fn household<I: RawItem>(items: &[I], now: Timestamp) -> Result<Household, StoreError> {
    let mut household = Household::default();
    for item in items.iter().filter(|item| !item.is_expired(now)) {
        let added = match item.key() {
            SETTINGS => read(item).map(|settings| household.settings = settings),
            key if key.starts_with(PLAYER) => {
                read::<Player>(item).map(|player| household.players.push(player))
            }
            key if key.starts_with(ECHO) => read::<Echo>(item).map(|echo| household.echos.push(echo)),
            _ => check_schema(item),
        };
        unless_malformed(item, added)?;
    }
    Ok(household)
}

/// Reads items of one type; see [`household`] for those that cannot be read.
pub(super) fn readable<T: DeserializeOwned, I: RawItem>(
    items: &[I],
    now: Timestamp,
) -> Result<Vec<T>, StoreError> {
    let mut readable = Vec::new();
    for item in items.iter().filter(|item| !item.is_expired(now)) {
        readable.extend(unless_malformed(item, read(item))?);
    }
    Ok(readable)
}

fn unless_malformed<T>(item: &impl RawItem, read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Err(StoreError::Malformed(reason)) => {
            tracing::error!(item.key = item.key(), %reason, "an item cannot be read and is left out");
            Ok(None)
        }
        read => read.map(Some),
    }
}
