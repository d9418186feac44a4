//! The routes by which an Echo got streams, and those by which it did not.

use serde::{Deserialize, Serialize};

use crate::clock::{SKEW, Timestamp};
use crate::config::Route;

/// Whether an Echo got a stream by a route, by its own reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteOutcome {
    /// The route.
    pub route: Route,
    /// Whether the Echo played what came by it.
    pub works: bool,
    /// Time of the report.
    pub at: Timestamp,
    /// Time for which it played, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played_ms: Option<u64>,
    /// Amazon's type of the error, where it failed with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The known outcomes of the routes of an Echo: at most one for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownRoutes(Vec<RouteOutcome>);

impl KnownRoutes {
    /// The first route of [`Route::ALL`] that works.
    #[must_use]
    pub fn learned(&self) -> Option<Route> {
        Route::ALL.into_iter().find(|route| self.works(*route))
    }

    /// The outcome of a route; none where it was not tried.
    #[must_use]
    pub fn outcome(&self, route: Route) -> Option<&RouteOutcome> {
        self.0.iter().find(|outcome| outcome.route == route)
    }

    /// Whether a route is known to work.
    #[must_use]
    pub fn works(&self, route: Route) -> bool {
        self.outcome(route).is_some_and(|outcome| outcome.works)
    }

    /// Whether a route is known to fail.
    #[must_use]
    pub fn fails(&self, route: Route) -> bool {
        self.outcome(route).is_some_and(|outcome| !outcome.works)
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The newest outcome of each route, of all that are known of several Echos.
    #[must_use]
    pub fn newest<'a>(all: impl Iterator<Item = &'a Self>) -> Self {
        let mut newest: Vec<RouteOutcome> = Vec::new();
        for outcome in all.flat_map(|known| &known.0) {
            match newest.iter_mut().find(|known| known.route == outcome.route) {
                Some(known) if known.at < outcome.at => known.clone_from(outcome),
                Some(_) => {}
                None => newest.push(outcome.clone()),
            }
        }
        Self(newest)
    }

    /// Takes an outcome; whether it changed what is known. One of the same kind changes nothing, nor does one that is older
    /// than what is known. What is still to come was known before the clock was set back.
    pub fn learn(&mut self, outcome: RouteOutcome, now: Timestamp) -> bool {
        let Some(known) = self.0.iter_mut().find(|known| known.route == outcome.route) else {
            self.0.push(outcome);
            return true;
        };
        let is_older = outcome.at < known.at && known.at <= now.plus(SKEW);
        if known.works == outcome.works || is_older {
            return false;
        }
        *known = outcome;
        true
    }
}

impl From<RouteOutcome> for KnownRoutes {
    fn from(outcome: RouteOutcome) -> Self {
        Self(vec![outcome])
    }
}
