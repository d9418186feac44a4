//! Every way to be broken, staged one by one in a household where all else is well.
#![expect(clippy::unwrap_used, reason = "what a test expects is there, or the test fails")]

mod addresses;
mod music;
mod outlets;
mod setup;
mod skill;

use std::collections::BTreeSet;
use std::pin::Pin;

use ma_alexa::doctor::{Code, Examination, Verdict, codes};
use ma_alexa::i18n::PageLanguage;

use super::harness::{Harness, complaints};

/// Breaks something.
type Break = for<'a> fn(&'a Harness) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// One way to be broken.
struct Stage {
    /// What has to be found, and nothing besides; the first is what it is about.
    codes: &'static [&'static str],
    /// Words of the English cure of the first.
    cure: &'static str,
    /// How the household starts.
    start: Start,
    /// What is broken then.
    breaks: Break,
}

/// How a household starts.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Set up, and nothing was played.
    SetUp,
    /// The kitchen played.
    Healthy,
    /// The kitchen plays.
    Playing,
}

/// The stages of a table: the codes, words of the cure, the start, and what happens then.
macro_rules! stages {
    ($($codes:expr, $cure:literal, $start:ident, |$harness:ident| $breaks:block;)+) => {
        [$($crate::doctor::broken::Stage {
            codes: &$codes,
            cure: $cure,
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
        };
        (stage.breaks)(&harness).await;
        check(&harness.examine().await, stage.codes, stage.cure);
    }
}

/// That these codes were found, and nothing else that is not well; and that the first is told with its cure.
fn check(found: &Examination, expected: &[&str], cure: &str) {
    let mut codes: Vec<&str> = expected.to_vec();
    codes.sort_unstable();
    assert_eq!(complaints(found), codes, "{}: {found:#?}", expected[0]);
    let Code { verdict, details, .. } = described(expected[0]);
    let finding = found.findings().find(|finding| finding.code == expected[0]).unwrap();
    assert_eq!(finding.verdict, verdict);
    let given: BTreeSet<&str> = finding.details.keys().map(String::as_str).collect();
    assert_eq!(given, details.iter().copied().collect(), "{}", expected[0]);
    let link = found.links.iter().find(|link| link.findings.contains(finding)).unwrap();
    let worst = link.findings.iter().map(|finding| finding.verdict).max().unwrap();
    assert_eq!((link.verdict, link.findings[0].verdict), (worst, worst), "the worst comes first");
    let broken = found.findings().any(|finding| finding.verdict == Verdict::Broken);
    assert_eq!(found.is_healthy(), !broken);
    let told = finding.cure(PageLanguage::english()).unwrap();
    assert!(told.contains(cure), "{}: {told}", expected[0]);
}

fn described(code: &str) -> Code {
    codes().into_iter().find(|known| known.code == code).unwrap_or_else(|| panic!("{code} is in no table"))
}

fn all() -> Vec<Stage> {
    let tables: [Vec<Stage>; 8] = [
        setup::stages().into(),
        setup::music_assistant().into(),
        outlets::streams().into(),
        outlets::art().into(),
        skill::stages().into(),
        skill::language().into(),
        music::stages().into(),
        music::account().into(),
    ];
    tables.into_iter().flatten().collect()
}

/// What never can be found: it stands in for what would be said of a link that holds.
#[test]
fn everything_that_can_be_found_is_staged() {
    // No test may fill a real disk: the suite has a store that is full.
    let staged: BTreeSet<String> = all()
        .iter()
        .map(|stage| stage.codes[0].to_owned())
        .chain(addresses::codes())
        .chain(["disk-full".to_owned()])
        .collect();
    let known: BTreeSet<String> =
        codes().into_iter().filter(|code| code.verdict != Verdict::Ok).map(|code| code.code).collect();
    assert_eq!(staged, known);
    let broken = codes().iter().filter(|code| code.verdict == Verdict::Broken).count();
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
