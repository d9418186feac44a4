//! The variables of the bridge.

use url::Url;

use super::env::{ConfigError, Env};

/// The queues of the bridge, and the role that may ask them. Functions in AWS have them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BridgeConfig {
    /// Address of the queue; none where the functions send nothing to the home.
    pub queue: Option<String>,
    /// Address of the queue of reports; none where the functions hand none on.
    pub reports: Option<String>,
    /// ARN of the role that the home gets keys of.
    pub role: Option<String>,
}

impl BridgeConfig {
    /// Reads `BRIDGE_QUEUE`, `BRIDGE_REPORTS` and `BRIDGE_ROLE`.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            queue: env.read("BRIDGE_QUEUE", queue)?,
            reports: env.read("BRIDGE_REPORTS", queue)?,
            role: env.read("BRIDGE_ROLE", role)?,
        })
    }
}

fn queue(text: &str) -> Result<String, &'static str> {
    let is_queue =
        Url::parse(text).is_ok_and(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
    is_queue.then(|| text.to_owned()).ok_or("it has to be the address of a queue")
}

fn role(text: &str) -> Result<String, &'static str> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_role = matches!(parts[..], ["arn", _, "iam", "", account, name]
        if account.len() == 12 && name.starts_with("role/"));
    is_role.then(|| text.to_owned()).ok_or("it has to be the ARN of a role")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(queue: &str, role: &str) -> Result<BridgeConfig, ConfigError> {
        let (queue, role) = (queue.to_owned(), role.to_owned());
        BridgeConfig::from_env(&Env::new(move |name| match name {
            "BRIDGE_QUEUE" => Some(queue.clone()),
            "BRIDGE_ROLE" => Some(role.clone()),
            _ => None,
        }))
    }

    #[test]
    fn a_queue_is_an_address_and_a_role_an_arn() {
        let (queue, role) = (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/home-bridge",
            "arn:aws:iam::123456789012:role/home-BridgeRole-1",
        );
        let config = read(queue, role).unwrap();
        assert_eq!((config.queue.as_deref(), config.role.as_deref()), (Some(queue), Some(role)));
        assert_eq!(read("", "").unwrap(), BridgeConfig::default());
        assert_eq!(read("home-bridge", "").unwrap_err().name(), "BRIDGE_QUEUE");
        assert_eq!(read(queue, "home-BridgeRole-1").unwrap_err().name(), "BRIDGE_ROLE");
    }
}
