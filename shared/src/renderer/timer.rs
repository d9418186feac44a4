//! Time of renderers: the clock, and waits by it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::clock::Clock;

/// A clock that can be waited for.
#[async_trait]
pub trait Timer: Send + Sync {
    /// The clock.
    fn clock(&self) -> &dyn Clock;

    /// Waits for this long.
    async fn sleep(&self, span: Duration);
}

/// A clock whose time goes by as tokio's does.
#[derive(Clone, Debug)]
pub struct TokioTimer(pub Arc<dyn Clock>);

#[async_trait]
impl Timer for TokioTimer {
    fn clock(&self) -> &dyn Clock {
        self.0.as_ref()
    }

    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}
