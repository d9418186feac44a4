//! What is asked outside, all at once, and what was answered.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use tokio::time::timeout;
use tracing::{Instrument as _, Span};
use url::Url;

use crate::clock::{Clock, Timestamp};
use crate::config::{BaseUrl, SkillEndpoint};
use crate::playback::{Player, StreamAddresses};
use crate::probe::{Answer, Ask, MOST_OF_A_STREAM, ProbeError, Prober, Question, TIMEOUT};
use crate::smapi::{SkillStatus, SmapiError};

use super::facts::Facts;
use super::nobody::Nobody;
use super::outlet::{Goods, Outing, Outlet, Trade};
use super::walk::DoctorParts;

/// How much is read of an answer that is JSON.
const JSON: usize = 16 * 1024;

/// How long Amazon may take with the skill. Half of it has a question that comes after another.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long all of it takes at most, and two questions one after the other.
const MOST: Duration = Duration::from_secs(12);
const _: () = assert!(PATIENCE.as_secs() <= MOST.as_secs());
const _: () = assert!(TIMEOUT.as_secs() + PATIENCE.as_secs() / 2 <= MOST.as_secs());

/// Whose clock ours is held against: it belongs to those who refuse requests by the time.
const TIME: &str = "https://api.amazonalexa.com/";

/// Asks questions, and notes when they were answered.
#[derive(Clone, Copy)]
pub(super) struct Talk<'a> {
    pub(super) prober: &'a dyn Prober,
    pub(super) clock: &'a dyn Clock,
}

/// What came of a question.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) url: Url,
    pub(super) result: Result<Answer, ProbeError>,
    pub(super) at: Timestamp,
}

impl Talk<'_> {
    pub(super) async fn ask(&self, question: Question) -> Said {
        let result = self.prober.ask(&question).await;
        Said { url: question.url, result, at: self.clock.now() }
    }
}

impl Said {
    /// The host that was asked.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The answer, if there was one.
    pub(super) fn answer(&self) -> Option<&Answer> {
        self.result.as_ref().ok()
    }

    /// Its status, if there was one.
    pub(super) fn status(&self) -> Option<u16> {
        self.answer().map(|answer| answer.status)
    }
}

/// What was answered. Of what was not asked, there is nothing.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) api: Option<Said>,
    pub(super) endpoint: Option<Said>,
    pub(super) stream: Option<Outlet>,
    pub(super) art: Option<Outlet>,
    pub(super) time: Said,
    pub(super) ma_info: Option<Said>,
    pub(super) ma_call: Option<Said>,
    /// The skill as Amazon has it; nothing where nobody is signed in to the developer account, or it took too long.
    pub(super) skill: Option<Result<Option<SkillStatus>, SmapiError>>,
}

impl Answers {
    /// Asks whatever the facts make worth asking. Every question is bounded, and none waits for another but the one with
    /// Music Assistant's token, which goes only to where Music Assistant is.
    pub(super) async fn gather(
        parts: &DoctorParts,
        facts: &Facts,
        nobody: &Nobody,
        patience: Duration,
    ) -> Self {
        let talk = Talk { prober: parts.prober.as_ref(), clock: parts.clock.as_ref() };
        let api = facts.setup.api_url.as_ref().and_then(|url| Url::parse(&url.join("/healthz")).ok());
        let endpoint = match &facts.setup.skill_endpoint {
            Some(SkillEndpoint::Https(url)) => Some(url.clone()),
            Some(SkillEndpoint::Function(_)) | None => None,
        };
        let (stream, art) = outings(facts);
        let (api, endpoint, stream, art, time, (ma_info, ma_call), skill) = tokio::join!(
            maybe(&talk, api.map(|url| Question::get(url, JSON))),
            maybe(&talk, endpoint.map(Question::head)),
            outlet(&talk, stream, nobody),
            outlet(&talk, art, nobody),
            talk.ask(Question::head(time())),
            music_assistant(&talk, facts, patience / 2),
            skill(parts, facts, patience),
        );
        Self { api, endpoint, stream, art, time, ma_info, ma_call, skill }
    }
}

fn time() -> Url {
    // A constant address is one.
    Url::parse(TIME).unwrap_or_else(|_| unreachable!("{TIME} is an address"))
}

async fn maybe(talk: &Talk<'_>, question: Option<Question>) -> Option<Said> {
    match question {
        Some(question) => Some(talk.ask(question).await),
        None => None,
    }
}

async fn outlet(talk: &Talk<'_>, outing: Option<Outing>, nobody: &Nobody) -> Option<Outlet> {
    outing?.ask(talk, nobody).await
}

/// Where streams and pictures are let out. A stream that has ended and the newest picture are asked for, as an Echo would.
fn outings(facts: &Facts) -> (Option<Outing>, Option<Outing>) {
    let addresses = StreamAddresses::from(facts.streams.clone());
    let last = facts.pushed_last();
    let stream = |player: &Player| {
        let address = addresses.stream(&player.start.as_ref()?.stream).ok()?;
        goods(player, &address)
    };
    let newest = last.and_then(stream);
    let base = base(facts.streams.stream_base.as_ref(), newest.as_ref().map(|goods| &goods.url));
    let streams = base.map(|base| {
        let is_here = |goods: &Goods| goods.url.as_str().starts_with(base.as_str());
        let goods = facts.ended().into_iter().filter_map(stream).find(is_here);
        Outing { base, trade: Trade::Streams, goods, most: MOST_OF_A_STREAM }
    });
    let art = last.and_then(|player| {
        let address = addresses.art(player.metadata.image_url.as_deref()?)?;
        goods(player, &address)
    });
    // Pictures of the world outside are none of ours.
    let pictures = facts.streams.art_base.clone().map(|base| {
        let is_ours = |goods: &Goods| goods.url.as_str().starts_with(base.as_str());
        Outing { goods: art.filter(is_ours), base, trade: Trade::Pictures, most: MOST_OF_A_STREAM }
    });
    (streams, pictures)
}

fn goods(player: &Player, address: &str) -> Option<Goods> {
    let (url, pushed_at) = (Url::parse(address).ok()?, player.pushed_at());
    Some(Goods { url, player: player.player.to_string(), pushed_at })
}

/// The base that is set and used; else the origin of a stream that is public by itself.
fn base(set: Option<&BaseUrl>, goods: Option<&Url>) -> Option<BaseUrl> {
    match (set, goods) {
        (Some(set), Some(goods)) if goods.as_str().starts_with(set.as_str()) => Some(set.clone()),
        (_, Some(goods)) => BaseUrl::parse(&goods.origin().ascii_serialization()).ok(),
        (set, None) => set.cloned(),
    }
}

/// Whether Music Assistant is there, and then whether it takes the token.
async fn music_assistant(talk: &Talk<'_>, facts: &Facts, patience: Duration) -> (Option<Said>, Option<Said>) {
    let Some(api) =
        facts.ma_api.url.as_ref().map(|url| url.as_url().as_str().trim_end_matches('/').to_owned())
    else {
        return (None, None);
    };
    let at = |path: &str| Url::parse(&format!("{api}{path}")).ok();
    let info = maybe(talk, at("/info").map(|url| Question::get(url, JSON))).await;
    let is_there = info.as_ref().is_some_and(|info| super::links::is_music_assistant(info.answer()));
    let token = facts.credentials.as_ref().ok().and_then(|opened| opened.ma_token.clone());
    let call = at("/api").zip(token).filter(|(url, _)| is_there && super::links::may_carry_a_token(url));
    let call = maybe(talk, call.map(|(url, token)| Question { url, ask: command(token) }));
    let call = timeout(patience, call).await.ok().flatten();
    (info, call)
}

/// A question that changes nothing, and that only a token opens.
fn command(token: SecretString) -> Ask {
    let body = json!({ "message_id": "doctor", "command": "players/all", "args": {} });
    Ask::Call { token, body, most: JSON }
}

async fn skill(
    parts: &DoctorParts,
    facts: &Facts,
    patience: Duration,
) -> Option<Result<Option<SkillStatus>, SmapiError>> {
    let developer = facts.developer.as_ref().ok()?;
    if !developer.signed_in || developer.ended.is_some() || facts.skill_ids.is_empty() {
        return None;
    }
    // It may renew a token, which is lost when nobody takes the answer: it goes on to its end where it is waited for no
    // more.
    let skills = parts.skills.clone();
    let looking = tokio::spawn(async move { skills.inspect().await }.instrument(Span::current()));
    let looked = timeout(patience, looking).await.ok()?;
    looked.inspect_err(|error| tracing::error!(%error, "the look at the skill broke off")).ok()
}
