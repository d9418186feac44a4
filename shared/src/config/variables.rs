//! Table of all variables.

/// A variable that the functions read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is when it is unset: a value, or where the value then comes from.
    pub default: &'static str,
    /// What it means, for people.
    pub meaning: &'static str,
    /// A value that is well-formed.
    pub example: &'static str,
    /// Whether its value is a secret, which no command line may hold: other users of the machine see those.
    pub is_secret: bool,
}

impl Variable {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        VARIABLES.iter().find(|variable| variable.name == name)
    }
}

const fn variable(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, default, meaning, example, is_secret: false }
}

const fn secret(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, default, meaning, example, is_secret: true }
}

/// Every variable that the functions read. "setting" stands for a value that is kept with the state.
pub const VARIABLES: &[Variable] = &[
    variable(
        "DATA_DIR",
        "data",
        "The folder of state and secrets, where STORE_URL and SECRETS_URL name no other places",
        "/var/lib/ma-alexa",
    ),
    variable(
        "STORE_URL",
        "state.db in DATA_DIR",
        "Where state is kept: sqlite:PATH or dynamodb://TABLE",
        "sqlite:data/state.db",
    ),
    variable(
        "SECRETS_URL",
        "secrets in DATA_DIR",
        "Where credentials and tokens are kept: file:FOLDER or secretsmanager://PREFIX",
        "file:data/secrets",
    ),
    variable(
        "API_USERNAME",
        "from the secret",
        "The owner's user name; with API_PASSWORD or not at all",
        "owner",
    ),
    secret(
        "API_PASSWORD",
        "from the secret",
        "The owner's password, at least 16 characters",
        "a password of 16 characters or more",
    ),
    variable(
        "PUSH_USERNAME",
        "from the secret",
        "Music Assistant's user name; with PUSH_PASSWORD or not at all",
        "music-assistant",
    ),
    secret(
        "PUSH_PASSWORD",
        "from the secret",
        "Music Assistant's password, at least 16 characters",
        "another password of 16 characters or more",
    ),
    secret(
        "METRICS_TOKEN",
        "unset",
        "A token of at least 16 characters that opens GET /metrics of `local`, and nothing else",
        "a-token-for-prometheus-alone",
    ),
    variable("BIND", "127.0.0.1:5000", "Address and port that `local` listens on", "0.0.0.0:5000"),
    variable(
        "TRUSTED_HOSTS",
        "none",
        "Further names by which `local` may be called, with commas between them; addresses, localhost and the names of the \
         settings are known",
        "raspberrypi,alexa.home.example.com",
    ),
    variable(
        "TRUSTED_PROXIES",
        "none",
        "Addresses or networks of the proxies before `local`, with commas between them: what they say in X-Forwarded-* \
         counts",
        "127.0.0.1,172.16.0.0/12",
    ),
    variable(
        "STREAM_BASE_URL",
        "setting",
        "Public https address under which an Echo reaches Music Assistant's streams",
        "https://music.example.com",
    ),
    variable(
        "MA_STREAM_ORIGIN",
        "setting",
        "Music Assistant's own https address for streams, where it looks public and is not",
        "https://ma.example.com:8097",
    ),
    variable(
        "ART_BASE_URL",
        "setting",
        "Public https address under which an Echo reaches the pictures of Music Assistant",
        "https://art.example.com",
    ),
    variable(
        "SKILL_ID",
        "setting",
        "The skill's id, or several with commas between them, beside those of the setting; requests of any other skill are refused",
        "amzn1.ask.skill.12345678-1234-1234-1234-123456789abc",
    ),
    variable(
        "SKILL_ENDPOINT",
        "setting",
        "What Alexa calls: the https address of `local` as the internet reaches it, or the ARN of the function `skill`",
        "https://skill.example.com/",
    ),
    variable(
        "API_URL",
        "setting",
        "The address of the HTTP API as Music Assistant reaches it",
        "http://192.168.1.5:5000",
    ),
    variable(
        "LOCALE",
        "setting, en-US",
        "The language in which Music Assistant speaks to the Echos",
        "en-US",
    ),
    variable(
        "INVOCATION_NAME",
        "setting, music assistant",
        "The name by which people call the skill; with another one Music Assistant cannot start music by itself",
        "music assistant",
    ),
    variable(
        "MA_PHRASES",
        "setting, own",
        "What Music Assistant says to pause, resume and stop: own sentences that no person says, or builtin",
        "own",
    ),
    variable(
        "MA_API_URL",
        "setting",
        "Address of Music Assistant's API, which the doctor asks",
        "http://192.168.1.5:8095",
    ),
    variable(
        "AMAZON_ENDPOINT",
        "unset",
        "For tests: every request to Amazon's account goes to this loopback address instead",
        "http://127.0.0.1:9100",
    ),
    variable(
        "AWS_ENDPOINT_URL",
        "unset",
        "For emulators: the address of every AWS service; AWS_ENDPOINT_URL_DYNAMODB and \
         AWS_ENDPOINT_URL_SECRETS_MANAGER name one service each and go first",
        "http://127.0.0.1:4566",
    ),
    variable(
        "AWS_CA_BUNDLE",
        "unset",
        "For emulators: a file of certificates that are trusted besides, only while that address is loopback",
        "emulator.pem",
    ),
    variable("SERVICE_NAME", "ma-alexa", "What the metrics of a Lambda function are counted for", "ma-alexa"),
    variable("RUST_LOG", "info", "What is logged", "info,ma_alexa=debug"),
];
