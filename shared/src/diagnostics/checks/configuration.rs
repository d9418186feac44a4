//! Settings and passwords.

use crate::config::VARIABLES;
use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::{Finding, or_ok};

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let place = || snapshot.secrets_location.clone();
    let secrets = match &snapshot.credentials {
        Err(_) => Some(Finding::SecretsUnreadable { place: place() }),
        Ok(credentials) => {
            (!credentials.are_complete).then(|| Finding::CredentialsMissing { place: place() })
        }
    };
    // The invocation name has a finding of its own.
    let malformed = snapshot.config.malformed.iter().map(|setting| setting.variable);
    let malformed = malformed.filter(|variable| *variable != "INVOCATION_NAME").map(malformed_setting);
    or_ok(malformed.chain(secrets).collect(), Finding::ConfigurationOk)
}

fn malformed_setting(setting: &'static str) -> Finding {
    let variable = VARIABLES.iter().find(|variable| variable.name == setting);
    Finding::SettingMalformed { setting, example: variable.map_or("", |variable| variable.example) }
}
