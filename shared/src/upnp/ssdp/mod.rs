//! Discovery: renderers are announced in the network, and searches for them are answered.

mod limiter;
mod message;
mod sockets;

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use limiter::SearchLimiter;
pub(super) use message::Search;
use message::{Offer, Stamp};
use sockets::{Network, Sockets};

use super::media_renderer::Identity;
use super::network::{Interface, offered_on};
use super::{UpnpServices, registry};
use crate::renderer_report::Announcing;
use crate::task;

/// The port of searches (UPnP Device Architecture 1.0, section 1).
pub const SEARCH_PORT: u16 = 1900;

/// Time between two looks at the interfaces.
const LOOK: Duration = Duration::from_secs(10);

/// Time before the sockets are opened again after a failure.
const REST: Duration = Duration::from_secs(15);

/// Time before the first announcement is repeated: datagrams are lost.
const REPEAT: Duration = Duration::from_secs(2);

/// Most searches that wait for their answer at a time.
const MAX_WAITING: usize = 64;

/// Datagrams that are sent without a rest.
const BATCH: usize = 12;

/// The rest between batches: the network and the askers have small queues.
const BATCH_REST: Duration = Duration::from_millis(10);

/// Announces the renderers and answers searches until `stop` has a message; then says that they go. Where the port is
/// taken or there is no private network, it tries again.
pub async fn discover(services: Arc<UpnpServices>, mut stop: mpsc::Receiver<()>) {
    // It grows with each start, as long as the clock does.
    let boot = u32::try_from(services.clock.now().seconds().clamp(0, i64::from(i32::MAX))).unwrap_or(0);
    let mut discovery = Discovery { services, boot, limiter: SearchLimiter::default(), known: Vec::new() };
    loop {
        let end = match discovery.open() {
            Ok((sockets, interfaces)) => {
                discovery.services.reports.announces(Announcing::Yes);
                discovery.run(&sockets, &interfaces, &mut stop).await
            }
            Err(error) => {
                let is_alone = error.kind() == io::ErrorKind::NotFound;
                let why = if is_alone { Announcing::NoNetwork } else { Announcing::Failed };
                discovery.services.reports.announces(why);
                discovery.warn("renderers cannot be announced", &error);
                tokio::select! {
                    () = task::stopped(&mut stop) => End::Stopped,
                    () = sleep(REST) => End::Changed,
                }
            }
        };
        match end {
            End::Stopped => return,
            End::Changed => {}
        }
    }
}

/// Why sockets are used no more.
enum End {
    Stopped,
    /// The interfaces are others, or a socket failed.
    Changed,
}

struct Discovery {
    services: Arc<UpnpServices>,
    boot: u32,
    limiter: SearchLimiter,
    /// The renderers that were announced.
    known: Vec<Identity>,
}

impl Discovery {
    fn interfaces(&self) -> io::Result<Vec<Interface>> {
        Ok(offered_on(self.services.interfaces.list()?, self.services.address.ip()))
    }

    fn open(&self) -> io::Result<(Sockets, Vec<Interface>)> {
        let interfaces = self.interfaces()?;
        Ok((Sockets::open(self.services.search_port, &interfaces)?, interfaces))
    }

    /// Serves one set of sockets.
    async fn run(
        &mut self,
        sockets: &Sockets,
        interfaces: &[Interface],
        stop: &mut mpsc::Receiver<()>,
    ) -> End {
        let mut renderers = self.services.renderers.clone();
        self.known = self.present();
        self.announce(sockets, &self.known).await;
        let mut announcement = Instant::now() + REPEAT;
        let mut look = Instant::now() + LOOK;
        let mut waiting = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = task::stopped(stop) => {
                    self.leave(sockets, &self.known).await;
                    return End::Stopped;
                }
                heard = sockets.hear() => match heard {
                    Ok((datagram, asker)) => {
                        if let Some((search, delay)) = self.admit(sockets, &datagram, asker, waiting.len()) {
                            waiting.push(async move {
                                sleep(delay).await;
                                (search, asker)
                            });
                        }
                    }
                    Err(error) => {
                        self.warn("searches cannot be heard", &error);
                        sleep(BATCH_REST).await;
                    }
                },
                Some((search, asker)) = waiting.next(), if !waiting.is_empty() => {
                    self.answer(sockets, &search, asker).await;
                }
                () = sleep_until(announcement) => {
                    self.announce(sockets, &self.known).await;
                    announcement = Instant::now() + self.until_next();
                }
                () = sleep_until(look) => {
                    // What the system does not tell is taken as it was.
                    if self.interfaces().is_ok_and(|now| now != interfaces) {
                        return End::Changed;
                    }
                    look = Instant::now() + LOOK;
                }
                Ok(()) = renderers.changed() => self.update(sockets).await,
            }
        }
    }

    /// The renderers that are there now.
    fn present(&self) -> Vec<Identity> {
        registry::offered(&self.services.renderers.borrow()).map(|renderer| renderer.identity()).collect()
    }

    /// Takes over a changed list: those that went say so, and those that came or have a new name are announced.
    async fn update(&mut self, sockets: &Sockets) {
        let present = self.present();
        let gone = |known: &&Identity| present.iter().all(|identity| identity.udn != known.udn);
        let gone: Vec<Identity> = self.known.iter().filter(gone).cloned().collect();
        let new: Vec<Identity> =
            present.iter().filter(|identity| !self.known.contains(identity)).cloned().collect();
        self.known = present;
        self.leave(sockets, &gone).await;
        self.announce(sockets, &new).await;
    }

    /// A datagram that is answered, and the time after which it is: a random part of the searcher's.
    fn admit(
        &mut self,
        sockets: &Sockets,
        datagram: &[u8],
        asker: SocketAddrV4,
        waiting: usize,
    ) -> Option<(Search, Duration)> {
        sockets.network_of(asker)?;
        let search = Search::read(datagram)?;
        let is_known = self.known.iter().any(|identity| found(&search, identity).next().is_some());
        if is_known {
            self.services.reports.searched(self.services.clock.now());
        }
        let is_admitted = is_known && self.limiter.admit(*asker.ip(), self.services.clock.moment());
        // Some of the time is left for the way.
        (is_admitted && waiting < MAX_WAITING).then(|| (search.clone(), self.part_of(search.wait * 4 / 5)))
    }

    async fn answer(&self, sockets: &Sockets, search: &Search, asker: SocketAddrV4) {
        let Some(network) = sockets.network_of(asker) else { return };
        let mut messages = Vec::new();
        for identity in &self.known {
            let (address, stamp) = (self.location(network), self.stamp(identity));
            messages.extend(
                found(search, identity).map(|offer| message::answer(&offer, identity, address, stamp)),
            );
        }
        send(network, &messages, asker).await;
    }

    async fn announce(&self, sockets: &Sockets, identities: &[Identity]) {
        for network in sockets.networks() {
            let address = self.location(network);
            let of = |identity: &Identity| {
                let offers = message::offers(identity).into_iter();
                let alive = |offer| message::alive(&offer, identity, address, self.stamp(identity));
                offers.map(alive).collect::<Vec<_>>()
            };
            let messages: Vec<String> = identities.iter().flat_map(of).collect();
            send(network, &messages, sockets.group()).await;
        }
    }

    async fn leave(&self, sockets: &Sockets, identities: &[Identity]) {
        for network in sockets.networks() {
            let of = |identity: &Identity| {
                let offers = message::offers(identity).into_iter();
                offers.map(|offer| message::byebye(&offer, self.stamp(identity))).collect::<Vec<_>>()
            };
            let messages: Vec<String> = identities.iter().flat_map(of).collect();
            send(network, &messages, sockets.group()).await;
        }
    }

    fn location(&self, network: &Network) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(network.address()), self.services.address.port())
    }

    fn stamp(&self, identity: &Identity) -> Stamp {
        Stamp { boot: self.boot, config: message::config(identity) }
    }

    /// Time until the next announcement: well before the last one is too old.
    fn until_next(&self) -> Duration {
        message::MAX_AGE / 4 + self.part_of(message::MAX_AGE / 4)
    }

    /// A random part of a time.
    fn part_of(&self, whole: Duration) -> Duration {
        let mut bytes = [0; 2];
        // Without randomness all answer at once, which is no more than impolite.
        let _ = self.services.random.fill(&mut bytes);
        whole * u32::from(u16::from_be_bytes(bytes)) / (u32::from(u16::MAX) + 1)
    }

    fn warn(&self, reason: &'static str, error: &io::Error) {
        if let Some(earlier) = self.services.log_limiter.admit(reason, self.services.clock.now()) {
            tracing::warn!(reason, %error, earlier, "discovery of renderers");
        }
    }
}

/// The offers of a renderer that a search finds.
fn found(search: &Search, identity: &Identity) -> impl Iterator<Item = Offer> {
    message::offers(identity).into_iter().filter(|offer| search.finds(offer))
}

/// Sends messages in batches.
async fn send(network: &Network, messages: &[String], to: SocketAddrV4) {
    for (at, batch) in messages.chunks(BATCH).enumerate() {
        if at > 0 {
            sleep(BATCH_REST).await;
        }
        for message in batch {
            network.send(message, to).await;
        }
    }
}
