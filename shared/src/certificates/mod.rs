//! Certificates of an authority for the door of `ma-alexa`, ordered and renewed by ACME (RFC 8555).
//!
//! The door's listener answers the proof by TLS itself, a small listener that by HTTP, and the provider of the name's
//! records that by DNS. Keys, certificates and the times of orders are kept beside the other secrets.

mod authority;
mod error;
mod http_proof;
mod issued;
mod order;
mod proof;
mod records;
mod renewal;
mod schedule;
mod served;
mod services;
mod status;
mod store;
mod web;

use std::sync::Arc;

use crate::config::CertificateConfig;
use crate::task;

pub use error::{FailureCode, OrderError};
pub use records::{
    AddressChange, CommandRecords, Desec, DnsRecords, DuckDns, DynamicAddress, HttpsLookup, RecordsError,
    TxtLookup,
};
pub use renewal::Certificates;
pub use schedule::{Attempts, Jitter, MOST_ORDERS, ORDERS_SPAN, Validity, next_attempt, renewal_at, within};
pub use services::{CertificateServices, Patience, Records};
pub use status::{CertificateStatus, LastError};
pub use store::{CertificateItem, CertificateStore};
pub use web::CertificateSetupError;

/// Loads the certificate that is kept, and looks after it in a task of its own.
///
/// The sockets of the door are bound first: the authority may look for the proof at once, and the system holds its
/// connection until the listener is served.
///
/// ```no_run
/// # use std::{path::Path, sync::Arc};
/// # use ma_alexa::certificates::{self, CertificateServices};
/// # use ma_alexa::clock::{SystemClock, SystemRandom};
/// # use ma_alexa::config::{CertificateConfig, Env};
/// # use ma_alexa::secrets::FileSecrets;
/// # use ma_alexa::server::{self, Listener, ServerOptions};
/// # use tokio::{net::TcpListener, sync::mpsc};
/// # async fn door(
/// #     env: &Env, folder: &Path, routes: axum::Router, options: ServerOptions, stop: mpsc::Receiver<()>,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// if let Some(config) = CertificateConfig::from_env(env)?
///     && let Some(address) = config.tls_bind
/// {
///     let socket = TcpListener::bind(address).await?;
///     let store = Arc::new(FileSecrets::new(folder));
///     let services =
///         CertificateServices::new(&config, store, Arc::new(SystemClock), Arc::new(SystemRandom))?;
///     let certificates = certificates::start(config, services).await?;
///     server::serve(Listener::with_tls(socket, certificates.tls()), routes, options, stop).await;
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the HTTP client or TLS cannot be built. What is wrong with the certificate itself is in its status.
pub async fn start(
    config: CertificateConfig,
    services: CertificateServices,
) -> Result<Arc<Certificates>, CertificateSetupError> {
    let certificates = Arc::new(Certificates::new(config, services)?);
    certificates.begin().await;
    task::spawn(Arc::clone(&certificates).run());
    Ok(certificates)
}
