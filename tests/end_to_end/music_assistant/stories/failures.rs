//! What gets lost on the way, and a Music Assistant that starts again.

use std::time::Duration;

use super::home::{Home, KITCHEN, OFFICE};
use super::provider::Loss;

/// The longest that a person waits for an answer, on a machine that does much else.
const TOLD: Duration = Duration::from_secs(6);

/// Music Assistant believes that the Echo has its music. It is asked to start once more, and speaks then.
pub(super) async fn an_answer_that_is_lost_heals(home: &Home) {
    home.plays(KITCHEN, "play the album rivers", KITCHEN, &["Blue River"]).await;
    home.echos.says_in_vain(KITCHEN, "next").await;
    let heard = home.hears(KITCHEN, &["Red Harbour"], "a start that was lost").await;
    assert_eq!(heard.second, 0, "nothing of it is left out");
}

pub(super) async fn music_stops_after_a_while(home: &Home) {
    home.plays(OFFICE, "play the album windows", OFFICE, &["Old Window"]).await;
    home.hears_words(OFFICE, "stop in thirty seconds", "Okay").await;
    home.hears_words(OFFICE, "cancel the sleep timer", "is off").await;
    home.hears_words(OFFICE, "stop in five seconds", "Okay").await;
    home.is_silent(OFFICE).await;
}

pub(super) async fn what_is_lost_on_the_way_is_said(home: &Home) {
    home.plays(KITCHEN, "play the album rivers", KITCHEN, &["Blue River"]).await;
    home.provider.loses(KITCHEN, Loss::Push);
    home.hears_words(KITCHEN, "next", "couldn't do that").await;
    assert!(home.echos.plays(KITCHEN), "what played plays on");
    home.plays(KITCHEN, "play the album lanterns", KITCHEN, &["Green Lantern"]).await;

    // It started, whatever Music Assistant thinks of it.
    home.provider.loses(KITCHEN, Loss::Answer);
    home.plays(KITCHEN, "play blue river", KITCHEN, &["Blue River"]).await;
    home.plays(KITCHEN, "start over", KITCHEN, &["Blue River"]).await;
}

pub(super) async fn music_assistant_starts_again(home: &Home) {
    home.plays(KITCHEN, "play the album rivers", KITCHEN, &["Blue River"]).await;
    home.stops_music_assistant().await;
    let said = home.says(KITCHEN, "next").await;
    assert!(said.speech.contains("doesn't answer"), "{said:?}");
    assert!(said.took < TOLD, "{said:?}");
    home.starts_music_assistant().await;
    home.plays(KITCHEN, "play golden meadow", KITCHEN, &["Golden Meadow"]).await;
    home.plays(OFFICE, "play old window", OFFICE, &["Old Window"]).await;
}
