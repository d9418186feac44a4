//! The stream of live events of Amazon.

use std::time::Duration;

use crate::amazon::live::{LiveProblem, LiveRegion, LiveReport, LiveStage};
use crate::clock::Timestamp;
use crate::diagnostics::evidence::Snapshot;
use crate::diagnostics::finding::Finding;

/// Openings within an hour that are a storm: a stream lasts for most of an hour, and Amazon blocks what opens too many.
const STORM: usize = 12;

/// Time without a stream that is usual: Amazon ends one at times.
const SHORT: Duration = Duration::from_mins(1);

pub(super) fn check(snapshot: &Snapshot) -> Vec<Finding> {
    let live = &snapshot.live;
    let count = u32::try_from(live.opens).unwrap_or(u32::MAX);
    let state = match live.stage {
        LiveStage::NotHere => Finding::LiveNotHere,
        LiveStage::SignedOut => Finding::LiveNotSignedIn,
        LiveStage::OtherProcess => Finding::LiveElsewhere,
        LiveStage::Connecting => {
            let is_short = live.since.is_some_and(|since| snapshot.now.is_within(SHORT, since));
            let problem = live.problem.filter(|(problem, _)| *problem != LiveProblem::Ended || !is_short);
            problem.map_or(Finding::LiveConnecting, |problem| broken(live, problem))
        }
        LiveStage::Open => Finding::LiveOk {
            region: live.region.map_or("eu", LiveRegion::as_str),
            since: live.since.unwrap_or(snapshot.now),
            at: live.last_event,
            count: count.saturating_sub(1),
        },
    };
    let storm = (live.opens > STORM).then_some(Finding::LiveStorm { count });
    [state].into_iter().chain(storm).collect()
}

fn broken(live: &LiveReport, (problem, at): (LiveProblem, Timestamp)) -> Finding {
    let host = live.region.and_then(LiveRegion::host).map_or_else(String::new, |host| host.to_string());
    match problem {
        LiveProblem::NoDevice => Finding::LiveWithoutDevice { at },
        LiveProblem::Refused => Finding::LiveRefused { at },
        LiveProblem::Silent => Finding::LiveSilent { at },
        LiveProblem::NoHttp2 => Finding::LiveNoHttp2 { host, at },
        LiveProblem::Unreachable => Finding::LiveUnreachable { host, at },
        LiveProblem::Ended => Finding::LiveEnded { at },
        LiveProblem::Malformed => Finding::LiveMalformed { at },
    }
}
