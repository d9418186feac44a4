//! A variable, as the table of all has it.

/// A variable that the functions read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value when it is unset, or where the value then comes from.
    pub default: &'static str,
    /// Its meaning, for people.
    pub meaning: &'static str,
    /// A value that is well-formed.
    pub example: &'static str,
    /// Whether its value is a secret, which no command line may hold: other users of the machine see those.
    pub is_secret: bool,
}

/// A variable whose value may be shown.
pub(super) const fn variable(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, default, meaning, example, is_secret: false }
}

/// A variable whose value is a secret.
pub(super) const fn secret(
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, default, meaning, example, is_secret: true }
}
