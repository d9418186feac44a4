//! What holds of volumes whatever happens.

use std::collections::BTreeMap;
use std::time::Duration;

use ma_alexa::account::{AttemptOutcome, ResolvedChange, VolumeAttempt, Volumes};
use ma_alexa::clock::Timestamp;
use proptest::prelude::*;

use super::account_samples::{by, failed, ms, mute, sent, unmute, volume};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    /// The holder of the lane sends what is pending, all at once, while others go on record.
    #[test]
    fn the_last_requested_volume_is_sent_last(
        steps in proptest::collection::vec(
            (0_u8..3, proptest::option::weighted(0.6, 0_u8..=100), 0_u64..200), 1..80,
        ),
    ) {
        let (mut volumes, mut now) = (Volumes::default(), ms(0));
        let (mut wanted, mut reached) = (BTreeMap::new(), BTreeMap::new());
        let mut on_its_way: Option<Vec<(String, VolumeAttempt)>> = None;
        let mut send = |volumes: &mut Volumes, now: Timestamp, reached: &mut BTreeMap<String, u8>| {
            // In turns: what is pending is taken, and only then it reaches Amazon and is noted.
            if let Some(sent) = on_its_way.take() {
                for (serial, sent) in &sent {
                    reached.insert(serial.clone(), sent.value);
                    volumes.record_attempt(serial, sent);
                }
            } else {
                let pending = volumes.pending(now);
                let sent = pending.into_iter().map(|(serial, device)| {
                    (serial.to_owned(), sent(device.wanted, device.sequence, now))
                });
                on_its_way = Some(sent.collect());
            }
        };
        for (device, value, millis) in steps {
            now = now.plus(Duration::from_millis(millis));
            if let Some(value) = value {
                volumes.enqueue(&[volume(&device.to_string(), value)], now);
                wanted.insert(device.to_string(), value);
            } else {
                send(&mut volumes, now, &mut reached);
            }
        }
        // What is on its way arrives, and then whatever is still pending.
        for _ in 0..4 {
            send(&mut volumes, now, &mut reached);
        }
        prop_assert_eq!(reached, wanted);
        prop_assert!(volumes.pending(now).is_empty());
    }

    /// Whatever comes between, a mute never remembers silence, and what is muted comes back to something that was
    /// there.
    #[test]
    fn a_mute_remembers_a_volume_that_can_be_heard(
        steps in proptest::collection::vec(
            (
                prop_oneof![
                    (0_u8..=100).prop_map(|value| volume("one", value)),
                    proptest::option::of(0_u8..=100).prop_map(|now| mute("one", now)),
                    proptest::option::of(0_u8..=100).prop_map(|now| unmute("one", now)),
                    (-100_i8..=100, proptest::option::of(0_u8..=100)).prop_map(|(step, from)| by("one", step, from)),
                ],
                proptest::option::weighted(0.8, any::<bool>()),
                0_u64..30_000,
            ),
            1..20,
        ),
    ) {
        let (mut volumes, mut now) = (Volumes::default(), ms(0));
        for (request, is_taken, millis) in steps {
            now = now.plus(Duration::from_millis(millis));
            let before = volumes.clone();
            let wanted = volumes.enqueue(std::slice::from_ref(&request), now);
            let is_mute = matches!(request.change, ResolvedChange::Mute { .. });
            let Some(device) = volumes.devices.get("one").cloned() else {
                let is_kept = wanted.kept.contains_key("one");
                prop_assert!(is_kept || wanted.unknown == ["one"]);
                continue;
            };
            prop_assert_ne!(device.before_mute, Some(0));
            prop_assert_eq!(device.muted && wanted.unknown.is_empty(), is_mute);
            prop_assert!(!is_mute || device.wanted == 0);
            if matches!(request.change, ResolvedChange::Unmute { .. }) {
                let is_sent = device.sequence == wanted.sequence;
                prop_assert_eq!(is_sent, wanted.kept.is_empty());
                prop_assert!(!is_sent || device.wanted > 0, "an unmute is never silent");
            }
            let Some(is_taken) = is_taken.filter(|_| device.sequence == wanted.sequence) else { continue };
            let reached = before.devices.get("one").and_then(|device| device.reached.clone());
            if is_taken {
                volumes.record_attempt("one", &sent(device.wanted, device.sequence, now));
                volumes.record_attempt("one", &failed(device.sequence, now));
                prop_assert_eq!(volumes.applied_by_us("one", now), Some(device.wanted));
                prop_assert_eq!(volumes.is_muted("one"), is_mute);
            } else {
                volumes.record_attempt("one", &failed(device.sequence, now));
                prop_assert_eq!(&volumes.devices["one"].reached, &reached, "what failed is no volume");
            }
        }
    }

    /// Steps add up, whichever process sends them meanwhile.
    #[test]
    fn no_step_is_lost(
        start in 40_u8..60,
        steps in proptest::collection::vec((-2_i8..=2, any::<bool>()), 1..20),
        said in proptest::option::of(0_u8..=100),
    ) {
        let mut volumes = Volumes::default();
        volumes.enqueue(&[volume("one", start)], ms(0));
        let mut sum = i16::from(start);
        for (step, is_sent) in steps {
            let sequence = volumes.enqueue(&[by("one", step, said)], ms(1)).sequence;
            sum += i16::from(step);
            let wanted = volumes.devices["one"].wanted;
            prop_assert_eq!(i16::from(wanted), sum);
            if is_sent {
                volumes.record_attempt("one", &sent(wanted, sequence, ms(1)));
            }
        }
    }
}

#[test]
fn a_volume_that_was_not_sent_for_long_is_not_sent_any_more() {
    let mut volumes = Volumes::default();
    let first = volumes.enqueue(&[volume("one", 30), volume("two", 40)], ms(0)).sequence;
    assert_eq!(volumes.pending(ms(19_999)).len(), 2);
    assert!(volumes.pending(ms(20_000)).is_empty());
    let second = volumes.enqueue(&[volume("two", 41)], ms(21_000)).sequence;
    assert_eq!(volumes.pending(ms(21_000)).len(), 1);
    volumes.record_attempt("two", &sent(41, second, ms(21_500)));
    assert_eq!(
        volumes.outcome("two", first),
        volumes.outcome("two", second),
        "a later request answers for it"
    );
    volumes.record_attempt("two", &sent(40, first, ms(21_600)));
    assert_eq!(volumes.outcome("two", first).unwrap().value, 41, "more is known already");
    assert!(volumes.outcome("one", first).is_none());
}

#[test]
fn forgotten_devices_hide_no_later_wish() {
    let mut volumes = Volumes::default();
    for value in 1..5 {
        volumes.enqueue(&[volume("one", value)], ms(0));
    }
    volumes.forget();
    assert!(volumes.devices.is_empty());
    let sequence = volumes.enqueue(&[volume("one", 50)], ms(1)).sequence;
    // A process that does not know yet reports a request from before.
    volumes.record_attempt("one", &sent(4, 4, ms(2)));
    assert_eq!(volumes.pending(ms(3)).len(), 1);
    volumes.record_attempt("one", &sent(50, sequence + 1, ms(2)));
    assert_eq!(volumes.pending(ms(3)).len(), 1, "that was not requested");
}

/// A request that failed is no volume: neither a step nor a mute starts from it.
#[test]
fn a_failed_volume_is_not_the_present_one() {
    let mut volumes = Volumes::default();
    let first = volumes.enqueue(&[volume("one", 40)], ms(0)).sequence;
    volumes.record_attempt("one", &sent(40, first, ms(0)));
    let second = volumes.enqueue(&[volume("one", 90)], ms(1000)).sequence;
    assert_eq!(volumes.applied_by_us("one", ms(1000)), Some(90), "it is on its way");
    volumes.record_attempt("one", &failed(second, ms(1500)));
    assert_eq!(volumes.applied_by_us("one", ms(2000)), Some(40));
    let mut muted = volumes.clone();
    muted.enqueue(&[mute("one", None)], ms(2000));
    assert_eq!(muted.devices["one"].before_mute, Some(40));
    let stepped = |from, at| {
        let mut volumes = volumes.clone();
        volumes.enqueue(&[by("one", 5, from)], at);
        volumes.devices["one"].wanted
    };
    assert_eq!(stepped(Some(70), ms(2000)), 45, "Amazon reports late");
    assert_eq!(stepped(Some(70), ms(15_000)), 75, "a person turned it since");
    assert_eq!(stepped(None, ms(60_000)), 45, "nothing else is known");
}

#[test]
fn more_is_never_forgotten_for_less() {
    let mut volumes = Volumes::default();
    let sequence = volumes.enqueue(&[volume("one", 40)], ms(0)).sequence;
    let confirmed = VolumeAttempt { outcome: AttemptOutcome::Confirmed, ..sent(40, sequence, ms(2)) };
    let all = [failed(sequence, ms(3)), sent(40, sequence, ms(1)), confirmed];
    for (less, more) in [(0_usize, 1_usize), (0, 2), (1, 2)] {
        for order in [[less, more], [more, less]] {
            let mut volumes = volumes.clone();
            for number in order {
                volumes.record_attempt("one", &all[number]);
            }
            assert_eq!(volumes.outcome("one", sequence), Some(&all[more]), "{order:?}");
            assert_eq!(volumes.devices["one"].reached.as_ref().unwrap().value, 40);
        }
    }
}

/// What was never muted is not unmuted, unless it is silent.
#[test]
fn to_unmute_moves_only_what_is_silent() {
    let kept = |volumes: &Volumes, now: Option<u8>, at: u64| {
        let (mut volumes, sequence) = (volumes.clone(), volumes.sequence);
        let wanted = volumes.enqueue(&[unmute("one", now)], ms(at));
        assert_eq!(volumes.sequence == sequence, wanted.kept.contains_key("one"));
        wanted.kept.get("one").copied().ok_or_else(|| volumes.devices["one"].wanted)
    };
    let mut volumes = Volumes::default();
    assert_eq!(kept(&volumes, Some(55), 0), Ok(Some(55)));
    assert_eq!(kept(&volumes, None, 0), Ok(None));
    assert_eq!(kept(&volumes, Some(0), 0), Err(30));
    let sequence = volumes.enqueue(&[volume("one", 44)], ms(0)).sequence;
    assert_eq!(kept(&volumes, None, 100), Ok(Some(44)), "it is on its way");
    volumes.record_attempt("one", &sent(44, sequence, ms(200)));
    assert_eq!(kept(&volumes, Some(60), 20_000), Ok(Some(60)));
    assert_eq!(kept(&volumes, None, 20_000), Ok(Some(44)));
    assert_eq!(kept(&volumes, Some(0), 20_000), Err(44), "a person made it silent");

    let sequence = volumes.enqueue(&[mute("one", Some(60))], ms(20_000)).sequence;
    assert!(!volumes.is_muted("one"), "not yet");
    assert_eq!(kept(&volumes, Some(60), 20_100), Err(60), "the mute is on its way");
    volumes.record_attempt("one", &sent(0, sequence, ms(20_200)));
    assert!(volumes.is_muted("one"));
    assert_eq!(kept(&volumes, None, 60_000), Err(60));
    assert_eq!(kept(&volumes, Some(25), 60_000), Ok(Some(25)), "a person turned it up");
    volumes.enqueue(&[unmute("one", Some(25))], ms(60_000));
    assert!(!volumes.is_muted("one"));
}

/// Muted, turned up by voice, and muted again.
#[test]
fn a_second_mute_remembers_what_was_heard_since() {
    let mut volumes = Volumes::default();
    for (at, now, remembered) in [(0, Some(44), 44), (20_000, Some(61), 61), (40_000, Some(0), 61)] {
        let sequence = volumes.enqueue(&[mute("one", now)], ms(at)).sequence;
        volumes.record_attempt("one", &sent(0, sequence, ms(at + 100)));
        assert_eq!(volumes.devices["one"].before_mute, Some(remembered));
    }
}
