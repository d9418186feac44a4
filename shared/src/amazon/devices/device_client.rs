//! The client of the account's devices: their list, and the choice of devices for a command.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::list::{self, Groups, Listed};
use super::renamed::follow_names;
use super::state::StateCache;
use crate::account::{Device, DeviceKind, DeviceList};
use crate::amazon::client::{ApiRequest, Client};
use crate::amazon::error::AmazonError;
use crate::amazon::live::LiveStates;
use crate::amazon::session::SessionManager;
use crate::amazon::transport::AmazonTransport;
use crate::clock::{Clock, Random};
use crate::deps::Deps;
use crate::secrets::SecretStore;
use crate::store::Store;
use crate::task;
use crate::telemetry::Observation;

/// Age up to which a cached list of devices serves.
const CACHED_FOR: Duration = Duration::from_mins(10);

/// Age up to which a cached list serves for a device that is offline or missing in it.
const DOUBTED_AFTER: Duration = Duration::from_secs(30);

/// The serial number of no device: a query about it is one about all.
#[cfg(feature = "live")]
const NO_DEVICE: &str = "";

/// Client of the account's devices; cheap to clone.
#[derive(Clone, Debug)]
pub struct DeviceClient {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: Client,
    deps: Deps,
    state: StateCache,
}

/// The freshness that a list of devices needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// A cached list will do.
    Cached,
    /// Amazon lists them now.
    Now,
}

/// Devices, with the problem of a newer list.
#[derive(Debug)]
pub struct Devices {
    /// The devices.
    pub list: DeviceList,
    /// The error in place of a newer list, if any.
    pub problem: Option<AmazonError>,
}

/// A device and the outcome of a command to it.
#[derive(Debug)]
pub struct DeviceOutcome {
    /// The device.
    pub device: Device,
    /// The outcome.
    pub outcome: CommandOutcome,
}

/// The outcome of a command.
#[derive(Debug)]
pub enum CommandOutcome {
    /// The device was seen to obey.
    Confirmed,
    /// Amazon accepted the command, and nothing was seen yet.
    Accepted,
    /// The command failed.
    Failed(AmazonError),
}

/// The devices of a command.
#[derive(Debug, Default)]
pub(super) struct CommandTargets {
    /// Known devices, with their list.
    pub(super) found: Vec<(Device, DeviceList)>,
    /// Devices that the list does not settle, with the reason.
    pub(super) missing: Vec<(Device, AmazonError)>,
}

impl DeviceClient {
    /// The account whose session is in `secrets`; `transport` carries its requests.
    #[must_use]
    pub fn new(deps: &Deps, secrets: Arc<dyn SecretStore>, transport: AmazonTransport) -> Self {
        let client = Client::new(SessionManager::new(deps, secrets, transport));
        let state = StateCache::new(client.clone(), Arc::clone(&deps.clock));
        Self { shared: Arc::new(Shared { client, deps: deps.clone(), state }) }
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &SessionManager {
        self.shared.client.session()
    }

    /// The state of the devices, as Amazon reports it.
    #[must_use]
    pub fn state(&self) -> &StateCache {
        &self.shared.state
    }

    /// The states of the devices as live events tell them.
    #[must_use]
    pub fn live(&self) -> &LiveStates {
        self.shared.state.live()
    }

    /// Asks Amazon for all that live events tell, for the table of those.
    ///
    /// # Errors
    /// When Amazon gives no report.
    #[cfg(feature = "live")]
    pub(in crate::amazon) async fn query_everything(&self) -> Result<(), AmazonError> {
        // The list says whom Amazon reaches.
        self.devices(Freshness::Cached).await?;
        self.state().speaker_volume(NO_DEVICE, None).await?;
        self.state().do_not_disturb(NO_DEVICE).await?;
        self.query_sessions().await
    }

    /// Asks Amazon what plays, for the table of live events.
    ///
    /// # Errors
    /// When Amazon gives no report.
    #[cfg(feature = "live")]
    pub(in crate::amazon) async fn query_sessions(&self) -> Result<(), AmazonError> {
        let list = self.store().devices().await?;
        let echo = list.and_then(|list| list.devices.into_iter().find(|one| one.kind == DeviceKind::Echo));
        match echo {
            Some(echo) => self.state().now_playing(&echo, None).await.map(drop),
            None => Ok(()),
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.shared.client
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.shared.deps.store.as_ref()
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.shared.deps.clock.as_ref()
    }

    pub(super) fn random(&self) -> &dyn Random {
        self.shared.deps.random.as_ref()
    }

    /// Runs a command to completion, even when its caller goes away: a command that is half sent would leave its lane
    /// closed.
    ///
    /// # Errors
    /// When the command fails, or the runtime shuts down.
    pub async fn finish<T: Send + 'static>(
        &self,
        command: impl Future<Output = Result<T, AmazonError>> + Send + 'static,
    ) -> Result<T, AmazonError> {
        task::run_to_completion(command).await.unwrap_or(Err(AmazonError::Unavailable(503)))
    }

    /// The devices. Where Amazon does not respond for the moment, or not in a known form, the list before serves.
    ///
    /// # Errors
    /// When there is no list, or no account is signed in (any more).
    pub async fn devices(&self, freshness: Freshness) -> Result<Devices, AmazonError> {
        let now = self.clock().now();
        let known = self.store().devices().await?;
        if freshness == Freshness::Cached
            && let Some(list) = known.as_ref().filter(|list| now.is_within(CACHED_FOR, list.listed_at))
        {
            return Ok(Devices { list: self.as_heard(list.clone()), problem: None });
        }
        match (self.list_devices().await, known) {
            (Ok(list), known) => {
                follow_names(self.store(), self.clock().now(), known.as_ref(), &list).await;
                Ok(Devices { list, problem: None })
            }
            (Err(error), Some(list)) if leaves_the_list(&error) => {
                Ok(Devices { list: self.as_heard(list), problem: Some(error) })
            }
            (Err(error), _) => Err(error),
        }
    }

    /// A list with what was heard since of whom Amazon reaches.
    fn as_heard(&self, mut list: DeviceList) -> DeviceList {
        for device in &mut list.devices {
            let heard = self.live().online(&device.serial).filter(|heard| heard.at > list.listed_at);
            device.online = heard.map_or(device.online, |heard| heard.value);
        }
        list
    }

    /// Lists the devices of the account. After a change of the account meanwhile, it lists those of the new one.
    async fn list_devices(&self) -> Result<DeviceList, AmazonError> {
        let mut own = self.session().serial().await?;
        loop {
            let listed: Listed = self
                .client()
                .query(&ApiRequest::query("/api/devices-v2/device?cached=false", "the devices"))
                .await?;
            let request = ApiRequest::query("/api/wholeHomeAudio/v1/groups", "the groups");
            let groups = self.client().query(&request).await.unwrap_or_else(|error| {
                // The list of devices has most of them, too.
                tracing::warn!(%error, "Amazon does not list its groups");
                Groups::default()
            });
            let still_own = self.session().serial().await?;
            if own == still_own {
                let devices = list::devices(listed, &groups, own.as_deref());
                let list = DeviceList { devices, listed_at: self.clock().now() };
                self.shared.deps.metrics.observe(&Observation::Devices(list.devices.len()));
                self.store().put_devices(Some(&list)).await?;
                return Ok(list);
            }
            own = still_own;
        }
    }

    /// A device and its list. Where it is offline or missing in an old list, Amazon lists the devices again.
    ///
    /// # Errors
    /// When there is no such device, or no list.
    pub async fn device(&self, serial: &str) -> Result<(Device, DeviceList), AmazonError> {
        let CommandTargets { found, missing } = self.found(&[serial.to_owned()]).await?;
        match (found.into_iter().next(), missing.into_iter().next()) {
            (Some(found), _) => Ok(found),
            (None, Some((_, error))) => Err(error),
            (None, None) => Err(AmazonError::DeviceUnknown { serial: shown(serial) }),
        }
    }

    /// The devices with these serial numbers. Amazon lists them at most once for all.
    pub(super) async fn found(&self, serials: &[String]) -> Result<CommandTargets, AmazonError> {
        let are_fine = |list: &DeviceList| {
            serials.iter().all(|serial| list.get(serial).is_some_and(|device| device.online))
        };
        let Devices { mut list, mut problem } = self.devices(Freshness::Cached).await?;
        let is_old = !self.clock().now().is_within(DOUBTED_AFTER, list.listed_at);
        if is_old && problem.is_none() && !are_fine(&list) {
            Devices { list, problem } = self.devices(Freshness::Now).await?;
        }
        let problem = problem.map(Arc::new);
        let mut chosen = CommandTargets::default();
        for serial in serials {
            match (list.get(serial), &problem) {
                (Some(device), None) => chosen.found.push((device.clone(), list.clone())),
                (Some(device), Some(_)) if device.online => chosen.found.push((device.clone(), list.clone())),
                // Without a newer list, an old list does not settle whether a device is offline.
                (Some(device), Some(problem)) => {
                    chosen.missing.push((device.clone(), AmazonError::shared(problem)));
                }
                (None, Some(problem)) => {
                    chosen.missing.push((stand_in(serial), AmazonError::shared(problem)));
                }
                (None, None) => {
                    let error = AmazonError::DeviceUnknown { serial: shown(serial) };
                    chosen.missing.push((stand_in(serial), error));
                }
            }
        }
        Ok(chosen)
    }

    /// The devices with these serial numbers, or every Echo where none is named.
    pub(super) async fn chosen(&self, serials: &[String]) -> Result<CommandTargets, AmazonError> {
        if !serials.is_empty() {
            return self.found(serials).await;
        }
        let list = self.devices(Freshness::Cached).await?.list;
        let echos = list.devices.iter().filter(|device| device.kind == DeviceKind::Echo).cloned();
        let found = echos.map(|device| (device, list.clone())).collect();
        Ok(CommandTargets { found, missing: Vec::new() })
    }

    /// A device that Amazon reaches, and its list.
    pub(super) async fn online(&self, serial: &str) -> Result<(Device, DeviceList), AmazonError> {
        let (device, list) = self.device(serial).await?;
        reachable(&device, &list)?;
        Ok((device, list))
    }
}

/// Refuses a device that Amazon does not reach. A group or a pair is reached by any of its members, although its own
/// entry may differ.
pub(super) fn reachable(device: &Device, list: &DeviceList) -> Result<(), AmazonError> {
    let is_cluster = matches!(device.kind, DeviceKind::Group | DeviceKind::StereoPair);
    let is_reached =
        if is_cluster { list.echos_of(device).iter().any(|echo| echo.online) } else { device.online };
    if is_reached {
        return Ok(());
    }
    Err(AmazonError::Offline { name: device.name.clone() })
}

/// Whether the list before serves after this error of a new one.
fn leaves_the_list(error: &AmazonError) -> bool {
    error.is_transient() || matches!(error, AmazonError::UnexpectedResponse { .. })
}

/// A stand-in for a device without an entry. Its name is its serial number.
fn stand_in(serial: &str) -> Device {
    Device {
        serial: serial.to_owned(),
        device_type: String::new(),
        name: serial.to_owned(),
        family: String::new(),
        kind: DeviceKind::Other,
        online: false,
        has_volume: false,
        members: Vec::new(),
        owner: None,
        language: None,
    }
}

/// A serial number from a request, safe for a sentence.
fn shown(serial: &str) -> String {
    serial.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}
