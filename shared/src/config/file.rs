//! A file of variables, a line for each.

use std::collections::BTreeMap;
use std::fmt;

use super::variable::Variable;

/// Most bytes of such a file.
pub const MAX_ENV_FILE: usize = 64 * 1024;

/// Variables of a file, in lines `NAME=value`. Blank lines and those that begin with `#` count for nothing; a value may
/// be in single or double quotes. `Debug` prints no value.
#[derive(Default)]
pub struct EnvFile(BTreeMap<&'static str, String>);

/// The rule that a line breaks. It holds nothing of a value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct EnvFileError {
    /// The number of the line, from 1.
    pub line: usize,
    /// The rule.
    pub problem: EnvFileProblem,
}

/// A rule of the lines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvFileProblem {
    /// It has no equals sign behind a name.
    #[error("a line has to be NAME=value, for example BIND=0.0.0.0:5000")]
    NoPair,
    /// No variable has this name.
    #[error("{0} is not a variable; `ma-alexa --help` lists them")]
    Unknown(String),
    /// An earlier line has the same variable.
    #[error("{0} is there twice; remove one of the lines")]
    Twice(&'static str),
    /// A quotation mark is missing.
    #[error("the value of {0} begins with a quotation mark and does not end with it")]
    Quotes(&'static str),
}

impl EnvFile {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// At the first line that is no variable of ours.
    pub fn parse(text: &str) -> Result<Self, EnvFileError> {
        let mut values = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let read = pair(line).and_then(|pair| {
                let Some((name, value)) = pair else { return Ok(()) };
                let earlier = values.insert(name, value);
                earlier.map_or(Ok(()), |_| Err(EnvFileProblem::Twice(name)))
            });
            read.map_err(|problem| EnvFileError { line: index + 1, problem })?;
        }
        Ok(Self(values))
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl fmt::Debug for EnvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// The variable and value of a line; none where it is blank or a comment.
fn pair(line: &str) -> Result<Option<(&'static str, String)>, EnvFileProblem> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (name, value) = line.split_once('=').ok_or(EnvFileProblem::NoPair)?;
    let name = name.trim();
    let Some(variable) = Variable::named(name) else {
        // What is no name may be half of a secret.
        let is_name =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b"_0123456789".contains(&b));
        let is_name = is_name && name.len() <= 64;
        return Err(if is_name { EnvFileProblem::Unknown(name.to_owned()) } else { EnvFileProblem::NoPair });
    };
    let value = unquoted(value.trim()).ok_or(EnvFileProblem::Quotes(variable.name))?;
    Ok(Some((variable.name, value.to_owned())))
}

/// The value without the quotation marks around it; none where the second one is missing.
fn unquoted(value: &str) -> Option<&str> {
    let Some(mark) = value.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        return Some(value);
    };
    value[1..].strip_suffix(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> (usize, EnvFileProblem) {
        let error = EnvFile::parse(text).unwrap_err();
        (error.line, error.problem)
    }

    #[test]
    fn a_line_is_a_variable_with_its_value() {
        let text = "# mine\n\nBIND=0.0.0.0:5000\r\n LOCALE = de-DE \nINVOCATION_NAME='my music'\nAPI_PASSWORD=\"a=b # c\"\n";
        let file = EnvFile::parse(text).unwrap();
        let values =
            ["BIND", "LOCALE", "INVOCATION_NAME", "API_PASSWORD", "STORE_URL"].map(|name| file.get(name));
        let expected = [Some("0.0.0.0:5000"), Some("de-DE"), Some("my music"), Some("a=b # c"), None];
        assert_eq!(values, expected);
        assert!(!format!("{file:?}").contains("a=b"), "a secret is printed");
    }

    #[test]
    fn a_line_that_is_no_variable_is_refused_by_its_number() {
        assert_eq!(problem("BIND=0.0.0.0:5000\nBINND=1"), (2, EnvFileProblem::Unknown("BINND".to_owned())));
        assert_eq!(problem("\n\nBIND"), (3, EnvFileProblem::NoPair));
        assert_eq!(problem("BIND=\"0.0.0.0:5000"), (1, EnvFileProblem::Quotes("BIND")));
        assert_eq!(problem("BIND='"), (1, EnvFileProblem::Quotes("BIND")));
        assert_eq!(problem("LOCALE=de-DE\nLOCALE=en-US"), (2, EnvFileProblem::Twice("LOCALE")));
    }

    #[test]
    fn an_error_repeats_no_part_of_a_value() {
        for text in ["my-secret-password", "my-secret: password=x", "API_PASSWORD='my-secret-password"] {
            let error = EnvFile::parse(text).unwrap_err();
            assert!(!error.to_string().contains("my-secret"), "{error}");
        }
    }
}
