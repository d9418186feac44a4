//! The Amazon side of the same store.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ma_alexa::account::{
    AcquireRequest, AcquireResult, Device, DeviceKind, DeviceList, Feedback, LaneRelease, LeaseRequest,
    LeaseResult, LimiterState, QueuedChanges, RequestKind, RequestLane, VolumeAttempt, VolumeRequest,
    Volumes,
};
use ma_alexa::amazon::{AmazonError, AmazonTransport, DeviceClient, TransportCommand, VolumeChange};
use ma_alexa::clock::testing::{ManualClock, SeededRandom};
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::deps::Deps;
use ma_alexa::secrets::FileSecrets;
use ma_alexa::store::{AccountStore, StoreError};
use ma_alexa::telemetry::Metrics;

use super::FaultyStore;

#[async_trait]
impl AccountStore for FaultyStore {
    async fn acquire_lane(
        &self,
        lane: RequestLane,
        request: &AcquireRequest,
    ) -> Result<AcquireResult, StoreError> {
        self.asked_to("take_lane").await?;
        self.store.acquire_lane(lane, request).await
    }

    async fn release_lane(&self, lane: RequestLane, release: &LaneRelease) -> Result<(), StoreError> {
        self.asked_to("leave_lane").await?;
        self.store.release_lane(lane, release).await
    }

    async fn lane(&self, lane: RequestLane) -> Result<LimiterState, StoreError> {
        self.asked_to("lane").await?;
        self.store.lane(lane).await
    }

    async fn acquire_refresh_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        self.asked_to("take_renewal").await?;
        self.store.acquire_refresh_lease(request).await
    }

    async fn release_refresh_lease(&self, holder: &str) -> Result<(), StoreError> {
        self.asked_to("leave_renewal").await?;
        self.store.release_refresh_lease(holder).await
    }

    async fn acquire_live_lease(&self, request: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        self.asked_to("take_renewal").await?;
        self.store.acquire_live_lease(request).await
    }

    async fn release_live_lease(&self, holder: &str) -> Result<(), StoreError> {
        self.asked_to("leave_renewal").await?;
        self.store.release_live_lease(holder).await
    }

    async fn enqueue_volumes(
        &self,
        requests: &[VolumeRequest],
        at: Timestamp,
    ) -> Result<QueuedChanges, StoreError> {
        self.asked_to("want_volumes").await?;
        self.store.enqueue_volumes(requests, at).await
    }

    async fn record_attempts(&self, sent: &[(String, VolumeAttempt)]) -> Result<(), StoreError> {
        self.asked_to("note_volumes").await?;
        self.store.record_attempts(sent).await
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        self.asked_to("volumes").await?;
        self.store.volumes().await
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        self.asked_to("devices").await?;
        self.store.devices().await
    }

    async fn put_devices(&self, devices: Option<&DeviceList>) -> Result<(), StoreError> {
        self.asked_to("put_devices").await?;
        self.store.put_devices(devices).await
    }
}

/// An account of one device, over a store of its own, whose lane for commands another holds.
struct Harness {
    clock: Arc<ManualClock>,
    store: Arc<FaultyStore>,
    account: DeviceClient,
}

impl Harness {
    async fn start() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_800_000_000_000)));
        let store = Arc::new(FaultyStore::new(clock.clone()));
        let device = Device {
            serial: "G0ONE".to_owned(),
            device_type: "A32DOYMUN6DTXA".to_owned(),
            name: "Küche".to_owned(),
            family: "ECHO".to_owned(),
            kind: DeviceKind::Echo,
            online: true,
            has_volume: true,
            members: Vec::new(),
            owner: None,
            language: None,
        };
        let list = DeviceList { devices: vec![device], listed_at: clock.now() };
        store.store.put_devices(Some(&list)).await.unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let deps = Deps {
            store: store.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(2)),
            metrics: Arc::new(Metrics::disabled()),
            config: Arc::default(),
        };
        let secrets = Arc::new(FileSecrets::new(store.folder.path().join("secrets")));
        let account = DeviceClient::new(&deps, secrets, AmazonTransport::new(None).unwrap());
        let take = AcquireRequest { holder: "other".to_owned(), kind: RequestKind::Other, at: clock.now() };
        assert_eq!(
            store.store.acquire_lane(RequestLane::Commands, &take).await.unwrap(),
            AcquireResult::Granted
        );
        Self { clock, store, account }
    }

    /// Waits until a request has asked for the lane.
    async fn lane_is_asked_for(&self) {
        while !self.store.calls().contains(&"take_lane") {
            tokio::task::yield_now().await;
        }
    }
}

/// A store that fails while the lane is held does not keep it closed for all.
#[tokio::test]
async fn a_lane_is_left_where_the_store_fails() {
    let harness = Harness::start().await;
    let (clock, store, account) = (harness.clock.clone(), harness.store.clone(), harness.account.clone());
    let waiting = tokio::spawn(async move {
        account.change_volumes(&["G0ONE".to_owned()], VolumeChange::To(40), "de-DE").await
    });
    harness.lane_is_asked_for().await;
    let spoil = r#"UPDATE items SET body = '{"schema": 9}' WHERE sk = 'account#devices'"#;
    assert_eq!(store.file().execute(spoil, ()).unwrap(), 1);
    let feedback = Feedback::Unknown;
    let leave = LaneRelease { holder: "other".to_owned(), at: clock.now(), sent_behavior: false, feedback };
    store.store.release_lane(RequestLane::Commands, &leave).await.unwrap();
    let failed = waiting.await.unwrap().unwrap_err();
    assert!(matches!(failed, AmazonError::Store(StoreError::Newer { .. })), "{failed:?}");
    assert_eq!(store.store.lane(RequestLane::Commands).await.unwrap().lease, None);
}

/// A wait in this process takes as long as it says, also where the clock is set back meanwhile.
#[tokio::test]
async fn a_lane_is_waited_for_by_a_clock_that_cannot_be_set() {
    for is_volume in [true, false] {
        let harness = Harness::start().await;
        let account = harness.account.clone();
        let waiting = tokio::spawn(async move {
            if is_volume {
                let one = ["G0ONE".to_owned()];
                account.change_volumes(&one, VolumeChange::To(40), "de-DE").await.err()
            } else {
                account.transport("G0ONE", TransportCommand::Pause, "de-DE").await.err()
            }
        });
        harness.lane_is_asked_for().await;
        // By less than a lease is believed to be ahead.
        harness.clock.set(harness.clock.now().minus(Duration::from_secs(50)));
        harness.clock.advance(Duration::from_secs(13));
        let ended = tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap().unwrap();
        assert!(matches!(ended, Some(AmazonError::Busy { .. })), "{ended:?}");
    }
}
