//! Requests as Alexa sends them.

use std::sync::atomic::{AtomicUsize, Ordering};

use ma_alexa::clock::Timestamp;
use serde_json::{Value, json};

/// The skill of the sample requests.
pub(super) const SKILL_ID: &str = "amzn1.ask.skill.5d3b7c1e-0a4f-4c8d-9e21-7f6a5b4c3d2e";

/// A request that can still be changed. A clone of it is another delivery of the same request.
#[derive(Clone, Debug)]
pub(super) struct Envelope(pub(super) Value);

/// What an Echo played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Play {
    pub(super) url: String,
    pub(super) token: String,
    pub(super) offset_ms: u64,
}

impl Envelope {
    /// A request of a type that has a session, from the Echo `kitchen`, in English.
    fn spoken(request_type: &str) -> Self {
        let mut envelope = Self::told(request_type);
        let system = envelope.0["context"]["System"].clone();
        envelope.0["session"] = json!({
            "new": true,
            "sessionId": "amzn1.echo-api.session.made-up",
            "application": system["application"],
            "user": system["user"],
            "attributes": {},
        });
        envelope
    }

    /// A request of a type that has none.
    pub(super) fn told(request_type: &str) -> Self {
        static SENT: AtomicUsize = AtomicUsize::new(0);
        let number = SENT.fetch_add(1, Ordering::Relaxed);
        let envelope = Self(json!({
            "version": "1.0",
            "context": {
                "System": {
                    "application": { "applicationId": SKILL_ID },
                    "user": { "userId": "amzn1.ask.account.A-USER" },
                    "device": { "supportedInterfaces": { "AudioPlayer": {} } },
                    "apiEndpoint": "https://api.amazonalexa.com",
                    "apiAccessToken": "made-up",
                },
                "AudioPlayer": { "playerActivity": "IDLE" },
            },
            "request": {
                "type": request_type,
                "requestId": format!("amzn1.echo-api.request.{number:08}"),
                "locale": "en-US",
            },
        }));
        envelope.from("kitchen")
    }

    pub(super) fn launch() -> Self {
        Self::spoken("LaunchRequest")
    }

    pub(super) fn intent(name: &str) -> Self {
        let mut envelope = Self::spoken("IntentRequest");
        envelope.0["request"]["intent"] = json!({ "name": name, "confirmationStatus": "NONE" });
        envelope
    }

    /// Music Assistant's sentence, or a person's like it.
    pub(super) fn play_audio() -> Self {
        Self::intent("PlayAudio")
    }

    /// What an Echo reports of a play, such as `Started`, with the play as what it played last.
    pub(super) fn event(name: &str, token: &str, offset_ms: u64) -> Self {
        let activity = match name {
            "Started" | "NearlyFinished" => "PLAYING",
            "Finished" => "FINISHED",
            _ => "STOPPED",
        };
        let mut envelope =
            Self::told(&format!("AudioPlayer.Playback{name}")).after(token, offset_ms, activity);
        envelope.0["request"]["token"] = json!(token);
        envelope.0["request"]["offsetInMilliseconds"] = json!(offset_ms);
        envelope
    }

    pub(super) fn failed(token: &str, error: &str) -> Self {
        let mut envelope = Self::event("Failed", token, 0);
        let request = envelope.0["request"].as_object_mut().unwrap();
        request.remove("offsetInMilliseconds");
        request.insert("error".to_owned(), json!({ "type": error, "message": "made up" }));
        request.insert(
            "currentPlaybackState".to_owned(),
            json!({ "token": token, "offsetInMilliseconds": 0, "playerActivity": "STOPPED" }),
        );
        envelope
    }

    pub(super) fn button(name: &str) -> Self {
        Self::told(&format!("PlaybackController.{name}CommandIssued"))
    }

    /// Something about the skill itself, which comes from no Echo.
    pub(super) fn skill_event(name: &str) -> Self {
        let mut envelope = Self::told(&format!("AlexaSkillEvent.{name}"));
        envelope.0["context"].as_object_mut().unwrap().remove("AudioPlayer");
        envelope.0["context"]["System"].as_object_mut().unwrap().remove("device");
        envelope.0["request"].as_object_mut().unwrap().remove("locale");
        envelope
    }

    /// From another Echo.
    pub(super) fn from(self, echo: &str) -> Self {
        self.endpoint(echo).with("/context/System/device/deviceId", json!(device(echo)))
    }

    /// The Echo's endpoint, which outlives its id.
    pub(super) fn endpoint(self, echo: &str) -> Self {
        self.with(
            "/context/System/device/persistentEndpointId",
            json!(format!("amzn1.alexa.endpoint.{echo}")),
        )
    }

    pub(super) fn user(self, user: &str) -> Self {
        self.with("/context/System/user/userId", json!(format!("amzn1.ask.account.{user}")))
    }

    pub(super) fn skill(self, id: &str) -> Self {
        self.with("/context/System/application", json!({ "applicationId": id }))
    }

    pub(super) fn locale(self, locale: &str) -> Self {
        self.with("/request/locale", json!(locale))
    }

    pub(super) fn at(self, at: Timestamp) -> Self {
        self.with("/request/timestamp", json!(at.rfc3339()))
    }

    /// Further on in a conversation.
    pub(super) fn in_conversation(self) -> Self {
        self.with("/session/new", json!(false))
    }

    /// That Alexa ended this request's session because it could not use the answer.
    pub(super) fn broken_off(&self, error: &str) -> Self {
        let mut ended = Self::spoken("SessionEndedRequest");
        ended.0["session"] = self.0["session"].clone();
        ended.0["context"] = self.0["context"].clone();
        ended.0["request"]["reason"] = json!("ERROR");
        ended.0["request"]["error"] = json!({ "type": error, "message": "made-up" });
        ended
    }

    /// That Alexa could not use the answer to this request, which has no session.
    pub(super) fn refused(&self) -> Self {
        let mut exception = Self::told("System.ExceptionEncountered");
        exception.0["context"] = self.0["context"].clone();
        exception.0["request"]["error"] = json!({ "type": "INVALID_RESPONSE", "message": "made-up" });
        exception.0["request"]["cause"] = json!({ "requestId": self.0["request"]["requestId"] });
        exception
    }

    pub(super) fn without_audio_player(mut self) -> Self {
        self.0["context"].as_object_mut().unwrap().remove("AudioPlayer");
        self.with("/context/System/device/supportedInterfaces", json!({}))
    }

    /// What the Echo played last.
    pub(super) fn after(mut self, token: &str, offset_ms: u64, activity: &str) -> Self {
        self.0["context"]["AudioPlayer"] =
            json!({ "playerActivity": activity, "token": token, "offsetInMilliseconds": offset_ms });
        self
    }

    /// The words heard for the slot `player`.
    pub(super) fn heard(self, words: &str) -> Self {
        self.heard_as("player", words)
    }

    /// The words heard for a slot.
    pub(super) fn heard_as(mut self, slot: &str, words: &str) -> Self {
        self.0["request"]["intent"]["slots"][slot] =
            json!({ "name": slot, "confirmationStatus": "NONE", "source": "USER", "value": words });
        self
    }

    /// What an Echo says that was made to say a code.
    pub(super) fn identify(code: &str) -> Self {
        let mut envelope = Self::intent("IdentifyEcho");
        envelope.0["request"]["intent"]["slots"]["code"] =
            json!({ "name": "code", "confirmationStatus": "NONE", "source": "USER", "value": code });
        envelope
    }

    /// The listed value that they were matched to.
    pub(super) fn known_as(mut self, name: &str) -> Self {
        self.0["request"]["intent"]["slots"]["player"]["resolutions"] = json!({
            "resolutionsPerAuthority": [{
                "authority": "amzn1.er-authority.echo-sdk.made-up.PLAYER_NAME",
                "status": { "code": "ER_SUCCESS_MATCH" },
                "values": [{ "value": { "name": name, "id": "made-up" } }],
            }],
        });
        self
    }

    /// Sets what stands at a pointer; `null` takes it away.
    pub(super) fn with(mut self, pointer: &str, value: Value) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = self.0.pointer_mut(parent).and_then(Value::as_object_mut).unwrap();
        if value.is_null() {
            parent.remove(name);
        } else {
            parent.insert(name.to_owned(), value);
        }
        self
    }

    pub(super) fn body(&self) -> Vec<u8> {
        self.0.to_string().into_bytes()
    }
}

pub(super) fn device(echo: &str) -> String {
    format!("amzn1.ask.device.{echo}")
}

/// The stream that an answer plays.
pub(super) fn play(answer: &Value) -> Option<Play> {
    let directive = answer.pointer("/response/directives/0")?;
    if directive["type"] != "AudioPlayer.Play" {
        return None;
    }
    let stream = &directive["audioItem"]["stream"];
    Some(Play {
        url: stream["url"].as_str()?.to_owned(),
        token: stream["token"].as_str()?.to_owned(),
        offset_ms: stream["offsetInMilliseconds"].as_u64()?,
    })
}

pub(super) fn stops(answer: &Value) -> bool {
    answer["response"] == json!({ "directives": [{ "type": "AudioPlayer.Stop" }], "shouldEndSession": true })
}

/// Whether nothing is answered.
pub(super) fn is_empty(answer: &Value) -> bool {
    *answer == json!({ "version": "1.0", "response": {} })
}

/// Whether a conversation is ended without a word and without a command.
pub(super) fn is_silent(answer: &Value) -> bool {
    *answer == json!({ "version": "1.0", "response": { "shouldEndSession": true } })
}

/// What an answer says.
pub(super) fn speech(answer: &Value) -> &str {
    answer.pointer("/response/outputSpeech/text").and_then(Value::as_str).unwrap_or_default()
}

/// Whether it leaves the microphone open.
pub(super) fn listens(answer: &Value) -> bool {
    answer["response"]["shouldEndSession"] == false
}
