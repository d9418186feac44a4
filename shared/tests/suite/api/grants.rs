//! Grants of pushed streams and pictures.

use std::time::Duration;

use ma_alexa::clock::testing::SeededRandom;
use ma_alexa::clock::{Clock as _, Timestamp};
use ma_alexa::config::{BaseUrl, Route, StreamOverrides};
use ma_alexa::grant::{GRANT_LIFETIME, Grant, GrantKeys, GrantKind};
use ma_alexa::playback::{
    KnownRoutes, Player, PlayerId, RouteOutcome, RouteStanding, STREAM_LIFETIME, StreamAddresses,
};
use ma_alexa::secrets::Credentials;
use ma_alexa::store::PlaybackStore as _;
use reqwest::StatusCode;
use serde_json::json;

use super::harness::{App, KITCHEN_1, KITCHEN_2, MA, OWNER, bare, credentials};

const DOOR: &str = "https://door.example.com";

fn keys() -> GrantKeys {
    GrantKeys::generate(&SeededRandom::new(3)).unwrap()
}

/// A deployment with these variables, whose secret has keys of grants.
async fn with_keys(variables: &[(&str, &str)]) -> App {
    let app = App::start_with(variables).await;
    app.secrets.set(Ok(Some(Credentials { grant_keys: Some(keys()), ..credentials(OWNER, MA) })));
    app
}

async fn kitchen(app: &App) -> Player {
    let household = app.store.household(app.clock.now()).await.unwrap();
    household.player(&PlayerId::from("Kitchen")).unwrap().clone()
}

#[tokio::test]
async fn with_a_door_a_stream_of_the_home_is_taken_and_granted() {
    let app = with_keys(&[("DOOR_URL", DOOR)]).await;
    let picture = "http://192.168.1.5:8097/imageproxy?path=a%20cover.jpg&size=512";
    let body =
        json!({ "streamUrl": KITCHEN_1, "title": "Sinnerman", "artist": "Nina Simone", "imageUrl": picture });
    assert_eq!(app.push(body).await.status, 200);
    let player = kitchen(&app).await;
    let start = player.start().unwrap().clone();
    let stream = keys().open(start.grant.as_deref().unwrap(), GrantKind::Stream, app.clock.now()).unwrap();
    assert_eq!(stream.path, "/flow/aaaa/Kitchen/item1/Kitchen.mp3");
    assert_eq!(stream.player, PlayerId::from("Kitchen").key());
    let image = player.metadata().image_grant.clone().unwrap();
    let image = keys().open(&image, GrantKind::Picture, app.clock.now()).unwrap();
    assert_eq!(image.path, "/imageproxy?path=a%20cover.jpg&size=512");
    let art = app.player("Kitchen").await["art_url"].as_str().unwrap().to_owned();
    assert!(art.starts_with("https://door.example.com/a/") && !art.contains("imageproxy"), "{art}");
}

#[tokio::test]
async fn a_push_of_names_makes_the_grant_new_and_a_next_start_has_its_own() {
    let app = with_keys(&[("DOOR_URL", DOOR)]).await;
    app.push(bare(KITCHEN_1)).await;
    let first = kitchen(&app).await.start().unwrap().grant.clone().unwrap();
    app.clock.advance(STREAM_LIFETIME);
    app.push(json!({ "streamUrl": KITCHEN_1, "title": "Blue", "artist": "Joni Mitchell" })).await;
    let second = kitchen(&app).await.start().unwrap().grant.clone().unwrap();
    app.clock.advance(GRANT_LIFETIME.saturating_sub(Duration::from_mins(1)));
    assert!(keys().open(&first, GrantKind::Stream, app.clock.now()).is_none());
    assert!(keys().open(&second, GrantKind::Stream, app.clock.now()).is_some());
    app.push(bare(KITCHEN_2)).await;
    let third = kitchen(&app).await.start().unwrap().grant.clone().unwrap();
    let third = keys().open(&third, GrantKind::Stream, app.clock.now()).unwrap();
    assert_eq!(third.path, "/flow/bbbb/Kitchen/item2/Kitchen.mp3");
}

/// In AWS the HTTP API serves playlists, since its name and certificate are Amazon's.
#[tokio::test]
async fn a_playlist_names_the_address_at_home_to_the_holder_of_a_grant() {
    let app = with_keys(&[("PLAYLIST_URL", "https://api.example.com")]).await;
    assert_eq!(app.push(bare(KITCHEN_1)).await.status, 200);
    let grant = kitchen(&app).await.start().unwrap().grant.clone().unwrap();
    let get = |path: String| app.client.get(format!("{}{path}", app.base)).send();
    let playlist = get(format!("/p/{grant}.m3u")).await.unwrap();
    assert_eq!(playlist.status(), StatusCode::OK);
    assert_eq!(playlist.headers()["content-type"], "audio/x-mpegurl");
    let line = "http://192.168.1.5:8097/flow/aaaa/Kitchen/item1/Kitchen.mp3\n";
    assert_eq!(playlist.text().await.unwrap(), line);
    let picture = Grant::new(
        GrantKind::Picture,
        PlayerId::from("Kitchen").key(),
        "/flow/a/b.mp3".into(),
        app.clock.now(),
    );
    let picture = keys().seal(&picture, &SeededRandom::new(5)).unwrap();
    for refused in [
        format!("/p/{grant}"),
        format!("/p/{grant}.mp3"),
        format!("/p/a{grant}.m3u"),
        format!("/p/{picture}.m3u"),
    ] {
        let answer = get(refused.clone()).await.unwrap();
        assert_eq!(
            (answer.status(), answer.bytes().await.unwrap().len()),
            (StatusCode::NOT_FOUND, 0),
            "{refused}"
        );
    }
    assert_eq!(
        app.counted("AuthFailures"),
        2,
        "an address without the ending of a playlist is no attempt at one"
    );
    app.clock.advance(GRANT_LIFETIME);
    assert_eq!(get(format!("/p/{grant}.m3u")).await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_keys_a_door_makes_nothing_reachable() {
    let app = App::start_with(&[("DOOR_URL", DOOR)]).await;
    let refused = app.push(bare(KITCHEN_1)).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().contains("DOOR_URL"), "{}", refused.error());
}

#[tokio::test]
async fn a_public_picture_needs_no_grant() {
    let app = with_keys(&[("DOOR_URL", DOOR)]).await;
    for picture in
        ["https://i.scdn.co/image/1", "http://192.168.1.5:8097/command/Kitchen/next.mp3", "no address"]
    {
        app.push(json!({ "streamUrl": KITCHEN_1, "title": picture, "artist": "a", "imageUrl": picture }))
            .await;
        assert_eq!(kitchen(&app).await.metadata().image_grant, None, "{picture}");
    }
    assert!(app.player("Kitchen").await["art_url"].is_null());
}

/// A fixed route goes before a learned one, and that before the door and the direct one.
#[tokio::test]
async fn the_first_route_that_is_there_is_taken() {
    let variables = [
        ("DOOR_URL", DOOR),
        ("DOOR_LAN_URL", "https://lan.example.com:5443"),
        ("STREAM_BASE_URL", "https://music.example.com"),
    ];
    let app = with_keys(&variables).await;
    app.push(bare(KITCHEN_1)).await;
    let start = kitchen(&app).await.start().unwrap().clone();
    let grant = start.grant.clone().unwrap();
    let addresses = |variables: &[(&str, &str)]| {
        let env = super::harness::env(variables);
        StreamAddresses::from(StreamOverrides::from_env(&env).unwrap())
    };
    let at = |variables: &[(&str, &str)], learned: Option<Route>, now| {
        let known = learned.map(|route| KnownRoutes::from(outcome(route, true))).unwrap_or_default();
        let kin = KnownRoutes::default();
        let routed = addresses(variables).for_echo(&start, &known, &kin, now);
        let routed = routed.map(|routed| (routed.route, routed.url));
        routed.map_err(|err| err.to_string())
    };
    let now = app.clock.now();
    let door = (Route::Door, format!("{DOOR}/s/{grant}.mp3"));
    let lan = (Route::Lan, format!("https://lan.example.com:5443/s/{grant}.mp3"));
    let playlist = (Route::Playlist, format!("{DOOR}/p/{grant}.m3u"));
    let direct = (Route::Direct, "https://music.example.com/flow/aaaa/Kitchen/item1/Kitchen.mp3".to_owned());
    assert_eq!(at(&variables, None, now), Ok(door.clone()));
    assert_eq!(at(&variables, Some(Route::Lan), now), Ok(lan));
    assert_eq!(at(&variables, Some(Route::Playlist), now), Ok(playlist.clone()));
    assert_eq!(at(&variables[2..], Some(Route::Lan), now), Ok(direct.clone()));
    assert_eq!(at(&variables, Some(Route::Door), now.plus(STREAM_LIFETIME)), Ok(direct.clone()));
    let fixed = [variables[0], variables[2], ("STREAM_ROUTE", "playlist")];
    assert_eq!(at(&fixed, Some(Route::Door), now), Ok(playlist));
    assert!(at(&[variables[0], ("STREAM_ROUTE", "lan")], None, now).is_err());
    assert!(at(&[], None, now).is_err());
}

fn outcome(route: Route, works: bool) -> RouteOutcome {
    RouteOutcome { route, works, at: Timestamp::from_millis(0), played_ms: None, error: None }
}

/// What failed comes last, and the play knows whether another route is left.
#[tokio::test]
async fn a_route_that_failed_is_taken_where_no_other_may_work() {
    use RouteStanding::{LastChoice, OneOfSeveral, Works};
    let app = with_keys(&[("DOOR_URL", DOOR)]).await;
    app.push(bare(KITCHEN_1)).await;
    let start = kitchen(&app).await.start().unwrap().clone();
    let now = app.clock.now();
    let all = StreamOverrides {
        stream_base: BaseUrl::parse("https://music.example.com").ok(),
        door: BaseUrl::parse(DOOR).ok(),
        ..StreamOverrides::default()
    };
    let fixed = StreamOverrides { route: Some(Route::Door), ..all.clone() };
    let direct_only = StreamOverrides { door: None, ..all.clone() };
    let [all, fixed, direct_only] = [all, fixed, direct_only].map(StreamAddresses::from);
    for (addresses, outcomes, expected) in [
        (&all, &[][..], (Route::Door, OneOfSeveral)),
        (&all, &[(Route::Door, false)], (Route::Direct, OneOfSeveral)),
        (&all, &[(Route::Door, false), (Route::Playlist, false)], (Route::Direct, LastChoice)),
        (&all, &[(Route::Door, false), (Route::Direct, false)], (Route::Playlist, LastChoice)),
        (
            &all,
            &[(Route::Door, false), (Route::Direct, false), (Route::Playlist, false)],
            (Route::Door, LastChoice),
        ),
        (&all, &[(Route::Direct, true)], (Route::Direct, Works)),
        (&all, &[(Route::Lan, true)], (Route::Door, OneOfSeveral)),
        (&all, &[(Route::Direct, true), (Route::Playlist, true)], (Route::Playlist, Works)),
        (&fixed, &[(Route::Door, false)], (Route::Door, LastChoice)),
        (&fixed, &[(Route::Direct, true)], (Route::Door, LastChoice)),
        (&direct_only, &[], (Route::Direct, LastChoice)),
    ] {
        let known = known(outcomes);
        let routed = addresses.for_echo(&start, &known, &KnownRoutes::default(), now).unwrap();
        assert_eq!((routed.route, routed.standing), expected, "{outcomes:?}");
    }
}

fn known(outcomes: &[(Route, bool)]) -> KnownRoutes {
    let mut known = KnownRoutes::default();
    for (route, works) in outcomes {
        assert!(known.learn(outcome(*route, *works), Timestamp::from_millis(0)));
    }
    known
}

/// What others of its kind take is a first guess: an Echo's own reports beat it, and it counts as untried.
#[tokio::test]
async fn the_verdict_of_the_same_kind_is_tried_first() {
    use Route::{Direct, Door, Lan, Playlist};
    use RouteStanding::{LastChoice, OneOfSeveral, Works};
    let app = with_keys(&[("DOOR_URL", DOOR)]).await;
    app.push(bare(KITCHEN_1)).await;
    let start = kitchen(&app).await.start().unwrap().clone();
    let all = StreamOverrides {
        stream_base: BaseUrl::parse("https://music.example.com").ok(),
        door: BaseUrl::parse(DOOR).ok(),
        ..StreamOverrides::default()
    };
    let all = StreamAddresses::from(all);
    for (own, kin, expected) in [
        (&[][..], &[(Playlist, true)][..], (Playlist, OneOfSeveral)),
        (&[], &[(Direct, true), (Door, true)], (Door, OneOfSeveral)),
        (&[], &[(Lan, true), (Direct, true)], (Direct, OneOfSeveral)),
        (&[], &[(Door, false)], (Direct, OneOfSeveral)),
        (&[], &[(Door, false), (Direct, false), (Playlist, false)], (Door, OneOfSeveral)),
        (&[(Door, true)], &[(Playlist, true)], (Door, Works)),
        (&[(Playlist, false)], &[(Playlist, true), (Direct, true)], (Direct, OneOfSeveral)),
        (&[(Door, false), (Direct, false)], &[(Door, true), (Playlist, false)], (Playlist, LastChoice)),
    ] {
        let routed = all.for_echo(&start, &known(own), &known(kin), app.clock.now()).unwrap();
        assert_eq!((routed.route, routed.standing), expected, "{own:?} {kin:?}");
    }
}
