//! Frames out of bytes that are cut anywhere.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ma_alexa::amazon::live::{Frame, FrameTooLong, Framer, MAX_PART};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::wire::part;

/// What a stream holds.
#[derive(Clone, Debug)]
enum Content {
    Message(Value),
    KeepAlive,
}

/// Boundaries that Amazon may choose.
fn boundary() -> impl Strategy<Value = String> {
    "[-A-Za-z0-9'()+_,./:=?]{1,40}".prop_map(|text| text.trim_end_matches(['.', ' ']).to_owned() + "z")
}

/// Texts with everything that could be taken for a border.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("\"}{\\\"".to_owned()),
        Just("\r\n--b\r\n\r\n{".to_owned()),
        Just("\\".repeat(7)),
        "[-{}\"\\\\\r\n]{0,20}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), text().prop_map(Value::from)];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn contents() -> impl Strategy<Value = Vec<Content>> {
    let message = (text(), value()).prop_map(|(key, value)| Content::Message(json!({ key: value })));
    prop::collection::vec(prop_oneof![4 => message, 1 => Just(Content::KeepAlive)], 0..8)
}

fn written(boundary: &str, contents: &[Content], is_indented: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for content in contents {
        match content {
            Content::KeepAlive => bytes.extend(format!("--{boundary}\r\n").into_bytes()),
            Content::Message(value) if is_indented => {
                bytes.extend(part(boundary, &serde_json::to_vec_pretty(value).unwrap()));
            }
            Content::Message(value) => bytes.extend(part(boundary, value.to_string().as_bytes())),
        }
    }
    bytes.extend(format!("--{boundary}\r\n").into_bytes());
    bytes
}

/// The frames of bytes that are cut into pieces of these lengths, again and again.
fn framed(boundary: &str, bytes: &[u8], lengths: &[usize]) -> Result<Vec<Frame>, FrameTooLong> {
    let mut framer = Framer::of(&format!("multipart/related; boundary=\"{boundary}\"; type=x")).unwrap();
    let (mut found, mut rest) = (Vec::new(), bytes);
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*length).clamp(1, rest.len()));
        found.extend(framer.push(piece)?);
        rest = after;
    }
    Ok(found)
}

proptest! {
    #[test]
    fn any_messages_come_out_of_any_cut(
        boundary in boundary(),
        contents in contents(),
        is_indented: bool,
        lengths in prop::collection::vec(1..200_usize, 1..8),
    ) {
        let bytes = written(&boundary, &contents, is_indented);
        for lengths in [&lengths[..], &[1], &[usize::MAX]] {
            let frames = framed(&boundary, &bytes, lengths).unwrap();
            prop_assert_eq!(frames.len(), contents.len());
            for (frame, content) in frames.iter().zip(&contents) {
                match (frame, content) {
                    (Frame::KeepAlive, Content::KeepAlive) => {}
                    (Frame::Message(bytes), Content::Message(value)) => {
                        prop_assert_eq!(&serde_json::from_slice::<Value>(bytes).unwrap(), value);
                    }
                    _ => prop_assert!(false, "{:?} for {:?}", frame, content),
                }
            }
        }
    }

    #[test]
    fn junk_gives_the_same_frames_in_any_cut(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"-b\r\n{}\"\\".to_vec())], 0..2_000),
        lengths in prop::collection::vec(1..50_usize, 1..6),
    ) {
        prop_assert_eq!(framed("b", &bytes, &lengths), framed("b", &bytes, &[usize::MAX]));
    }
}

#[test]
fn a_message_is_whole_before_the_next_boundary() {
    let mut framer = Framer::of("multipart/related; boundary=b").unwrap();
    let bytes = part("b", br#"{"a":"}"}"#);
    let (almost, last) = bytes.split_at(bytes.len() - 3);
    assert_eq!(framer.push(almost), Ok(Vec::new()));
    assert_eq!(framer.push(&last[..1]), Ok(vec![Frame::Message(br#"{"a":"}"}"#.to_vec())]));
    assert_eq!(framer.push(b"\r\n--b\r\n"), Ok(Vec::new()), "its part was not empty");
    assert_eq!(framer.push(b"--b\r\n"), Ok(vec![Frame::KeepAlive]));
}

#[test]
fn half_a_megabyte_without_a_border_is_too_much() {
    for begin in ["", "--b\r\n", "--b\r\n\r\n", "--b\r\n\r\n{\"a\":\""] {
        let mut framer = Framer::of("multipart/related; boundary=b").unwrap();
        assert!(framer.push(begin.as_bytes()).is_ok());
        let junk = vec![b'x'; MAX_PART];
        assert!(framer.push(&junk[..MAX_PART - begin.len()]).is_ok(), "{begin:?}");
        assert_eq!(framer.push(b"xxxxxxxxxxxxxxxxxxxxxxxx"), Err(FrameTooLong), "{begin:?}");
    }
    let mut framer = Framer::of("multipart/related; boundary=b").unwrap();
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_PART / 2));
    for _ in 0..4 {
        assert_eq!(
            framer.push(&part("b", large.as_bytes())).unwrap().len(),
            1,
            "each part counts for itself"
        );
    }
}

#[test]
fn a_content_type_without_a_usable_boundary_is_no_stream() {
    let long = format!("multipart/related; boundary={}", "b".repeat(71));
    for kind in
        ["", "application/json", "multipart/related", "multipart/related; boundary=", "x; boundary={", &long]
    {
        assert!(Framer::of(kind).is_none(), "{kind}");
    }
    assert!(Framer::of("multipart/related; type=\"application/json\"; Boundary = b").is_some());
}
