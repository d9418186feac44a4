//! Just enough HTTP/1.1 to pass on messages with a `Content-Length`.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpStream;

/// Head and body of a request or an answer; nothing where the connection ended before it.
pub(super) async fn read_message(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut message).await? == 0 {
            return Ok(None);
        }
    }
    let length = header(&message, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let head = message.len();
    message.resize(head + length, 0);
    stream.read_exact(&mut message[head..]).await?;
    Ok(Some(message))
}

/// The value of a header.
pub(super) fn header(message: &[u8], wanted: &str) -> Option<String> {
    let head = message.split(|byte| *byte == b'\n').take_while(|line| line.len() > 1);
    head.filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.trim().to_owned())
}

/// Bytes behind the head.
pub(super) fn body(message: &[u8]) -> &[u8] {
    let end = message.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    end.map_or(&[], |end| &message[end + 4..])
}

/// The operation that a request asks for, such as `UpdateItem`.
pub(super) fn operation(request: &[u8]) -> String {
    let target = header(request, "x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Whether an operation changes something.
pub(super) fn is_write(operation: &str) -> bool {
    matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems")
}
