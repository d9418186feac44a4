//! A stack, deployed and removed by the commands of `infra/`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use super::Cloud;
use crate::api::Api;
use crate::envelope::Envelope;
use crate::machine;
use crate::program::Output;

/// The functions of a stack.
pub const FUNCTIONS: [&str; 3] = ["skill", "api", "token-refresh"];

/// The folder `infra` beside what starts the binaries of this build, where the deploy command leaves binaries.
#[derive(Debug)]
pub struct Stack<'a> {
    /// The cloud that it is in.
    pub cloud: &'a Cloud,
    /// Its name.
    pub name: &'static str,
    folder: TempDir,
}

impl<'a> Stack<'a> {
    /// Nothing is deployed yet.
    #[must_use]
    pub fn new(cloud: &'a Cloud, name: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("infra")).unwrap();
        for file in fs::read_dir(machine::workspace().join("infra")).unwrap() {
            let file = file.unwrap();
            // The folders are of other ways than AWS.
            if file.file_type().unwrap().is_dir() {
                continue;
            }
            fs::copy(file.path(), folder.path().join("infra").join(file.file_name())).unwrap();
        }
        for function in FUNCTIONS {
            let built = folder.path().join("target/lambda").join(function);
            fs::create_dir_all(&built).unwrap();
            // The binary of this build is forty times as large as a deployed one, and is packed at each deployment.
            let script = format!("#!/bin/sh\nexec '{}'\n", machine::binary(function).display());
            fs::write(built.join("bootstrap"), script).unwrap();
            fs::set_permissions(built.join("bootstrap"), Permissions::from_mode(0o755)).unwrap();
        }
        Self { cloud, name, folder }
    }

    /// Output of a command of `infra/`.
    #[must_use]
    pub fn command(&self, command: &str, arguments: &[&str], input: &str) -> Output {
        self.cloud.run(&self.path(command), arguments, self.name, input)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("infra").join(file)
    }

    /// Deploys what was built, with parameters of the template.
    #[must_use]
    pub fn deploy(&self, parameters: &[&str]) -> String {
        let mut arguments = vec!["--prebuilt"];
        arguments.extend(parameters);
        let output = self.command("deploy", &arguments, "");
        assert!(output.status.success(), "{}\n{}", output.stdout, output.stderr);
        output.stdout
    }

    /// The full name of a function.
    #[must_use]
    pub fn function(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    /// Output of the stack, by its key.
    #[must_use]
    pub fn output(&self, key: &str) -> String {
        let query = format!("Stacks[0].Outputs[?OutputKey=='{key}'].OutputValue | [0]");
        let value = self.cloud.aws(&[
            "cloudformation",
            "describe-stacks",
            "--stack-name",
            self.name,
            "--query",
            &query,
        ]);
        value.as_str().unwrap_or_else(|| panic!("no output {key}")).to_owned()
    }

    /// The text of one of its secrets.
    #[must_use]
    pub fn secret(&self, name: &str) -> Value {
        let id = format!("{}/{name}", self.name);
        let secret = self.cloud.aws(&["secretsmanager", "get-secret-value", "--secret-id", &id]);
        serde_json::from_str(secret["SecretString"].as_str().unwrap()).unwrap()
    }

    /// Writes one of its secrets, as its owner does.
    pub fn write_secret(&self, name: &str, text: &str) {
        let id = format!("{}/{name}", self.name);
        let _ = self.cloud.aws(&[
            "secretsmanager",
            "put-secret-value",
            "--secret-id",
            &id,
            "--secret-string",
            text,
        ]);
    }

    /// Its API, with both pairs of the secret.
    #[must_use]
    pub fn api(&self) -> Api {
        let url = self.output("ApiUrl");
        let id = url.strip_prefix("https://").and_then(|host| host.split('.').next()).unwrap();
        let secret = self.secret("credentials");
        let pair = |name: &str| {
            let member = |member: &str| secret[name][member].as_str().unwrap().to_owned();
            (member("username"), member("password"))
        };
        Api::at(&format!("{}/_aws/execute-api/{id}/$default", self.cloud.endpoint))
            .with_credentials(pair("owner"), pair("music_assistant"))
    }

    /// Answer of the skill.
    pub async fn ask(&self, envelope: &Envelope) -> Value {
        self.cloud.invoke(&self.function("skill"), envelope.to_vec()).await
    }
}
