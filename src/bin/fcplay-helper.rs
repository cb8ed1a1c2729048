//! The helper's program: speaks with the controller over standard input and output.

use std::io::Write;

fn main() {
    // Any argument is a question whether the program runs here at all.
    if std::env::args_os().nth(1).is_some() {
        let _closed = writeln!(std::io::stdout(), "fcplay-helper {}", env!("CARGO_PKG_VERSION"));
        return;
    }
    // Where signals cannot be handled, they kill: nothing else depends on it.
    let _as_it_was = fcplay::system::end_in_order();
    fcplay::helper::serve(std::io::stdin(), std::io::stdout());
}
