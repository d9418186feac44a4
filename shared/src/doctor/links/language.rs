//! Names and languages, which have to be the same everywhere.

use crate::config::InvocationName;
use crate::doctor::answers::Answers;
use crate::doctor::codes::found;
use crate::doctor::examination::{Finding, Link, LinkKind};
use crate::doctor::facts::{Facts, moment};
use crate::doctor::provider::ProviderSeen;
use crate::voice::LocaleSpec;

pub(super) fn link(facts: &Facts, answers: &Answers) -> Link {
    let findings: Vec<Finding> = [
        illegal(facts),
        not_music_assistants(facts),
        cannot_start(facts),
        provider(facts),
        differs(facts, answers),
        echo(facts),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (locale, name) = (facts.speech.locale.as_str(), facts.speech.invocation_name.as_str());
    Link::of(LinkKind::Language, findings, || found("language-ok", &[("locale", locale), ("name", name)]))
}

/// The settings hold a name that keeps not Amazon's rules, and another one holds in its place.
fn illegal(facts: &Facts) -> Option<Finding> {
    let name = facts.household.settings.invocation_name.as_deref().map(str::trim)?;
    let is_used = name == facts.speech.invocation_name.as_str();
    let is_illegal = !name.is_empty() && InvocationName::parse(name).is_err();
    (is_illegal && !is_used).then(|| found("invocation-name-illegal", &[("name", name)]))
}

/// The sentence by which Music Assistant starts the music has a name in it that nobody can change.
fn not_music_assistants(facts: &Facts) -> Option<Finding> {
    let name = &facts.speech.invocation_name;
    (*name != InvocationName::default()).then(|| found("invocation-name-not-ma", &[("name", name.as_str())]))
}

fn cannot_start(facts: &Facts) -> Option<Finding> {
    let locale = facts.speech.locale.as_str();
    let can = LocaleSpec::of(locale).is_some_and(LocaleSpec::ma_can_start);
    (!can).then(|| found("locale-ma-cannot-start", &[("locale", locale)]))
}

/// Music Assistant keeps what it was told until its provider is reloaded.
fn provider(facts: &Facts) -> Option<Finding> {
    let Some(seen) = &facts.provider else {
        return Some(found("provider-never-asked", &[]));
    };
    let is_same = seen.says_the_same(&ProviderSeen::now(&facts.speech, seen.at));
    (!is_same).then(|| found("provider-stale", &[("at", &moment(seen.at))]))
}

fn differs(facts: &Facts, answers: &Answers) -> Option<Finding> {
    let Some(Ok(Some(skill))) = &answers.skill else { return None };
    let expected = facts.speech.invocation_name.as_str();
    let names =
        skill.locales.iter().filter_map(|(locale, of)| Some((locale, of.invocation_name.as_deref()?)));
    let (locale, name) = names.filter(|(_, name)| *name != expected).min()?;
    let details = [("locale", locale.as_str()), ("found", name), ("expected", expected)];
    Some(found("invocation-name-differs", &details))
}

/// An Echo that was heard of lately speaks another language than Music Assistant does to it.
fn echo(facts: &Facts) -> Option<Finding> {
    let language = |locale: &str| locale.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let ours = facts.speech.locale.as_str();
    let heard =
        facts.household.echos.iter().filter_map(|echo| Some((echo.asked_at?, echo.locale.as_deref()?)));
    let (_, theirs) = heard.max()?;
    let is_other = language(theirs) != language(ours);
    is_other.then(|| found("echo-language-differs", &[("echo", theirs), ("locale", ours)]))
}
