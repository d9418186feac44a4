//! The fake Amazon itself: what a client that does everything right gets from it, and every fault once.
#![expect(clippy::unwrap_used, reason = "an answer that is not understood fails the test")]

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use end_to_end::amazon::{CUSTOMER, FakeAmazon, Fault, Media, Throttle, serial};
use end_to_end::api::http_client;
use reqwest::{Client, Method, RequestBuilder, Response};
use ring::digest;
use serde_json::{Value, json};
use url::Url;

const SERIAL: &str = "0F1E2D3C4B5A69788796A5B4C3D2E1F0";
const CLIENT_ID: &str =
    "304631453244334334423541363937383837393641354234433344324531463023413249564c5635564d32573831";
const VERIFIER: &str = "an-invented-verifier-of-43-characters-xxxxx";

/// A client that is signed in.
struct Session {
    amazon: FakeAmazon,
    client: Client,
    refresh_token: String,
    cookies: String,
    csrf: String,
}

fn at(amazon: &FakeAmazon, client: &Client, method: Method, host: &str, path: &str) -> RequestBuilder {
    client.request(method, format!("{}{path}", amazon.url())).header("host", host)
}

fn sign_in_url() -> Url {
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
    let parameters = [
        ("openid.return_to", "https://www.amazon.com/ap/maplanding"),
        ("openid.assoc_handle", "amzn_dp_project_dee_ios"),
        ("pageId", "amzn_dp_project_dee_ios"),
        ("openid.identity", "http://specs.openid.net/auth/2.0/identifier_select"),
        ("openid.claimed_id", "http://specs.openid.net/auth/2.0/identifier_select"),
        ("accountStatusPolicy", "P1"),
        ("openid.mode", "checkid_setup"),
        ("openid.ns", "http://specs.openid.net/auth/2.0"),
        ("openid.ns.oa2", "http://www.amazon.com/ap/ext/oauth/2"),
        ("openid.ns.pape", "http://specs.openid.net/extensions/pape/1.0"),
        ("openid.pape.max_auth_age", "0"),
        ("openid.oa2.client_id", &format!("device:{CLIENT_ID}")),
        ("openid.oa2.response_type", "code"),
        ("openid.oa2.scope", "device_auth_access offline_access"),
        ("openid.oa2.code_challenge_method", "S256"),
        ("openid.oa2.code_challenge", &challenge),
        ("language", "en_US"),
    ];
    Url::parse_with_params("https://www.amazon.com/ap/signin", parameters).unwrap()
}

fn registration(code: &str) -> Value {
    json!({
        "requested_extensions": ["device_info", "customer_info"],
        "cookies": {"website_cookies": [], "domain": ".amazon.com"},
        "registration_data": {
            "domain": "Device", "app_version": "2.2.663733.0", "device_type": "A2IVLV5VM2W81",
            "device_name": "Demo Remote", "os_version": "18.5", "device_serial": SERIAL,
            "device_model": "iPhone", "app_name": "Demo Remote", "software_version": "1",
        },
        "auth_data": {
            "client_id": CLIENT_ID, "authorization_code": code, "code_verifier": VERIFIER,
            "code_algorithm": "SHA-256", "client_domain": "DeviceLegacy",
        },
        "user_context_map": {"frc": "ZGVtbw"},
        "requested_token_type": ["bearer", "mac_dms", "website_cookies"],
    })
}

fn exchange<'a>(refresh_token: &'a str, wanted: &'a str, domain: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("app_name", "Demo Remote"),
        ("app_version", "2.2.663733.0"),
        ("source_token", refresh_token),
        ("source_token_type", "refresh_token"),
        ("requested_token_type", wanted),
        ("di.sdk.version", "6.12.4"),
        ("di.hw.version", "iPhone"),
        ("di.os.name", "iOS"),
        ("di.os.version", "18.5"),
        ("domain", domain),
    ]
}

impl Session {
    async fn start() -> Self {
        let (amazon, client) = (FakeAmazon::start().await, http_client());
        let landing = amazon.sign_in(sign_in_url().as_str()).await;
        let code = authorization_code(&landing);
        let mut session = Self {
            amazon,
            client,
            refresh_token: String::new(),
            cookies: String::new(),
            csrf: String::new(),
        };
        let (status, answer) = session.register(&code).await;
        assert_eq!(status, 200, "{answer}");
        let tokens = &answer["response"]["success"]["tokens"];
        session.refresh_token = tokens["bearer"]["refresh_token"].as_str().unwrap().to_owned();
        session.fetch_cookies("com").await;
        session
    }

    async fn register(&self, code: &str) -> (u16, Value) {
        let request = at(&self.amazon, &self.client, Method::POST, "api.amazon.com", "/auth/register");
        let answer = request.json(&registration(code)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn exchange(&self, host: &str, path: &str, wanted: &str, domain: &str) -> (u16, Value) {
        let request = at(&self.amazon, &self.client, Method::POST, host, path);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(exchange(&self.refresh_token, wanted, domain))
            .finish();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn fetch_cookies(&mut self, marketplace: &str) {
        let (host, domain) = (format!("www.amazon.{marketplace}"), format!(".amazon.{marketplace}"));
        let (_, answer) = self.exchange(&host, "/ap/exchangetoken/cookies", "auth_cookies", &domain).await;
        let cookies = answer["response"]["tokens"]["cookies"][&domain].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let pairs =
            cookies.iter().map(|cookie| format!("{}={}", text(&cookie["Name"]), text(&cookie["Value"])));
        self.cookies = pairs.collect::<Vec<_>>().join("; ");
        self.csrf.clear();
        let answer = self.ask(Method::GET, &format!("alexa.amazon.{marketplace}"), "/api/language");
        let answer = answer.send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
        cookie.strip_prefix("csrf=").unwrap().clone_into(&mut self.csrf);
    }

    fn ask(&self, method: Method, host: &str, path: &str) -> RequestBuilder {
        let request = at(&self.amazon, &self.client, method, host, path);
        let cookies = format!("{}; csrf={}", self.cookies, self.csrf);
        request.header("cookie", cookies).header("csrf", &self.csrf)
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, "alexa.amazon.com", path).send().await.unwrap()
    }

    /// The status of a behaviour of one operation.
    async fn behave(&self, operation: Value) -> u16 {
        let model = "com.amazon.alexa.behaviors.model";
        let mut node = json!({"@type": format!("{model}.OpaquePayloadOperationNode")});
        node.as_object_mut().unwrap().extend(operation.as_object().unwrap().clone());
        let sequence = json!({"@type": format!("{model}.Sequence"), "startNode": node});
        let body =
            json!({"behaviorId": "PREVIEW", "status": "ENABLED", "sequenceJson": sequence.to_string()});
        let host = "na-api-alexa.amazon.com";
        let request = self.ask(Method::POST, host, "/api/behaviors/preview").json(&body);
        request.send().await.unwrap().status().as_u16()
    }

    async fn set_volume(&self, value: u8) -> u16 {
        self.behave(json!({
            "type": "Alexa.DeviceControls.Volume",
            "operationPayload": {
                "deviceType": "A32DOYMUN6DTXA", "deviceSerialNumber": serial::KITCHEN, "locale": "de-DE",
                "customerId": CUSTOMER, "value": value,
            },
        }))
        .await
    }

    async fn command(&self, body: Value) -> Response {
        let address = format!("deviceSerialNumber={}&deviceType=A32DOYMUN6DTXA", serial::KITCHEN);
        let path = format!("/api/np/command?{address}");
        self.ask(Method::POST, "alexa.amazon.com", &path).json(&body).send().await.unwrap()
    }
}

fn authorization_code(landing: &str) -> String {
    let landing = Url::parse(landing).unwrap();
    let code = landing.query_pairs().find(|(name, _)| name == "openid.oa2.authorization_code");
    code.unwrap().1.into_owned()
}

#[tokio::test]
async fn a_person_signs_in_and_turns_the_volume() {
    let session = Session::start().await;
    let devices: Value = session.get("/api/devices-v2/device").await.json().await.unwrap();
    let names: Vec<_> =
        devices["devices"].as_array().unwrap().iter().map(|device| &device["accountName"]).collect();
    assert!(names.contains(&&json!("Küche")) && names.contains(&&json!("Kim's Demo Remote")), "{names:?}");
    assert_eq!(session.set_volume(55).await, 200);
    let amazon = &session.amazon;
    assert_eq!(amazon.device(serial::KITCHEN).volume, 55);
    assert_eq!((amazon.dropped(), amazon.violations()), (vec![], vec![]));
    assert_eq!(amazon.registered()[0].serial, SERIAL);
    assert_eq!(amazon.secrets_in(&format!("{{\"cookie\":\"{}\"}}", session.cookies)).len(), 7);
    let call = &amazon.requests("/api/behaviors/preview")[0];
    assert!(call.has_cookies && call.has_csrf && !call.has_bearer && call.of_account);
    assert_eq!(call.sequence()["startNode"]["operationPayload"]["value"], 55);
    assert_eq!((call.status, amazon.max_in_flight()), (Some(200), 1));
}

#[tokio::test]
async fn a_code_is_good_once_and_only_for_who_asked_for_it() {
    let session = Session::start().await;
    let sign_in = || async { authorization_code(&session.amazon.sign_in(sign_in_url().as_str()).await) };
    let used = session.amazon.requests("/auth/register")[0].body["auth_data"]["authorization_code"].clone();
    let expired = sign_in().await;
    session.amazon.expire_codes();
    for code in [used.as_str().unwrap(), &expired] {
        let (status, answer) = session.register(code).await;
        assert_eq!((status, &answer["response"]["error"]["code"]), (400, &json!("InvalidToken")));
    }
    let before = session.amazon.registered();
    let (status, _) = session.register(&sign_in().await).await;
    let after = session.amazon.registered();
    assert_eq!((status, after.len()), (200, 1));
    assert_ne!(before[0].refresh_token, after[0].refresh_token);
    let wrong = sign_in_url().as_str().replace("P1", "P2");
    assert_eq!(session.amazon.visit(&wrong).await, (404, None));
}

#[tokio::test]
async fn a_session_ends_when_it_is_revoked_or_stale() {
    let mut session = Session::start().await;
    let token = "/auth/token";
    let (status, answer) = session.exchange("api.amazon.com", token, "access_token", "").await;
    assert_eq!((status, &answer["expires_in"]), (200, &json!(3600)));
    session.amazon.expire_cookies();
    assert_eq!(session.get("/api/customer-status").await.status(), 401);
    session.fetch_cookies("com").await;
    session.amazon.rotate_csrf();
    assert!(session.get("/api/customer-status").await.headers().contains_key("set-cookie"));
    assert_eq!(session.set_volume(10).await, 403);
    session.amazon.move_to("de");
    assert_eq!(session.get("/api/devices-v2/device").await.status(), 401);
    let person: Value = session.get("/api/users/me").await.json().await.unwrap();
    assert_eq!(person["marketPlaceDomainName"], "https://www.amazon.de");
    session.ask(Method::GET, "alexa.amazon.de", "/api/language").send().await.unwrap();
    assert_eq!(session.amazon.violations().len(), 1, "the cookies are of another marketplace");
    session.amazon.revoke();
    let (status, answer) = session.exchange("api.amazon.com", token, "access_token", "").await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")));
    assert!(session.amazon.registered().is_empty());
}

#[tokio::test]
async fn players_and_echos_do_what_they_are_told() {
    let session = Session::start().await;
    let pause = || session.command(json!({"type": "PauseCommand"}));
    let refused = pause().await;
    assert_eq!(refused.status(), 404);
    assert!(
        refused.headers()["x-amzn-errortype"].to_str().unwrap().starts_with("UnsupportedProviderException")
    );
    let volume = json!({"type": "VolumeLevelCommand", "volumeLevel": 80});
    assert_eq!(session.command(volume.clone()).await.status(), 200);
    assert_eq!(session.amazon.device(serial::KITCHEN).volume, 30);
    session.amazon.play(serial::KITCHEN, Media::track("Carey", "Joni Mitchell"));
    assert_eq!(
        (pause().await.status(), session.command(volume).await.status()),
        (200.try_into().unwrap(), 200.try_into().unwrap())
    );
    let kitchen = session.amazon.device(serial::KITCHEN);
    assert_eq!((kitchen.media.map(|media| media.playing), kitchen.volume), (Some(false), 80));
    let text = |device: &str, device_type: &str| {
        session.behave(json!({
            "type": "Alexa.TextCommand", "skillId": "amzn1.ask.1p.tellalexa",
            "operationPayload": {
                "deviceType": device_type, "deviceSerialNumber": device, "locale": "de-DE",
                "customerId": CUSTOMER, "text": "ask music assistant to play audio",
            },
        }))
    };
    assert_eq!(text(serial::STUDY, "A10A33FOX2NUBK").await, 200);
    assert!(session.amazon.heard().await.is_none() && session.amazon.dropped()[0].contains("offline"));
    assert_eq!(text(serial::KITCHEN, "A32DOYMUN6DTXA").await, 200);
    assert_eq!(session.amazon.next_utterance().await.text, "ask music assistant to play audio");
    session.amazon.behave(|habits| habits.behavior_spacing = Some(Duration::from_mins(1)));
    assert_eq!(session.set_volume(10).await, 400);
}

#[tokio::test]
async fn every_fault_happens_once() {
    const PATH: &str = "/api/customer-status";
    let session = Session::start().await;
    let (amazon, throttled) = (&session.amazon, Throttle::ALL.map(Fault::Throttled));
    let refusals = [
        (Fault::Unavailable, 503),
        (Fault::ServerError, 500),
        (Fault::Html, 200),
        (Fault::Malformed, 200),
        (Fault::Unauthorized, 401),
        (Fault::Forbidden, 403),
    ];
    for (fault, status) in throttled.into_iter().zip([429, 429, 400, 400, 400, 200]).chain(refusals) {
        amazon.fault(PATH, fault, 1);
        let answer = session.get(PATH).await;
        assert_eq!(answer.status(), status, "{fault:?}");
        assert_ne!(answer.text().await.unwrap(), "{}", "{fault:?}");
        assert_eq!(session.get(PATH).await.text().await.unwrap(), "{}", "{fault:?} happened twice");
    }
    // The client follows, and is seen.
    amazon.fault(PATH, Fault::SignInRedirect, 1);
    session.get(PATH).await;
    assert_eq!(amazon.requests("/ap/signin").len(), 2);
    amazon.fault(PATH, Fault::Slow(Duration::from_millis(50)), 1);
    let started = Instant::now();
    assert_eq!(session.get(PATH).await.status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(50));

    let lost = || session.ask(Method::GET, "alexa.amazon.com", PATH).send();
    amazon.fault(PATH, Fault::Closed, 1);
    assert!(lost().await.is_err_and(|error| !error.is_timeout()));
    amazon.fault(PATH, Fault::NoAnswer, 1);
    let request = session.ask(Method::GET, "alexa.amazon.com", PATH).timeout(Duration::from_millis(100));
    assert!(request.send().await.is_err_and(|error| error.is_timeout()));
    session.amazon.play(serial::KITCHEN, Media::track("Carey", "Joni Mitchell"));
    amazon.fault("/api/np/command", Fault::AnswerLost, 1);
    let next = session.ask(
        Method::POST,
        "alexa.amazon.com",
        &format!("/api/np/command?deviceSerialNumber={}&deviceType=A32DOYMUN6DTXA", serial::KITCHEN),
    );
    assert!(next.json(&json!({"type": "NextCommand"})).send().await.is_err());
    assert_eq!(amazon.device(serial::KITCHEN).media.unwrap().skipped, 1);
    assert_eq!(session.get(PATH).await.status(), 200);
}
