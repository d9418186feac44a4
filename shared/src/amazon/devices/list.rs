//! The account's devices, as Amazon lists them (docs/amazon-api.md, 4 and 11).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::account::{Device, DeviceKind};

/// Types of apps, which are no devices.
const APPS: [&str; 3] = ["A2IVLV5VM2W81", "A2TF17PFR55MTB", "A1RTAM01W29CUP"];

/// Types that play nothing by themselves, such as a subwoofer.
const IGNORED: [&str; 1] = ["A3SSG6GR8UU7SN"];

const GROUP: &str = "A3C9PE6TNYLTCH";
const PAIR: &str = "AP1F6KUH00XPV";

/// Families of things that are no speakers.
const NO_SPEAKERS: [&str; 4] = ["FIRE_TV", "TABLET", "VOX", "UNKNOWN"];

/// The answer.
#[derive(Deserialize)]
pub(in crate::amazon) struct Listed {
    devices: Vec<Value>,
}

/// An entry. Amazon leaves out or nulls what it likes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    account_name: Option<String>,
    serial_number: Option<String>,
    device_type: Option<String>,
    device_family: Option<String>,
    device_owner_customer_id: Option<String>,
    online: Option<bool>,
    capabilities: Option<Vec<String>>,
    cluster_members: Option<Vec<String>>,
    parent_clusters: Option<Vec<String>>,
    language: Option<String>,
}

/// The groups besides, since the lists of members in the devices vanished for some accounts.
#[derive(Default, Deserialize)]
pub(in crate::amazon) struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    id: Option<String>,
    members: Option<Vec<Member>>,
}

#[derive(Deserialize)]
struct Member {
    dsn: Option<String>,
}

/// The devices of people, sorted by name: each once, without the apps and without ourselves.
pub(in crate::amazon) fn devices(listed: Listed, groups: &Groups, own_serial: Option<&str>) -> Vec<Device> {
    let entries: Vec<Entry> =
        listed.devices.into_iter().filter_map(|entry| serde_json::from_value(entry).ok()).collect();
    let members = members(&entries, groups);
    let mut seen = BTreeSet::new();
    let mut devices: Vec<Device> = entries
        .iter()
        .filter_map(|entry| device(entry, &members))
        .filter(|device| Some(device.serial.as_str()) != own_serial && seen.insert(device.serial.clone()))
        .collect();
    let known: BTreeSet<String> = devices.iter().map(|device| device.serial.clone()).collect();
    for device in &mut devices {
        device.members.retain(|member| known.contains(member) && *member != device.serial);
    }
    devices.sort_by(|a, b| (a.name.to_lowercase(), &a.serial).cmp(&(b.name.to_lowercase(), &b.serial)));
    devices
}

/// Members of groups and pairs, from all three places that list them.
fn members(entries: &[Entry], groups: &Groups) -> BTreeMap<String, BTreeSet<String>> {
    let mut members: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in entries {
        let Some(serial) = &entry.serial_number else {
            continue;
        };
        for member in entry.cluster_members.iter().flatten() {
            members.entry(serial.clone()).or_default().insert(member.clone());
        }
        for parent in entry.parent_clusters.iter().flatten() {
            members.entry(parent.clone()).or_default().insert(serial.clone());
        }
    }
    for group in &groups.groups {
        for member in group.members.iter().flatten() {
            if let (Some(group), Some(member)) = (&group.id, &member.dsn) {
                members.entry(group.clone()).or_default().insert(member.clone());
            }
        }
    }
    members
}

fn device(entry: &Entry, members: &BTreeMap<String, BTreeSet<String>>) -> Option<Device> {
    let serial = entry.serial_number.clone().filter(|serial| !serial.is_empty())?;
    let device_type = entry.device_type.clone()?;
    let family = entry.device_family.clone().unwrap_or_default();
    if APPS.contains(&device_type.as_str()) || IGNORED.contains(&device_type.as_str()) || family == "VOX" {
        return None;
    }
    let has = |name: &str| entry.capabilities.iter().flatten().any(|known| known == name);
    let kind = kind(&device_type, &family);
    let is_cluster = matches!(kind, DeviceKind::Group | DeviceKind::StereoPair);
    let plays_audio = is_cluster || has("AUDIO_PLAYER");
    // A device without a player obeys no command here.
    plays_audio.then(|| Device {
        name: entry.account_name.clone().unwrap_or_else(|| serial.clone()),
        members: members.get(&serial).into_iter().flatten().cloned().collect(),
        has_volume: is_cluster || has("VOLUME_SETTING"),
        online: entry.online.unwrap_or(false),
        owner: entry.device_owner_customer_id.clone(),
        language: entry.language.clone().filter(|language| !language.is_empty()),
        serial,
        device_type,
        family,
        kind,
    })
}

fn kind(device_type: &str, family: &str) -> DeviceKind {
    if device_type == GROUP || family == "WHA" {
        DeviceKind::Group
    } else if device_type == PAIR {
        DeviceKind::StereoPair
    } else if NO_SPEAKERS.contains(&family) {
        DeviceKind::Other
    } else {
        DeviceKind::Echo
    }
}
