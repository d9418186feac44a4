//! Newer releases of this program. A server at home asks for them once a day, where `UPDATE_CHECK` is `on`.

#[cfg(feature = "server")]
mod question;
#[cfg(feature = "server")]
mod record;
mod release;

use std::sync::{Mutex, PoisonError};

use crate::config::UpdateConfig;

#[cfg(feature = "server")]
pub use question::{NoQuestion, ReleaseQuery};
pub use release::Release;

/// Whether this deployment asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Once a day.
    Daily,
    /// No, as `UPDATE_CHECK` says.
    Off,
    /// No, since this build names no repository.
    Nowhere,
    /// No, since a deployment in AWS brings its own release.
    Never,
}

/// The newer releases that are known.
#[derive(Debug, Default)]
pub struct Updates {
    config: Option<UpdateConfig>,
    newest: Mutex<Option<Release>>,
}

impl Updates {
    /// Nothing known yet.
    #[must_use]
    pub fn new(config: Option<UpdateConfig>) -> Self {
        Self { config, newest: Mutex::default() }
    }

    /// Whether this deployment asks.
    #[must_use]
    pub fn asks(&self) -> Asks {
        match &self.config {
            None => Asks::Never,
            Some(config) if !config.is_on => Asks::Off,
            Some(config) if config.question.is_none() => Asks::Nowhere,
            Some(_) => Asks::Daily,
        }
    }

    /// The newest release, where it is newer than this one and this deployment asks.
    #[must_use]
    pub fn newer(&self) -> Option<Release> {
        let newest = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        newest.filter(|newest| self.asks() == Asks::Daily && *newest > Release::own())
    }

    /// The address of the document that says how to update.
    #[must_use]
    pub fn how(&self) -> &str {
        self.config.as_ref().map_or("", |config| &config.how)
    }

    /// The question, where this deployment asks.
    ///
    /// # Errors
    /// When no client can be built for it.
    #[cfg(feature = "server")]
    pub fn question(&self) -> Result<Option<ReleaseQuery>, NoQuestion> {
        let config = self.config.as_ref().filter(|_| self.asks() == Asks::Daily);
        config.map(ReleaseQuery::new).transpose()
    }

    #[cfg(feature = "server")]
    fn know(&self, newest: Option<Release>) {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = newest;
    }
}
