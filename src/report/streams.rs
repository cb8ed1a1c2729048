//! Where reports go. Nobody reading any more is not a reporter's business: what cannot be written is dropped.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// A place for text.
pub type Out = Box<dyn Write + Send>;

/// The two places of a report.
pub struct Streams {
    /// Standard output.
    pub out: Out,
    /// Standard error.
    pub err: Out,
}

/// A place that several reports write to.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Out>>);

impl Shared {
    /// Returns the place.
    pub(super) fn new(out: Out) -> Self {
        Self(Arc::new(Mutex::new(out)))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

/// Writes a text and hands it on at once.
pub(super) fn put(out: &mut Out, text: &str) {
    let _nobody_reads = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Puts something in front of each line.
pub(super) struct Stamped<F> {
    out: Out,
    stamp: F,
    inside: bool,
}

impl<F: FnMut() -> String + Send> Stamped<F> {
    /// Returns a place that puts what `stamp` returns in front of each line.
    pub(super) fn new(out: Out, stamp: F) -> Self {
        Self { out, stamp, inside: false }
    }
}

impl<F: FnMut() -> String + Send> Write for Stamped<F> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if !self.inside && part != b"\n" {
                self.out.write_all((self.stamp)().as_bytes())?;
            }
            self.out.write_all(part)?;
            self.inside = !part.ends_with(b"\n");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Returns the time of day.
pub(super) fn time_of_day() -> String {
    jiff::Zoned::now().strftime("%H:%M:%S ").to_string()
}

/// Returns what stands in front of the lines of a log, in the form that Ansible gives it.
pub(super) fn log_stamp() -> String {
    let now = jiff::Zoned::now();
    let process = std::process::id();
    format!("{},{:03} p={process} n=fcplay INFO| ", now.strftime("%F %T"), now.millisecond())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A place that keeps what it gets.
    #[derive(Clone, Default)]
    pub(in crate::report) struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Kept {
        /// Takes the text out.
        pub(in crate::report) fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
        }

        /// Returns both streams of a report, into this place.
        pub(in crate::report) fn streams(&self) -> Streams {
            Streams { out: Box::new(self.clone()), err: Box::new(self.clone()) }
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_but_empty_ones_is_stamped() {
        let kept = Kept::default();
        let mut stamped = Stamped::new(Box::new(kept.clone()), || "12:00 ".to_owned());
        write!(stamped, "a").unwrap();
        write!(stamped, "b\n\nc\n").unwrap();
        assert_eq!(kept.take(), "12:00 ab\n\n12:00 c\n");
    }
}
