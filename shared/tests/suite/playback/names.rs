//! Finding a player by what a person said.

use ma_alexa::playback::{PlayerId, Spoken, find_spoken};

fn find(players: &[&str], spoken: &str) -> Spoken {
    let players: Vec<PlayerId> = players.iter().map(|name| PlayerId::from(*name)).collect();
    find_spoken(&players, spoken)
}

#[test]
fn case_accents_and_punctuation_make_no_difference() {
    for (player, spoken) in [
        ("Küche", "küche"),
        ("Küche", "kuche"),
        ("KITCHEN Echo", "kitchen echo"),
        ("Kid's Room", "kid's room"),
        ("Straße", "strasse"),
        ("キッチン", "キッチン"),
        ("Wohnzimmer 🛋", "wohnzimmer"),
    ] {
        assert_eq!(find(&[player, "Bath"], spoken), Spoken::One(player.into()), "{spoken}");
    }
}

#[test]
fn a_whole_name_goes_before_a_part() {
    assert_eq!(find(&["Kitchen", "Kitchen Echo"], "kitchen"), Spoken::One("Kitchen".into()));
    assert_eq!(find(&["Kitchen Echo", "Bath"], "the kitchen echo"), Spoken::One("Kitchen Echo".into()));
    assert_eq!(find(&["Kitchen Echo", "Bath"], "the kitchen"), Spoken::One("Kitchen Echo".into()));
    assert_eq!(find(&["Küche Echo", "Bad"], "die Küche"), Spoken::One("Küche Echo".into()));
    assert_eq!(find(&["The Den", "Bad"], "den"), Spoken::One("The Den".into()));
    assert_eq!(find(&["Living Room"], "the dining room"), Spoken::Unknown(vec!["Living Room".into()]));
    assert_eq!(find(&["Kitchen Echo", "Bath"], "kitchen"), Spoken::One("Kitchen Echo".into()));
    assert_eq!(
        find(&["Kitchen left", "Kitchen right", "Bath"], "kitchen"),
        Spoken::Several(vec!["Kitchen left".into(), "Kitchen right".into()])
    );
}

#[test]
fn an_unknown_name_is_answered_with_up_to_five() {
    let players = ["A1", "B1", "C1", "D1", "E1", "F1"];
    for spoken in ["cellar", "", " ", "?!"] {
        match find(&players, spoken) {
            Spoken::Unknown(names) => assert_eq!(names.len(), 5),
            other => panic!("{spoken}: {other:?}"),
        }
    }
    assert_eq!(find(&["Kitchen"], "itch"), Spoken::Unknown(vec!["Kitchen".into()]), "no part of a word");
}
