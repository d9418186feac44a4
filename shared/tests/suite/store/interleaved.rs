//! Something else happens between what an operation reads and what it writes.

use ma_alexa::playback::{RETENTION, short_hash};
use ma_alexa::store::PlaybackStore as _;
use ma_alexa::store::dynamodb::DynamoStore;

use super::dynamo_proxy::DynamoProxy;
use super::fixture::{client, create_table, dynamo_store, emulator, emulator_address, run};
use super::samples::{T0, UNSEEN, after, by_hand, claim, device, player, push, revocation, served_by, user};

/// Two ways to one table, of which the first can be stopped.
struct Ways {
    proxy: DynamoProxy,
    slow: DynamoStore,
    fast: DynamoStore,
}

impl Ways {
    async fn new() -> Option<Self> {
        let endpoint = emulator()?;
        let proxy = DynamoProxy::start(emulator_address(&endpoint)).unwrap();
        let table = create_table(&client(&endpoint)).await;
        Some(Self {
            slow: dynamo_store(client(&proxy.endpoint()), &table),
            fast: dynamo_store(client(&endpoint), &table),
            proxy,
        })
    }
}

#[test]
fn a_start_keeps_the_pairing_that_came_in_between() {
    run(async {
        let Some(Ways { proxy, slow, fast }) = Ways::new().await else {
            return;
        };
        fast.push(&push("A", "one", T0)).await.unwrap();
        let next = push("A", "two", after(2));
        let by_hand = by_hand("A", "hall", "pair", after(2));
        let (pushed, paired) = tokio::join!(slow.push(&next), proxy.before_write(1, fast.pair(&by_hand)));
        assert!(paired.unwrap());
        assert_eq!(pushed.unwrap().version, 2);
        let known = player(&fast, "A", after(2)).await;
        assert_eq!(known.pairing.unwrap().device, Some(device("hall")));
        assert_eq!(known.expires_at, None, "kept for ever");
        assert!(known.had_echo);

        let next = push("A", "three", after(4));
        let hall = device("hall");
        let unpair = fast.unpair(&hall, None, after(4));
        let (pushed, ended) = tokio::join!(slow.push(&next), proxy.before_write(1, unpair));
        assert_eq!((pushed.unwrap().version, ended.unwrap()), (3, 1));
        let known = player(&fast, "A", after(4)).await;
        assert!(known.pairing.is_none());
        assert_eq!(known.expires_at, Some(after(4).plus(RETENTION).seconds()), "no longer for ever");
    });
}

#[test]
fn two_starts_at_once_are_two_versions() {
    run(async {
        let Some(Ways { proxy, slow, fast }) = Ways::new().await else {
            return;
        };
        let (first, other) = (push("A", "one", T0), push("A", "other", T0));
        let (pushed, before) = tokio::join!(slow.push(&first), proxy.before_write(1, fast.push(&other)));
        assert_eq!((pushed.unwrap().version, before.unwrap().version), (2, 1));
        let (next, other) = (push("A", "two", after(1)), push("A", "three", after(1)));
        let (pushed, before) = tokio::join!(slow.push(&next), proxy.before_write(1, fast.push(&other)));
        assert_eq!((pushed.unwrap().version, before.unwrap().version), (4, 3));
        assert_eq!(player(&fast, "A", after(1)).await.present.unwrap().replaced.len(), 3);
    });
}

#[test]
fn a_pairing_forgets_nothing_that_another_echo_has_by_now() {
    run(async {
        let Some(Ways { proxy, slow, fast }) = Ways::new().await else {
            return;
        };
        for name in ["A", "B"] {
            fast.push(&push(name, &format!("of-{name}"), T0)).await.unwrap();
        }
        fast.claim(&claim("B", 1, "kitchen", "claim", after(1)), &UNSEEN).await.unwrap();
        let (ours, theirs) =
            (by_hand("A", "kitchen", "ours", after(2)), by_hand("B", "hall", "theirs", after(2)));
        let (paired, meanwhile) = tokio::join!(slow.pair(&ours), proxy.before_write(1, fast.pair(&theirs)));
        assert!(paired.unwrap() && meanwhile.unwrap());
        assert_eq!(served_by(&fast, "A", after(2)).await, Some(device("kitchen")));
        assert_eq!(served_by(&fast, "B", after(2)).await, Some(device("hall")));
    });
}

#[test]
fn ending_a_pairing_leaves_the_next_one() {
    run(async {
        let Some(Ways { proxy, slow, fast }) = Ways::new().await else {
            return;
        };
        fast.push(&push("A", "one", T0)).await.unwrap();
        fast.claim(&claim("A", 1, "kitchen", "claim", after(1)), &UNSEEN).await.unwrap();
        let mut theirs = by_hand("A", "hall", "theirs", after(2));
        theirs.user = Some(short_hash("another user"));
        let me = user();
        let (slept, meanwhile) =
            tokio::join!(slow.suspend(&me, after(2)), proxy.before_write(1, fast.pair(&theirs)));
        slept.unwrap();
        assert!(meanwhile.unwrap());
        assert_eq!(served_by(&fast, "A", after(2)).await, Some(device("hall")));

        let hall = device("hall");
        let theirs = by_hand("A", "bath", "again", after(3));
        let (ended, meanwhile) =
            tokio::join!(slow.unpair(&hall, None, after(3)), proxy.before_write(1, fast.pair(&theirs)));
        ended.unwrap();
        assert!(meanwhile.unwrap());
        assert_eq!(served_by(&fast, "A", after(3)).await, Some(device("bath")));
    });
}

#[test]
fn a_withdrawal_leaves_what_another_echo_has_by_now() {
    run(async {
        let Some(Ways { proxy, slow, fast }) = Ways::new().await else {
            return;
        };
        fast.push(&push("A", "one", T0)).await.unwrap();
        fast.claim(&claim("A", 1, "kitchen", "claim", after(1)), &UNSEEN).await.unwrap();
        let doubt = revocation("A", 1, "kitchen", after(2));
        let theirs = by_hand("A", "hall", "theirs", after(2));
        let (withdrawn, meanwhile) =
            tokio::join!(slow.revoke(&doubt, &UNSEEN), proxy.before_write(1, fast.pair(&theirs)));
        assert!(!withdrawn.unwrap().succeeded() && meanwhile.unwrap());
        assert_eq!(served_by(&fast, "A", after(2)).await, Some(device("hall")));
    });
}
