//! The connection breaks after a write was made and before it was answered: the writer still learns that it
//! was its own.

use ma_alexa::account::OneTimeWord;
use ma_alexa::playback::{Claim, ReportKind, StartReason, Transition};
use ma_alexa::store::{PlaybackStore as _, WordStore as _};

use super::dynamo_proxy::DynamoProxy;
use super::fixture::{client, create_table, dynamo_store, emulator, emulator_address, run};
use super::samples::{
    T0, UNSEEN, after, asked, bind, by_hand, challenge, claim, device, event, player, push, rebind,
    revocation, served_by, taken, token,
};

#[test]
#[expect(clippy::too_many_lines, reason = "each operation builds on those before it")]
fn a_write_whose_answer_is_lost_still_stands() {
    run(async {
        let Some(endpoint) = emulator() else { return };
        let proxy = DynamoProxy::start(emulator_address(&endpoint)).unwrap();
        let table = create_table(&client(&endpoint)).await;
        let store = dynamo_store(client(&proxy.endpoint()), &table);
        let lost = || assert!(proxy.has_lost_answer(), "no answer was lost");

        // The client sends the start again, and the store knows it for its own.
        let starts = [
            (1, "one", &["GetItem", "PutItem", "PutItem", "Query"][..]),
            (2, "two", &["GetItem", "PutItem", "PutItem"]),
        ];
        for (version, session, operations) in starts {
            // What passed so far does not count.
            let _ = proxy.take_traffic();
            proxy.lose_answer_of_write(1);
            let pushed = store.push(&push("A", session, T0)).await.unwrap();
            lost();
            assert_eq!((pushed.version, pushed.started), (version, true));
            assert_eq!(proxy.take_traffic().operations, operations);
        }
        for (nth, request) in [(2, "first"), (1, "again")] {
            proxy.lose_answer_of_write(nth);
            let noted = store.record_request(&asked("kitchen", request, after(1))).await.unwrap();
            lost();
            assert!(noted.succeeded());
        }
        let household = store.household(after(1)).await.unwrap();
        let echo = household.echo(&device("kitchen")).unwrap();
        assert_eq!(echo.asked_before("again"), Some(after(1)), "the request is not its own forerunner");

        proxy.lose_answer_of_write(1);
        let won = store.claim(&claim("A", 2, "kitchen", "claim", after(1)), &UNSEEN).await.unwrap();
        lost();
        assert!(won.succeeded());
        let late = store.claim(&claim("A", 2, "hall", "late", after(1)), &UNSEEN).await.unwrap();
        assert_eq!(late, Transition::Rejected);
        assert_eq!(served_by(&store, "A", after(1)).await, Some(device("kitchen")));

        let takes_over = Claim {
            seen: Some("claim".to_owned()),
            seen_echo: Some((device("kitchen"), Some("again".to_owned()))),
            ..claim("A", 2, "attic", "takes over", after(2))
        };
        proxy.lose_answer_of_write(1);
        assert!(store.claim(&takes_over, &UNSEEN).await.unwrap().succeeded());
        lost();
        assert_eq!(served_by(&store, "A", after(2)).await, Some(device("attic")));

        let failed = event(token("A", 2, after(2), StartReason::Start), ReportKind::Failed, 0, after(3));
        proxy.lose_answer_of_write(1);
        let recorded = store.record(&failed, after(3)).await.unwrap();
        lost();
        assert!(recorded.replay(&failed).is_some(), "the one replay is not lost with the answer");

        proxy.lose_answer_of_write(1);
        let revived = store.rebind(&rebind("A", "attic", "new", after(4)), &UNSEEN).await.unwrap();
        lost();
        assert!(revived.succeeded());
        proxy.lose_answer_of_write(1);
        let withdrawn = store.revoke(&revocation("A", 2, "new", after(4)), &UNSEEN).await.unwrap();
        lost();
        assert!(withdrawn.succeeded());

        proxy.lose_answer_of_write(1);
        assert!(store.pair(&by_hand("A", "hall", "pair", after(5))).await.unwrap());
        lost();
        assert_eq!(served_by(&store, "A", after(5)).await, Some(device("hall")));
        for round in ["first", "second"] {
            proxy.lose_answer_of_write(1);
            let linked = store.bind(&bind("New", "attic", round, after(5))).await.unwrap();
            lost();
            assert!(linked.succeeded());
        }
        assert_eq!(served_by(&store, "New", after(5)).await, Some(device("attic")));
        proxy.lose_answer_of_write(1);
        assert!(store.put_challenge(&challenge("New", 0, after(5)), after(5)).await.unwrap());
        lost();
        proxy.lose_answer_of_write(1);
        let challenge = store
            .consume_challenge(&OneTimeWord::from_index(0), &taken("attic", "take", after(5)))
            .await
            .unwrap();
        lost();
        assert!(challenge.is_some(), "it is taken by this very request");

        proxy.lose_answer_of_write(1);
        let ended = store.unpair(&device("hall"), None, after(6)).await.unwrap();
        lost();
        assert_eq!(ended, 1);
        assert!(player(&store, "A", after(6)).await.pairing.is_none());
    });
}
