//! AWS in an emulator that deploys, with a recorder before it: what the functions ask of AWS is written down by
//! function.
#![expect(clippy::unwrap_used, reason = "a test whose cloud does not work has failed")]

mod aws;
mod recorder;
mod stack;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

pub use recorder::{Call, Recorder};
pub use stack::{FUNCTIONS, Stack};

use self::aws::Aws;
use crate::api::http_client;
use crate::program::{Output, Program};
use crate::{machine, ports};

/// One of the regions in which Alexa invokes functions.
pub const REGION: &str = "eu-west-1";

/// Time limit of a command; a deployment packs and uploads three functions.
const PATIENCE: Duration = Duration::from_mins(4);

/// The emulator, its recorder, and a folder for what its clients write.
#[derive(Debug)]
pub struct Cloud {
    endpoint: String,
    recorder: Recorder,
    /// Folder of `sam` and `aws`.
    tools: String,
    home: TempDir,
    client: Client,
    aws: Aws,
    _emulator: Program,
}

impl Cloud {
    /// With the account of Amazon's at the address `amazon`. Nothing, and a line that says so, where this machine has not
    /// all that is needed.
    pub async fn start(amazon: &str) -> Option<Self> {
        let program = machine::tool("TEST_MINISTACK", "deployments")?;
        let tools = machine::tool("TEST_DEPLOY_PATH", "deployments")?;
        let home = tempfile::tempdir().unwrap();
        let port = ports::free_port();
        let endpoint = format!("http://127.0.0.1:{port}");
        let recorder = Recorder::start(&endpoint).await;
        let mut command = Command::new(&program);
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            // Where the functions find AWS.
            .env("AWS_ENDPOINT_URL", recorder.endpoint())
            // The functions inherit what the emulator does not know.
            .env("AMAZON_ENDPOINT", amazon)
            .env("LAMBDA_ASYNC_RETRY_BASE_SECONDS", "0.1");
        let emulator = Program::start(&mut command);
        let _ = emulator.wait_for("Running on http");
        let aws = Aws::start(deploys(
            &tool(&tools, "aws").with_file_name("python"),
            &tools,
            home.path(),
            &endpoint,
        ));
        Some(Self { endpoint, recorder, tools, home, client: http_client(), aws, _emulator: emulator })
    }

    /// Recorder of the functions' requests to AWS.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Runs a command of `infra/`, with the tools and credentials of a person who deploys.
    #[must_use]
    pub fn run(&self, program: &Path, arguments: &[&str], stack: &str, input: &str) -> Output {
        let mut command = deploys(program, &self.tools, self.home.path(), &self.endpoint);
        command.args(arguments).env("STACK", stack);
        Program::start_with_input(&mut command, input.as_bytes()).finish(PATIENCE)
    }

    /// Output of `aws`, which has to succeed.
    #[must_use]
    pub fn aws(&self, arguments: &[&str]) -> Value {
        self.ask_aws(arguments).unwrap_or_else(|error| panic!("aws {arguments:?}: {error}"))
    }

    /// Output of `aws`, or the reason of its refusal.
    ///
    /// # Errors
    /// What it says then.
    pub fn ask_aws(&self, arguments: &[&str]) -> Result<Value, String> {
        let mut arguments = arguments.to_vec();
        // The endpoint is said outright: for queues the variable alone is not enough.
        arguments.extend(["--output", "json", "--endpoint-url", &self.endpoint]);
        self.aws.run(&arguments)
    }

    /// A folder for files that a command writes; it goes with the cloud.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Invokes a function as Alexa does, and waits for its answer.
    pub async fn invoke(&self, function: &str, event: Vec<u8>) -> Value {
        let address = format!("{}/2015-03-31/functions/{function}/invocations", self.endpoint);
        // Unsigned: the region of the credential is all that the emulator reads.
        let authorization = format!("AWS4-HMAC-SHA256 Credential=test/20261122/{REGION}/lambda/aws4_request");
        let request = self.client.post(address).header("authorization", authorization).body(event);
        let response = request.send().await.unwrap();
        assert!(
            response.headers().get("x-amz-function-error").is_none(),
            "{}",
            response.text().await.unwrap()
        );
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }
}

/// A program with the tools and credentials of a person who deploys.
fn deploys(program: &Path, tools: &str, home: &Path, endpoint: &str) -> Command {
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", format!("{tools}:{path}"))
        .env("HOME", home)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("SAM_CLI_TELEMETRY", "0")
        // Each look at a deployment takes as much processor as a second of it.
        .env("SAM_CLI_POLL_DELAY", "2");
    command
}

fn tool(tools: &str, name: &str) -> PathBuf {
    let found = tools.split(':').map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("no {name} in {tools}"))
}
