//! A household in which one of those who are asked is silent.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, header};
use ma_alexa::account::{
    AccessToken, AccountHosts, AlexaSession, AmazonSession, Device, DeviceKind, DeviceList, Marketplace,
    PendingLogin, SessionCookies, StoredCookie,
};
use ma_alexa::alexa::DeviceId;
use ma_alexa::amazon::AmazonTransport;
use ma_alexa::api::ApiState;
use ma_alexa::app;
use ma_alexa::bridge::testing::FakeTickets;
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock, Timestamp};
use ma_alexa::config::{AmazonEndpoint, Config};
use ma_alexa::deadline::Deadline;
use ma_alexa::deps::Deps;
use ma_alexa::grant::GrantKeys;
use ma_alexa::playback::{LastRequest, short_hash};
use ma_alexa::probe::{AddressPolicy, HttpProber, ProbeError, ProbeRequest, ProbeResponse, Prober};
use ma_alexa::secrets::{Credentials, PutResult, SecretStore, SecretVersion, SecretsError, VersionedSession};
use ma_alexa::store::{AccountStore as _, PlaybackStore as _};
use ma_alexa::telemetry::Metrics;
use reqwest::Method;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::DEADLINE;
use super::routes::Route;
use crate::api::harness::{MA, OWNER, START, credentials, env};
use crate::api::store::{FaultyStore, StoreCondition};

/// Who does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silent {
    None,
    Amazon,
    MusicAssistant,
    Store,
    Secrets,
}

/// What a request was answered with, and when.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) took: Duration,
    pub(super) text: String,
}

/// A clock that begins with its harness.
#[derive(Debug)]
struct OwnClock(Instant);

impl Clock for OwnClock {
    fn now(&self) -> Timestamp {
        START.plus(self.0.elapsed())
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Secrets that may never answer.
#[derive(Debug)]
struct Secrets {
    silent: AtomicBool,
    session: tokio::sync::Mutex<AmazonSession>,
}

impl Secrets {
    async fn answer(&self) {
        if self.silent.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
    }
}

#[async_trait]
impl SecretStore for Secrets {
    async fn credentials(&self) -> Result<Option<Credentials>, SecretsError> {
        self.answer().await;
        let grant_keys = GrantKeys::generate(&SeededRandom::new(1)).ok();
        Ok(Some(Credentials { grant_keys, ..credentials(OWNER, MA) }))
    }

    async fn amazon(&self) -> Result<VersionedSession, SecretsError> {
        self.answer().await;
        Ok(VersionedSession { session: self.session.lock().await.clone(), ..VersionedSession::default() })
    }

    async fn put_amazon(
        &self,
        session: &AmazonSession,
        _: &SecretVersion,
    ) -> Result<PutResult, SecretsError> {
        self.answer().await;
        *self.session.lock().await = session.clone();
        Ok(PutResult::Stored(SecretVersion::default()))
    }

    fn location(&self) -> String {
        "home/credentials".to_owned()
    }
}

/// A prober of this machine's addresses alone: others are unreachable.
#[derive(Debug)]
struct HomeProber(HttpProber);

#[async_trait]
impl Prober for HomeProber {
    async fn probe(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeError> {
        if request.url.host_str() == Some("127.0.0.1") {
            return self.0.probe(request).await;
        }
        Err(ProbeError::Unreachable)
    }
}

/// An address that takes connections, and answers nothing or closes them.
async fn server(is_silent: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            if is_silent {
                kept.push(connection);
            }
        }
    });
    format!("http://{address}")
}

pub(super) struct Harness {
    silent: Silent,
    router: Router,
    store: Arc<FaultyStore>,
    secrets: Arc<Secrets>,
}

impl Harness {
    /// An account is signed in, a list of devices is old, and a stream was pushed.
    pub(super) async fn start(silent: Silent) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let amazon = server(silent == Silent::Amazon).await;
        let music_assistant = server(silent == Silent::MusicAssistant).await;
        let variables = [
            ("AMAZON_ENDPOINT", amazon.as_str()),
            ("MA_API_URL", &music_assistant),
            ("STREAM_BASE_URL", "https://music.example.com"),
            ("ART_BASE_URL", "https://art.example.com"),
            ("DOOR_URL", "https://door.example.com"),
        ];
        let env = env(&variables);
        let clock = Arc::new(OwnClock(Instant::now()));
        let store = Arc::new(FaultyStore::new(clock.clone()));
        let session = tokio::sync::Mutex::new(session());
        let secrets = Arc::new(Secrets { silent: AtomicBool::new(false), session });
        let deps = Deps {
            store: store.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(1)),
            metrics: Arc::new(Metrics::disabled()),
            config: Arc::new(Config::from_env(&env).unwrap()),
        };
        let state = ApiState::new(
            deps,
            secrets.clone(),
            AmazonTransport::new(AmazonEndpoint::from_env(&env).unwrap()).unwrap(),
            Arc::new(HomeProber(HttpProber::new(AddressPolicy::Anywhere).unwrap())),
            None,
        )
        .with_tickets(Some(Arc::new(FakeTickets { is_open: true })));
        store.put_devices(Some(&devices())).await.unwrap();
        let asked = LastRequest {
            device: DeviceId::from("kitchen".to_owned()),
            endpoint: Some(short_hash("endpoint")),
            user: Some(short_hash("a user")),
            locale: Some("en-US".to_owned()),
            request: "one".to_owned(),
            at: clock.now(),
        };
        assert!(store.record_request(&asked).await.unwrap().succeeded());
        Self { silent, router: app::router(&state), store, secrets }
    }

    /// What a request is answered that comes when the silence has begun; nothing where no answer comes to the deadline.
    pub(super) async fn ask(&self, route: &Route) -> Answered {
        let cookies = if route.is_page { Some(self.log_in().await) } else { None };
        self.push().await;
        match self.silent {
            Silent::Store => self.store.set_condition(StoreCondition::NeverAnswers),
            Silent::Secrets => self.secrets.silent.store(true, Ordering::SeqCst),
            Silent::None | Silent::Amazon | Silent::MusicAssistant => {}
        }
        let request = self.request(&route.method, &route.path);
        let request = match &cookies {
            Some((cookies, csrf)) => {
                let form = format!("{FORM}&csrf={csrf}");
                request.header(header::COOKIE, cookies).header(header::CONTENT_TYPE, FORM_TYPE).body(form)
            }
            None => request
                .header(header::AUTHORIZATION, crate::api::harness::basic(pair(OWNER).as_bytes()))
                .header(header::CONTENT_TYPE, "application/json")
                .body(route.body().to_string()),
        };
        let began = Instant::now();
        let answer = Deadline::after(DEADLINE).limit(self.send(request.unwrap())).await;
        let (status, _, text) = answer.unwrap_or_default();
        Answered { status, took: began.elapsed(), text }
    }

    async fn push(&self) {
        let body = r#"{"streamUrl": "http://192.168.1.5:8097/flow/bbbb/Kitchen/item1/Kitchen.flac"}"#;
        let request = self
            .request(&Method::POST, "/ma/push-url")
            .header(header::AUTHORIZATION, crate::api::harness::basic(pair(MA).as_bytes()))
            .header(header::CONTENT_TYPE, "application/json");
        let (status, _, text) = self.send(request.body(body.to_owned()).unwrap()).await;
        assert_eq!(status, 200, "{text}");
    }

    /// The cookies of a session, and the token of its forms.
    async fn log_in(&self) -> (String, String) {
        let (_, headers, form) =
            self.send(self.request(&Method::GET, "/login").body(String::new()).unwrap()).await;
        let (nonce, token) = (cookie(&headers), hidden(&form));
        let form = format!("csrf={token}&username={}&password={}&next=", OWNER.0, OWNER.1);
        let request = self.request(&Method::POST, "/login").header(header::COOKIE, nonce);
        let request = request.header(header::CONTENT_TYPE, FORM_TYPE).body(form).unwrap();
        let (status, headers, text) = self.send(request).await;
        assert_eq!(status, 303, "{text}");
        let session = cookie(&headers);
        let request = self.request(&Method::GET, "/no/such/page").header(header::COOKIE, &session);
        let (_, _, page) = self.send(request.body(String::new()).unwrap()).await;
        (session, hidden(&page))
    }

    #[expect(clippy::unused_self, reason = "it is a request to this harness")]
    fn request(&self, method: &Method, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method.clone())
            .uri(path)
            .header(header::HOST, "localhost:5001")
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin")
    }

    async fn send(&self, request: Request<String>) -> (u16, HeaderMap, String) {
        let answer = self.router.clone().oneshot(request.map(Body::from)).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, headers, String::from_utf8_lossy(&body).into_owned())
    }
}

const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Fields for every form: each reads what it knows.
const FORM: &str = "certificate=trusted&serial=G0KITCHEN&on=true&echo=kitchen&client_id=x&client_secret=x&player=Kitchen&volume=30&address=https%3A%2F%2Fwww.amazon.com\
    %2Fap%2Fmaplanding%3Fopenid.oa2.authorization_code%3DANabc&language=en-US&invocation_name=music+box&api_url=\
    https%3A%2F%2Falexa.example.com&stream_base_url=https%3A%2F%2Fmusic.example.com&art_base_url=\
    https%3A%2F%2Fart.example.com&username=owner&password=x&command=pause&pair=music-assistant&name=Home&\
    scope=control&id=one&next=";

fn pair((name, password): (&str, &str)) -> String {
    format!("{name}:{password}")
}

fn cookie(headers: &HeaderMap) -> String {
    let cookies = headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let pairs = cookies
        .filter(|cookie| !cookie.contains("Max-Age=0"))
        .map(|cookie| cookie.split(';').next().unwrap());
    pairs.collect::<Vec<_>>().join("; ")
}

fn hidden(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap_or_else(|| panic!("no token in {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// The Echo of the kitchen, listed an hour ago.
fn devices() -> DeviceList {
    let device = Device {
        serial: "G0KITCHEN".to_owned(),
        device_type: "A32DOYMUN6DTXA".to_owned(),
        name: "Küche".to_owned(),
        family: "ECHO".to_owned(),
        kind: DeviceKind::Echo,
        online: true,
        has_volume: true,
        members: Vec::new(),
        owner: None,
        language: None,
    };
    DeviceList { devices: vec![device], listed_at: START.minus(Duration::from_hours(1)) }
}

/// An account is signed in, whose token is to be renewed; and another sign-in is under way.
fn session() -> AmazonSession {
    let secret = |name: &str| SecretString::from(name.to_owned());
    AmazonSession {
        alexa: Some(AlexaSession {
            serial: "0F1E".to_owned(),
            account: "amzn1.account.DEMO".to_owned(),
            name: Some("Kim".to_owned()),
            refresh_token: secret("refresh"),
            access: Some(AccessToken { token: secret("access"), issued_at: START, expires_at: START }),
            place: Some(AccountHosts {
                marketplace: Marketplace::com(),
                api: Marketplace::com().web(),
                customer: "A1".to_owned(),
            }),
            cookies: Some(SessionCookies {
                marketplace: Marketplace::com(),
                jar: vec![StoredCookie {
                    name: "at-main".to_owned(),
                    value: secret("cookie"),
                    domain: ".amazon.com".to_owned(),
                    path: "/".to_owned(),
                }],
                issued_at: START,
            }),
            signed_in_at: START,
            login: None,
            ended: None,
            refused: None,
        }),
        developer: Some(ma_alexa::account::DeveloperSession {
            client_id: "client".to_owned(),
            client_secret: secret("client"),
            refresh_token: secret("developer"),
            access: Some(AccessToken {
                token: secret("developer-access"),
                issued_at: START,
                expires_at: START.plus(Duration::from_hours(1)),
            }),
            login: None,
            ended: None,
        }),
        login: Some(PendingLogin {
            serial: "0F1F".to_owned(),
            verifier: secret("verifier"),
            began_at: START,
        }),
        developer_login: None,
        pending_deregistrations: Vec::new(),
    }
}
