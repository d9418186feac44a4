//! `ma-alexa healthcheck`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::bail;
use ma_alexa::config::{Bind, Env};
use ma_alexa::probe::{AddressPolicy, HttpProber, ProbeRequest, Prober as _};

/// Time limit of the answer, below that of the image's health check.
const PATIENCE: Duration = Duration::from_secs(4);

/// Asks the server on `BIND` whether it answers.
///
/// # Errors
/// When it does not, or says that it is not well.
pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let Bind(bind) = Bind::from_env(env)?;
    let address = SocketAddr::new(reachable(bind.ip()), bind.port());
    let prober = HttpProber::new(AddressPolicy::Anywhere)?.with_timeout(PATIENCE);
    let request = ProbeRequest::get(format!("http://{address}/healthz").parse()?, 4096);
    let status = prober.probe(&request).await?.status;
    if status != 200 {
        bail!("{address} answers with status {status}");
    }
    Ok(())
}

/// An address of this machine, for one that stands for all of them.
fn reachable(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    }
}
