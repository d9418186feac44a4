//! The API behind the cookies.

use axum::http::Method;
use serde_json::{Value, json};

use super::account::{APP_TYPE, Account, CUSTOMER};
use super::asked::Asked;
use super::behaviors::{self, Stage};
use super::faults::Throttle;
use super::host::{Host, Kind, region};
use super::household::{Device, Household, PAIR_TYPE};
use super::page::{self, Page};
use super::player;
use super::quirks::{Clusters, Quirks, Refusal};
use super::state::State;

/// Paths that are answered at the web app's host in every marketplace, so that a client finds the right one.
const DISCOVERY: [&str; 7] = [
    "/api/users/me",
    "/api/endpoints",
    "/api/customer-status",
    "/api/language",
    "/api/strings",
    "/spa/index.html",
    "/templates/oobe/d-device-pick.handlebars",
];

/// A request to `alexa.amazon.*`, or to the host that the app uses.
pub(super) fn answer(state: &mut State, asked: &Asked, host: &Host) -> Page {
    if let Some(refusal) = refusal(&state.account, &state.quirks, asked, host) {
        return refusal;
    }
    let page = route(state, asked, host);
    let sets = state.quirks.csrf_places.contains(&asked.path.as_str());
    let rotates = state.account.rotates_csrf && page.status().is_success();
    if rotates {
        state.account.rotates_csrf = false;
        state.account.rotate_csrf(&host.marketplace);
    }
    if !sets && !rotates {
        return page;
    }
    let (marketplace, token) = (&host.marketplace, state.account.csrf(&host.marketplace));
    page::with(page, "set-cookie", &format!("csrf={token}; Domain=.amazon.{marketplace}; Path=/; Secure"))
}

fn refusal(account: &Account, quirks: &Quirks, asked: &Asked, host: &Host) -> Option<Page> {
    let at_home = host.marketplace == account.marketplace;
    let discovers = host.kind == Kind::Web && DISCOVERY.contains(&asked.path.as_str());
    if !account.is_signed_in(asked, &host.marketplace) || !(at_home || discovers) {
        return Some(match quirks.refusal {
            Refusal::Unauthorized => page::empty(401),
            Refusal::Forbidden => page::empty(403),
            Refusal::SignInRedirect => page::sign_in_redirect(),
            Refusal::SignInPage => page::sign_in_page(),
        });
    }
    let changes = [Method::POST, Method::PUT, Method::DELETE].contains(&asked.method);
    (changes && !account.is_csrf_proof(asked, &host.marketplace)).then(|| page::empty(403))
}

fn route(state: &mut State, asked: &Asked, host: &Host) -> Page {
    let State { account, household, quirks, .. } = state;
    match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/api/users/me") => page::json(200, &person(account, quirks)),
        ("GET", "/api/endpoints") => page::json(200, &endpoints(account, quirks)),
        ("GET", "/api/customer-status" | "/api/language" | "/api/strings") => page::json(200, &json!({})),
        ("GET", "/spa/index.html" | "/templates/oobe/d-device-pick.handlebars") if host.kind == Kind::Web => {
            page::html(200, "Alexa")
        }
        ("GET", "/api/devices-v2/device") => devices(account, household, quirks),
        ("GET", "/api/wholeHomeAudio/v1/groups") => groups(household),
        ("GET", "/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes") => volumes(household, quirks),
        ("GET", "/api/dnd/device-status-list") => do_not_disturb(household),
        ("PUT", "/api/dnd/status") => set_do_not_disturb(household, asked),
        ("GET", "/api/np/player") => player::player(household, asked),
        ("GET", "/api/np/list-media-sessions") => player::sessions(household, quirks, asked),
        ("POST", "/api/np/command") => player::command(household, quirks, asked),
        ("POST", "/api/behaviors/preview") => preview(state, asked),
        _ => page::not_found(),
    }
}

fn preview(state: &mut State, asked: &Asked) -> Page {
    if state.is_behavior_too_early() {
        return Throttle::Text.page();
    }
    let State { household, utterances, stops, dropped, .. } = state;
    behaviors::preview(&mut Stage { household, utterances, stops, dropped }, asked)
}

fn person(account: &Account, quirks: &Quirks) -> Value {
    let name = format!("www.amazon.{}", account.marketplace);
    let (id, locale, country) = match account.marketplace.as_str() {
        "com" => ("ATVPDKIKX0DER", "en-US", "US"),
        "co.uk" => ("A1F83G8C2ARO7P", "en-GB", "GB"),
        "de" => ("A1PA6795UKMFR9", "de-DE", "DE"),
        _ => ("A0OTHERMARKET", "en-US", "US"),
    };
    json!({
        "id": CUSTOMER, "email": "kim.mueller@mail.example.invalid", "fullName": "Kim Müller",
        "marketPlaceDomainName": if quirks.bare_marketplace { name } else { format!("https://{name}") },
        "marketPlaceId": id, "effectiveMarketPlaceId": id, "marketPlaceLocale": locale,
        "countryOfResidence": country, "hasActiveDopplers": true, "eulaAcceptance": true, "features": [],
    })
}

fn endpoints(account: &Account, quirks: &Quirks) -> Value {
    let marketplace = &account.marketplace;
    let prefix = region(marketplace).map_or("na", |region| region.prefix);
    let api = format!("https://{prefix}-api-alexa.amazon.{marketplace}");
    json!({
        "websiteApiUrl": quirks.website_api_url.as_ref().unwrap_or(&api),
        "alexaApiUrl": "https://api.amazonalexa.com",
        "websiteUrl": format!("https://alexa.amazon.{marketplace}"),
        "retailUrl": format!("https://www.amazon.{marketplace}"),
        "retailDomain": format!("www.amazon.{marketplace}"),
        "awsRegion": "eu-west-1",
    })
}

fn devices(account: &Account, household: &Household, quirks: &Quirks) -> Page {
    let own = account.devices.iter().map(|own| Device::new(&own.name, &own.serial, APP_TYPE, "VOX"));
    let everything = household.0.iter().cloned().chain(own);
    let mut list: Vec<_> = everything.map(|device| listed(&device, quirks.clusters)).collect();
    if quirks.untidy_devices {
        list.extend(list.first().cloned());
        let mut nameless = listed(&Device::new("Flur", "", "A32DOYMUN6DTXA", "ECHO"), quirks.clusters);
        nameless["serialNumber"] = Value::Null;
        list.push(nameless);
    }
    let content_type = if quirks.octet_stream { "application/octet-stream" } else { "application/json" };
    page::page(200, content_type, json!({"devices": list}).to_string())
}

fn listed(device: &Device, clusters: Clusters) -> Value {
    let cluster = |serials: &[String]| match clusters {
        Clusters::Listed => json!(serials),
        Clusters::Empty => json!([]),
        Clusters::Null => Value::Null,
    };
    json!({
        "accountName": device.name, "serialNumber": device.serial, "deviceType": device.device_type,
        "deviceFamily": device.family, "deviceOwnerCustomerId": device.owner,
        "deviceAccountId": device.account_id, "online": device.online, "capabilities": device.capabilities,
        "clusterMembers": cluster(&device.members), "parentClusters": cluster(&device.groups),
        "appDeviceList": [], "softwareVersion": if device.is_group() { "0" } else { "11111111111" },
        "deviceTypeFriendlyName": null, "language": null, "macAddress": null, "charging": null,
    })
}

fn groups(household: &Household) -> Page {
    let groups = household.0.iter().filter(|device| device.is_group()).map(|group| {
        let channels = if group.device_type == PAIR_TYPE { ["LEFT", "RIGHT"] } else { ["STEREO", "STEREO"] };
        let members = household.0.iter().filter(|device| group.members.contains(&device.serial));
        let member = |(device, channel): (&Device, _)| {
            json!({"dsn": device.serial, "deviceType": device.device_type, "speakerChannel": channel})
        };
        let members: Vec<_> = members.zip(channels.into_iter().cycle()).map(member).collect();
        json!({"id": group.serial, "name": group.name, "members": members})
    });
    page::json(200, &json!({"groups": groups.collect::<Vec<_>>()}))
}

fn volumes(household: &Household, quirks: &Quirks) -> Page {
    let is_listed = |device: &&Device| match &quirks.volumes_of {
        Some(serials) => serials.contains(&device.serial),
        None => device.is_echo() && device.online,
    };
    let volume = |device: &Device| {
        json!({
            "dsn": device.serial, "deviceType": device.device_type, "speakerVolume": device.volume.saturating_sub(quirks.rounds_volumes_by),
            "speakerMuted": device.muted, "alertVolume": 50, "error": null,
        })
    };
    let volumes: Vec<_> = household.0.iter().filter(is_listed).map(volume).collect();
    page::json(200, &json!({"volumes": volumes}))
}

fn do_not_disturb(household: &Household) -> Page {
    let status = |device: &Device| {
        json!({
            "deviceSerialNumber": device.serial, "deviceType": device.device_type,
            "enabled": device.do_not_disturb,
        })
    };
    let list: Vec<_> = household.0.iter().filter(|device| device.family != "VOX").map(status).collect();
    page::json(200, &json!({"doNotDisturbDeviceStatusList": list}))
}

fn set_do_not_disturb(household: &mut Household, asked: &Asked) -> Page {
    let device = household.addressed(asked.field("deviceSerialNumber"), asked.field("deviceType"));
    match (device, asked.body["enabled"].as_bool()) {
        (Some(device), Some(enabled)) => {
            device.do_not_disturb = enabled;
            page::json(200, &asked.body)
        }
        _ => page::json(400, &json!({"message": "no such device, or enabled is missing"})),
    }
}
