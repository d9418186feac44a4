//! Public addresses of streams and pictures, and the route to them.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr as _;

use super::address::{BaseUrl, Origin};
use super::certificates::{CertificateName, socket};
use super::env::{ConfigError, Env};
use super::route::Route;

/// The port of https, to which a router leads from outside whatever the listener's is.
const HTTPS: u16 = 443;

/// The public addresses that stand before Music Assistant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamOverrides {
    /// `STREAM_BASE_URL`: in place of scheme and authority of a stream.
    pub stream_base: Option<BaseUrl>,
    /// `MA_STREAM_ORIGIN`: an https origin that is Music Assistant's own, although it looks public.
    pub ma_origin: Option<Origin>,
    /// `ART_BASE_URL`: in place of scheme and authority of a picture of Music Assistant's image proxy.
    pub art_base: Option<BaseUrl>,
    /// `DOOR_URL`: the public address of the door.
    pub door: Option<BaseUrl>,
    /// `DOOR_LAN_URL`: the address of the door at home, under a public name.
    pub lan_door: Option<BaseUrl>,
    /// `PLAYLIST_URL`: the public address that serves playlists, where it is not the door's.
    pub playlist: Option<BaseUrl>,
    /// `STREAM_ROUTE`: the route of all Echos.
    pub route: Option<Route>,
}

impl StreamOverrides {
    /// Reads the addresses and the route.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            stream_base: env.read("STREAM_BASE_URL", BaseUrl::parse)?,
            ma_origin: env.read("MA_STREAM_ORIGIN", Origin::parse)?,
            art_base: env.read("ART_BASE_URL", BaseUrl::parse)?,
            door: env.read("DOOR_URL", BaseUrl::parse)?.or(of_certificate(env, "DOOR_TLS_BIND", |_| HTTPS)?),
            lan_door: env.read("DOOR_LAN_URL", BaseUrl::parse)?.or(of_certificate(
                env,
                "DOOR_LAN_BIND",
                SocketAddr::port,
            )?),
            playlist: env.read("PLAYLIST_URL", BaseUrl::parse)?,
            route: env.read("STREAM_ROUTE", Route::from_str)?,
        })
    }
}

/// The address of the door under the name of its certificate, where it listens on the address of `bind`.
fn of_certificate(
    env: &Env,
    bind: &'static str,
    port: impl FnOnce(&SocketAddr) -> u16,
) -> Result<Option<BaseUrl>, ConfigError> {
    let name: Option<CertificateName> = env.read("DOOR_NAME", str::parse)?;
    let listener = env.read(bind, socket)?;
    Ok(name.zip(listener).and_then(|(name, listener)| {
        let host = match name {
            CertificateName::Ip(IpAddr::V6(address)) => format!("[{address}]"),
            name => name.to_string(),
        };
        BaseUrl::parse(&format!("https://{host}:{}", port(&listener))).ok()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &'static [(&str, &str)]) -> (Option<String>, Option<String>) {
        let value = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let streams = StreamOverrides::from_env(&Env::new(value)).unwrap();
        (streams.door.map(String::from), streams.lan_door.map(String::from))
    }

    #[test]
    fn a_certificate_gives_the_door_its_addresses() {
        let name = "kitchen.duckdns.org";
        let expected = (Some(format!("https://{name}")), Some(format!("https://{name}:5443")));
        let both = read(&[
            ("DOOR_NAME", "kitchen.duckdns.org"),
            ("DOOR_TLS_BIND", "0.0.0.0:8443"),
            ("DOOR_LAN_BIND", "0.0.0.0:5443"),
        ]);
        assert_eq!(both, expected);
        assert_eq!(
            read(&[("DOOR_NAME", "2001:db8::1"), ("DOOR_TLS_BIND", "[::]:443")]).0.unwrap(),
            "https://[2001:db8::1]"
        );
        assert_eq!(read(&[("DOOR_NAME", "a.example.com")]), (None, None));
        let own = read(&[
            ("DOOR_NAME", "a.example.com"),
            ("DOOR_TLS_BIND", "0.0.0.0:443"),
            ("DOOR_URL", "https://b.example.com"),
        ]);
        assert_eq!(own.0.unwrap(), "https://b.example.com");
    }
}
