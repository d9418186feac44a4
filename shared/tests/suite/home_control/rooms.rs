//! Other rooms: music there, moves, stops and volumes.

use ma_alexa::control::ControlError;
use ma_alexa::control::{Action, MusicKind, MusicRequest, MusicSource, MusicUse, Reply};
use serde_json::{Value, json};

use super::harness::{Home, heard, house, player, suggestion, used};
use crate::music_assistant::stand_in::{Household, media};

fn group(id: &str, name: &str, members: &[&str]) -> Value {
    json!({
        "player_id": id, "name": name, "provider": "sync_group", "available": true, "type": "group",
        "group_members": members,
    })
}

async fn home(others: &[Value]) -> Home {
    let household = Household {
        players: house(others),
        results: json!({ "tracks": [media("Two", "library")] }),
        ..Household::default()
    };
    Home::start(household).await
}

fn in_room(text: &str, room: &str) -> Action {
    let selection = MusicSource::Heard { text: text.to_owned(), kind: None };
    Action::Play(MusicRequest { selection, used: MusicUse::Play, room: Some(room.to_owned()) })
}

fn starting_in(room: &str) -> Reply {
    Reply::Starting { music: Some(suggestion("Two")), room: Some(room.to_owned()) }
}

/// The players whose queues were asked for, in their order.
fn queues(home: &Home) -> Vec<Value> {
    let asked = home.stand_in.asked().into_iter();
    asked
        .filter(|(command, _)| command == "player_queues/get_active_queue")
        .map(|(_, args)| args["player_id"].clone())
        .collect()
}

#[tokio::test]
async fn a_room_is_named_in_the_text_or_beside_it() {
    let rooms = [player("RINCON_1", "Living Room"), player("RINCON_2", "Küche oben")];
    let home = home(&rooms).await;
    for (locale, action, reply, queue) in [
        ("en-US", heard("two in the living room"), starting_in("Living Room"), "RINCON_1"),
        ("en-US", in_room("two", "the living room"), starting_in("Living Room"), "RINCON_1"),
        ("en-US", in_room("two", "living"), starting_in("Living Room"), "RINCON_1"),
        ("de-DE", heard("two in der küche oben"), starting_in("Küche oben"), "RINCON_2"),
        (
            "en-US",
            heard("two in the kitchen"),
            Reply::Starting { music: Some(suggestion("Two")), room: None },
            "Kitchen",
        ),
    ] {
        assert_eq!(home.ask_in(locale, action.clone()).await, reply, "{action:?}");
        assert_eq!(queues(&home).last(), Some(&json!(queue)), "{action:?}");
    }
    let unknown = |room: &str| Reply::RoomUnknown { heard: room.to_owned(), several: Vec::new() };
    for (action, reply) in [
        (in_room("two", "attic"), unknown("attic")),
        (in_room("two", "everywhere"), Reply::Failed(ControlError::NoGroup)),
        (heard("two everywhere"), Reply::Failed(ControlError::NoGroup)),
        (Action::MoveTo("attic".to_owned()), unknown("attic")),
        (Action::StopIn("attic".to_owned()), unknown("attic")),
        (Action::VolumeIn { room: "attic".to_owned(), percent: 30 }, unknown("attic")),
    ] {
        assert_eq!(home.ask(action.clone()).await, reply, "{action:?}");
    }
    assert_eq!(home.changes().len(), 0);
}

/// People do not say what stands in brackets. Where it alone distinguishes two players, they have to.
#[tokio::test]
async fn a_remark_behind_the_name_of_a_room_is_not_said() {
    let (downstairs, office) = ("Downstairs (not in sync)", "Office (old)");
    let others = [
        group("g1", downstairs, &["RINCON_1"]),
        player("RINCON_1", "Living Room"),
        player("o1", office),
        player("o2", "Office"),
    ];
    let home = home(&others).await;
    for (text, room, queue) in [
        ("two in downstairs", downstairs, "g1"),
        ("two in the office", "Office", "o2"),
        ("two in the office old", office, "o1"),
    ] {
        assert_eq!(home.ask(heard(text)).await, starting_in(room), "{text}");
        assert_eq!(queues(&home).last(), Some(&json!(queue)), "{text}");
    }
    assert_eq!(home.ask(in_room("two", "downstairs not in sync")).await, starting_in(downstairs));
}

#[tokio::test]
async fn a_title_that_names_a_room_is_no_room() {
    let home = home(&[player("RINCON_1", "Living Room")]).await;
    let title = "Dancing in the Living Room";
    home.stand_in.change(|household| household.results = json!({ "tracks": [media(title, "library")] }));
    let reply = Reply::Starting { music: Some(suggestion(title)), room: None };
    assert_eq!(home.ask(heard("dancing in the living room")).await, reply);
    assert_eq!(queues(&home), [json!("Kitchen")]);
}

#[tokio::test]
async fn everywhere_is_the_group_of_most_players() {
    let small = group("g1", "Upstairs", &["RINCON_1", "RINCON_2"]);
    let big = group("g2", "Party", &["RINCON_1", "RINCON_2", "Kitchen"]);
    let empty = group("g3", "Nothing", &[]);
    let home = home(&[small, big, empty, player("RINCON_1", "Living Room")]).await;
    for (locale, text) in [
        ("en-GB", "two everywhere"),
        ("en-US", "two in all rooms"),
        ("de-DE", "two überall"),
        ("fr-CA", "two dans toute la maison"),
        ("es-MX", "two en toda la casa"),
        ("it-IT", "two ovunque"),
        ("nl-NL", "two overal"),
        ("pt-BR", "two em todos os cômodos"),
        ("ja-JP", "家中でtwo"),
        ("hi-IN", "two हर जगह"),
        ("ar-SA", "two في كل مكان"),
    ] {
        assert_eq!(home.ask_in(locale, heard(text)).await, starting_in("Party"), "{text}");
        assert_eq!(queues(&home), [json!("g2")], "{text}");
    }
    home.stand_in.change(|household| {
        household.players.as_array_mut().unwrap().push(player("e1", "Everywhere (not in sync)"));
    });
    let named = starting_in("Everywhere (not in sync)");
    assert_eq!(home.ask(heard("two everywhere")).await, named, "a player of that name");
}

#[tokio::test]
async fn music_moves_and_rooms_obey() {
    let office = json!({ "player_id": "o", "name": "Office", "provider": "sonos", "available": true });
    let away = json!({ "player_id": "a", "name": "Attic", "provider": "sonos", "available": false, "playback_state": "playing" });
    let home = home(&[player("RINCON_1", "Living Room"), office, away]).await;
    let moved = Reply::Starting { music: None, room: Some("Living Room".to_owned()) };
    assert_eq!(home.ask(Action::MoveTo("the living room".to_owned())).await, moved);
    let args = json!({ "source_queue_id": "Kitchen", "target_queue_id": "RINCON_1" });
    assert_eq!(home.change(), ("player_queues/transfer".to_owned(), args));
    assert_eq!(home.ask(Action::MoveTo("kitchen".to_owned())).await, Reply::Done, "it is there");
    assert_eq!(home.changes().len(), 0);

    assert_eq!(home.ask(Action::StopIn("living room".to_owned())).await, Reply::Done);
    assert_eq!(home.change().0, "player_queues/stop");
    let volume = |room: &str| Action::VolumeIn { room: room.to_owned(), percent: 130 };
    assert_eq!(home.ask(volume("office")).await, Reply::Done);
    let args = json!({ "player_id": "o", "volume_level": 100 });
    assert_eq!(home.change(), ("players/cmd/volume_set".to_owned(), args));

    assert_eq!(home.ask(Action::StopIn("everywhere".to_owned())).await, Reply::Done);
    assert_eq!(home.changes().len(), 1, "the one that plays and is there");
    assert_eq!(home.ask(volume("all rooms")).await, Reply::Done);
    assert_eq!(home.changes().len(), 3, "each that is there");
    home.stand_in.change(|household| {
        household.players.as_array_mut().unwrap().push(group("g1", "Upstairs", &["o"]));
    });
    assert_eq!(home.ask(volume("all rooms")).await, Reply::Done);
    assert_eq!(home.changes().len(), 3, "a group would move its members once more");
    home.stand_in.change(|household| household.queue["items"] = json!(0));
    let empty = Reply::Failed(ControlError::QueueEmpty);
    assert_eq!(home.ask(Action::MoveTo("living room".to_owned())).await, empty);
}

/// A television plays by the player, and no queue of Music Assistant does.
#[tokio::test]
async fn a_player_with_another_source_is_stopped_and_played_on() {
    let mut soundbar = player("tv", "Lounge");
    soundbar["playback_state"] = json!("playing");
    let home = home(&[soundbar]).await;
    home.stand_in.change(|household| household.without_queue = Some("tv"));
    let stop = |player: &str| ("players/cmd/stop".to_owned(), json!({ "player_id": player }));
    for room in ["lounge", "everywhere"] {
        assert_eq!(home.ask(Action::StopIn(room.to_owned())).await, Reply::Done, "{room}");
        assert_eq!(home.changes(), [stop("tv")], "{room}");
    }
    assert_eq!(home.ask(in_room("two", "lounge")).await, starting_in("Lounge"));
    let (command, args) = home.change();
    assert_eq!((command.as_str(), &args["queue_id"]), ("player_queues/play_media", &json!("tv")));
}

/// The members of a group are asked one by one, and their queue goes on meanwhile.
#[tokio::test]
async fn the_queue_that_a_group_shares_is_stopped_once() {
    let members = ["Lounge", "Bath"].map(|name| {
        let mut member = player(name, name);
        member["playback_state"] = json!("playing");
        member
    });
    let home = home(&members).await;
    home.stand_in.change(|household| household.goes_on = true);
    assert_eq!(home.ask(Action::StopIn("everywhere".to_owned())).await, Reply::Done);
    let stop = ("player_queues/stop".to_owned(), json!({ "queue_id": "Kitchen" }));
    assert_eq!(home.changes(), [stop]);
}

/// Speakers that their maker names alike, with the room in brackets.
#[tokio::test]
async fn names_that_differ_in_brackets_alone_stay_apart() {
    let home = home(&[player("r1", "Sonos (Garage)"), player("r2", "Sonos (Bedroom)")]).await;
    assert_eq!(home.ask(in_room("two", "sonos bedroom")).await, starting_in("Sonos (Bedroom)"));
    assert_eq!(queues(&home).last(), Some(&json!("r2")));
    let several = ["Sonos (Bedroom)", "Sonos (Garage)"].map(str::to_owned).into();
    let unknown = Reply::RoomUnknown { heard: "sonos".to_owned(), several };
    assert_eq!(home.ask(in_room("two", "sonos")).await, unknown);
}

#[tokio::test]
async fn of_two_rooms_of_one_name_none_is_guessed() {
    let home = home(&[player("r1", "Bath upstairs"), player("r2", "Bath downstairs")]).await;
    let several = ["Bath downstairs", "Bath upstairs"].map(str::to_owned).into();
    let unknown = Reply::RoomUnknown { heard: "bath".to_owned(), several };
    assert_eq!(home.ask(in_room("two", "bath")).await, unknown);
    home.stand_in.change(|household| {
        let gone = json!({ "player_id": "x1", "name": "Garden", "provider": "dlna", "available": false });
        let players = household.players.as_array_mut().unwrap();
        players.extend([gone, player("x2", "Garden")]);
    });
    assert_eq!(home.ask(in_room("two", "garden")).await, starting_in("Garden"), "the one that is there");
    assert_eq!(queues(&home).last(), Some(&json!("x2")));
}

#[tokio::test]
async fn the_answer_to_a_question_keeps_its_room() {
    let home = home(&[player("RINCON_1", "Living Room")]).await;
    let named = |title: &str, artist: &str| {
        let mut media = media(title, "library");
        media["artists"] = json!([{ "name": artist }]);
        media["uri"] = json!(format!("library://track/{artist}"));
        media
    };
    home.stand_in.change(|household| {
        household.results = json!({ "tracks": [named("Hello", "Adele"), named("Hello", "Lionel")] });
        household.music = vec!["library://track/Adele", "library://track/Two"];
    });
    let Reply::Choose(asked) = home.ask(heard("hello in the living room")).await else {
        panic!("two are meant")
    };
    assert_eq!(asked.len(), 2);
    let answer = |uri: &str| {
        let selection = MusicSource::Suggested(uri.to_owned());
        Action::Play(MusicRequest { selection, used: MusicUse::Play, room: None })
    };
    home.stand_in.asked();
    assert_eq!(home.ask(answer("library://track/Adele")).await, starting_in("Living Room"));
    assert_eq!(queues(&home), [json!("RINCON_1")]);
    let here = Reply::Starting { music: Some(suggestion("Two")), room: None };
    assert_eq!(home.ask(answer("library://track/Two")).await, here, "that was not asked about");
}

/// The option of each play, and the names of what is played, since the last look.
fn plays(home: &Home) -> Vec<(Value, Value)> {
    let changes = home.changes().into_iter();
    let plays = changes.filter(|(command, _)| command == "player_queues/play_media");
    plays.map(|(_, args)| (args["option"].clone(), args["media"].clone())).collect()
}

#[tokio::test]
async fn words_before_a_room_say_what_is_done_with_the_music() {
    let home = home(&[player("RINCON_1", "Living Room"), player("RINCON_2", "Küche oben")]).await;
    let address = json!("library://track/Two");
    for (locale, action, option) in [
        ("en-US", heard("two next in the living room"), "next"),
        ("en-GB", heard("two after this song in the living room"), "next"),
        ("de-DE", heard("two als nächstes in der küche oben"), "next"),
        ("en-US", used("two to the queue in the living room", None, MusicUse::Add), "add"),
        ("de-DE", used("two zur warteschlange in der küche oben", None, MusicUse::Add), "add"),
        ("en-US", used("two next", Some(MusicKind::Song), MusicUse::Play), "next"),
    ] {
        let reply = home.ask_in(locale, action.clone()).await;
        let two = suggestion("Two");
        let expected = if option == "next" { Reply::QueuedNext(two) } else { Reply::Queued(two) };
        assert_eq!(reply, expected, "{action:?}");
        assert_eq!(plays(&home), [(json!(option), address.clone())], "{action:?}: what plays goes on");
    }
    assert_eq!(home.ask(heard("two shuffled in the living room")).await, starting_in("Living Room"));
    assert_eq!(home.changes()[0].0, "player_queues/shuffle");
    for (text, title) in [("who's next in the living room", "Who's Next"), ("two next", "Two Next")] {
        home.stand_in.change(|household| household.results = json!({ "tracks": [media(title, "spotify")] }));
        assert!(matches!(home.ask(heard(text)).await, Reply::Starting { .. }), "{text} is a title");
        assert_eq!(plays(&home)[0].0, "replace", "{text}");
    }
}

#[tokio::test]
async fn favourites_chance_and_music_are_no_names_in_a_room() {
    let group = group("g1", "Party", &["RINCON_1", "Kitchen"]);
    let home = home(&[player("RINCON_1", "Living Room"), group]).await;
    let mut plain = media("Plain", "library");
    plain["favorite"] = json!(false);
    let tracks = json!({ "tracks": [media("Loved", "library"), plain] });
    home.stand_in.change(|household| household.library = tracks.into());
    let started = |room: &str| Reply::Starting { music: None, room: Some(room.to_owned()) };
    let (loved, all) =
        (json!("library://track/Loved"), json!(["library://track/Loved", "library://track/Plain"]));
    for (locale, text, room, media) in [
        ("en-GB", "my favourites everywhere", "Party", &loved),
        ("en-US", "my favorite songs in the living room", "Living Room", &loved),
        ("de-DE", "meine lieblingslieder überall", "Party", &loved),
        ("fr-FR", "mes favoris partout", "Party", &loved),
        ("it-IT", "qualcosa a caso ovunque", "Party", &all),
        ("nl-NL", "mijn favorieten overal", "Party", &loved),
        ("hi-IN", "हर जगह मेरे पसंदीदा गाने", "Party", &loved),
        ("en-US", "something random everywhere", "Party", &all),
        ("en-US", "music in the living room", "Living Room", &all),
        ("de-DE", "musik überall", "Party", &all),
    ] {
        assert_eq!(home.ask_in(locale, heard(text)).await, started(room), "{text}");
        assert_eq!(plays(&home), [(json!("replace"), media.clone())], "{text}");
    }
}

#[tokio::test]
async fn the_answer_to_a_question_keeps_what_is_done_with_the_music() {
    let home = home(&[player("RINCON_1", "Living Room")]).await;
    let named = |artist: &str| {
        let mut media = media("Hello", "library");
        media["artists"] = json!([{ "name": artist }]);
        media["uri"] = json!(format!("library://track/{artist}"));
        media
    };
    home.stand_in.change(|household| {
        household.results = json!({ "tracks": [named("Adele"), named("Lionel")] });
        household.music = vec!["library://track/Adele"];
    });
    let gone = MusicSource::Suggested("library://track/Lionel".to_owned());
    let gone = Action::Play(MusicRequest { selection: gone, used: MusicUse::Play, room: None });
    assert_eq!(home.ask(gone).await, Reply::Failed(ControlError::MusicGone));
    let asked = home.ask(heard("hello next in the living room")).await;
    assert!(matches!(asked, Reply::Choose(_)), "{asked:?}");
    let selection = MusicSource::Suggested("library://track/Adele".to_owned());
    let answer = Action::Play(MusicRequest { selection, used: MusicUse::Play, room: None });
    assert!(matches!(home.ask(answer).await, Reply::QueuedNext(_)));
    assert_eq!(plays(&home)[0].0, "next");
}

#[tokio::test]
async fn what_plays_elsewhere_is_named_liked_and_followed_by_its_like() {
    let home = home(&[player("RINCON_1", "Living Room")]).await;
    let there = |action: Action| action.at(Some("the living room".to_owned()));
    assert_eq!(home.ask(there(Action::WhatIsPlaying)).await, Reply::Playing(suggestion("Two")));
    assert_eq!(queues(&home), [json!("RINCON_1")]);
    assert_eq!(home.ask(there(Action::MoreLikeThis)).await, starting_in("Living Room"));
    assert_eq!(home.ask(there(Action::Like(true))).await, Reply::Done);
    assert_eq!(home.changes().last().unwrap().0, "music/favorites/add_item");
    let attic = || Action::WhatIsPlaying.at(Some("attic".to_owned()));
    assert_eq!(
        home.ask(attic()).await,
        Reply::RoomUnknown { heard: "attic".to_owned(), several: Vec::new() }
    );
    let twice = there(there(Action::Next));
    assert_eq!(home.ask(twice).await, Reply::Failed(ControlError::Failed), "a room has no room");
    assert_eq!(home.changes().len(), 0);
}
