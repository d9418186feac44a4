//! A host of Amazon's in this process: real HTTP/2 over pipes in memory, so that days pass in a moment.
#![expect(clippy::unwrap_used, reason = "without the host there is no test")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use futures_util::future::BoxFuture;
use futures_util::stream;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use ma_alexa::account::{AmazonHost, Marketplace};
use ma_alexa::amazon::AmazonError;
use ma_alexa::amazon::live::{
    Dial, DialError, LiveAccount, LiveBearer, LiveChange, LiveListener, LiveStates, Wire,
};
use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio::sync::broadcast::Receiver;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// Boundary of each stream.
pub(super) const BOUNDARY: &str = "----live";

/// What a host does with one stream.
#[derive(Clone, Debug)]
pub(super) enum Plan {
    /// Parts for as long as the bearer lasts: a keep-alive each minute.
    Live,
    /// These bytes, and the end.
    Ends(Vec<u8>),
    /// These bytes, and an error in place of the end.
    Breaks(Vec<u8>),
    /// Nothing, and no end.
    Silent,
    /// This status.
    Status(u16),
    /// No connection that speaks HTTP/2.
    NoHttp2,
    /// The whole connection ends in good order after so long.
    GoesAway(Duration),
}

/// A clock that goes as fast as the time of the runtime.
#[derive(Debug)]
pub(super) struct RuntimeClock(pub(super) Instant);

impl Clock for RuntimeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_334_400_000).plus(self.0.elapsed())
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The state of the host and the account.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) clock: Arc<RuntimeClock>,
    /// What it does with the next streams; the last plan is for all that follow.
    plans: Mutex<Vec<Plan>>,
    /// Openings: when, at which host, with which bearer.
    opens: Mutex<Vec<(Instant, String, String)>>,
    pings: Mutex<usize>,
    /// The host that it names as the right one.
    pub(super) endpoint: Mutex<Option<String>>,
    /// Bytes that a live stream sends next.
    pub(super) said: Mutex<Vec<u8>>,
    pub(super) says: Notify,
    /// How long the tokens last.
    pub(super) lasts: Mutex<Duration>,
    tokens: Mutex<usize>,
    pub(super) serial: Mutex<String>,
    pub(super) is_leased_elsewhere: Mutex<bool>,
    pub(super) registers_with: Mutex<u16>,
    pub(super) queries: Mutex<usize>,
}

/// A listener at a host.
pub(super) struct Run {
    pub(super) host: Arc<Host>,
    pub(super) states: LiveStates,
    pub(super) changes: Receiver<LiveChange>,
    pub(super) stop: mpsc::Sender<()>,
    pub(super) task: JoinHandle<()>,
}

impl Run {
    /// Begins to listen; time has to be paused.
    pub(super) fn begin(plans: &[Plan]) -> Self {
        let clock = Arc::new(RuntimeClock(Instant::now()));
        let host = Arc::new(Host {
            clock: Arc::clone(&clock),
            plans: Mutex::new(plans.to_vec()),
            opens: Mutex::default(),
            pings: Mutex::default(),
            endpoint: Mutex::default(),
            said: Mutex::default(),
            says: Notify::new(),
            lasts: Mutex::new(Duration::from_hours(1)),
            tokens: Mutex::default(),
            serial: Mutex::new("one".to_owned()),
            is_leased_elsewhere: Mutex::default(),
            registers_with: Mutex::new(204),
            queries: Mutex::default(),
        });
        let states = LiveStates::new(clock.clone());
        let changes = states.changes();
        let (account, dial) = (Account(Arc::clone(&host)), Pipes(Arc::clone(&host)));
        let random = Arc::new(SeededRandom::new(1));
        let listener = LiveListener::of(Arc::new(account), Arc::new(dial), states.clone(), clock, random);
        let (stop, stopped) = mpsc::channel(1);
        let task = tokio::spawn(listener.run(stopped));
        Self { host, states, changes, stop, task }
    }
}

impl Host {
    pub(super) fn opens(&self) -> Vec<(Instant, String, String)> {
        self.opens.lock().unwrap().clone()
    }

    pub(super) fn pings(&self) -> usize {
        *self.pings.lock().unwrap()
    }

    /// The most openings within any minute.
    pub(super) fn most_in_a_minute(&self) -> usize {
        let opens = self.opens();
        let within = |from: &Instant| {
            opens
                .iter()
                .filter(|(at, ..)| at >= from && at.duration_since(*from) < Duration::from_mins(1))
                .count()
        };
        opens.iter().map(|(at, ..)| within(at)).max().unwrap_or(0)
    }

    pub(super) fn say(&self, bytes: Vec<u8>) {
        self.said.lock().unwrap().extend(bytes);
        self.says.notify_one();
    }

    fn plan(&self) -> Plan {
        let mut plans = self.plans.lock().unwrap();
        if plans.len() > 1 { plans.remove(0) } else { plans[0].clone() }
    }

    fn answer(self: &Arc<Self>, plan: &Plan, request: &Request<Incoming>) -> Response<Body> {
        let status = |status: u16| {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            response
        };
        match request.uri().path() {
            "/v20160207/ping" => {
                *self.pings.lock().unwrap() += 1;
                status(204)
            }
            "/v20160207/events" => match &*self.endpoint.lock().unwrap() {
                Some(right) if !right.contains(request.uri().host().unwrap()) => {
                    let reply = format!("{{\"directive\":{{\"payload\":{{\"endpoint\":\"{right}\"}}}}}}");
                    let mut response = Response::new(Body::from(super::wire::part("r", reply.as_bytes())));
                    let kind = "multipart/related; boundary=r".parse().unwrap();
                    response.headers_mut().insert(header::CONTENT_TYPE, kind);
                    response
                }
                _ => status(204),
            },
            "/v20160207/directives" => {
                let bearer = request.headers()[header::AUTHORIZATION].to_str().unwrap().to_owned();
                let host = request.uri().host().unwrap().to_owned();
                self.opens.lock().unwrap().push((Instant::now(), host, bearer));
                let body = match plan {
                    Plan::Status(code) => return status(*code),
                    Plan::Live | Plan::GoesAway(_) => self.live(),
                    Plan::Ends(bytes) => Body::from(bytes.clone()),
                    Plan::Breaks(bytes) => {
                        let broken = Err(std::io::Error::other("broken"));
                        Body::from_stream(stream::iter([Ok(Bytes::from(bytes.clone())), broken]))
                    }
                    Plan::Silent | Plan::NoHttp2 => {
                        Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())
                    }
                };
                let mut response = Response::new(body);
                let kind = format!("multipart/related; boundary={BOUNDARY}").parse().unwrap();
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
                // Its clock is that of the test, and not that of the machine.
                response.headers_mut().insert(header::DATE, self.date().parse().unwrap());
                response
            }
            _ => status(404),
        }
    }

    fn date(&self) -> String {
        let date = OffsetDateTime::from_unix_timestamp(self.clock.now().seconds()).unwrap();
        date.format(&Rfc2822).unwrap().replace("+0000", "GMT")
    }

    /// A keep-alive each minute, and what the host says between.
    fn live(self: &Arc<Self>) -> Body {
        let host = Arc::clone(self);
        Body::from_stream(stream::unfold(true, move |is_first| {
            let host = Arc::clone(&host);
            async move {
                if !is_first {
                    tokio::select! {
                        () = tokio::time::sleep(Duration::from_mins(1)) => {}
                        () = host.says.notified() => {}
                    }
                }
                let said = std::mem::take(&mut *host.said.lock().unwrap());
                let bytes = [said, format!("--{BOUNDARY}\r\n").into_bytes()].concat();
                Some((Ok::<_, Infallible>(Bytes::from(bytes)), false))
            }
        }))
    }
}

/// Connections to the host.
#[derive(Debug)]
struct Pipes(Arc<Host>);

#[async_trait]
impl Dial for Pipes {
    async fn dial(&self, _: &AmazonHost) -> Result<Box<dyn Wire>, DialError> {
        let plan = self.0.plan();
        if matches!(plan, Plan::NoHttp2) {
            return Err(DialError::NoHttp2);
        }
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let host = Arc::clone(&self.0);
        tokio::spawn(async move {
            let goes_away = match &plan {
                Plan::GoesAway(after) => Some(*after),
                _ => None,
            };
            let service = service_fn(move |request: Request<Incoming>| {
                let response = host.answer(&plan, &request);
                async move { Ok::<_, Infallible>(response) }
            });
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let mut connection = std::pin::pin!(server.serve_connection(TokioIo::new(theirs), service));
            if let Some(after) = goes_away {
                let ended = tokio::time::timeout(after, connection.as_mut()).await;
                if ended.is_err() {
                    connection.as_mut().graceful_shutdown();
                    // Streams that are open may end by themselves; Amazon waits for none.
                    let _ = tokio::time::timeout(Duration::from_secs(1), connection).await;
                }
            } else {
                let _ = connection.await;
            }
        });
        Ok(Box::new(ours))
    }
}

/// The account.
#[derive(Debug)]
struct Account(Arc<Host>);

impl LiveAccount for Account {
    fn bearer(
        &self,
        _: Duration,
        refused: Option<Timestamp>,
    ) -> BoxFuture<'_, Result<LiveBearer, AmazonError>> {
        Box::pin(async move {
            let serial = self.0.serial.lock().unwrap().clone();
            if serial.is_empty() {
                return Err(AmazonError::NotSignedIn);
            }
            let now = self.0.clock.now();
            assert_ne!(refused, Some(now), "a new token is a later one");
            let mut tokens = self.0.tokens.lock().unwrap();
            *tokens += 1;
            Ok(LiveBearer {
                token: SecretString::from(format!("token-{tokens}")),
                issued_at: now,
                expires_at: now.plus(*self.0.lasts.lock().unwrap()),
                serial,
                marketplace: Some(Marketplace::parse("amazon.de").unwrap()),
            })
        })
    }

    fn register<'a>(&'a self, token: &'a SecretString) -> BoxFuture<'a, Result<u16, AmazonError>> {
        Box::pin(async move {
            assert!(token.expose_secret().starts_with("token-"));
            Ok(*self.0.registers_with.lock().unwrap())
        })
    }

    fn query_sessions(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            *self.0.queries.lock().unwrap() += 1;
        })
    }

    fn query_everything(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.query_sessions().await;
        })
    }

    fn serial(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(
            async move { Some(self.0.serial.lock().unwrap().clone()).filter(|serial| !serial.is_empty()) },
        )
    }

    fn lease<'a>(&'a self, _: &'a str, span: Duration) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            assert!(span <= Duration::from_mins(2), "a process that died holds it no longer");
            !*self.0.is_leased_elsewhere.lock().unwrap()
        })
    }

    fn release<'a>(&'a self, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {})
    }
}
