//! Every finding that is not well, staged one by one in a household where all else is well.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

mod addresses;
mod door;
mod live;
mod music;
mod outlets;
pub(super) mod renderers;
mod setup;
mod skill;

use std::collections::BTreeSet;
use std::pin::Pin;

use ma_alexa::diagnostics::{DoctorReport, ReportedFinding, Verdict, all_findings};
use ma_alexa::i18n::PageLanguage;

use super::harness::{Harness, complaints};

/// Breaks something.
type Break = for<'a> fn(&'a Harness) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One way to be broken.
struct Stage {
    /// The codes that are not well; the first is the staged one.
    codes: &'static [&'static str],
    /// Words of the English remedy of the first.
    remedy: &'static str,
    /// The start of the household.
    start: Start,
    /// The break after it.
    breaks: Break,
}

/// The start of a household.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Set up, and nothing was played.
    SetUp,
    /// The kitchen played.
    Healthy,
    /// The kitchen plays.
    Playing,
    /// Set up with the door, and nothing was played.
    DoorSetUp,
    /// The kitchen played through the door.
    Door,
}

/// The stages of a table: the codes, words of the remedy, the start, and the break.
macro_rules! stages {
    ($($codes:expr, $remedy:literal, $start:ident, |$harness:ident| $breaks:block;)+) => {
        [$($crate::doctor::broken::Stage {
            codes: &$codes,
            remedy: $remedy,
            start: $crate::doctor::broken::Start::$start,
            breaks: |$harness| Box::pin(async move { $breaks }),
        }),+]
    };
}
use stages;

async fn hold(stages: &[Stage]) {
    for stage in stages {
        let harness = match stage.start {
            Start::SetUp => Harness::set_up().await,
            Start::Healthy => Harness::healthy().await,
            Start::Playing => Harness::playing().await,
            Start::DoorSetUp => Harness::door_set_up().await,
            Start::Door => Harness::with_door().await,
        };
        (stage.breaks)(&harness).await;
        check(&harness.check().await, stage.codes, stage.remedy);
    }
}

/// Asserts that these codes alone are not well, and that the first has its remedy.
fn check(found: &DoctorReport, expected: &[&str], remedy: &str) {
    let mut codes: Vec<&str> = expected.to_vec();
    codes.sort_unstable();
    assert_eq!(complaints(found), codes, "{}: {found:#?}", expected[0]);
    let ReportedFinding { verdict, details, .. } = described(expected[0]);
    let finding = found.findings().find(|finding| finding.code == expected[0]).unwrap();
    assert_eq!(finding.verdict, verdict);
    assert!(finding.details.keys().eq(details.keys()), "{}: {finding:?}", expected[0]);
    let check = found.checks.iter().find(|check| check.findings.contains(finding)).unwrap();
    let worst = check.findings.iter().map(|finding| finding.verdict).max().unwrap();
    assert_eq!((check.verdict, check.findings[0].verdict), (worst, worst), "the worst comes first");
    let broken = found.findings().any(|finding| finding.verdict == Verdict::Broken);
    assert_eq!(found.is_healthy(), !broken);
    let text = finding.remedy(PageLanguage::english()).unwrap();
    assert!(text.contains(remedy), "{}: {text}", expected[0]);
}

fn described(code: &str) -> ReportedFinding {
    all_findings()
        .into_iter()
        .find(|known| known.code == code)
        .unwrap_or_else(|| panic!("{code} is in no table"))
}

fn all() -> Vec<Stage> {
    let tables: [Vec<Stage>; 11] = [
        setup::stages().into(),
        setup::music_assistant().into(),
        door::stages().into(),
        outlets::streams().into(),
        outlets::art().into(),
        skill::stages().into(),
        skill::language().into(),
        music::stages().into(),
        music::account().into(),
        live::stages().into(),
        renderers::stages().into(),
    ];
    tables.into_iter().flatten().collect()
}

#[test]
fn every_finding_that_is_not_well_is_staged() {
    // No test may fill a real disk: the suite has a store that is full.
    let staged: BTreeSet<String> = all()
        .iter()
        .map(|stage| stage.codes[0].to_owned())
        .chain(addresses::codes())
        .chain(["disk-full".to_owned()])
        .collect();
    let known: BTreeSet<String> = all_findings()
        .into_iter()
        .filter(|finding| finding.verdict != Verdict::Ok)
        .map(|finding| finding.code)
        .collect();
    assert_eq!(staged, known);
    let broken = all_findings().iter().filter(|finding| finding.verdict == Verdict::Broken).count();
    assert!(broken > 100, "{broken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_clock_and_api() {
    hold(&setup::stages()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn music_assistants_own_api() {
    hold(&setup::music_assistant()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn live_events() {
    hold(&live::stages()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn players_in_music_assistant() {
    hold(&renderers::stages()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door() {
    hold(&door::stages()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams() {
    hold(&outlets::streams()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures() {
    hold(&outlets::art()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_skill() {
    hold(&skill::stages()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_languages() {
    hold(&skill::language()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pushes_echos_and_plays() {
    hold(&music::stages()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_amazon_account() {
    hold(&music::account()).await;
}
