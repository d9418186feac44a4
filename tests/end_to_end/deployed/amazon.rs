//! The Amazon account over the deployed stack: from a sign-in to its end, and nothing that opens it left anywhere.

use end_to_end::amazon::{FakeAmazon, serial};
use end_to_end::api::{Api, stream_url};
use end_to_end::cloud::{FUNCTIONS, Stack};
use end_to_end::envelope::{Envelope, Played};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::amazon::harness::{NONE, device_id, identify, sign_in};

/// Everything that the functions do for an account. Returns the session of a person who was signed in.
pub(super) async fn is_used_and_left(stack: &Stack<'_>, amazon: &FakeAmazon) -> Value {
    amazon.move_to("de");
    // Short enough to be due at each refresh.
    amazon.behave(|quirks| quirks.expires_in = 600);
    let api = stack.api();
    let home = Home { stack, amazon, api: &api };
    assert_eq!(sign_in(amazon, &api).await["ready"], true);
    home.obeys().await;
    home.identifies_an_echo().await;
    home.plays().await;
    home.plays_by_a_renderer_and_reports_home().await;
    home.is_kept_alive().await;
    let session = stack.secret("amazon");
    assert_ne!(amazon.secrets_in(&session.to_string()), NONE);
    let stored = table(stack);
    assert!(stored.contains(serial::KITCHEN), "the account's devices are in the table");
    assert_eq!(amazon.secrets_in(&stored), NONE);
    home.ends_and_begins_again().await;
    home.is_left().await;
    assert!(amazon.violations().is_empty(), "{:?}", amazon.violations());
    assert!(amazon.max_in_flight() <= 2, "{}", amazon.max_in_flight());
    session
}

/// Neither what the functions log nor what they store holds anything that opens the account.
pub(super) fn leaves_no_trace(stack: &Stack<'_>, amazon: &FakeAmazon) {
    for function in FUNCTIONS {
        let logged = log(stack, function);
        assert!(logged.contains("\"level\":"), "{function} has logged requests: {logged}");
        assert_eq!(amazon.secrets_in(&logged), NONE, "{function}");
    }
    assert_eq!(amazon.secrets_in(&table(stack)), NONE);
}

/// The messages that a function has logged, a line for each.
pub(super) fn log(stack: &Stack<'_>, function: &str) -> String {
    let group = format!("/aws/lambda/{}", stack.function(function));
    let logged = stack.cloud.aws(&["logs", "filter-log-events", "--log-group-name", &group]);
    let events = logged["events"].as_array().cloned().unwrap_or_default();
    let lines: Vec<&str> = events.iter().filter_map(|event| event["message"].as_str()).collect();
    lines.join("\n")
}

fn table(stack: &Stack<'_>) -> String {
    stack.cloud.aws(&["dynamodb", "scan", "--table-name", stack.name]).to_string()
}

struct Home<'a> {
    stack: &'a Stack<'a>,
    amazon: &'a FakeAmazon,
    api: &'a Api,
}

impl Home<'_> {
    /// Over a session that Amazon forgets meanwhile.
    async fn obeys(&self) {
        let listed = self.api.get("/v1/devices").await;
        assert_eq!(listed["problem"], Value::Null, "{listed}");
        let volume = kitchen("/volume");
        let (status, done) = self.api.ask(Method::PUT, &volume, Some(&json!({ "volume": 45 }))).await;
        assert_eq!((status, &done["devices"][0]["outcome"]), (200, &json!("confirmed")), "{done}");
        assert_eq!(self.amazon.device(serial::KITCHEN).volume, 45);

        let tokens = self.amazon.requests("/auth/token").len();
        self.amazon.expire_cookies();
        let quiet = kitchen("/do-not-disturb");
        let (status, done) = self.api.ask(Method::PUT, &quiet, Some(&json!({ "enabled": true }))).await;
        assert_eq!((status, &done["outcome"]), (200, &json!("confirmed")), "{done}");
        assert!(self.amazon.device(serial::KITCHEN).do_not_disturb);
        assert_eq!(self.amazon.requests("/auth/token").len(), tokens + 1, "renewed once");
    }

    /// By a code that one function makes it say and another one is answered.
    async fn identifies_an_echo(&self) {
        let identified = self.post(&kitchen("/identify"), json!({}));
        let heard = self.amazon.next_utterance().await;
        let answer = self.stack.ask(&identify(&heard)).await;
        assert_eq!(answer["response"].get("outputSpeech"), None, "{answer}");
        let (status, done) = identified.await.unwrap();
        assert_eq!((status, &done["result"]), (200, &json!("paired")), "{done}");
        let echos = self.api.get("/v1/echos").await;
        assert!(echos.to_string().contains(&device_id(serial::KITCHEN)), "{echos}");
    }

    async fn plays(&self) {
        let body = json!({ "streamUrl": stream_url("Cc4keUeZ", "Küche"), "title": "A Case of You" });
        let asked = self.post(&kitchen("/play-media"), body);
        let heard = self.amazon.next_utterance().await;
        let played = Played::of(&self.stack.ask(&identify(&heard)).await);
        assert!(played.url.contains("/Cc4keUeZ/"), "{}", played.url);
        let report = Envelope::report("PlaybackStarted", &played.token, 0);
        self.stack.ask(&report.from_echo(&device_id(serial::KITCHEN))).await;
        let (status, done) = asked.await.unwrap();
        assert_eq!((status, &done["result"]), (200, &json!("playing")), "{done}");
    }

    /// As a renderer at home does it: what the Echo reports is in the queue then.
    async fn plays_by_a_renderer_and_reports_home(&self) {
        let (status, _) = self.api.ask(Method::POST, "/v1/bridge/seen", Some(&json!({}))).await;
        assert_eq!(status, 200);
        let item = json!({ "uri": stream_url("Dd5keUeZ", "Küche"), "title": "River" });
        let stored = self.renderer(json!({ "store": { "serial": serial::KITCHEN, "item": item } })).await;
        let version = &stored["stored"]["version"];
        let asked = self.renderer(json!({ "ask": [[serial::KITCHEN, version]] })).await;
        assert_eq!(asked["asked"]["refusals"], json!([null]), "{asked}");
        let heard = self.amazon.next_utterance().await;
        let played = Played::of(&self.stack.ask(&identify(&heard)).await);
        assert!(played.url.contains("/Dd5keUeZ/"), "{}", played.url);
        let report = Envelope::report("PlaybackStarted", &played.token, 0);
        self.stack.ask(&report.from_echo(&device_id(serial::KITCHEN))).await;

        let queue = format!("{}-reports", self.stack.name);
        let url = self.stack.cloud.aws(&["sqs", "get-queue-url", "--queue-name", &queue]);
        let url = url["QueueUrl"].as_str().unwrap();
        let receive = ["sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "10"];
        let received = self.stack.cloud.aws(&receive);
        let body = received["Messages"][0]["Body"].as_str().unwrap_or_else(|| panic!("{received}"));
        let report: Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            (&report["player"], &report["observed"]["version"]),
            (&json!("Küche"), version),
            "{report}"
        );
        let all = ["sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "All"];
        let attributes = self.stack.cloud.aws(&all)["Attributes"].clone();
        assert_eq!(attributes["MessageRetentionPeriod"], "300", "{attributes}");
        assert_eq!(attributes["SqsManagedSseEnabled"], "true", "{attributes}");
    }

    async fn renderer(&self, request: Value) -> Value {
        let body = json!({ "request": request });
        let (status, answered) = self.api.ask(Method::POST, "/v1/bridge/echos", Some(&body)).await;
        assert_eq!(status, 200, "{answered}");
        answered["answer"].clone()
    }

    async fn is_kept_alive(&self) {
        self.amazon.expire_access_tokens();
        let token = || self.stack.secret("amazon")["alexa"]["access"]["token"].clone();
        let tokens = || self.amazon.requests("/auth/token").len();
        let (kept, before) = (token(), tokens());
        assert_eq!(self.refresh().await, json!({ "refreshed": ["access_token"] }));
        assert_ne!(token(), kept);
        // One that lasts longer is renewed in its time.
        self.amazon.behave(|quirks| quirks.expires_in = 3600);
        assert_eq!(self.refresh().await, json!({ "refreshed": ["access_token"] }));
        assert_eq!(self.refresh().await, json!({ "refreshed": [] }));
        assert_eq!(tokens(), before + 2);
        // The function `api` shares the session with the one that renewed it.
        let listed = self.api.get("/v1/devices?refresh=true").await;
        assert_eq!(listed["problem"], Value::Null, "{listed}");
        assert_eq!(self.amazon.requests("/auth/register").len(), 1);
    }

    /// No error, which would be tried again for nothing; but each run counts it.
    async fn ends_and_begins_again(&self) {
        self.amazon.revoke();
        self.make_due();
        let refreshed = json!({ "refreshed": [], "sign_in_again": ["alexa"] });
        let counted = self.counted_failures();
        for _ in 0..2 {
            assert_eq!(self.refresh().await, refreshed);
        }
        assert_eq!(self.counted_failures(), counted + 2);
        let account = self.api.get("/v1/amazon").await;
        assert_eq!(account["sign_in_again"]["reason"], "invalid_grant", "{account}");
        let (status, refused) = self.api.ask(Method::GET, "/v1/devices?refresh=true", None).await;
        assert_eq!((status, &refused["error"]["code"]), (409, &json!("sign_in_again")), "{refused}");

        assert_eq!(sign_in(self.amazon, self.api).await["ready"], true);
        assert_eq!(self.api.get("/v1/amazon").await["sign_in_again"], Value::Null);
    }

    async fn is_left(&self) {
        self.api.get("/v1/devices?refresh=true").await;
        assert_eq!(self.amazon.registered().len(), 1);
        let (status, done) = self.api.ask(Method::DELETE, "/v1/amazon/login", None).await;
        assert_eq!((status, &done), (200, &json!({ "deregistered": true })), "{done}");
        assert!(self.amazon.registered().is_empty());
        assert_eq!(self.stack.secret("amazon"), json!({ "schema": 1 }));
        assert_eq!(self.refresh().await, json!({ "refreshed": [] }));
    }

    /// As the schedule invokes it.
    async fn refresh(&self) -> Value {
        self.stack.cloud.invoke(&self.stack.function("token-refresh"), b"{}".to_vec()).await
    }

    /// Lets the access token run out soon by our own books.
    fn make_due(&self) {
        let mut session = self.stack.secret("amazon");
        session["alexa"]["access"] = Value::Null;
        self.stack.write_secret("amazon", &session.to_string());
    }

    fn counted_failures(&self) -> usize {
        log(self.stack, "token-refresh").matches("\"RefreshFailures\":1").count()
    }

    fn post(&self, path: &str, body: Value) -> JoinHandle<(u16, Value)> {
        let (api, path) = (self.api.clone(), path.to_owned());
        tokio::spawn(async move { api.ask(Method::POST, &path, Some(&body)).await })
    }
}

fn kitchen(rest: &str) -> String {
    format!("/v1/devices/{}{rest}", serial::KITCHEN)
}
