//! Pairing of all Echos at once, which begins by itself once it can.

use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::amazon::sentence;
use super::answer::{StepForm, answer};
use super::checklist::SetupState;
use super::state;
use super::step::{SetupStep, StepStatus};
use crate::account::{Device, DeviceKind};
use crate::amazon::{Identification, IdentifyOutcome};
use crate::api::ApiState;
use crate::web::error::PageError;
use crate::web::flash::Flash;
use crate::web::page::Page;
use crate::web::remedy::{Link, PagePart};
use crate::web::unpaired;

/// Time for which the page waits for the Echos.
const WAIT: Duration = Duration::from_secs(12);

/// The place of the page that shows it.
const PLACE: StepForm = StepForm::new(SetupStep::MusicAssistant, "pairing");

/// The Echos and their pairings.
#[derive(Clone, Debug)]
pub(super) struct PairingView {
    /// The step that is needed first; none where pairing can begin.
    pub(super) needs: Option<SetupStep>,
    /// Whether it begins without a click, since none is paired yet.
    pub(super) begins: bool,
    /// Whether the account was ever asked for its Echos.
    pub(super) is_listed: bool,
    pub(super) echos: Vec<EchoView>,
    pub(super) paired: usize,
    /// Why Echos are not paired, each reason once.
    pub(super) reasons: Vec<Reason>,
    /// Whether all that was asked for is known.
    pub(super) is_over: bool,
}

/// Why some Echos are not paired.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    names: Vec<String>,
    pub(super) why: String,
    /// The place where a person acts on it.
    place: Option<PagePart>,
}

/// An Echo in the list.
#[derive(Clone, Debug)]
pub(super) struct EchoView {
    pub(super) name: String,
    pub(super) is_paired: bool,
    pub(super) is_offline: bool,
}

#[derive(Template)]
#[template(path = "setup/pairing.html")]
struct PairingFragment<'a> {
    page: &'a Page,
    pairing: PairingView,
}

#[derive(Template)]
#[template(path = "setup/echos.html")]
struct EchosFragment<'a> {
    page: &'a Page,
    pairing: PairingView,
}

impl PairingView {
    pub(super) fn of(page: &Page, setup: &SetupState) -> Self {
        let devices =
            setup.devices.iter().flat_map(|list| list.devices.iter().map(move |device| (device, list)));
        let targets = devices.filter(|(device, list)| is_target(device, &list.devices));
        let echos: Vec<EchoView> = targets.map(|(device, _)| EchoView::new(device, setup)).collect();
        let paired = echos.iter().filter(|echo| echo.is_paired).count();
        let needs = if !setup.has_household() {
            Some(SetupStep::Amazon)
        } else if setup.status(SetupStep::Skill) != StepStatus::Done {
            Some(SetupStep::Skill)
        } else {
            None
        };
        let offline = echos.iter().filter(|echo| echo.is_offline && !echo.is_paired);
        let names: Vec<String> = offline.map(|echo| echo.name.clone()).collect();
        let reasons = if names.is_empty() {
            Vec::new()
        } else {
            vec![Reason { names, why: page.text("setup-amazon-problem-offline"), place: None }]
        };
        // Before the first list of the account it is not known which Echos there are.
        let is_listed = setup.devices.is_some();
        let can_begin = !is_listed || echos.iter().any(|echo| !echo.is_offline);
        Self {
            begins: needs.is_none() && paired == 0 && can_begin,
            needs,
            is_listed,
            echos,
            paired,
            reasons,
            is_over: false,
        }
    }

    /// With what came of a pairing: each reason once.
    fn after(self, page: &Page, results: &[Identification]) -> Self {
        let mut reasons: BTreeMap<(String, Option<PagePart>), Vec<String>> = BTreeMap::new();
        for result in results {
            let reason = match &result.outcome {
                IdentifyOutcome::Paired { .. } => continue,
                IdentifyOutcome::NeverAsked => {
                    (page.text("setup-pair-never-asked"), Some(PagePart::SkillForm))
                }
                IdentifyOutcome::Failed(error) => (sentence(page, error), None),
            };
            reasons.entry(reason).or_default().push(result.device.name.clone());
        }
        let reasons = reasons.into_iter();
        let reasons = reasons.map(|((why, place), names)| Reason { names, why, place });
        Self { reasons: reasons.collect(), begins: false, is_over: true, ..self }
    }

    /// After an attempt that failed as a whole, for this reason.
    fn without_result(self, reason: String) -> Self {
        let unpaired = self.echos.iter().filter(|echo| !echo.is_paired);
        let names = unpaired.map(|echo| echo.name.clone()).collect();
        let reason = Reason { names, why: reason, place: None };
        Self { reasons: vec![reason], begins: false, is_over: true, ..self }
    }
}

impl Reason {
    /// The names of the Echos.
    pub(super) fn names(&self) -> String {
        self.names.join(", ")
    }

    /// The link to where a person acts on it.
    pub(super) fn link(&self, page: &Page) -> Option<Link> {
        Some(self.place?.link(page.language()))
    }
}

impl EchoView {
    fn new(device: &Device, setup: &SetupState) -> Self {
        let serials: Vec<&String> = std::iter::once(&device.serial).chain(&device.members).collect();
        let is_bound = |serial: Option<&String>| serial.is_some_and(|serial| serials.contains(&serial));
        let is_paired = setup.household.echos.iter().any(|echo| is_bound(echo.serial.as_ref()));
        Self { name: device.name.clone(), is_paired, is_offline: !device.online }
    }
}

/// Whether a device can say which Echo it is: an Echo that is in no pair, or a pair.
fn is_target(device: &Device, all: &[Device]) -> bool {
    let is_half = || {
        let mut pairs = all.iter().filter(|pair| pair.kind == DeviceKind::StereoPair);
        pairs.any(|pair| pair.members.contains(&device.serial))
    };
    match device.kind {
        DeviceKind::Echo => !is_half(),
        DeviceKind::StereoPair => true,
        DeviceKind::Group | DeviceKind::Other => false,
    }
}

/// The Echos and which of them are paired by now.
pub(super) async fn progress(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let setup = state::gather(&state, &state::settings(&state).await?).await?;
    Ok(page.fragment(&EchosFragment { page: &page, pairing: PairingView::of(&page, &setup) }))
}

/// Identifies every Echo of the account.
pub(super) async fn pair_all(State(state): State<ApiState>, page: Page) -> Result<Response, PageError> {
    let speech = state.effective().await?.speech.clone();
    let account = state.account.clone();
    let told = state.account.finish(async move { account.identify(&[], &speech, WAIT).await }).await;
    let setup = state::gather(&state, &state::settings(&state).await?).await?;
    let pairing = PairingView::of(&page, &setup);
    let (pairing, results) = match told {
        Ok(results) => (pairing.after(&page, &results), results),
        Err(error) if page.is_fetch() => (pairing.without_result(sentence(&page, &error)), Vec::new()),
        Err(error) => {
            let flash = Flash::bad("setup-amazon-problem", &[("problem", &sentence(&page, &error))]);
            return Ok(answer(&page, PLACE, flash));
        }
    };
    if page.is_fetch() {
        return Ok(page.fragment(&PairingFragment { page: &page, pairing }));
    }
    let all = results.len().to_string();
    let is_paired = |result: &&Identification| matches!(result.outcome, IdentifyOutcome::Paired { .. });
    let paired = results.iter().filter(is_paired).count().to_string();
    let values = [("paired", paired.as_str()), ("all", all.as_str())];
    let reasons: Vec<(&str, &[String])> =
        pairing.reasons.iter().map(|reason| (reason.why.as_str(), &reason.names[..])).collect();
    let flash = if reasons.is_empty() {
        Flash::good("setup-pair-result", &values)
    } else {
        let values = [values[0], values[1], ("reasons", &unpaired::lines(page.language(), &reasons))];
        let place = pairing.reasons.iter().find_map(|reason| reason.place);
        Flash::bad("setup-pair-result-some", &values).mended_at(place)
    };
    Ok(answer(&page, PLACE, flash))
}
