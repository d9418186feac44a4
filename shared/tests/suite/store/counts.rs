//! How many requests each operation sends to DynamoDB, and how many of them wait for one another.

use ma_alexa::account::OneTimeWord;
use ma_alexa::clock::Timestamp;
use ma_alexa::config::Route;
use ma_alexa::control::Reply;
use ma_alexa::playback::{Claim, Household, ReportKind, RouteOutcome, StartReason};
use ma_alexa::store::dynamodb::DynamoStore;
use ma_alexa::store::{
    ActivityStore as _, BridgeStore as _, PlaybackStore as _, SetupStore as _, WordStore as _,
};

use super::bridge::waiting;
use super::dynamo_proxy::DynamoProxy;
use super::fixture::{client, create_table, dynamo_store, emulator, emulator_address, run};
use super::samples::{
    T0, after, asked, bind, by_hand, challenge, claim, device, event, push, rebind, revocation, taken, token,
    user,
};

/// The household, at no cost that is counted.
async fn look(store: &DynamoStore, proxy: &DynamoProxy, now: Timestamp) -> Household {
    let seen = store.household(now).await.unwrap();
    let _ = proxy.take_traffic();
    seen
}

#[test]
#[expect(clippy::too_many_lines, reason = "each operation builds on those before it")]
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
        sends("first push of a player", 3, &["GetItem", "PutItem", "Query"]);
        store.push(&push("A", "one", after(1))).await.unwrap();
        sends("push that describes", 2, &["GetItem", "PutItem"]);
        store.push(&push("A", "two", after(1))).await.unwrap();
        sends("push that starts", 2, &["GetItem", "PutItem"]);
        store.push(&push("A", "one", after(1))).await.unwrap();
        sends("push that comes late", 1, &["GetItem"]);

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

        let seen = look(&store, &proxy, after(2)).await;
        store.claim(&claim("A", 2, "kitchen", "claim", after(2)), &seen).await.unwrap();
        sends("claim", 1, &["PutItem"]);
        store.claim(&claim("A", 2, "hall", "late", after(2)), &seen).await.unwrap();
        sends("claim that is refused", 1, &["PutItem"]);
        let takes_over = Claim {
            seen: Some("claim".to_owned()),
            seen_echo: Some((device("kitchen"), Some("ask-2".to_owned()))),
            ..claim("A", 2, "hall", "takes over", after(2))
        };
        let seen = look(&store, &proxy, after(2)).await;
        assert!(store.claim(&takes_over, &seen).await.unwrap().succeeded());
        sends("claim of what another Echo served", 1, &["TransactWriteItems"]);
        let playing = event(token("A", 2, after(2), StartReason::Start), ReportKind::Started, 0, after(3));
        store.record(&playing, after(3)).await.unwrap();
        sends("event", 1, &["UpdateItem"]);
        store.record(&playing, after(3)).await.unwrap();
        sends("event that is repeated", 1, &["UpdateItem"]);
        store.suspend(&user(), after(4)).await.unwrap();
        sends("skill disabled", 2, &["Query", "TransactWriteItems"]);
        let seen = look(&store, &proxy, after(4)).await;
        assert!(store.rebind(&rebind("A", "hall", "new", after(4)), &seen).await.unwrap().succeeded());
        sends("revival", 1, &["PutItem"]);
        let seen = look(&store, &proxy, after(4)).await;
        assert!(store.revoke(&revocation("A", 2, "new", after(4)), &seen).await.unwrap().succeeded());
        sends("withdrawal", 1, &["PutItem"]);
        store.pair(&by_hand("A", "hall", "pair", after(5))).await.unwrap();
        sends("pairing by hand", 2, &["Query", "PutItem"]);
        store.bind(&bind("A", "attic", "link", after(5))).await.unwrap();
        sends("link", 2, &["Query", "TransactWriteItems"]);
        store.record_request(&asked("attic", "ask-3", after(5))).await.unwrap();
        sends("first note of a linked Echo", 2, &["UpdateItem", "PutItem"]);
        let proven = RouteOutcome {
            route: Route::Door,
            works: true,
            at: after(5),
            played_ms: Some(9000),
            error: None,
        };
        store.learn_route(&device("attic"), &proven, after(5)).await.unwrap();
        sends("route learned", 2, &["GetItem", "PutItem"]);
        store.learn_route(&device("attic"), &proven, after(6)).await.unwrap();
        sends("route known", 1, &["GetItem"]);
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
        a_request_to_the_home(&store, &sends).await;
    });
}

/// The skill waits for the first two at once, and looks for the reply then.
async fn a_request_to_the_home(store: &DynamoStore, sends: &dyn Fn(&str, usize, &[&str])) {
    store.note_presence(T0).await.unwrap();
    sends("home seen", 2, &["GetItem", "PutItem"]);
    store.presence(after(1)).await.unwrap();
    sends("presence of the home", 1, &["GetItem"]);
    store.put_waiting(&waiting("request", after(1)), after(1)).await.unwrap();
    sends("request that waits", 1, &["PutItem"]);
    store.put_waiting(&waiting("request", after(1)), after(1)).await.unwrap();
    sends("request that waits already", 1, &["PutItem"]);
    store.take_reply(&"request".to_owned(), &Reply::Done, after(2)).await.unwrap();
    sends("reply", 2, &["GetItem", "PutItem"]);
    store.waiting(&"request".to_owned(), after(2)).await.unwrap();
    sends("look for the reply", 1, &["GetItem"]);
}
