//! The helper's program: speaks with the controller over standard input and output.

fn main() {
    fcplay::helper::serve(std::io::stdin(), std::io::stdout());
}
