//! Stored form of the state, the same in both stores: keys, attribute names, the schema number.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ACTIVITY_KEPT, Activity, ActivityKind, StoreError};
use crate::account::OneTimeWord;
use crate::alexa::DeviceId;
use crate::clock::Timestamp;
use crate::playback::{
    DeviceBinding, Echo, Household, PairingKind, Player, PlayerKey, RequestId, short_hash,
};

/// The schema that this release writes, and the newest that it reads.
pub(super) const SCHEMA: u32 = 1;

/// The first part of every key: one deployment is one household.
pub(super) const HOUSEHOLD: &str = "home";

/// Prefix of the keys that a play reads; no other key has it.
pub(super) const PLAY: &str = "play#";

/// The settings.
pub(super) const SETTINGS: &str = "play#settings";

/// The activities.
pub(super) const ACTIVITY: &str = "activity#";

/// One-time words.
const WORD: &str = "code#";

/// The presence of the home.
pub(super) const PRESENCE: &str = "bridge#presence";

/// Requests that wait for the home.
const WAITING: &str = "bridge#waiting#";

/// Trials.
pub(super) const TRIAL: &str = "trial#";

const PLAYER: &str = "play#player#";
const ECHO: &str = "play#echo#";

/// The key of a player.
pub(super) fn player_key(key: PlayerKey) -> String {
    format!("{PLAYER}{key}")
}

/// The key of an Echo.
pub(super) fn echo_key(device: &DeviceId) -> String {
    format!("{ECHO}{}", short_hash(device.as_str()).as_str())
}

/// The key of the last trial of a device.
pub(super) fn trial_key(key: PlayerKey) -> String {
    format!("{TRIAL}{key}")
}

/// The key of a request that waits for the home.
pub(super) fn waiting_key(id: &RequestId) -> String {
    format!("{WAITING}{}", short_hash(id).as_str())
}

/// The key of a one-time word.
pub(super) fn word_key(word: &OneTimeWord) -> String {
    format!("{WORD}{}", word.as_str())
}

/// The key of an entry: entries sort by time, and two of one moment differ in `nonce`.
pub(super) fn activity_key(at: Timestamp, nonce: [u8; 8]) -> String {
    format!("{ACTIVITY}{:019}#{:016x}", at.millis().max(0), u64::from_be_bytes(nonce))
}

/// The activity of a binding, which is written with it, and its key.
pub(super) fn binding_activity(binding: &DeviceBinding) -> (String, WithTtl<Activity>) {
    let (player, echo) = (binding.player.clone(), binding.device.short_hash());
    let kind = ActivityKind::Paired { player, echo, how: PairingKind::Word };
    let request = short_hash(&binding.request);
    let nonce = request.as_str().as_bytes().first_chunk().copied().unwrap_or_default();
    let expires_at = binding.at.plus(ACTIVITY_KEPT).seconds();
    (activity_key(binding.at, nonce), WithTtl { expires_at, item: Activity { at: binding.at, kind } })
}

/// An item as it is written: its content, how to read it, and how often it was written.
#[derive(Debug, Serialize)]
pub(super) struct Written<'a, T> {
    schema: u32,
    /// A compare-and-swap names it. Absent in items that are written once, and in those of older releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    /// Distinguishes a write from another one that makes the same of the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    writer: Option<&'a str>,
    #[serde(flatten)]
    item: T,
}

impl<'a, T> Written<'a, T> {
    /// An item that is written once.
    pub(super) fn new(item: T) -> Self {
        Self { schema: SCHEMA, revision: None, writer: None, item }
    }

    /// An item that may be written again.
    pub(super) fn counted(item: T, revision: u64, writer: Option<&'a str>) -> Self {
        Self { schema: SCHEMA, revision: Some(revision), writer, item }
    }
}

/// An item whose type knows nothing of its end.
#[derive(Debug, Serialize)]
pub(super) struct WithTtl<T> {
    pub(super) expires_at: i64,
    #[serde(flatten)]
    pub(super) item: T,
}

/// An item as a store holds it, to be changed and written.
pub(super) trait StoredItem: ReadItem + Clone {
    /// Writes an item down. `expires_at`, in seconds since the epoch, is in `item` as well.
    fn encode<T: Serialize>(
        key: &str,
        item: &Written<'_, T>,
        expires_at: Option<i64>,
    ) -> Result<Self, StoreError>;

    /// Number of writes by compare-and-swap; 0 in items of older releases.
    fn revision(&self) -> u64;
}

/// An item to be read.
pub(super) trait ReadItem: Sized {
    fn key(&self) -> &str;
    fn schema(&self) -> Option<u32>;
    fn expires_at(&self) -> Option<i64>;
    /// Reads the content, which moves into what is read.
    fn decode<T: DeserializeOwned>(self) -> Result<T, String>;

    fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at().is_some_and(|expiry| expiry <= now.seconds())
    }
}

/// Refuses an item of a newer release.
pub(super) fn check_schema(item: &impl ReadItem) -> Result<(), StoreError> {
    known_schema(item).map(drop)
}

/// The item's number, if it has one; refuses that of a newer release.
fn known_schema(item: &impl ReadItem) -> Result<Option<u32>, StoreError> {
    match item.schema() {
        Some(found) if found > SCHEMA => Err(StoreError::Newer { found, known: SCHEMA }),
        schema => Ok(schema),
    }
}

/// Reads an item, whether expired or not.
pub(super) fn read<T: DeserializeOwned>(item: impl ReadItem) -> Result<T, StoreError> {
    known_schema(&item)?.ok_or_else(|| corrupt(item.key(), &"it has no schema number"))?;
    let key = item.key().to_owned();
    item.decode().map_err(|reason| corrupt(&key, &reason))
}

/// Reads an item that has not expired.
pub(super) fn read_unexpired<T: DeserializeOwned>(
    item: Option<impl ReadItem>,
    now: Timestamp,
) -> Result<Option<T>, StoreError> {
    item.filter(|item| !item.is_expired(now)).map(read).transpose()
}

pub(super) fn corrupt(key: &str, reason: &impl fmt::Display) -> StoreError {
    StoreError::Malformed(format!("item {key}: {reason}"))
}

/// Reads what a play needs. A malformed item is left out and logged, since it must not stop every play. An item of a
/// newer release stops every play, since a decision without it may be wrong.
pub(super) fn household<I: ReadItem>(items: Vec<I>, now: Timestamp) -> Result<Household, StoreError> {
    let mut household = Household::default();
    for item in items.into_iter().filter(|item| !item.is_expired(now)) {
        let added = match item.key() {
            SETTINGS => read(item).map(|settings| household.settings = settings),
            key if key.starts_with(PLAYER) => {
                read::<Player>(item).map(|player| household.players.push(player))
            }
            key if key.starts_with(ECHO) => read::<Echo>(item).map(|echo| household.echos.push(echo)),
            _ => check_schema(&item),
        };
        unless_corrupt(added)?;
    }
    Ok(household)
}

/// Reads items of one type; see [`household`] for those that cannot be read.
pub(super) fn read_all<T: DeserializeOwned, I: ReadItem>(
    items: Vec<I>,
    now: Timestamp,
) -> Result<Vec<T>, StoreError> {
    let mut readable = Vec::new();
    for item in items.into_iter().filter(|item| !item.is_expired(now)) {
        readable.extend(unless_corrupt(read(item))?);
    }
    Ok(readable)
}

/// Logs an item that cannot be read, which is nothing then.
pub(super) fn unless_corrupt<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        // The reason names the item.
        Err(StoreError::Malformed(reason)) => {
            tracing::error!(%reason, "an item cannot be read and is left out");
            Ok(None)
        }
        read => read.map(Some),
    }
}
