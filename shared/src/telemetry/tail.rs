//! The last log lines of this process, for a report of a problem.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

/// Most lines that are kept.
const MOST: usize = 200;

/// Most bytes of a line that are kept.
const LONGEST: usize = 1024;

static LINES: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// Keeps each line, besides what shows it.
pub(super) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Line::default);
    lines.event_format(super::text::TextLines { is_coloured: false })
}

/// The last lines of this process, oldest first, at most 200 of 1 KiB each. A process that writes none anywhere has none.
#[must_use]
pub fn last_log_lines() -> Vec<String> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

/// One line, which is kept when it is complete.
#[derive(Default)]
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = LONGEST.saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let text = String::from_utf8_lossy(&self.0).trim_end().to_owned();
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= MOST {
            lines.pop_front();
        }
        lines.push_back(text);
    }
}
