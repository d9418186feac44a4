//! Echos as players in Music Assistant, as the home process serves them.

use std::time::Duration;

use ma_alexa::clock::Clock as _;
use ma_alexa::renderer_report::{Announcing, OfferedDevice, RendererState, Serving};

use super::{Harness, Stage, stages};

const UDN: &str = "2fac1234-31f8-11b4-a222-08002b34c003";

pub(super) fn stages() -> [Stage; 10] {
    stages! {
        [
            "push-not-yet", "provider-never-asked", "echo-not-yet", "playback-not-yet", "stream-audio-unknown",
            "art-unknown",
        ], "Start music", SetUp, |harness| {
            find(harness);
        };
        ["renderers-port-taken"], "RENDERER_BIND", Healthy, |harness| {
            harness.state.renderers().serves(Serving::PortTaken(([0, 0, 0, 0], 5002).into()));
        };
        ["renderers-no-network"], "network of the host", Healthy, |harness| {
            offer(harness);
            harness.state.renderers().announces(Announcing::NoNetwork);
        };
        ["renderers-not-announced"], "1900", Healthy, |harness| {
            offer(harness);
            harness.state.renderers().announces(Announcing::Failed);
        };
        ["renderers-not-searched"], "multicast", Healthy, |harness| {
            offer_for_long(harness);
        };
        ["renderers-not-reached"], "5002", Healthy, |harness| {
            offer_for_long(harness);
            harness.state.renderers().searched(harness.clock.now());
        };
        ["renderer-offline"], "Wi-Fi", Healthy, |harness| {
            fail(harness, "device_offline");
        };
        ["renderer-never-asked"], "skill is enabled", Healthy, |harness| {
            fail(harness, "never_asked");
        };
        ["renderer-did-not-play"], "sound test", Healthy, |harness| {
            find(harness);
            let (reports, now) = (harness.state.renderers(), harness.clock.now());
            reports.shows("G0A", RendererState::Starting, false, now);
            reports.shows("G0A", RendererState::Stopped, true, now);
        };
        ["renderer-refused"], "once more", Healthy, |harness| {
            fail(harness, "amazon_unavailable");
        };
    }
}

/// The kitchen is offered as a renderer.
pub(crate) fn offer(harness: &Harness) {
    offer_at(harness, harness.clock.now());
}

/// A controller has found it.
pub(crate) fn find(harness: &Harness) {
    offer(harness);
    let (reports, now) = (harness.state.renderers(), harness.clock.now());
    reports.searched(now);
    reports.found(UDN, [192, 168, 1, 5].into(), Some("Python/3.13"), now);
}

fn offer_for_long(harness: &Harness) {
    offer_at(harness, harness.clock.now().minus(Duration::from_mins(11)));
}

fn offer_at(harness: &Harness, at: ma_alexa::clock::Timestamp) {
    let reports = harness.state.renderers();
    reports.serves(Serving::At(([0, 0, 0, 0], 5002).into()));
    reports.announces(Announcing::Yes);
    let device = OfferedDevice { serial: "G0A".into(), name: "Kitchen".into(), udn: UDN.into() };
    reports.offers(vec![device], at);
}

fn fail(harness: &Harness, code: &'static str) {
    find(harness);
    harness.state.renderers().failed("G0A", code, "Amazon does not answer", harness.clock.now());
}
