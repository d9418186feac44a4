//! Amazon's own player on each device.

use std::time::Duration;

use serde_json::{Value, json};

use super::asked::Asked;
use super::household::{Device, Household, Media};
use super::page::{self, Page};
use super::quirks::Quirks;

/// Length of one step forwards or back.
const STEP: Duration = Duration::from_secs(10);

/// `POST /api/np/command`.
pub(super) fn command(household: &mut Household, quirks: &Quirks, asked: &Asked) -> Page {
    let Some(device) = addressed(household, asked) else {
        return page::json(404, &json!({"message": "no such device"}));
    };
    if quirks.queues_expired {
        return page::with(page::json(400, &json!({"message": null})), "x-amzn-error", "QUEUE_EXPIRED");
    }
    let (group, members, online) = (device.is_group(), device.members.clone(), device.online);
    let body = &asked.body;
    if body["type"] == "VolumeLevelCommand" {
        let Some(volume) = body["volumeLevel"].as_u64().and_then(|level| u8::try_from(level).ok()) else {
            return page::json(400, &json!({"message": "volumeLevel is missing or wrong"}));
        };
        // It does nothing while nothing plays, and does not say so.
        if online && volume <= 100 && device.amazon_media().is_some() {
            if !group {
                device.volume = volume;
            } else if body["contentFocusClientId"] == "Default" {
                for member in &members {
                    set_volume(household, member, volume);
                }
            }
        }
        return page::empty(200);
    }
    let Some(media) = device.amazon_media().filter(|_| online) else {
        let error =
            "UnsupportedProviderException:http://internal.amazon.com/coral/com.amazon.dee.nowplaying/";
        return page::with(page::json(404, &json!({"message": null})), "x-amzn-errortype", error);
    };
    match act(media, body) {
        Some(()) => page::empty(200),
        None => page::json(400, &json!({"message": "type is missing or wrong"})),
    }
}

fn set_volume(household: &mut Household, serial: &str, volume: u8) {
    if let Some(device) = household.find(serial) {
        device.volume = volume;
    }
}

fn act(media: &mut Media, body: &Value) -> Option<()> {
    match body["type"].as_str()? {
        "PlayCommand" => media.playing = true,
        "PauseCommand" => media.playing = false,
        "NextCommand" => media.skipped += 1,
        "PreviousCommand" => media.skipped -= 1,
        "ForwardCommand" => media.progress = (media.progress + STEP).min(media.length),
        "RewindCommand" => media.progress = media.progress.saturating_sub(STEP),
        "ShuffleCommand" => media.shuffle = body["shuffle"].as_bool()?,
        "RepeatCommand" => media.repeat = body["repeat"].as_bool()?,
        "SeekCommand" => {
            media.progress = Duration::from_secs(body["mediaPosition"].as_u64()?).min(media.length);
        }
        "JumpCommand" => {
            let (_, skipped) = body["mediaId"].as_str()?.rsplit_once(':')?;
            media.skipped = skipped.parse().ok()?;
        }
        _ => return None,
    }
    Some(())
}

fn addressed<'a>(household: &'a mut Household, asked: &Asked) -> Option<&'a mut Device> {
    household.addressed(asked.query("deviceSerialNumber"), asked.query("deviceType"))
}

/// `GET /api/np/list-media-sessions`: all that plays, whichever device was named.
pub(super) fn sessions(household: &mut Household, quirks: &Quirks, asked: &Asked) -> Page {
    if addressed(household, asked).is_none() {
        return page::json(400, &json!({"message": "no such device"}));
    }
    let session = |device: &Device| Some(session(device, device.media.as_ref()?, quirks));
    let sessions: Vec<_> = household.0.iter().filter_map(session).collect();
    let list = if sessions.is_empty() { Value::Null } else { json!(sessions) };
    page::json(200, &json!({"mediaSessionList": list}))
}

fn session(device: &Device, media: &Media, quirks: &Quirks) -> Value {
    let unit = |time: Duration| {
        if quirks.sessions_in_seconds { u128::from(time.as_secs()) } else { time.as_millis() }
    };
    json!({
        "taskSessionId": format!("amzn1.echo-api.session.{}", device.serial),
        "endpointList": [{
            "__type": "NPSingletonEndpoint:http://internal.amazon.com/coral/com.amazon.dee.web.coral.model/",
            "encryptedFriendlyName": "",
            "id": {"deviceSerialNumber": device.serial, "deviceType": device.device_type},
        }],
        "nowPlayingData": {
            "playerState": state(media),
            "queueId": format!("{}:queue", device.serial),
            "mediaId": media_id(device, media),
            "infoText": info_text(media),
            "mainArt": {"largeUrl": art("large"), "fullUrl": art("full")},
            "provider": {"providerName": media.provider, "providerLogo": {"url": art("logo")}},
            "progress": {
                "mediaProgress": unit(media.progress), "mediaLength": unit(media.length), "allowScrubbing": true,
            },
            "transport": transport(media),
            "volume": {"volume": device.volume, "muted": device.muted},
        },
    })
}

/// `GET /api/np/player`: what Amazon's own player on one device has.
pub(super) fn player(household: &mut Household, asked: &Asked) -> Page {
    let Some(device) = addressed(household, asked).map(|device| device.clone()) else {
        return page::json(400, &json!({"message": "no such device"}));
    };
    let volumes: Vec<_> =
        household.0.iter().filter(|member| device.members.contains(&member.serial)).cloned().collect();
    let mut groups = household.0.iter_mut().filter(|group| group.members.contains(&device.serial));
    let leader = groups.find_map(|group| Some((group.serial.clone(), group.amazon_media()?.clone())));
    let media = device.clone().amazon_media().cloned();
    let through_group = media.is_none() && leader.is_some();
    let asked_through = leader.as_ref().filter(|(group, _)| asked.query("lemurId") == group);
    let media = media.or_else(|| asked_through.map(|(_, media)| media.clone()));
    let mut info = json!({
        "state": null, "volume": null, "progress": null, "infoText": null, "mainArt": null, "provider": null,
        "queueId": null, "mediaId": null, "transport": null, "lemurVolume": null,
        "isPlayingInLemur": through_group,
        "playingInLemurId": leader.filter(|_| through_group).map(|(group, _)| group),
    });
    if let Some(media) = media {
        let known = json!({
            "state": state(&media),
            "volume": {"volume": device.volume, "muted": device.muted},
            "progress": {
                "mediaProgress": media.progress.as_secs(), "mediaLength": media.length.as_secs(),
                "allowScrubbing": true, "showTiming": true, "visible": true,
            },
            "infoText": info_text(&media),
            "mainArt": {"url": art("main"), "altText": media.album, "artType": "UrlArtSource"},
            "provider": {"providerName": media.provider, "providerDisplayName": media.provider},
            "queueId": format!("{}:queue", device.serial),
            "mediaId": media_id(&device, &media),
            "transport": transport(&media),
        });
        if let (Some(info), Value::Object(known)) = (info.as_object_mut(), known) {
            info.extend(known);
        }
        if device.is_group() {
            info["lemurVolume"] = group_volume(&volumes);
        }
    }
    page::json(200, &json!({"playerInfo": info}))
}

fn group_volume(members: &[Device]) -> Value {
    let sum: u64 = members.iter().map(|member| u64::from(member.volume)).sum();
    let volume = |member: &Device| json!({"volume": member.volume, "muted": member.muted});
    let each = members.iter().map(|member| (member.serial.clone(), volume(member)));
    json!({
        "compositeVolume": {
            "volume": sum.checked_div(members.len() as u64),
            "muted": members.iter().all(|member| member.muted),
        },
        "memberVolume": Value::Object(each.collect()),
    })
}

fn state(media: &Media) -> &'static str {
    if media.playing { "PLAYING" } else { "PAUSED" }
}

fn media_id(device: &Device, media: &Media) -> String {
    format!("{}:track:{}", device.serial, media.skipped)
}

fn info_text(media: &Media) -> Value {
    json!({
        "title": media.title, "subText1": media.artist, "subText2": media.album, "header": null,
        "multiLineMode": false,
    })
}

fn art(size: &str) -> String {
    format!("https://art.example.invalid/{size}.jpg")
}

fn transport(media: &Media) -> Value {
    let switch = |on: bool| if on { "SELECTED" } else { "ENABLED" };
    json!({
        "playPause": "ENABLED", "next": "ENABLED", "previous": "ENABLED", "seekForward": "HIDDEN",
        "seekBackward": "HIDDEN", "shuffle": switch(media.shuffle), "repeat": switch(media.repeat),
    })
}
