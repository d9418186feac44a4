//! Music Assistant's queue on the status page.

use super::browser::Browser;
use super::pages::check_page;
use crate::music_assistant::live::{Following, kitchen};
use crate::music_assistant::stand_in::Household;
use serde_json::{Value, json};

/// The commands that a button sent, without questions.
fn sent(following: &Following) -> Vec<(String, Value)> {
    let asked = following.stand_in.asked().into_iter();
    asked
        .filter(|(command, _)| {
            command.starts_with("player_queues/")
                && !command.contains("get_active")
                && !command.ends_with("items")
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_stands_beside_what_plays_with_its_buttons() {
    let following = Following::start(Household::default()).await;
    following.until(|app| kitchen(app).is_some_and(|(_, coming)| !coming.is_empty())).await;
    let browser = Browser::logged_in(&following.app).await;
    let page = browser.get("/status").await;
    check_page("/status", &page);
    for part in
        ["<strong>Two</strong>", "Kim, Jo", "max=\"120\" value=\"12\" data-plays", "0:12 / 2:00", "Three"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let _questions = sent(&following);
    for (command, expected) in [
        ("next", json!({ "queue_id": "Kitchen", "index": 2 })),
        ("previous", json!({ "queue_id": "Kitchen", "index": 0 })),
        ("shuffle-on", json!({ "queue_id": "Kitchen", "shuffle_enabled": true })),
        ("repeat-all", json!({ "queue_id": "Kitchen", "repeat_mode": "all" })),
        ("pause", json!({ "queue_id": "Kitchen" })),
    ] {
        let seen = browser.submit("/status/control", &[("player", "Kitchen"), ("command", command)]).await;
        assert_eq!((seen.status, seen.header("location")), (303, "/status"), "{command}");
        let sent = sent(&following);
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert_eq!(sent[0].1, expected, "{command}");
    }
    let jump = [("player", "Kitchen"), ("command", "play-item"), ("item", "i3")];
    browser.submit("/status/control", &jump).await;
    assert_eq!(sent(&following)[0].1, json!({ "queue_id": "Kitchen", "index": "i3" }));
    assert!(browser.get("/status").await.text.contains("Music Assistant accepted it for Kitchen."));
    browser.submit("/status/control", &[("player", "Kitchen"), ("command", "explode")]).await;
    assert_eq!(sent(&following), []);
}
