//! The values of the state variables.

use std::time::Duration;

use super::didl;
use super::media_renderer::{RendererSnapshot, TransportState};
use crate::speakers::MediaItem;

/// The formats that are taken, MP3 first (Alexa Skills Kit, `AudioPlayer`).
const SINK: &str = "http-get:*:audio/mpeg:*,http-get:*:audio/mp4:*,http-get:*:audio/aac:*,http-get:*:audio/aacp:*,\
                    http-get:*:audio/x-m4a:*,http-get:*:audio/x-mpegurl:*,http-get:*:audio/x-scpls:*,\
                    http-get:*:application/vnd.apple.mpegurl:*,http-get:*:application/x-mpegurl:*";

/// Text of a value that a device does not have (AVTransport:1, section 2.2).
pub(super) const NOT_IMPLEMENTED: &str = "NOT_IMPLEMENTED";

/// A counter that a device does not have (AVTransport:1, section 2.2).
const NO_COUNTER: &str = "2147483647";

/// The value of a state variable at one moment; none where it is not known, or where the variable has no value.
pub(super) fn value(variable: &str, snapshot: &RendererSnapshot, position: Duration) -> Option<String> {
    let (item, next) = (snapshot.item.as_ref(), snapshot.next.as_ref());
    let uri = |item: Option<&MediaItem>| item.map(|item| item.uri.clone()).unwrap_or_default();
    let metadata = |item: Option<&MediaItem>| item.map(didl::write).unwrap_or_default();
    Some(match variable {
        "TransportState" => transport_state(snapshot.state).to_owned(),
        "TransportStatus" if snapshot.failed => "ERROR_OCCURRED".to_owned(),
        "TransportStatus" | "A_ARG_TYPE_ConnectionStatus" => "OK".to_owned(),
        "TransportPlaySpeed" => "1".to_owned(),
        "CurrentTransportActions" => transport_actions(snapshot).to_owned(),
        "NumberOfTracks" | "CurrentTrack" => u8::from(item.is_some()).to_string(),
        "CurrentMediaDuration" | "CurrentTrackDuration" => duration(item),
        "CurrentTrackURI" | "AVTransportURI" => uri(item),
        "CurrentTrackMetaData" | "AVTransportURIMetaData" => metadata(item),
        "NextAVTransportURI" => uri(next),
        "NextAVTransportURIMetaData" => metadata(next),
        "PlaybackStorageMedium" if item.is_none() => "NONE".to_owned(),
        "PlaybackStorageMedium" | "PossiblePlaybackStorageMedia" => "NETWORK".to_owned(),
        "CurrentPlayMode" => "NORMAL".to_owned(),
        "RecordStorageMedium"
        | "RecordMediumWriteStatus"
        | "CurrentRecordQualityMode"
        | "PossibleRecordStorageMedia"
        | "PossibleRecordQualityModes" => NOT_IMPLEMENTED.to_owned(),
        "RelativeTimePosition" | "AbsoluteTimePosition" => didl::write_duration(position),
        "RelativeCounterPosition" | "AbsoluteCounterPosition" => NO_COUNTER.to_owned(),
        "Volume" => snapshot.volume?.min(100).to_string(),
        "Mute" => u8::from(snapshot.muted?).to_string(),
        "SourceProtocolInfo" | "A_ARG_TYPE_ProtocolInfo" | "A_ARG_TYPE_ConnectionManager" => String::new(),
        "SinkProtocolInfo" => SINK.to_owned(),
        "CurrentConnectionIDs" | "A_ARG_TYPE_RcsID" | "A_ARG_TYPE_AVTransportID" => "0".to_owned(),
        // The one at the other end, which no controller makes here.
        "A_ARG_TYPE_ConnectionID" => "-1".to_owned(),
        "A_ARG_TYPE_Direction" => "Input".to_owned(),
        _ => return None,
    })
}

fn transport_state(state: TransportState) -> &'static str {
    match state {
        TransportState::NoMediaPresent => "NO_MEDIA_PRESENT",
        TransportState::Stopped => "STOPPED",
        TransportState::Transitioning => "TRANSITIONING",
        TransportState::Playing => "PLAYING",
        TransportState::Paused => "PAUSED_PLAYBACK",
    }
}

/// The actions that may be called now. Controllers take an empty list for all of them, and one that has set an item waits
/// for `Play` to appear.
fn transport_actions(snapshot: &RendererSnapshot) -> &'static str {
    match (snapshot.state, &snapshot.item) {
        (TransportState::Playing, _) => "Play,Pause,Stop",
        (_, Some(_)) => "Play,Stop",
        (_, None) => "Stop",
    }
}

/// The length of an item. Zero where there is none, and not known where the stream has no end.
fn duration(item: Option<&MediaItem>) -> String {
    let Some(item) = item else { return didl::write_duration(Duration::ZERO) };
    item.duration.map_or_else(|| NOT_IMPLEMENTED.to_owned(), didl::write_duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upnp::services::definition::DataType;
    use crate::upnp::services::{Events, Service};

    fn of(variable: &str, snapshot: &RendererSnapshot) -> Option<String> {
        value(variable, snapshot, Duration::from_secs(61))
    }

    #[test]
    fn every_output_and_every_event_has_a_value_of_its_type() {
        let item = MediaItem { uri: "http://a/b".into(), ..MediaItem::default() };
        let playing = RendererSnapshot {
            state: TransportState::Playing,
            item: Some(item.clone()),
            next: Some(item),
            volume: Some(30),
            muted: Some(true),
            failed: true,
        };
        let empty = RendererSnapshot { volume: Some(0), muted: Some(false), ..RendererSnapshot::default() };
        for service in Service::ALL {
            let outputs = service.actions().iter().flat_map(|action| action.outputs);
            let sent = service.variables().iter().filter(|variable| variable.events != Events::None);
            let names = outputs.map(|output| output.variable).chain(sent.map(|variable| variable.name));
            for name in names.filter(|name| *name != "LastChange") {
                for snapshot in [&playing, &empty] {
                    let value = of(name, snapshot).unwrap_or_else(|| panic!("{name} has no value"));
                    let variable = service.variables().iter().find(|variable| variable.name == name).unwrap();
                    let fits = match variable.kind {
                        DataType::Text => true,
                        DataType::Choice(choices) => choices.contains(&value.as_str()),
                        DataType::Percent => value.parse::<u8>().unwrap() <= 100,
                        DataType::Boolean => value == "0" || value == "1",
                        DataType::Unsigned => value.parse::<u32>().is_ok(),
                        DataType::Signed => value.parse::<i32>().is_ok(),
                    };
                    assert!(fits, "{name} is {value}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_volume_has_no_value() {
        let unknown = RendererSnapshot::default();
        assert_eq!((of("Volume", &unknown), of("Mute", &unknown)), (None, None));
    }

    #[test]
    fn play_is_offered_as_soon_as_there_is_an_item() {
        let states = [
            TransportState::Stopped,
            TransportState::Transitioning,
            TransportState::Playing,
            TransportState::Paused,
        ];
        for state in states {
            let snapshot =
                RendererSnapshot { state, item: Some(MediaItem::default()), ..RendererSnapshot::default() };
            let actions = of("CurrentTransportActions", &snapshot).unwrap();
            assert!(actions.split(',').any(|action| action == "Play"), "{state:?}");
            assert_eq!(actions.contains("Pause"), state == TransportState::Playing);
        }
        assert_eq!(of("CurrentTransportActions", &RendererSnapshot::default()).unwrap(), "Stop");
    }

    #[test]
    fn lengths_and_positions_are_written() {
        let item = |duration| RendererSnapshot {
            item: Some(MediaItem { duration, ..MediaItem::default() }),
            ..RendererSnapshot::default()
        };
        assert_eq!(of("CurrentTrackDuration", &item(Some(Duration::from_secs(205)))).unwrap(), "0:03:25");
        assert_eq!(of("CurrentTrackDuration", &item(None)).unwrap(), "NOT_IMPLEMENTED");
        assert_eq!(of("CurrentTrackDuration", &RendererSnapshot::default()).unwrap(), "0:00:00");
        assert_eq!(of("RelativeTimePosition", &RendererSnapshot::default()).unwrap(), "0:01:01");
    }
}
