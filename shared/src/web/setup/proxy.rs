//! What a reverse proxy needs to let out the streams and pictures of Music Assistant, and nothing else.

use std::net::IpAddr;

use askama::Template;
use url::Url;

use crate::config::{BaseUrl, SkillEndpoint, StreamOverrides};

/// Longest name of a machine that is taken, in characters (RFC 1035, §2.3.4).
const MAX_HOST: usize = 253;

/// A proxy that people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proxy {
    Caddy,
    Nginx,
    Cloudflare,
}

impl Proxy {
    pub(super) const ALL: [Self; 3] = [Self::Caddy, Self::Nginx, Self::Cloudflare];

    /// Its name, which is the same in every language.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Caddy => "Caddy",
            Self::Nginx => "nginx",
            Self::Cloudflare => "Cloudflare Tunnel",
        }
    }

    /// For ids in a page.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Caddy => "caddy",
            Self::Nginx => "nginx",
            Self::Cloudflare => "cloudflare",
        }
    }
}

/// A host of the proxy's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    host: String,
    /// What stands before Music Assistant's paths; empty, or with a slash at its beginning and none at its end.
    prefix: String,
    streams: bool,
    pictures: bool,
}

/// Where Alexa calls the skill at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SkillSite {
    host: String,
    path: String,
}

/// Everything that goes into a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ways {
    sites: Vec<Site>,
    skill: Option<SkillSite>,
    /// Music Assistant's machine at home: a name or an address.
    ma: String,
}

#[derive(Template)]
#[template(path = "setup/caddyfile.txt")]
struct Caddyfile<'a> {
    sites: &'a [Site],
    skill: Option<&'a SkillSite>,
    ma: &'a str,
}

#[derive(Template)]
#[template(path = "setup/nginx.txt")]
struct Nginx<'a> {
    sites: &'a [Site],
    skill: Option<&'a SkillSite>,
    ma: &'a str,
}

#[derive(Template)]
#[template(path = "setup/cloudflared.txt")]
struct Cloudflared<'a> {
    sites: &'a [Site],
    skill: Option<&'a SkillSite>,
    ma: &'a str,
}

impl Ways {
    /// For these addresses; none while there is no address for streams.
    pub(super) fn new(streams: &StreamOverrides, endpoint: Option<&SkillEndpoint>, ma: &str) -> Option<Self> {
        let mut sites = vec![site(streams.stream_base.as_ref()?, true)?];
        if let Some(art) = streams.art_base.as_ref().and_then(|art| site(art, false)) {
            match sites.iter_mut().find(|site| site.host == art.host && site.prefix == art.prefix) {
                Some(same) => same.pictures = true,
                None => sites.push(art),
            }
        }
        let skill = match endpoint {
            Some(SkillEndpoint::Https(url)) => {
                Some(SkillSite { host: url.host_str()?.to_owned(), path: url.path().to_owned() })
            }
            Some(SkillEndpoint::Function(_)) | None => None,
        };
        Some(Self { sites, skill, ma: ma.to_owned() })
    }

    /// The configuration of a proxy.
    pub(super) fn configuration(&self, proxy: Proxy) -> String {
        let (sites, skill, ma) = (self.sites.as_slice(), self.skill.as_ref(), self.ma.as_str());
        let rendered = match proxy {
            Proxy::Caddy => Caddyfile { sites, skill, ma }.render(),
            Proxy::Nginx => Nginx { sites, skill, ma }.render(),
            Proxy::Cloudflare => Cloudflared { sites, skill, ma }.render(),
        };
        rendered.map(|text| format!("{}\n", text.trim())).unwrap_or_default()
    }
}

fn site(base: &BaseUrl, streams: bool) -> Option<Site> {
    let url = Url::parse(base.as_str()).ok()?;
    let host = match (url.host_str()?, url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    let prefix = url.path().trim_end_matches('/').to_owned();
    Some(Site { host, prefix, streams, pictures: !streams })
}

/// The name or the address of a machine, as a proxy's configuration takes it; none for any other text.
pub(super) fn machine(text: &str) -> Option<String> {
    let text = text.trim();
    match text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => return Some(format!("[{address}]")),
        Ok(IpAddr::V4(address)) => return Some(address.to_string()),
        Err(_) => {}
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
    };
    let is_name = text.len() <= MAX_HOST && text.split('.').all(is_label);
    is_name.then(|| text.to_ascii_lowercase())
}
