//! XML of strangers, read with bounds, and text that is written into XML of ours.

use std::borrow::Cow;
use std::fmt::Write as _;

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Deepest element that is read.
const MAX_DEPTH: usize = 16;

/// Most pieces of one text: a longer one is no message of a controller.
const MAX_PIECES: usize = 10_000;

/// The failure to read XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Whether what is not well-formed is read as far as it makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Every name is closed, and every `&` begins a reference.
    Strict,
    /// A single `&` stands for itself, and so does an unknown reference.
    Lenient,
}

/// A part of a text.
#[derive(Debug)]
pub(super) enum XmlPart<'i> {
    /// An element begins. An empty one begins and ends.
    Open(BytesStart<'i>),
    /// An element ends.
    Close,
    /// Text, with references resolved.
    Text(Cow<'i, str>),
    /// The text is over.
    End,
}

/// A reader that knows no document type and expands no entity, so that what it gives is no longer than what it reads.
pub(super) struct XmlReader<'i> {
    reader: Reader<&'i [u8]>,
    strictness: Strictness,
    depth: usize,
    pieces: usize,
}

impl<'i> XmlReader<'i> {
    pub(super) fn new(text: &'i str, strictness: Strictness) -> Self {
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        let is_lenient = strictness == Strictness::Lenient;
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = is_lenient;
        config.allow_unmatched_ends = is_lenient;
        config.check_end_names = !is_lenient;
        Self { reader, strictness, depth: 0, pieces: 0 }
    }

    /// The next piece.
    ///
    /// # Errors
    /// When it is not well-formed, too deep or too long, or declares a document type.
    pub(super) fn next(&mut self) -> Result<XmlPart<'i>, Malformed> {
        loop {
            self.pieces += 1;
            if self.pieces > MAX_PIECES {
                return Err(Malformed);
            }
            match self.reader.read_event().map_err(|_| Malformed)? {
                Event::Start(start) if self.depth < MAX_DEPTH => {
                    self.depth += 1;
                    return Ok(XmlPart::Open(start));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(XmlPart::Close);
                }
                Event::Text(text) => return Ok(XmlPart::Text(text.xml10_content())),
                Event::CData(text) => return Ok(XmlPart::Text(text.xml10_content())),
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref() {
                        Ok(None) => predefined(&reference),
                        Ok(character) => character,
                        Err(_) => None,
                    };
                    return match (character, self.strictness) {
                        (Some(character), _) => Ok(XmlPart::Text(Cow::Owned(character.to_string()))),
                        (None, Strictness::Lenient) => {
                            Ok(XmlPart::Text(Cow::Owned(format!("&{};", &*reference))))
                        }
                        (None, Strictness::Strict) => Err(Malformed),
                    };
                }
                Event::Eof if self.depth == 0 || self.strictness == Strictness::Lenient => {
                    return Ok(XmlPart::End);
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Start(_) | Event::Empty(_) | Event::DocType(_) | Event::Eof => return Err(Malformed),
            }
        }
    }
}

/// The entities that XML has by itself (XML 1.0, section 4.6).
fn predefined(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

/// Text without the characters that XML 1.0 has no place for (section 2.2).
pub(super) fn allowed(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_allowed) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|character| is_allowed(*character)).collect())
}

fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Text as content of an element or value of an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars().filter(|character| is_allowed(*character)) {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // A reader would take them for spaces or line ends of its own (XML 1.0, sections 2.11 and 3.3.3).
            '\t' | '\n' | '\r' => drop(write!(escaped, "&#{};", u32::from(character))),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that open, `/` for each end, and texts in quotes.
    fn pieces(text: &str, strictness: Strictness) -> Result<String, Malformed> {
        let mut reader = XmlReader::new(text, strictness);
        let mut read = String::new();
        loop {
            match reader.next()? {
                XmlPart::Open(start) => read += start.local_name().into_inner(),
                XmlPart::Close => read += "/",
                XmlPart::Text(text) => read.extend(["'", &*text, "'"]),
                XmlPart::End => return Ok(read),
            }
        }
    }

    #[test]
    fn references_are_resolved_and_names_are_closed() {
        let strict = |text| pieces(text, Strictness::Strict);
        assert_eq!(
            strict("\u{feff}<?xml version=\"1.0\"?><a>1&amp;2&#x41;<!-- c --><x:b/></a>").unwrap(),
            "a'1''&''2''A'b//"
        );
        assert_eq!(strict("<a><![CDATA[<&>]]></a>").unwrap(), "a'<&>'/");
        for broken in
            ["<a>", "<a></b>", "</a>", "<a>1 & 2</a>", "<a>&nbsp;</a>", "<a>&#0;</a>", "<a", "<a b=\"></a>"]
        {
            assert_eq!(strict(broken), Err(Malformed), "{broken}");
        }
    }

    #[test]
    fn a_single_ampersand_is_read_leniently() {
        let lenient = |text| pieces(text, Strictness::Lenient).unwrap().replace("''", "");
        assert_eq!(lenient("<a>1&b=2 & 3&x;</a>"), "a'1&b=2 & 3&x;'/");
        assert_eq!(lenient("<a><b>1</c>"), "ab'1'/");
    }

    #[test]
    fn no_document_type_and_no_great_depth_is_read() {
        let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>";
        let deep = "<a>".repeat(MAX_DEPTH + 1);
        let long = format!("<a>{}</a>", "<b/>".repeat(MAX_PIECES));
        for strictness in [Strictness::Strict, Strictness::Lenient] {
            for text in [bomb, &deep, &long] {
                assert_eq!(pieces(text, strictness), Err(Malformed));
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back_without_what_xml_has_not() {
        let written = format!("<a>{}</a>", escape("a<b>&\"'\u{1}\u{ffff}\0\r\n\u{1f3b5}"));
        let read = pieces(&written, Strictness::Strict).unwrap().replace("''", "");
        assert_eq!(read, "a'a<b>&\"'\r\n\u{1f3b5}'/");
        assert_eq!(allowed("a\u{1}b"), "ab");
    }
}
