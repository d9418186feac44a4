//! Certificates from a real authority, Debian's pebble, over real TLS.

mod authority;
mod faults;
mod front;
mod home;
mod issuing;
#[expect(unreachable_pub, reason = "public for the end-to-end tests")]
#[path = "../../../../tests/support/ports.rs"]
mod ports;
mod records;
mod renewing;
mod schedule;
mod stand_in;
mod stored;
mod variables;
