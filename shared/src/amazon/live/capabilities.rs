//! The capabilities of the device that we are, which Amazon wants before it sends events (docs/amazon-api.md, 1.7).

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, USER_AGENT};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use crate::account::{AmazonHost, RequestKind, RequestLane};
use crate::amazon::app;
use crate::amazon::error::AmazonError;
use crate::amazon::http::Http;
use crate::amazon::transport::AmazonRequest;

/// Interfaces and their versions, as three other clients send them.
const INTERFACES: [(&str, &str); 32] = [
    ("CardRenderer", "0.1"),
    ("Navigation", "1.1"),
    ("Alexa.Comms.PhoneCallController", "2.0"),
    ("ExternalMediaPlayer", "1.1"),
    ("AccessoryKit", "0.1"),
    ("Alexa.AudioSignal.ActiveNoiseControl", "1.0"),
    ("PlaybackController", "1.0"),
    ("Speaker", "1.0"),
    ("SpeechSynthesizer", "1.0"),
    ("AudioActivityTracker", "1.0"),
    ("Alexa.Camera.LiveViewController", "1.0"),
    ("Alexa.Input.Text", "1.0"),
    ("Alexa.PlaybackStateReporter", "1.0"),
    ("Geolocation", "1.1"),
    ("Alexa.Health.Fitness", "1.0"),
    ("Settings", "1.0"),
    ("System", "1.0"),
    ("Alexa.IOComponents", "1.4"),
    ("Alexa.FavoritesController", "1.0"),
    ("Alexa.Mobile.Push", "1.0"),
    ("InteractionModel", "1.1"),
    ("Alexa.PlaylistController", "1.0"),
    ("SpeechRecognizer", "2.1"),
    ("AudioPlayer", "1.3"),
    ("Alexa.RTCSessionController", "3.1"),
    ("VisualActivityTracker", "1.1"),
    ("Alexa.PlaybackController", "1.0"),
    ("Alexa.SeekController", "1.0"),
    ("Alexa.Comms.MessagingController", "1.0"),
    ("Alexa.InteractionMode", "1.0"),
    ("Alexa.Launcher", "0.2"),
    ("Alexa.Display.Window", "1.0"),
];

/// Sends them; the status of the answer.
pub(super) async fn put(http: &Http, bearer: &SecretString) -> Result<u16, AmazonError> {
    let call = AmazonRequest::new(Method::PUT, &AmazonHost::capabilities(), "/v1/devices/@self/capabilities")
        .header(AUTHORIZATION, format!("Bearer {}", bearer.expose_secret()))
        .header(USER_AGENT, app::APP_AGENT)
        .body("application/json; charset=UTF-8", SecretString::from(body().to_string()));
    let series = http.open(RequestLane::Reads, RequestKind::Other).await?;
    let sent = series.send(&call, RequestKind::Other).await.map(|reply| reply.status);
    series.close(sent).await
}

fn body() -> Value {
    let plain = INTERFACES.iter().map(|(name, version)| capability(name, version));
    let mut alerts = capability("Alerts", "1.3");
    alerts["configurations"] = json!({ "maximumAlerts": { "timers": 2, "overall": 99, "alarms": 2 } });
    let capabilities: Vec<Value> = plain.chain([alerts]).collect();
    json!({
        "envelopeVersion": "20160207",
        "legacyFlags": {
            "SUPPORTS_COMMS": true,
            "SUPPORTS_ARBITRATION": true,
            "SUPPORTS_SCRUBBING": true,
            "SUPPORTS_HOME_AUTOMATION": true,
            "SUPPORTS_DROPIN_OUTBOUND": true,
            "SUPPORTS_SIP_OUTBOUND_CALLING": true,
            "VOICE_PROFILE_SWITCHING_DISABLED": true,
            "SUPPORTS_VIDEO_CALLING": true,
            "SUPPORTS_PFM_CHANGED": true,
            "AXON_SUPPORT": true,
            "SUPPORTS_TTS_SPEECHMARKS": true,
            "SPEECH_SYNTH_SUPPORTS_TTS_URLS": false,
            "SUPPORTS_LYRICS_IN_CARD": false,
            "SUPPORTS_SECURE_LOCKSCREEN": false,
            "AUDIO_PLAYER_SUPPORTS_TTS_URLS": false,
            "SUPPORTS_KEYS_IN_HEADER": false,
            "SUPPORTS_MIXING_BEHAVIOR_FOR_AUDIO_PLAYER": false,
            "SCREEN_WIDTH": 1170,
            "FRIENDLY_NAME_TEMPLATE": "VOX",
            "SUPPORTS_DATAMART_NAMESPACE": "Vox",
            "SUPPORTS_TARGET_PLATFORM": "TABLET",
        },
        "capabilities": capabilities,
    })
}

fn capability(name: &str, version: &str) -> Value {
    json!({ "type": "AlexaInterface", "interface": name, "version": version })
}
