//! Keeps what one test logs.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

thread_local! {
    static KEPT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// What this thread logs from now on is kept. A subscriber of one thread alone would hear nothing of a place in the
/// code that another thread has passed before it.
pub(crate) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(|| ThisThread);
        let ours = Targets::new().with_target("ma_alexa", LevelFilter::TRACE);
        let subscriber = tracing_subscriber::registry().with(lines).with(ours);
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
    KEPT.set(Some(Vec::new()));
}

/// The lines that were kept.
pub(crate) fn kept() -> Vec<Value> {
    let bytes = KEPT.take().unwrap();
    String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        KEPT.with_borrow_mut(|kept| {
            if let Some(kept) = kept {
                kept.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
