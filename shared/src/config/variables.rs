//! Table of all variables.

use std::collections::BTreeMap;

use super::env::Env;
use super::variable::{Variable, secret, variable};

impl Variable {
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        VARIABLES.iter().find(|variable| variable.name == name)
    }
}

/// The variables that are set, for a report of a problem: a secret only says that it is.
#[must_use]
pub fn shown_variables(env: &Env) -> BTreeMap<&'static str, String> {
    let shown = |variable: &Variable| {
        let value = env.get(variable.name)?;
        Some((variable.name, if variable.is_secret { "(set)".to_owned() } else { value }))
    };
    VARIABLES.iter().filter_map(shown).collect()
}

/// Every variable that the functions read. "setting" stands for a value that is kept with the state.
pub const VARIABLES: &[Variable] = &[
    variable(
        "DATA_DIR",
        "./data with a state, else ma-alexa in XDG_STATE_HOME or ~/.local/state",
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
        "A token of at least 16 characters that opens GET /metrics of `ma-alexa`, and nothing else",
        "a-token-for-prometheus-alone",
    ),
    secret(
        "GRANT_KEYS",
        "from the secret",
        "For `ma-alexa door`, the keys that open grants: a number, a colon and 32 random bytes in base64url, or two of them \
         with a comma between",
        "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ),
    variable("BIND", "127.0.0.1:5000", "Address and port that `ma-alexa` listens on", "0.0.0.0:5000"),
    variable(
        "DOOR_BIND",
        "127.0.0.1:5001",
        "Address and port that the door listens on, which may be let out to the internet; off: nowhere",
        "0.0.0.0:5001",
    ),
    variable(
        "RENDERER_BIND",
        "0.0.0.0:5002",
        "Address and port on which Music Assistant reaches the Echos as media renderers, only from addresses of the home; \
         off: they are not offered",
        "192.168.1.10:5002",
    ),
    variable(
        "ALEXA_ON_BIND",
        "no",
        "Whether `ma-alexa` takes Alexa's requests on BIND, too, and not only on the door: yes or no",
        "yes",
    ),
    variable(
        "DOOR_NAME",
        "none",
        "The DNS name or public IP address for which the door gets a certificate; without one it has no TLS",
        "kitchen-1234.duckdns.org",
    ),
    variable(
        "DOOR_TLS_BIND",
        "none",
        "Address and port on which the door is reached over TLS from the internet",
        "0.0.0.0:443",
    ),
    variable(
        "DOOR_LAN_BIND",
        "none",
        "Address and port on which the door is reached over TLS at home, by a name that leads there",
        "0.0.0.0:5443",
    ),
    variable(
        "ACME_CHALLENGE",
        "dns-01 with DNS_PROVIDER, else tls-alpn-01",
        "How the authority sees that DOOR_NAME is yours: tls-alpn-01 on port 443, http-01 on port 80, or dns-01 without a \
         port",
        "dns-01",
    ),
    variable(
        "ACME_HTTP_BIND",
        "0.0.0.0:80",
        "Address and port that answer http-01, and nothing else",
        "0.0.0.0:8080",
    ),
    variable(
        "ACME_DIRECTORY",
        "that of Let's Encrypt",
        "The address at which another authority begins",
        "https://acme-staging-v02.api.letsencrypt.org/directory",
    ),
    variable(
        "ACME_CONTACT",
        "none",
        "An e-mail address to which the authority may write",
        "owner@example.com",
    ),
    variable(
        "ACME_CA_BUNDLE",
        "unset",
        "For tests: a file of certificates that are trusted instead, only while ACME_DIRECTORY is a loopback address",
        "authority.pem",
    ),
    variable(
        "DNS_PROVIDER",
        "none",
        "Where DOOR_NAME is kept, for dns-01 and for an address that changes: duckdns, desec or command",
        "duckdns",
    ),
    secret(
        "DNS_TOKEN",
        "none",
        "The token of your account at duckdns or desec",
        "a7c4d0ad-114e-40ef-ba1d-d217904a50f2",
    ),
    variable(
        "DNS_COMMAND",
        "none",
        "The program of DNS_PROVIDER=command, which gets set-txt, remove-txt or set-address, a name and a value",
        "/usr/local/bin/dns-record",
    ),
    variable(
        "DNS_ENDPOINT",
        "unset",
        "For tests: every request to DNS_PROVIDER and to resolvers goes to this loopback address instead",
        "http://127.0.0.1:9200",
    ),
    variable(
        "TRUSTED_HOSTS",
        "none",
        "Further names by which `ma-alexa` may be called, with commas between them; addresses, localhost and the names of the \
         settings are known",
        "raspberrypi,alexa.home.example.com",
    ),
    variable(
        "TRUSTED_PROXIES",
        "none",
        "Addresses or networks of the proxies before `ma-alexa`, with commas between them: what they say in X-Forwarded-* \
         counts",
        "127.0.0.1,172.16.0.0/12",
    ),
    secret(
        "DOOR_SECRET",
        "unset",
        "The secret that CloudFront shows to the door, which then answers no other caller",
        "a-secret-for-cloudfront-alone",
    ),
    variable(
        "TAILSCALE_SOCKET",
        "/var/run/tailscale/tailscaled.sock",
        "The socket of Tailscale's daemon, which is asked whether Funnel leads to the door",
        "/run/tailscale/tailscaled.sock",
    ),
    variable(
        "DOOR_URL",
        "setting, https://DOOR_NAME with DOOR_TLS_BIND",
        "Public https address of the door, under which an Echo reaches streams and pictures",
        "https://music.example.com",
    ),
    variable(
        "DOOR_LAN_URL",
        "setting, https://DOOR_NAME with DOOR_LAN_BIND",
        "Address of the door at home under a public name with a certificate, on any port",
        "https://kitchen.duckdns.org:5443",
    ),
    variable(
        "PLAYLIST_URL",
        "setting, DOOR_URL",
        "Public https address that serves playlists to the Echos: the door's, or that of the HTTP API in AWS",
        "https://abc123.execute-api.eu-west-1.amazonaws.com",
    ),
    variable(
        "STREAM_ROUTE",
        "setting, learned for each Echo",
        "How every Echo fetches its streams: playlist, lan, door or direct",
        "door",
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
        "Music Assistant's own address for streams: the door fetches there, and it is not public although it may look so",
        "http://192.168.1.5:8097",
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
        "What Alexa calls: the https address of `ma-alexa` as the internet reaches it, or the ARN of the function `skill`",
        "https://skill.example.com/",
    ),
    variable(
        "API_URL",
        "setting",
        "The address of the HTTP API as Music Assistant reaches it",
        "http://192.168.1.5:5000",
    ),
    variable(
        "BRIDGE_QUEUE",
        "unset",
        "Address of the queue by which functions in AWS ask the home for what people say; the template sets it",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/music-assistant-alexa-bridge",
    ),
    variable(
        "BRIDGE_REPORTS",
        "unset",
        "Address of the queue by which functions in AWS hand the home what Echos report; the template sets it",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/music-assistant-alexa-reports",
    ),
    variable(
        "BRIDGE_ROLE",
        "unset",
        "ARN of the role that may read both queues, whose keys the function `api` gives to the home; the template sets it",
        "arn:aws:iam::123456789012:role/music-assistant-alexa-BridgeRole-1A2B3C4D5E6F",
    ),
    variable(
        "INGRESS",
        "off",
        "Whether this is an add-on of Home Assistant, whose Supervisor lets people in who are logged in there: on or off",
        "on",
    ),
    variable(
        "INGRESS_ADDRESS",
        "172.30.32.2",
        "The Supervisor's address: ingress holds for its requests alone",
        "127.0.0.1",
    ),
    variable(
        "SUPERVISOR_URL",
        "http://supervisor",
        "The Supervisor's API, which an add-on asks for the addresses of this machine and of Music Assistant",
        "http://127.0.0.1:8080",
    ),
    secret(
        "SUPERVISOR_TOKEN",
        "unset",
        "The add-on's token for that API; the Supervisor sets it",
        "the-token-that-the-supervisor-sets",
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
        "MA_VOICE_PAUSE",
        "auto",
        "Whether Music Assistant learns that a person paused an Echo: auto, where the pause costs no sentence, or never",
        "never",
    ),
    variable(
        "MA_API_URL",
        "setting",
        "Address of Music Assistant's API, which the doctor asks, and by which a server at home controls what plays",
        "http://192.168.1.5:8095",
    ),
    variable(
        "AMAZON_ENDPOINT",
        "unset",
        "For tests: every request to Amazon's account goes to this loopback address instead",
        "http://127.0.0.1:9100",
    ),
    variable(
        "UPDATE_CHECK",
        "off",
        "Whether `ma-alexa` asks GitHub once a day for the newest release, and says where it is newer: on or off",
        "on",
    ),
    variable(
        "UPDATE_ENDPOINT",
        "unset",
        "For tests: that question goes to this loopback address instead",
        "http://127.0.0.1:9300",
    ),
    variable(
        "AWS_ENDPOINT_URL",
        "unset",
        "For emulators: the address of every AWS service; AWS_ENDPOINT_URL_DYNAMODB, \
         AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL_SQS and AWS_ENDPOINT_URL_STS name one service each and go first",
        "http://127.0.0.1:4566",
    ),
    variable(
        "AWS_CA_BUNDLE",
        "unset",
        "For emulators: a file of certificates that are trusted besides, only while that address is loopback",
        "emulator.pem",
    ),
    variable("SERVICE_NAME", "ma-alexa", "What the metrics of a Lambda function are counted for", "ma-alexa"),
    variable(
        "LOG_FORMAT",
        "text on a terminal, else json",
        "How log lines of `ma-alexa` look: text for people, or json",
        "text",
    ),
    variable("RUST_LOG", "info", "What is logged", "info,ma_alexa=debug"),
];
