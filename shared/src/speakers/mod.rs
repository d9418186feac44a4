//! Echos as renderers use them: plain data, and what renderers ask of the functions that know them.
//!
//! Renderers are in the home. The functions that know the account and the players are in the same process, or in AWS:
//! [`EchoAccess`] has one implementation for each. So questions and answers are data that can be sent. So is the
//! [`HomeReport`], by which a function in AWS hands on what an Echo reported.

mod access;
mod failure;
mod item;
mod observed;
mod report;
mod speaker;

pub use access::{EchoAccess, EchoAnswer, EchoRequest, Refusal, Stopping};
pub use failure::RendererFailure;
pub use item::MediaItem;
pub use observed::{Observed, ObservedReport, ObservedState};
pub use report::{HomeReport, ReportSink};
pub use speaker::{LevelChange, Member, RendererModel, Speaker, SpeakerLevel};
