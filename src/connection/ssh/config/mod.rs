//! The OpenSSH client configuration: `~/.ssh/config`, `/etc/ssh/ssh_config`, and ssh's own command line words as they
//! stand in `ansible_ssh_common_args`.
//!
//! The first value of an option wins, so the order is: the command line, the user's file, the machine's file. `Host` and
//! `Match` blocks switch the lines after them on or off; an `Include` inside a block belongs to the block. What we do not
//! act on is either harmless for us (multiplexing, X11, …: silent) or becomes a warning.

mod apply;
mod file;
mod lexer;
mod options;
mod tokens;
mod words;

pub(super) use apply::{Query, Source};
pub use file::BadConfig;
pub(super) use options::{Family, Options, Strict};
pub(super) use tokens::Tokens;
pub use words::shell_words;
