//! The steps of a provisioning in their order, and which of them comes next.

use super::step::{Step, StepKind, StepState};
use crate::smapi::spec::StoredSpec;

/// The steps that set a skill up, none begun.
pub(super) fn of_skill(spec: &StoredSpec, has_permission: bool) -> Vec<Step> {
    let of_locales = |kind: fn(String) -> StepKind| spec.locales.iter().cloned().map(kind);
    let mut kinds = vec![StepKind::Vendor, StepKind::Skill];
    if has_permission && spec.is_function() {
        kinds.push(StepKind::Permission);
    }
    kinds.push(StepKind::Manifest);
    kinds.extend(of_locales(|locale| StepKind::Model { locale }));
    kinds.extend(of_locales(|locale| StepKind::Build { locale }));
    kinds.extend([StepKind::Testing, StepKind::Remember]);
    kinds.extend(of_locales(|locale| StepKind::Sentences { locale }));
    kinds.into_iter().map(Step::new).collect()
}

/// The place of the step to run next.
pub(super) fn next(steps: &[Step]) -> Option<usize> {
    steps.iter().position(|step| {
        matches!(step.state, StepState::Waiting | StepState::Running) && !is_blocked(steps, &step.kind)
    })
}

/// Whether a step that this one needs has failed.
fn is_blocked(steps: &[Step], kind: &StepKind) -> bool {
    let failed = |needed: &dyn Fn(&StepKind) -> bool| {
        steps.iter().any(|step| step.state == StepState::Failed && needed(&step.kind))
    };
    if failed(&StepKind::is_required) {
        return true;
    }
    match kind {
        StepKind::Build { locale } => failed(&|kind| *kind == StepKind::Model { locale: locale.clone() }),
        StepKind::Sentences { locale } => failed(
            &|kind| matches!(kind, StepKind::Model { locale: of } | StepKind::Build { locale: of } if of == locale),
        ),
        StepKind::Testing => {
            let built = |step: &Step| matches!(step.kind, StepKind::Build { .. }) && step.state.is_done();
            !steps.iter().any(built)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(endpoint: &str) -> Vec<Step> {
        let spec = StoredSpec {
            certificate: None,
            endpoint: endpoint.to_owned(),
            locales: vec!["de-DE".to_owned(), "en-US".to_owned()],
            invocation_name: "music assistant".to_owned(),
        };
        of_skill(&spec, true)
    }

    fn of_function() -> Vec<Step> {
        steps("arn:aws:lambda:eu-west-1:123456789012:function:ma-alexa-skill")
    }

    fn fail(steps: &mut [Step], kind: &StepKind) {
        let of_kind = steps.iter_mut().filter(|step| step.kind == *kind);
        of_kind.for_each(|step| step.state = StepState::Failed);
    }

    fn locale() -> String {
        "de-DE".to_owned()
    }

    /// Runs every step that can be run; the kinds of those that cannot.
    fn blocked(steps: &mut [Step]) -> Vec<&StepKind> {
        while let Some(index) = next(steps) {
            steps[index].state = StepState::Done;
        }
        steps.iter().filter(|step| step.state == StepState::Waiting).map(|step| &step.kind).collect()
    }

    #[test]
    fn a_step_that_failed_blocks_the_steps_that_need_it() {
        for kind in [StepKind::Vendor, StepKind::Skill, StepKind::Permission, StepKind::Manifest] {
            let mut steps = of_function();
            fail(&mut steps, &kind);
            assert_eq!(next(&steps), None, "{kind:?}");
        }
        let mut steps = of_function();
        fail(&mut steps, &StepKind::Model { locale: locale() });
        let others = [StepKind::Build { locale: locale() }, StepKind::Sentences { locale: locale() }];
        assert_eq!(blocked(&mut steps), others.iter().collect::<Vec<_>>());
    }

    #[test]
    fn testing_needs_one_build() {
        let mut steps = of_function();
        for locale in ["de-DE", "en-US"] {
            fail(&mut steps, &StepKind::Build { locale: locale.to_owned() });
        }
        assert!(blocked(&mut steps).contains(&&StepKind::Testing));
    }

    #[test]
    fn an_address_needs_no_permission() {
        let steps = steps("https://skill.example.org/alexa");
        assert!(steps.iter().all(|step| step.kind != StepKind::Permission));
    }
}
