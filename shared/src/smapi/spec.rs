//! The wanted state of the skill.

use serde::{Deserialize, Serialize};

use crate::config::{InvocationName, LocaleCode, SkillEndpoint};
use crate::probe::CertificateKind;

/// The wanted state of the skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkillSpec {
    /// The function or address that Alexa calls.
    pub endpoint: SkillEndpoint,
    /// The languages of the household's Echos, at least one.
    pub locales: Vec<LocaleCode>,
    /// The name by which people call the skill, in all of them.
    pub invocation_name: InvocationName,
    /// The certificate of the endpoint, for a server that cannot see its own public address.
    pub certificate: Option<CertificateKind>,
}

/// A spec as it is stored: each locale once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredSpec {
    pub(super) endpoint: String,
    pub(super) locales: Vec<String>,
    pub(super) invocation_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<CertificateKind>,
}

impl StoredSpec {
    /// Whether Alexa invokes a function.
    pub(super) fn is_function(&self) -> bool {
        matches!(SkillEndpoint::parse(&self.endpoint), Ok(SkillEndpoint::Function(_)))
    }
}

impl From<&SkillSpec> for StoredSpec {
    fn from(spec: &SkillSpec) -> Self {
        let mut locales: Vec<String> = Vec::new();
        for locale in &spec.locales {
            if !locales.iter().any(|known| known == locale.as_str()) {
                locales.push(locale.as_str().to_owned());
            }
        }
        Self {
            endpoint: spec.endpoint.as_str().to_owned(),
            locales,
            invocation_name: spec.invocation_name.as_str().to_owned(),
            certificate: spec.certificate,
        }
    }
}
