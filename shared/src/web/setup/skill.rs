//! The fourth step: the name and the languages of the skill, and what would change.

use askama::Template;

use super::checklist::SetupState;
use super::fields::{FieldName, Fields, FormKind};
use super::languages::{LocaleChoice, proposed};
use super::plan::PlanView;
use super::provisioning::ProvisioningView;
use super::shown::{Fold, PageData, part};
use crate::api::ApiState;
use crate::config::{MaPhrases, Settings};
use crate::voice::LocaleSpec;
use crate::web::error::PageError;
use crate::web::page::Page;

#[derive(Template)]
#[template(path = "setup/skill.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the page")]
struct SkillBody<'a> {
    page: &'a Page,
    setup: &'a SetupState,
    fields: Fields,
    locales: Vec<LocaleChoice>,
    /// Whether the languages were proposed, and not chosen here.
    is_proposed: bool,
    silent: Option<String>,
    phrases_builtin: bool,
    /// Whether the form is unfolded: it is not while the skill is made.
    opens_form: bool,
    opens_advanced: bool,
    endpoint: Option<String>,
    plan: Option<PlanView>,
    provisioning: Option<ProvisioningView>,
}

/// The open card.
pub(super) fn body(
    state: &ApiState,
    page: &Page,
    setup: &SetupState,
    settings: &Settings,
    shown: &PageData,
) -> Result<String, PageError> {
    let entered = shown.entered.form(FormKind::Skill);
    let proposed =
        if entered.is_none() { proposed(page, setup, &state.deps.config, settings) } else { Vec::new() };
    let locales = LocaleChoice::all(&setup.config, entered, &proposed);
    let fields = Fields::new(&state.deps.config, settings, &shown.entered);
    part(&SkillBody {
        page,
        setup,
        is_proposed: !proposed.is_empty(),
        locales,
        silent: silent(page, setup),
        phrases_builtin: setup.config.speech.ma_phrases == MaPhrases::Builtin,
        opens_form: setup.provisioning.is_none()
            || shown.open.is_some()
            || entered.is_some()
            || page.flash_at("skill-form").is_some(),
        opens_advanced: shown.open == Some(Fold::Advanced)
            || fields.get(FieldName::InvocationName).problem.is_some(),
        fields,
        endpoint: setup.config.setup.skill_endpoint.as_ref().map(ToString::to_string),
        plan: shown.plan.clone(),
        provisioning: setup.provisioning.as_ref().map(|state| ProvisioningView::new(page, state, None)),
    })
}

/// The warning about a language in which Music Assistant starts nothing by itself.
fn silent(page: &Page, setup: &SetupState) -> Option<String> {
    let locale = setup.config.speech.locale.as_str();
    let voice = LocaleSpec::of(locale)?;
    (!voice.ma_can_start()).then(|| page.format("setup-skill-locale-silent", &[("locale", locale)]))
}
