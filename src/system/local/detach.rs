//! This program again, as a process that outlives it: for jobs in the background.
#![allow(unsafe_code, reason = "a session of its own needs libc")]

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Starts this program again with other arguments, in a session of its own and with nothing that belongs to ours; it
/// reads `input` and nothing more. A terminal or a connection that ends does not end it.
pub fn detach(args: &[&str], input: &[u8]) -> io::Result<()> {
    // The file may be gone or replaced; this is what runs.
    let mut command = Command::new("/proc/self/exe");
    command.arg0("fcplay-helper").args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: `setsid` may be called between fork and exec; the new process leads no group yet, so it does not fail.
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            Ok(())
        });
    }
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input)?;
    }
    // While we live we are its parent; one that has ended is not to be left over.
    std::thread::spawn(move || child.wait());
    Ok(())
}
