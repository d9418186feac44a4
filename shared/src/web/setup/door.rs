//! The door: the ways by which it gets out, and the line that starts one at home for functions in AWS.

use askama::Template;
use url::Url;

use super::checklist::SetupState;
use super::funnel::{self, Tailscale};
use super::shown::ShownKeys;
use super::tunnel::Tunnel;
use crate::config::{Config, SkillEndpoint};
use crate::playback::Household;
use crate::ways::{TrialTunnel, WayFound};
use crate::web::page::Page;

/// The host in configurations while there is no address yet.
const EXAMPLE_HOST: &str = "music.example.com";

/// Music Assistant's address for streams while none was pushed.
const EXAMPLE_ORIGIN: &str = "http://192.168.1.5:8097";

/// The text in the place of the keys until they are shown.
const HIDDEN_KEYS: &str = "…";

/// The ways by which the door gets out, for the page.
#[derive(Clone, Debug)]
pub(super) struct DoorWays {
    pub(super) port: String,
    /// Whether the address has a path, which the door has not.
    pub(super) has_path: bool,
    pub(super) tailscale: Tailscale,
    pub(super) has_cloudflared: bool,
    pub(super) tunnel: Tunnel,
    pub(super) funnel: String,
    pub(super) tls: String,
    pub(super) cloudfront: String,
    pub(super) caddy: String,
    pub(super) nginx: String,
    pub(super) cloudflared: String,
    /// The line that starts a door at home, where functions in AWS answer Alexa.
    pub(super) alone: Option<DoorAlone>,
}

/// The line that starts a door at home.
#[derive(Clone)]
pub(super) struct DoorAlone {
    pub(super) line: String,
    pub(super) is_revealed: bool,
}

#[derive(Template)]
#[template(path = "setup/door-caddyfile.txt")]
struct Caddyfile<'a> {
    host: &'a str,
    port: u16,
}

#[derive(Template)]
#[template(path = "setup/door-nginx.txt")]
struct Nginx<'a> {
    host: &'a str,
    port: u16,
}

#[derive(Template)]
#[template(path = "setup/door-cloudflared.txt")]
struct Cloudflared<'a> {
    host: &'a str,
    port: u16,
}

impl DoorWays {
    /// With the port of a door at home, also where this program runs in the cloud and the door elsewhere.
    pub(super) fn of(
        page: &Page,
        setup: &SetupState,
        config: &Config,
        (found, tunnel): (&[WayFound], &TrialTunnel),
        keys: &ShownKeys,
    ) -> Self {
        let port = config.api.ways.clone().unwrap_or_default().door_port;
        let url = setup.config.streams.door.as_ref().and_then(|door| Url::parse(door.as_str()).ok());
        let host = url.as_ref().and_then(Url::host_str).unwrap_or(EXAMPLE_HOST).to_owned();
        let is_in_aws = matches!(setup.config.setup.skill_endpoint, Some(SkillEndpoint::Function(_)));
        let program = if is_in_aws { "ma-alexa door" } else { "ma-alexa" };
        Self {
            port: port.to_string(),
            tailscale: Tailscale::of(page, config, setup.config.streams.door.as_ref(), found),
            has_cloudflared: funnel::has_cloudflared(found),
            tunnel: Tunnel::of(page, found, tunnel),
            has_path: url.is_some_and(|url| url.path() != "/"),
            funnel: format!("tailscale funnel --bg {port}"),
            tls: format!("DOOR_NAME={host} DOOR_TLS_BIND=0.0.0.0:443 {program}"),
            cloudfront: format!("infra/deploy DoorOrigin=home.example.com:{port}"),
            caddy: rendered(&Caddyfile { host: &host, port }),
            nginx: rendered(&Nginx { host: &host, port }),
            cloudflared: rendered(&Cloudflared { host: &host, port }),
            alone: is_in_aws.then(|| DoorAlone::new(&origin(setup), keys)),
        }
    }
}

impl DoorAlone {
    fn new(origin: &str, keys: &ShownKeys) -> Self {
        let text = keys.0.as_deref().unwrap_or(HIDDEN_KEYS);
        Self {
            line: format!("GRANT_KEYS='{text}' MA_STREAM_ORIGIN='{origin}' ma-alexa door"),
            is_revealed: keys.0.is_some(),
        }
    }
}

impl std::fmt::Debug for DoorAlone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DoorAlone").field("is_revealed", &self.is_revealed).finish_non_exhaustive()
    }
}

/// A text that always renders: its values are all there.
fn rendered(template: &impl Template) -> String {
    template.render().map(|text| format!("{}\n", text.trim())).unwrap_or_default()
}

/// The origin from which the door fetches: as it is set, else as the last push names it, else an example.
fn origin(setup: &SetupState) -> String {
    let set = setup.config.streams.ma_origin.as_ref().map(|origin| origin.as_str().to_owned());
    set.or_else(|| pushed(&setup.household)).unwrap_or_else(|| EXAMPLE_ORIGIN.to_owned())
}

fn pushed(household: &Household) -> Option<String> {
    household.streams().max_by_key(|start| start.pushed_at).map(|start| start.stream.origin().to_owned())
}
