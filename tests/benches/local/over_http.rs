//! What Music Assistant and Alexa send, over HTTP.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use end_to_end::measured;
use serde_json::Value;

use crate::client::{self, Connection, Load, Measured};
use crate::household::{self, PLAYERS};
use crate::report::{Report, Row};
use crate::server::{self, Server};

/// How many connections send at the same time.
const CONNECTIONS: [usize; 2] = [1, 8];

/// How often everything is measured in turn. The first turn warms up and does not count.
const TURNS: usize = 4;

/// How long one load is sent in one turn.
const SPAN: Duration = Duration::from_millis(600);

/// Most requests of one load in one turn that no request may repeat.
const SUPPLY: usize = 800;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Health,
    PushMetadata,
    PushStart,
    Event,
    Play,
}

impl Kind {
    /// The floor first.
    const ALL: [Self; 5] = [Self::Health, Self::PushMetadata, Self::PushStart, Self::Event, Self::Play];

    fn name(self) -> &'static str {
        match self {
            Self::Health => "`GET /healthz`, the floor",
            Self::PushMetadata => "push of new metadata",
            Self::PushStart => "push that starts a stream",
            Self::Event => "signed `PlaybackStarted`",
            Self::Play => "signed `ResumeIntent`, answered with a stream",
        }
    }
}

/// Measures a server with its state in `folder`, and leaves that state behind.
pub(crate) fn measure(folder: &Path, report: &mut Report) -> anyhow::Result<PathBuf> {
    let mut harness = Harness::new(folder)?;
    let kinds = || CONNECTIONS.into_iter().flat_map(|count| Kind::ALL.map(|kind| (kind, count)));
    let mut measured: Vec<Vec<Measured>> = kinds().map(|_| Vec::new()).collect();
    for turn in 0..TURNS {
        for (found, (kind, connections)) in measured.iter_mut().zip(kinds()) {
            let this = harness.turn(kind, connections).with_context(|| kind.name().to_owned())?;
            if turn > 0 {
                found.push(this);
            }
        }
    }
    let rows = kinds().zip(&measured).map(|((kind, count), found)| Row::of(kind.name(), count, found));
    report.over_http(&rows.collect::<Vec<_>>(), Kind::ALL.len());
    Ok(server::state_in(folder))
}

/// A server, and a household that grew in it.
struct Harness {
    server: Server,
    admin: Connection,
    /// Counts what is sent, so that no two requests are alike.
    sent: usize,
}

impl Harness {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        let server = Server::start(folder)?;
        let admin = Connection::open(server.address)?;
        let mut harness = Self { server, admin, sent: 0 };
        for index in 0..PLAYERS {
            // As many streams as are remembered, and the present one.
            for _ in 0..9 {
                let push = harness.push_start(index);
                harness.admin.exchange(&push, "version")?;
            }
            let body = household::play(index, harness.next())?;
            for ask in household::signed(&[body])? {
                harness.admin.exchange(&ask, "response")?;
            }
            let pair = household::pair(&harness.server.owner, index);
            harness.admin.exchange(&pair, "")?;
        }
        Ok(harness)
    }

    fn next(&mut self) -> usize {
        self.sent += 1;
        self.sent
    }

    fn turn(&mut self, kind: Kind, connections: usize) -> anyhow::Result<Measured> {
        let load = self.load(kind, connections)?;
        let process = self.server.process_id();
        client::send(&load, self.server.address, SPAN, || measured::processor_time(process))
    }

    /// Each connection speaks of a player of its own, so that what it sends arrives in order.
    fn load(&mut self, kind: Kind, connections: usize) -> anyhow::Result<Load> {
        let supply = SUPPLY / connections;
        let mut requests = Vec::new();
        for index in 0..connections {
            requests.push(match kind {
                Kind::Health => vec![household::health()],
                Kind::PushMetadata => self.push_metadata(index),
                Kind::PushStart => (0..supply).map(|_| self.push_start(index)).collect(),
                Kind::Event => self.events(index, supply)?,
                Kind::Play => {
                    let plays: Result<Vec<_>, _> =
                        (0..supply).map(|_| household::resume(index, self.next())).collect();
                    household::signed(&plays?)?
                }
            });
        }
        let (repeats, expected) = match kind {
            Kind::Health => (true, "ok"),
            Kind::PushMetadata => (true, "version"),
            Kind::PushStart => (false, "version"),
            Kind::Event => (false, r#""response":{}"#),
            Kind::Play => (false, "AudioPlayer.Play"),
        };
        Ok(Load { requests, repeats, expected })
    }

    fn push_start(&mut self, index: usize) -> Vec<u8> {
        let number = self.next();
        household::push(&self.server.music_assistant, index, number, "Symphony")
    }

    /// The present stream again, under one title and another.
    fn push_metadata(&mut self, index: usize) -> Vec<Vec<u8>> {
        let number = self.next();
        ["Menuetto", "Allegro"]
            .map(|title| household::push(&self.server.music_assistant, index, number, title))
            .into()
    }

    fn events(&mut self, index: usize, count: usize) -> anyhow::Result<Vec<Vec<u8>>> {
        let version = self.version(&household::player(index))?;
        let bodies: Result<Vec<_>, _> =
            (0..count).map(|_| household::started(index, version, self.next())).collect();
        household::signed(&bodies?)
    }

    /// The version that a player is at.
    fn version(&mut self, player: &str) -> anyhow::Result<u64> {
        let line = format!("GET /v1/players/{}", player.replace(' ', "%20"));
        let request = client::request(&line, &[("Authorization", &self.server.owner)], "");
        let body: Value = serde_json::from_str(self.admin.exchange(&request, "version")?)?;
        body["version"].as_u64().context("no version")
    }
}
