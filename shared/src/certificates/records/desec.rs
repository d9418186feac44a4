//! Records at deSEC (desec.readthedocs.io, managing domains and records).

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::super::authority::retry_after;
use super::super::error::causes;
use super::super::web;
use super::{DnsRecords, RecordsError};
use crate::clock::Clock;
use crate::http_client;

/// Largest answer, in bytes.
const LARGEST: usize = 64 * 1024;
/// The life of a record in caches, in seconds, where the domain allows it.
const LIFE: u32 = 60;

/// deSEC, by a token of the account. `Debug` prints no token.
#[derive(Clone, Debug)]
pub struct Desec {
    client: Client,
    base: Url,
    token: SecretString,
    clock: Arc<dyn Clock>,
}

/// A domain of the account.
#[derive(Debug, Deserialize)]
struct Domain {
    name: String,
    #[serde(default)]
    minimum_ttl: u32,
}

impl Desec {
    /// The provider at `base`, such as `https://desec.io/`.
    #[must_use]
    pub fn new(client: Client, base: Url, token: SecretString, clock: Arc<dyn Clock>) -> Self {
        Self { client, base, token, clock }
    }

    /// Makes `records` all records of a type that `name` has; none removes them.
    async fn put(&self, name: &str, kind: &str, records: &[String]) -> Result<(), RecordsError> {
        let domain = self.domain_of(name).await?;
        let label = name.strip_suffix(domain.name.as_str()).map(|rest| rest.trim_end_matches('.'));
        let Some(label) = label else {
            return Err(RecordsError::new(format!("deSEC names another domain for {name}: {}", domain.name)));
        };
        let path = ["api", "v1", "domains", &domain.name, "rrsets", ""];
        let body = json!([{"subname": label, "type": kind, "ttl": domain.minimum_ttl.max(LIFE), "records": records}]);
        self.send(self.request(Method::PUT, &path, &[])?.json(&body)).await.map(drop)
    }

    async fn domain_of(&self, name: &str) -> Result<Domain, RecordsError> {
        let request = self.request(Method::GET, &["api", "v1", "domains", ""], &[("owns_qname", name)])?;
        let body = self.send(request).await?;
        let domains: Vec<Domain> = serde_json::from_slice(&body)
            .map_err(|_| RecordsError::new("deSEC does not answer with a list of domains"))?;
        let none =
            || RecordsError::new(format!("the account at deSEC has no domain for {name}: add it there"));
        domains.into_iter().next().ok_or_else(none)
    }

    fn request(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<RequestBuilder, RecordsError> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| RecordsError::new("the address of deSEC is malformed"))?
            .clear()
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = format!("Token {}", self.token.expose_secret());
        Ok(self.client.request(method, url).header(header::AUTHORIZATION, token))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, RecordsError> {
        let failed = |reason: String| RecordsError::new(format!("deSEC is not reached: {reason}"));
        let response = http_client::send(request).await.map_err(|error| failed(web::describe(error)))?;
        let status = response.status();
        if status.is_success() {
            return http_client::body(response, LARGEST).await.map_err(|error| failed(causes(&error)));
        }
        Err(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                RecordsError::new("deSEC refuses DNS_TOKEN: make a token that may change this domain")
            }
            StatusCode::TOO_MANY_REQUESTS => RecordsError::new("deSEC takes no more changes for now")
                .with_retry_after(retry_after(response.headers(), self.clock.now())),
            _ => RecordsError::new(format!("deSEC answers with the status {status}")),
        })
    }
}

#[async_trait]
impl DnsRecords for Desec {
    async fn set_txt(&self, name: &str, value: &str) -> Result<(), RecordsError> {
        self.put(name, "TXT", &[format!("\"{value}\"")]).await
    }

    async fn remove_txt(&self, name: &str, _: &str) -> Result<(), RecordsError> {
        self.put(name, "TXT", &[]).await
    }

    async fn set_address(&self, name: &str, address: IpAddr) -> Result<(), RecordsError> {
        let kind = if address.is_ipv4() { "A" } else { "AAAA" };
        self.put(name, kind, &[address.to_string()]).await
    }
}
