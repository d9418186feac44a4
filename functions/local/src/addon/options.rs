//! The options of the add-on. Each has the name of its variable in small letters.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use anyhow::Context as _;
use ma_alexa::config::VARIABLES;
use serde_json::{Map, Value};

/// The largest file of options in bytes.
const LARGEST: u64 = 64 * 1024;

/// Reads the options; none where there is no file.
///
/// # Errors
/// When the file cannot be read, or is no object of JSON.
pub(super) fn read(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let mut text = String::new();
    let read = file.take(LARGEST).read_to_string(&mut text);
    read.with_context(|| format!("{} cannot be read", path.display()))?;
    let options: Map<String, Value> = serde_json::from_str(&text)
        .with_context(|| format!("{} has to be an object of JSON", path.display()))?;
    Ok(variables(&options))
}

/// The variables of the options. An option that is no variable is left out: another release may have had it.
fn variables(options: &Map<String, Value>) -> BTreeMap<String, String> {
    let known = VARIABLES.iter().filter_map(|variable| {
        let value = match options.get(&variable.name.to_ascii_lowercase())? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((variable.name.to_owned(), value))
    });
    known.filter(|(_, value)| !value.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_is_the_variable_of_its_name() {
        let options = serde_json::json!({"rust_log": "debug", "door_name": "", "ssl": true, "nothing": "x"});
        let found = variables(options.as_object().unwrap_or(&Map::new()));
        assert_eq!(found, BTreeMap::from([("RUST_LOG".to_owned(), "debug".to_owned())]));
    }
}
