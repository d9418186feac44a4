//! Signals to end, for every listener.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// Messages that a listener can have: the second one ends it at once, and what comes after it changes nothing.
const MESSAGES: usize = 2;

/// Passes each signal to end on to all listeners.
#[derive(Clone, Debug)]
pub(crate) struct Stops(Arc<Mutex<Passed>>);

#[derive(Debug, Default)]
struct Passed {
    signals: usize,
    listeners: Vec<mpsc::Sender<()>>,
}

impl Stops {
    /// Listens for signals from now on.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let signals = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let stops = Self(Arc::default());
        tokio::spawn(stops.clone().pass_on(signals));
        Ok(stops)
    }

    /// A message for each signal to end, also for those that came before.
    pub(crate) fn receiver(&self) -> mpsc::Receiver<()> {
        let (sender, receiver) = mpsc::channel(MESSAGES);
        let mut passed = self.lock();
        for _ in 0..passed.signals {
            let _ = sender.try_send(());
        }
        passed.listeners.retain(|listener| !listener.is_closed());
        passed.listeners.push(sender);
        receiver
    }

    async fn pass_on(self, (mut interrupted, mut terminated): (Signal, Signal)) {
        loop {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
            let mut passed = self.lock();
            passed.signals = passed.signals.saturating_add(1).min(MESSAGES);
            for listener in &passed.listeners {
                // One that has ended waits for none.
                let _ = listener.try_send(());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Passed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
