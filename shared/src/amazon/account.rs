//! The account's devices, for whoever wants something of them.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::calls::Ask;
use super::error::AmazonError;
use super::list::{self, Groups, Listed};
use super::observe::Observations;
use super::rate_limit::Limiter;
use super::session::SessionKeeper;
use super::transport::Transport;
use crate::account::{Device, DeviceKind, DeviceList};
use crate::clock::{Clock, Random};
use crate::deps::Deps;
use crate::secrets::SecretStore;
use crate::store::Store;
use crate::task;

/// How old a list of devices may be before Amazon is asked again by itself.
const LISTED: Duration = Duration::from_mins(10);

/// How old it may be when a device is offline in it, or not in it at all.
const DOUBTED: Duration = Duration::from_secs(30);

/// The account's devices; cheap to clone.
#[derive(Clone, Debug)]
pub struct Account {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    session: SessionKeeper,
    deps: Deps,
    observations: Observations,
}

/// How devices are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// As they were a while ago.
    Cached,
    /// As Amazon lists them now.
    Now,
}

/// Devices, and why they are not newer.
#[derive(Debug)]
pub struct Devices {
    /// The devices.
    pub list: DeviceList,
    /// What was in the way of a newer list.
    pub problem: Option<AmazonError>,
}

/// What became of a command for one device.
#[derive(Debug)]
pub struct DeviceOutcome {
    /// The device.
    pub device: Device,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a command.
#[derive(Debug)]
pub enum Outcome {
    /// It was seen to be done.
    Confirmed,
    /// Amazon took it, and nothing was seen yet.
    Accepted,
    /// It was not done.
    Failed(AmazonError),
}

/// Devices that something is wanted of.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Those that there are, with the list that they are in.
    pub(super) found: Vec<(Device, DeviceList)>,
    /// Those of which nothing can be said, and why.
    pub(super) missing: Vec<(Device, AmazonError)>,
}

impl Account {
    /// The account whose session is in `secrets`; `transport` carries its requests.
    #[must_use]
    pub fn new(deps: &Deps, secrets: Arc<dyn SecretStore>, transport: Transport) -> Self {
        let session = SessionKeeper::new(deps, secrets, transport);
        Self {
            shared: Arc::new(Shared { session, deps: deps.clone(), observations: Observations::default() }),
        }
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &SessionKeeper {
        &self.shared.session
    }

    pub(super) fn limiter(&self) -> &Limiter {
        &self.shared.session.limiter
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

    pub(super) fn observations(&self) -> &Observations {
        &self.shared.observations
    }

    /// Runs something to its end, even where nobody waits for it any more: a command that is half sent would leave
    /// its lane closed.
    pub async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, AmazonError>> + Send + 'static,
    ) -> Result<T, AmazonError> {
        task::run_to_completion(work).await.unwrap_or(Err(AmazonError::Unavailable(503)))
    }

    /// The devices. Where Amazon does not answer for the moment, or nothing that can be read, those that it listed
    /// before serve.
    ///
    /// # Errors
    /// When there are none, or nobody is signed in (any more).
    pub async fn devices(&self, freshness: Freshness) -> Result<Devices, AmazonError> {
        let now = self.clock().now();
        let known = self.store().devices().await?;
        if freshness == Freshness::Cached
            && let Some(list) = known.as_ref().filter(|list| now.is_within(LISTED, list.listed_at))
        {
            return Ok(Devices { list: list.clone(), problem: None });
        }
        match (self.list_devices().await, known) {
            (Ok(list), known) => {
                self.follow_names(known.as_ref(), &list).await;
                Ok(Devices { list, problem: None })
            }
            (Err(error), Some(list)) if leaves_the_list(&error) => Ok(Devices { list, problem: Some(error) }),
            (Err(error), _) => Err(error),
        }
    }

    /// Lists the devices of whoever is signed in, also where somebody else was a moment ago.
    async fn list_devices(&self) -> Result<DeviceList, AmazonError> {
        let mut own = self.session().serial().await?;
        loop {
            let listed: Listed =
                self.ask(&Ask::get("/api/devices-v2/device?cached=false", "the devices")).await?;
            let groups = self.ask::<Groups>(&Ask::get("/api/wholeHomeAudio/v1/groups", "the groups")).await;
            let groups = groups.unwrap_or_else(|error| {
                // The devices tell most of it themselves.
                tracing::warn!(%error, "Amazon does not tell its groups");
                Groups::default()
            });
            let still_own = self.session().serial().await?;
            if own == still_own {
                let devices = list::devices(listed, &groups, own.as_deref());
                let list = DeviceList { devices, listed_at: self.clock().now() };
                self.store().put_devices(Some(&list)).await?;
                return Ok(list);
            }
            own = still_own;
        }
    }

    /// A device and the list that it is in; listed anew where it is not in a list that may be old, or offline there.
    ///
    /// # Errors
    /// When there is no such device, or no list.
    pub async fn device(&self, serial: &str) -> Result<(Device, DeviceList), AmazonError> {
        let Chosen { found, missing } = self.found(&[serial.to_owned()]).await?;
        match (found.into_iter().next(), missing.into_iter().next()) {
            (Some(found), _) => Ok(found),
            (None, Some((_, error))) => Err(error),
            (None, None) => Err(AmazonError::DeviceUnknown { serial: shown(serial) }),
        }
    }

    /// The devices with these serial numbers, and those of which nothing can be said. Amazon is asked once for all.
    pub(super) async fn found(&self, serials: &[String]) -> Result<Chosen, AmazonError> {
        let are_fine = |list: &DeviceList| {
            serials.iter().all(|serial| list.get(serial).is_some_and(|device| device.online))
        };
        let Devices { mut list, mut problem } = self.devices(Freshness::Cached).await?;
        let is_old = !self.clock().now().is_within(DOUBTED, list.listed_at);
        if is_old && problem.is_none() && !are_fine(&list) {
            Devices { list, problem } = self.devices(Freshness::Now).await?;
        }
        let mut chosen = Chosen::default();
        for serial in serials {
            match (list.get(serial), &problem) {
                (Some(device), None) => chosen.found.push((device.clone(), list.clone())),
                (Some(device), Some(_)) if device.online => chosen.found.push((device.clone(), list.clone())),
                // What an old list says is no answer where Amazon has none.
                (Some(device), Some(problem)) => chosen.missing.push((device.clone(), problem.noted())),
                (None, Some(problem)) => chosen.missing.push((stand_in(serial), problem.noted())),
                (None, None) => {
                    let error = AmazonError::DeviceUnknown { serial: shown(serial) };
                    chosen.missing.push((stand_in(serial), error));
                }
            }
        }
        Ok(chosen)
    }

    /// The devices with these serial numbers, or every Echo where none is named.
    pub(super) async fn chosen(&self, serials: &[String]) -> Result<Chosen, AmazonError> {
        if !serials.is_empty() {
            return self.found(serials).await;
        }
        let list = self.devices(Freshness::Cached).await?.list;
        let echos = list.devices.iter().filter(|device| device.kind == DeviceKind::Echo).cloned();
        let found = echos.map(|device| (device, list.clone())).collect();
        Ok(Chosen { found, missing: Vec::new() })
    }

    /// A device that can be reached, and the list.
    pub(super) async fn online(&self, serial: &str) -> Result<(Device, DeviceList), AmazonError> {
        let (device, list) = self.device(serial).await?;
        reachable(&device, &list)?;
        Ok((device, list))
    }
}

/// Refuses a device that Amazon does not reach. Of a group or a pair, that is so where it reaches no member: what its own
/// entry says does not matter.
pub(super) fn reachable(device: &Device, list: &DeviceList) -> Result<(), AmazonError> {
    let is_cluster = matches!(device.kind, DeviceKind::Group | DeviceKind::StereoPair);
    let is_reached =
        if is_cluster { list.echos_of(device).iter().any(|echo| echo.online) } else { device.online };
    if is_reached {
        return Ok(());
    }
    Err(AmazonError::Offline { name: device.name.clone() })
}

/// Whether the list before serves although a new one was not had.
fn leaves_the_list(error: &AmazonError) -> bool {
    error.is_transient() || matches!(error, AmazonError::Changed { .. })
}

/// In the place of a device that is in no list: it has no name but its serial number.
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

/// What was asked for, fit for a sentence.
fn shown(serial: &str) -> String {
    serial.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}
