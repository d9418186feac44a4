//! Sound that says what it is: each piece has a frequency of its own, and a second one says how far in the piece it is.
#![expect(clippy::unwrap_used, reason = "a sound that is none has failed its test")]

use std::f64::consts::TAU;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::music_assistant::Installation;
use crate::program::Program;

/// Samples a second. All frequencies are multiples of [`APART`], so that [`PERIOD`] samples hold each as a whole.
const RATE: u32 = 8000;
const APART: u32 = 50;
const PERIOD: u32 = RATE / APART;

/// The lowest frequencies of pieces and of places, and the number of either.
const PIECES: (u32, u32) = (200, 12);
const PLACES: (u32, u32) = (1000, 12);

/// Seconds for which a place has its frequency.
pub const PLACE: u32 = 10;

/// Bytes of a stream of 320 kbit/s in which a sound is recognised.
pub const RECOGNISED: usize = 16 * 1024;

/// Samples at the beginning of a stream that its encoder makes up.
const MADE_UP: usize = 800;

/// How much louder the frequency that is heard has to be than any other one of its kind, in energy.
const CLEARLY: f64 = 9.0;

/// The tags of a piece of music.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its title.
    pub title: &'static str,
    /// Its artist.
    pub artist: &'static str,
    /// Its album.
    pub album: &'static str,
    /// Its genre; empty for none.
    pub genre: &'static str,
}

/// A sound that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// The number of its piece, from 0.
    pub piece: usize,
    /// The place in it, in seconds: a multiple of [`PLACE`].
    pub second: u32,
}

/// The file of a piece, which has so many places. The number decides its frequency, and is that of its track.
#[must_use]
pub fn wav(number: usize, piece: &Piece, places: u32) -> Vec<u8> {
    wav_of_track(number, number + 1, piece, places)
}

/// The same with a number of its track that decides nothing.
#[must_use]
pub fn wav_of_track(number: usize, track: usize, piece: &Piece, places: u32) -> Vec<u8> {
    let track = track.to_string();
    let tags = [
        (b"INAM", piece.title),
        (b"IART", piece.artist),
        (b"IPRD", piece.album),
        (b"IGNR", piece.genre),
        (b"IPRT", &track),
    ];
    let tags = tags.iter().filter(|(_, text)| !text.is_empty());
    let tags: Vec<u8> = tags.flat_map(|(id, text)| chunk(**id, &[text.as_bytes(), b"\0"].concat())).collect();
    let rate = RATE.to_le_bytes();
    let format = [&[1, 0, 1, 0][..], &rate, &rate, &[1, 0, 8, 0]].concat();
    let chunks = [
        chunk(*b"fmt ", &format),
        chunk(*b"LIST", &[&b"INFO"[..], &tags].concat()),
        chunk(*b"data", &samples(u32::try_from(number).unwrap(), places)),
    ];
    chunk(*b"RIFF", &[&b"WAVE"[..], &chunks.concat()].concat())
}

fn chunk(id: [u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap().to_le_bytes();
    let even = &[0][..content.len() % 2];
    [&id[..], &size, content, even].concat()
}

/// Samples of 8 bits of a whole piece.
fn samples(number: u32, places: u32) -> Vec<u8> {
    assert!(number < PIECES.1 && places <= PLACES.1, "there are {} and {} frequencies", PIECES.1, PLACES.1);
    let mut samples = Vec::new();
    for place in 0..places {
        let period = period(PIECES.0 + APART * number, PLACES.0 + APART * place);
        for _ in 0..PLACE * RATE / PERIOD {
            samples.extend_from_slice(&period);
        }
    }
    samples
}

/// The samples after which both frequencies begin again.
fn period(one: u32, other: u32) -> Vec<u8> {
    let wave = |frequency: u32, at: u32| (TAU * f64::from(frequency * at) / f64::from(RATE)).sin();
    let sample = |at| 128.0 + 50.0 * (wave(one, at) + wave(other, at));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 28 to 228")]
    (0..PERIOD).map(|at| sample(at) as u8).collect()
}

impl Sound {
    /// What the first bytes of a stream are.
    ///
    /// # Panics
    /// When they are no sound of a piece.
    #[must_use]
    pub fn of(installation: &Installation, stream: &[u8]) -> Self {
        let decoded = decode(installation, stream);
        let samples = decoded.get(MADE_UP..).unwrap_or_default();
        let whole = samples.len() - samples.len() % usize::try_from(PERIOD).unwrap();
        assert!(whole > 0, "no sound in {} bytes", stream.len());
        let loudest = |kind| loudest(&samples[..whole], kind);
        Self { piece: usize::try_from(loudest(PIECES)).unwrap(), second: PLACE * loudest(PLACES) }
    }
}

/// Which frequency of a kind is heard.
fn loudest(samples: &[f64], (lowest, count): (u32, u32)) -> u32 {
    let mut all: Vec<(f64, u32)> =
        (0..count).map(|number| (energy(samples, lowest + APART * number), number)).collect();
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    let [(first, number), (second, _), ..] = all[..] else { unreachable!("there are several") };
    assert!(first > 0.0 && first > CLEARLY * second, "no clear sound: {all:?}");
    number
}

/// The energy of a frequency, by Goertzel's algorithm.
fn energy(samples: &[f64], frequency: u32) -> f64 {
    let factor = 2.0 * (TAU * f64::from(frequency) / f64::from(RATE)).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        (last, before) = (sample + factor * last - before, last);
    }
    last * last + before * before - factor * last * before
}

/// Writes a file in WAV, with its tags, in the form that the end of the `path` says.
///
/// # Panics
/// When it cannot be written.
pub fn write_as(installation: &Installation, wav: &[u8], path: &Path) {
    let mut ffmpeg = Command::new(installation.ffmpeg());
    ffmpeg.args(["-loglevel", "error", "-i", "pipe:0"]).arg(path);
    let output = Program::run_with_input(&mut ffmpeg, wav);
    assert!(output.status.success(), "{}", output.stderr);
}

/// The samples of the beginning of a stream in MP3.
fn decode(installation: &Installation, stream: &[u8]) -> Vec<f64> {
    let rate = RATE.to_string();
    let mut ffmpeg = Command::new(installation.ffmpeg());
    ffmpeg.args([
        "-loglevel",
        "error",
        "-threads",
        "1",
        "-f",
        "mp3",
        "-i",
        "pipe:0",
        "-f",
        "s16le",
        "-ac",
        "1",
    ]);
    ffmpeg.args(["-ar", &rate, "pipe:1"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut ffmpeg = ffmpeg.spawn().unwrap();
    // It is less than a pipe holds.
    ffmpeg.stdin.take().unwrap().write_all(stream).unwrap();
    let decoded = ffmpeg.wait_with_output().unwrap().stdout;
    let samples = decoded.as_chunks::<2>().0.iter();
    samples.map(|sample| f64::from(i16::from_le_bytes(*sample))).collect()
}
