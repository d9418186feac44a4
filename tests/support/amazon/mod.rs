//! An Amazon for tests: one server that plays every host of the Alexa app, over real HTTP.
//!
//! A request says in its `Host` header which host it is for. There is one person with one account, and a household of
//! devices that obey commands, in so far as the real ones do. What is wrong with a request never ends a test
//! here: it is answered as Amazon answers it, and can be looked up afterwards.
#![expect(clippy::unwrap_used, reason = "without the server there is no test")]

mod account;
mod api;
mod asked;
mod behaviors;
mod faults;
mod host;
mod household;
mod live;
mod log;
mod lwa;
mod page;
mod player;
mod quirks;
mod secret_ledger;
mod sign_in;
mod smapi;
mod state;
mod tokens;
mod visit;
mod wire;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::header;
use reqwest::redirect::Policy;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use url::Url;

pub use account::{APP_TYPE, CUSTOMER, LwaClient, Registered, USER};
pub use behaviors::Utterance;
pub use faults::{Fault, Throttle};
pub use household::{Device, GROUP_TYPE, Media, OTHER_OWNER, PAIR_TYPE, serial};
pub use log::Call;
pub use quirks::{Clusters, Quirks, Refusal};
pub use smapi::{FakeSkill, SmapiQuirks};

use state::State;
use visit::answer;
use wire::{Wire, Wires};

/// Time that a test waits for something that is to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct FakeAmazon {
    address: SocketAddr,
    state: Shared,
    utterances: tokio::sync::Mutex<UnboundedReceiver<Utterance>>,
    stops: tokio::sync::Mutex<UnboundedReceiver<String>>,
    server: JoinHandle<()>,
}

type Shared = Arc<Mutex<State>>;

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeAmazon {
    /// Listens on a free loopback port. The account is of amazon.com, and no client is registered.
    pub async fn start() -> Self {
        // Without one, no client can be built; another test of this process may have chosen it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let ((hears, utterances), (stopped, stops)) = (unbounded_channel(), unbounded_channel());
        let state: Shared = Arc::new(Mutex::new(State::new(hears, stopped)));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        let service = router.into_make_service_with_connect_info::<Wire>();
        let server = tokio::spawn(async move { axum::serve(Wires(listener), service).await.unwrap() });
        let (utterances, stops) = (tokio::sync::Mutex::new(utterances), tokio::sync::Mutex::new(stops));
        Self { address, state, utterances, stops, server }
    }

    /// The address for `AMAZON_ENDPOINT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Does what a person does with the address of a sign-in: opens it, signs in, and copies the address of the page
    /// that is not there.
    pub async fn sign_in(&self, url: &str) -> String {
        let (status, location) = self.visit(url).await;
        assert_eq!(status, 302, "Amazon shows no sign-in page at {url}");
        location.unwrap()
    }

    /// The status and the `Location` of what a browser gets at an address of Amazon's.
    pub async fn visit(&self, url: &str) -> (u16, Option<String>) {
        let url = Url::parse(url).unwrap();
        let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        let address = format!("{}{}?{}", self.url(), url.path(), url.query().unwrap_or_default());
        let request = browser.get(address).header(header::HOST, url.host_str().unwrap());
        let answer = request.timeout(PATIENCE).send().await.unwrap();
        let location = answer.headers().get(header::LOCATION);
        (answer.status().as_u16(), location.map(|location| location.to_str().unwrap().to_owned()))
    }

    /// Changes how it behaves.
    pub fn behave(&self, change: impl FnOnce(&mut Quirks)) {
        change(&mut self.state().quirks);
    }

    /// Makes the next `times` requests whose paths begin with `path` go wrong; `usize::MAX` for all of them.
    pub fn fault(&self, path: &str, fault: Fault, times: usize) {
        self.state().faults.add(path, fault, 0, times);
    }

    /// The same, after `skips` requests whose paths begin so were served as ever.
    pub fn fault_after(&self, skips: usize, path: &str, fault: Fault, times: usize) {
        self.state().faults.add(path, fault, skips, times);
    }

    /// Keeps every request whose path begins with `path` waiting from now on, until [`FakeAmazon::release`].
    pub fn hold(&self, path: &str) {
        self.state().held = Some((path.to_owned(), Semaphore::new(0).into()));
    }

    /// Serves what waits, and all that comes.
    pub fn release(&self) {
        if let Some((_, gate)) = self.state().held.take() {
            gate.close();
        }
    }

    /// Forgets the faults that are still to happen.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Makes the codes of all sign-ins so far useless.
    pub fn expire_codes(&self) {
        self.state().account.codes.clear();
    }

    /// Makes all cookies so far stale, csrf tokens among them.
    pub fn expire_cookies(&self) {
        self.state().account.expire_cookies();
    }

    /// Makes all access tokens so far useless.
    pub fn expire_access_tokens(&self) {
        self.state().account.expire_access_tokens();
    }

    /// Removes every client from the account, as the person does in their list of devices: refresh tokens, access
    /// tokens and cookies are of no use any more.
    pub fn revoke(&self) {
        self.state().account.revoke();
    }

    /// Gives the marketplace of the next successful answer behind the cookies a new csrf token, in that answer.
    pub fn rotate_csrf(&self) {
        self.state().account.rotates_csrf = true;
    }

    /// Moves the account to another marketplace, such as `co.uk`.
    pub fn move_to(&self, marketplace: &str) {
        assert!(host::region(marketplace).is_some(), "there is no amazon.{marketplace}");
        marketplace.clone_into(&mut self.state().account.marketplace);
    }

    /// The clients that are registered now.
    #[must_use]
    pub fn registered(&self) -> Vec<Registered> {
        self.state().account.devices.clone()
    }

    /// A client of Login with Amazon, with the token that the person granted first.
    #[must_use]
    pub fn lwa(&self) -> LwaClient {
        self.state().account.lwa.clone()
    }

    /// Makes all access tokens of Login with Amazon useless; refresh tokens stay.
    pub fn expire_lwa(&self) {
        self.state().lwa.expire();
    }

    /// Puts a skill into the developer account that another person made; its id.
    pub fn add_skill(&self, manifest: Value) -> String {
        self.state().smapi.add(manifest)
    }

    /// The skills of the developer account, in the order in which they were made.
    #[must_use]
    pub fn skills(&self) -> Vec<FakeSkill> {
        self.state().smapi.skills.clone()
    }

    /// Changes a skill as the person can in the console.
    pub fn change_skill(&self, id: &str, change: impl FnOnce(&mut FakeSkill)) {
        change(self.state().smapi.find(id).unwrap());
    }

    /// Deletes a skill, as the person can in the console.
    pub fn delete_skill(&self, id: &str) {
        self.state().smapi.skills.retain(|skill| skill.id != id);
    }

    /// Takes note that a function lets requests of a skill in, which a manifest that names the function needs.
    pub fn admit(&self, function: &str, skill: &str) {
        self.state().smapi.admitted.insert((function.to_owned(), skill.to_owned()));
    }

    /// Makes all tokens of Login with Amazon useless.
    pub fn revoke_lwa(&self) {
        self.state().account.lwa_tokens.clear();
    }

    /// A device, with its present state.
    #[must_use]
    pub fn device(&self, serial: &str) -> Device {
        self.state().household.find(serial).unwrap().clone()
    }

    /// Changes a device.
    pub fn change_device(&self, serial: &str, change: impl FnOnce(&mut Device)) {
        let mut state = self.state();
        change(state.household.find(serial).unwrap());
        state.tell();
    }

    /// Number of streams of live events that are open.
    #[must_use]
    pub fn live_streams(&self) -> usize {
        self.state().live.count()
    }

    /// Sends bytes on every stream of live events.
    pub fn say_live(&self, bytes: &[u8]) {
        self.state().live.say(bytes);
    }

    /// Ends every stream of live events: in good order, or by an error.
    pub fn end_live(&self, in_order: bool) {
        self.state().live.end(in_order);
    }

    /// Adds a device to the household.
    pub fn add_device(&self, device: Device) {
        self.state().household.0.push(device);
    }

    /// Removes a device from the household.
    pub fn remove_device(&self, serial: &str) {
        self.state().household.0.retain(|device| device.serial != serial);
    }

    /// Makes a device play.
    pub fn play(&self, serial: &str, media: Media) {
        self.change_device(serial, |device| device.media = Some(media));
    }

    /// Waits for the next text command that a device hears. What the device does then is up to the test.
    pub async fn next_utterance(&self) -> Utterance {
        let mut utterances = self.utterances.lock().await;
        timeout(PATIENCE, utterances.recv()).await.unwrap().unwrap()
    }

    /// The same, however long it takes.
    pub async fn next_utterance_ever(&self) -> Utterance {
        self.utterances.lock().await.recv().await.unwrap()
    }

    /// Waits for the next stop of one device, however long it takes: its serial number. The device then reports it.
    pub async fn next_stop_ever(&self) -> String {
        self.stops.lock().await.recv().await.unwrap()
    }

    /// The next one, when there is one already.
    pub async fn heard(&self) -> Option<Utterance> {
        self.utterances.lock().await.try_recv().ok()
    }

    /// Reasons why operations of behaviours were dropped without a word.
    #[must_use]
    pub fn dropped(&self) -> Vec<String> {
        self.state().dropped.clone()
    }

    /// The requests whose paths begin with `path`, in the order in which they came.
    #[must_use]
    pub fn requests(&self, path: &str) -> Vec<Call> {
        self.state().log.calls(path)
    }

    /// Waits until there are `count` of them; they may still be in hand.
    pub async fn wait_for(&self, path: &str, count: usize) -> Vec<Call> {
        let arrived = Arc::clone(&self.state().arrived);
        let all = async {
            loop {
                // Before the look, so that none comes between the two.
                let next = arrived.notified();
                let calls = self.requests(path);
                if calls.len() >= count {
                    return calls;
                }
                next.await;
            }
        };
        timeout(PATIENCE, all).await.unwrap()
    }

    /// Greatest number of requests with the account's cookies or tokens that were in hand at once.
    #[must_use]
    pub fn max_in_flight(&self) -> usize {
        self.state().log.max_in_flight()
    }

    /// Acts that no client may do: hosts that there are not, cookies and refresh tokens to where they do not belong,
    /// secrets in addresses.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.state().log.violations.clone()
    }

    /// All tokens, cookies, csrf tokens, codes and keys that it ever gave out or was sent.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.state().account.secret_ledger.all()
    }

    /// Those that a text contains, encoded for an address or not.
    #[must_use]
    pub fn secrets_in(&self, text: &str) -> Vec<String> {
        self.state().account.secret_ledger.found_in(text)
    }
}

impl Drop for FakeAmazon {
    fn drop(&mut self) {
        self.server.abort();
    }
}
