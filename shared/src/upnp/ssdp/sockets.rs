//! The sockets of discovery: one that hears searches, and one for each network to speak in.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use socket2::{Domain, InterfaceIndexOrAddress, Protocol, Socket, Type};
use tokio::net::UdpSocket;

use super::message::{GROUP, MAX_SEARCH};
use crate::upnp::network::{Interface, is_of_home};

/// The number of routers that a message passes (UPnP Device Architecture 1.1, section 1.2.2).
const TTL: u32 = 2;

/// The open sockets.
#[derive(Debug)]
pub(super) struct Sockets {
    hearing: UdpSocket,
    networks: Vec<Network>,
    port: u16,
}

/// A network of this machine.
#[derive(Debug)]
pub(super) struct Network {
    interface: Interface,
    socket: UdpSocket,
}

impl Sockets {
    /// Joins the group in each network in which that is possible.
    ///
    /// # Errors
    /// When another program has the port for itself, or no network can be joined.
    pub(super) fn open(port: u16, interfaces: &[Interface]) -> io::Result<Self> {
        let hearing = socket(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port), true)?;
        let mut networks = Vec::new();
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "there is no private network");
        for interface in interfaces {
            match join(&hearing, interface) {
                Ok(socket) => networks.push(Network { interface: interface.clone(), socket }),
                Err(error) => failure = error,
            }
        }
        if networks.is_empty() {
            return Err(failure);
        }
        let hearing = UdpSocket::from_std(hearing.into())?;
        // The group has the port that searches come to.
        let port = hearing.local_addr()?.port();
        Ok(Self { hearing, networks, port })
    }

    /// The next datagram, with its sender.
    pub(super) async fn hear(&self) -> io::Result<(Vec<u8>, SocketAddrV4)> {
        loop {
            let mut buffer = vec![0; MAX_SEARCH + 1];
            let (length, sender) = self.hearing.recv_from(&mut buffer).await?;
            buffer.truncate(length);
            if let SocketAddr::V4(sender) = sender {
                return Ok((buffer, sender));
            }
        }
    }

    /// The network of an asker of the home; none for any other.
    pub(super) fn network_of(&self, asker: SocketAddrV4) -> Option<&Network> {
        let is_home = is_of_home(IpAddr::V4(*asker.ip())) && asker.port() != 0;
        self.networks.iter().find(|network| is_home && network.interface.reaches(*asker.ip()))
    }

    /// All networks.
    pub(super) fn networks(&self) -> &[Network] {
        &self.networks
    }

    /// The address of the group.
    pub(super) fn group(&self) -> SocketAddrV4 {
        SocketAddrV4::new(GROUP, self.port)
    }
}

impl Network {
    /// This machine's address in it.
    pub(super) fn address(&self) -> Ipv4Addr {
        self.interface.address
    }

    /// Sends a datagram. One that is lost is repeated by the next announcement.
    pub(super) async fn send(&self, message: &str, to: SocketAddrV4) {
        if let Err(error) = self.socket.send_to(message.as_bytes(), to).await {
            tracing::debug!(%error, interface = self.interface.name, "a message of discovery was not sent");
        }
    }
}

/// Joins the group in a network: the socket that speaks there.
fn join(hearing: &Socket, interface: &Interface) -> io::Result<UdpSocket> {
    hearing.join_multicast_v4_n(&GROUP, &InterfaceIndexOrAddress::Index(interface.index))?;
    let speaking = socket(SocketAddrV4::new(interface.address, 0), false)?;
    speaking.set_multicast_if_v4(&interface.address)?;
    speaking.set_multicast_ttl_v4(TTL)?;
    // Controllers of this machine hear it, too.
    speaking.set_multicast_loop_v4(true)?;
    UdpSocket::from_std(speaking.into())
}

/// A bound socket. One that is shared leaves the port to other programs that share it.
fn socket(address: SocketAddrV4, is_shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    if is_shared {
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::V4(address).into())?;
    Ok(socket)
}
