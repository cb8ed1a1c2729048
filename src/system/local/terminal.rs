//! A terminal for a program that asks for one: `su` and `sudo` with `requiretty` read a password from nothing else.
#![allow(unsafe_code, reason = "terminals are made through libc")]

use std::ffi::CStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Lets a program start at the far end of a new terminal, as the leader of a session of its own, and returns the near
/// end, which does not block. The terminal changes no byte and echoes none.
///
/// The far end is open as long as `command` is: drop it once the program runs, or the near end never sees the end.
pub fn on_terminal(command: &mut Command) -> io::Result<File> {
    let near = near()?;
    let far = far(&near)?;
    make_raw(&far)?;
    command.stdin(far.try_clone()?).stdout(far.try_clone()?).stderr(far);
    // SAFETY: both calls may be made between fork and exec, and touch nothing but the new process.
    unsafe {
        command.pre_exec(|| {
            if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
    Ok(near)
}

fn near() -> io::Result<File> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC | libc::O_NONBLOCK;
    // SAFETY: the call takes no pointers.
    let number = unsafe { libc::posix_openpt(flags) };
    if number < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the number is that of a file that was opened just now and belongs to nobody else.
    let near = unsafe { File::from_raw_fd(number) };
    // SAFETY: the file is open.
    if unsafe { libc::grantpt(number) < 0 || libc::unlockpt(number) < 0 } {
        return Err(io::Error::last_os_error());
    }
    Ok(near)
}

fn far(near: &File) -> io::Result<File> {
    let mut name = [0_u8; 64];
    // SAFETY: the buffer is as long as is said, and lives through the call.
    let code = unsafe { libc::ptsname_r(near.as_raw_fd(), name.as_mut_ptr().cast(), name.len()) };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code));
    }
    let name = CStr::from_bytes_until_nul(&name).map_err(io::Error::other)?;
    let path = Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
    OpenOptions::new().read(true).write(true).custom_flags(libc::O_NOCTTY).open(path)
}

fn make_raw(terminal: &File) -> io::Result<()> {
    // SAFETY: all zeros is a valid `termios`, and it lives through all three calls.
    unsafe {
        let mut mode: libc::termios = std::mem::zeroed();
        if libc::tcgetattr(terminal.as_raw_fd(), &raw mut mode) < 0 {
            return Err(io::Error::last_os_error());
        }
        libc::cfmakeraw(&raw mut mode);
        if libc::tcsetattr(terminal.as_raw_fd(), libc::TCSANOW, &raw const mode) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// Reads until the far end is closed, which is an error of the terminal.
    fn heard(near: &mut File) -> String {
        let mut all = Vec::new();
        let mut buffer = [0; 256];
        loop {
            match near.read(&mut buffer) {
                Ok(length @ 1..) => all.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                Ok(0) | Err(_) => return String::from_utf8(all).unwrap(),
            }
        }
    }

    #[test]
    fn the_program_leads_a_session_with_a_terminal() {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "tty >/dev/null && echo yes >/dev/tty; ps -o sid= -p $$; echo $$"]);
        let mut near = on_terminal(&mut command).unwrap();
        let mut child = command.spawn().unwrap();
        drop(command);
        let text = heard(&mut near);
        let words: Vec<&str> = text.split_whitespace().collect();
        assert!(child.wait().unwrap().success());
        let own = child.id().to_string();
        // No carriage returns: nothing is changed on the way.
        assert!(!text.contains('\r'), "{text:?}");
        assert_eq!(words, ["yes", &own, &own]);
    }
}
