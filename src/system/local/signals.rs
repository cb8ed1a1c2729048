//! Signals that ask the helper to end: they interrupt its reading, so that it ends in order, children first.
#![allow(unsafe_code, reason = "signals are handled through libc")]

use std::io;

/// Lets a hangup, an interrupt and a termination interrupt what the main thread reads, instead of killing the process.
///
/// A terminal that is gone hangs up before the input ends: a helper that died of it would leave its children behind. The
/// children themselves start with the default actions: handlers do not outlive `exec`.
pub fn end_in_order() -> io::Result<()> {
    extern "C" fn nothing(_signal: libc::c_int) {}
    let handler: extern "C" fn(libc::c_int) = nothing;
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
        // SAFETY: all zeros is a valid `sigaction`: no flags (so that reading is not resumed) and an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as libc::sighandler_t;
        // SAFETY: `action` lives through the call; the handler does nothing, which is safe in a signal.
        if unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
