//! What a push means.

use ma_alexa::playback::{Household, Metadata, Player, Push, PushPlan, ReportedState};
use proptest::prelude::*;

use super::{Apply as _, GiveReport as _, at, push, push_of};

fn named(push: Push, title: &str, artist: Option<&str>) -> Push {
    let metadata = Metadata {
        title: Some(title.to_owned()),
        artist: artist.map(str::to_owned),
        album: None,
        image_url: Some(format!("https://i.example.com/{title}.png")),
        ..Metadata::default()
    };
    Push { metadata: metadata.clean(), ..push }
}

#[test]
fn names_that_come_after_the_stream_describe_the_same_version() {
    let mut home = Household::default();
    home.push(&push("Kitchen", "s1", 0));
    home.push(&named(push("Kitchen", "s1", 1000), "Blue", Some("Joni")));
    let kitchen = &home.players[0];
    assert_eq!(
        (kitchen.version(), kitchen.started_at(), kitchen.pushed_at()),
        (1, Some(at(0)), Some(at(1000)))
    );
    assert_eq!(
        (kitchen.metadata().title.as_deref(), kitchen.metadata().artist.as_deref()),
        (Some("Blue"), Some("Joni"))
    );
}

#[test]
fn the_placeholder_never_replaces_names_and_names_replace_everything() {
    let mut home = Household::default();
    home.push(&named(push("Kitchen", "s1", 0), "Music Assistant", None));
    assert_eq!(home.players[0].metadata().title, None);
    assert!(home.players[0].metadata().image_url.is_some());
    home.push(&named(push("Kitchen", "s1", 1), "Blue", Some("Joni")));
    home.push(&named(push("Kitchen", "s1", 2), "Music Assistant", None));
    home.push(&push("Kitchen", "s1", 3));
    assert_eq!(home.players[0].metadata().title.as_deref(), Some("Blue"));
    home.push(&named(push("Kitchen", "s1", 4), "Radio One", None));
    let metadata = home.players[0].metadata();
    assert_eq!((metadata.title.as_deref(), metadata.artist.as_deref()), (Some("Radio One"), None));
    assert_eq!(metadata.image_url.as_deref(), Some("https://i.example.com/Radio One.png"));
}

/// Metadata of an old stream never becomes a start again, whatever MA pushed since.
#[test]
fn late_metadata_is_no_start() {
    let mut home = Household::default();
    for n in 0..8 {
        home.push(&push("Kitchen", &format!("s{n}"), n));
    }
    home.push(&named(push("Kitchen", "s0", 100), "Old", None));
    let late = push("Kitchen", "s0", 101);
    assert_eq!(late.plan(Some(&home.players[0])), PushPlan::Late(1));
    assert_eq!((home.players[0].version(), home.players[0].metadata().title.clone()), (8, None));
}

#[test]
fn a_replaced_stream_is_remembered_for_a_day_and_eight_streams() {
    let mut home = Household::default();
    for n in 0..10 {
        home.push(&push("Kitchen", &format!("s{n}"), n));
    }
    let kitchen = &home.players[0];
    assert_eq!(push("Kitchen", "s0", 100).plan(Some(kitchen)), PushPlan::Start, "the ninth before");
    assert_eq!(push("Kitchen", "s1", 100).plan(Some(kitchen)), PushPlan::Late(2));
    let day = 24 * 3_600_000;
    assert_eq!(push("Kitchen", "s8", day + 100).plan(Some(kitchen)), PushPlan::Start, "more than a day ago");
}

#[test]
fn an_address_that_is_used_again_starts_again_once_its_play_is_over() {
    for path in ["announcement/Kitchen.mp3", "pluginsource/spotify/Kitchen.wav"] {
        let stream = format!("http://192.168.1.5:8097/{path}");
        let mut kitchen = Player::started(None, &push_of(&stream, 0));
        assert_eq!(push_of(&stream, 1000).plan(Some(&kitchen)), PushPlan::Describe, "{path}");
        assert_eq!(push_of(&stream, 10_000).plan(Some(&kitchen)), PushPlan::Describe, "{path}");
        assert_eq!(push_of(&stream, 10_001).plan(Some(&kitchen)), PushPlan::Start, "{path}");
        kitchen.give_report(ReportedState::Finished);
        assert_eq!(push_of(&stream, 2000).plan(Some(&kitchen)), PushPlan::Start, "{path}");
        let music = Player::started(Some(&kitchen), &push("Kitchen", "s2", 3000));
        assert_eq!(push_of(&stream, 4000).plan(Some(&music)), PushPlan::Late(1), "{path}");
        assert_eq!(push_of(&stream, 14_000).plan(Some(&music)), PushPlan::Start, "{path}");
    }
}

/// A universal group's stream goes on for hours under one address.
#[test]
fn the_names_of_a_groups_tracks_are_no_new_start_of_it() {
    let stream = "http://192.168.1.5:8097/ugp/ugp_1.flac?player_id=Kitchen";
    let mut kitchen = Player::started(None, &push_of(stream, 0));
    kitchen.give_report(ReportedState::Playing);
    let minutes = 180_000;
    let track = named(push_of(stream, minutes), "Blue", Some("Joni"));
    assert_eq!(track.plan(Some(&kitchen)), PushPlan::Describe);
    assert_eq!(push_of(stream, minutes).plan(Some(&kitchen)), PushPlan::Start);
    kitchen.give_report(ReportedState::Finished);
    assert_eq!(push_of(stream, 1000).plan(Some(&kitchen)), PushPlan::Start);
}

/// An older Music Assistant gives each item one address, for all of its plays.
#[test]
fn an_address_without_a_session_starts_again_once_its_play_is_over() {
    for path in ["flow/Kitchen/item.flac", "single/Kitchen/item.mp3"] {
        let stream = format!("http://192.168.1.5:8097/{path}");
        let mut kitchen = Player::started(None, &push_of(&stream, 0));
        assert_eq!(
            push_of(&stream, 600_000).plan(Some(&kitchen)),
            PushPlan::Describe,
            "{path}: not heard of"
        );
        kitchen.give_report(ReportedState::Playing);
        assert_eq!(push_of(&stream, 600_000).plan(Some(&kitchen)), PushPlan::Describe, "{path}: playing");
        for end in [ReportedState::Finished, ReportedState::Stopped, ReportedState::Failed(None)] {
            kitchen.give_report(end.clone());
            assert_eq!(push_of(&stream, 1000).plan(Some(&kitchen)), PushPlan::Start, "{path}: {end:?}");
        }
        let next = push_of("http://192.168.1.5:8097/flow/Kitchen/another.flac", 2000);
        let next = Player::started(Some(&kitchen), &next);
        assert_eq!(push_of(&stream, 3000).plan(Some(&next)), PushPlan::Start, "{path}: back to it");
        let late = named(push_of(&stream, 3000), "Blue", Some("Joni"));
        assert_eq!(late.plan(Some(&next)), PushPlan::Late(1), "{path}: its names come late");
    }
    let session = push("Kitchen", "s1", 0);
    let mut kitchen = Player::started(None, &session);
    kitchen.give_report(ReportedState::Finished);
    assert_eq!(push("Kitchen", "s1", 1000).plan(Some(&kitchen)), PushPlan::Describe);
}

/// Every order of pushes that a real server was seen to make: what is played, and which names it has then. The first
/// word of each session is its item.
#[test]
#[expect(clippy::too_many_lines, reason = "its rows are one table")]
fn names_follow_every_order_of_pushes_that_was_seen() {
    type Order = [(i64, &'static str, Option<&'static str>)];
    let rows: [(&str, &Order, Option<&str>); 11] = [
        ("play", &[(0, "one", None), (1000, "one", Some("One"))], Some("One")),
        (
            "next",
            &[
                (0, "one", None),
                (1000, "one", Some("One")),
                (60_000, "one", Some("Two")),
                (60_025, "two", None),
            ],
            Some("Two"),
        ),
        ("next at once", &[(0, "one", None), (900, "one", Some("Two")), (925, "two", None)], Some("Two")),
        (
            "previous, then next",
            &[
                (0, "two", Some("Two")),
                (9000, "two", Some("One")),
                (9030, "one", None),
                (15_000, "one", Some("Two")),
                (15_020, "two again", None),
            ],
            Some("Two"),
        ),
        (
            "play_index",
            &[
                (0, "one", None),
                (1000, "one", Some("One")),
                (60_000, "two", None),
                (61_600, "two", Some("Two")),
            ],
            Some("Two"),
        ),
        (
            "play_index, before its names",
            &[(0, "one", None), (1000, "one", Some("One")), (60_000, "two", None)],
            None,
        ),
        (
            "seek",
            &[
                (0, "one", None),
                (1000, "one", Some("One")),
                (60_000, "one later", None),
                (61_000, "one later", Some("One")),
            ],
            Some("One"),
        ),
        (
            "resume, which brings no names",
            &[(0, "one", None), (1000, "one", Some("One")), (60_000, "one again", None)],
            Some("One"),
        ),
        (
            "resume of an item whose flow went on",
            &[
                (0, "one", None),
                (1000, "one", Some("One")),
                (60_000, "one", Some("Two")),
                (90_000, "one again", None),
            ],
            None,
        ),
        (
            "play_index, just after the names of what played",
            &[(0, "one", None), (1000, "one", Some("One")), (1900, "two", None)],
            None,
        ),
        (
            "three play_index",
            &[(0, "one", None), (100, "two", None), (200, "three", None), (1800, "three", Some("Three"))],
            Some("Three"),
        ),
    ];
    for (row, order, title) in rows {
        let mut home = Household::default();
        for (millis, session, title) in order {
            let item = session.split(' ').next().unwrap();
            let stream = format!("http://192.168.1.5:8097/flow/{session}/Kitchen/{item}/Kitchen.flac");
            let push = push_of(&stream, *millis);
            home.push(&title.map_or(push.clone(), |title| named(push, title, Some("Joni"))));
        }
        assert_eq!(home.players[0].metadata().title.as_deref(), title, "{row}");
    }
}

#[test]
fn only_names_of_the_last_two_seconds_are_taken_and_only_by_music() {
    let named_at = |millis| {
        let mut home = Household::default();
        home.push(&push("Kitchen", "one", 0));
        home.push(&named(push("Kitchen", "one", millis), "Two", Some("Joni")));
        home
    };
    let title_after = |mut home: Household, push: &Push| {
        home.push(push);
        home.players[0].metadata().title.clone()
    };
    assert_eq!(title_after(named_at(58_000), &push("Kitchen", "two", 60_000)).as_deref(), Some("Two"));
    assert_eq!(title_after(named_at(57_999), &push("Kitchen", "two", 60_000)), None);
    let announcement = push_of("http://192.168.1.5:8097/announcement/Kitchen.mp3", 60_000);
    assert_eq!(title_after(named_at(59_000), &announcement), None);
    // The placeholder is no name, and does not keep one away.
    let placeholder = named(push("Kitchen", "two", 60_000), "Music Assistant", None);
    assert_eq!(title_after(named_at(59_000), &placeholder).as_deref(), Some("Two"));
    let own = named(push("Kitchen", "two", 60_000), "Three", Some("Joni"));
    assert_eq!(title_after(named_at(59_000), &own).as_deref(), Some("Three"));
}

#[test]
fn a_push_that_was_sent_twice_is_one_start() {
    let first = push("Kitchen", "s1", 0);
    let kitchen = Player::started(None, &first);
    let repeated = Push { at: at(20_000), ..first };
    assert_eq!(repeated.plan(Some(&kitchen)), PushPlan::Describe);
}

#[test]
fn an_expired_player_starts_from_nothing() {
    let kitchen = Player::started(None, &push("Kitchen", "s1", 0));
    let day = 24 * 3_600_000;
    let later = push("Kitchen", "s1", 90 * day);
    assert_eq!(later.plan(Some(&kitchen)), PushPlan::Start);
    assert_eq!(Player::started(Some(&kitchen), &later).version(), 1);
}

#[test]
fn names_are_cleaned() {
    let long = Metadata {
        title: Some("🎵".repeat(3000)),
        artist: Some("  ".to_owned()),
        album: Some("A\u{0}B\nC".to_owned()),
        image_url: Some(String::new()),
        ..Metadata::default()
    }
    .clean();
    assert_eq!(long.title.unwrap().chars().count(), 500);
    assert_eq!((long.artist, long.album.as_deref(), long.image_url), (None, Some("ABC"), None));
}

proptest! {
    /// Whatever order the pushes of two plays come in, once the later play's stream is known it stays, and its
    /// version has its own names.
    #[test]
    fn two_plays_in_any_order(order in Just(vec![0, 1, 2, 3]).prop_shuffle()) {
        let all = [
            push("Kitchen", "old", 0),
            named(push("Kitchen", "old", 0), "Old", None),
            push("Kitchen", "new", 0),
            named(push("Kitchen", "new", 0), "New", None),
        ];
        let mut home = Household::default();
        for (n, index) in order.iter().enumerate() {
            let push = Push { at: at(i64::try_from(n).unwrap()), request: format!("{n}"), ..all[*index].clone() };
            home.push(&push);
        }
        let kitchen = &home.players[0];
        prop_assert_eq!(kitchen.version(), 2);
        let last_started = if order.iter().position(|i| *i < 2) < order.iter().position(|i| *i >= 2) { "new" } else { "old" };
        prop_assert!(kitchen.start().unwrap().stream.to_string().contains(last_started));
        if let Some(title) = &kitchen.metadata().title {
            prop_assert_eq!(title.to_lowercase(), last_started);
        }
    }
}
