//! Directives of a skill to an Echo (Alexa Skills Kit, "`AudioPlayer` interface reference", "Dialog interface
//! reference", "Data sources").

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::stream::{HttpsUrl, Token};
use super::text::line;
use crate::alexa::request::IntentName;

/// `AudioPlayer.Play`: play a stream now or later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlayDirective {
    /// The moment of the start, and the fate of the streams before it.
    pub behavior: PlayBehavior,
    /// From where the Echo fetches the stream. It does so twice for each play.
    pub stream: HttpsUrl,
    /// Names this play in every event about it; fresh for each.
    pub token: Token,
    /// Position in the stream at which to begin, in milliseconds. Needs a stream that answers range requests.
    pub offset_ms: u64,
    /// Texts and pictures for a screen.
    pub metadata: AudioItemMetadata,
}

/// `playBehavior`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlayBehavior {
    /// Stop what plays, drop what is queued, play at once.
    ReplaceAll,
    /// Let play what plays, replace what is queued.
    ReplaceEnqueued,
    /// Append to the queue.
    Enqueue {
        /// The stream that plays now. The Echo ignores the directive where another one does.
        expected_previous_token: Token,
    },
}

/// Texts and pictures that the screen of an Echo shows while a stream plays. Text is cut at 200 characters; blank text
/// is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudioItemMetadata {
    /// The first line.
    pub title: Option<String>,
    /// The second line.
    pub subtitle: Option<String>,
    /// A square picture beside the lines, best 512 pixels wide or more.
    pub art: Option<Image>,
    /// A picture behind all.
    pub background: Option<Image>,
}

impl AudioItemMetadata {
    /// A track as an Echo shows it: the artist under the title, the cover beside and behind them. The album
    /// has no line of its own; it describes the cover, which is what a screen reader speaks.
    #[must_use]
    pub fn of_track(
        title: Option<&str>,
        artist: Option<&str>,
        album: Option<&str>,
        cover: Option<HttpsUrl>,
    ) -> Self {
        let cover = cover.map(|url| Image { url, content_description: album.map(str::to_owned) });
        Self {
            title: title.map(str::to_owned),
            subtitle: artist.map(str::to_owned),
            art: cover.clone(),
            background: cover,
        }
    }

    fn wire(&self) -> Option<WireMetadata<'_>> {
        let wire = WireMetadata {
            title: line(self.title.as_deref()),
            subtitle: line(self.subtitle.as_deref()),
            art: self.art.as_ref().map(Image::wire),
            background_image: self.background.as_ref().map(Image::wire),
        };
        let bare = wire.title.is_none()
            && wire.subtitle.is_none()
            && wire.art.is_none()
            && wire.background_image.is_none();
        (!bare).then_some(wire)
    }
}

/// A picture that the Echo fetches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// From where: JPEG or PNG.
    pub url: HttpsUrl,
    /// Description of the picture, for people who cannot see it.
    pub content_description: Option<String>,
}

impl Image {
    fn wire(&self) -> WireImage<'_> {
        WireImage {
            content_description: line(self.content_description.as_deref()),
            sources: [WireSource { url: &self.url }],
        }
    }
}

impl Serialize for PlayDirective {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (play_behavior, expected_previous_token) = match &self.behavior {
            PlayBehavior::ReplaceAll => ("REPLACE_ALL", None),
            PlayBehavior::ReplaceEnqueued => ("REPLACE_ENQUEUED", None),
            PlayBehavior::Enqueue { expected_previous_token } => ("ENQUEUE", Some(expected_previous_token)),
        };
        let stream = WireStream {
            url: &self.stream,
            token: &self.token,
            expected_previous_token,
            // Alexa counts in signed numbers.
            offset_in_milliseconds: self.offset_ms.min(i64::MAX.unsigned_abs()),
        };
        let audio_item = WireAudioItem { stream, metadata: self.metadata.wire() };
        WirePlay { play_behavior, audio_item }.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WirePlay<'a> {
    play_behavior: &'static str,
    audio_item: WireAudioItem<'a>,
}

#[derive(Serialize)]
struct WireAudioItem<'a> {
    stream: WireStream<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<WireMetadata<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireStream<'a> {
    url: &'a HttpsUrl,
    token: &'a Token,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_previous_token: Option<&'a Token>,
    offset_in_milliseconds: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireMetadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtitle: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    art: Option<WireImage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    background_image: Option<WireImage<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireImage<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    content_description: Option<&'a str>,
    sources: [WireSource<'a>; 1],
}

#[derive(Serialize)]
struct WireSource<'a> {
    url: &'a HttpsUrl,
}

/// `clearBehavior`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ClearBehavior {
    /// Drop what is queued, let play what plays.
    #[serde(rename = "CLEAR_ENQUEUED")]
    Enqueued,
    /// Drop what is queued and stop.
    #[serde(rename = "CLEAR_ALL")]
    All,
}

/// `Dialog.ElicitSlot`: ask for one slot of an intent that is in the interaction model's dialog; Alexa
/// ignores it silently for any other.
///
/// The intent is always named, so that the question may be asked after a launch or another intent as well.
/// Its other slots come back empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElicitSlot {
    intent: IntentName,
    slot: String,
}

impl ElicitSlot {
    /// Asks for `slot` of `intent`.
    #[must_use]
    pub fn new(intent: IntentName, slot: &str) -> Self {
        Self { intent, slot: slot.to_owned() }
    }
}

impl Serialize for ElicitSlot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let slot = UpdatedSlot { name: &self.slot, confirmation_status: "NONE" };
        WireElicitSlot {
            slot_to_elicit: &self.slot,
            updated_intent: UpdatedIntent {
                name: &self.intent,
                confirmation_status: "NONE",
                slots: BTreeMap::from([(self.slot.as_str(), slot)]),
            },
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireElicitSlot<'a> {
    slot_to_elicit: &'a str,
    updated_intent: UpdatedIntent<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdatedIntent<'a> {
    name: &'a IntentName,
    confirmation_status: &'static str,
    slots: BTreeMap<&'a str, UpdatedSlot<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdatedSlot<'a> {
    name: &'a str,
    confirmation_status: &'static str,
}

/// Most values of dynamic entities in an answer, with their synonyms (Alexa Skills Kit, dynamic entities).
const VALUES_AT_MOST: usize = 100;

/// Most bytes of them, so that an answer stays far below the 24 KB that Alexa is sure to take.
const VALUE_BYTES_AT_MOST: usize = 8 * 1024;

/// `Dialog.UpdateDynamicEntities`: names that slots are heard with while the conversation is open, beside those of the
/// interaction model. They take the place of those of an earlier answer, and end with the conversation or after 30 minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicEntities(Vec<(&'static str, Vec<String>)>);

impl DynamicEntities {
    /// Names by the slot types of the interaction model that they belong to; the first 100 of all, and 8 KB. None where there
    /// is no name.
    #[must_use]
    pub fn new(types: impl IntoIterator<Item = (&'static str, Vec<String>)>) -> Option<Self> {
        let (mut values, mut bytes) = (VALUES_AT_MOST, VALUE_BYTES_AT_MOST);
        let mut kept: Vec<(&'static str, Vec<String>)> = Vec::new();
        for (slot_type, names) in types {
            let fits = |name: &String| {
                let fits = values > 0 && name.len() <= bytes;
                if fits {
                    (values, bytes) = (values - 1, bytes - name.len());
                }
                fits
            };
            let names: Vec<String> = names.into_iter().filter(fits).collect();
            if !names.is_empty() {
                kept.push((slot_type, names));
            }
        }
        (!kept.is_empty()).then_some(Self(kept))
    }
}

impl Serialize for DynamicEntities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entity = |value| WireEntity { name: WireEntityName { value, synonyms: [] } };
        let types = self.0.iter().map(|(name, values)| WireEntityType {
            name,
            values: values.iter().map(|value| entity(value)).collect(),
        });
        WireEntities { update_behavior: "REPLACE", types: types.collect() }.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireEntities<'a> {
    update_behavior: &'static str,
    types: Vec<WireEntityType<'a>>,
}

#[derive(Serialize)]
struct WireEntityType<'a> {
    name: &'a str,
    values: Vec<WireEntity<'a>>,
}

#[derive(Serialize)]
struct WireEntity<'a> {
    name: WireEntityName<'a>,
}

#[derive(Serialize)]
struct WireEntityName<'a> {
    value: &'a str,
    synonyms: [(); 0],
}

/// Every directive, as it stands in `directives`.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Directive<'a> {
    #[serde(rename = "AudioPlayer.Play")]
    Play(&'a PlayDirective),
    #[serde(rename = "AudioPlayer.Stop")]
    Stop,
    #[serde(rename = "AudioPlayer.ClearQueue")]
    ClearQueue {
        #[serde(rename = "clearBehavior")]
        behavior: ClearBehavior,
    },
    #[serde(rename = "Dialog.ElicitSlot")]
    ElicitSlot(&'a ElicitSlot),
    #[serde(rename = "Dialog.UpdateDynamicEntities")]
    UpdateDynamicEntities(&'a DynamicEntities),
    #[serde(rename = "Alexa.Presentation.APL.SendIndexListData", rename_all = "camelCase")]
    SendIndexListData { correlation_token: &'a str, list_id: &'a str, start_index: i64, items: [(); 0] },
    #[serde(rename = "Alexa.Presentation.APL.SendTokenListData", rename_all = "camelCase")]
    SendTokenListData { correlation_token: &'a str, list_id: &'a str, page_token: &'a str, items: [(); 0] },
}
