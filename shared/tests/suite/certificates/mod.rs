//! Certificates from a real authority, Debian's pebble, over real TLS.

mod authority;
mod faults;
mod front;
mod home;
mod issuing;
mod records;
mod renewing;
mod schedule;
mod stand_in;
mod stored;
mod variables;
