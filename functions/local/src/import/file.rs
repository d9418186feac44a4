//! The variables of the Python prototype's files: an `.env`, a Compose file, or the options of its add-on.

use std::collections::BTreeMap;

use serde_json::Value;

/// Most variables that are read of a file.
const MAX_VARIABLES: usize = 200;

/// Most characters of a name.
const MAX_NAME: usize = 64;

/// The beginning of the id of an Echo, which a file of paired devices has as names.
const ECHO: &str = "amzn1.ask.device.";

/// The content of a file. `Debug` is left out, since values may be secrets.
#[derive(Default)]
pub(super) struct OldFile {
    /// The variables with their values, by their names in capitals; of two with one name the last.
    pub(super) variables: BTreeMap<String, String>,
    /// The files of the secrets that a Compose file names.
    pub(super) secret_files: BTreeMap<String, String>,
    /// Number of Echos that the file pairs with players.
    pub(super) paired: usize,
}

impl OldFile {
    /// Reads a text of any of the formats. What it does not understand is left out.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut file = Self::default();
        if text.trim_start().starts_with('{') {
            file.read_json(text);
        } else if text.lines().any(|line| matches!(key(line), Some("environment" | "services"))) {
            file.read_compose(text);
        } else {
            text.lines().filter_map(pair).for_each(|(name, value)| file.add(name, value));
        }
        file
    }

    /// The file of the secret to which a value leads in the container.
    pub(super) fn secret_file(&self, value: &str) -> Option<&str> {
        self.secret_files.get(value.strip_prefix("/run/secrets/")?).map(String::as_str)
    }

    fn add(&mut self, name: &str, value: &str) {
        let is_name = |name: &str| {
            (1..=MAX_NAME).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if is_name(name) && self.variables.len() < MAX_VARIABLES {
            self.variables.insert(name.to_ascii_uppercase(), value.to_owned());
        }
    }

    /// Reads the options of the add-on, or the file of paired devices.
    fn read_json(&mut self, text: &str) {
        let Ok(Value::Object(members)) = serde_json::from_str(text) else { return };
        for (name, value) in members {
            match value {
                _ if name.starts_with(ECHO) => self.paired += 1,
                Value::String(text) => self.add(&name, text.trim()),
                Value::Number(_) | Value::Bool(_) => self.add(&name, &value.to_string()),
                _ => {}
            }
        }
    }

    /// Reads the sections `environment` of all services, and the files of the secrets.
    fn read_compose(&mut self, text: &str) {
        let (mut section, mut secret) = (None, None);
        for line in text.lines().filter(|line| is_content(line)) {
            let depth = indentation(line);
            if let Some(start) = section
                && is_inside(line, depth, start)
            {
                let item = line.trim_start().trim_start_matches("- ");
                if let Some((name, value)) = pair(unquoted(item.trim())) {
                    self.add(name, value);
                }
                continue;
            }
            section = (key(line) == Some("environment")).then_some(depth);
            if let Some(name) = key(line) {
                secret = Some(name.to_owned());
            } else if let (Some(("file", path)), Some(name)) = (pair(line), &secret)
                && self.secret_files.len() < MAX_VARIABLES
            {
                self.secret_files.insert(name.clone(), path.to_owned());
            }
        }
    }
}

/// Whether a line belongs to a section that begins at `start`. A list may stand as far left as its section.
fn is_inside(line: &str, depth: usize, start: usize) -> bool {
    depth > start || (depth == start && line.trim_start().starts_with("- "))
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_content(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#')
}

/// The name of a section that begins with this line.
fn key(line: &str) -> Option<&str> {
    without_comment(line.trim()).trim_end().strip_suffix(':').map(unquoted)
}

/// Name and value of a line, as `NAME=value` or `NAME: value`.
fn pair(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let line = line.strip_prefix("export ").unwrap_or(line);
    if !is_content(line) {
        return None;
    }
    let end = line.find(['=', ':'])?;
    let (name, value) = line.split_at(end);
    Some((name.trim(), unquoted(without_comment(value[1..].trim()).trim_end())))
}

/// A value without the comment behind it.
fn without_comment(value: &str) -> &str {
    let quoted = value.chars().next().filter(|first| matches!(first, '"' | '\''));
    let from = quoted.and_then(|mark| value[1..].find(mark)).map_or(0, |end| end + 2);
    if value[from..].starts_with('#') && from == 0 {
        return "";
    }
    value[from..].find(" #").map_or(value, |comment| &value[..from + comment])
}

/// A value without the quotation marks around it.
fn unquoted(value: &str) -> &str {
    let inner = |mark| value.strip_prefix(mark)?.strip_suffix(mark);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(text: &str) -> Vec<(String, String)> {
        OldFile::read(text).variables.into_iter().collect()
    }

    fn expected(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_env_file_is_read_with_comments_quotes_and_exports() {
        let text = "\u{feff}# mine\nSKILL_HOSTNAME=alexa.example.com # public\r\nexport LOCALE='de-DE'\nMA_HOSTNAME=\"\" # none\n\
                    APP_PASSWORD=a#b:c=d\nMA_API_URL=http://192.168.1.5:8095\nEMPTY=#nothing\nnonsense\nA B=c\n";
        let known = [
            ("APP_PASSWORD", "a#b:c=d"),
            ("EMPTY", ""),
            ("LOCALE", "de-DE"),
            ("MA_API_URL", "http://192.168.1.5:8095"),
            ("MA_HOSTNAME", ""),
            ("SKILL_HOSTNAME", "alexa.example.com"),
        ];
        assert_eq!(variables(text), expected(&known));
    }

    #[test]
    fn a_compose_file_is_read_as_a_list_and_as_a_map() {
        let list = "services:\n  skill:\n    image: ghcr.io/a/b:latest\n    environment:\n    # a comment\n    - SKILL_HOSTNAME=a.example.com # c\n    \
                    - \"LOCALE=de-DE\"\n    - APP_PASSWORD=/run/secrets/APP_PASSWORD\n    ports:\n      - \"5000:5000\"\n    secrets:\n      - APP_PASSWORD\n\
                    secrets:\n  APP_PASSWORD:\n    file: ./secrets/app_password.txt\n";
        let file = OldFile::read(list);
        let known = [
            ("APP_PASSWORD", "/run/secrets/APP_PASSWORD"),
            ("LOCALE", "de-DE"),
            ("SKILL_HOSTNAME", "a.example.com"),
        ];
        assert_eq!(file.variables.clone().into_iter().collect::<Vec<_>>(), expected(&known));
        assert_eq!(file.secret_file("/run/secrets/APP_PASSWORD"), Some("./secrets/app_password.txt"));
        assert_eq!(file.secret_file("secret"), None);
        let map = "services:\n  skill:\n    environment:\n      LOCALE: de-DE\n      PORT: 5000\n  other:\n    environment:\n      TZ: \"UTC\"\n";
        assert_eq!(variables(map), expected(&[("LOCALE", "de-DE"), ("PORT", "5000"), ("TZ", "UTC")]));
    }

    #[test]
    fn options_of_the_add_on_are_read_as_json_and_as_lines() {
        let known = [("APP_PASSWORD", "x"), ("MA_HOSTNAME", "ma.example.com"), ("PORT", "5000")];
        assert_eq!(
            variables(r#"{"ma_hostname": "ma.example.com", "APP_PASSWORD": "x", "PORT": 5000, "a": null}"#),
            expected(&known)
        );
        assert_eq!(variables("ma_hostname: ma.example.com\nAPP_PASSWORD: x\nPORT: 5000\n"), expected(&known));
        let paired =
            OldFile::read(r#"{"amzn1.ask.device.AAA": "Kitchen", "amzn1.ask.device.BBB": "Studio"}"#);
        assert_eq!((paired.paired, paired.variables.len()), (2, 0));
    }

    #[test]
    fn a_file_without_end_is_read_up_to_a_limit() {
        let lines: Vec<String> = (0..1_000).map(|number| format!("NAME{number}=1")).collect();
        assert_eq!(variables(&lines.join("\n")).len(), MAX_VARIABLES);
        assert!(variables(&format!("{}=1", "N".repeat(65))).is_empty());
    }
}
