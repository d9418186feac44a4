//! The changes of the skill before they are made.

use crate::smapi::{Change, ChangeKind, Plan, Target};
use crate::web::page::Page;

/// The changes of the skill before they are made.
#[derive(Clone, Debug)]
pub(super) struct PlanView {
    pub(super) is_current: bool,
    pub(super) changes: Vec<ChangeView>,
}

#[derive(Clone, Debug)]
pub(super) struct ChangeView {
    pub(super) title: String,
    pub(super) kind: &'static str,
    pub(super) badge: &'static str,
    pub(super) diff: Option<String>,
}

impl PlanView {
    pub(super) fn new(page: &Page, plan: Plan) -> Self {
        Self {
            is_current: plan.changes.iter().all(|change| change.kind == ChangeKind::Unchanged),
            changes: plan.changes.into_iter().map(|change| ChangeView::new(page, change)).collect(),
        }
    }
}

impl ChangeView {
    fn new(page: &Page, change: Change) -> Self {
        let title = match &change.target {
            Target::Skill => page.text("setup-skill-target-skill"),
            Target::Permission => page.text("setup-skill-target-permission"),
            Target::Manifest => page.text("setup-skill-target-manifest"),
            Target::Model { locale } => page.format("setup-skill-target-model", &[("locale", locale)]),
            Target::Testing => page.text("setup-skill-target-testing"),
            Target::SkillId => page.text("setup-skill-target-skill-id"),
        };
        let (kind, badge) = match change.kind {
            ChangeKind::Create => ("setup-skill-plan-create", "warn"),
            ChangeKind::Update => ("setup-skill-plan-update", "warn"),
            ChangeKind::Unchanged => ("setup-skill-plan-unchanged", "good"),
        };
        Self { title, kind, badge, diff: change.diff }
    }
}
