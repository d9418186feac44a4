//! `ma-alexa completions SHELL` and `ma-alexa man`.

use std::io::stdout;

use crate::arguments::NAME;
use crate::command_line;

/// Prints completions of commands and flags.
#[expect(clippy::unnecessary_wraps, reason = "as every command")]
pub(crate) fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    clap_complete::generate(shell, &mut command_line(), NAME, &mut stdout());
    Ok(())
}

/// Prints the manual page.
pub(crate) fn page() -> anyhow::Result<()> {
    Ok(clap_mangen::Man::new(command_line()).render(&mut stdout())?)
}
