//! Log lines for people.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock::{Clock as _, SystemClock, Timestamp};

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// One line for each event: the second, the level, the message with its fields, and the fields of its spans. Below INFO
/// the line names the module, too.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextLines {
    pub(super) is_coloured: bool,
}

impl<S, N> FormatEvent<S, N> for TextLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = *event.metadata().level();
        let (dim, colour, plain) = if self.is_coloured { (DIM, colour(level), PLAIN) } else { ("", "", "") };
        // Whole seconds: a person compares lines with what happened in a room.
        let second = Timestamp::from_millis(SystemClock.now().seconds() * 1000).rfc3339();
        write!(writer, "{dim}{second}{plain} {colour}{level:>5}{plain} ")?;
        if level > Level::INFO {
            write!(writer, "{dim}{}{plain} ", event.metadata().target())?;
        }
        context.field_format().format_fields(writer.by_ref(), event)?;
        for span in context.event_scope().into_iter().flat_map(tracing_subscriber::registry::Scope::from_root)
        {
            let extensions = span.extensions();
            if let Some(fields) = extensions.get::<FormattedFields<N>>().filter(|fields| !fields.is_empty()) {
                write!(writer, " {dim}{fields}{plain}")?;
            }
        }
        writeln!(writer)
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[34m",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn line(is_coloured: bool) -> String {
        let written = Written::default();
        let writer = written.clone();
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(layer.event_format(TextLines { is_coloured }));
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("request", request.id = "r1");
            let _entered = span.enter();
            tracing::warn!(http.status = 500, "request");
        });
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_has_the_second_and_names_its_span_once() {
        let line = line(false);
        let (second, rest) = line.split_once(' ').unwrap();
        assert_eq!(second.len(), "2026-11-22T08:00:00Z".len(), "{line}");
        assert_eq!(rest, " WARN request http.status=500 request.id=\"r1\"\n");
    }

    #[test]
    fn only_a_terminal_gets_colours() {
        assert!(line(true).contains("\x1b[33m WARN\x1b[0m request"), "{}", line(true));
        assert!(!line(false).contains('\x1b'));
    }
}
