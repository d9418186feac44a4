//! The program as an add-on of Home Assistant: its options and what the Supervisor knows, as variables.

mod options;
mod supervisor;

use std::collections::BTreeMap;

use ma_alexa::config::{DataDir, Env, IngressConfig};

use supervisor::Supervisor;

/// The options of the add-on, which the Supervisor writes (Home Assistant developer documentation, add-on configuration).
const OPTIONS: &str = "options.json";

/// The environment with the options of the add-on behind it, and behind those the addresses that the Supervisor knows.
/// Unchanged where this is no add-on.
///
/// # Errors
/// When a variable of the ingress or the file of options is malformed.
pub(crate) async fn complete(env: Env) -> anyhow::Result<Env> {
    if IngressConfig::from_env(&env)?.is_none() {
        return Ok(env);
    }
    let mut values = options::read(&DataDir::from_env(&env).path().join(OPTIONS))?;
    if let Some(supervisor) = Supervisor::from_env(&env)? {
        for (name, value) in supervisor.addresses().await {
            values.entry(name.to_owned()).or_insert(value);
        }
    }
    Ok(behind(env, values))
}

fn behind(env: Env, values: BTreeMap<String, String>) -> Env {
    Env::new(move |name| env.get(name).or_else(|| values.get(name).cloned()))
}
