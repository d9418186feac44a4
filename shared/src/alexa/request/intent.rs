//! Intents and what was said in their slots.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::open_enum::open_enum;
use super::lenient;

open_enum! {
    /// Name of an intent: Amazon's built-in ones (Alexa Skills Kit, "Standard built-in intents") and ours.
    pub enum IntentName {
        /// "cancel"
        Cancel = "AMAZON.CancelIntent",
        /// Nothing else matched.
        Fallback = "AMAZON.FallbackIntent",
        /// "help"
        Help = "AMAZON.HelpIntent",
        /// "loop off"
        LoopOff = "AMAZON.LoopOffIntent",
        /// "loop on"
        LoopOn = "AMAZON.LoopOnIntent",
        /// "next"
        Next = "AMAZON.NextIntent",
        /// "go home"
        NavigateHome = "AMAZON.NavigateHomeIntent",
        /// "no"
        No = "AMAZON.NoIntent",
        /// "pause"; also how "stop" arrives while the skill plays.
        Pause = "AMAZON.PauseIntent",
        /// "previous"
        Previous = "AMAZON.PreviousIntent",
        /// "repeat"
        Repeat = "AMAZON.RepeatIntent",
        /// "resume"
        Resume = "AMAZON.ResumeIntent",
        /// "shuffle off"
        ShuffleOff = "AMAZON.ShuffleOffIntent",
        /// "shuffle on"
        ShuffleOn = "AMAZON.ShuffleOnIntent",
        /// "start over"
        StartOver = "AMAZON.StartOverIntent",
        /// "stop"
        Stop = "AMAZON.StopIntent",
        /// "yes"
        Yes = "AMAZON.YesIntent",
        /// Play what Music Assistant has pushed.
        PlayAudio = "PlayAudio",
        /// Music Assistant pauses this Echo.
        MaPause = "MaPause",
        /// Music Assistant resumes this Echo.
        MaResume = "MaResume",
        /// Music Assistant stops this Echo.
        MaStop = "MaStop",
        /// This Echo serves the player named in the slot `player`.
        PairEcho = "PairEcho",
        /// This Echo says the code in the slot `code`, as we made it.
        IdentifyEcho = "IdentifyEcho",
        /// Play what the slot `query` names, of any kind.
        PlayMusic = "PlayMusic",
        /// Play the song in the slot `song`.
        PlaySong = "PlaySong",
        /// Play the album in the slot `album`.
        PlayAlbum = "PlayAlbum",
        /// Play music of the artist in the slot `artist`.
        PlayArtist = "PlayArtist",
        /// Play the playlist in the slot `playlist`.
        PlayPlaylist = "PlayPlaylist",
        /// Play the radio station in the slot `station`.
        PlayStation = "PlayStation",
        /// Play music of the genre in the slot `genre`.
        PlayGenre = "PlayGenre",
        /// Play the audiobook in the slot `audiobook`.
        PlayAudiobook = "PlayAudiobook",
        /// Play the podcast in the slot `podcast`.
        PlayPodcast = "PlayPodcast",
        /// Play the favourites.
        PlayFavourites = "PlayFavourites",
        /// Play something by chance.
        PlayRandom = "PlayRandom",
        /// Play what the slot `query` names in shuffled order.
        ShuffleMusic = "ShuffleMusic",
        /// Play what the slot `query` names after the present item.
        PlayNextUp = "PlayNextUp",
        /// Put what the slot `query` names at the end of the queue.
        QueueMusic = "QueueMusic",
        /// Play music like what the slot `query` names.
        PlayRadioFor = "PlayRadioFor",
        /// Play music like the present item.
        MoreLikeThis = "MoreLikeThis",
        /// The present item becomes a favourite.
        LikeThis = "LikeThis",
        /// The present item is no favourite any more.
        UnlikeThis = "UnlikeThis",
        /// The present item goes on later, by the time in the slot `duration`.
        SkipForward = "SkipForward",
        /// The present item goes on earlier, by the time in the slot `duration`.
        SkipBack = "SkipBack",
        /// The present item is played again and again.
        LoopThis = "LoopThis",
        /// "what is playing", "who sings this"
        WhatIsPlaying = "WhatIsPlaying",
        /// The music goes on at the player named in the slot `player`.
        MoveMusic = "MoveMusic",
        /// The player named in the slot `player` stops.
        StopPlayer = "StopPlayer",
        /// The volume in the slot `level` for the player named in the slot `player`.
        SetVolume = "SetVolume",
        /// The music stops after the time in the slot `duration`.
        SleepTimer = "SleepTimer",
        /// The music does not stop by itself any more.
        SleepTimerOff = "SleepTimerOff",
        /// "the first one", of those that were suggested.
        PickFirst = "PickFirst",
        /// "the second one"
        PickSecond = "PickSecond",
        /// "the third one"
        PickThird = "PickThird",
    }
}

open_enum! {
    /// Whether the user confirmed the whole intent (Alexa Skills Kit, `confirmationStatus`).
    pub enum ConfirmationStatus {
        /// Nothing was asked.
        Unconfirmed = "NONE",
        /// The user said yes.
        Confirmed = "CONFIRMED",
        /// The user said no.
        Denied = "DENIED",
    }
}

open_enum! {
    /// Progress of a dialog with prompts (Alexa Skills Kit, `dialogState`).
    pub enum DialogState {
        /// The first request of the dialog.
        Started = "STARTED",
        /// Slots are being asked for.
        InProgress = "IN_PROGRESS",
        /// Every required slot is filled.
        Completed = "COMPLETED",
    }
}

/// An utterance of the user, as Alexa understood it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// Name of the intent.
    pub name: IntentName,
    /// Whether the user confirmed it.
    #[serde(default = "lenient::unnamed", deserialize_with = "lenient::open")]
    pub confirmation_status: ConfirmationStatus,
    /// The slots by name; empty where the intent has none.
    #[serde(default, deserialize_with = "lenient::map")]
    pub slots: BTreeMap<String, Slot>,
}

impl Intent {
    /// The words spoken for the slot `name`; `None` where there is no such slot, or it is unfilled or blank.
    /// Of a slot with several values, the first.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&str> {
        self.spoken(name).next().map(|value| value.text.as_str())
    }

    /// All that was spoken for the slot `name`, in order; blank values are left out.
    pub fn spoken(&self, name: &str) -> impl Iterator<Item = &SlotValue> {
        self.slots.get(name).into_iter().flat_map(|slot| &slot.values)
    }

    /// The first listed value that the words for the slot `name` were matched to. A value of this session's
    /// dynamic entities comes before one of the interaction model.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.spoken(name).find_map(|value| value.entity.as_ref())
    }
}

/// Value that the user said for one variable of an intent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "WireSlot")]
pub struct Slot {
    /// One value, several for a multi-value slot, none for an unfilled one.
    pub values: Vec<SlotValue>,
}

/// One value of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotValue {
    /// The words as they were heard, never blank.
    pub text: String,
    /// The listed value that they were matched to (Alexa Skills Kit, entity resolution), if any.
    pub entity: Option<Entity>,
}

/// A listed value of a slot type.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Entity {
    /// Its canonical name.
    pub name: String,
    /// Its id, where the slot type gives one.
    #[serde(default, deserialize_with = "lenient::non_blank")]
    pub id: Option<String>,
}

/// A slot with its value in the old form (`value` beside the name) and in the new one (`slotValue`).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSlot {
    #[serde(default, deserialize_with = "lenient::non_blank")]
    value: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    resolutions: Resolutions,
    #[serde(default, deserialize_with = "lenient::or_default")]
    slot_value: Option<WireValue>,
}

/// One value (`type` is `Simple`) or a list of them (`List`).
#[derive(Default, Deserialize)]
struct WireValue {
    #[serde(default, deserialize_with = "lenient::non_blank")]
    value: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    resolutions: Resolutions,
    #[serde(default, deserialize_with = "lenient::list")]
    values: Vec<WireValue>,
}

#[derive(Default, Deserialize)]
struct Resolutions {
    #[serde(rename = "resolutionsPerAuthority", default, deserialize_with = "lenient::list")]
    per_authority: Vec<Resolution>,
}

#[derive(Deserialize)]
struct Resolution {
    #[serde(default, deserialize_with = "lenient::or_default")]
    authority: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    status: Status,
    #[serde(default, deserialize_with = "lenient::list")]
    values: Vec<Match>,
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default, deserialize_with = "lenient::or_default")]
    code: String,
}

#[derive(Deserialize)]
struct Match {
    value: Entity,
}

impl From<WireSlot> for Slot {
    fn from(wire: WireSlot) -> Self {
        let mut values = Vec::new();
        if let Some(value) = wire.slot_value {
            value.collect_into(&mut values);
        }
        if values.is_empty() {
            let simple = WireValue { value: wire.value, resolutions: wire.resolutions, values: Vec::new() };
            simple.collect_into(&mut values);
        }
        Self { values }
    }
}

impl WireValue {
    fn collect_into(self, values: &mut Vec<SlotValue>) {
        if let Some(text) = self.value {
            let entity = self.resolutions.best();
            values.push(SlotValue { text, entity });
        }
        for value in self.values {
            value.collect_into(values);
        }
    }
}

impl Resolutions {
    fn best(self) -> Option<Entity> {
        let (dynamic, listed): (Vec<_>, Vec<_>) = self
            .per_authority
            .into_iter()
            .filter(|resolution| resolution.status.code == "ER_SUCCESS_MATCH")
            .partition(|resolution| resolution.authority.contains(".dynamic."));
        dynamic
            .into_iter()
            .chain(listed)
            .flat_map(|resolution| resolution.values)
            .map(|found| found.value)
            .next()
    }
}
