//! A home of two hosts: Music Assistant on one, the renderers of the Echos on this one.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

use end_to_end::amazon::FakeAmazon;
use end_to_end::api::MUSIC_ASSISTANT;
use end_to_end::emulator::Emulator;
use end_to_end::music_assistant::{
    AlexaProvider, Echos as Sentences, Heard, Installation, MusicAssistant, Spoken,
};
use end_to_end::network::{self, OURS, OtherHost};
use ma_alexa::api::offer_renderers;
use ma_alexa::app;
use ma_alexa::clock::{SystemClock, SystemRandom};
use ma_alexa::config::TrustedHosts;
use ma_alexa::playback::Player;
use ma_alexa::renderer_report::Serving;
use ma_alexa::telemetry::LogLimiter;
use ma_alexa::upnp::{self, SEARCH_PORT, SystemInterfaces, UpnpLimits, UpnpServices};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinSet;

use super::echos::Echos;
use super::household::renderer;
use super::queues::{PATIENCE, Queues};
use crate::amazon::harness::Harness;

/// The home. Everything in it ends when it is dropped.
pub(super) struct House {
    pub(super) queues: Queues,
    pub(super) harness: Arc<Harness>,
    pub(super) echos: Echos,
    sentences: Option<UnboundedReceiver<Heard>>,
    tasks: JoinSet<()>,
    _hook: Sentences,
    _stop: mpsc::Sender<()>,
    _neighbour: Neighbour,
}

/// Runs the test with this name in a home of its own, where this machine has a Music Assistant and namespaces.
pub(super) fn in_a_house(name: &str, test: impl AsyncFnOnce(&mut House)) {
    with_a_neighbour(name, async |neighbour| test(&mut House::start(neighbour).await).await);
}

/// The other host, on which a Music Assistant can be started.
pub(super) struct Neighbour {
    pub(super) installation: Installation,
    host: OtherHost,
}

impl Neighbour {
    /// Starts one, whose own Alexa provider would have these Echos. What they hear comes out of the channel.
    pub(super) async fn start(&self, echos: &[&str]) -> (Queues, Sentences, UnboundedReceiver<Heard>) {
        let (hook, sentences) = Sentences::listen_to_other_host().await;
        let ma = MusicAssistant::start_on(&self.host, &self.installation, echos, &hook).await;
        (Queues { ma }, hook, sentences)
    }
}

/// Runs the test with this name in a network of two hosts.
pub(super) fn with_a_neighbour(name: &str, test: impl AsyncFnOnce(Neighbour)) {
    let Some(installation) = Installation::find() else { return };
    network::alone(name, || run(installation, || {}, test));
}

/// The same beside the emulator of AWS.
pub(super) fn beside_aws(name: &str, test: impl AsyncFnOnce(Neighbour, Emulator)) {
    let (Some(installation), Some(emulator)) = (Installation::find(), Emulator::find()) else { return };
    let address = emulator.address();
    network::alone_beside(name, Some(address), || {
        run(installation, || network::reach(address), async |neighbour| test(neighbour, emulator).await);
    });
}

fn run(installation: Installation, connected: impl FnOnce(), test: impl AsyncFnOnce(Neighbour)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let neighbour = Neighbour { installation, host: OtherHost::connect() };
        connected();
        test(neighbour).await;
    });
}

impl House {
    async fn start(neighbour: Neighbour) -> Self {
        let harness = Arc::new(Harness::signed_in().await);
        let (stop, stopped) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        serve(&harness, &mut tasks, stopped).await;
        let (queues, hook, sentences) = neighbour.start(&[super::KITCHEN]).await;
        let echos = Echos::new(Arc::clone(&harness) as _, queues.ma.streams());
        tasks.spawn(echos.clone().listen());
        queues.have_all().await;
        let sentences = Some(sentences);
        Self { queues, harness, echos, sentences, tasks, _hook: hook, _stop: stop, _neighbour: neighbour }
    }

    pub(super) fn amazon(&self) -> &FakeAmazon {
        &self.harness.amazon
    }

    /// Loads Music Assistant's own Alexa provider, whose one Echo is the device with this serial number, too.
    pub(super) async fn load_alexa_provider(&mut self, serial: &'static str) {
        let listener = TcpListener::bind((OURS, 0)).await.unwrap();
        let api_url = format!("http://{}", listener.local_addr().unwrap());
        let router = app::router(&self.harness.state);
        self.tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let mut sentences = self.sentences.take().unwrap();
        let echos = self.echos.clone();
        self.tasks.spawn(async move {
            while let Some(heard) = sentences.recv().await {
                let Spoken::Text(text) = heard.what else { continue };
                let intent = if text.ends_with("play audio") { "PlayAudio" } else { "MaStop" };
                echos.hears_of_provider(serial, intent).await;
            }
        });
        let provider = AlexaProvider { api_url: &api_url, credentials: MUSIC_ASSISTANT, language: "en-US" };
        self.queues.ma.load_alexa(provider, &[super::KITCHEN]).await;
    }

    /// Waits until the player of this name knows what follows.
    pub(super) async fn knows_next(&self, name: &str, title: &str) {
        self.until(&format!("{title} as the next track"), PATIENCE, async || {
            let household = self.harness.household().await;
            let player = household.players.iter().find(|player| player.player.as_str() == name);
            let next = player.and_then(Player::next);
            next.is_some_and(|next| next.metadata.title.as_deref() == Some(title))
        })
        .await;
    }

    /// Waits until Music Assistant asks for something of a renderer once more.
    pub(super) async fn is_asked_again(&self, serial: &str) {
        let asked = || self.harness.state.renderers().report().renderers[serial].found_at;
        let before = asked();
        self.until("call of the renderer", PATIENCE, async || asked() != before).await;
    }

    /// Waits until an Echo has got so many bytes of its stream.
    pub(super) async fn has_got(&self, serial: &str, bytes: usize) {
        self.until("the stream", PATIENCE, async || self.echos.got(serial) >= bytes).await;
    }

    /// Waits until an Echo shows a title.
    pub(super) async fn shows(&self, serial: &str, title: &str) {
        let shows = async || self.echos.titles(serial).last().is_some_and(|last| last == title);
        self.until(title, PATIENCE, shows).await;
    }

    /// Waits until an Echo has heard so many sentences and begun so many plays, and sees that it was no more. Music Assistant
    /// shows a player as playing from the moment at which it commands it, before the Echo has heard of that.
    pub(super) async fn has_begun(&self, serial: &str, sentences: usize, plays: usize) {
        let done = || (self.heard_at(serial), self.echos.titles(serial).len());
        let has_begun = async || done().0 >= sentences && done().1 >= plays;
        self.until("the play at the Echo", PATIENCE, has_begun).await;
        assert_eq!(done(), (sentences, plays), "one for each start");
    }

    /// How many sentences an Echo has heard.
    pub(super) fn heard_at(&self, serial: &str) -> usize {
        self.echos.sentences(serial)
    }

    /// What the API says of the renderer of a device.
    pub(super) async fn renderer(&self, serial: &str) -> Value {
        renderer(&self.harness.api, serial).await
    }
}

impl Deref for House {
    type Target = Queues;

    fn deref(&self) -> &Queues {
        &self.queues
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.tasks.abort_all();
    }
}

/// Serves and announces the renderers of a household. Returns their address.
pub(super) async fn serve(
    harness: &Harness,
    tasks: &mut JoinSet<()>,
    stopped: mpsc::Receiver<()>,
) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    harness.state.renderers().serves(Serving::At(address));
    let services = Arc::new(UpnpServices {
        renderers: offer_renderers(&harness.state, &harness.feed),
        address,
        search_port: SEARCH_PORT,
        interfaces: Arc::new(SystemInterfaces),
        hosts: TrustedHosts::default(),
        limits: UpnpLimits::default(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        reports: harness.state.renderers().clone(),
        log_limiter: Arc::new(LogLimiter::default()),
    });
    let router = upnp::router(&services).into_make_service_with_connect_info::<SocketAddr>();
    tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
    tasks.spawn(upnp::discover(services, stopped));
    address
}
