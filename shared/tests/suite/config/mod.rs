//! Variables and settings.

mod settings;

use std::collections::BTreeSet;
use std::path::PathBuf;

use ma_alexa::alexa::Locale;
use ma_alexa::config::{
    AmazonEndpoint, ApiCredentials, Bind, BridgeConfig, CertificateConfig, Config, ConfigError, DoorBind,
    DoorConfig, DoorSecret, Env, LOCALES, LocaleCode, MaApi, MaPhrases, RendererBind, Runtime, SecretsUrl,
    Settings, SetupOverrides, SkillIds, StoreUrl, StreamOverrides, VARIABLES,
};
use ma_alexa::grant::GrantKeys;
use ma_alexa::voice::locales;

const SKILL: &str = "amzn1.ask.skill.12345678-1234-1234-1234-123456789abc";

fn env(variables: &[(&str, &str)]) -> Env {
    let variables: Vec<(String, String)> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Env::new(move |name| {
        let found = variables.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    })
}

/// Reads everything that is configured.
fn read(env: &Env) -> Result<(), ConfigError> {
    StoreUrl::from_env(env)?;
    SecretsUrl::from_env(env)?;
    Config::from_env(env)?;
    AmazonEndpoint::from_env(env)?;
    DoorConfig::from_env(env)?;
    RendererBind::from_env(env)?;
    GrantKeys::from_env(env)?;
    CertificateConfig::from_env(env)?;
    DoorSecret::from_env(env)?;
    BridgeConfig::from_env(env)?;
    Ok(())
}

#[test]
fn an_empty_environment_has_defaults() {
    for env in [env(&[]), Env::new(|_| Some("  ".to_owned()))] {
        assert_eq!(StoreUrl::from_env(&env).unwrap().as_str(), "sqlite:data/state.db");
        assert_eq!(SecretsUrl::from_env(&env).unwrap(), SecretsUrl::File(PathBuf::from("data/secrets")));
        assert_eq!(Bind::from_env(&env).unwrap().0.to_string(), "127.0.0.1:5000");
        let door = DoorConfig::from_env(&env).unwrap();
        assert_eq!(door.bind, DoorBind::Usual("127.0.0.1:5001".parse().unwrap()));
        assert_eq!(door.origin, None);
        let usual = RendererBind::Usual("0.0.0.0:5002".parse().unwrap());
        assert_eq!(RendererBind::from_env(&env).unwrap(), usual);
        assert!(GrantKeys::from_env(&env).unwrap().is_none());
        let fixed = ApiCredentials::from_env(&env).unwrap();
        assert!(fixed.owner.is_none() && fixed.music_assistant.is_none());
        assert_eq!(AmazonEndpoint::from_env(&env).unwrap(), None);
        let effective = Config::from_env(&env).unwrap().with(&Settings::default());
        assert_eq!(effective.streams, StreamOverrides::default());
        assert!(effective.skill_ids.is_empty());
        assert_eq!(effective.ma_api, MaApi::default());
        assert_eq!((effective.setup.clone(), effective.malformed.len()), (SetupOverrides::default(), 0));
        let speech = &effective.speech;
        assert_eq!(
            (speech.locale, speech.invocation_name.as_str(), speech.ma_phrases),
            (LocaleCode::EN_US, "music assistant", MaPhrases::Own)
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "its rows are one table")]
fn a_malformed_variable_stops_the_start_with_its_name_and_an_example() {
    let malformed = [
        ("BRIDGE_QUEUE", "a-queue"),
        ("BRIDGE_REPORTS", "a-queue"),
        ("BRIDGE_ROLE", "a-role"),
        ("STORE_URL", "postgres://db"),
        ("STORE_URL", "sqlite:"),
        ("STORE_URL", "dynamodb://a b"),
        ("STORE_URL", "dynamodb://"),
        ("SECRETS_URL", "secret_ledger:x"),
        ("SECRETS_URL", "file:"),
        ("SECRETS_URL", "secretsmanager://"),
        ("SECRETS_URL", "secretsmanager://a?b"),
        ("BIND", "5000"),
        ("BIND", "localhost:5000"),
        ("BIND", "127.0.0.1:99999"),
        ("DOOR_BIND", "5001"),
        ("RENDERER_BIND", "5002"),
        ("RENDERER_BIND", "on"),
        ("GRANT_KEYS", "1:secret-value"),
        ("STREAM_BASE_URL", "music.example.com"),
        ("STREAM_BASE_URL", "http://music.example.com"),
        ("STREAM_BASE_URL", "https://user:secret-value@music.example.com"),
        ("MA_STREAM_ORIGIN", "ma.example.com"),
        ("ART_BASE_URL", "https://art.example.com/?x=secret-value"),
        ("SKILL_ID", "my skill"),
        ("SKILL_ID", "amzn1.ask.skill.12345678123412341234123456789abc"),
        ("SKILL_ID", "amzn1.ask.skill.12345678-1234-1234-1234-123456789abg"),
        ("LOCALE", "en"),
        ("LOCALE", "pl-PL"),
        ("INVOCATION_NAME", "x"),
        ("INVOCATION_NAME", "secret-value: the name"),
        ("MA_PHRASES", "mine"),
        ("MA_VOICE_PAUSE", "always"),
        ("MA_API_URL", "192.168.1.5:8095"),
        ("MA_API_URL", "http://user:secret-value@192.168.1.5:8095"),
        ("AMAZON_ENDPOINT", "https://alexa.amazon.com"),
        ("AMAZON_ENDPOINT", "http://127.0.0.1.example.com"),
        ("AMAZON_ENDPOINT", "http://192.168.1.5"),
        ("AMAZON_ENDPOINT", "ftp://127.0.0.1"),
        ("UPDATE_CHECK", "daily"),
        ("UPDATE_ENDPOINT", "https://api.github.com"),
        ("DOOR_NAME", "https://kitchen.example.com"),
        ("DOOR_NAME", "kitchen.example.com:443"),
        ("DOOR_NAME", "kitchen"),
        ("DOOR_NAME", "*.example.com"),
        ("DOOR_NAME", "-kitchen.example.com"),
        ("DOOR_NAME", "kitchen..example.com"),
        ("DOOR_TLS_BIND", "443"),
        ("DOOR_LAN_BIND", "localhost:5443"),
        ("ACME_CHALLENGE", "dns"),
        ("ACME_HTTP_BIND", "80"),
        ("ACME_DIRECTORY", "http://127.0.0.1/dir"),
        ("ACME_DIRECTORY", "acme.example.com"),
        ("ACME_CONTACT", "owner"),
        ("ACME_CONTACT", "owner@example.com,other@example.com"),
        ("DNS_PROVIDER", "route53"),
        ("DNS_ENDPOINT", "https://www.duckdns.org"),
    ];
    for (name, value) in malformed {
        let error = read(&env(&[(name, value)])).expect_err(value);
        let text = error.to_string();
        assert_eq!(error.name(), name, "{value}");
        assert!(text.starts_with(name) && text.contains(", for example "), "{text}");
        assert!(!text.contains("secret-value"), "{text}");
    }
}

#[test]
fn a_pair_is_whole_and_its_password_long() {
    let long = "1234567890abcdef";
    for (variables, blamed) in [
        (vec![("API_USERNAME", "me")], "API_PASSWORD"),
        (vec![("API_PASSWORD", long)], "API_USERNAME"),
        (vec![("PUSH_USERNAME", "me")], "PUSH_PASSWORD"),
        (vec![("API_USERNAME", "me"), ("API_PASSWORD", "1234567890abcde")], "API_PASSWORD"),
        (vec![("PUSH_USERNAME", "m:e"), ("PUSH_PASSWORD", long)], "PUSH_USERNAME"),
        (
            vec![
                ("API_USERNAME", "me"),
                ("API_PASSWORD", long),
                ("PUSH_USERNAME", "ma"),
                ("PUSH_PASSWORD", long),
            ],
            "PUSH_PASSWORD",
        ),
    ] {
        let error = ApiCredentials::from_env(&env(&variables)).unwrap_err();
        assert_eq!(error.name(), blamed, "{variables:?}");
        assert!(!error.to_string().contains("1234567890abcde"), "{error}");
    }
    let fixed = ApiCredentials::from_env(&env(&[("API_USERNAME", "me"), ("API_PASSWORD", long)])).unwrap();
    let owner = fixed.owner.as_ref().unwrap();
    assert_eq!((owner.username(), owner.password()), ("me", long));
    assert!(!format!("{fixed:?}").contains(long));
}

#[test]
fn a_token_for_the_metrics_is_long_and_no_password() {
    let long = "1234567890abcdef";
    let pair = [("API_USERNAME", "me"), ("API_PASSWORD", long)];
    for token in ["1234567890abcde", "1234567890 abcdef", "1234567890äbcdefg", long] {
        let variables = [pair[0], pair[1], ("METRICS_TOKEN", token)];
        let error = ApiCredentials::from_env(&env(&variables)).unwrap_err();
        assert_eq!(error.name(), "METRICS_TOKEN", "{token}");
        assert!(!error.to_string().contains(token), "{error}");
    }
    let read = ApiCredentials::from_env(&env(&[("METRICS_TOKEN", long)])).unwrap();
    assert_eq!(read.metrics_token.as_ref().unwrap().token(), long);
    assert!(!format!("{read:?}").contains(long));
}

#[test]
fn every_example_is_well_formed_and_every_variable_has_one() {
    let names: BTreeSet<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(names.len(), VARIABLES.len());
    let examples: Vec<(&str, &str)> =
        VARIABLES.iter().map(|variable| (variable.name, variable.example)).collect();
    read(&env(&examples)).unwrap();
    for variable in VARIABLES {
        assert!(!variable.meaning.is_empty() && !variable.default.is_empty());
    }
    // Each variable that is read is in the table: an error names its example.
    let asked: std::sync::Arc<std::sync::Mutex<BTreeSet<String>>> = std::sync::Arc::default();
    let kept = std::sync::Arc::clone(&asked);
    let spy = Env::new(move |name| {
        kept.lock().unwrap().insert(name.to_owned());
        None
    });
    read(&spy).unwrap();
    let outside = [
        "AWS_LAMBDA_RUNTIME_API",
        "CARGO_MANIFEST_DIR",
        "DOOR_BIND",
        "HOME",
        "PATH",
        "STATE_DIRECTORY",
        "XDG_STATE_HOME",
    ];
    for name in asked.lock().unwrap().iter() {
        assert!(names.contains(name.as_str()) || outside.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn addresses_are_taken_as_they_are() {
    for url in ["sqlite:/var/lib/ma/state.db", "dynamodb://music-assistant.alexa_1"] {
        assert_eq!(StoreUrl::from_env(&env(&[("STORE_URL", url)])).unwrap().as_str(), url);
    }
    assert_eq!(
        SecretsUrl::from_env(&env(&[("SECRETS_URL", "secretsmanager://home/alexa/")])).unwrap(),
        SecretsUrl::SecretsManager { prefix: "home/alexa".to_owned() }
    );
    assert_eq!(
        StoreUrl::from_env(&env(&[("STORE_URL", "sqlite:///var/lib/ma/state.db")])).unwrap().as_str(),
        "sqlite:/var/lib/ma/state.db"
    );
    assert_eq!(
        SecretsUrl::from_env(&env(&[("SECRETS_URL", "file:///var/lib/ma/secrets")])).unwrap(),
        SecretsUrl::File("/var/lib/ma/secrets".into())
    );
    for url in ["http://127.0.0.1:9100", "https://[::1]:9100/x", "http://localhost"] {
        assert!(AmazonEndpoint::from_env(&env(&[("AMAZON_ENDPOINT", url)])).unwrap().is_some());
    }
}

#[test]
fn state_and_secrets_are_kept_in_the_data_folder_unless_named() {
    let moved = env(&[("DATA_DIR", "/srv/alexa")]);
    assert_eq!(StoreUrl::from_env(&moved).unwrap().as_str(), "sqlite:/srv/alexa/state.db");
    assert_eq!(SecretsUrl::from_env(&moved).unwrap(), SecretsUrl::File("/srv/alexa/secrets".into()));
    let named =
        env(&[("DATA_DIR", "/srv/alexa"), ("STORE_URL", "sqlite:/tmp/x.db"), ("SECRETS_URL", "file:/tmp/x")]);
    assert_eq!(StoreUrl::from_env(&named).unwrap().as_str(), "sqlite:/tmp/x.db");
    assert_eq!(SecretsUrl::from_env(&named).unwrap(), SecretsUrl::File("/tmp/x".into()));
}

#[test]
fn under_watch_every_function_finds_one_file() {
    let workspace = tempfile::tempdir().unwrap();
    let package = workspace.path().join("functions").join("skill");
    std::fs::create_dir_all(&package).unwrap();
    std::fs::write(workspace.path().join("Cargo.lock"), "").unwrap();
    let package = package.to_str().unwrap();
    let watched = env(&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9000/skill"), ("CARGO_MANIFEST_DIR", package)]);
    assert_eq!(watched.runtime(), Runtime::Watch { workspace: workspace.path().to_owned() });
    let state = workspace.path().join("data/state.db");
    assert_eq!(StoreUrl::from_env(&watched).unwrap().as_str(), format!("sqlite:{}", state.display()));
    assert_eq!(
        SecretsUrl::from_env(&watched).unwrap(),
        SecretsUrl::File(workspace.path().join("data/secrets"))
    );
    let absolute = env(&[
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9000/skill"),
        ("CARGO_MANIFEST_DIR", package),
        ("STORE_URL", "sqlite:/tmp/x.db"),
    ]);
    assert_eq!(StoreUrl::from_env(&absolute).unwrap().as_str(), "sqlite:/tmp/x.db");
    // What cargo runs beside it is a process like any other, and Lambda knows no cargo.
    let run = env(&[("CARGO_MANIFEST_DIR", package)]);
    assert_eq!(run.runtime(), Runtime::Process);
    assert_eq!(StoreUrl::from_env(&run).unwrap().as_str(), "sqlite:data/state.db");
    assert_eq!(env(&[("AWS_LAMBDA_RUNTIME_API", "x")]).runtime(), Runtime::Lambda);
}

#[test]
fn skills_are_named_one_by_one() {
    let other = "amzn1.ask.skill.00000000-1234-1234-1234-123456789abc";
    let ids = SkillIds::from_env(&env(&[("SKILL_ID", &format!(" {SKILL} , {other},"))])).unwrap();
    assert!(ids.accepts(SKILL) && ids.accepts(other));
    assert!(!ids.accepts("") && !ids.accepts("amzn1.ask.skill.ffffffff-1234-1234-1234-123456789abc"));
    assert_eq!(ids.iter().count(), 2);
    let settings =
        Settings { skill_ids: vec!["nonsense".into(), other.into(), "".into()], ..Settings::default() };
    let stored = Config::default().with(&settings).skill_ids.clone();
    assert!(stored.accepts(other) && !stored.accepts("nonsense") && !stored.accepts(""));
    let both = Config::from_env(&env(&[("SKILL_ID", SKILL)])).unwrap().with(&settings).skill_ids.clone();
    assert!(both.accepts(SKILL) && both.accepts(other) && !both.accepts("nonsense"));
    assert!(!SkillIds::default().accepts(SKILL));
}

#[test]
fn every_locale_of_alexa_is_taken() {
    assert_eq!(LOCALES.iter().collect::<BTreeSet<_>>().len(), 17);
    let understood: BTreeSet<&str> = Locale::ALL.iter().map(Locale::as_str).collect();
    assert_eq!(LOCALES.into_iter().collect::<BTreeSet<_>>(), understood, "those of the requests");
    assert_eq!(LOCALES.into_iter().collect::<Vec<_>>(), locales().collect::<Vec<_>>(), "those of the voices");
    for locale in LOCALES {
        assert_eq!(LocaleCode::parse(locale).unwrap().as_str(), locale);
    }
}
