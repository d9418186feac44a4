//! A client of the app's API that does everything right, and waits for nothing.
#![expect(clippy::unwrap_used, reason = "an answer that is not understood fails the test")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use end_to_end::amazon::{CUSTOMER, FakeAmazon, serial};
use end_to_end::api::{http_client, send};
use reqwest::{Client, Method, RequestBuilder, Response};
use ring::digest;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

pub(super) const SERIAL: &str = "0F1E2D3C4B5A69788796A5B4C3D2E1F0";
const CLIENT_ID: &str =
    "304631453244334334423541363937383837393641354234433344324531463023413249564c5635564d32573831";
const VERIFIER: &str = "an-invented-verifier-of-43-characters-xxxxx";

/// A client that is signed in.
pub(super) struct Session {
    pub(super) amazon: FakeAmazon,
    pub(super) client: Client,
    refresh_token: String,
    pub(super) cookies: String,
    csrf: String,
}

pub(super) fn at(
    amazon: &FakeAmazon,
    client: &Client,
    method: Method,
    host: &str,
    path: &str,
) -> RequestBuilder {
    client.request(method, format!("{}{path}", amazon.url())).header("host", host)
}

pub(super) fn sign_in_url() -> Url {
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

/// Status and body of the answer to a form.
pub(super) async fn post(request: RequestBuilder, fields: &[(&str, &str)]) -> (u16, Value) {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    send(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
}

impl Session {
    pub(super) async fn start() -> Self {
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

    pub(super) async fn register(&self, code: &str) -> (u16, Value) {
        let request = at(&self.amazon, &self.client, Method::POST, "api.amazon.com", "/auth/register");
        send(request.json(&registration(code))).await
    }

    pub(super) async fn exchange(&self, host: &str, path: &str, wanted: &str, domain: &str) -> (u16, Value) {
        let request = at(&self.amazon, &self.client, Method::POST, host, path);
        post(request, &exchange(&self.refresh_token, wanted, domain)).await
    }

    pub(super) async fn fetch_cookies(&mut self, marketplace: &str) {
        let (host, domain) = (format!("www.amazon.{marketplace}"), format!(".amazon.{marketplace}"));
        let (_, answer) = self.exchange(&host, "/ap/exchangetoken/cookies", "auth_cookies", &domain).await;
        let cookies = answer["response"]["tokens"]["cookies"][&domain].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let pair = |cookie: &Value| {
            format!("{}={}", text(&cookie["Name"]), text(&cookie["Value"]).trim_matches('"'))
        };
        let pairs = cookies.iter().map(pair);
        self.cookies = pairs.collect::<Vec<_>>().join("; ");
        self.csrf.clear();
        let answer = self.ask(Method::GET, &format!("alexa.amazon.{marketplace}"), "/api/language");
        let answer = answer.send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
        cookie.strip_prefix("csrf=").unwrap().clone_into(&mut self.csrf);
    }

    pub(super) fn ask(&self, method: Method, host: &str, path: &str) -> RequestBuilder {
        let request = at(&self.amazon, &self.client, method, host, path);
        let cookies = format!("{}; csrf={}", self.cookies, self.csrf);
        request.header("cookie", cookies).header("csrf", &self.csrf)
    }

    pub(super) async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, "alexa.amazon.com", path).send().await.unwrap()
    }

    /// The status of a behaviour of one operation.
    pub(super) async fn behave(&self, operation: Value) -> u16 {
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

    pub(super) async fn set_volume(&self, value: u8) -> u16 {
        self.behave(json!({
            "type": "Alexa.DeviceControls.Volume",
            "operationPayload": {
                "deviceType": "A32DOYMUN6DTXA", "deviceSerialNumber": serial::KITCHEN, "locale": "de-DE",
                "customerId": CUSTOMER, "value": value,
            },
        }))
        .await
    }

    pub(super) async fn command(&self, body: Value) -> Response {
        let address = format!("deviceSerialNumber={}&deviceType=A32DOYMUN6DTXA", serial::KITCHEN);
        let path = format!("/api/np/command?{address}");
        self.ask(Method::POST, "alexa.amazon.com", &path).json(&body).send().await.unwrap()
    }
}

pub(super) fn authorization_code(landing: &str) -> String {
    let landing = Url::parse(landing).unwrap();
    let code = landing.query_pairs().find(|(name, _)| name == "openid.oa2.authorization_code");
    code.unwrap().1.into_owned()
}
