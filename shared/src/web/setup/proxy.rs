//! Configurations of reverse proxies that let out the streams and pictures of Music Assistant, and nothing else.

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

/// A host of the proxy's, and what it lets out. One host may serve everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Site {
    host: String,
    /// The path at which Alexa calls the skill at home.
    skill: Option<String>,
    /// The prefix of the paths of streams: empty, or with a slash at its beginning and none at its end.
    streams: Option<String>,
    /// The prefix of the paths of pictures.
    pictures: Option<String>,
}

/// Everything that goes into a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProxyConfig {
    sites: Vec<Site>,
    /// Music Assistant's machine at home: a name or an address.
    ma: String,
    /// The port on which this program listens.
    port: u16,
}

#[derive(Template)]
#[template(path = "setup/caddyfile.txt")]
struct ProxyCaddyfile<'a> {
    sites: &'a [Site],
    ma: &'a str,
    port: u16,
}

#[derive(Template)]
#[template(path = "setup/nginx.txt")]
struct ProxyNginx<'a> {
    sites: &'a [Site],
    ma: &'a str,
    port: u16,
}

#[derive(Template)]
#[template(path = "setup/cloudflared.txt")]
struct ProxyCloudflared<'a> {
    sites: &'a [Site],
    ma: &'a str,
    port: u16,
}

impl ProxyConfig {
    /// For these addresses; none while there is no address for streams.
    pub(super) fn new(
        streams: &StreamOverrides,
        endpoint: Option<&SkillEndpoint>,
        ma: &str,
        port: u16,
    ) -> Option<Self> {
        let mut ways = Self { sites: Vec::new(), ma: ma.to_owned(), port };
        if let Some(SkillEndpoint::Https(url)) = endpoint {
            ways.site(url.host_str()?).skill = Some(url.path().to_owned());
        }
        let (host, prefix) = parts(streams.stream_base.as_ref()?)?;
        ways.site(&host).streams = Some(prefix);
        if let Some((host, prefix)) = streams.art_base.as_ref().and_then(parts) {
            ways.site(&host).pictures = Some(prefix);
        }
        Some(ways)
    }

    fn site(&mut self, host: &str) -> &mut Site {
        let at = self.sites.iter().position(|site| site.host == host).unwrap_or_else(|| {
            self.sites.push(Site { host: host.to_owned(), ..Site::default() });
            self.sites.len() - 1
        });
        &mut self.sites[at]
    }

    /// The configuration of a proxy; none where it cannot do what is needed.
    pub(super) fn configuration(&self, proxy: Proxy) -> Option<String> {
        let (sites, ma, port) = (self.sites.as_slice(), self.ma.as_str(), self.port);
        let rendered = match proxy {
            Proxy::Caddy => ProxyCaddyfile { sites, ma, port }.render(),
            Proxy::Nginx => ProxyNginx { sites, ma, port }.render(),
            // A tunnel takes nothing away from a path.
            Proxy::Cloudflare if sites.iter().any(Site::has_prefix) => return None,
            Proxy::Cloudflare => ProxyCloudflared { sites, ma, port }.render(),
        };
        rendered.ok().map(|text| format!("{}\n", text.trim()))
    }
}

impl Site {
    fn has_prefix(&self) -> bool {
        let is_set = |prefix: &Option<String>| prefix.as_ref().is_some_and(|prefix| !prefix.is_empty());
        is_set(&self.streams)
            || is_set(&self.pictures)
            || self.skill.as_deref().is_some_and(|path| path != "/")
    }
}

/// Host and path prefix. A port is left out: an Echo fetches from 443 alone.
fn parts(base: &BaseUrl) -> Option<(String, String)> {
    let url = Url::parse(base.as_str()).ok()?;
    Some((url.host_str()?.to_owned(), url.path().trim_end_matches('/').to_owned()))
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
