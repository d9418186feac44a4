//! The environment, and errors of its variables.

use std::fmt;
use std::path::{Path, PathBuf};

use super::variable::Variable;

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The variables of the process, or of a test.
pub struct Env {
    lookup: Box<Lookup>,
}

impl Env {
    /// The variables of this process.
    #[must_use]
    pub fn process() -> Self {
        // What is no Unicode is no valid value of any variable, and says so where it is read.
        Self::new(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Variables from anywhere else.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { lookup: Box::new(lookup) }
    }

    /// The trimmed value of a variable; `None` where it is unset or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Reads a variable, if it is set.
    ///
    /// # Errors
    /// When `read` refuses the value.
    pub(super) fn read<T, E: fmt::Display>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ConfigError> {
        self.get(name)
            .map(|value| read(&value).map_err(|problem| ConfigError::malformed(name, &problem)))
            .transpose()
    }

    /// The kind of machine under this process.
    #[must_use]
    pub fn runtime(&self) -> Runtime {
        // `cargo run`, by which `cargo lambda watch` starts a function, names its package.
        match (self.get("AWS_LAMBDA_RUNTIME_API"), self.get("CARGO_MANIFEST_DIR")) {
            (None, _) => Runtime::Process,
            (Some(_), None) => Runtime::Lambda,
            (Some(_), Some(package)) => Runtime::Watch { workspace: workspace_of(Path::new(&package)) },
        }
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").finish_non_exhaustive()
    }
}

/// The kind of machine under a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// A machine of its own.
    Process,
    /// AWS Lambda.
    Lambda,
    /// `cargo lambda watch`, which starts each function in a process of its own.
    Watch {
        /// The folder with the lock file, which all of them share.
        workspace: PathBuf,
    },
}

impl Runtime {
    /// The path of a variable: a relative one begins at the working directory, but under `cargo lambda watch`
    /// from the workspace, so that all functions find one file.
    #[must_use]
    pub fn resolve(&self, path: &str) -> PathBuf {
        // Many write `file:///var/…`, as in a URL.
        let path = path.strip_prefix("//").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        match self {
            Self::Watch { workspace } => workspace.join(path),
            Self::Process | Self::Lambda => PathBuf::from(path),
        }
    }
}

/// The nearest folder from `package` upwards that holds a lock file, or `package` itself.
fn workspace_of(package: &Path) -> PathBuf {
    package.ancestors().find(|folder| folder.join("Cargo.lock").is_file()).unwrap_or(package).to_owned()
}

/// A malformed variable, which stops the start. It holds nothing of the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, for example {example}", sentence(name, problem))]
pub struct ConfigError {
    name: &'static str,
    problem: String,
    example: &'static str,
}

impl ConfigError {
    pub(crate) fn malformed(name: &'static str, problem: &dyn fmt::Display) -> Self {
        Self {
            name,
            problem: problem.to_string(),
            example: Variable::named(name).map_or("", |variable| variable.example),
        }
    }

    /// The variable.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// The problem as a sentence that begins with the variable.
fn sentence(name: &str, problem: &str) -> String {
    match problem.strip_prefix("it ") {
        Some(rest) => match rest.strip_prefix("has to ") {
            Some(rest) => format!("{name} must {rest}"),
            None => format!("{name} {rest}"),
        },
        None => format!("{name}: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_a_sentence_about_its_variable_with_an_example() {
        let text = |name, problem: &str| ConfigError::malformed(name, &problem).to_string();
        assert_eq!(text("BIND", "it has to be IP:PORT"), "BIND must be IP:PORT, for example 0.0.0.0:5000");
        assert_eq!(
            text("ALEXA_ON_BIND", "it has to be yes or no"),
            "ALEXA_ON_BIND must be yes or no, for example yes"
        );
        assert_eq!(text("DNS_PROVIDER", "it is not set"), "DNS_PROVIDER is not set, for example duckdns");
        let other = text("DOOR_NAME", "its host is a word");
        assert_eq!(other, "DOOR_NAME: its host is a word, for example kitchen-1234.duckdns.org");
    }
}
