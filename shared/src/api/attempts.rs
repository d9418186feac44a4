//! Counted wrong passwords: a caller who guesses has to wait, and the owner at another address does not.
//!
//! An address that sent ten wrong passwords for a user name may send one more every ten seconds. So may all addresses
//! together that sent a wrong one, after thirty. An address that never did is let through at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::caller::CallerAddress;
use crate::clock::Moment;

/// The cost of one wrong password: the time after which it is forgotten.
const COST: Duration = Duration::from_secs(10);

/// Number of passwords that an address may send for one user name before it has to wait.
const BY_ADDRESS: u32 = 10;

/// Number of passwords that all addresses may send for one user name before those that sent one have to wait.
const BY_NAME: u32 = 30;

/// Most pairs of address and name that are distinguished, and most names.
const MAX_KEPT: usize = 2048;

/// A digest of a user name: names are as long as a stranger wants.
pub(super) type Name = [u8; 32];

/// The wrong passwords of the last minutes.
#[derive(Debug, Default)]
pub(super) struct WrongPasswords(Mutex<PasswordDebts>);

#[derive(Debug, Default)]
struct PasswordDebts {
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

    /// Time to wait until one more fits among `most`.
    fn wait(self, most: u32, now: Moment) -> Duration {
        (self.left(now) + COST).saturating_sub(COST * most)
    }
}

impl WrongPasswords {
    /// Time that this caller has to wait before it may send a password for this name; zero where it may now.
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

/// Adds the cost of one. Where the table is full, the entry that ends first makes room. Many names or addresses that
/// fill it never free those that have to wait.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::testing::ManualClock;
    use crate::clock::{Clock as _, Timestamp};

    const OWNER: Name = [1; 32];

    fn caller(last: u8) -> CallerAddress {
        CallerAddress([203, 0, 113, last].into())
    }

    fn name(number: u32) -> Name {
        let mut name = [0; 32];
        name[..4].copy_from_slice(&number.to_be_bytes());
        name
    }

    fn kept(attempts: &WrongPasswords) -> (usize, usize) {
        let kept = attempts.0.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.by_address.len(), kept.by_name.len())
    }

    #[test]
    fn after_ten_an_address_may_send_one_every_ten_seconds() {
        let clock = ManualClock::at(Timestamp::from_millis(1_795_334_400_000));
        let attempts = WrongPasswords::default();
        for number in 0..BY_ADDRESS {
            assert_eq!(attempts.wait(Some(caller(1)), &OWNER, clock.moment()), Duration::ZERO, "{number}");
            attempts.note(Some(caller(1)), &OWNER, clock.moment());
        }
        for _ in 0..3 {
            assert_eq!(attempts.wait(Some(caller(1)), &OWNER, clock.moment()), COST);
            assert_eq!(attempts.wait(Some(caller(2)), &OWNER, clock.moment()), Duration::ZERO);
            clock.advance(COST);
            assert_eq!(attempts.wait(Some(caller(1)), &OWNER, clock.moment()), Duration::ZERO);
            attempts.note(Some(caller(1)), &OWNER, clock.moment());
        }
        // What comes too early costs no more than the limit.
        for _ in 0..100 {
            attempts.note(Some(caller(1)), &OWNER, clock.moment());
        }
        assert_eq!(attempts.wait(Some(caller(1)), &OWNER, clock.moment()), COST);
        clock.advance(COST * BY_ADDRESS);
        assert_eq!(attempts.wait(Some(caller(1)), &OWNER, clock.moment()), Duration::ZERO);
    }

    #[test]
    fn many_names_fill_the_tables_and_free_none_that_has_to_wait() {
        let clock = ManualClock::at(Timestamp::from_millis(1_795_334_400_000));
        let attempts = WrongPasswords::default();
        for _ in 0..BY_ADDRESS {
            attempts.note(Some(caller(1)), &OWNER, clock.moment());
        }
        for number in 0..3000 {
            attempts.note(Some(caller(2)), &name(number), clock.moment());
        }
        assert_eq!(kept(&attempts), (MAX_KEPT, MAX_KEPT));
        assert_eq!(attempts.wait(Some(caller(1)), &OWNER, clock.moment()), COST);
        // One that is known takes no other's place.
        for _ in 0..10 {
            attempts.note(Some(caller(1)), &OWNER, clock.moment());
        }
        assert_eq!(kept(&attempts), (MAX_KEPT, MAX_KEPT));
        // Those that are forgotten make room for all that come.
        clock.advance(COST);
        attempts.note(Some(caller(3)), &name(9999), clock.moment());
        assert_eq!(kept(&attempts), (2, 2));
        attempts.note(Some(caller(1)), &OWNER, clock.moment());
        assert_eq!(attempts.wait(Some(caller(1)), &OWNER, clock.moment()), COST);
    }
}
