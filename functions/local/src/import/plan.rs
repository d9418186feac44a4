//! The plan of an import: what is taken of a file, and what is not.

use std::fmt::{Display, Write as _};
use std::sync::Arc;

use ma_alexa::config::{
    BaseUrl, Effective, LocaleCode, MaApiUrl, Setting, Settings, SkillId, UserPassword, VARIABLES,
};
use secrecy::SecretString;

use super::file::OldFile;
use super::table::{Counterpart, counterpart};

/// The settings that are here already.
#[derive(Debug, Default)]
pub(super) struct Present {
    /// The configuration in effect; none before the first start.
    pub(super) effective: Option<Arc<Effective>>,
    /// The language, where a variable or a setting names one.
    pub(super) locale: Option<LocaleCode>,
    /// Whether there are passwords, or a place that only its owner writes.
    pub(super) has_passwords: bool,
    /// Whether there is a token for Music Assistant's API.
    pub(super) has_ma_token: bool,
}

/// The changes by a file.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) door: Option<BaseUrl>,
    pub(super) ma_api: Option<MaApiUrl>,
    pub(super) locale: Option<LocaleCode>,
    pub(super) skill_id: Option<SkillId>,
    pub(super) ma_token: Option<SecretString>,
    pub(super) music_assistant: Option<UserPassword>,
}

/// The outcome for a variable of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ImportOutcome {
    Taken,
    NotNeeded,
    ByHand,
}

/// A row of the table that a person reads. It has no secret.
#[derive(Debug)]
pub(super) struct ImportRow {
    pub(super) name: String,
    pub(super) outcome: ImportOutcome,
    pub(super) text: String,
}

/// The rows of a file, and its changes.
#[derive(Debug, Default)]
pub(super) struct ImportPlan {
    pub(super) rows: Vec<ImportRow>,
    pub(super) changes: Changes,
}

/// An outcome with its sentence.
type Decision = (ImportOutcome, String);

const KEEP_PASSWORDS: &str = "the passwords here stay. If you keep the Alexa provider of Music Assistant, enter there what \
                              `ma-alexa password music-assistant` prints";

impl ImportPlan {
    /// The outcome for each variable.
    pub(super) fn new(file: &OldFile, present: &Present) -> Self {
        let mut plan = Self::default();
        for (name, value) in &file.variables {
            let (outcome, text) = plan.decide(file, present, name, value.trim());
            plan.rows.push(ImportRow { name: name.clone(), outcome, text });
        }
        if file.paired > 0 {
            let text = format!(
                "each Echo is paired with its player by itself; the file has {} of them, by ids of the old skill",
                file.paired
            );
            plan.rows.push(ImportRow {
                name: "paired devices".to_owned(),
                outcome: ImportOutcome::NotNeeded,
                text,
            });
        }
        plan
    }

    /// The table, by outcome.
    pub(super) fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let mut table = String::new();
        for (outcome, title) in [
            (ImportOutcome::Taken, "taken"),
            (ImportOutcome::NotNeeded, "not needed any more"),
            (ImportOutcome::ByHand, "please do by hand"),
        ] {
            let mut rows = self.rows.iter().filter(|row| row.outcome == outcome).peekable();
            if rows.peek().is_some() {
                let _ = writeln!(table, "{title}");
            }
            for row in rows {
                let _ = writeln!(table, "  {:width$}  {}", row.name, row.text);
            }
        }
        table
    }

    /// Whether anything is to be written.
    pub(super) fn has_changes(&self) -> bool {
        let Changes { door, ma_api, locale, skill_id, ma_token, music_assistant } = &self.changes;
        let has_setting = door.is_some() || ma_api.is_some() || locale.is_some() || skill_id.is_some();
        has_setting || ma_token.is_some() || music_assistant.is_some()
    }

    fn decide(&mut self, file: &OldFile, present: &Present, name: &str, value: &str) -> Decision {
        let Some(counterpart) = counterpart(name) else { return unknown(name) };
        if let Counterpart::None(reason) = counterpart {
            return (ImportOutcome::NotNeeded, reason.to_owned());
        }
        if value.is_empty() {
            return (ImportOutcome::NotNeeded, "it is empty".to_owned());
        }
        if value.contains(['<', '>']) || value.contains("${") {
            return (ImportOutcome::ByHand, "its value stands elsewhere, or is a placeholder".to_owned());
        }
        if value.starts_with("/run/secrets/") {
            return (
                ImportOutcome::ByHand,
                "its value is in a file that was not found beside this one".to_owned(),
            );
        }
        let effective = present.effective.as_deref();
        let changes = &mut self.changes;
        match counterpart {
            Counterpart::Door => {
                let advice = "Let your proxy lead that name to port 5001, the door";
                let set = effective.and_then(|effective| effective.streams.door.as_ref());
                take(&mut changes.door, set, "DOOR_URL", BaseUrl::parse(&https(value)), advice)
            }
            Counterpart::MaApi => {
                let set = effective.and_then(|effective| effective.ma_api.url.as_ref());
                let set = changes.ma_api.clone().or_else(|| set.cloned());
                take(&mut changes.ma_api, set.as_ref(), "MA_API_URL", MaApiUrl::parse(value), "")
            }
            Counterpart::Locale => {
                let parsed = LocaleCode::parse(value);
                take(&mut changes.locale, present.locale.as_ref(), "LOCALE", parsed, "")
            }
            Counterpart::SkillId => skill_id(changes, effective, value),
            Counterpart::MaToken => ma_token(changes, file, present, value),
            Counterpart::PushUsername | Counterpart::PushPassword => passwords(changes, file, present),
            Counterpart::Port if value == "5000" => {
                (ImportOutcome::NotNeeded, "the pages are on port 5000 here, too".to_owned())
            }
            Counterpart::Port => {
                let port = value.parse::<u16>().map_or_else(|_| "PORT".to_owned(), |port| port.to_string());
                let text = format!(
                    "the pages are on port 5000; for the same port, set the variable BIND=0.0.0.0:{port}"
                );
                (ImportOutcome::ByHand, text)
            }
            Counterpart::None(reason) => (ImportOutcome::NotNeeded, reason.to_owned()),
        }
    }
}

/// Takes a well-formed value where none is set.
fn take<T: Clone + PartialEq + Display>(
    change: &mut Option<T>,
    set: Option<&T>,
    variable: &str,
    value: Result<T, impl Display>,
    advice: &str,
) -> Decision {
    let advice = if advice.is_empty() { String::new() } else { format!(". {advice}") };
    match (value, set) {
        (Err(problem), _) => (ImportOutcome::ByHand, format!("it cannot be {variable} here: {problem}")),
        (Ok(value), Some(set)) if value == *set => {
            (ImportOutcome::Taken, format!("{variable} is {value} already{advice}"))
        }
        (Ok(value), Some(set)) => {
            let text =
                format!("{variable} is {set} here and stays. For {value}, change it on the set-up page");
            (ImportOutcome::ByHand, text)
        }
        (Ok(value), None) => {
            let text = format!("{variable} becomes {value}{advice}");
            *change = Some(value);
            (ImportOutcome::Taken, text)
        }
    }
}

fn skill_id(changes: &mut Changes, effective: Option<&Effective>, value: &str) -> Decision {
    match SkillId::parse(value) {
        Err(problem) => (ImportOutcome::ByHand, format!("it cannot be SKILL_ID here: {problem}")),
        Ok(id) if effective.is_some_and(|effective| effective.skill_ids.accepts(id.as_str())) => {
            (ImportOutcome::Taken, "SKILL_ID has it already".to_owned())
        }
        Ok(id) => {
            changes.skill_id = Some(id);
            (
                ImportOutcome::Taken,
                "SKILL_ID gets it: the set-up changes this skill and makes no other".to_owned(),
            )
        }
    }
}

/// The token goes to the address of its file alone.
fn ma_token(changes: &mut Changes, file: &OldFile, present: &Present, value: &str) -> Decision {
    let by_hand = |text: &str| (ImportOutcome::ByHand, text.to_owned());
    if present.has_ma_token {
        return by_hand("there is a token here, which stays. The set-up page takes another one");
    }
    let address = ["MA_API_URL", "MA_BASE_URL"].iter().find_map(|name| file.variables.get(*name));
    let address = address.and_then(|address| MaApiUrl::parse(address.trim()).ok());
    let set = present.effective.as_ref().and_then(|effective| effective.ma_api.url.as_ref());
    if address.is_none() || set.is_some_and(|set| Some(set) != address.as_ref()) {
        return by_hand(
            "it is for no address that is used here. Connect on the set-up page, at Music Assistant",
        );
    }
    changes.ma_token = Some(SecretString::from(value));
    (ImportOutcome::Taken, "the token for Music Assistant's API".to_owned())
}

fn passwords(changes: &mut Changes, file: &OldFile, present: &Present) -> Decision {
    if present.has_passwords {
        return (ImportOutcome::ByHand, KEEP_PASSWORDS.to_owned());
    }
    let value =
        |names: [&str; 2]| names.iter().find_map(|name| file.variables.get(*name)).map(|text| text.trim());
    let username = value(["APP_USERNAME", "API_USERNAME"]).unwrap_or_default();
    let password = value(["APP_PASSWORD", "API_PASSWORD"]).unwrap_or_default();
    if [username, password].iter().any(|text| text.starts_with("/run/secrets/")) {
        return (ImportOutcome::ByHand, "user name and password are in files that were not found".to_owned());
    }
    match UserPassword::new(username, password) {
        Ok(pair) => {
            changes.music_assistant = Some(pair);
            let text = "the login by which Music Assistant's Alexa provider calls. The owner gets a new one";
            (ImportOutcome::Taken, text.to_owned())
        }
        Err(problem) => (ImportOutcome::ByHand, format!("{problem}. A new login is made on the first start")),
    }
}

fn unknown(name: &str) -> Decision {
    if VARIABLES.iter().any(|variable| variable.name == name) {
        return (ImportOutcome::ByHand, "it is a variable here, too: set it to the same value".to_owned());
    }
    (ImportOutcome::NotNeeded, "the prototype has no such variable, and this program has none".to_owned())
}

/// An address that may have been entered without its scheme.
fn https(value: &str) -> String {
    if value.contains("://") { value.to_owned() } else { format!("https://{value}") }
}

impl Changes {
    /// Puts settings where none are. What another process set meanwhile stays.
    pub(super) fn apply(&self, settings: &mut Settings) {
        fill(&mut settings.door_url, self.door.as_ref());
        fill(&mut settings.ma_api_url, self.ma_api.as_ref());
        fill(&mut settings.locale, self.locale.as_ref());
        if let Some(id) = &self.skill_id
            && !settings.skill_ids.iter().any(|known| known.value() == Some(id))
        {
            settings.skill_ids.push(Setting::Value(id.clone()));
        }
    }
}

fn fill<T: Clone>(setting: &mut Option<Setting<T>>, value: Option<&T>) {
    if let Some(value) = value
        && setting.as_ref().and_then(Setting::value).is_none()
    {
        *setting = Some(Setting::Value(value.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str, present: &Present) -> ImportPlan {
        ImportPlan::new(&OldFile::read(text), present)
    }

    fn outcomes(plan: &ImportPlan) -> Vec<(&str, ImportOutcome)> {
        plan.rows.iter().map(|row| (row.name.as_str(), row.outcome)).collect()
    }

    #[test]
    fn each_variable_is_taken_or_not_needed_or_left_to_a_person() {
        let text = "SKILL_HOSTNAME=alexa.example.com\nMA_HOSTNAME=ma.example.com\nLOCALE=de-DE\nPORT=5050\nDEBUG_PORT=5678\n\
                    MA_API_URL=http://192.168.1.5:8095\nMA_API_TOKEN=a-secret-token\nAPP_USERNAME=admin\nAPP_PASSWORD=short\n\
                    OTHER=1\nRUST_LOG=debug\n";
        let plan = plan(text, &Present::default());
        let expected = [
            ("APP_PASSWORD", ImportOutcome::ByHand),
            ("APP_USERNAME", ImportOutcome::ByHand),
            ("DEBUG_PORT", ImportOutcome::NotNeeded),
            ("LOCALE", ImportOutcome::Taken),
            ("MA_API_TOKEN", ImportOutcome::Taken),
            ("MA_API_URL", ImportOutcome::Taken),
            ("MA_HOSTNAME", ImportOutcome::NotNeeded),
            ("OTHER", ImportOutcome::NotNeeded),
            ("PORT", ImportOutcome::ByHand),
            ("RUST_LOG", ImportOutcome::ByHand),
            ("SKILL_HOSTNAME", ImportOutcome::Taken),
        ];
        assert_eq!(outcomes(&plan), expected);
        let mut settings = Settings::default();
        plan.changes.apply(&mut settings);
        assert_eq!(settings.door_url, Some(Setting::from("https://alexa.example.com")));
        assert_eq!(settings.locale, Some(Setting::from("de-DE")));
        assert_eq!(settings.ma_api_url, Some(Setting::from("http://192.168.1.5:8095")));
        let table = plan.table();
        assert!(table.contains("BIND=0.0.0.0:5050") && table.contains("port 5001"), "{table}");
        assert!(!table.contains("a-secret-token") && !table.contains("short"), "{table}");
    }

    #[test]
    fn empty_values_and_placeholders_change_nothing() {
        let text = "SKILL_HOSTNAME=<YOUR_SKILL_DOMAIN>\nLOCALE=${LOCALE:-de-DE}\nMA_API_URL=\nAPP_PASSWORD=/run/secrets/APP_PASSWORD\n\
                    SKILL_ID=none\nMA_TOKEN=a-secret-token\n";
        let plan = plan(text, &Present::default());
        assert!(!plan.has_changes(), "{:?}", plan.changes);
        assert!(plan.rows.iter().all(|row| row.outcome != ImportOutcome::Taken), "{}", plan.table());
    }

    #[test]
    fn what_is_set_here_stays() {
        let present = Present {
            locale: Some(LocaleCode::EN_US),
            has_passwords: true,
            has_ma_token: true,
            ..Present::default()
        };
        let text = "LOCALE=de-DE\nAPP_USERNAME=admin\nAPP_PASSWORD=a long enough password\nMA_TOKEN=x\nMA_BASE_URL=http://nas:8095\n";
        let plan = plan(text, &present);
        assert!(
            plan.rows
                .iter()
                .filter(|row| row.outcome == ImportOutcome::Taken)
                .all(|row| row.name == "MA_BASE_URL")
        );
        let table = plan.table();
        assert!(table.contains("LOCALE is en-US here and stays"), "{table}");
        assert!(!table.contains("a long enough"), "{table}");
        let mut settings = Settings { locale: Some(Setting::from("fr-FR")), ..Settings::default() };
        Changes { locale: Some(LocaleCode::EN_US), ..Changes::default() }.apply(&mut settings);
        assert_eq!(settings.locale, Some(Setting::from("fr-FR")));
    }

    #[test]
    fn a_login_is_taken_before_the_first_start() {
        let text = "API_USERNAME=admin\nAPI_PASSWORD=a long enough password\n";
        let plan = plan(text, &Present::default());
        let taken = plan.changes.music_assistant.unwrap();
        assert_eq!((taken.username(), taken.password()), ("admin", "a long enough password"));
    }
}
