//! Addresses of this deployment, for Alexa and for Music Assistant.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use super::env::{ConfigError, Env};

/// The address that Alexa calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SkillEndpoint {
    /// A Lambda function, by its ARN: `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.
    Function(String),
    /// An https address at port 443.
    Https(Url),
}

impl SkillEndpoint {
    /// Reads the ARN of a function, or an address.
    ///
    /// # Errors
    /// When Alexa could call neither.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.starts_with("arn:") {
            return if is_function(text) {
                Ok(Self::Function(text.to_owned()))
            } else {
                Err("an ARN has to be that of a Lambda function")
            };
        }
        let url = Url::parse(text).map_err(|_| "it has to be the ARN of a Lambda function, or an address")?;
        if url.scheme() != "https" {
            return Err("it has to begin with https://, since Alexa calls nothing else");
        }
        if url.port().is_some() {
            return Err("Alexa calls port 443 only: leave the port out");
        }
        if !matches!(url.host(), Some(Host::Domain(name)) if name.contains('.')) {
            return Err("its host has to be a whole name, with a domain");
        }
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || url.query().is_some() || url.fragment().is_some() {
            return Err("it may have a host and a path, and nothing else");
        }
        Ok(Self::Https(url))
    }

    /// As a skill's manifest names it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Function(arn) => arn,
            Self::Https(url) => url.as_str(),
        }
    }
}

impl fmt::Display for SkillEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SkillEndpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// AWS Lambda, names of functions: an ARN without a version.
fn is_function(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let [_, partition, service, region, account, kind, name] = parts[..] else {
        return false;
    };
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    is_name(partition)
        && service == "lambda"
        && is_name(region)
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && kind == "function"
        && is_name(name)
}

/// The address of the HTTP API, as others reach it: http or https, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiUrl(Url);

impl ApiUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is none, or has more than a host, a port and a path.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut url = Url::parse(text.trim()).map_err(|_| "it is not an address")?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err("it has to begin with http:// or https://");
        }
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || url.query().is_some() || url.fragment().is_some() {
            return Err("it may have a host, a port and a path, and nothing else");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The address with `path` after it, which begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Display for ApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl FromStr for ApiUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The two addresses, where they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetupOverrides {
    /// `SKILL_ENDPOINT`.
    pub skill_endpoint: Option<SkillEndpoint>,
    /// `API_URL`.
    pub api_url: Option<ApiUrl>,
}

impl SetupOverrides {
    /// Reads the two variables.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            skill_endpoint: env.read("SKILL_ENDPOINT", SkillEndpoint::parse)?,
            api_url: env.read("API_URL", ApiUrl::parse)?,
        })
    }
}
