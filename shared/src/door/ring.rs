//! The last bytes of a stream, and how far each of its readers is.

use axum::body::Bytes;
use tokio::time::Instant;

/// Most bytes that a reader takes at once.
const PIECE: usize = 8 * 1024;

/// The last bytes of a stream, at most a fixed number. A byte that a reader has yet to take is never overwritten, so the
/// slowest reader decides how far the source is read.
#[derive(Debug)]
pub(super) struct Ring {
    /// The bytes. Each lies at its position in the stream, modulo the capacity. Without memory until the first byte.
    bytes: Vec<u8>,
    capacity: usize,
    /// Bytes that came so far.
    end: u64,
    ending: Option<SourceEnd>,
    readers: Vec<Position>,
    /// Number of the next reader.
    next: u64,
}

#[derive(Debug)]
struct Position {
    id: u64,
    at: u64,
    /// When it last took something, or when there was something again for it to take.
    since: Instant,
}

/// The end of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SourceEnd {
    /// All of it came.
    Whole,
    /// It broke off.
    Broken,
}

/// The result of a reader's attempt to take bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The next bytes of the stream.
    Bytes(Bytes),
    /// Nothing yet.
    Nothing,
    /// The stream has ended, and the reader has all of it.
    End(SourceEnd),
    /// The reader was cut.
    Cut,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            bytes: Vec::new(),
            capacity: capacity.max(1),
            end: 0,
            ending: None,
            readers: Vec::new(),
            next: 0,
        }
    }

    /// Position of the oldest byte that is still here.
    pub(super) fn oldest(&self) -> u64 {
        self.end.saturating_sub(self.capacity as u64)
    }

    pub(super) fn readers(&self) -> usize {
        self.readers.len()
    }

    pub(super) fn ending(&self) -> Option<SourceEnd> {
        self.ending
    }

    /// A new reader, who begins at the oldest byte: its number.
    pub(super) fn join(&mut self, now: Instant) -> u64 {
        let id = self.next;
        self.next += 1;
        self.readers.push(Position { id, at: self.oldest(), since: now });
        id
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.readers.retain(|reader| reader.id != id);
    }

    /// Bytes that can come now. Without a reader there is no room.
    pub(super) fn room(&self) -> usize {
        let Some(slowest) = self.readers.iter().map(|reader| reader.at).min() else { return 0 };
        self.capacity - usize::try_from(self.end - slowest).unwrap_or(self.capacity)
    }

    /// Takes as much from the source as there is room for: so many bytes.
    pub(super) fn push(&mut self, source: &[u8], now: Instant) -> usize {
        let source = &source[..source.len().min(self.room())];
        if source.is_empty() {
            return 0;
        }
        if self.bytes.is_empty() {
            self.bytes = vec![0; self.capacity];
        }
        for reader in self.readers.iter_mut().filter(|reader| reader.at == self.end) {
            reader.since = now;
        }
        let at = self.index(self.end);
        let (first, rest) = source.split_at(source.len().min(self.capacity - at));
        self.bytes[at..at + first.len()].copy_from_slice(first);
        self.bytes[..rest.len()].copy_from_slice(rest);
        self.end += source.len() as u64;
        source.len()
    }

    /// The source has ended.
    pub(super) fn finish(&mut self, ending: SourceEnd) {
        self.ending.get_or_insert(ending);
    }

    /// The next bytes of a reader, at most [`PIECE`].
    pub(super) fn take(&mut self, id: u64, now: Instant) -> Taken {
        let Some(place) = self.readers.iter().position(|reader| reader.id == id) else { return Taken::Cut };
        let at = self.readers[place].at;
        let left = usize::try_from(self.end - at).unwrap_or(self.capacity);
        if left == 0 {
            return self.ending.map_or(Taken::Nothing, Taken::End);
        }
        let index = self.index(at);
        let count = left.min(PIECE).min(self.capacity - index);
        let reader = &mut self.readers[place];
        (reader.at, reader.since) = (at + count as u64, now);
        Taken::Bytes(Bytes::copy_from_slice(&self.bytes[index..index + count]))
    }

    /// The reader that keeps the source from another, which has taken everything: its number, and since when it has
    /// taken nothing.
    pub(super) fn laggard(&self) -> Option<(u64, Instant)> {
        let another_waits = self.readers.iter().any(|reader| reader.at == self.end);
        if self.room() > 0 || !another_waits {
            return None;
        }
        self.readers.iter().min_by_key(|reader| reader.at).map(|reader| (reader.id, reader.since))
    }

    /// The reader with something to take that has taken nothing for longest: its number, and since when.
    pub(super) fn idlest(&self) -> Option<(u64, Instant)> {
        let idle = self.readers.iter().filter(|reader| reader.at < self.end);
        idle.min_by_key(|reader| reader.since).map(|reader| (reader.id, reader.since))
    }

    fn index(&self, position: u64) -> usize {
        // The remainder is less than the capacity.
        usize::try_from(position % self.capacity as u64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    /// One step of a stream and its readers; a number chooses among those that are there.
    #[derive(Clone, Debug)]
    enum Step {
        Push(usize),
        Take(usize),
        Join,
        Leave(usize),
        Cut,
        Pass(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            4 => (0_usize..40).prop_map(Step::Push),
            6 => (0_usize..4).prop_map(Step::Take),
            1 => Just(Step::Join),
            1 => (0_usize..4).prop_map(Step::Leave),
            1 => Just(Step::Cut),
            1 => (0_u64..3000).prop_map(Step::Pass),
        ];
        prop::collection::vec(step, 0..200)
    }

    /// The byte of the source at a position; its period has no divisor in common with any capacity below.
    fn byte(position: u64) -> u8 {
        u8::try_from(position % 251).unwrap_or_default()
    }

    fn source(from: u64, length: usize) -> Vec<u8> {
        (from..from + length as u64).map(byte).collect()
    }

    proptest! {
        #[test]
        fn each_reader_gets_a_run_of_the_source_without_a_gap(steps in steps(), capacity in 1_usize..64) {
            let (mut ring, mut now) = (Ring::new(capacity), Instant::now());
            let mut came = 0_u64;
            // The position after what each reader has.
            let mut model: BTreeMap<u64, u64> = BTreeMap::new();
            let nth = |model: &BTreeMap<u64, u64>, number: usize| {
                (!model.is_empty()).then(|| *model.keys().nth(number % model.len()).unwrap())
            };
            for step in steps {
                match step {
                    Step::Push(length) => {
                        let room = ring.room();
                        let taken = ring.push(&source(came, length), now);
                        prop_assert_eq!(taken, length.min(room));
                        came += taken as u64;
                    }
                    Step::Take(number) => {
                        let Some(id) = nth(&model, number) else { continue };
                        let at = model[&id];
                        match ring.take(id, now) {
                            Taken::Bytes(bytes) => {
                                prop_assert!(!bytes.is_empty());
                                prop_assert_eq!(&bytes[..], &source(at, bytes.len())[..]);
                                model.insert(id, at + bytes.len() as u64);
                            }
                            Taken::Nothing => prop_assert_eq!(at, came),
                            other => prop_assert!(false, "{:?}", other),
                        }
                    }
                    Step::Join => {
                        let id = ring.join(now);
                        prop_assert_eq!(ring.oldest(), came.saturating_sub(capacity as u64));
                        model.insert(id, ring.oldest());
                    }
                    Step::Leave(number) => {
                        let Some(id) = nth(&model, number) else { continue };
                        ring.leave(id);
                        model.remove(&id);
                        prop_assert_eq!(ring.take(id, now), Taken::Cut);
                    }
                    Step::Cut => {
                        let Some((id, since)) = ring.laggard() else { continue };
                        // It keeps another from the source, and is not the only one.
                        prop_assert!(model.len() > 1 && model.values().any(|at| *at == came) && since <= now);
                        prop_assert_eq!(came - model[&id], capacity as u64);
                        ring.leave(id);
                        model.remove(&id);
                    }
                    Step::Pass(millis) => now += Duration::from_millis(millis),
                }
                prop_assert_eq!(ring.readers(), model.len());
                let slowest = model.values().min();
                let room = slowest.map_or(0, |slowest| capacity as u64 - (came - slowest));
                prop_assert_eq!(ring.room() as u64, room);
            }
        }
    }

    #[test]
    fn a_reader_alone_is_never_a_laggard_and_loses_nothing() {
        let (mut ring, now) = (Ring::new(4), Instant::now());
        let reader = ring.join(now);
        assert_eq!(ring.push(&source(0, 10), now), 4);
        assert_eq!((ring.room(), ring.laggard()), (0, None));
        assert_eq!(ring.push(&source(4, 6), now), 0);
        assert_eq!(ring.take(reader, now), Taken::Bytes(source(0, 4).into()));
        assert_eq!(ring.push(&source(4, 6), now), 4);
        ring.finish(SourceEnd::Whole);
        assert_eq!(ring.take(reader, now), Taken::Bytes(source(4, 4).into()));
        assert_eq!(ring.take(reader, now), Taken::End(SourceEnd::Whole));
    }

    #[test]
    fn patience_begins_when_there_is_something_to_take() {
        let (mut ring, began) = (Ring::new(4), Instant::now());
        let (slow, fast) = (ring.join(began), ring.join(began));
        assert_eq!(ring.laggard(), None, "both wait");
        let later = began + Duration::from_mins(1);
        assert_eq!(ring.push(&source(0, 4), later), 4);
        assert_eq!(ring.laggard(), None, "both have something to take");
        assert!(matches!(ring.take(fast, later), Taken::Bytes(_)));
        assert_eq!(ring.laggard(), Some((slow, later)));
        assert_eq!(ring.idlest(), Some((slow, later)));
    }
}
