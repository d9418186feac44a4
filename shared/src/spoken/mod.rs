//! Music by voice: which item a person means by what an Echo heard.
//!
//! Amazon delivers what it heard as free text, and often misheard: foreign names as words of the Echo's language, numbers as
//! words, half of a long name. The choice is made among candidates that Music Assistant found, by pure functions:
//!
//! 1. [`split_room`] takes the room from the end of what was heard.
//! 2. [`title_and_artist`] offers the ways to read the rest as "title by artist", as texts to search for.
//! 3. [`choose`] compares candidates by letters and by sound, the whole text first.
//! 4. [`Sketch`] finds candidates in a whole library, where Music Assistant's search by letters finds none.

mod candidate;
mod compare;
mod fold;
mod language;
mod numbers;
mod query;
mod rank;
mod sketch;
mod sound;

pub use candidate::{Candidate, Kind};
pub use fold::fold;
pub use language::Language;
pub use query::{RoomSplit, split_room, title_and_artist, unfolded};
pub use rank::{Choice, MOST_CANDIDATES, Prepared, choose};
pub use sketch::Sketch;
