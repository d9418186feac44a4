//! The account's devices, for whoever wants something of them.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tracing::{Instrument as _, Span};

use super::calls::Ask;
use super::error::AmazonError;
use super::lanes::Lanes;
use super::list::{self, Groups, Listed};
use super::observe::Observations;
use super::session::{AccountParts, SessionKeeper};
use crate::account::{Device, DeviceKind, DeviceList};
use crate::clock::{Clock, Random};
use crate::store::Store;

/// How old a list of devices may be before Amazon is asked again by itself.
const LISTED: Duration = Duration::from_mins(10);

/// How old it may be when a device is offline in it, or not in it at all.
const DOUBTED: Duration = Duration::from_secs(30);

/// The account's devices; cheap to clone.
#[derive(Clone)]
pub struct Account {
    parts: Arc<Parts>,
}

struct Parts {
    session: SessionKeeper,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    observations: Observations,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").finish_non_exhaustive()
    }
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

impl Account {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: AccountParts) -> Self {
        let (store, clock, random) =
            (Arc::clone(&parts.store), Arc::clone(&parts.clock), Arc::clone(&parts.random));
        let (session, observations) = (SessionKeeper::new(parts), Observations::default());
        Self { parts: Arc::new(Parts { session, store, clock, random, observations }) }
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &SessionKeeper {
        &self.parts.session
    }

    pub(super) fn lanes(&self) -> &Lanes {
        &self.parts.session.lanes
    }

    pub(super) fn store(&self) -> &dyn Store {
        self.parts.store.as_ref()
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        self.parts.clock.as_ref()
    }

    pub(super) fn random(&self) -> &dyn Random {
        self.parts.random.as_ref()
    }

    pub(super) fn observations(&self) -> &Observations {
        &self.parts.observations
    }

    /// Runs something to its end, even where nobody waits for it any more: a command that is half sent would leave
    /// its lane closed.
    pub async fn finish<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, AmazonError>> + Send + 'static,
    ) -> Result<T, AmazonError> {
        match tokio::spawn(work.instrument(Span::current())).await {
            Ok(done) => done,
            Err(panicked) => match panicked.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(AmazonError::Unavailable(503)),
            },
        }
    }

    /// The devices. Where Amazon does not answer for the moment, those that it listed before serve.
    ///
    /// # Errors
    /// When there are none, or nobody is signed in (any more).
    pub async fn devices(&self, freshness: Freshness) -> Result<Devices, AmazonError> {
        let now = self.clock().now();
        let known = self.store().devices().await?;
        if freshness == Freshness::Cached
            && let Some(list) = known.as_ref().filter(|list| now.since(list.listed_at) < LISTED)
        {
            return Ok(Devices { list: list.clone(), problem: None });
        }
        match (self.list_devices().await, known) {
            (Ok(list), _) => Ok(Devices { list, problem: None }),
            (Err(error), Some(list)) if error.is_transient() => Ok(Devices { list, problem: Some(error) }),
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
        let is_fine = |list: &DeviceList| list.get(serial).is_some_and(|device| device.online);
        let mut list = self.devices(Freshness::Cached).await?.list;
        if !is_fine(&list) && self.clock().now().since(list.listed_at) > DOUBTED {
            let listed = self.devices(Freshness::Now).await?;
            list = listed.list;
            // What an old list says is no answer where Amazon has none.
            if let Some(problem) = listed.problem.filter(|_| !is_fine(&list)) {
                return Err(problem);
            }
        }
        let device = list.get(serial).cloned();
        let device = device.ok_or_else(|| AmazonError::DeviceUnknown { serial: shown(serial) })?;
        Ok((device, list))
    }

    /// A device that can be reached, and the list.
    pub(super) async fn online(&self, serial: &str) -> Result<(Device, DeviceList), AmazonError> {
        let (device, list) = self.device(serial).await?;
        reachable(&device, &list)?;
        Ok((device, list))
    }
}

/// Refuses a device that Amazon does not reach. A group whose own entry is offline may have members that are not.
pub(super) fn reachable(device: &Device, list: &DeviceList) -> Result<(), AmazonError> {
    let is_cluster = matches!(device.kind, DeviceKind::Group | DeviceKind::StereoPair);
    let members = is_cluster && list.echos_of(device).iter().any(|echo| echo.online);
    if device.online || members {
        return Ok(());
    }
    Err(AmazonError::Offline { name: device.name.clone() })
}

/// What was asked for, fit for a sentence.
fn shown(serial: &str) -> String {
    serial.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}
