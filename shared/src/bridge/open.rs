//! The ends of the bridge that the environment names.

use std::sync::Arc;

#[cfg(feature = "music-assistant")]
use super::queue::OpenInbox;
#[cfg(feature = "bridge")]
use super::reports::HomeReports;
use crate::config::{BridgeConfig, Env};
use crate::control::Control;
use crate::deps::Deps;

/// This program was built without a client of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`ma-alexa bridge` needs a program that was built with the feature `aws`: take the one of a release, or build it with \
     `cargo install --locked --path functions/local --features aws`"
)]
pub struct NotBuilt;

/// The way to the home, by the queue that `config` names; none where it names none.
///
/// # Errors
/// When the program was built without a client of the queue.
#[cfg(feature = "bridge")]
pub fn control_from_env(
    env: &Env,
    config: &BridgeConfig,
    deps: &Deps,
) -> Result<Option<Arc<dyn Control>>, NotBuilt> {
    let control = config.queue.as_deref().map(|queue| {
        let outbox = Arc::new(super::sqs::SqsOutbox::new(queue, env));
        let control =
            super::sender::BridgeControl::new(Arc::clone(&deps.store), outbox, Arc::clone(&deps.clock));
        Arc::new(control.with_voice_pause(deps.config.voice_pause)) as Arc<dyn Control>
    });
    Ok(control)
}

/// The way to the home; always none, since this build has no client of the queue.
///
/// # Errors
/// When `config` names a queue.
#[cfg(not(feature = "bridge"))]
pub fn control_from_env(
    _: &Env,
    config: &BridgeConfig,
    _: &Deps,
) -> Result<Option<Arc<dyn Control>>, NotBuilt> {
    if config.queue.is_some() { Err(NotBuilt) } else { Ok(None) }
}

/// The sender of reports to the renderers of the home, by the queue that `config` names; none where it names none.
#[cfg(feature = "bridge")]
#[must_use]
pub fn reports_from_env(env: &Env, config: &BridgeConfig, deps: &Deps) -> Option<Arc<HomeReports>> {
    let queue = config.reports.as_deref()?;
    let outbox = Arc::new(super::sqs::SqsOutbox::new(queue, env));
    Some(Arc::new(HomeReports::new(Arc::clone(&deps.store), outbox, Arc::clone(&deps.clock))))
}

/// The opener of the queues of tickets.
///
/// # Errors
/// When the program was built without a client of the queue.
#[cfg(all(feature = "music-assistant", feature = "bridge"))]
pub fn inboxes_from_env(env: &Env) -> Result<Arc<dyn OpenInbox>, NotBuilt> {
    Ok(Arc::new(super::sqs::SqsInboxes::new(env)))
}

/// The opener of the queues of tickets.
///
/// # Errors
/// Always: this build has no client of the queue.
#[cfg(all(feature = "music-assistant", not(feature = "bridge")))]
pub fn inboxes_from_env(_: &Env) -> Result<Arc<dyn OpenInbox>, NotBuilt> {
    Err(NotBuilt)
}
