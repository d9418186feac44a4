//! Names and languages, which have to be the same everywhere.

use crate::config::InvocationName;
use crate::diagnostics::evidence::{ProbeResults, Snapshot};
use crate::diagnostics::finding::{Finding, or_ok};
use crate::diagnostics::provider::ProviderSnapshot;
use crate::voice::LocaleSpec;

pub(super) fn check(snapshot: &Snapshot, probes: &ProbeResults) -> Vec<Finding> {
    let findings = [
        illegal_name(snapshot),
        name_of_another_skill(snapshot),
        no_start_phrase(snapshot),
        provider(snapshot),
        differing_name(snapshot, probes),
        echo(snapshot),
    ];
    let locale = snapshot.config.speech.locale.as_str().to_owned();
    let name = snapshot.config.speech.invocation_name.as_str().to_owned();
    or_ok(findings.into_iter().flatten().collect(), Finding::LanguageOk { locale, name })
}

/// The finding where the stored name breaks Amazon's rules and another one is used.
fn illegal_name(snapshot: &Snapshot) -> Option<Finding> {
    let (name, _) = snapshot.household.settings.invocation_name.as_ref()?.malformed()?;
    Some(Finding::InvocationNameIllegal { name: name.trim().to_owned() })
}

/// The finding where the name is not the one in Music Assistant's start phrase, which is fixed.
fn name_of_another_skill(snapshot: &Snapshot) -> Option<Finding> {
    let name = &snapshot.config.speech.invocation_name;
    let is_other = *name != InvocationName::default();
    is_other.then(|| Finding::InvocationNameNotMa { name: name.as_str().to_owned() })
}

fn no_start_phrase(snapshot: &Snapshot) -> Option<Finding> {
    let locale = snapshot.config.speech.locale.as_str();
    let can_start = LocaleSpec::of(locale).is_some_and(LocaleSpec::ma_can_start);
    (!can_start).then(|| Finding::LocaleMaCannotStart { locale: locale.to_owned() })
}

/// The finding where Music Assistant uses old phrases: it keeps them until its provider is reloaded.
fn provider(snapshot: &Snapshot) -> Option<Finding> {
    let Some(last) = &snapshot.provider else {
        return Some(Finding::ProviderNeverAsked);
    };
    let is_current = last.same_phrases(&ProviderSnapshot::of(&snapshot.config.speech, last.at));
    (!is_current).then_some(Finding::ProviderStale { at: last.at })
}

/// The finding where the skill has another name at Amazon, for the first locale.
fn differing_name(snapshot: &Snapshot, probes: &ProbeResults) -> Option<Finding> {
    let Some(Ok(Some(skill))) = &probes.skill else { return None };
    let expected = snapshot.config.speech.invocation_name.as_str();
    let names =
        skill.locales.iter().filter_map(|(locale, of)| Some((locale, of.invocation_name.as_deref()?)));
    let (locale, found) = names.filter(|(_, name)| *name != expected).min()?;
    Some(Finding::InvocationNameDiffers {
        locale: locale.clone(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    })
}

/// The finding where the Echo of the latest request speaks another language than Music Assistant does to it.
fn echo(snapshot: &Snapshot) -> Option<Finding> {
    let language = |locale: &str| locale.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let ours = snapshot.config.speech.locale.as_str();
    let requests =
        snapshot.household.echos.iter().filter_map(|echo| Some((echo.asked_at?, echo.locale.as_deref()?)));
    let (_, theirs) = requests.max()?;
    let is_other = language(theirs) != language(ours);
    is_other.then(|| Finding::EchoLanguageDiffers { echo: theirs.to_owned(), locale: ours.to_owned() })
}
