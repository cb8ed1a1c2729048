//! Frames between controller and helper: bytes give messages or are refused; a message is written as it was read.

use fcplay::protocol::{FromHelper, ToHelper, Wire, decode, read, write};

/// Takes one input.
pub(crate) fn run(data: &[u8]) {
    both::<ToHelper>(data);
    both::<FromHelper>(data);
}

fn both<T: Wire + std::fmt::Debug>(data: &[u8]) {
    let _ = read::<T>(&mut &data[..]);
    let Ok(message) = decode::<T>(data) else { return };
    let frame = write(&message);
    let again = read::<T>(&mut frame.as_slice()).expect("what we write can be read");
    assert_eq!(format!("{again:?}"), format!("{message:?}"));
}
