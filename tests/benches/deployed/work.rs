//! What is measured: which function is asked what, and what it has to answer and to ask of its store.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use end_to_end::api::{CREDENTIALS, MUSIC_ASSISTANT, STREAM_BASE_URL};
use end_to_end::envelope::SKILL;
use end_to_end::household::{self, echo_key, player_key};
use end_to_end::recorded::{ECHO, STARTED, STREAMS, VERSION};
use ma_alexa::clock::{Clock as _, SystemClock, SystemRandom};
use serde_json::{Value, json};

use crate::dynamo::Dynamo;

const PLAYS: &str = "AudioPlayer.Play";
const SPEAKS: &str = "outputSpeech";
const NOTHING: &str = r#""response":{}"#;
const TAKEN: &str = r#"\"status\":\"ok\",\"version\":10"#;

const NO_CALL: &[&str] = &[];
const ONE_WRITE: &[&str] = &["UpdateItem"];
const QUERY_AND_WRITE: &[&str] = &["Query", "UpdateItem"];
const READ_AND_WRITE: &[&str] = &["GetItem", "PutItem"];
/// The second write is the activity.
const READ_AND_TWO_WRITES: &[&str] = &["GetItem", "PutItem", "PutItem"];

/// One kind of request to one function.
pub(crate) struct Work {
    /// The name of the binary.
    pub(crate) function: &'static str,
    /// What it is asked, in the report's words.
    pub(crate) name: &'static str,
    /// What stands in its answer.
    pub(crate) expected: &'static str,
    /// The calls of DynamoDB that an answer takes, in alphabetical order.
    pub(crate) calls: &'static [&'static str],
    pub(crate) event: Vec<u8>,
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// Everything that is measured: of each pair of `skill` and floor, the floor behind.
pub(crate) fn all(dynamo: &Dynamo, root: &Path) -> anyhow::Result<Vec<Work>> {
    let now = SystemClock.now();
    let play = household::play(ECHO, 1, now)?.into_bytes();
    let event = household::started(ECHO, VERSION, 0, now, &SystemRandom)?.into_bytes();
    let help = household::help(ECHO, now)?.into_bytes();
    let common = common(dynamo, root);
    let skill = |name, expected, calls, event: &[u8]| {
        let mut variables = common.clone();
        variables.push(("SKILL_ID", SKILL.to_owned()));
        Work { function: "skill", name, expected, calls, event: event.to_vec(), variables }
    };
    let floor = |name, does: &str, expected, calls, event: &[u8]| {
        let key = if does == "play" { echo_key(ECHO) } else { player_key(ECHO) };
        let mut variables = common.clone();
        variables.extend([("FLOOR", does.to_owned()), ("FLOOR_KEY", key)]);
        Work { function: "floor", name, expected, calls, event: event.to_vec(), variables }
    };
    let api = |name, calls, body: &Value| {
        let mut variables = common.clone();
        variables.extend(CREDENTIALS.map(|(name, value)| (name, value.to_owned())));
        let event = gateway_event(body, now.millis()).to_string().into_bytes();
        Work { function: "api", name, expected: TAKEN, calls, event, variables }
    };
    Ok(vec![
        skill("Play", PLAYS, QUERY_AND_WRITE, &play),
        floor("Play", "play", PLAYS, QUERY_AND_WRITE, &play),
        skill("event", NOTHING, ONE_WRITE, &event),
        floor("event", "event", NOTHING, ONE_WRITE, &event),
        skill("Help", SPEAKS, NO_CALL, &help),
        floor("Help", "help", SPEAKS, NO_CALL, &help),
        api("push of metadata", READ_AND_WRITE, &household::push(ECHO, STREAMS, "Allegro")),
        api("push of a start", READ_AND_TWO_WRITES, &household::push(STARTED, STREAMS, "Menuetto")),
        floor("one GetItem", "get-item", NOTHING, &["GetItem"], &event),
    ])
}

/// What the template sets for every function, and what leads to this DynamoDB.
fn common(dynamo: &Dynamo, root: &Path) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_REGION", "eu-central-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamo.endpoint()),
        ("AWS_CA_BUNDLE", root.display().to_string()),
        ("STORE_URL", "dynamodb://household".to_owned()),
        ("STREAM_BASE_URL", STREAM_BASE_URL.to_owned()),
    ]
}

/// A push as an HTTP API hands it on (Amazon API Gateway, payload format 2.0).
fn gateway_event(body: &Value, millis: i64) -> Value {
    let (name, password) = MUSIC_ASSISTANT;
    let path = "/ma/push-url";
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "authorization": format!("Basic {}", STANDARD.encode(format!("{name}:{password}"))),
            "content-type": "application/json",
            "host": "0123456789.execute-api.eu-central-1.amazonaws.com",
            "user-agent": "Music Assistant",
            "x-amzn-trace-id": "Root=1-00000000-000000000000000000000000",
            "x-forwarded-for": "203.0.113.5",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "0123456789",
            "domainName": "0123456789.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "0123456789",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.5",
                "userAgent": "Music Assistant",
            },
            "requestId": "measured",
            "routeKey": "$default",
            "stage": "$default",
            "time": "22/Nov/2026:08:00:00 +0000",
            "timeEpoch": millis,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}
