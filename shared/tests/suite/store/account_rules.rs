//! What holds of lanes and leases whatever happens.

use std::collections::BTreeMap;
use std::time::Duration;

use ma_alexa::account::RequestKind::{Behavior, Other};
use ma_alexa::account::{
    AcquireResult, Feedback, LEASE, Lease, LeaseRequest, LeaseResult, LimiterState, RequestLane,
};
use ma_alexa::clock::Timestamp;
use proptest::prelude::*;

use super::account_samples::{Step, leave, ms, request, steps};

const SECOND: Duration = Duration::from_secs(1);

/// What the holders believe, and what was said to the lane.
#[derive(Default)]
struct Witness {
    /// Until when each may send, unless it left.
    holds: BTreeMap<String, Timestamp>,
    /// When each was last granted a behaviour, unless it left.
    behaviors: BTreeMap<String, Timestamp>,
    /// From when on the next behaviour keeps its distance, after each that was sent.
    distances: Vec<(Timestamp, Timestamp)>,
    cooling: Option<Timestamp>,
}

impl Witness {
    /// Looks at a grant of what was wished.
    fn see_grant(&mut self, request: &ma_alexa::account::AcquireRequest) {
        let mine = self.holds.get(&request.holder).copied();
        for (holder, until) in self.holds.iter().filter(|(holder, _)| **holder != request.holder) {
            assert!(*until <= request.at, "{holder} holds it until {until:?}, {request:?} is granted");
        }
        let still_mine = mine.is_some_and(|until| until > request.at);
        let repeats = still_mine && self.behaviors.get(&request.holder) == Some(&request.at);
        // Those who did not say that they left may have sent theirs until the end.
        for (holder, until) in &self.holds {
            if self.behaviors.contains_key(holder) && *until <= request.at {
                self.distances.push((*until, until.plus(SECOND)));
            }
        }
        if request.kind == Behavior && !repeats {
            for (sent, next) in &self.distances {
                assert!(
                    request.at < *sent || request.at >= *next,
                    "sent at {sent:?}, {request:?} is granted"
                );
            }
        }
        self.holds.retain(|holder, until| *holder == request.holder && *until > request.at);
        if !still_mine {
            self.behaviors.clear();
        }
        self.behaviors.retain(|holder, _| *holder == request.holder);
        let until = request.at.plus(LEASE).max(mine.filter(|_| still_mine).unwrap_or_default());
        self.holds.insert(request.holder.clone(), until);
        if request.kind == Behavior {
            self.behaviors.insert(request.holder.clone(), request.at);
        }
    }

    fn see_leave(&mut self, leave: &ma_alexa::account::LaneRelease) {
        self.holds.remove(&leave.holder);
        self.behaviors.remove(&leave.holder);
        if leave.sent_behavior {
            self.distances.push((leave.at, leave.at.plus(SECOND)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn a_lane_has_one_holder_keeps_its_distance_and_cools_down(
        steps in steps(40),
        lane in proptest::sample::select(&RequestLane::ALL[..]),
    ) {
        let (mut state, mut witness) = (LimiterState::default(), Witness::default());
        for step in &steps {
            let before = state.clone();
            let answer = step.run(lane, &mut state);
            if let Step::Take(request) = step {
                let cools = witness.cooling.filter(|until| *until > request.at);
                prop_assert_eq!(cools.map(AcquireResult::CoolingDown), answer.filter(|_| cools.is_some()));
                match answer.unwrap() {
                    AcquireResult::Granted => witness.see_grant(request),
                    AcquireResult::Busy(until) | AcquireResult::CoolingDown(until) => {
                        prop_assert!(until > request.at, "{:?}", request);
                        prop_assert_eq!(&before, &state, "a refusal changes nothing");
                    }
                }
                let mut again = state.clone();
                prop_assert_eq!(step.run(lane, &mut again), answer, "a lost answer is given again");
                prop_assert_eq!(&again, &state);
            }
            if let Step::Leave(leave) = step {
                witness.see_leave(leave);
                let until = state.cool_down.map(|cool_down| cool_down.until);
                prop_assert!(until >= witness.cooling, "it only ever grows");
                if let Feedback::Throttled(_) = leave.feedback {
                    prop_assert!(until > Some(leave.at));
                }
                witness.cooling = until;
                let mut again = state.clone();
                step.run(lane, &mut again);
                prop_assert_eq!(&again, &state, "to leave twice is to leave once");
            }
        }
    }

    #[test]
    fn a_lease_has_one_holder(
        steps in proptest::collection::vec(
            (0_u8..3, 0_u64..60_000, proptest::option::of(1_u64..30)), 1..40,
        ),
    ) {
        let (mut lease, mut holds) = (None, BTreeMap::<String, Timestamp>::new());
        for (holder, at, span) in steps {
            let (holder, at) = (holder.to_string(), ms(at));
            let Some(span) = span.map(Duration::from_secs) else {
                Lease::release(&mut lease, &holder);
                holds.remove(&holder);
                continue;
            };
            let before = lease.clone();
            let request = LeaseRequest { holder: holder.clone(), at, span };
            match Lease::acquire(&mut lease, &request) {
                LeaseResult::Granted => {
                    for (other, until) in holds.iter().filter(|(other, _)| **other != holder) {
                        prop_assert!(*until <= at, "{} has it until {:?}, {:?} is granted", other, until, request);
                    }
                    let mine = holds.get(&holder).copied().filter(|until| *until > at);
                    holds.clear();
                    holds.insert(holder, mine.unwrap_or_default().max(at.plus(span)));
                }
                LeaseResult::Held(until) => {
                    prop_assert!(until > at);
                    prop_assert_eq!(&before, &lease);
                }
            }
        }
    }
}

#[test]
fn a_holder_that_keeps_the_lane_keeps_the_distance_too() {
    let mut state = LimiterState::default();
    assert_eq!(state.acquire(&request("one", Behavior, ms(0))), AcquireResult::Granted);
    assert_eq!(state.acquire(&request("one", Behavior, ms(999))), AcquireResult::Busy(ms(1000)));
    assert_eq!(state.acquire(&request("one", Other, ms(999))), AcquireResult::Granted);
    assert_eq!(state.acquire(&request("one", Behavior, ms(1000))), AcquireResult::Granted);
    state.release(RequestLane::Commands, &leave("one", Behavior, ms(1200), Feedback::Unknown));
    assert_eq!(state.acquire(&request("other", Behavior, ms(2199))), AcquireResult::Busy(ms(2200)));
    assert_eq!(state.acquire(&request("other", Behavior, ms(2200))), AcquireResult::Granted);
    state.release(RequestLane::Commands, &leave("other", Other, ms(2201), Feedback::Unknown));
    assert_eq!(
        state.acquire(&request("one", Behavior, ms(2201))),
        AcquireResult::Granted,
        "that one was not sent"
    );
}

#[test]
fn a_dead_holder_may_have_sent_its_behavior_at_the_very_end() {
    let mut state = LimiterState::default();
    assert_eq!(state.acquire(&request("dead", Behavior, ms(0))), AcquireResult::Granted);
    let end = ms(0).plus(LEASE);
    assert_eq!(state.acquire(&request("one", Behavior, end)), AcquireResult::Busy(end.plus(SECOND)));
    assert_eq!(state.acquire(&request("one", Other, end)), AcquireResult::Granted);
    state.release(RequestLane::Commands, &leave("one", Other, end, Feedback::Served));
    assert_eq!(state.acquire(&request("one", Behavior, end)), AcquireResult::Busy(end.plus(SECOND)));
    assert_eq!(state.acquire(&request("one", Behavior, end.plus(SECOND))), AcquireResult::Granted);
}

#[test]
fn throttled_lanes_cool_down_for_longer_each_time() {
    let cooled = |lane: RequestLane, times: u32| {
        let (mut state, mut now, mut spans) = (LimiterState::default(), ms(0), Vec::new());
        for _ in 0..times {
            assert_eq!(state.acquire(&request("one", Other, now)), AcquireResult::Granted);
            state.release(lane, &leave("one", Other, now, Feedback::Throttled(None)));
            let until = state.blocked_until(now).unwrap();
            spans.push(until.since(now).as_secs());
            now = until;
        }
        spans
    };
    assert_eq!(cooled(RequestLane::Commands, 4), [30, 60, 60, 60]);
    assert_eq!(cooled(RequestLane::Reads, 6), [300, 600, 1200, 2400, 3600, 3600]);
}
