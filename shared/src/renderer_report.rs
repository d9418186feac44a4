//! The renderer report: where the renderers of this process are served, who looked for them, and what failed.
//!
//! It is kept in memory alone. Renderers and their discovery write it; the API, the pages and the checks read it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::speakers::RendererFailure;

/// Most renderers that are offered and kept: far more than a home has Echos.
pub(crate) const RENDERERS_AT_MOST: usize = 64;

/// Longest text that is kept of a stranger or a failure, in bytes.
const TEXT_AT_MOST: usize = 200;

/// Longest name of a controller's program, in bytes.
const PRODUCT_AT_MOST: usize = 64;

/// Whether this process serves renderers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Serving {
    /// They are no part of this process, such as a function in AWS without a bridge.
    #[default]
    NotHere,
    /// The program at home serves them, by the bridge. What happens there is not known here.
    AtHome,
    /// They are switched off by `RENDERER_BIND`.
    Off,
    /// Another program has their port.
    PortTaken(SocketAddr),
    /// On this address.
    At(SocketAddr),
}

/// Whether renderers are announced in the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Announcing {
    /// It was not tried yet.
    #[default]
    NotYet,
    /// They are.
    Yes,
    /// This machine has no private network.
    NoNetwork,
    /// The port of searches or the group of a network is not to be had.
    Failed,
}

/// State of a renderer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RendererState {
    /// There is nothing to play.
    #[default]
    Empty,
    /// It does not play.
    Stopped,
    /// A controller started it, and it does not play yet.
    Starting,
    /// It plays.
    Playing,
    /// It was stopped for now.
    Paused,
}

/// A controller that asked for a renderer: its description, an action or events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finder {
    /// Its address.
    pub address: IpAddr,
    /// Its program, such as `Python/3.13`; none where it did not say.
    pub product: Option<String>,
    /// Time of its last request.
    pub at: Timestamp,
}

/// A failure of a renderer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RendererProblem {
    /// Its kind.
    pub code: RendererFailure,
    /// A sentence for people, in English.
    pub message: String,
    /// Its time.
    pub at: Timestamp,
}

impl RendererProblem {
    /// Whether the Echo did not play and no more is known, so that the Echo's own report may say why.
    #[must_use]
    pub fn has_no_reason(&self) -> bool {
        self.code == RendererFailure::DidNotPlay
    }
}

/// A device that is offered as a renderer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedDevice {
    /// Its serial number.
    pub serial: String,
    /// Its name.
    pub name: String,
    /// The unique device name of its renderer.
    pub udn: String,
}

/// A renderer as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedRenderer {
    /// Its device.
    pub device: OfferedDevice,
    /// Its state.
    pub state: RendererState,
    /// Time of the last request of a controller.
    pub found_at: Option<Timestamp>,
    /// The last failure since its last start.
    pub problem: Option<RendererProblem>,
}

/// Everything that is known at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RendererReport {
    /// Whether renderers are served.
    pub serving: Serving,
    /// Whether they are announced.
    pub announcing: Announcing,
    /// Time since which there is at least one.
    pub offered_since: Option<Timestamp>,
    /// Time of the last search that would find one.
    pub searched_at: Option<Timestamp>,
    /// The last controller that asked for a renderer.
    pub found_by: Option<Finder>,
    /// The renderers by the serial numbers of their devices, at most 64.
    pub renderers: BTreeMap<String, ReportedRenderer>,
}

impl RendererReport {
    /// Whether renderers are, or could be, a part of this process or of the home behind it.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.serving != Serving::NotHere
    }

    /// The address on which renderers are served; none where they are not.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self.serving {
            Serving::At(address) => Some(address),
            Serving::NotHere | Serving::AtHome | Serving::Off | Serving::PortTaken(_) => None,
        }
    }

    /// Whether devices are offered, by this process or at home, so that it matters which.
    #[must_use]
    pub fn are_offered(&self) -> bool {
        matches!(self.serving, Serving::At(_) | Serving::AtHome)
    }

    /// Number of renderers that a controller asked for.
    #[must_use]
    pub fn found(&self) -> usize {
        self.renderers.values().filter(|renderer| renderer.found_at.is_some()).count()
    }
}

/// Holds the report of this process; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RendererReports(Arc<Mutex<RendererReport>>);

impl RendererReports {
    /// The report as it is now.
    #[must_use]
    pub fn report(&self) -> RendererReport {
        self.lock().clone()
    }

    /// Notes whether renderers are served.
    pub fn serves(&self, serving: Serving) {
        self.lock().serving = serving;
    }

    /// Notes whether renderers are announced.
    pub fn announces(&self, announcing: Announcing) {
        self.lock().announcing = announcing;
    }

    /// Notes a search that would find a renderer.
    pub fn searched(&self, at: Timestamp) {
        self.lock().searched_at = Some(at);
    }

    /// Notes that a controller asked for a renderer. `agent` is its header `User-Agent`.
    pub fn found(&self, udn: &str, address: IpAddr, agent: Option<&str>, at: Timestamp) {
        let mut report = self.lock();
        report.found_by = Some(Finder { address, product: agent.and_then(product), at });
        for renderer in report.renderers.values_mut().filter(|renderer| renderer.device.udn == udn) {
            renderer.found_at = Some(at);
        }
    }

    /// Notes which devices are offered. What is known of others is forgotten.
    pub fn offers(&self, devices: Vec<OfferedDevice>, now: Timestamp) {
        let mut report = self.lock();
        let mut known = std::mem::take(&mut report.renderers);
        let renderers = devices.into_iter().take(RENDERERS_AT_MOST).map(|device| {
            let new = || ReportedRenderer {
                device: device.clone(),
                state: RendererState::default(),
                found_at: None,
                problem: None,
            };
            let before = known.remove(&device.serial).unwrap_or_else(new);
            (device.serial.clone(), ReportedRenderer { device, ..before })
        });
        report.renderers = renderers.collect();
        let since = report.offered_since.unwrap_or(now);
        report.offered_since = (!report.renderers.is_empty()).then_some(since);
    }

    /// Notes the state of a renderer, and whether its last play failed.
    pub fn shows(&self, serial: &str, state: RendererState, failed: bool, now: Timestamp) {
        let mut report = self.lock();
        let Some(renderer) = report.renderers.get_mut(serial) else { return };
        let before = std::mem::replace(&mut renderer.state, state);
        let is_new = before != state;
        let is_after_failure = matches!(state, RendererState::Starting | RendererState::Playing);
        if is_new && is_after_failure {
            renderer.problem = None;
        }
        // A play that failed before this process knew of it has no time here.
        let was_to_play = matches!(before, RendererState::Starting | RendererState::Playing);
        if is_new && failed && was_to_play && renderer.problem.is_none() {
            renderer.problem = Some(RendererProblem {
                code: RendererFailure::DidNotPlay,
                message: "the Echo did not play what it was told to, or ended it with an error".to_owned(),
                at: now,
            });
        }
    }

    /// Notes a failure of a renderer.
    pub fn failed(&self, serial: &str, code: impl Into<RendererFailure>, message: &str, at: Timestamp) {
        if let Some(renderer) = self.lock().renderers.get_mut(serial) {
            let message = message[..message.floor_char_boundary(TEXT_AT_MOST)].to_owned();
            renderer.problem = Some(RendererProblem { code: code.into(), message, at });
        }
    }

    fn lock(&self) -> MutexGuard<'_, RendererReport> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first program of a `User-Agent` (RFC 9110, section 10.1.5); none where it has no readable one.
fn product(agent: &str) -> Option<String> {
    let first = agent.split_ascii_whitespace().next()?;
    let is_readable = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+()".contains(&byte);
    let readable: String =
        first.bytes().filter(|byte| is_readable(*byte)).take(PRODUCT_AT_MOST).map(char::from).collect();
    Some(readable).filter(|readable| !readable.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn device(serial: &str) -> OfferedDevice {
        OfferedDevice { serial: serial.into(), name: format!("Echo {serial}"), udn: format!("udn-{serial}") }
    }

    #[test]
    fn a_product_is_short_and_readable() {
        assert_eq!(product("Python/3.13 aiohttp/3.12").as_deref(), Some("Python/3.13"));
        assert_eq!(product("<b>x</b>\u{7}\nMore").as_deref(), Some("bx/b"));
        assert_eq!(product(&"a".repeat(500)).map(|text| text.len()), Some(PRODUCT_AT_MOST));
        assert_eq!((product(""), product("\u{202e}\u{202e}")), (None, None));
    }

    #[test]
    fn what_is_offered_no_more_is_forgotten() {
        let reports = RendererReports::default();
        reports.offers(vec![device("A"), device("B")], NOW);
        reports.found("udn-A", IpAddr::from([10, 0, 0, 2]), None, NOW);
        reports.failed("B", "device_offline", "it is offline", NOW);
        reports.failed("C", "device_offline", "it is offline", NOW);
        reports.offers(vec![device("B")], NOW.plus(std::time::Duration::from_secs(9)));
        let report = reports.report();
        assert_eq!((report.found(), report.renderers.len(), report.offered_since), (0, 1, Some(NOW)));
        assert_eq!(
            report.renderers["B"].problem.as_ref().map(|problem| &problem.code),
            Some(&RendererFailure::DeviceOffline)
        );
        reports.offers((0..500).map(|number| device(&number.to_string())).collect(), NOW);
        assert_eq!(reports.report().renderers.len(), RENDERERS_AT_MOST);
        reports.offers(Vec::new(), NOW);
        assert_eq!(reports.report().offered_since, None);
    }

    #[test]
    fn a_failure_stays_until_the_next_play() {
        let reports = RendererReports::default();
        let code = || reports.report().renderers["A"].problem.clone().map(|problem| problem.code);
        reports.offers(vec![device("A")], NOW);
        // It failed before this process began.
        reports.shows("A", RendererState::Stopped, true, NOW);
        assert_eq!(code(), None);
        reports.shows("A", RendererState::Starting, false, NOW);
        reports.failed("A", "device_offline", &"ö".repeat(400), NOW);
        reports.shows("A", RendererState::Stopped, true, NOW);
        assert_eq!(code(), Some(RendererFailure::DeviceOffline));
        reports.shows("A", RendererState::Starting, false, NOW);
        assert_eq!(code(), None);
        reports.shows("A", RendererState::Stopped, true, NOW);
        assert_eq!(code(), Some(RendererFailure::DidNotPlay));
        reports.shows("A", RendererState::Playing, false, NOW);
        assert_eq!(code(), None);
    }
}
