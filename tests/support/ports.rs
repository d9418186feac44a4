//! Ports for programs that cannot choose one by themselves.
#![expect(clippy::unwrap_used, reason = "a test without a port has failed")]

use std::env;
use std::fs::{self, File};
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};

use ma_alexa::clock::{Random as _, SystemRandom};

/// A port on which no program listens, and which no other test gets until this process ends. It is below those that
/// Linux gives to listeners and connections without a port of their own, so that none of them takes it first.
#[must_use]
pub fn free_port() -> u16 {
    /// The locks of this process. The system releases them at its end, however it ends.
    static HELD: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let folder = env::temp_dir().join("ma-alexa-test-ports");
    fs::create_dir_all(&folder).unwrap();
    loop {
        let mut bytes = [0; 2];
        SystemRandom.fill(&mut bytes).unwrap();
        let port = 10_000 + u16::from_ne_bytes(bytes) % 20_000;
        let lock = File::create(folder.join(port.to_string())).unwrap();
        // Other programs of this machine know nothing of the locks.
        if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            HELD.lock().unwrap_or_else(PoisonError::into_inner).push(lock);
            return port;
        }
    }
}
