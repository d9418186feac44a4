//! The server behind every name.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use ma_alexa::clock::{Clock as _, SystemClock};
use ma_alexa::probe::TIMEOUT;
use rustls::crypto::ring::default_provider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::site::{Port, Reply, Request};
use super::{Seen, State};

/// The bytes of an endless body that are sent at once. After [`PAUSE`] more are sent, unless the client has hung up.
const BURST: usize = 64 * 1024;

/// The time for the client to hang up before more is sent. A slow machine needs a while for that.
/// A reader that wants more still gets it before its timeout.
const PAUSE: Duration = Duration::from_secs(5);

const _: () = assert!(PAUSE.as_secs() < TIMEOUT.as_secs());

/// The longest time of anything: no thread outlives its test for long.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Serves for as long as the state is there.
pub(super) fn start(listener: TcpListener, state: Weak<State>) {
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let Some(state) = state.upgrade() else { return };
            // A client that hangs up half-way is what many tests are about.
            thread::spawn(move || serve(connection, &state));
        }
    });
}

fn serve(connection: TcpStream, state: &Arc<State>) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let mut first = [0];
    connection.peek(&mut first)?;
    // A record of a TLS handshake begins with 22.
    if first != [22] {
        let control = connection.try_clone()?;
        return answer(connection, &control, state);
    }
    let certificates = Arc::new(ByName(Arc::downgrade(state)));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    let tls = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
    let control = connection.try_clone()?;
    answer(StreamOwned::new(tls, connection), &control, state)
}

/// The certificate of the name that a client asks for.
#[derive(Debug)]
struct ByName(Weak<State>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let (state, host) = (self.0.upgrade()?, hello.server_name()?);
        state.certificates.of(host, state.site(host)?.certificate)
    }
}

fn answer(mut stream: impl Read + Write, control: &TcpStream, state: &State) -> io::Result<()> {
    let (host, mut seen) = read(&mut stream)?;
    state.begin(&seen);
    let Some(site) = state.site(&host) else { return Ok(()) };
    let (path, query) = seen.path.split_once('?').unwrap_or((&seen.path, ""));
    let request = Request {
        method: seen.method.clone(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: seen.headers.clone(),
        body: seen.body.clone(),
    };
    if site.port == Port::Silent {
        state.note(seen);
        // Until the other side has had enough.
        let _ = stream.read_exact(&mut [0]);
        return Ok(());
    }
    if site.port == Port::Babbles {
        state.note(seen);
        stream.write_all(b"220 this is a mail server\r\n")?;
        return stream.flush();
    }
    let reply = site.behavior.reply(&request);
    let ahead = site.ahead + state.ahead.load(Ordering::SeqCst);
    let is_head = request.method == "HEAD";
    if is_head || !reply.is_endless {
        // Before the answer: a test looks for its request as soon as it has that.
        seen.taken = if is_head { 0 } else { reply.body.len() };
        state.note(seen);
        send_head(&mut stream, &reply, ahead)?;
        if !is_head {
            stream.write_all(&reply.body)?;
        }
        return stream.flush();
    }
    send_head(&mut stream, &reply, ahead)?;
    seen.taken = send_endless(&mut stream, control, &reply.body);
    state.note(seen);
    Ok(())
}

/// Reads a request; the name that it is for, and what is kept of it.
fn read(stream: &mut impl Read) -> io::Result<(String, Seen)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let header =
        |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let host = header("host").unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host).to_owned();
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((host.clone(), Seen { host, method, path, headers, body, taken: 0 }))
}

/// Sends what an answer has before its body.
fn send_head(stream: &mut impl Write, reply: &Reply, ahead: i64) -> io::Result<()> {
    let mut head =
        format!("HTTP/1.1 {} Said\r\nconnection: close\r\ndate: {}\r\n", reply.status, date(ahead));
    for (name, value) in &reply.headers {
        head.extend([*name, ": ", value.as_str(), "\r\n"]);
    }
    if !reply.is_endless {
        head.extend(["content-length: ", &reply.body.len().to_string(), "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.flush()
}

/// Sends a body over and over until the other side hangs up; how many bytes were sent by then.
fn send_endless(stream: &mut (impl Read + Write), control: &TcpStream, body: &[u8]) -> usize {
    let mut sent = 0;
    while stream.write_all(body).and_then(|()| stream.flush()).is_ok() {
        sent += body.len();
        if sent >= BURST && has_hung_up(stream, control) {
            break;
        }
    }
    sent
}

/// Whether the other side closes the connection within the pause.
fn has_hung_up(stream: &mut impl Read, control: &TcpStream) -> bool {
    if control.set_read_timeout(Some(PAUSE)).is_err() {
        return true;
    }
    match stream.read_exact(&mut [0]) {
        Ok(()) => true,
        Err(error) => !matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
    }
}

/// The date of a header (RFC 9110, section 5.6.7).
fn date(ahead: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = SystemClock.now().seconds() + ahead;
    let text = ma_alexa::clock::Timestamp::from_millis(seconds * 1000).rfc3339();
    let number = |range: std::ops::Range<usize>| text[range].parse::<usize>().unwrap_or(1);
    let day = usize::try_from(seconds.div_euclid(86_400).rem_euclid(7)).unwrap_or(0);
    let (year, month) = (&text[0..4], MONTHS[number(5..7) - 1]);
    format!("{}, {} {month} {year} {} GMT", DAYS[day], &text[8..10], &text[11..19])
}
