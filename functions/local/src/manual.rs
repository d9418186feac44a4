//! `ma-alexa completions SHELL` and `ma-alexa man`.

use std::io::{Write as _, stdout};

use crate::arguments::NAME;
use crate::command_line;

/// Prints completions of commands and flags.
pub(crate) fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    clap_complete::generate(shell, &mut command_line(), NAME, &mut stdout());
    Ok(stdout().flush()?)
}

/// Prints the manual page.
pub(crate) fn page() -> anyhow::Result<()> {
    Ok(clap_mangen::Man::new(command_line()).render(&mut stdout())?)
}
