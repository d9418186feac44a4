//! One request to each public address, for its name, connection and certificate.

use futures_util::future::join_all;
use url::Url;

use super::probe_client::{ProbeClient, ProbeResult};
use super::snapshot::Snapshot;
use crate::config::{BaseUrl, SkillEndpoint};
use crate::diagnostics::Services;
use crate::diagnostics::finding::Address;
use crate::probe::ProbeRequest;

/// The results of one request to each public address that is set.
#[derive(Debug)]
pub(in crate::diagnostics) struct Reached(pub(in crate::diagnostics) Vec<(Address, ProbeResult)>);

impl Reached {
    /// Sends the requests at once. An endpoint at the origin of the door has none of its own.
    pub(in crate::diagnostics) async fn collect(services: &Services, snapshot: &Snapshot) -> Self {
        let client = ProbeClient { prober: services.prober.as_ref(), clock: services.deps.clock.as_ref() };
        let streams = &snapshot.config.streams;
        let at = |base: &BaseUrl| Url::parse(&base.join("/healthz")).ok();
        let door = streams.door.as_ref().and_then(at);
        let plain = streams.stream_base.as_ref().filter(|_| !snapshot.streams_are_granted()).and_then(at);
        let endpoint = match &snapshot.config.setup.skill_endpoint {
            Some(SkillEndpoint::Https(url)) => Some(url.clone()),
            Some(SkillEndpoint::Function(_)) | None => None,
        };
        let is_the_door = |url: &Url| door.as_ref().is_some_and(|door| door.origin() == url.origin());
        let endpoint = endpoint.filter(|url| !is_the_door(url));
        let targets = [(Address::Door, door), (Address::Stream, plain), (Address::Endpoint, endpoint)];
        let targets = targets.into_iter().filter_map(|(address, url)| Some((address, url?)));
        let send = |(address, url)| {
            let client = &client;
            async move { (address, client.send(ProbeRequest::head(url)).await) }
        };
        Self(join_all(targets.map(send)).await)
    }
}
