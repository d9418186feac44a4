//! Commands and their answers, and servers that misbehave.

use std::time::{Duration, Instant};

use ma_alexa::config::MaApiUrl;
use ma_alexa::music_assistant::{
    Enqueue, Login, MediaKind, MusicAssistantClient, MusicAssistantError, MusicSearch, PlaybackState,
    QueueIndex, QueueMusic, RepeatMode, Server, UserRole,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::stand_in::{Household, LOGIN, Mood, StandIn, TOKEN, item, media};

fn server(stand_in: &StandIn) -> Server {
    Server::new(&MusicAssistantClient::new(), &stand_in.address(), Some(&TOKEN.into())).unwrap()
}

async fn well() -> (StandIn, Server) {
    let stand_in = StandIn::start(Household::default()).await;
    let server = server(&stand_in);
    (stand_in, server)
}

fn search(query: &str) -> MusicSearch {
    MusicSearch { query: query.to_owned(), limit: 25, ..MusicSearch::default() }
}

#[tokio::test]
async fn each_method_sends_its_command() {
    let (stand_in, server) = well().await;
    let play = QueueMusic { uri: "library://track/Two", enqueue: Enqueue::Replace, radio: true };
    server.play("Kitchen", &play).await.unwrap();
    server.play_index("Kitchen", &QueueIndex::Item("i3".to_owned())).await.unwrap();
    server.play_index("Kitchen", &QueueIndex::Index(0)).await.unwrap();
    server.seek("Kitchen", 30).await.unwrap();
    server.resume("Kitchen").await.unwrap();
    server.pause("Kitchen").await.unwrap();
    server.stop("Kitchen").await.unwrap();
    server.clear("Kitchen").await.unwrap();
    server.shuffle("Kitchen", true).await.unwrap();
    server.repeat("Kitchen", &RepeatMode::One).await.unwrap();
    server.transfer("Kitchen", "Office").await.unwrap();
    server.set_volume("Kitchen", 30).await.unwrap();
    server.add_favorite("library://track/Two").await.unwrap();
    let kitchen = |more: Value| {
        let mut args = json!({ "queue_id": "Kitchen" });
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        args
    };
    let expected = [
        (
            "player_queues/play_media",
            kitchen(json!({ "media": "library://track/Two", "option": "replace", "radio_mode": true })),
        ),
        ("player_queues/play_index", kitchen(json!({ "index": "i3" }))),
        ("player_queues/play_index", kitchen(json!({ "index": 0 }))),
        ("player_queues/seek", kitchen(json!({ "position": 30 }))),
        ("player_queues/resume", kitchen(json!({}))),
        ("player_queues/pause", kitchen(json!({}))),
        ("player_queues/stop", kitchen(json!({}))),
        ("player_queues/clear", kitchen(json!({}))),
        ("player_queues/shuffle", kitchen(json!({ "shuffle_enabled": true }))),
        ("player_queues/repeat", kitchen(json!({ "repeat_mode": "one" }))),
        ("player_queues/transfer", json!({ "source_queue_id": "Kitchen", "target_queue_id": "Office" })),
        ("players/cmd/volume_set", json!({ "player_id": "Kitchen", "volume_level": 30 })),
        ("music/favorites/add_item", json!({ "item": "library://track/Two" })),
    ];
    assert_eq!(stand_in.asked(), expected.map(|(command, args)| (command.to_owned(), args)));
}

#[tokio::test]
async fn a_favourite_is_taken_back_by_its_id_in_the_library() {
    let (stand_in, server) = well().await;
    let media = server.item("library://track/Two").await.unwrap();
    server.remove_favorite(&media).await.unwrap();
    let asked = stand_in.asked();
    let removed = json!({ "media_type": "track", "library_item_id": "7" });
    assert_eq!(asked.last(), Some(&("music/favorites/remove_item".to_owned(), removed)));
}

#[tokio::test]
async fn answers_are_read_leniently() {
    let (stand_in, server) = well().await;
    let info = server.info().await.unwrap();
    assert_eq!((info.version.as_str(), info.schema, info.oldest_schema), ("2.8.0", 29, 28));
    assert_eq!(server.user().await.unwrap().role, UserRole::User);

    stand_in.change(|household| {
        household.players = json!([
            { "player_id": "a", "display_name": "A", "state": "playing", "playback_state": "dancing", "available": null },
            { "name": "no id" }, 7, null,
            { "player_id": "b", "name": null, "provider": 3, "device_info": null, "output_protocols": {} },
        ]);
        household.queue = json!({
            "queue_id": "a", "state": null, "items": "many", "current_index": -1, "elapsed_time": null,
            "current_item": { "queue_item_id": "i1", "duration": "long", "media_item": { "uri": "x" } },
            "next_item": { "name": "no id" }, "repeat_mode": 7,
        });
    });
    let players = server.players().await.unwrap();
    assert_eq!(players.iter().map(|player| player.player_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(players[0].playback_state, PlaybackState::Other);
    assert!(players[0].available);
    let queue = server.active_queue("a").await.unwrap();
    assert_eq!((queue.count, queue.current_index, queue.next_item), (0, None, None));
    assert_eq!(
        queue.current_item.map(|item| (item.queue_item_id, item.duration)),
        Some(("i1".to_owned(), None))
    );
    assert_eq!(queue.repeat_mode, RepeatMode::Other);

    let items = server.items("a", 0, 5).await.unwrap();
    assert_eq!(items.len(), 3, "the broken one is left out");
    let first = items[0].media_item.as_ref().unwrap();
    assert_eq!(
        (first.name.as_str(), first.artist(), first.album()),
        ("One", Some("Kim, Jo".to_owned()), Some("Numbers"))
    );
    assert_eq!(server.items("a", 0, 2).await.unwrap().len(), 2, "no more than asked for");
}

#[tokio::test]
async fn a_search_is_bounded() {
    let (stand_in, server) = well().await;
    let many: Vec<Value> = (0..5000).map(|number| media(&format!("T{number}"), "spotify--1")).collect();
    let short = |number: usize| json!({ "uri": format!("library://artist/{number}"), "name": "Kim" });
    let artists: Vec<Value> = (0..5000).map(short).collect();
    stand_in.change(|household| {
        household.results = json!({ "tracks": many, "artists": artists, "albums": null });
    });
    let found = server.search(&search("tone")).await.unwrap();
    assert_eq!(found.len(), 50);
    let (track, artist) = (&found[0], &found[25]);
    assert_eq!((&track.kind, track.name.as_str(), track.in_library), (&MediaKind::Track, "T0", false));
    assert_eq!((&artist.kind, artist.artist.as_deref(), artist.favorite), (&MediaKind::Artist, None, false));

    let of_library =
        MusicSearch { kinds: vec![MediaKind::Artist], library_only: true, limit: 3, ..search(" tone ") };
    assert_eq!(server.search(&of_library).await.unwrap().len(), 3);
    let args = json!({
        "search_query": "tone", "media_types": ["artist"], "limit": 3, "library_only": true, "providers": ["library"],
    });
    assert_eq!(stand_in.asked().pop(), Some(("music/search".to_owned(), args)));

    let long = "x".repeat(8000);
    for query in ["", "  ", &long] {
        assert!(matches!(server.search(&search(query)).await, Err(MusicAssistantError::Invalid(_))));
    }
    assert!(stand_in.asked().is_empty(), "such a search is not sent");
}

#[tokio::test]
async fn what_is_out_of_range_is_not_sent() {
    let (stand_in, server) = well().await;
    let play = QueueMusic { uri: "tone", enqueue: Enqueue::Add, radio: false };
    for refused in [
        server.seek("Kitchen", u32::MAX).await,
        server.set_volume("Kitchen", 101).await,
        server.play("Kitchen", &play).await,
        server.add_favorite(&format!("x://{}", "y".repeat(2000))).await,
    ] {
        assert!(matches!(refused, Err(MusicAssistantError::Invalid(_))), "{refused:?}");
    }
    assert!(stand_in.asked().is_empty());
}

#[tokio::test]
async fn each_failure_has_its_error() {
    let (stand_in, server) = well().await;
    let host = || "127.0.0.1".to_owned();
    for (mood, error) in [
        (Mood::Garbage, MusicAssistantError::Garbage { host: host() }),
        (Mood::Huge, MusicAssistantError::Garbage { host: host() }),
        (Mood::Redirects, MusicAssistantError::Garbage { host: host() }),
        (Mood::Status(404), MusicAssistantError::Garbage { host: host() }),
        (Mood::Status(401), MusicAssistantError::SignedOut),
        (Mood::Status(403), MusicAssistantError::NotAllowed),
        (Mood::Status(503), MusicAssistantError::NotSetUp),
        (Mood::Status(400), MusicAssistantError::Failed { status: 400 }),
        (Mood::Status(500), MusicAssistantError::Failed { status: 500 }),
    ] {
        stand_in.change(|household| household.mood = mood);
        assert_eq!(server.players().await, Err(error.clone()), "{mood:?}");
        assert_eq!(server.pause("Kitchen").await, Err(error), "{mood:?}");
    }
    stand_in.change(|household| household.mood = Mood::Well);
    let unknown = MusicAssistantError::PlayerUnknown { player: "Attic".to_owned() };
    assert_eq!(server.active_queue("Attic").await, Err(unknown));
    assert_eq!(server.item("library://track/Gone").await, Err(MusicAssistantError::NothingFound));
    let other = server.with_token(&"another".into()).unwrap();
    assert_eq!(other.players().await, Err(MusicAssistantError::SignedOut));
}

#[tokio::test]
async fn a_server_that_is_down_or_silent_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let down = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let server = Server::new(&MusicAssistantClient::new(), &MaApiUrl::parse(&down).unwrap(), None).unwrap();
    assert!(matches!(server.info().await, Err(MusicAssistantError::Unreachable { .. })));

    let stand_in = StandIn::start(Household { mood: Mood::Silent, ..Household::default() }).await;
    let server = self::server(&stand_in);
    let began = Instant::now();
    let library = MusicSearch { library_only: true, ..search("tone") };
    let all = search("tone");
    let (players, found, everywhere) = tokio::join!(
        server.players(),
        async { (server.search(&library).await, began.elapsed()) },
        server.search(&all)
    );
    assert_eq!(players, Err(MusicAssistantError::Slow));
    assert_eq!(everywhere, Err(MusicAssistantError::Slow));
    assert_eq!(found.0, Err(MusicAssistantError::Slow));
    assert!(found.1 < Duration::from_millis(2500), "{:?}", found.1);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_schema_that_is_not_known_is_said() {
    for (schema, oldest, is_known) in
        [(24, 24, true), (29, 28, true), (40, 34, true), (23, 20, false), (60, 50, false)]
    {
        let household = Household { schema, oldest_schema: oldest, ..Household::default() };
        let stand_in = StandIn::start(household).await;
        let info = server(&stand_in).info().await;
        assert_eq!(info.is_ok(), is_known, "{schema} {oldest}");
        if !is_known {
            assert_eq!(info, Err(MusicAssistantError::OtherSchema { schema }));
        }
    }
}

#[tokio::test]
async fn a_server_before_logins_needs_no_token() {
    let stand_in = StandIn::start(Household { schema: 24, oldest_schema: 24, ..Household::default() }).await;
    let server = Server::new(&MusicAssistantClient::new(), &stand_in.address(), None).unwrap();
    assert_eq!(server.players().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_password_becomes_a_token() {
    let (stand_in, server) = well().await;
    let login = |password: &str| Login { username: LOGIN.0.to_owned(), password: password.into() };
    assert!(matches!(server.sign_in(&login("wrong horse")).await, Err(MusicAssistantError::LoginRefused)));
    let short = server.sign_in(&login(LOGIN.1)).await.unwrap();
    let signed_in = server.with_token(&short).unwrap();
    let made: SecretString = signed_in.create_token("Alexa").await.unwrap();
    signed_in.sign_out().await.unwrap();
    assert!(signed_in.with_token(&made).unwrap().user().await.unwrap().may_control());
    let asked: Vec<String> = stand_in.asked().into_iter().map(|(command, _)| command).collect();
    assert_eq!(asked, ["login", "login", "auth/token/create", "logout", "auth/me"]);
}

#[tokio::test]
async fn a_token_goes_nowhere_where_others_could_read_it() {
    let client = MusicAssistantClient::new();
    let token: SecretString = TOKEN.into();
    for (address, is_taken) in [
        ("http://192.168.1.5:8095", true),
        ("http://homeassistant.local:8095", true),
        ("https://ma.example.com", true),
        ("http://ma.example.com", false),
        ("http://8.8.8.8:8095", false),
        ("http://169.254.169.254", false),
        ("http://[fe80::1]:8095", false),
    ] {
        let address = MaApiUrl::parse(address).unwrap();
        assert_eq!(Server::new(&client, &address, Some(&token)).is_ok(), is_taken, "{address}");
    }
    let address = MaApiUrl::parse("http://192.168.1.5:8095").unwrap();
    let long = "x".repeat(5000);
    for no_token in ["", "  ", "with space", "line\nbreak", &long] {
        assert!(
            Server::new(&client, &address, Some(&SecretString::from(no_token.to_owned()))).is_err(),
            "{no_token:?}"
        );
    }
    let server = Server::new(&client, &address, Some(&token)).unwrap();
    assert!(!format!("{server:?}").contains(TOKEN), "it is not shown");
    let login = Login { username: LOGIN.0.to_owned(), password: LOGIN.1.into() };
    assert!(!format!("{login:?}").contains(LOGIN.1));
}

#[tokio::test]
async fn items_of_a_queue_name_their_music() {
    let (stand_in, server) = well().await;
    stand_in.change(|household| household.queue["next_item"] = item("i9", "Nine"));
    let queue = server.active_queue("Kitchen").await.unwrap();
    assert_eq!(queue.next_item.map(|item| item.queue_item_id).as_deref(), Some("i9"));
    assert_eq!(
        queue.current_item.and_then(|item| item.media_item).map(|media| media.name).as_deref(),
        Some("Two")
    );
    assert!((queue.elapsed_time - 12.5).abs() < f64::EPSILON);
}
