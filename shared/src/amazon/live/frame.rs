//! Frames of the stream: bytes to the messages in them (multipart/related, RFC 2046, section 5.1).
//!
//! Amazon cuts the bytes anywhere, so each byte moves one state on. A message is whole once its braces balance, which
//! is before the next boundary. A boundary begins a line, where no text of JSON can hold one.

/// Most bytes between two messages or boundaries. A longer part is no message of Amazon's.
pub const MAX_PART: usize = 512 * 1024;

/// Longest boundary, in bytes (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;

/// A frame of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A part without content, by which Amazon shows that it is there (docs/amazon-api.md, 8.4).
    KeepAlive,
    /// The bytes of one JSON object. Whether they are JSON is not checked.
    Message(Vec<u8>),
}

/// More bytes without a boundary or a whole message than [`MAX_PART`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than 512 KiB came without a boundary")]
pub struct FrameTooLong;

/// Cuts bytes into frames. It holds at most [`MAX_PART`] bytes.
#[derive(Debug)]
pub struct Framer {
    /// Two hyphens and the boundary.
    delimiter: Vec<u8>,
    /// The part of the delimiter that the line begins with; none where the line is no delimiter.
    matched: Option<usize>,
    place: FramePart,
    /// Bytes since the last boundary or message.
    length: usize,
    /// The message, as far as it has come.
    message: Vec<u8>,
    /// Whether the part had anything but white space.
    has_content: bool,
}

/// The place of the next byte.
#[derive(Clone, Copy, Debug)]
enum FramePart {
    /// Before the first boundary.
    Preamble,
    /// Behind a delimiter, in its line.
    Delimiter,
    /// In the headers of a part.
    Headers { is_blank: bool },
    /// In the content of a part.
    Content(Json),
}

/// The place in a JSON object; outside of one at depth 0.
#[derive(Clone, Copy, Debug, Default)]
struct Json {
    depth: usize,
    in_text: bool,
    is_escaped: bool,
}

impl Framer {
    /// For the content type of a stream; none where it names no boundary that can be used.
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        boundary(content_type).map(|boundary| Self::with_boundary(&boundary))
    }

    fn with_boundary(boundary: &str) -> Self {
        Self {
            delimiter: format!("--{boundary}").into_bytes(),
            matched: Some(0),
            place: FramePart::Preamble,
            length: 0,
            message: Vec::new(),
            has_content: false,
        }
    }

    /// The frames that end within these bytes.
    ///
    /// # Errors
    /// When a part is too long. Nothing that follows can be read then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Frame>, FrameTooLong> {
        let mut frames = Vec::new();
        for byte in bytes {
            self.length += 1;
            if self.length > MAX_PART {
                return Err(FrameTooLong);
            }
            self.take(*byte, &mut frames);
        }
        Ok(frames)
    }

    fn take(&mut self, byte: u8, frames: &mut Vec<Frame>) {
        if let Some(matched) = self.matched.take() {
            if self.delimiter[matched] == byte {
                if matched + 1 == self.delimiter.len() {
                    self.boundary(frames);
                } else {
                    self.matched = Some(matched + 1);
                }
                return;
            }
            // What began like a delimiter belongs to the part.
            for held in 0..matched {
                self.read(self.delimiter[held], frames);
            }
        }
        self.read(byte, frames);
        if byte == b'\n' {
            self.matched = Some(0);
        }
    }

    /// Ends a part. A message that is not whole is lost.
    fn boundary(&mut self, frames: &mut Vec<Frame>) {
        if !matches!(self.place, FramePart::Preamble) && !self.has_content {
            frames.push(Frame::KeepAlive);
        }
        self.place = FramePart::Delimiter;
        self.length = 0;
        self.message.clear();
        self.has_content = false;
    }

    fn read(&mut self, byte: u8, frames: &mut Vec<Frame>) {
        self.place = match (self.place, byte) {
            (FramePart::Preamble, _) => FramePart::Preamble,
            (FramePart::Delimiter, b'\n') => FramePart::Headers { is_blank: true },
            (FramePart::Delimiter, _) => FramePart::Delimiter,
            (FramePart::Headers { is_blank: true }, b'\n') => FramePart::Content(Json::default()),
            // A part without headers.
            (FramePart::Headers { is_blank: true }, b'{') => self.content(Json::default(), byte, frames),
            (FramePart::Headers { .. }, b'\n') => FramePart::Headers { is_blank: true },
            (FramePart::Headers { is_blank }, b'\r') => FramePart::Headers { is_blank },
            (FramePart::Headers { .. }, _) => FramePart::Headers { is_blank: false },
            (FramePart::Content(json), _) => self.content(json, byte, frames),
        };
    }

    fn content(&mut self, json: Json, byte: u8, frames: &mut Vec<Frame>) -> FramePart {
        self.has_content |= !byte.is_ascii_whitespace();
        let next = json.after(byte);
        if json.depth > 0 || next.depth > 0 {
            self.message.push(byte);
        }
        if json.depth > 0 && next.depth == 0 {
            self.length = 0;
            frames.push(Frame::Message(std::mem::take(&mut self.message)));
        }
        FramePart::Content(next)
    }
}

impl Json {
    fn after(self, byte: u8) -> Self {
        if self.in_text {
            let is_escaped = byte == b'\\' && !self.is_escaped;
            let in_text = byte != b'"' || self.is_escaped;
            return Self { in_text, is_escaped, ..self };
        }
        match byte {
            b'{' => Self { depth: self.depth + 1, ..self },
            b'}' => Self { depth: self.depth.saturating_sub(1), ..self },
            b'"' if self.depth > 0 => Self { in_text: true, ..self },
            _ => self,
        }
    }
}

/// The boundary in a content type. One with characters of JSON's own is none.
fn boundary(content_type: &str) -> Option<String> {
    let parameters = content_type.split(';').skip(1);
    let values = parameters.filter_map(|parameter| parameter.split_once('='));
    let value = values.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?.1.trim();
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}' | b'"' | b'\\');
    let is_usable = !value.is_empty() && value.len() <= MAX_BOUNDARY && value.bytes().all(is_plain);
    is_usable.then(|| value.to_owned())
}
