//! The music files of a server.

use std::path::Path;
use std::process::Command;

use super::{Installation, TRACKS};
use crate::library::{self, Track};
use crate::program::Program;
use crate::tones::{self, Piece};

/// What is in the library of a server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Library {
    /// Pieces that are known by their sound, of so many places each.
    Pieces(&'static [Piece], u32),
    /// So many generated tracks, of which the first one alone has a file. Music Assistant would read some ten files a second.
    Generated(usize),
}

/// `Tone 1` to `Tone 5`, by `Artist 1` to `Artist 5`.
pub(super) const TONES: [Piece; TRACKS] = [
    tone("Tone 1", "Artist 1"),
    tone("Tone 2", "Artist 2"),
    tone("Tone 3", "Artist 3"),
    tone("Tone 4", "Artist 4"),
    tone("Tone 5", "Artist 5"),
];

const fn tone(title: &'static str, artist: &'static str) -> Piece {
    Piece { title, artist, album: "Tones", genre: "" }
}

impl Library {
    /// Writes its files, and returns their number.
    pub(super) fn write(self, folder: &Path) -> usize {
        std::fs::create_dir_all(folder).unwrap();
        match self {
            Self::Pieces(pieces, places) => {
                for (number, piece) in pieces.iter().enumerate() {
                    std::fs::write(folder.join(format!("{number}.wav")), tones::wav(number, piece, places))
                        .unwrap();
                }
                pieces.len()
            }
            Self::Generated(_) => {
                let pattern = Piece { title: "Pattern", artist: "Pattern", album: "Pattern", genre: "" };
                std::fs::write(folder.join("pattern.wav"), tones::wav(0, &pattern, 1)).unwrap();
                1
            }
        }
    }

    /// Puts the other tracks into the database of a server that does not run. Their number with the first one.
    pub(super) fn fill(self, installation: &Installation, database: &Path) -> usize {
        let Self::Generated(tracks) = self else { return 0 };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/fill_library.py");
        let lines = (1..tracks).map(library::track);
        let lines: Vec<String> =
            lines.map(|Track { title, artist, album }| format!("{title}\t{artist}\t{album}")).collect();
        let lines = lines.join("\n");
        let mut python = Command::new(installation.python());
        let output = Program::run_with_input(python.arg(script).arg(database), lines.as_bytes());
        assert!(output.status.success(), "{}", output.stderr);
        tracks
    }
}

/// Writes a piece as the first and only file of a folder, in a form that all kinds of Music Assistant's may have.
pub(super) fn write_alone(installation: &Installation, folder: &Path, number: usize, piece: &Piece) {
    std::fs::create_dir_all(folder).unwrap();
    let wav = tones::wav_of_track(number, 1, piece, super::ONE_MINUTE);
    tones::write_as(installation, &wav, &folder.join("1.flac"));
}
