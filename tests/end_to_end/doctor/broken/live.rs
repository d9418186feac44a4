//! Live events of Amazon, as a stream ends in each way. What ends one so is staged with the stream itself.

use ma_alexa::amazon::live::{LiveProblem, LiveRegion, LiveStage};

use super::{Harness, Stage, stages};

pub(super) fn stages() -> [Stage; 10] {
    stages! {
        ["live-not-signed-in"], "Sign in on the setup page", Healthy, |harness| {
            harness.state.live().closed(LiveStage::SignedOut, None);
        };
        ["live-connecting"], "in a minute", Healthy, |harness| {
            harness.state.live().closed(LiveStage::Connecting, None);
        };
        ["live-without-device"], "registers a new device", Healthy, |harness| {
            fail(harness, LiveProblem::NoDevice);
        };
        ["live-refused"], "Sign in again", Healthy, |harness| {
            fail(harness, LiveProblem::Refused);
        };
        ["live-silent"], "firewall or router", Healthy, |harness| {
            fail(harness, LiveProblem::Silent);
        };
        ["live-no-http2"], "past the proxy", Healthy, |harness| {
            fail(harness, LiveProblem::NoHttp2);
        };
        ["live-unreachable"], "port 443", Healthy, |harness| {
            fail(harness, LiveProblem::Unreachable);
        };
        ["live-ended"], "Wait for a few minutes", Healthy, |harness| {
            fail(harness, LiveProblem::Ended);
            harness.pass(std::time::Duration::from_mins(1));
        };
        ["live-malformed"], "newest release", Healthy, |harness| {
            fail(harness, LiveProblem::Malformed);
        };
        ["live-storm"], "no second server", Healthy, |harness| {
            for _ in 0..13 {
                harness.state.live().opens(LiveRegion::Europe);
            }
            harness.state.live().opened(LiveRegion::Europe, None);
        };
    }
}

fn fail(harness: &Harness, problem: LiveProblem) {
    harness.state.live().opens(LiveRegion::Europe);
    harness.state.live().closed(LiveStage::Connecting, Some(problem));
}
