//! The keyboard of the terminal, for a task that waits for somebody there: keys come one by one or by the line, and the
//! one that interrupts programs is a key like others meanwhile. The terminal is given back however the wait ends.
#![allow(unsafe_code, reason = "terminals are set through libc")]

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Mutex, PoisonError};

/// What the terminal was like before, with a file of it that stays open until it is given back.
static BEFORE: Mutex<Option<(File, libc::termios)>> = Mutex::new(None);

/// How keys are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keys {
    /// Each at once, unseen.
    Single,
    /// A line at a time, which can be edited; the key that interrupts ends it as well.
    Line {
        /// Whether it can be seen.
        echo: bool,
    },
}

/// The keyboard, until it is dropped.
#[derive(Debug)]
pub struct Keyboard {
    terminal: File,
    interrupt: u8,
}

impl Keyboard {
    /// Takes the keyboard, without what was typed before; nothing when nobody can be asked: standard input is no terminal,
    /// or the program runs in the background.
    pub fn take(keys: Keys) -> io::Result<Option<Self>> {
        if !io::stdin().is_terminal() {
            return Ok(None);
        }
        // A file of its own: that it does not block must not be so for everybody who writes to the terminal.
        let opened = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK)
            .open("/dev/tty");
        let Ok(terminal) = opened else { return Ok(None) };
        // SAFETY: the file is open, and the calls take no pointers.
        if unsafe { libc::tcgetpgrp(terminal.as_raw_fd()) != libc::getpgrp() } {
            return Ok(None);
        }
        let before = mode(&terminal)?;
        *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((terminal.try_clone()?, before));
        let keyboard = Self { terminal, interrupt: before.c_cc[libc::VINTR] };
        keyboard.read_as(keys)?;
        // SAFETY: the file is open, and the call takes no pointers.
        unsafe { libc::tcflush(keyboard.terminal.as_raw_fd(), libc::TCIFLUSH) };
        Ok(Some(keyboard))
    }

    /// Changes how keys are read.
    pub fn read_as(&self, keys: Keys) -> io::Result<()> {
        let mut mode = mode(&self.terminal)?;
        mode.c_lflag &= !(libc::ISIG | libc::ICANON | libc::ECHO);
        mode.c_cc[libc::VMIN] = 1;
        mode.c_cc[libc::VTIME] = 0;
        if let Keys::Line { echo } = keys {
            mode.c_lflag |= libc::ICANON;
            mode.c_cc[libc::VEOL] = self.interrupt;
            mode.c_cc[libc::VEOF] = libc::_POSIX_VDISABLE;
            if echo {
                mode.c_lflag |= libc::ECHO;
            }
        }
        set(&self.terminal, &mode)
    }

    /// Returns the key that interrupts programs at other times.
    pub fn interrupt(&self) -> u8 {
        self.interrupt
    }

    /// Reads what was typed; an error of the kind `WouldBlock` when there is nothing.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut buffer = [0; 4096];
        match (&self.terminal).read(&mut buffer)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            length => Ok(buffer[..length].to_vec()),
        }
    }

    /// Empties the line that the cursor is in.
    pub fn clear_line(&self) {
        let _gone = (&self.terminal).write_all(b"\r\x1b[K");
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        give_back_keyboard();
    }
}

/// Makes the terminal what it was before; called as well where the program ends without further ado.
pub fn give_back_keyboard() {
    // Whoever holds the lock is about to do the same.
    let Ok(mut before) = BEFORE.try_lock() else { return };
    if let Some((terminal, mode)) = before.take() {
        let _gone = set(&terminal, &mode);
    }
}

fn mode(terminal: &File) -> io::Result<libc::termios> {
    // SAFETY: all zeros is a valid `termios`, and it lives through the call.
    unsafe {
        let mut mode: libc::termios = std::mem::zeroed();
        if libc::tcgetattr(terminal.as_raw_fd(), &raw mut mode) < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(mode)
    }
}

fn set(terminal: &File, mode: &libc::termios) -> io::Result<()> {
    // SAFETY: the mode lives through the call.
    if unsafe { libc::tcsetattr(terminal.as_raw_fd(), libc::TCSADRAIN, &raw const *mode) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
