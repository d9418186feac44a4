//! Records that a program of the owner's keeps.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{self, AsyncReadExt as _};
use tokio::process::Command;

use super::{DnsRecords, RecordsError};

/// Time limit of the program.
const LONGEST: Duration = Duration::from_mins(1);
/// Most that is read of what it says on standard error, in bytes.
const MOST_SAID: u64 = 1024;

/// A program that is called with `set-txt`, `remove-txt` or `set-address`, a name and a value. It ends with 0 once the
/// change is made.
#[derive(Clone, Debug)]
pub struct CommandRecords {
    program: PathBuf,
}

impl CommandRecords {
    /// The program; no shell is before it.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { program }
    }

    async fn run(&self, arguments: [&str; 3]) -> Result<(), RecordsError> {
        let failed =
            |reason: String| RecordsError::new(format!("DNS_COMMAND {}: {reason}", self.program.display()));
        let run = async {
            let mut child = Command::new(&self.program)
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()?;
            let mut said = Vec::new();
            if let Some(mut stderr) = child.stderr.take() {
                (&mut stderr).take(MOST_SAID).read_to_end(&mut said).await?;
                // A pipe that nothing reads would kill the program.
                io::copy(&mut stderr, &mut io::sink()).await?;
            }
            Ok::<_, std::io::Error>((child.wait().await?, said))
        };
        let Ok(ended) = tokio::time::timeout(LONGEST, run).await else {
            return Err(failed(format!("it does not end within {} s", LONGEST.as_secs())));
        };
        let (status, said) = ended.map_err(|error| failed(format!("it cannot be run: {error}")))?;
        if status.success() {
            return Ok(());
        }
        Err(failed(format!("it ends with {status}: {}", String::from_utf8_lossy(&said).trim())))
    }
}

#[async_trait]
impl DnsRecords for CommandRecords {
    async fn set_txt(&self, name: &str, value: &str) -> Result<(), RecordsError> {
        self.run(["set-txt", name, value]).await
    }

    async fn remove_txt(&self, name: &str, value: &str) -> Result<(), RecordsError> {
        self.run(["remove-txt", name, value]).await
    }

    async fn set_address(&self, name: &str, address: IpAddr) -> Result<(), RecordsError> {
        self.run(["set-address", name, &address.to_string()]).await
    }
}
