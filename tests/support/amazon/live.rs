//! Live events: one long answer of HTTP/2 that reports on the household, in JSON in texts of JSON.

use std::collections::HashSet;
use std::io;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use futures_util::stream;
use ma_alexa::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::account::{APP_TYPE, Account, CUSTOMER};
use super::asked::Asked;
use super::host::{Region, region};
use super::household::{Device, Household, Media};
use super::page::{self, Page};

/// The boundary of every stream.
const BOUNDARY: &str = "------abcde123";

/// Age of what a stream begins with: the last state of each device.
const REPLAYED: Duration = Duration::from_hours(5);

/// Openings within a minute that Amazon takes; more are a storm.
const CALM: usize = 6;

/// The streams, and what they have told.
#[derive(Debug, Default)]
pub(super) struct Live {
    streams: Vec<Stream>,
    /// The serials of the clients that said what they can do.
    pub(super) capable: HashSet<String>,
    opens: Vec<Instant>,
    told: Vec<Device>,
}

#[derive(Debug)]
struct Stream {
    bearer: String,
    /// Whether it is at the right host: another one reports nothing.
    is_right: bool,
    sender: UnboundedSender<io::Result<Bytes>>,
}

impl Live {
    /// `GET /v20160207/directives`; the reason why it is a storm, if it is one.
    pub(super) fn open(
        &mut self,
        account: &Account,
        household: &Household,
        asked: &Asked,
        of: Region,
    ) -> (Page, Option<String>) {
        let now = Instant::now();
        self.opens.retain(|at| now.duration_since(*at) < Duration::from_mins(1));
        self.opens.push(now);
        let storm =
            (self.opens.len() > CALM).then(|| format!("{} openings within a minute", self.opens.len()));
        if let Err(refused) = self.permitted(account, asked) {
            return (*refused, storm);
        }
        if self.told.is_empty() {
            self.told.clone_from(&household.0);
        }
        let (sender, receiver) = unbounded_channel();
        let is_right = is_right(account, of);
        let stream = Stream { bearer: asked.bearer().to_owned(), is_right, sender };
        stream.send(boundary());
        if is_right {
            let at = now_millis() - i64::try_from(REPLAYED.as_millis()).unwrap_or(0);
            for device in &household.0 {
                stream.send(part(&[volume(device, at)]));
                stream.send(part(&[online(device, at), do_not_disturb(device, at)]));
            }
        }
        // An empty part: the client asks whether it is in the right place.
        stream.send(boundary());
        self.streams.push(stream);
        let body =
            stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
        let kind = format!("multipart/related; boundary={BOUNDARY}; type=\"application/json\"");
        (page::page(200, &kind, Body::from_stream(body)), storm)
    }

    /// `POST /v20160207/events`.
    pub(super) fn synchronize(&mut self, account: &Account, asked: &Asked, of: Region) -> Page {
        if let Err(refused) = self.permitted(account, asked) {
            return *refused;
        }
        let text = asked.body.as_str().unwrap_or_default();
        if !text.contains("SynchronizeState") || !text.contains("name=\"metadata\"") {
            return page::json(400, &json!({"message": "not understood"}));
        }
        if is_right(account, of) {
            return page::empty(204);
        }
        let right = region(&account.marketplace).map_or("na", |region| region.prefix);
        let reply = json!({"directive": {
            "header": {"namespace": "System", "name": "SetEndpoint", "messageId": "m"},
            "payload": {"endpoint": format!("https://bob-dispatch-prod-{right}.amazon.com")},
        }});
        let body = format!("--r\r\nContent-Type: application/json\r\n\r\n{reply}\r\n--r--\r\n");
        page::page(200, "multipart/related; boundary=r", body)
    }

    /// `/v20160207/ping`.
    pub(super) fn ping(&self, account: &Account, asked: &Asked) -> Page {
        match self.permitted(account, asked) {
            Ok(()) => page::empty(204),
            Err(refused) => *refused,
        }
    }

    fn permitted(&self, account: &Account, asked: &Asked) -> Result<(), Box<Page>> {
        let serial = account.serial_of_access_token(asked.bearer());
        match serial {
            Some(serial) if self.capable.contains(serial) => Ok(()),
            _ => Err(Box::new(page::json(403, &json!({"message": "Unable to authenticate the request"})))),
        }
    }

    /// Sends what has changed since. A stream whose token has ended stays open, and gets nothing.
    pub(super) fn tell(&mut self, account: &Account, household: &Household) {
        if self.streams.is_empty() {
            self.told.clear();
            return;
        }
        let at = now_millis();
        let before = std::mem::replace(&mut self.told, household.0.clone());
        let mut parts = Vec::new();
        for device in &household.0 {
            let Some(before) = before.iter().find(|before| before.serial == device.serial) else { continue };
            parts.extend(changes(before, device, at));
        }
        for stream in &self.streams {
            let is_valid = account.serial_of_access_token(&stream.bearer).is_some();
            if stream.is_right && is_valid {
                for part in &parts {
                    stream.send(part.clone());
                }
            }
        }
        self.streams.retain(|stream| !stream.sender.is_closed());
    }

    /// Number of streams that are open.
    pub(super) fn count(&mut self) -> usize {
        self.streams.retain(|stream| !stream.sender.is_closed());
        self.streams.len()
    }

    /// Sends bytes on every stream.
    pub(super) fn say(&self, bytes: &[u8]) {
        for stream in &self.streams {
            stream.send(bytes.to_vec());
        }
    }

    /// Ends every stream: in good order, or by an error.
    pub(super) fn end(&mut self, in_order: bool) {
        for stream in self.streams.drain(..) {
            if !in_order {
                let _ = stream.sender.send(Err(io::ErrorKind::ConnectionReset.into()));
            }
        }
    }
}

impl Stream {
    fn send(&self, bytes: Vec<u8>) {
        // A client that went away hears nothing.
        let _ = self.sender.send(Ok(Bytes::from(bytes)));
    }
}

fn is_right(account: &Account, of: Region) -> bool {
    region(&account.marketplace).is_some_and(|own| own.prefix == of.prefix)
}

/// The host of a region, by the first part of its name.
pub(super) fn region_of_service(service: &str) -> Option<Region> {
    let prefix = service.strip_prefix("bob-dispatch-prod-")?;
    ["com", "de", "co.jp"].into_iter().filter_map(region).find(|region| region.prefix == prefix)
}

fn now_millis() -> i64 {
    SystemClock.now().millis()
}

fn boundary() -> Vec<u8> {
    format!("--{BOUNDARY}\r\n").into_bytes()
}

/// A message, and the boundary behind it. What is between two boundaries is one part.
fn part(updates: &[Value]) -> Vec<u8> {
    let message = json!({"directive": {
        "header": {"namespace": "Alexa.Mobile.Push", "name": "RenderUpdate", "messageId": "m"},
        "payload": {"renderingUpdates": updates},
    }});
    format!("Content-Type: application/json; charset=UTF-8\r\n\r\n{message}\r\n--{BOUNDARY}\r\n").into_bytes()
}

fn update(name: &str, mut payload: Value, device: Option<&Device>, at: i64) -> Value {
    payload["destinationUserId"] = json!(CUSTOMER);
    if let Some(device) = device {
        payload["dopplerId"] = json!({"deviceSerialNumber": device.serial, "deviceType": device.device_type});
    }
    let metadata = json!({"command": name, "payload": payload.to_string(), "timeStamp": at});
    json!({
        "route": "EventBus:tcomm::message", "resourceId": name, "resourceMetadata": metadata.to_string(),
    })
}

fn volume(device: &Device, at: i64) -> Value {
    let payload = json!({"volumeSetting": device.volume, "isMuted": device.muted});
    update("PUSH_VOLUME_CHANGE", payload, Some(device), at)
}

fn online(device: &Device, at: i64) -> Value {
    let state = if device.online { "ONLINE" } else { "OFFLINE" };
    update("PUSH_DOPPLER_CONNECTION_CHANGE", json!({"dopplerConnectionState": state}), Some(device), at)
}

fn do_not_disturb(device: &Device, at: i64) -> Value {
    update("PUSH_DND_STATE_CHANGE", json!({"enabled": device.do_not_disturb}), Some(device), at)
}

/// Messages about what has changed with a device. The app on a telephone has none.
fn changes(before: &Device, device: &Device, at: i64) -> Vec<Vec<u8>> {
    if device.device_type == APP_TYPE {
        return Vec::new();
    }
    let mut parts = Vec::new();
    if (before.volume, before.muted) != (device.volume, device.muted) {
        parts.push(part(&[volume(device, at)]));
    }
    if before.online != device.online {
        parts.push(part(&[online(device, at)]));
    }
    if before.do_not_disturb != device.do_not_disturb {
        parts.push(part(&[do_not_disturb(device, at)]));
    }
    if before.media != device.media {
        parts.extend(media(device, at));
    }
    parts
}

fn media(device: &Device, at: i64) -> Vec<Vec<u8>> {
    let queue = format!("queue-of-{}", device.serial);
    let state = match &device.media {
        Some(media) if media.playing => "PLAYING",
        Some(_) => "INTERRUPTED",
        None => "FINISHED",
    };
    let player =
        json!({"audioPlayerState": state, "mediaReferenceId": format!("{queue} :0"), "quality": null});
    let mut parts = vec![part(&[update("PUSH_AUDIO_PLAYER_STATE", player, Some(device), at)])];
    if let Some(media) = &device.media {
        parts.push(part(&[now_playing(media, &queue, at)]));
    }
    let sessions = json!({"customerId": CUSTOMER, "update": {}});
    parts.push(part(&[update("NotifyMediaSessionsUpdated", sessions, None, at)]));
    parts
}

fn now_playing(media: &Media, queue: &str, at: i64) -> Value {
    let reference = json!({"contentId": "c", "queueId": queue, "id": "i"});
    let data = json!({
        "playerState": if media.playing { "PLAYING" } else { "PAUSED" },
        "queueId": queue, "mediaId": "m",
        "progress": {
            "mediaProgress": u64::try_from(media.progress.as_millis()).unwrap_or(0),
            "mediaLength": u64::try_from(media.length.as_millis()).unwrap_or(0),
        },
        "infoText": {"title": media.title, "subText1": media.artist, "subText2": media.album},
        "mainArt": {"tinyUrl": null, "fullUrl": "https://m.media-amazon.com/images/I/cover.jpg"},
        "provider": {"providerName": media.provider},
        "transport": {"next": "ENABLED", "shuffle": "HIDDEN"},
        "mediaReference": {
            "namespace": "Alexa.Media.ExternalMediaPlayer", "name": "Spotify", "value": reference.to_string(),
        },
    });
    let cause = "PLAYBACK_STARTED";
    let payload = json!({
        "customerId": CUSTOMER, "fallbackAllowed": false,
        "update": {"taskSessionId": "t", "update": {"cause": cause, "nowPlayingData": data}},
    });
    update("NotifyNowPlayingUpdated", payload, None, at)
}
