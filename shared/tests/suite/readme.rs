//! The README says what the code says.

use std::fmt::Write as _;

use ma_alexa::config::VARIABLES;
use ma_alexa::voice::start_table;

#[expect(clippy::unwrap_used, reason = "without a README there is nothing to hold")]
fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap()
}

#[test]
fn every_variable_stands_in_the_readme() {
    let mut table = String::from("| variable | default | |\n|---|---|---|\n");
    for variable in VARIABLES {
        writeln!(table, "| `{}` | {} | {} |", variable.name, variable.default, variable.meaning).unwrap();
    }
    assert!(readme().contains(&table), "the README's table of variables has to be:\n{table}");
}

#[test]
fn what_music_assistant_says_stands_in_the_readme() {
    let table = start_table();
    assert!(readme().contains(table.trim()), "the README's table of locales has to be:\n{table}");
}
