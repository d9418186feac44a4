//! own_commands
