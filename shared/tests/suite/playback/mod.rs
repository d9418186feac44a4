//! The domain.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod addresses;
mod clocks;
mod events;
mod hand_overs;
mod names;
mod next_items;
mod pushes;
mod routes;
mod serving;
mod serving_under_race;
mod streams;
mod swapped;
mod tokens;
mod trials;

use ma_alexa::alexa::DeviceId;
use ma_alexa::clock::Timestamp;
use ma_alexa::playback::{
    Claim, Echo, Household, Metadata, OwnReports, PlayRequest, Player, Push, Report, ReportedState,
    StreamUrl, Transition,
};

/// A moment, in milliseconds after an arbitrary one.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + millis)
}

fn device(name: &str) -> DeviceId {
    DeviceId::from(format!("amzn1.ask.device.{name}"))
}

/// A push of a flow of `session` to `player`.
fn push(player: &str, session: &str, millis: i64) -> Push {
    let stream = format!("http://192.168.1.5:8097/flow/{session}/{player}/item/{player}.flac");
    push_of(&stream, millis)
}

fn push_of(stream: &str, millis: i64) -> Push {
    let stream = StreamUrl::parse(stream).unwrap();
    Push {
        player: stream.player(),
        grant: None,
        metadata: Metadata::default(),
        at: at(millis),
        request: format!("push-{millis}-{stream}"),
        is_play: false,
        can_skip_speech: None,
        reports_home: false,
        stream,
    }
}

/// An Echo asks in Music Assistant's words.
fn ask(echo: &str, millis: i64) -> PlayRequest {
    PlayRequest {
        device: device(echo),
        endpoint: None,
        user: None,
        request: format!("ask-{echo}-{millis}"),
        at: at(millis),
        is_ma_phrase: true,
        plays_ours: false,
        reported: None,
        lost: None,
    }
}

/// The Echo's note of an ask.
fn note(ask: &PlayRequest) -> ma_alexa::playback::LastRequest {
    ma_alexa::playback::LastRequest {
        device: ask.device.clone(),
        endpoint: ask.endpoint.clone(),
        user: ask.user.clone(),
        locale: None,
        request: ask.request.clone(),
        at: ask.at,
    }
}

/// A report that an Echo is in this state.
fn report(state: ReportedState) -> Report {
    let (received_at, origin, reporter, order, request) = (None, None, None, None, None);
    Report { state, offset_ms: 0, at: at(0), received_at, origin, reporter, order, request }
}

/// A player whose Echo reported.
trait GiveReport {
    fn give_report(&mut self, state: ReportedState);
}

impl GiveReport for Player {
    fn give_report(&mut self, state: ReportedState) {
        let present = self.present.as_mut().unwrap();
        present.reports = Some(OwnReports { last: report(state), replayed_by: None });
    }
}

/// A household that takes pushes and notes as a store would.
trait Apply {
    fn push(&mut self, push: &Push);
    fn note(&mut self, ask: &PlayRequest);
    fn claim(&mut self, claim: &Claim) -> Transition;
    fn player_mut(&mut self, name: &str) -> &mut Player;
}

impl Apply for Household {
    fn push(&mut self, push: &Push) {
        use ma_alexa::playback::PushPlan;
        let place = self.players.iter().position(|player| player.player == push.player);
        match push.plan(place.map(|place| &self.players[place])) {
            PushPlan::Start => {
                let started = Player::started(place.map(|place| &self.players[place]), push);
                match place {
                    Some(place) => self.players[place] = started,
                    None => self.players.push(started),
                }
            }
            PushPlan::Describe => self.players[place.unwrap()].describe(push),
            PushPlan::Late(_) => {}
        }
    }

    fn note(&mut self, ask: &PlayRequest) {
        let asked = note(ask);
        match self.echos.iter_mut().find(|echo| echo.device == ask.device) {
            Some(echo) => {
                echo.record_request(&asked);
            }
            None => self.echos.push(Echo::first(&asked)),
        }
    }

    fn claim(&mut self, claim: &Claim) -> Transition {
        let seen_echo = claim.seen_echo.as_ref().and_then(|(device, _)| self.echo(device)).cloned();
        let player = self.players.iter_mut().find(|player| player.player == claim.player);
        player.map_or(Transition::Rejected, |player| player.claim(claim, seen_echo.as_ref()))
    }

    fn player_mut(&mut self, name: &str) -> &mut Player {
        self.players.iter_mut().find(|player| player.player.as_str() == name).unwrap()
    }
}
