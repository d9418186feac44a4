//! Every operation of the API, and how it fails, against the document that describes it.

use std::path::Path;
use std::process::Command;

use end_to_end::amazon::{Fault, Media, Throttle, serial};
use end_to_end::api::{CREDENTIALS, send, stream_url};
use end_to_end::envelope::{ECHO, Envelope, Played};
use end_to_end::machine;
use end_to_end::program::Program;
use ma_alexa::clock::Clock as _;
use ma_alexa::renderer_report::{OfferedDevice, Serving};
use reqwest::Method;
use serde_json::{Value, json};

use super::harness::{Harness, device_id};

/// What went over the wire, a line for each exchange.
struct Tour<'a> {
    harness: &'a Harness,
    lines: Vec<Value>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_served_api_matches_the_document() {
    let Some(python) = machine::tool("TEST_ASK_PYTHON", "the API held against its document") else {
        return;
    };
    let harness = Harness::start_with(&[("DOOR_URL", "https://door.example.com".to_owned())]).await;
    let document = harness.api.get("/openapi.json").await;
    let mut tour = Tour { harness: &harness, lines: vec![document.clone()] };
    tour.signs_in().await;
    tour.uses_devices().await;
    tour.plays().await;
    tour.fails().await;
    tour.uses_music_assistant().await;
    tour.uses_the_bridge().await;
    tour.uses_the_rest().await;
    assert!(tour.lines.len() > 50, "{}", tour.lines.len());

    let (fits, said) = check(&python, &tour.lines);
    assert!(fits, "{said}");
    let (first, last) = (tour.lines.len() - 1, json!("a text"));
    tour.lines[first]["response"]["surprise"] = last;
    assert!(!check(&python, &tour.lines).0, "a member without a description is found");
}

fn check(python: &str, lines: &[Value]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/openapi.py");
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let output = Program::run_with_input(Command::new(python).arg(script), lines.join("\n").as_bytes());
    (output.status.success(), output.stdout + &output.stderr)
}

impl Tour<'_> {
    async fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, response) = self.harness.api.ask(method.clone(), path, body.as_ref()).await;
        self.note(&method, path, body.as_ref(), status, &response);
        response
    }

    fn note(&mut self, method: &Method, path: &str, request: Option<&Value>, status: u16, response: &Value) {
        self.lines.push(json!({
            "method": method.as_str(), "path": path, "request": request, "status": status, "response": response,
        }));
    }

    async fn get(&mut self, path: &str) -> Value {
        self.ask(Method::GET, path, None).await
    }

    async fn post(&mut self, path: &str, body: Value) -> Value {
        self.ask(Method::POST, path, Some(body)).await
    }

    async fn put(&mut self, path: &str, body: Value) -> Value {
        self.ask(Method::PUT, path, Some(body)).await
    }

    async fn signs_in(&mut self) {
        self.get("/v1/amazon").await;
        self.get("/v1/devices").await;
        self.ask(Method::DELETE, "/v1/amazon/login", None).await;
        self.post("/v1/amazon/login/complete", json!({ "address": "nonsense" })).await;
        let begun = self.post("/v1/amazon/login", json!({})).await;
        let address = self.harness.amazon.sign_in(begun["url"].as_str().unwrap_or_default()).await;
        let expired = "https://www.amazon.com/ap/maplanding?openid.oa2.authorization_code=ANold";
        for address in [expired, &address, &address] {
            self.post("/v1/amazon/login/complete", json!({ "address": address })).await;
        }
        self.get("/v1/amazon").await;
        self.post("/v1/amazon/refresh", json!({})).await;
    }

    async fn uses_devices(&mut self) {
        self.get("/v1/devices?refresh=true").await;
        let kitchen = |rest: &str| format!("/v1/devices/{}{rest}", serial::KITCHEN);
        self.harness.amazon.play(serial::KITCHEN, Media::track("Blue", "Joni Mitchell"));
        self.get(&kitchen("")).await;
        self.get("/v1/devices/G0NOWHERE").await;
        self.get("/v1/events").await;
        self.uses_renderers().await;
        for command in ["pause", "resume", "next", "dance"] {
            self.post(&kitchen("/playback"), json!({ "command": command })).await;
        }
        self.post(&format!("/v1/devices/{}/playback", serial::STUDY), json!({ "command": "stop" })).await;
        self.post(&kitchen("/text"), json!({ "text": "hello" })).await;
        self.harness.amazon.next_utterance().await;
        self.post(&kitchen("/speak"), json!({ "text": "hello" })).await;
        self.post(&format!("/v1/devices/{}/text", serial::EVERYWHERE), json!({ "text": "hello" })).await;
        self.post("/v1/devices/announce", json!({ "text": "hello" })).await;
        for body in [json!({ "volume": 20 }), json!({ "muted": true }), json!({ "volume": 200 })] {
            self.put(&kitchen("/volume"), body).await;
        }
        let several = json!({ "devices": [serial::EVERYWHERE, serial::STUDY], "step": 2 });
        self.put("/v1/devices/volume", several).await;
        self.put(&kitchen("/do-not-disturb"), json!({ "enabled": true })).await;
    }

    async fn uses_renderers(&mut self) {
        let choice = json!({ "all_off": false, "off": [serial::STUDY], "on": [serial::EVERYWHERE] });
        self.get("/v1/renderers").await;
        self.put("/v1/renderers", choice.clone()).await;
        let reports = self.harness.state.renderers();
        let now = self.harness.clock.now();
        reports.serves(Serving::At(([0, 0, 0, 0], 5002).into()));
        let device = OfferedDevice {
            serial: serial::KITCHEN.to_owned(),
            name: "Küche".to_owned(),
            udn: "2fac1234-31f8-11b4-a222-08002b34c003".to_owned(),
        };
        reports.offers(vec![device.clone()], now);
        reports.searched(now);
        reports.found(&device.udn, [192, 168, 1, 5].into(), Some("Python/3.13"), now);
        reports.failed(serial::KITCHEN, "never_asked", "it never asked", now);
        self.get("/v1/renderers").await;
        self.put("/v1/renderers", choice).await;
        for malformed in [json!({}), json!({ "all_off": false, "off": ["<b>"] })] {
            self.put("/v1/renderers", malformed).await;
        }
        self.put("/v1/renderers", json!({ "all_off": false, "off": [] })).await;
        reports.serves(Serving::NotHere);
    }

    async fn plays(&mut self) {
        let path = format!("/v1/devices/{}/identify", serial::KITCHEN);
        self.post(&path, json!({ "wait_ms": 0 })).await;
        self.harness.next_echo_asks().await;
        let body = json!({ "devices": [serial::STUDY, serial::LIVING_ROOM], "wait_ms": 0 });
        self.post("/v1/devices/identify", body).await;
        self.harness.next_echo_asks().await;
        let test = format!("/v1/devices/{}/test", serial::KITCHEN);
        self.get(&test).await;
        self.post(&test, json!({ "wait_ms": 0 })).await;
        self.harness.next_echo_asks().await;
        self.get(&test).await;
        self.ask(Method::DELETE, &test, None).await;
        self.post(&test, json!({ "wait_ms": 0, "forms": true })).await;
        self.harness.next_echo_asks().await;
        self.get(&test).await;
        let play = format!("/v1/devices/{}/play-media", serial::KITCHEN);
        let media = |session: &str, wait: u64| {
            let url = stream_url(session, "Küche");
            json!({ "streamUrl": url, "title": "Blue", "artist": "Joni Mitchell", "wait_ms": wait })
        };
        self.post(&play, media("s1", 0)).await;
        self.harness.amazon.next_utterance().await;
        for (session, started) in [("s2", true), ("s3", false)] {
            let (api, path, body) = (self.harness.api.clone(), play.clone(), media(session, 5000));
            let sent = body.clone();
            let asked = tokio::spawn(async move { api.ask(Method::POST, &path, Some(&sent)).await });
            let played = Played::of(&self.harness.next_echo_asks().await.1);
            let report = if started {
                Envelope::report("PlaybackStarted", &played.token, 0)
            } else {
                Envelope::failed(&played.token, "MEDIA_ERROR_INVALID_REQUEST")
            };
            self.harness.ask_skill(&report.from_echo(&device_id(serial::KITCHEN))).await;
            if let Ok((status, response)) = asked.await {
                self.note(&Method::POST, &play, Some(&body), status, &response);
            }
            self.get(&format!("/v1/devices/{}", serial::KITCHEN)).await;
        }
    }

    async fn fails(&mut self) {
        let speak = format!("/v1/devices/{}/speak", serial::KITCHEN);
        let hello = json!({ "text": "hello" });
        for fault in [Fault::Unavailable, Fault::Html, Fault::Throttled(Throttle::Status)] {
            self.harness.amazon.fault("/api/behaviors/preview", fault, 2);
            self.post(&speak, hello.clone()).await;
            self.harness.amazon.heal();
        }
        self.get("/v1/amazon").await;
        self.harness.amazon.fault("/api/devices-v2/device", Fault::Throttled(Throttle::Text), 1);
        self.get("/v1/devices?refresh=true").await;
        self.harness.amazon.revoke();
        self.put(&format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN), json!({ "enabled": true }))
            .await;
        self.harness.pass(std::time::Duration::from_mins(2));
        self.put(&format!("/v1/devices/{}/do-not-disturb", serial::KITCHEN), json!({ "enabled": true }))
            .await;
        self.get("/v1/amazon").await;
        self.post("/v1/amazon/refresh", json!({})).await;
        let (status, refused) = send(self.harness.api.request(Method::GET, "/v1/devices")).await;
        self.note(&Method::GET, "/v1/devices", None, status, &refused);
        self.ask(Method::DELETE, "/v1/amazon/login", None).await;
    }

    async fn uses_music_assistant(&mut self) {
        self.get("/v1/music-assistant").await;
        // Nothing listens there.
        let wish = json!({ "address": "http://127.0.0.1:9", "token": "a-token" });
        for body in [wish, json!({ "address": "nowhere" })] {
            self.post("/v1/music-assistant/connect", body).await;
        }
        self.ask(Method::DELETE, "/v1/music-assistant", None).await;
        self.post("/v1/players/Kitchen/command", json!({ "command": "next" })).await;
        self.post("/v1/players/Kitchen/play", json!({ "query": "blue" })).await;
        self.get("/v1/players/Kitchen/queue").await;
        self.get("/v1/search?query=blue").await;
        self.get("/v1/search").await;
    }

    async fn uses_the_bridge(&mut self) {
        let done = json!({ "id": "one", "reply": { "reply": "done" } });
        let names = ("names", json!({ "rooms": ["Sonos Bath"], "playlists": ["Dinner"] }));
        let of_renderers = [
            json!({ "offered": {} }),
            json!({ "stop": ["none"] }),
            json!({ "store": { "serial": "none", "item": { "uri": "ftp://example.com" } } }),
            json!({ "levels": ["no serial number"] }),
        ];
        for request in of_renderers {
            self.post("/v1/bridge/echos", json!({ "request": request })).await;
        }
        for (route, body) in
            [("ticket", json!({})), ("seen", json!({})), ("answer", done), ("answer", json!({})), names]
        {
            self.post(&format!("/v1/bridge/{route}"), body).await;
        }
    }

    async fn uses_the_rest(&mut self) {
        self.get("/v1/door").await;
        // No program of this name is where it looks.
        self.post("/v1/door/funnel", json!({})).await;
        for path in [
            "/healthz",
            "/v1/players",
            "/v1/players/K%C3%BCche",
            "/v1/players/Nowhere",
            "/v1/echos",
            "/v1/activity",
            "/v1/doctor?language=de&fresh=true",
            "/v1/doctor?fresh=perhaps",
            "/v1/diagnostics",
            "/v1/backup",
            "/ma/latest-url",
            "/alexa/latest-url",
            "/alexa/intents",
        ] {
            self.get(path).await;
        }
        // Of the document about itself only that it is there.
        self.note(&Method::GET, "/openapi.json", None, 200, &json!({}));
        let (name, password) = (CREDENTIALS[2].1, CREDENTIALS[3].1);
        for path in ["/ma/push-url", "/alexa/push-url"] {
            for url in [stream_url("s9", "Kitchen"), "ftp://example.com".to_owned()] {
                let body = json!({ "streamUrl": url, "title": null });
                let request = self.harness.api.request(Method::POST, path).basic_auth(name, Some(password));
                let (status, response) = send(request.json(&body)).await;
                self.note(&Method::POST, path, Some(&body), status, &response);
            }
        }
        for command in ["pause", "resume", "dance"] {
            let body = json!({ "playerId": "Kitchen", "command": command });
            let request =
                self.harness.api.request(Method::POST, "/ma/control").basic_auth(name, Some(password));
            let (status, response) = send(request.json(&body)).await;
            self.note(&Method::POST, "/ma/control", Some(&body), status, &response);
        }
        self.harness.ask_skill(&Envelope::new("play-audio")).await;
        let pairing = format!("/v1/echos/{ECHO}/player");
        self.put(&pairing, json!({ "player": "Kitchen" })).await;
        self.get("/v1/echos").await;
        self.ask(Method::DELETE, &pairing, None).await;
        self.get("/v1/activity?limit=0").await;
        self.uses_tokens().await;
        self.post("/v1/link", json!({})).await;
    }

    async fn uses_tokens(&mut self) {
        let wish = json!({ "name": "Home Assistant", "scope": "control" });
        let made = self.post("/v1/tokens", wish.clone()).await;
        self.post("/v1/tokens", wish).await;
        self.get("/v1/tokens").await;
        for id in [made["id"].as_str().unwrap_or_default(), "none"] {
            self.ask(Method::DELETE, &format!("/v1/tokens/{id}"), None).await;
        }
    }
}
