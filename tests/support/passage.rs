//! A passage out of a network of its own: what connects to an address in it reaches the same address of this machine.
#![expect(clippy::unwrap_used, reason = "a test whose passage cannot be opened has failed")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;

use tempfile::TempDir;

/// The end of a passage on this machine. Programs that ended their connections leave it as it is.
#[derive(Debug)]
pub struct Passage {
    /// The socket that the other end connects to: a file, which every network sees.
    socket: PathBuf,
    _folder: TempDir,
}

impl Passage {
    /// Opens a passage to an address of this machine.
    #[must_use]
    pub fn open(address: SocketAddr) -> Self {
        let folder = TempDir::new().unwrap();
        let socket = folder.path().join("passage");
        let listener = UnixListener::bind(&socket).unwrap();
        thread::spawn(move || {
            for inside in listener.incoming().flatten() {
                // What listens there no more ends the connection.
                let Ok(outside) = TcpStream::connect(address) else { continue };
                let halves = [inside.try_clone().unwrap(), inside];
                join(halves, outside);
            }
        });
        Self { socket, _folder: folder }
    }

    /// The file of its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

/// Has the address lead into the passage with this socket, in the network of this process.
pub fn enter(socket: &Path, address: SocketAddr) {
    let (listener, socket) = (TcpListener::bind(address).unwrap(), socket.to_owned());
    thread::spawn(move || {
        for inside in listener.incoming().flatten() {
            let passage = UnixStream::connect(&socket).unwrap();
            join([passage.try_clone().unwrap(), passage], inside);
        }
    });
}

/// Passes bytes on in both directions until either end is closed.
fn join([mut from, mut to]: [UnixStream; 2], tcp: TcpStream) {
    tcp.set_nodelay(true).unwrap();
    let (mut tcp_from, mut tcp_to) = (tcp.try_clone().unwrap(), tcp);
    thread::spawn(move || {
        pass(&mut from, &mut tcp_to);
        tcp_to.shutdown(Shutdown::Write).ok();
    });
    thread::spawn(move || {
        pass(&mut tcp_from, &mut to);
        to.shutdown(Shutdown::Write).ok();
    });
}

/// Copies what comes until there is no more. An end that is gone ends it.
fn pass(from: &mut impl Read, to: &mut impl Write) {
    std::io::copy(from, to).ok();
}
