//! Everything that the fake knows, and which part of it answers what.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, Semaphore};

use super::account::Account;
use super::api;
use super::asked::Asked;
use super::behaviors::Utterance;
use super::faults::Faults;
use super::host::{Host, Kind};
use super::household::Household;
use super::live::Live;
use super::log::Log;
use super::lwa::{self, Lwa};
use super::page::{self, Page};
use super::quirks::Quirks;
use super::smapi::{self, Smapi};
use super::{sign_in, tokens};

/// All state.
#[derive(Debug)]
pub(super) struct State {
    pub(super) account: Account,
    pub(super) household: Household,
    pub(super) quirks: Quirks,
    pub(super) faults: Faults,
    /// The requests that wait, by how their paths begin, and what they wait for.
    pub(super) held: Option<(String, Arc<Semaphore>)>,
    pub(super) log: Log,
    pub(super) live: Live,
    pub(super) utterances: UnboundedSender<Utterance>,
    /// Reports to the test which devices are stopped.
    pub(super) stops: UnboundedSender<String>,
    /// Wakes the test that waits for a request.
    pub(super) arrived: Arc<Notify>,
    /// Reasons why operations of behaviours were dropped.
    pub(super) dropped: Vec<String>,
    pub(super) lwa: Lwa,
    pub(super) smapi: Smapi,
    last_behavior: Option<Instant>,
}

impl State {
    pub(super) fn new(utterances: UnboundedSender<Utterance>, stops: UnboundedSender<String>) -> Self {
        Self {
            account: Account::new(),
            household: Household::new(),
            quirks: Quirks::default(),
            faults: Faults::default(),
            held: None,
            log: Log::default(),
            live: Live::default(),
            utterances,
            stops,
            arrived: Arc::default(),
            dropped: Vec::new(),
            lwa: Lwa::default(),
            smapi: Smapi::default(),
            last_behavior: None,
        }
    }

    /// Whether a behaviour comes too soon after the last one that was let through.
    pub(super) fn is_behavior_too_early(&mut self) -> bool {
        let apart = self.last_behavior.map(|last| last.elapsed());
        let early =
            matches!((apart, self.quirks.behavior_spacing), (Some(apart), Some(least)) if apart < least);
        if !early {
            self.last_behavior = Some(Instant::now());
        }
        early
    }

    /// Notes what a request should not have been, and what of it is secret.
    pub(super) fn inspect(&mut self, asked: &Asked) {
        let mut violations = Vec::new();
        match &asked.host {
            None => violations.push("there is no such host".to_owned()),
            Some(host) => {
                if let Some(other) = self.account.foreign_cookie(asked, &host.marketplace) {
                    violations.push(format!("it carries cookies of amazon.{other}"));
                }
                let takes_tokens = matches!(host.kind, Kind::Tokens | Kind::Retail);
                if !takes_tokens && !asked.field("source_token").is_empty() {
                    violations.push("it carries a refresh token".to_owned());
                }
            }
        }
        if asked.path != "/ap/maplanding" && !self.account.secret_ledger.found_in(&asked.address()).is_empty()
        {
            violations.push("its address has a secret in it".to_owned());
        }
        let name = format!("{} {}{}", asked.method, asked.host_name, asked.path);
        self.log.violations.extend(violations.into_iter().map(|what| format!("{name}: {what}")));
        self.keep_secrets(asked);
    }

    fn keep_secrets(&mut self, asked: &Asked) {
        let secret_ledger = &mut self.account.secret_ledger;
        for name in ["source_token", "refresh_token", "client_secret", "code"] {
            secret_ledger.keep(asked.field(name).to_owned());
        }
        for name in ["authorization_code", "code_verifier"] {
            secret_ledger.keep(asked.body["auth_data"][name].as_str().unwrap_or_default().to_owned());
        }
        for secret in [asked.bearer(), asked.header("csrf")] {
            secret_ledger.keep(secret.to_owned());
        }
        for (_, value) in asked.cookies() {
            secret_ledger.keep(value.to_owned());
        }
    }

    /// Does what was asked, and reports what has changed.
    pub(super) fn serve(&mut self, asked: &Asked, host: &Host) -> Page {
        let page = self.answer(asked, host);
        self.tell();
        page
    }

    /// Reports to every stream of live events what has changed in the household.
    pub(super) fn tell(&mut self) {
        self.live.tell(&self.account, &self.household);
    }

    fn answer(&mut self, asked: &Asked, host: &Host) -> Page {
        let Self { account, quirks, .. } = self;
        let american = host.marketplace == "com";
        match (host.kind, asked.method.as_str(), asked.path.as_str()) {
            (Kind::Retail, "GET", "/ap/signin") if american => sign_in::sign_in(account, asked),
            (Kind::Retail, "POST", "/ap/exchangetoken/cookies") => {
                tokens::cookies(account, quirks, asked, &host.marketplace)
            }
            (Kind::Tokens, "POST", "/auth/register") if american => tokens::register(account, quirks, asked),
            (Kind::Tokens, "POST", "/auth/token") => tokens::token(account, quirks, asked),
            (Kind::Retail, "GET", "/ap/oa") if american => {
                lwa::authorize(&mut self.lwa, account, quirks, asked)
            }
            (Kind::Tokens, "POST", "/auth/o2/token") if american => {
                lwa::token(&mut self.lwa, account, quirks, asked)
            }
            (Kind::Tokens, "POST", "/auth/deregister") => tokens::deregister(account, asked),
            (Kind::Capabilities, "PUT", "/v1/devices/@self/capabilities") => {
                let page = tokens::capabilities(account, asked);
                let serial = account.serial_of_access_token(asked.bearer()).map(str::to_owned);
                self.live.capable.extend(serial.filter(|_| page.status() == 204));
                page
            }
            (Kind::Live(region), "GET", "/v20160207/directives") => {
                let (page, storm) = self.live.open(account, &self.household, asked, region);
                self.log.violations.extend(storm);
                page
            }
            (Kind::Live(region), "POST", "/v20160207/events") => {
                self.live.synchronize(account, asked, region)
            }
            (Kind::Live(_), "GET" | "POST", "/v20160207/ping") => self.live.ping(account, asked),
            (Kind::Capabilities, ..) if smapi::is_for(&asked.path) => smapi::answer(self, asked),
            _ if host.wants_cookies() => api::answer(self, asked, host),
            // `/ap/maplanding` among them: a sign-in ends at a page that is not there.
            _ => page::not_found(),
        }
    }
}
