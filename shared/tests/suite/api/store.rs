//! The SQLite store in a file of its own, which fails when told to and shows what was asked of it.

mod account;
mod hand_overs;

use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use ma_alexa::account::{ChallengeResponse, OneTimeWord, PairingChallenge};
use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock, Timestamp};
use ma_alexa::config::Settings;
use ma_alexa::control::{Presence, Reply, WaitingRequest};
use ma_alexa::playback::{
    Claim, DeviceBinding, EchoReport, Household, KeepNext, KnownRoutes, LastRequest, ManualPairing, Player,
    PlayerId, PlayerKey, Push, Rebind, RecordStray, Recorded, RequestId, Revocation, RouteOutcome, ShortHash,
    Transition, Trial, short_hash,
};
use ma_alexa::store::sqlite::SqliteStore;
use ma_alexa::store::{
    Activity, ActivityStore, BridgeStore, Document, PlaybackStore, PushResult, SettingsChange, SetupStore,
    StoreError, TrialChange, TrialStore, VersionedDocument, WordStore,
};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;

/// What the store does instead of serving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StoreCondition {
    #[default]
    Serves,
    IsDown,
    /// It reads, and has no room to write.
    IsFull,
    IsNewer,
    IsMalformed,
    Panics,
    NeverAnswers,
    ForgetsActivity,
    NeverKeepsDocuments,
    /// A claim is written, and its writer does not learn it.
    LosesClaims,
    /// A claim is written, and its writer waits for ever.
    KeepsClaims,
}

/// The calls that need room on the disk.
const WRITES: [&str; 7] =
    ["push", "record", "note_asked", "note", "put_settings", "change_settings", "put_document"];

#[derive(Debug)]
pub(crate) struct FaultyStore {
    store: SqliteStore,
    folder: TempDir,
    condition: Mutex<StoreCondition>,
    calls: Mutex<Vec<&'static str>>,
    reads: Notify,
}

impl FaultyStore {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let random = Arc::new(SeededRandom::new(2));
        Self {
            store: SqliteStore::open(folder.path().join("state.db"), clock, random).unwrap(),
            folder,
            condition: Mutex::default(),
            calls: Mutex::default(),
            reads: Notify::new(),
        }
    }

    pub(crate) fn set_condition(&self, condition: StoreCondition) {
        *lock(&self.condition) = condition;
    }

    /// The operations that were asked for since this was last called, in order.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *lock(&self.calls))
    }

    /// Waits for the next time that a play reads what it needs.
    pub(crate) async fn household_is_read(&self) {
        self.reads.notified().await;
    }

    pub(crate) fn settings_reads(&self) -> usize {
        lock(&self.calls).iter().filter(|call| **call == "settings").count()
    }

    /// Changes a player's item behind the store's back.
    pub(crate) fn edit_player(&self, player: &str, edit: impl FnOnce(&mut Player)) {
        let key = format!("play#player#{}", PlayerId::from(player).key());
        let file = self.file();
        let body: String =
            file.query_row("SELECT body FROM items WHERE sk = ?1", [&key], |row| row.get(0)).unwrap();
        let mut item: Player = serde_json::from_str(&body).unwrap();
        edit(&mut item);
        let mut body = json!(item);
        body["schema"] = json!(1);
        file.execute(
            "UPDATE items SET body = ?2, expires_at = ?3 WHERE sk = ?1",
            (&key, body.to_string(), body.get("expires_at").and_then(Value::as_i64)),
        )
        .unwrap();
    }

    pub(crate) fn forget_echo(&self, device: &str) {
        let key = format!("play#echo#{}", short_hash(device).as_str());
        assert_eq!(self.file().execute("DELETE FROM items WHERE sk = ?1", [key]).unwrap(), 1);
    }

    fn file(&self) -> Connection {
        Connection::open(self.folder.path().join("state.db")).unwrap()
    }

    /// Notes the call, and fails where the condition is such.
    async fn asked_to(&self, call: &'static str) -> Result<(), StoreError> {
        lock(&self.calls).push(call);
        let condition = *lock(&self.condition);
        match condition {
            StoreCondition::IsDown => {
                Err(StoreError::Unavailable("connection refused by 10.0.0.7".to_owned()))
            }
            StoreCondition::IsFull if WRITES.contains(&call) => {
                Err(StoreError::Full("database or disk is full".to_owned()))
            }
            StoreCondition::Serves
            | StoreCondition::ForgetsActivity
            | StoreCondition::NeverKeepsDocuments
            | StoreCondition::LosesClaims
            | StoreCondition::KeepsClaims
            | StoreCondition::IsFull => Ok(()),
            StoreCondition::IsNewer => Err(StoreError::Newer { found: 9, known: 1 }),
            StoreCondition::IsMalformed => Err(StoreError::Malformed("item play#player#x".to_owned())),
            StoreCondition::Panics => panic!("the store panics"),
            StoreCondition::NeverAnswers => pending().await,
        }
    }
}

/// A test that made the store panic goes on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl PlaybackStore for FaultyStore {
    async fn household(&self, now: Timestamp) -> Result<Household, StoreError> {
        self.reads.notify_one();
        self.asked_to("household").await?;
        self.store.household(now).await
    }

    async fn record_request(&self, asked: &LastRequest) -> Result<Transition, StoreError> {
        self.asked_to("note_asked").await?;
        self.store.record_request(asked).await
    }

    async fn push(&self, push: &Push) -> Result<PushResult, StoreError> {
        self.asked_to("push").await?;
        self.store.push(push).await
    }

    async fn record(&self, event: &EchoReport, now: Timestamp) -> Result<Recorded, StoreError> {
        self.asked_to("record").await?;
        self.store.record(event, now).await
    }

    async fn learn_route(
        &self,
        device: &DeviceId,
        outcome: &RouteOutcome,
        now: Timestamp,
    ) -> Result<Option<KnownRoutes>, StoreError> {
        self.asked_to("learn_route").await?;
        self.store.learn_route(device, outcome, now).await
    }

    async fn restore(&self, over: &Player, now: Timestamp) -> Result<Transition, StoreError> {
        self.asked_to("restore").await?;
        self.store.restore(over, now).await
    }

    async fn keep_next(&self, keep: &KeepNext) -> Result<Transition, StoreError> {
        self.asked_to("keep_next").await?;
        self.store.keep_next(keep).await
    }

    async fn claim(&self, claim: &Claim, seen: &Household) -> Result<Transition, StoreError> {
        self.asked_to("claim").await?;
        let claimed = self.store.claim(claim, seen).await?;
        let condition = *lock(&self.condition);
        match condition {
            StoreCondition::LosesClaims => Err(StoreError::Unavailable("connection closed".to_owned())),
            StoreCondition::KeepsClaims => pending().await,
            _ => Ok(claimed),
        }
    }

    async fn revoke(&self, revocation: &Revocation, seen: &Household) -> Result<Transition, StoreError> {
        self.asked_to("withdraw").await?;
        self.store.revoke(revocation, seen).await
    }

    async fn record_stray(&self, record: &RecordStray, seen: &Household) -> Result<Transition, StoreError> {
        self.asked_to("want").await?;
        self.store.record_stray(record, seen).await
    }

    async fn rebind(&self, rebind: &Rebind, seen: &Household) -> Result<Transition, StoreError> {
        self.asked_to("revive").await?;
        self.store.rebind(rebind, seen).await
    }

    async fn pair(&self, pairing: &ManualPairing) -> Result<bool, StoreError> {
        self.asked_to("pair").await?;
        self.store.pair(pairing).await
    }

    async fn bind(&self, binding: &DeviceBinding) -> Result<Transition, StoreError> {
        self.asked_to("link").await?;
        self.store.bind(binding).await
    }

    async fn unpair(
        &self,
        device: &DeviceId,
        player: Option<&PlayerId>,
        at: Timestamp,
    ) -> Result<usize, StoreError> {
        self.asked_to("unpair").await?;
        self.store.unpair(device, player, at).await
    }

    async fn suspend(&self, user: &ShortHash, at: Timestamp) -> Result<usize, StoreError> {
        self.asked_to("make_dormant").await?;
        self.store.suspend(user, at).await
    }
}

#[async_trait]
impl ActivityStore for FaultyStore {
    async fn note(&self, activity: &Activity) -> Result<(), StoreError> {
        self.asked_to("note").await?;
        if *lock(&self.condition) == StoreCondition::ForgetsActivity {
            return Err(StoreError::Unavailable("no room".to_owned()));
        }
        self.store.note(activity).await
    }

    async fn recent(&self, limit: usize, now: Timestamp) -> Result<Vec<Activity>, StoreError> {
        self.asked_to("recent").await?;
        self.store.recent(limit, now).await
    }
}

#[async_trait]
impl SetupStore for FaultyStore {
    async fn settings(&self) -> Result<Settings, StoreError> {
        self.asked_to("settings").await?;
        self.store.settings().await
    }

    async fn put_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        self.asked_to("put_settings").await?;
        self.store.put_settings(settings).await
    }

    async fn change_settings(&self, change: SettingsChange) -> Result<Settings, StoreError> {
        self.asked_to("change_settings").await?;
        self.store.change_settings(change).await
    }

    async fn document(&self, which: Document) -> Result<Option<VersionedDocument>, StoreError> {
        self.asked_to("document").await?;
        self.store.document(which).await
    }

    async fn put_document(
        &self,
        which: Document,
        content: &Value,
        read: Option<u64>,
    ) -> Result<bool, StoreError> {
        self.asked_to("put_document").await?;
        if *lock(&self.condition) == StoreCondition::NeverKeepsDocuments {
            return pending().await;
        }
        self.store.put_document(which, content, read).await
    }
}

#[async_trait]
impl TrialStore for FaultyStore {
    async fn trials(&self, now: Timestamp) -> Result<Vec<Trial>, StoreError> {
        self.asked_to("trials").await?;
        self.store.trials(now).await
    }

    async fn change_trial(
        &self,
        key: PlayerKey,
        now: Timestamp,
        change: TrialChange,
    ) -> Result<Option<Trial>, StoreError> {
        self.asked_to("change_trial").await?;
        self.store.change_trial(key, now, change).await
    }
}

#[async_trait]
impl BridgeStore for FaultyStore {
    async fn presence(&self, now: Timestamp) -> Result<Option<Presence>, StoreError> {
        self.asked_to("presence").await?;
        self.store.presence(now).await
    }

    async fn note_presence(&self, now: Timestamp) -> Result<(), StoreError> {
        self.asked_to("note_presence").await?;
        self.store.note_presence(now).await
    }

    async fn put_waiting(
        &self,
        request: &WaitingRequest,
        now: Timestamp,
    ) -> Result<(WaitingRequest, Transition), StoreError> {
        self.asked_to("put_waiting").await?;
        self.store.put_waiting(request, now).await
    }

    async fn waiting(&self, id: &RequestId, now: Timestamp) -> Result<Option<WaitingRequest>, StoreError> {
        self.asked_to("waiting").await?;
        self.store.waiting(id, now).await
    }

    async fn take_reply(
        &self,
        id: &RequestId,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<Transition, StoreError> {
        self.asked_to("take_reply").await?;
        self.store.take_reply(id, reply, now).await
    }
}

#[async_trait]
impl WordStore for FaultyStore {
    async fn put_challenge(&self, challenge: &PairingChallenge, now: Timestamp) -> Result<bool, StoreError> {
        self.asked_to("issue_code").await?;
        self.store.put_challenge(challenge, now).await
    }

    async fn consume_challenge(
        &self,
        code: &OneTimeWord,
        taken: &ChallengeResponse,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        self.asked_to("take_code").await?;
        self.store.consume_challenge(code, taken).await
    }

    async fn challenge(
        &self,
        code: &OneTimeWord,
        now: Timestamp,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        self.asked_to("errand").await?;
        self.store.challenge(code, now).await
    }
}
