//! Records at Duck DNS (duckdns.org/spec.jsp).

use std::net::IpAddr;

use async_trait::async_trait;
use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::super::error::causes;
use super::super::web;
use super::{DnsRecords, RecordsError};
use crate::http_client;

const DOMAIN: &str = ".duckdns.org";
/// Largest answer; a usual one is `OK`.
const LARGEST: usize = 4 * 1024;

/// Duck DNS, by an account's token. `Debug` prints no token.
#[derive(Clone, Debug)]
pub struct DuckDns {
    client: Client,
    base: Url,
    token: SecretString,
}

impl DuckDns {
    /// The provider at `base`, such as `https://www.duckdns.org/`.
    #[must_use]
    pub fn new(client: Client, base: Url, token: SecretString) -> Self {
        Self { client, base, token }
    }

    /// One update of the domain that `name` belongs to.
    async fn update(&self, name: &str, values: &[(&str, &str)]) -> Result<(), RecordsError> {
        let domain = name.strip_suffix(DOMAIN).and_then(|rest| rest.rsplit('.').next());
        let Some(domain) = domain.filter(|domain| !domain.is_empty()) else {
            return Err(RecordsError::new(format!(
                "{name} is no name of Duck DNS: it has to end with {DOMAIN}"
            )));
        };
        let mut url = self.base.clone();
        url.set_path("/update");
        url.query_pairs_mut()
            .append_pair("domains", domain)
            .append_pair("token", self.token.expose_secret())
            .extend_pairs(values);
        let failed = |reason: String| RecordsError::new(format!("Duck DNS is not reached: {reason}"));
        let response =
            http_client::send(self.client.get(url)).await.map_err(|error| failed(web::describe(error)))?;
        let status = response.status();
        let body = http_client::body(response, LARGEST).await.map_err(|error| failed(causes(&error)))?;
        match body.trim_ascii() {
            b"OK" if status.is_success() => Ok(()),
            b"KO" if status.is_success() => Err(RecordsError::new(format!(
                "Duck DNS refuses the change of {domain}{DOMAIN}: see whether DNS_TOKEN is that of the account with this name"
            ))),
            _ => Err(RecordsError::new(format!(
                "Duck DNS answers with the status {status} and neither OK nor KO"
            ))),
        }
    }
}

#[async_trait]
impl DnsRecords for DuckDns {
    async fn set_txt(&self, name: &str, value: &str) -> Result<(), RecordsError> {
        self.update(name, &[("txt", value)]).await
    }

    async fn remove_txt(&self, name: &str, value: &str) -> Result<(), RecordsError> {
        self.update(name, &[("txt", value), ("clear", "true")]).await
    }

    async fn set_address(&self, name: &str, address: IpAddr) -> Result<(), RecordsError> {
        let kind = if address.is_ipv4() { "ip" } else { "ipv6" };
        self.update(name, &[(kind, &address.to_string())]).await
    }
}
