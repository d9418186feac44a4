//! The step that tests sentences of a locale.

use std::time::Duration;

use crate::smapi::client::SelectedIntent;
use crate::smapi::error::SmapiError;
use crate::smapi::problem_code::ProblemCode;
use crate::smapi::provisioning::context::StepContext;
use crate::smapi::provisioning::state::Provisioning;
use crate::smapi::provisioning::step::{Problem, StepKind, StepResult};
use crate::smapi::sentences;
use crate::voice::LocaleSpec;

/// The pause between two sentences: Amazon throttles shorter ones.
const PAUSE: Duration = Duration::from_millis(1500);

/// Tests the next sentence of the locale.
pub(super) async fn run(
    context: &StepContext,
    state: &mut Provisioning,
    locale: &str,
) -> Result<StepResult, SmapiError> {
    let id = state.require_skill()?;
    let all = LocaleSpec::of(locale).map(sentences::of).unwrap_or_default();
    let tested = state.tested.get(locale).copied().unwrap_or(0);
    let kind = StepKind::Sentences { locale: locale.to_owned() };
    let Some(step) = state.steps.iter_mut().find(|step| step.kind == kind) else {
        return Ok(StepResult::Unchanged);
    };
    let Some(sentence) = all.get(tested) else {
        let is_good = step.more.is_empty();
        return Ok(if is_good { StepResult::Done } else { StepResult::Failed(step.more.remove(0)) });
    };
    let SelectedIntent(intent) = context.client.profile_nlu(&id, locale, &sentence.text).await?;
    if intent.as_deref() != Some(sentence.expected) {
        step.more.push(Problem::new(
            ProblemCode::SentenceElsewhere,
            &[
                ("sentence", &sentence.text),
                ("expected", sentence.expected),
                ("got", intent.as_deref().unwrap_or("-")),
                ("locale", locale),
            ],
        ));
    }
    state.tested.insert(locale.to_owned(), tested + 1);
    Ok(StepResult::ProgressAfter(PAUSE))
}
