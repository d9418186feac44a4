//! A generated library: names of tracks, artists and albums, the same for the same number each time.

/// Tracks of one artist, on two albums.
const OF_ONE_ARTIST: usize = 10;

const FIRST: [&str; 24] = [
    "Silver",
    "Crystal",
    "Midnight",
    "Velvet",
    "Broken",
    "Golden",
    "Electric",
    "Hollow",
    "Burning",
    "Distant",
    "Gentle",
    "Frozen",
    "Scarlet",
    "Wandering",
    "Copper",
    "Restless",
    "Quiet",
    "Northern",
    "Paper",
    "Thunder",
    "Marble",
    "Sudden",
    "Lonely",
    "Bright",
];

const SECOND: [&str; 30] = [
    "River", "Garden", "Machine", "Harbour", "Mountain", "Window", "Lantern", "Castle", "Falcon", "Orchard",
    "Compass", "Desert", "Feather", "Station", "Mirror", "Bridge", "Kingdom", "Shadow", "Candle", "Valley",
    "Engine", "Whisper", "Temple", "Canyon", "Ribbon", "Meadow", "Anchor", "Signal", "Crown", "Island",
];

const THIRD: [&str; 28] = [
    "Tonight", "Forever", "Again", "Rising", "Dreams", "Letters", "Dance", "Stories", "Falling", "Home",
    "Parade", "Summer", "Goodbye", "Voices", "Calling", "Promise", "Waltz", "Echoes", "Avenue", "Sunrise",
    "Winter", "Diaries", "Circus", "Horizon", "Lullaby", "Company", "Season", "Children",
];

/// The tags of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its title.
    pub title: String,
    /// Its artist.
    pub artist: String,
    /// Its album.
    pub album: String,
}

/// The track of a number, from 0. Up to 20,160 have different titles.
#[must_use]
pub fn track(number: usize) -> Track {
    let artist = number / OF_ONE_ARTIST;
    Track { title: title(number), artist: name(artist), album: title(2 * artist + number % 2 + 7919) }
}

fn title(number: usize) -> String {
    // The factors have nothing in common with the number of names, so that each comes once.
    let number = (number * 7927) % (FIRST.len() * SECOND.len() * THIRD.len());
    let (first, rest) = (number % FIRST.len(), number / FIRST.len());
    let (second, third) = (rest % SECOND.len(), rest / SECOND.len());
    format!("{} {} {}", FIRST[first], SECOND[second], THIRD[third])
}

fn name(number: usize) -> String {
    const BEGIN: [&str; 20] = [
        "Mar", "Tor", "Bel", "Kas", "Lin", "Dov", "Sel", "Ran", "Fen", "Gal", "Vik", "Jor", "Nad", "Per",
        "Zel", "Hal", "Cor", "Wil", "Aro", "Ost",
    ];
    const END: [&str; 20] = [
        "ano", "ek", "inda", "ovic", "ström", "etti", "aux", "ley", "hausen", "ardo", "isha", "unen", "well",
        "aris", "ova", "mark", "ette", "onda", "ick", "erby",
    ];
    let number = (number * 7) % (BEGIN.len() * END.len() * FIRST.len());
    let (begin, rest) = (number % BEGIN.len(), number / BEGIN.len());
    format!("{} {}{}", FIRST[rest / END.len()], BEGIN[begin], END[rest % END.len()])
}
