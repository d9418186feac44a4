//! An address that follows the home.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use tokio::sync::Mutex;

use super::{DnsRecords, RecordsError};

/// The address records of one name, which are changed only when they have to be.
#[derive(Debug)]
pub struct DynamicAddress {
    records: Arc<dyn DnsRecords>,
    name: String,
    set: Mutex<Addresses>,
}

/// The addresses that were set last.
#[derive(Clone, Copy, Debug, Default)]
struct Addresses {
    v4: Option<Ipv4Addr>,
    v6: Option<Ipv6Addr>,
}

/// Whether an address had to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressChange {
    /// The provider has it now.
    Set,
    /// It was set before.
    Unchanged,
}

impl DynamicAddress {
    /// The address records of `name`; what they are before the first call is not known.
    #[must_use]
    pub fn new(records: Arc<dyn DnsRecords>, name: String) -> Self {
        Self { records, name, set: Mutex::default() }
    }

    /// Makes `address`, at home or public, the A or AAAA record of the name, if it is another one than before.
    ///
    /// # Errors
    /// When the provider does not take it; the next call tries again.
    pub async fn set(&self, address: IpAddr) -> Result<AddressChange, RecordsError> {
        let address = address.to_canonical();
        // One change at a time: the last one that is asked for is what stays.
        let mut set = self.set.lock().await;
        let is_set = match address {
            IpAddr::V4(address) => set.v4 == Some(address),
            IpAddr::V6(address) => set.v6 == Some(address),
        };
        if is_set {
            return Ok(AddressChange::Unchanged);
        }
        // A change that fails may have been made.
        match address {
            IpAddr::V4(_) => set.v4 = None,
            IpAddr::V6(_) => set.v6 = None,
        }
        self.records.set_address(&self.name, address).await?;
        match address {
            IpAddr::V4(address) => set.v4 = Some(address),
            IpAddr::V6(address) => set.v6 = Some(address),
        }
        Ok(AddressChange::Set)
    }
}
