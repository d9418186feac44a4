//! What is spoken and what is understood, in every locale.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod codes;
mod invocation_name;
mod models;
mod phrases;
mod requests;
mod sentences;
mod understood;
mod vocabulary;

use ma_alexa::voice::{LocaleSpec, locales};

/// Every locale's data.
fn voices() -> impl Iterator<Item = &'static LocaleSpec> {
    locales().map(|locale| LocaleSpec::of(locale).unwrap_or_else(|| panic!("{locale} does not parse")))
}

fn language(locale: &str) -> &str {
    locale.split('-').next().unwrap()
}
