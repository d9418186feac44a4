//! Probes of a public origin, through which Echos reach streams or pictures of Music Assistant.

use futures_util::future::join_all;
use url::Url;

use super::probe_client::{ProbeClient, ProbeResult, Sample};
use super::random_name::RandomName;
use crate::config::BaseUrl;
use crate::probe::ProbeRequest;

/// Paths of Music Assistant's own pages and API. None of them is a command, and `HEAD` reads no content.
const PAGES: [&str; 3] = ["/info", "/ws", "/api"];

/// The most bytes read of a page.
const PAGE_BYTES: usize = 16 * 1024;

/// The media of a public origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OriginMedia {
    Streams,
    Pictures,
}

/// The probes of one public origin.
#[derive(Clone, Debug)]
pub(super) struct PublicOriginProbe {
    /// The base of all paths.
    pub(super) base: BaseUrl,
    pub(super) media: OriginMedia,
    pub(super) sample: Option<Sample>,
}

/// The results of the probes of one public origin.
#[derive(Debug)]
pub(in crate::diagnostics) struct PublicOriginResult {
    /// A stream or picture; none where there is none that may be requested.
    pub(in crate::diagnostics) sample: Option<(Sample, ProbeResult)>,
    /// A path that no server has.
    pub(in crate::diagnostics) missing_path: ProbeResult,
    /// A path of streams or pictures with a name that does not exist.
    pub(in crate::diagnostics) missing_sample: ProbeResult,
    /// A command to a queue that does not exist.
    pub(in crate::diagnostics) command: ProbeResult,
    /// Pictures by their address, at a host that does not exist.
    pub(in crate::diagnostics) foreign_pictures: Vec<ProbeResult>,
    /// Music Assistant's pages and API.
    pub(in crate::diagnostics) pages: Vec<ProbeResult>,
}

impl PublicOriginProbe {
    /// Sends all probes at once. None can make music play, skip or stop: a command is a `HEAD` for an unknown queue.
    pub(super) async fn send(
        self,
        client: &ProbeClient<'_>,
        name: &RandomName,
    ) -> Option<PublicOriginResult> {
        let at = |path: &str| Url::parse(&self.base.join(path)).ok();
        let missing_sample = match self.media {
            OriginMedia::Streams => name.stream_path(),
            OriginMedia::Pictures => name.picture_path(),
        };
        let (missing_path, missing_sample) = (at(&format!("/{}", name.queue()))?, at(&missing_sample)?);
        let command = at(&name.command_path())?;
        let foreign = name.foreign_picture_paths().into_iter().filter_map(|path| at(&path));
        let front_page = at("/").map(|url| ProbeRequest::get(url, PAGE_BYTES));
        let pages = PAGES.iter().filter_map(|page| at(page)).map(ProbeRequest::head).chain(front_page);
        let (sample, missing_path, missing_sample, command, foreign_pictures, pages) = tokio::join!(
            client.send_sample(self.sample),
            client.send(ProbeRequest::head(missing_path)),
            client.send(ProbeRequest::get(missing_sample, PAGE_BYTES)),
            client.send(ProbeRequest::head(command)),
            join_all(foreign.map(|url| client.send(ProbeRequest::get(url, PAGE_BYTES)))),
            join_all(pages.map(|request| client.send(request))),
        );
        Some(PublicOriginResult { sample, missing_path, missing_sample, command, foreign_pictures, pages })
    }
}
