//! `ma-alexa`: Music Assistant for Alexa, as one process.

fn main() -> std::process::ExitCode {
    ma_alexa_terminal::main()
}
