//! Problems of the developer account and the skill, as messages.

use crate::smapi::SmapiError;
use crate::web::flash::Flash;
use crate::web::page::Page;

/// The problem and the remedy, as one message.
pub(super) fn problem(page: &Page, error: &SmapiError) -> Flash {
    let (problem, cure) = texts(page, error);
    Flash::bad("setup-problem", &[("problem", &problem), ("cure", &cure)])
}

/// The problem and the remedy.
pub(super) fn texts(page: &Page, error: &SmapiError) -> (String, String) {
    let details = error.details();
    let values: Vec<(&str, &str)> =
        details.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let text = |kind: &str| page.format(&format!("skill-{kind}-{}", error.code()), &values);
    (text("problem"), text("cure"))
}
