//! Wrong passwords, counted: whoever guesses has to wait, and the owner at another address does not.
//!
//! An address that sent ten wrong passwords for a user name may send one more every ten seconds. So may all addresses
//! together that sent a wrong one, after thirty. An address that never did is let through at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::caller::CallerAddress;
use crate::clock::Moment;

/// What one wrong password costs: the time after which it is forgotten.
const COST: Duration = Duration::from_secs(10);

/// How many an address may send for one user name before it has to wait.
const BY_ADDRESS: u32 = 10;

/// How many all addresses may send for one user name before those that sent one have to wait.
const BY_NAME: u32 = 30;

/// Most pairs of address and name that are told apart, and most names.
const MAX_KEPT: usize = 2048;

/// A digest of a user name: names are as long as a stranger wants.
pub(super) type Name = [u8; 32];

/// The wrong passwords of the last minutes.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_address: HashMap<(Option<IpAddr>, Name), Debt>,
    by_name: HashMap<Name, Debt>,
}

/// The time after which everything is forgotten, as it was at a moment.
#[derive(Clone, Copy, Debug)]
struct Debt {
    left: Duration,
    at: Moment,
}

impl Debt {
    fn left(self, now: Moment) -> Duration {
        self.left.saturating_sub(now.since(self.at))
    }

    /// How long to wait until one more fits among `most`.
    fn wait(self, most: u32, now: Moment) -> Duration {
        (self.left(now) + COST).saturating_sub(COST * most)
    }
}

impl Attempts {
    /// How long this caller has to wait before it may send a password for this name; zero where it may now.
    pub(super) fn wait(&self, caller: Option<CallerAddress>, name: &Name, now: Moment) -> Duration {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = kept.by_address.get(&(caller.map(CallerAddress::network), *name));
        let Some(own) = own.filter(|own| !own.left(now).is_zero()) else {
            return Duration::ZERO;
        };
        let all = kept.by_name.get(name).map_or(Duration::ZERO, |all| all.wait(BY_NAME, now));
        own.wait(BY_ADDRESS, now).max(all)
    }

    /// Counts a wrong password.
    pub(super) fn note(&self, caller: Option<CallerAddress>, name: &Name, now: Moment) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        charge(&mut kept.by_address, (caller.map(CallerAddress::network), *name), BY_ADDRESS, now);
        charge(&mut kept.by_name, *name, BY_NAME, now);
    }
}

/// Adds the cost of one. Where the table is full, the one that is forgotten first makes room: what many names or
/// addresses fill it with never frees those that have to wait.
fn charge<K: Copy + Eq + std::hash::Hash>(table: &mut HashMap<K, Debt>, key: K, most: u32, now: Moment) {
    if !table.contains_key(&key) && table.len() >= MAX_KEPT {
        table.retain(|_, debt| !debt.left(now).is_zero());
        let least = table.iter().min_by_key(|(_, debt)| debt.left(now)).map(|(key, _)| *key);
        if let Some(least) = least.filter(|_| table.len() >= MAX_KEPT) {
            table.remove(&least);
        }
    }
    let debt = table.entry(key).or_insert(Debt { left: Duration::ZERO, at: now });
    *debt = Debt { left: (debt.left(now) + COST).min(COST * most), at: now };
}
