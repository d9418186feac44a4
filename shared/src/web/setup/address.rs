//! The second step: the public address, and the ways that lead to it.

use askama::Template;

use super::address_check::Targets;
use super::address_lines::CheckView;
use super::checklist::SetupState;
use super::door::DoorWays;
use super::fields::{Field, FieldName, Fields};
use super::funnel::{self, Tailscale};
use super::proxy::{self, Proxy, ProxyConfig};
use super::shown::{Fold, PageData, part};
use super::tunnel::Tunnel;
use crate::api::ApiState;
use crate::config::Settings;
use crate::playback::Household;
use crate::web::error::PageError;
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "setup/address.html")]
struct AddressBody<'a> {
    page: &'a Page,
    fields: Fields,
    machine: Field,
    opens_advanced: bool,
    door: DoorWays,
    proxies: Vec<(Proxy, Option<String>)>,
    /// Whether the configurations for Music Assistant's own ports are unfolded.
    shows_proxies: bool,
    /// The address of the skill in effect, where no other is set.
    door_endpoint: Option<String>,
    check: Option<CheckView>,
    has_address: bool,
}

impl AddressBody<'_> {
    /// Whether a check goes on, or begins without a click, since there was none of these addresses.
    fn begins_check(&self) -> bool {
        self.check.as_ref().map_or(self.has_address, |check| check.runs)
    }
}

/// The open card.
pub(super) async fn body(
    state: &ApiState,
    page: &Page,
    setup: &SetupState,
    settings: &Settings,
    shown: &PageData,
) -> Result<String, PageError> {
    let found = funnel::found(state).await;
    let (machine, problem) = machine(page, shown.machine.as_deref(), &setup.household);
    let config = &state.deps.config;
    let is_set = config.api.setup.skill_endpoint.is_some() || settings.skill_endpoint.is_some();
    let endpoint = setup.config.setup.skill_endpoint.as_ref();
    let fields = Fields::new(config, settings, &shown.entered);
    part(&AddressBody {
        page,
        opens_advanced: fields.advanced_is_used() || shown.open == Some(Fold::Advanced),
        fields,
        machine: Field::machine(machine.clone(), problem),
        door: DoorWays::of(page, setup, config, (&found, &state.tunnel), &shown.keys),
        proxies: proxies(setup, &machine, config.api.port),
        shows_proxies: shown.machine.is_some() || shown.open == Some(Fold::Proxies),
        door_endpoint: endpoint.filter(|_| !is_set).map(ToString::to_string),
        check: setup.check_view(page),
        has_address: Targets::of(&setup.config).is_some(),
    })
}

fn proxies(setup: &SetupState, machine: &str, port: u16) -> Vec<(Proxy, Option<String>)> {
    let endpoint = setup.config.setup.skill_endpoint.as_ref();
    let Some(ways) = ProxyConfig::new(&setup.config.streams, endpoint, machine, port) else {
        return Vec::new();
    };
    Proxy::ALL.into_iter().map(|proxy| (proxy, ways.configuration(proxy))).collect()
}

/// Music Assistant's machine: as it was entered, else as the last push names it, else an example; and what is wrong
/// with what was entered.
fn machine(page: &Page, entered: Option<&str>, household: &Household) -> (String, Option<String>) {
    match entered.map(|text| (text, proxy::machine(text))) {
        Some((_, Some(machine))) => (machine, None),
        Some((_, None)) => (example(household), Some(page.text("setup-machine-malformed"))),
        None => (example(household), None),
    }
}

fn example(household: &Household) -> String {
    let last = household.streams().max_by_key(|start| start.pushed_at);
    let host = last.and_then(|start| start.stream.host());
    host.and_then(|host| proxy::machine(&host.to_string())).unwrap_or_else(|| "192.168.1.5".to_owned())
}
