//! Provisioning: the state machine that brings the skill at Amazon to its spec.
//!
//! [`Provisioning`] is the state, which is stored after each step, so that a page can advance it request by request.
//! Each step of [`steps`] can be interrupted anywhere and run again. A plan is a dry run of the same steps.

mod change;
mod checkpoint;
mod context;
mod order;
mod plan;
mod refresh;
mod retry;
mod run;
mod skill_state;
mod state;
mod step;
mod steps;
#[cfg(test)]
mod stored_form;

pub use change::{Change, ChangeKind, Plan, Target};
pub(super) use context::StepContext;
pub(super) use plan::plan;
pub(super) use refresh::refresh;
pub use retry::Retry;
pub(super) use run::{advance, start, status};
pub use state::Provisioning;
pub use step::{Problem, Step, StepKind, StepState};
