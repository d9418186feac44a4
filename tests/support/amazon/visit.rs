//! A request in hand, from its arrival to its answer.

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State as Extract};
use tokio::time::sleep;

use super::asked::Asked;
use super::faults::Verdict;
use super::page::{self, Page};
use super::wire::Wire;
use super::{Shared, lock};

/// A request in hand; it is over when it is dropped, also because the caller went away.
struct Visit {
    state: Shared,
    number: usize,
}

impl Visit {
    fn answered(self, page: Page) -> Page {
        lock(&self.state).log.answered(self.number, page.status().as_u16());
        page
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        lock(&self.state).log.end(self.number);
    }
}

/// Answers one request, with the fault that waits for it.
pub(super) async fn answer(
    Extract(shared): Extract<Shared>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Page {
    let asked = Asked::read(request).await;
    let (visit, gate, delay, verdict) = {
        let mut state = lock(&shared);
        state.inspect(&asked);
        let number = state.log.arrive(&asked);
        state.arrived.notify_waiters();
        let (delay, verdict) = state.faults.take(&asked.path);
        let held = state.held.as_ref().filter(|(path, _)| asked.path.starts_with(path.as_str()));
        let gate = held.map(|(_, gate)| Arc::clone(gate));
        (Visit { state: Arc::clone(&shared), number }, gate, delay, verdict)
    };
    if let Some(gate) = gate {
        // It has no permits: this ends when it is closed.
        gate.acquire().await.ok();
    }
    if !delay.is_zero() {
        sleep(delay).await;
    }
    let serve = || match &asked.host {
        Some(host) => lock(&shared).serve(&asked, host),
        None => page::html(421, "Misdirected Request"),
    };
    match verdict {
        Verdict::Serve => {
            let page = serve();
            visit.answered(page)
        }
        Verdict::Refuse(page) => visit.answered(*page),
        Verdict::DoneAndRefused(page) => {
            serve();
            visit.answered(*page)
        }
        Verdict::Hang => std::future::pending().await,
        Verdict::Keep => {
            serve();
            std::future::pending().await
        }
        Verdict::Cut { done } => {
            wire.cut();
            if done { serve() } else { page::empty(200) }
        }
    }
}
