//! Where a content comes from: the controller, or a file of the host.

use std::cell::RefCell;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::module::{Blobs, Failure, Job, Watcher};
use crate::system::{Digest, Digester, Look, Meta};

/// Contents above this size tell how far they are, in bytes.
const LARGE: u64 = 8 * 1024 * 1024;

/// A content.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The controller holds it.
    Blob(usize),
    /// It is a file of the host.
    File(PathBuf, Meta),
}

/// What a source needs of a job, without the job.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    look: &'a dyn Look,
    blobs: &'a dyn Blobs,
    watcher: &'a dyn Watcher,
}

impl<'a> Means<'a> {
    pub(super) fn of(job: &Job<'a>) -> Self {
        Self { look: job.look(), blobs: job.blobs(), watcher: job.watcher() }
    }
}

impl Source {
    pub(super) fn size(&self, means: Means<'_>) -> u64 {
        match self {
            Self::Blob(index) => means.blobs.size(*index),
            Self::File(_, meta) => meta.size,
        }
    }

    /// Returns the mode of a file of the host.
    pub(super) fn mode(&self) -> Option<u32> {
        match self {
            Self::Blob(_) => None,
            Self::File(_, meta) => Some(meta.mode),
        }
    }

    pub(super) fn sha1(&self, means: Means<'_>) -> Result<String, Failure> {
        match self {
            Self::Blob(index) => means.blobs.sha1(*index),
            Self::File(path, _) => Ok(means.look.digest(path, Digest::Sha1)?),
        }
    }

    /// Returns the digest when a file has this content: by size, then by digest.
    pub(super) fn is_in(
        &self,
        path: &Path,
        meta: Option<&Meta>,
        means: Means<'_>,
    ) -> Result<Option<String>, Failure> {
        if !meta.is_some_and(|meta| meta.is_file() && meta.size == self.size(means)) {
            return Ok(None);
        }
        // Whoever may not read a file may still replace it.
        let Ok(here) = means.look.digest(path, Digest::Sha1) else { return Ok(None) };
        Ok(Some(here.clone()).filter(|_| self.sha1(means).is_ok_and(|there| there == here)))
    }

    /// Returns a reader that tells how far it is when there is much.
    pub(super) fn open<'a>(
        &self,
        shown: &Path,
        means: Means<'a>,
    ) -> Result<Box<dyn Read + 'a>, Failure> {
        let stream: Box<dyn Read + 'a> = match self {
            Self::Blob(index) => means.blobs.open(*index)?,
            Self::File(path, _) => means.look.open(path)?,
        };
        let size = self.size(means);
        if size < LARGE {
            return Ok(stream);
        }
        let what = shown.to_string_lossy().into_owned();
        Ok(Box::new(Told { stream, watcher: means.watcher, what, done: 0, told: 0, size }))
    }

    pub(super) fn read(&self, shown: &Path, means: Means<'_>) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        self.open(shown, means)?.read_to_end(&mut bytes).map_err(|error| {
            Failure::new(format!("the content of `{}` broke off: {error}", shown.display()))
        })?;
        Ok(bytes)
    }
}

/// Digests what is read, so that a file need not be read again to tell its SHA-1.
pub(super) struct Summed<'a> {
    stream: Box<dyn Read + 'a>,
    sum: Rc<RefCell<Digester>>,
}

impl<'a> Summed<'a> {
    pub(super) fn new(stream: Box<dyn Read + 'a>, sum: &Rc<RefCell<Digester>>) -> Self {
        Self { stream, sum: Rc::clone(sum) }
    }
}

impl Read for Summed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.sum.borrow_mut().update(&buffer[..length]);
        Ok(length)
    }
}

/// Tells how far reading is, every few megabytes.
struct Told<'a> {
    stream: Box<dyn Read + 'a>,
    watcher: &'a dyn Watcher,
    what: String,
    done: u64,
    told: u64,
    size: u64,
}

impl Read for Told<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.stream.read(buffer)?;
        self.done += length as u64;
        if self.done - self.told >= LARGE / 2 || (length == 0 && self.told < self.done) {
            self.told = self.done;
            self.watcher.progress(&self.what, self.done, self.size);
        }
        Ok(length)
    }
}
