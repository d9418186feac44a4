//! The parts of a household's store that no play needs.

use async_trait::async_trait;
use ma_alexa::account::{
    AcquireRequest, AcquireResult, ChallengePurpose, ChallengeResponse, DeviceList, LaneRelease,
    LeaseRequest, LeaseResult, LimiterState, OneTimeWord, PairingChallenge, QueuedChanges, RequestLane,
    VolumeAttempt, VolumeRequest, Volumes,
};
use ma_alexa::clock::Timestamp;
use ma_alexa::config::{Route, Settings};
use ma_alexa::control::{Presence, Reply, WaitingRequest};
use ma_alexa::playback::{PlayerId, PlayerKey, RequestId, ToneKind, Transition, Trial};
use ma_alexa::store::{
    AccountStore, BridgeStore, Document, SettingsChange, SetupStore, StoreError, TrialChange, TrialStore,
    VersionedDocument, WordStore,
};
use serde_json::Value;

use super::household::{Kept, NOW};

#[async_trait]
impl SetupStore for Kept {
    async fn settings(&self) -> Result<Settings, StoreError> {
        Ok(self.lock().settings.clone())
    }

    async fn put_settings(&self, _: &Settings) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn change_settings(&self, _: SettingsChange) -> Result<Settings, StoreError> {
        Err(unused())
    }

    async fn document(&self, _: Document) -> Result<Option<VersionedDocument>, StoreError> {
        Err(unused())
    }

    async fn put_document(&self, _: Document, _: &Value, _: Option<u64>) -> Result<bool, StoreError> {
        Err(unused())
    }
}

#[async_trait]
impl TrialStore for Kept {
    async fn trials(&self, _: Timestamp) -> Result<Vec<Trial>, StoreError> {
        Err(unused())
    }

    /// There is a trial of the player `Kitchen`, which its Echo may have asked for.
    async fn change_trial(
        &self,
        key: PlayerKey,
        now: Timestamp,
        change: TrialChange,
    ) -> Result<Option<Trial>, StoreError> {
        let mut trial = (key == Trial::key_of(&PlayerId::from("Kitchen"))).then(|| {
            let tones = [Route::Lan, Route::Door]
                .map(|route| (ToneKind::Route(route), format!("https://a.example/{route}")));
            Trial::new("G0Kitchen", &PlayerId::from("Kitchen"), tones.into(), now)
        });
        change(&mut trial);
        Ok(trial)
    }
}

#[async_trait]
impl BridgeStore for Kept {
    async fn presence(&self, _: Timestamp) -> Result<Option<Presence>, StoreError> {
        Err(unused())
    }

    async fn note_presence(&self, _: Timestamp) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn put_waiting(
        &self,
        _: &WaitingRequest,
        _: Timestamp,
    ) -> Result<(WaitingRequest, Transition), StoreError> {
        Err(unused())
    }

    async fn waiting(&self, _: &RequestId, _: Timestamp) -> Result<Option<WaitingRequest>, StoreError> {
        Err(unused())
    }

    async fn take_reply(&self, _: &RequestId, _: &Reply, _: Timestamp) -> Result<Transition, StoreError> {
        Err(unused())
    }
}

#[async_trait]
impl WordStore for Kept {
    async fn put_challenge(&self, _: &PairingChallenge, _: Timestamp) -> Result<bool, StoreError> {
        Err(unused())
    }

    /// The first code is that of the player `Kitchen`, and the second that of a player that is not known yet.
    async fn consume_challenge(
        &self,
        code: &OneTimeWord,
        taken: &ChallengeResponse,
    ) -> Result<Option<PairingChallenge>, StoreError> {
        let player = match code {
            code if *code == OneTimeWord::from_index(0) => "Kitchen",
            code if *code == OneTimeWord::from_index(1) => "Garden",
            _ => return Ok(None),
        };
        let mut challenge = PairingChallenge {
            word: code.clone(),
            serial: format!("G0{player}"),
            echo_kind: None,
            player: PlayerId::from(player),
            kind: ChallengePurpose::Identify,
            used: None,
            expires_at: NOW.plus(PairingChallenge::LASTS).seconds(),
        };
        Ok(challenge.take(taken).succeeded().then_some(challenge))
    }

    async fn challenge(&self, _: &OneTimeWord, _: Timestamp) -> Result<Option<PairingChallenge>, StoreError> {
        Err(unused())
    }
}

/// A skill does not ask for any of this.
#[async_trait]
impl AccountStore for Kept {
    async fn acquire_lane(&self, _: RequestLane, _: &AcquireRequest) -> Result<AcquireResult, StoreError> {
        Err(unused())
    }

    async fn release_lane(&self, _: RequestLane, _: &LaneRelease) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn lane(&self, _: RequestLane) -> Result<LimiterState, StoreError> {
        Err(unused())
    }

    async fn acquire_refresh_lease(&self, _: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        Err(unused())
    }

    async fn release_refresh_lease(&self, _: &str) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn acquire_live_lease(&self, _: &LeaseRequest) -> Result<LeaseResult, StoreError> {
        Err(unused())
    }

    async fn release_live_lease(&self, _: &str) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn enqueue_volumes(&self, _: &[VolumeRequest], _: Timestamp) -> Result<QueuedChanges, StoreError> {
        Err(unused())
    }

    async fn record_attempts(&self, _: &[(String, VolumeAttempt)]) -> Result<(), StoreError> {
        Err(unused())
    }

    async fn volumes(&self) -> Result<Volumes, StoreError> {
        Err(unused())
    }

    async fn devices(&self) -> Result<Option<DeviceList>, StoreError> {
        Err(unused())
    }

    async fn put_devices(&self, _: Option<&DeviceList>) -> Result<(), StoreError> {
        Err(unused())
    }
}

pub(super) fn unused() -> StoreError {
    StoreError::Unavailable("no skill asks for this".to_owned())
}
