//! TXT records as public resolvers show them, by their JSON over HTTPS.
//!
//! The home's own resolver says nothing of what the authority finds, and may remember that a record was missing.

use async_trait::async_trait;
use futures_util::future::join_all;
use reqwest::{Client, header};
use serde::Deserialize;
use url::Url;

use super::super::error::causes;
use super::super::web;
use super::{RecordsError, TxtLookup};
use crate::http_client;

/// The number of the type TXT (RFC 1035, section 3.2.2).
const TXT: u16 = 16;
/// Largest answer, in bytes.
const LARGEST: usize = 64 * 1024;

/// Resolvers that answer in JSON (developers.google.com/speed/public-dns/docs/doh/json).
#[derive(Clone, Debug)]
pub struct HttpsLookup {
    client: Client,
    resolvers: Vec<Url>,
}

#[derive(Debug, Deserialize)]
struct Answers {
    #[serde(default, rename = "Answer")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    #[serde(rename = "type")]
    kind: u16,
    data: String,
}

impl HttpsLookup {
    /// Asks all of `resolvers`.
    #[must_use]
    pub fn new(client: Client, resolvers: Vec<Url>) -> Self {
        Self { client, resolvers }
    }

    async fn ask(&self, resolver: &Url, name: &str, value: &str) -> Result<bool, String> {
        let mut url = resolver.clone();
        url.query_pairs_mut().append_pair("name", name).append_pair("type", "TXT");
        let request = self.client.get(url).header(header::ACCEPT, "application/dns-json");
        let response = http_client::send(request).await.map_err(web::describe)?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("the status {status}"));
        }
        let body = http_client::body(response, LARGEST).await.map_err(|error| causes(&error))?;
        let answers: Answers = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
        let values = answers.records.iter().filter(|record| record.kind == TXT);
        // Some write the quotes of a zone file, some do not.
        Ok(values.map(|record| record.data.trim_matches('"')).any(|shown| shown == value))
    }
}

#[async_trait]
impl TxtLookup for HttpsLookup {
    async fn shows(&self, name: &str, value: &str) -> Result<bool, RecordsError> {
        let asked = self.resolvers.iter().map(|resolver| self.ask(resolver, name, value));
        let (answers, failures): (Vec<_>, Vec<_>) =
            join_all(asked).await.into_iter().partition(Result::is_ok);
        if answers.is_empty() {
            let reasons: Vec<String> = failures.into_iter().filter_map(Result::err).collect();
            return Err(RecordsError::new(format!("no resolver answers: {}", reasons.join("; "))));
        }
        Ok(answers.into_iter().all(|shown| shown == Ok(true)))
    }
}
