//! The check of the public addresses: how far it is, what it found, and for which addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use futures_util::future::{join, join_all};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::api::ApiState;
use crate::clock::Timestamp;
use crate::config::{Effective, SkillEndpoint};
use crate::diagnostics::{AddressScope, ReportedFinding, Verdict};
use crate::probe::{CertificateKind, ProbeError};
use crate::store::{Document, StoreError, replace_document};

/// The public addresses that a check is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Targets {
    door: Option<String>,
    streams: Option<String>,
    /// None where Alexa calls a function.
    endpoint: Option<String>,
}

/// The progress of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CheckStage {
    Begun,
    /// The names were looked up.
    LookedUp,
    /// Each address was asked once.
    Reached,
    Over,
}

/// The last check of the public addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AddressCheck {
    pub(super) at: Timestamp,
    pub(super) targets: Targets,
    pub(super) stage: CheckStage,
    /// The addresses of each name, as far as they are known.
    #[serde(default)]
    pub(super) hosts: BTreeMap<String, Vec<IpAddr>>,
    #[serde(default)]
    pub(super) findings: Vec<ReportedFinding>,
    /// The certificate, where a person checked the address from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) by_hand: Option<CertificateKind>,
}

impl Targets {
    /// The addresses in effect; none where nothing is public.
    pub(super) fn of(config: &Effective) -> Option<Self> {
        let door = config.streams.door.as_ref().map(|url| url.as_str().to_owned());
        let streams = config.streams.stream_base.as_ref().map(|url| url.as_str().to_owned());
        let endpoint = match &config.setup.skill_endpoint {
            Some(SkillEndpoint::Https(url)) => Some(url.to_string()),
            Some(SkillEndpoint::Function(_)) | None => None,
        };
        (door.is_some() || streams.is_some()).then_some(Self { door, streams, endpoint })
    }

    /// The addresses in effect by the settings of a moment ago.
    pub(super) async fn current(state: &ApiState) -> Result<Option<Self>, StoreError> {
        let config = state.effective().await?;
        Ok(Self::of(&config))
    }

    /// The hosts, each once.
    pub(super) fn hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = Vec::new();
        let urls = [&self.door, &self.streams, &self.endpoint].into_iter().flatten();
        for host in urls.filter_map(|url| Some(Url::parse(url).ok()?.host_str()?.to_owned())) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// The address that a person can open to see whether the server answers.
    pub(super) fn outside(&self) -> Option<String> {
        let base = self.door.as_ref().or(self.streams.as_ref())?;
        Some(format!("{}/healthz", base.trim_end_matches('/')))
    }
}

impl AddressCheck {
    /// The last one; none where there was none, or another release wrote it.
    pub(super) async fn read(state: &ApiState) -> Result<Option<Self>, StoreError> {
        let document = state.deps.store.document(Document::AddressCheck).await?;
        Ok(document.and_then(|document| serde_json::from_value(document.content).ok()))
    }

    /// Begins a check of these addresses, in the place of the last one.
    pub(super) async fn begin(state: &ApiState, targets: Targets) -> Result<Self, StoreError> {
        let check = Self {
            at: state.clock().now(),
            targets,
            stage: CheckStage::Begun,
            hosts: BTreeMap::new(),
            findings: Vec::new(),
            by_hand: None,
        };
        check.write(state).await?;
        Ok(check)
    }

    /// Goes on with the last check by one stage, which takes up to six seconds; begins one where there was none of these
    /// addresses. None where there is nothing to check.
    pub(super) async fn advance(state: &ApiState) -> Result<Option<Self>, StoreError> {
        let Some(targets) = Targets::current(state).await? else { return Ok(None) };
        let Some(check) = Self::read(state).await?.filter(|check| check.targets == targets) else {
            return Self::begin(state, targets).await.map(Some);
        };
        let advanced = match check.stage {
            CheckStage::Begun => check.look_up(state).await,
            CheckStage::LookedUp => check.reach(state).await?,
            CheckStage::Reached => check.whole(state).await?,
            CheckStage::Over => return Ok(Some(check)),
        };
        advanced.write(state).await?;
        Ok(Some(advanced))
    }

    /// The whole check at once, within about six seconds.
    pub(super) async fn run(state: &ApiState, targets: Targets) -> Result<Self, StoreError> {
        let check = Self::begin(state, targets).await?;
        let (looked_up, whole) = join(check.clone().look_up(state), check.whole(state)).await;
        let check = Self { hosts: looked_up.hosts, ..whole? };
        check.write(state).await?;
        Ok(check)
    }

    /// A check by a person, who reached the address from outside.
    pub(super) async fn confirm(
        state: &ApiState,
        targets: Targets,
        kind: CertificateKind,
    ) -> Result<(), StoreError> {
        let check = Self {
            at: state.clock().now(),
            targets,
            stage: CheckStage::Over,
            hosts: BTreeMap::new(),
            findings: Vec::new(),
            by_hand: Some(kind),
        };
        check.write(state).await
    }

    /// Whether it is over and found nothing broken.
    pub(super) fn has_passed(&self) -> bool {
        self.stage == CheckStage::Over && !self.findings.iter().any(is_broken)
    }

    async fn look_up(self, state: &ApiState) -> Self {
        let hosts = self.targets.hosts();
        let found = join_all(hosts.iter().map(|host| state.prober.look_up(host))).await;
        let has_no_name = found.iter().any(|found| matches!(found, Err(ProbeError::NoName)));
        let hosts =
            hosts.into_iter().zip(found).filter_map(|(host, found)| Some((host, found.ok()?))).collect();
        // A name without an address needs no further request to be broken; the next stage says which address has it.
        let reached = if has_no_name { CheckStage::Reached } else { CheckStage::LookedUp };
        Self { hosts, stage: reached, ..self }
    }

    async fn reach(self, state: &ApiState) -> Result<Self, StoreError> {
        let findings = state.doctor().check_addresses(AddressScope::Reach).await?;
        Ok(Self { findings, stage: CheckStage::Reached, ..self })
    }

    async fn whole(self, state: &ApiState) -> Result<Self, StoreError> {
        let findings = state.doctor().check_addresses(AddressScope::Whole).await?;
        Ok(Self { findings, stage: CheckStage::Over, at: state.clock().now(), ..self })
    }

    async fn write(&self, state: &ApiState) -> Result<(), StoreError> {
        replace_document(state.deps.store.as_ref(), Document::AddressCheck, || self).await
    }
}

/// Whether a finding keeps the step from being done.
pub(super) fn is_broken(finding: &ReportedFinding) -> bool {
    finding.verdict == Verdict::Broken
}
