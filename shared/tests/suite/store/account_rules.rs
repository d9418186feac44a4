//! What holds of lanes and leases whatever happens.

use std::collections::BTreeMap;
use std::time::Duration;

use ma_alexa::account::{LEASE, Lane, LaneAnswer, LaneState, LaneVerdict, Lease, LeaseAnswer, LeaseWish};
use ma_alexa::clock::Timestamp;
use proptest::prelude::*;

use super::account_world::{Step, leave, ms, steps, wish};

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
    fn see_grant(&mut self, wish: &ma_alexa::account::LaneWish) {
        let mine = self.holds.get(&wish.holder).copied();
        for (holder, until) in self.holds.iter().filter(|(holder, _)| **holder != wish.holder) {
            assert!(*until <= wish.at, "{holder} holds it until {until:?}, {wish:?} is granted");
        }
        let still_mine = mine.is_some_and(|until| until > wish.at);
        let repeats = still_mine && self.behaviors.get(&wish.holder) == Some(&wish.at);
        // Those who did not say that they left may have sent theirs until the end.
        for (holder, until) in &self.holds {
            if self.behaviors.contains_key(holder) && *until <= wish.at {
                self.distances.push((*until, until.plus(SECOND)));
            }
        }
        if wish.is_behavior && !repeats {
            for (sent, next) in &self.distances {
                assert!(wish.at < *sent || wish.at >= *next, "sent at {sent:?}, {wish:?} is granted");
            }
        }
        self.holds.retain(|holder, until| *holder == wish.holder && *until > wish.at);
        if !still_mine {
            self.behaviors.clear();
        }
        self.behaviors.retain(|holder, _| *holder == wish.holder);
        let until = wish.at.plus(LEASE).max(mine.filter(|_| still_mine).unwrap_or_default());
        self.holds.insert(wish.holder.clone(), until);
        if wish.is_behavior {
            self.behaviors.insert(wish.holder.clone(), wish.at);
        }
    }

    fn see_leave(&mut self, leave: &ma_alexa::account::LaneLeave) {
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
        lane in proptest::sample::select(&Lane::ALL[..]),
    ) {
        let (mut state, mut witness) = (LaneState::default(), Witness::default());
        for step in &steps {
            let before = state.clone();
            let answer = step.run(lane, &mut state);
            if let Step::Take(wish) = step {
                let cools = witness.cooling.filter(|until| *until > wish.at);
                prop_assert_eq!(cools.map(LaneAnswer::Cooling), answer.filter(|_| cools.is_some()));
                match answer.unwrap() {
                    LaneAnswer::Granted => witness.see_grant(wish),
                    LaneAnswer::Busy(until) | LaneAnswer::Cooling(until) => {
                        prop_assert!(until > wish.at, "{:?}", wish);
                        prop_assert_eq!(&before, &state, "a refusal changes nothing");
                    }
                }
                let mut again = state.clone();
                prop_assert_eq!(step.run(lane, &mut again), answer, "a lost answer is given again");
                prop_assert_eq!(&again, &state);
            }
            if let Step::Leave(leave) = step {
                witness.see_leave(leave);
                let until = state.cooling.map(|cooling| cooling.until);
                prop_assert!(until >= witness.cooling, "it only ever grows");
                if let LaneVerdict::Throttled(_) = leave.verdict {
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
                Lease::leave(&mut lease, &holder);
                holds.remove(&holder);
                continue;
            };
            let before = lease.clone();
            let wish = LeaseWish { holder: holder.clone(), at, span };
            match Lease::take(&mut lease, &wish) {
                LeaseAnswer::Granted => {
                    for (other, until) in holds.iter().filter(|(other, _)| **other != holder) {
                        prop_assert!(*until <= at, "{} has it until {:?}, {:?} is granted", other, until, wish);
                    }
                    let mine = holds.get(&holder).copied().filter(|until| *until > at);
                    holds.clear();
                    holds.insert(holder, mine.unwrap_or_default().max(at.plus(span)));
                }
                LeaseAnswer::Held(until) => {
                    prop_assert!(until > at);
                    prop_assert_eq!(&before, &lease);
                }
            }
        }
    }
}

#[test]
fn a_holder_that_keeps_the_lane_keeps_the_distance_too() {
    let mut state = LaneState::default();
    assert_eq!(state.take(&wish("one", true, ms(0))), LaneAnswer::Granted);
    assert_eq!(state.take(&wish("one", true, ms(999))), LaneAnswer::Busy(ms(1000)));
    assert_eq!(state.take(&wish("one", false, ms(999))), LaneAnswer::Granted);
    assert_eq!(state.take(&wish("one", true, ms(1000))), LaneAnswer::Granted);
    state.leave(Lane::Commands, &leave("one", true, ms(1200), LaneVerdict::Unknown));
    assert_eq!(state.take(&wish("other", true, ms(2199))), LaneAnswer::Busy(ms(2200)));
    assert_eq!(state.take(&wish("other", true, ms(2200))), LaneAnswer::Granted);
    state.leave(Lane::Commands, &leave("other", false, ms(2201), LaneVerdict::Unknown));
    assert_eq!(state.take(&wish("one", true, ms(2201))), LaneAnswer::Granted, "that one was not sent");
}

#[test]
fn a_dead_holder_may_have_sent_its_behavior_at_the_very_end() {
    let mut state = LaneState::default();
    assert_eq!(state.take(&wish("dead", true, ms(0))), LaneAnswer::Granted);
    let end = ms(0).plus(LEASE);
    assert_eq!(state.take(&wish("one", true, end)), LaneAnswer::Busy(end.plus(SECOND)));
    assert_eq!(state.take(&wish("one", false, end)), LaneAnswer::Granted);
    state.leave(Lane::Commands, &leave("one", false, end, LaneVerdict::Served));
    assert_eq!(state.take(&wish("one", true, end)), LaneAnswer::Busy(end.plus(SECOND)));
    assert_eq!(state.take(&wish("one", true, end.plus(SECOND))), LaneAnswer::Granted);
}

#[test]
fn throttled_lanes_cool_down_for_longer_each_time() {
    let cooled = |lane: Lane, times: u32| {
        let (mut state, mut now, mut spans) = (LaneState::default(), ms(0), Vec::new());
        for _ in 0..times {
            assert_eq!(state.take(&wish("one", false, now)), LaneAnswer::Granted);
            state.leave(lane, &leave("one", false, now, LaneVerdict::Throttled(None)));
            let until = state.cooling_until(now).unwrap();
            spans.push(until.since(now).as_secs());
            now = until;
        }
        spans
    };
    assert_eq!(cooled(Lane::Commands, 4), [30, 60, 60, 60]);
    assert_eq!(cooled(Lane::Reads, 6), [300, 600, 1200, 2400, 3600, 3600]);
}
