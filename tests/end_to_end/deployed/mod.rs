//! The stack of `infra/`, deployed by its own commands onto an emulator with the real binaries, and told by its effects:
//! that an emulator says a resource was made proves nothing.
#![expect(clippy::unwrap_used, reason = "what helpers need is there, or the test fails")]

mod alarms;
mod amazon;
mod commands;
mod door;
mod passwords;
mod policies;
mod refresh;
mod resources;
mod sign_in_link;

use end_to_end::amazon::FakeAmazon;
use end_to_end::api::{Api, MUSIC_ASSISTANT, OWNER, send};
use end_to_end::cloud::{Cloud, Stack};
use end_to_end::envelope::{ECHO, Envelope, Played, SKILL};
use reqwest::Method;
use serde_json::json;

use super::flow;

/// One after the other, because each step stands on the one before, and a deployment takes its time.
#[tokio::test(flavor = "multi_thread")]
async fn a_stack_plays_is_watched_and_leaves_its_data_behind() {
    let amazon = FakeAmazon::start().await;
    let Some(cloud) = Cloud::start(&amazon.url()).await else { return };
    let first = Stack::new(&cloud, "first");
    let skill_id = format!("SkillId={SKILL}");
    let said = first.deploy(&[
        "Architecture=x86_64",
        skill_id.as_str(),
        "StreamBaseUrl=https://music.example.com",
        "AlarmEmail=me@example.com",
        // The emulator's stacks know no budget.
        "MonthlyBudget=0",
        // A moment that has passed is due at once.
        "RefreshSchedule=at(2026-01-01T00:00:00)",
        "InvocationName=",
        "AllowSkillSetup=false",
    ]);
    commands::tell_the_next_step(&first, &said);
    refresh::runs_on_schedule(&first).await;

    let api = first.api();
    flow::one_play(&api, async |envelope: Envelope| first.ask(&envelope).await).await;
    everything_else_is_used(&first, &api).await;
    a_bad_day_has_its_sentence(&first).await;
    passwords_change_at_once(&first).await;
    let session = amazon::is_used_and_left(&first, &amazon).await;
    refresh::fails_and_is_put_aside(&first, &amazon, session);
    amazon::leaves_no_trace(&first, &amazon);

    let second = Stack::new(&cloud, "second");
    commands::refuse_half_of_the_data(&second);
    let said = second.deploy(&[
        "Architecture=x86_64",
        "StreamBaseUrl=https://music.example.com",
        "DoorOrigin=http://home.example.com:5001",
    ]);
    commands::tell_that_a_skill_is_missing(&second, &said);
    door::is_reached_through_cloudfront(&second, &said);
    door::is_reached_by_no_way(&first);
    two_stacks_share_no_state(&first, &second).await;

    policies::allow_what_was_asked(&[&first, &second]);
    policies::let_the_skill_be_set_up(&first, &second);
    resources::are_as_described(&first, &second);
    resources::belong_where_alexa_is(&cloud);
    alarms::watch_what_is_counted(&first).await;

    the_data_outlives_the_stack(&first).await;
    commands::remove_the_data_after_asking(&first);
    assert_eq!(second.api().player("Bedroom").await["version"], 1);
}

/// What the one play does not need: every other thing that the functions ask of AWS.
async fn everything_else_is_used(stack: &Stack<'_>, api: &Api) {
    let said = stack.ask(&Envelope::new("pair-kitchen").from_echo("another")).await;
    assert!(
        said["response"]["outputSpeech"]["text"].as_str().is_some_and(|text| text.contains("Kitchen")),
        "{said}"
    );
    let (status, _) = api.ask(Method::DELETE, "/v1/echos/another/player", None).await;
    assert_eq!(status, 200);
    let body = json!({ "player": "Kitchen" });
    let (status, _) = api.ask(Method::PUT, &format!("/v1/echos/{ECHO}/player"), Some(&body)).await;
    assert_eq!(status, 200);
    // The home is there, and says nothing.
    let (status, ticket) = api.ask(Method::POST, "/v1/bridge/ticket", Some(&json!({}))).await;
    assert_eq!(status, 200, "{ticket}");
    for (queue, name) in [("queue", "/first-bridge"), ("reports", "/first-reports")] {
        assert!(ticket[queue].as_str().is_some_and(|queue| queue.ends_with(name)), "{ticket}");
    }
    assert_eq!(api.ask(Method::POST, "/v1/bridge/seen", Some(&json!({}))).await.0, 200);
    stack.ask(&Envelope::new("intent-amazon-next")).await;
    api.get("/alexa/intents").await;
    api.get("/v1/activity").await;
    let (status, link) = api.ask(Method::POST, "/v1/link", Some(&json!({}))).await;
    assert_eq!((status, link["path"].is_string()), (200, true), "{link}");
    a_token_is_made_used_and_revoked(api).await;

    // An Echo that misses two starts is not live any more, and another one may claim the third.
    api.push("Study", "study-1", "Carey").await;
    let _ = Played::of(&stack.ask(&Envelope::new("play-audio").from_echo("old")).await);
    for session in ["study-2", "study-3", "study-4"] {
        api.push("Study", session, "Carey").await;
    }
    let claimed = Played::of(&stack.ask(&Envelope::new("play-audio").from_echo("new")).await);
    assert!(claimed.url.contains("/study-4/"), "{}", claimed.url);

    let disabled = Envelope::new("alexa-skill-event-skill-disabled");
    stack.ask(&disabled).await;
    assert_eq!(api.player("Kitchen").await["echo"], json!(null));
    stack.ask(&Envelope::new("intent-amazon-resume")).await;
}

/// The table has the tokens, for every instance of the function.
async fn a_token_is_made_used_and_revoked(api: &Api) {
    let wish = json!({ "name": "Home Assistant", "scope": "control" });
    let (status, made) = api.ask(Method::POST, "/v1/tokens", Some(&wish)).await;
    assert_eq!(status, 200, "{made}");
    let header = format!("Bearer {}", made["token"].as_str().unwrap());
    let (status, players) =
        send(api.request(Method::GET, "/v1/players").header("authorization", header)).await;
    assert_eq!(status, 200, "{players}");
    let token = &api.get("/v1/tokens").await["tokens"][0];
    assert!(token["used_on"].is_string(), "{token}");
    let revoked = format!("/v1/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(api.ask(Method::DELETE, &revoked, None).await.0, 200);
}

async fn a_bad_day_has_its_sentence(stack: &Stack<'_>) {
    stack.cloud.recorder().refuse(true);
    let answer = stack.ask(&Envelope::new("play-audio")).await;
    stack.cloud.recorder().refuse(false);
    assert!(answer["response"]["outputSpeech"]["text"].is_string(), "{answer}");
}

async fn passwords_change_at_once(stack: &Stack<'_>) {
    let before = stack.api();
    before.get("/v1/players").await;
    let credentials = json!({
        "owner": { "username": OWNER.0, "password": OWNER.1 },
        "music_assistant": { "username": MUSIC_ASSISTANT.0, "password": MUSIC_ASSISTANT.1 },
    });
    stack.write_secret("credentials", &credentials.to_string());
    stack.api().get("/v1/players").await;
    let (status, refused) = before.ask(Method::GET, "/v1/players", None).await;
    assert_eq!((status, &refused["error"]["code"]), (401, &json!("unauthorized")), "{refused}");
    // Music Assistant's pair opens nothing of the owner's.
    let wrong =
        before.request(Method::GET, "/v1/players").basic_auth(MUSIC_ASSISTANT.0, Some(MUSIC_ASSISTANT.1));
    assert_eq!(send(wrong).await.0, 403);
    assert_eq!(send(before.request(Method::GET, "/v1/players")).await.0, 401);
}

/// A second stack of the same account and region has its own names, state and passwords.
async fn two_stacks_share_no_state(first: &Stack<'_>, second: &Stack<'_>) {
    let api = second.api();
    assert_eq!(api.get("/v1/players").await["players"], json!([]));
    api.push("Bedroom", "bedroom-1", "River").await;
    let players = first.api().get("/v1/players").await;
    assert!(!players.to_string().contains("Bedroom"), "{players}");
    assert_ne!(first.secret("credentials"), second.secret("credentials"));
    // Without a skill id no request is served.
    let answer = second.ask(&Envelope::new("play-audio")).await;
    assert_eq!(answer["response"].get("directives"), None, "{answer}");
}

/// Removed, deployed again, brought up to date: what an Echo was playing, it still plays.
async fn the_data_outlives_the_stack(stack: &Stack<'_>) {
    let mut credentials = stack.secret("credentials");
    let player = stack.api().player("Study").await;
    let removed = stack.command("remove", &[], "");
    assert!(removed.status.success(), "{}{}", removed.stdout, removed.stderr);
    let skill_id = format!("SkillId={SKILL}");
    assert!(removed.stdout.contains(&format!("'{skill_id}'")), "{}", removed.stdout);
    let gone = stack.command("remove", &[], "");
    assert!(gone.stdout.contains("There is no stack first"), "{}{}", gone.stdout, gone.stderr);

    let skill_id = format!("SkillId={SKILL}");
    let said =
        stack.deploy(&["Architecture=x86_64", skill_id.as_str(), "StreamBaseUrl=https://music.example.com"]);
    assert!(said.contains("they are used again"), "{said}");
    // What an earlier release has made gets the keys that it lacks, and keeps the rest.
    let made = stack.secret("credentials");
    for (name, length) in [("session_key", 32), ("grant_keys", 45), ("door_secret", 32)] {
        assert_eq!(made[name].as_str().map(str::len), Some(length), "{name}");
        assert_eq!(credentials[name], json!(null));
        credentials[name] = made[name].clone();
    }
    assert_eq!(made, credentials);
    assert_eq!(stack.api().player("Study").await, player);
    still_plays(stack).await;
    // Without a parameter: each has stayed what it was.
    let _ = stack.deploy(&[]);
    assert_eq!(stack.secret("credentials"), credentials);
    still_plays(stack).await;
}

async fn still_plays(stack: &Stack<'_>) {
    let played = Played::of(&stack.ask(&Envelope::new("intent-amazon-resume").from_echo("new")).await);
    assert_eq!(played.url, "https://music.example.com/flow/study-4/Study/item1/Study.mp3");
}
