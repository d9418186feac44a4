//! Recognition of Music Assistant's own API.

use serde_json::Value;
use url::Url;

use super::ProbeResponse;
use crate::host_place::HostPlace;

/// The most characters kept of a version.
const VERSION_LENGTH: usize = 40;

/// The server information that Music Assistant answers to `GET /info` (Music Assistant, `ServerInfoMessage`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerInfo {
    /// `server_version`: the release, cut to 40 characters.
    pub(crate) version: String,
    /// `schema_version`: the number of the API's schema.
    pub(crate) schema: u64,
    /// `min_supported_schema_version`: the oldest schema that it still serves; 0 where it does not say.
    pub(crate) oldest_schema: u64,
}

impl ServerInfo {
    /// Reads a response; none where another server answered.
    pub(crate) fn parse(response: &ProbeResponse) -> Option<Self> {
        if response.status != 200 {
            return None;
        }
        let body: Value = serde_json::from_slice(&response.body).ok()?;
        let (version, schema) = (body["server_version"].as_str()?, body["schema_version"].as_u64()?);
        let oldest_schema = body["min_supported_schema_version"].as_u64().unwrap_or_default();
        Some(Self { version: version.chars().take(VERSION_LENGTH).collect(), schema, oldest_schema })
    }
}

/// Whether a token may be sent to an address: others could read it on its way over the internet without encryption.
pub(crate) fn may_carry_token(url: &Url) -> bool {
    let is_at_home = |host| matches!(HostPlace::of(&host), HostPlace::ThisMachine | HostPlace::Home);
    url.scheme() == "https" || url.host().is_some_and(is_at_home)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;

    fn response(status: u16, body: &str) -> ProbeResponse {
        let body = body.as_bytes().to_vec();
        ProbeResponse { status, headers: HeaderMap::new(), body, is_truncated: false, certificate: None }
    }

    #[test]
    fn the_information_of_music_assistant_is_read() {
        let body = r#"{"server_id": "1", "server_version": "2.9.11", "schema_version": 29, "min_supported_schema_version": 28, "base_url": null}"#;
        let info = ServerInfo { version: "2.9.11".to_owned(), schema: 29, oldest_schema: 28 };
        assert_eq!(ServerInfo::parse(&response(200, body)), Some(info));
        let long = format!(r#"{{"server_version": "{}", "schema_version": 0}}"#, "ü".repeat(41));
        let version = ServerInfo::parse(&response(200, &long)).map(|info| info.version);
        assert_eq!(version, Some("ü".repeat(40)));
    }

    #[test]
    fn another_server_is_not_taken_for_music_assistant() {
        let good = r#"{"server_version": "2.9.11", "schema_version": 29}"#;
        for (status, body) in [
            (404, good),
            (200, ""),
            (200, "<html>"),
            (200, "[]"),
            (200, r#"["2.9.11", 29]"#),
            (200, "null"),
            (200, r#"{"server_version": "2.9.11"}"#),
            (200, r#"{"server_version": 2, "schema_version": 29}"#),
            (200, r#"{"server_version": "2.9.11", "schema_version": "29"}"#),
            (200, r#"{"server_version": "2.9.11", "schema_version": -1}"#),
        ] {
            assert_eq!(ServerInfo::parse(&response(status, body)), None, "{status} {body}");
        }
    }

    #[test]
    fn a_token_crosses_the_internet_only_with_encryption() {
        for (url, may) in [
            ("https://ma.example.com", true),
            ("https://192.168.1.5:8095", true),
            ("http://192.168.1.5:8095", true),
            ("http://homeassistant.local:8095", true),
            ("http://ma.example.com", false),
            ("http://8.8.8.8", false),
            ("http://127.0.0.1:8095", true),
            ("http://100.100.1.2:8095", true),
            ("http://198.18.0.1", false),
            ("http://[2001::1]", false),
        ] {
            let parsed = Url::parse(url).unwrap();
            assert_eq!(may_carry_token(&parsed), may, "{url}");
        }
    }
}
