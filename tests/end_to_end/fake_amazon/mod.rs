//! The fake Amazon itself: what a client that does everything right gets from it, and every fault once.

mod client;

use std::time::{Duration, Instant};

use end_to_end::amazon::{
    CUSTOMER, Clusters, Fault, GROUP_TYPE, Media, OTHER_OWNER, Refusal, Throttle, serial,
};
use end_to_end::api::send;
use reqwest::Method;
use serde_json::{Value, json};

use client::{SERIAL, Session, at, authorization_code, post, sign_in_url};

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
    session.amazon.behave(|quirks| quirks.behavior_spacing = Some(Duration::from_mins(1)));
    assert_eq!(session.set_volume(10).await, 400);
}

#[tokio::test]
async fn an_operation_works_or_is_dropped_without_a_word() {
    const ECHO: &str = "A32DOYMUN6DTXA";
    let session = Session::start().await;
    let kitchen = |type_key: &str| json!([{"deviceSerialNumber": serial::KITCHEN, type_key: ECHO}]);
    let speak = |device: &str, device_type: &str| {
        let payload = json!({
            "deviceSerialNumber": device, "deviceType": device_type, "customerId": CUSTOMER, "textToSpeak": "Hallo",
        });
        json!({"type": "Alexa.Speak", "skillId": "amzn1.ask.1p.saysomething", "operationPayload": payload})
    };
    let stop = |type_key: &str| {
        let payload = json!({"customerId": CUSTOMER, "devices": kitchen(type_key)});
        let skill = "amzn1.ask.1p.alexadevicecontrols";
        json!({"type": "Alexa.DeviceControls.Stop", "skillId": skill, "operationPayload": payload})
    };
    let announce = |type_key: &str| {
        let payload = json!({
            "expireAfter": "PT5S", "target": {"customerId": CUSTOMER, "devices": kitchen(type_key)},
            "content": [{"locale": "de-DE", "speak": {"type": "text", "value": "Essen"}}],
        });
        let skill = "amzn1.ask.1p.routines.messaging";
        json!({"type": "AlexaAnnouncement", "skillId": skill, "operationPayload": payload})
    };
    session.amazon.play(serial::KITCHEN, Media::track("Carey", "Joni Mitchell"));
    let wrong = [speak(serial::EVERYWHERE, GROUP_TYPE), stop("deviceTypeId"), announce("deviceType")];
    for operation in wrong {
        assert_eq!(session.behave(operation).await, 200);
    }
    assert_eq!(session.amazon.dropped().len(), 3, "{:?}", session.amazon.dropped());
    assert!(session.amazon.device(serial::KITCHEN).media.is_some());
    for operation in [speak(serial::KITCHEN, ECHO), stop("deviceType"), announce("deviceTypeId")] {
        assert_eq!(session.behave(operation).await, 200);
    }
    let done = session.amazon.device(serial::KITCHEN);
    assert_eq!((done.media, done.spoken, done.announced), (None, vec!["Hallo".into()], vec!["Essen".into()]));
    session.amazon.change_device(serial::KITCHEN, |device| device.owner = OTHER_OWNER.to_owned());
    session.behave(speak(serial::KITCHEN, ECHO)).await;
    assert_eq!((session.amazon.dropped().len(), session.amazon.device(serial::KITCHEN).spoken.len()), (4, 1));
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
    let before = amazon.requests(PATH).len();
    tokio::select! {
        answer = lost() => panic!("{answer:?}"),
        calls = amazon.wait_for(PATH, before + 1) => assert_eq!(calls[before].ended, None),
    }
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

#[tokio::test]
async fn tokens_are_for_who_registered() {
    let session = Session::start().await;
    let (amazon, client) = (&session.amazon, &session.client);
    let (_, answer) = session.exchange("api.amazon.com", "/auth/token", "access_token", "").await;
    let bearer = answer["access_token"].as_str().unwrap();
    let capabilities = json!({"envelopeVersion": "20160207", "legacyFlags": {}, "capabilities": []});
    let put = || {
        let path = "/v1/devices/@self/capabilities";
        at(amazon, client, Method::PUT, "api.amazonalexa.com", path).bearer_auth(bearer).json(&capabilities)
    };
    assert_eq!(put().send().await.unwrap().status(), 204);
    let deregister =
        at(amazon, client, Method::POST, "api.amazon.com", "/auth/deregister").bearer_auth(bearer);
    let (status, _) = send(deregister.json(&json!({"requested_deregister_type": "deregister_device"}))).await;
    assert_eq!((status, amazon.registered()), (200, vec![]));
    assert_eq!(put().send().await.unwrap().status(), 403);

    amazon.behave(|quirks| quirks.rotates_lwa = true);
    let lwa = amazon.lwa();
    let granted = async |token: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", &lwa.client_id),
            ("client_secret", &lwa.client_secret),
            ("refresh_token", token),
        ];
        post(at(amazon, client, Method::POST, "api.amazon.com", "/auth/o2/token"), &fields).await
    };
    let (_, answer) = granted(&lwa.refresh_token).await;
    let rotated = answer["refresh_token"].as_str().unwrap();
    assert_ne!(rotated, lwa.refresh_token);
    assert_eq!(granted(rotated).await.0, 200);
    assert_eq!(granted(&lwa.refresh_token).await.1["error"], "invalid_grant");

    let stranger = at(amazon, client, Method::GET, "alexa.amazon.evil.example", "/api/users/me");
    assert_eq!(stranger.send().await.unwrap().status(), 421);
    assert_eq!(amazon.violations().len(), 1);
}

#[tokio::test]
async fn it_behaves_as_others_were_seen_to() {
    let mut session = Session::start().await;
    session.amazon.move_to("de");
    session.amazon.behave(|quirks| {
        quirks.quotes_cookies = true;
        quirks.bare_marketplace = true;
        quirks.website_api_url = Some("https://eu-api-alexa.amazon.de.evil.example".to_owned());
        quirks.clusters = Clusters::Null;
        quirks.untidy_devices = true;
        quirks.octet_stream = true;
        quirks.refusal = Refusal::SignInPage;
        quirks.volumes_of = Some(vec![serial::LIVING_ROOM.to_owned()]);
    });
    session.fetch_cookies("de").await;
    assert!(session.cookies.contains("at-acbde=Atza|"), "without the quotes");
    let home = async |path: &str| send(session.ask(Method::GET, "eu-api-alexa.amazon.de", path)).await.1;
    assert_eq!(home("/api/users/me").await["marketPlaceDomainName"], "www.amazon.de");
    let endpoints = home("/api/endpoints").await;
    assert_eq!(endpoints["websiteApiUrl"], "https://eu-api-alexa.amazon.de.evil.example");

    let devices = session.ask(Method::GET, "alexa.amazon.de", "/api/devices-v2/device").send().await.unwrap();
    assert_eq!(devices.headers()["content-type"], "application/octet-stream");
    let devices: Value = devices.json().await.unwrap();
    let devices = devices["devices"].as_array().unwrap();
    let count = |is: &dyn Fn(&Value) -> bool| devices.iter().filter(|device| is(device)).count();
    assert_eq!(count(&|device| device["serialNumber"] == serial::KITCHEN), 2);
    assert_eq!(count(&|device| device["serialNumber"].is_null()), 1);
    assert_eq!(count(&|device| !device["clusterMembers"].is_null()), 0);
    let groups = home("/api/wholeHomeAudio/v1/groups").await;
    assert_eq!(groups["groups"][1]["members"][0]["dsn"], serial::BEDROOM_LEFT);

    let volumes = "/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes";
    assert_eq!(home(volumes).await["volumes"].as_array().unwrap().len(), 1);
    session.amazon.play(serial::EVERYWHERE, Media::track("Carey", "Joni Mitchell"));
    let address = format!("deviceSerialNumber={}&deviceType=A32DOYMUN6DTXA", serial::KITCHEN);
    let sessions = home(&format!("/api/np/list-media-sessions?{address}")).await;
    assert_eq!(sessions["mediaSessionList"][0]["nowPlayingData"]["progress"]["mediaProgress"], 61_000);
    let player = home(&format!("/api/np/player?{address}")).await;
    assert_eq!(player["playerInfo"]["playingInLemurId"], serial::EVERYWHERE);

    session.amazon.expire_cookies();
    let page = session.ask(Method::GET, "alexa.amazon.de", volumes).send().await.unwrap();
    assert!(page.status() == 200 && page.text().await.unwrap().contains("Sign-In"));
    session.amazon.behave(|quirks| quirks.withholds_cookies = true);
    let (host, path) = ("www.amazon.de", "/ap/exchangetoken/cookies");
    let (status, answer) = session.exchange(host, path, "auth_cookies", ".amazon.de").await;
    assert_eq!((status, &answer["response"]["tokens"]["cookies"]), (200, &json!({})));
    assert_eq!(session.amazon.violations(), Vec::<String>::new());
}
