//! Known mistakes: loops, and commands that mean something else in Music Assistant.

use ma_alexa::control::{Action, ControlError, Reply};
use ma_alexa::i18n::{self, Message};
use ma_alexa::playback::Metadata;
use ma_alexa::voice::{LocaleSpec, locales};

use super::super::envelope::{Envelope, is_silent, speech};
use super::{home, next, says, without_player};

/// Mistake: a resume that is known here waits for Music Assistant, or makes it start another stream.
#[tokio::test(start_paused = true)]
async fn a_resume_with_an_offset_asks_nothing_of_music_assistant() {
    let (home, control) = without_player();
    home.push_path("single/one/queue/item/Kitchen.mp3", Metadata::default()).await;
    let played = home.play(&Envelope::play_audio()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &played.token, 60_000)).await;
    for resume in [Envelope::intent("AMAZON.ResumeIntent"), Envelope::button("Play")] {
        let again = home.play(&resume.after(&played.token, 60_000, "STOPPED")).await;
        assert_eq!(again.offset_ms, 60_000);
    }
    assert_eq!(control.actions(), []);
}

#[tokio::test(start_paused = true)]
async fn a_resume_of_what_is_over_or_would_begin_again_is_music_assistants() {
    let (home, control) = home().await;
    let played = home.play(&next()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &played.token, 60_000)).await;
    home.pass(1);
    let resume = || Envelope::intent("AMAZON.ResumeIntent");
    let resumed = home.play(&resume().after(&played.token, 60_000, "STOPPED")).await;
    assert!(resumed.url.contains("/asked-2/"), "{}", resumed.url);
    for (resume, session) in [(resume(), "/asked-3/"), (Envelope::button("Play"), "/asked-4/")] {
        home.pass(13 * 3600);
        let resumed = home.play(&resume).await;
        assert!(resumed.url.contains(session), "{}", resumed.url);
    }
    assert_eq!(control.actions()[1..], [Action::Resume, Action::Resume, Action::Resume]);
}

#[tokio::test(start_paused = true)]
async fn a_resume_that_music_assistant_cannot_do_begins_the_music_again() {
    let (home, control) = home().await;
    let played = home.play(&next()).await;
    home.pass(60);
    home.ask(&Envelope::event("Stopped", &played.token, 60_000)).await;
    home.pass(1);
    control.plans(Some((10, Reply::Failed(ControlError::Unreachable))), None);
    for resume in [Envelope::intent("AMAZON.ResumeIntent"), Envelope::button("Play")] {
        let again = home.play(&resume.after(&played.token, 60_000, "STOPPED")).await;
        assert_eq!((again.url, again.offset_ms), (played.url.clone(), 0));
    }
    home.pass(13 * 3600);
    let resume = Envelope::intent("AMAZON.ResumeIntent");
    assert_eq!(speech(&home.ask(&resume).await), says(ControlError::Unreachable));
    control.plans(Some((10, Reply::Failed(ControlError::NotConnected))), None);
    let nothing = home.ask(&Envelope::intent("AMAZON.ResumeIntent")).await;
    assert_eq!(speech(&nothing), i18n::say("en-US", &Message::NothingToPlay));
}

/// Mistake: Music Assistant's own sentences, and what an Echo reports, are sent back to it, which makes it speak again.
#[tokio::test(start_paused = true)]
async fn music_assistants_words_and_reports_are_never_sent_back_to_it() {
    let (home, control) = home().await;
    for intent in ["PlayAudio", "MaPause", "MaResume", "MaStop", "AMAZON.PauseIntent", "AMAZON.StopIntent"] {
        home.ask(&Envelope::intent(intent)).await;
        home.pass(1);
    }
    for locale in locales() {
        let is_ma = LocaleSpec::of(locale).unwrap().launch_is_ma_phrase();
        home.ask(&Envelope::launch().locale(locale)).await;
        assert_eq!(control.actions(), [], "{locale}, which Music Assistant may say: {is_ma}");
    }
    let played = home.silent_push("Kitchen", "two").await;
    assert_eq!(played.version, 2);
    let token = home.play(&Envelope::play_audio()).await.token;
    for event in ["Started", "NearlyFinished", "Stopped", "Finished", "Started"] {
        home.pass(1);
        home.ask(&Envelope::event(event, &token, 1000)).await;
    }
    home.ask(&Envelope::failed(&token, "MEDIA_ERROR_SERVICE_UNAVAILABLE")).await;
    home.ask(&Envelope::button("Pause")).await;
    assert_eq!(control.actions(), []);
}

/// Mistake: Music Assistant's resume of an Echo is carried out in Music Assistant, which resumes the Echo.
#[tokio::test(start_paused = true)]
async fn music_assistants_resume_resumes_nothing_in_music_assistant() {
    let (home, control) = home().await;
    home.pass(13 * 3600);
    let answer = home.ask(&Envelope::intent("MaResume")).await;
    assert_eq!(speech(&answer), i18n::say("en-US", &Message::NothingToPlay));
    assert_eq!(control.actions(), []);
}

/// Mistake: "previous" begins the present item again, as Music Assistant's own command does after five seconds.
#[tokio::test(start_paused = true)]
async fn previous_is_the_item_before_and_start_over_the_present_one() {
    let (home, control) = home().await;
    home.ask(&Envelope::intent("AMAZON.PreviousIntent")).await;
    home.ask(&Envelope::intent("AMAZON.StartOverIntent")).await;
    assert_eq!(control.actions(), [Action::Previous, Action::StartOver]);
}

/// Mistake: the sentence of a provider that speaks in any case starts what was handed over a second time.
#[tokio::test(start_paused = true)]
async fn the_sentence_behind_a_hand_over_brings_nothing() {
    let (home, _control) = home().await;
    let played = home.play(&next()).await;
    for _ in 0..2 {
        home.pass(1);
        assert!(is_silent(&home.ask(&Envelope::play_audio()).await));
    }
    home.ask(&Envelope::event("Started", &played.token, 0)).await;
    home.pass(1);
    let still = Envelope::play_audio().after(&played.token, 1000, "PLAYING");
    assert!(is_silent(&home.ask(&still).await));
}
