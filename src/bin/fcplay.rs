//! The command.

fn main() -> std::process::ExitCode {
    fcplay::cli::main()
}
