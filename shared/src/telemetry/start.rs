//! Errors of a function that cannot start.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use crate::config::Env;

/// Time limit of the service for the message.
const PATIENCE: Duration = Duration::from_secs(2);

/// Says in one sentence why a function cannot start: to the log, and on Lambda to the service, which shows it to
/// the invoker of the function (AWS Lambda, "Lambda runtime API", initialization error).
pub fn cannot_start(env: &Env, error: &(dyn Error + 'static)) {
    let sentence = sentence(error);
    // Whether a line can be logged is not certain yet: the log may be what is not set up.
    let _ = writeln!(io::stderr().lock(), "the function cannot start: {sentence}");
    if let Some(service) = env.get("AWS_LAMBDA_RUNTIME_API")
        && let Err(error) = post(&service, &sentence)
    {
        tracing::warn!(%error, "the service did not hear why");
    }
}

/// An error and its causes.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(sentence, ": {error}");
        cause = error.source();
    }
    sentence
}

/// The service is asked this one time by a program that is about to end: a client of its own would be as large as
/// the rest of it.
fn post(service: &str, sentence: &str) -> io::Result<()> {
    let address = service.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let body = serde_json::json!({
        "errorMessage": sentence,
        "errorType": "Function.CannotStart",
        "stackTrace": [],
    });
    let body = body.to_string();
    write!(
        stream,
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: {service}\r\nContent-Type: application/json\r\n\
         Lambda-Runtime-Function-Error-Type: Function.CannotStart\r\nContent-Length: {}\r\nConnection: close\r\n\r\n\
         {body}",
        body.len()
    )?;
    // The end of the process must not overtake the answer.
    let mut answer = [0; 1];
    stream.read_exact(&mut answer)
}
