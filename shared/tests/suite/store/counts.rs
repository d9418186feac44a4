//! How many requests each operation sends to DynamoDB, and how many of them wait for one another.

use ma_alexa::account::OneTimeWord;
use ma_alexa::playback::{Claim, EventKind, StartReason};
use ma_alexa::store::{ActivityStore as _, CodeStore as _, PlaybackStore as _, SetupStore as _};

use super::dynamo_proxy::DynamoProxy;
use super::fixture::{client, create_table, dynamo_store, emulator, emulator_address, run};
use super::samples::{
    T0, after, asked, bind, by_hand, challenge, claim, device, event, push, rebind, revocation, taken, token,
    user,
};

#[test]
fn each_operation_sends_no_more_than_it_needs() {
    run(async {
        let Some(endpoint) = emulator() else { return };
        let proxy = DynamoProxy::start(emulator_address(&endpoint)).unwrap();
        let table = create_table(&client(&endpoint)).await;
        let store = dynamo_store(client(&proxy.endpoint()), &table);
        proxy.hold(true);
        let sends = |what: &str, rounds: usize, operations: &[&str]| {
            let traffic = proxy.take_traffic();
            assert_eq!(traffic.operations, operations, "{what}");
            assert_eq!(traffic.rounds, rounds, "{what}");
        };

        store.push(&push("A", "one", T0)).await.unwrap();
        sends("first push of a player", 3, &["UpdateItem", "PutItem", "Query"]);
        store.push(&push("A", "one", after(1))).await.unwrap();
        sends("push that describes", 1, &["UpdateItem"]);
        store.push(&push("A", "two", after(1))).await.unwrap();
        sends("push that starts", 2, &["UpdateItem", "UpdateItem"]);
        store.push(&push("A", "one", after(1))).await.unwrap();
        sends("push that comes late", 1, &["UpdateItem"]);

        store.record_request(&asked("kitchen", "ask-1", T0)).await.unwrap();
        sends("first note of an Echo", 2, &["UpdateItem", "PutItem"]);
        let again = asked("kitchen", "ask-2", after(1));
        let (noted, seen) = tokio::join!(store.record_request(&again), store.household(after(1)));
        noted.unwrap();
        seen.unwrap();
        let mut play = proxy.take_traffic();
        play.operations.sort();
        assert_eq!(play.operations, ["Query", "UpdateItem"]);
        assert_eq!(play.rounds, 1, "a play waits for one round trip");

        store.claim(&claim("A", 2, "kitchen", "claim", after(2))).await.unwrap();
        sends("claim", 1, &["UpdateItem"]);
        store.claim(&claim("A", 2, "hall", "late", after(2))).await.unwrap();
        sends("claim that is refused", 1, &["UpdateItem"]);
        let takes_over = Claim {
            seen: Some("claim".to_owned()),
            seen_echo: Some((device("kitchen"), Some("ask-1".to_owned()))),
            ..claim("A", 2, "hall", "late", after(2))
        };
        store.claim(&takes_over).await.unwrap();
        sends("claim of what another Echo served", 1, &["TransactWriteItems"]);
        let playing = event(token("A", 2, after(2), StartReason::Start), EventKind::Started, 0, after(3));
        store.record(&playing, after(3)).await.unwrap();
        sends("event", 1, &["UpdateItem"]);
        store.record(&playing, after(3)).await.unwrap();
        sends("event that is repeated", 1, &["UpdateItem"]);
        store.suspend(&user(), after(4)).await.unwrap();
        sends("skill disabled", 3, &["Query", "UpdateItem", "DeleteItem"]);
        store.rebind(&rebind("A", "kitchen", "new", after(4))).await.unwrap();
        sends("revival", 1, &["UpdateItem"]);
        store.revoke(&revocation("A", 2, "new", after(4))).await.unwrap();
        sends("withdrawal", 1, &["UpdateItem"]);
        store.pair(&by_hand("A", "hall", "pair", after(5))).await.unwrap();
        sends("pairing by hand", 2, &["Query", "TransactWriteItems"]);
        store.bind(&bind("A", "attic", "link", after(5))).await.unwrap();
        sends("link", 2, &["Query", "TransactWriteItems"]);
        store.record_request(&asked("attic", "ask-3", after(5))).await.unwrap();
        sends("first note of a linked Echo", 2, &["UpdateItem", "UpdateItem"]);
        store.put_challenge(&challenge("A", 0, after(5)), after(5)).await.unwrap();
        sends("code issued", 1, &["PutItem"]);
        store
            .consume_challenge(&OneTimeWord::from_index(0), &taken("attic", "take", after(6)))
            .await
            .unwrap();
        sends("code taken", 1, &["UpdateItem"]);
        store
            .consume_challenge(&OneTimeWord::from_index(0), &taken("attic", "late", after(6)))
            .await
            .unwrap();
        sends("code that was taken before", 1, &["UpdateItem"]);
        store.challenge(&OneTimeWord::from_index(0), after(6)).await.unwrap();
        sends("code looked up", 1, &["GetItem"]);
        store.settings().await.unwrap();
        sends("settings", 1, &["GetItem"]);
        store.recent(9, after(5)).await.unwrap();
        sends("activity", 1, &["Query"]);
    });
}
