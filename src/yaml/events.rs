//! libyaml's events, with what has to be said about its input: a last line without newline, characters it cannot take,
//! and panics, which become mistakes.

use std::cell::Cell;
use std::io::{Chain, Read};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Once};

use libyaml_safer::{Event, EventData, Mark, Parser, ScalarStyle};

use super::hint;
use crate::base::{Mistake, Position, SourceFile};

/// What ends a line in YAML 1.1; `\r\n` ends one line.
const BREAKS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// What is said where the parser gives up.
pub(super) const GIVEN_UP: &str = "this is not valid YAML";

/// The events of a text.
pub(super) struct Events<'t> {
    parser: Parser<Chain<&'t [u8], &'static [u8]>>,
    text: &'t str,
    file: Arc<SourceFile>,
    ended: bool,
    last: Mark,
}

impl<'t> Events<'t> {
    pub(super) fn new(text: &'t str, file: &Arc<SourceFile>) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // Without a newline at the end the parser panics inside block scalars.
        let ended = text.ends_with(BREAKS);
        let more: &'static [u8] = if ended { b"" } else { b"\n" };
        let mut parser = Parser::new();
        parser.set_encoding(libyaml_safer::Encoding::Utf8);
        parser.set_input(text.as_bytes().chain(more));
        Self { parser, text, file: Arc::clone(file), ended, last: Mark::default() }
    }

    /// Returns the next event.
    pub(super) fn next(&mut self) -> Result<Event, Mistake> {
        let parser = &mut self.parser;
        let mut event = match contain(|| parser.parse()) {
            Some(Ok(event)) => event,
            Some(Err(error)) => return Err(hint::mistake(&error, self.text, &self.file)),
            None => {
                return Err(Mistake::new(GIVEN_UP, &place(&self.file, self.last))
                    .hint("check quotes, brackets and tags (`!`) on this line"));
            }
        };
        self.last = event.start_mark;
        if !self.ended
            && let EventData::Scalar {
                value,
                style: ScalarStyle::Literal | ScalarStyle::Folded,
                ..
            } = &mut event.data
        {
            self.drop_added_newline(value, event.end_mark);
        }
        Ok(event)
    }

    /// Takes the newline away again that was added behind a block scalar at the end of the text.
    fn drop_added_newline(&self, value: &mut String, end: Mark) {
        let tail = self.text.rsplit(BREAKS).next().unwrap_or_default();
        let lines = self.text.matches(BREAKS).count() - self.text.matches("\r\n").count();
        if (end.line as usize) < lines + 1 || !value.ends_with('\n') {
            return;
        }
        let blank = tail.chars().all(|c| c == ' ');
        let mut endings = value.rsplit('\n').skip(1);
        let last_line = endings.next().unwrap_or_default();
        // Blanks of the last line are content where they go beyond the indentation, which is one blank at least.
        let is_content = last_line.is_empty()
            || last_line.len() < tail.len() && last_line.chars().all(|c| c == ' ');
        if !blank || is_content {
            value.pop();
        }
    }
}

/// Returns the place of a mark.
pub(super) fn place(file: &Arc<SourceFile>, mark: Mark) -> Position {
    let count = |number: u64| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Position::new(file, count(mark.line), count(mark.column))
}

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs a call of the parser; nothing when it panicked, which two known inputs make it do. Prints nothing then.
fn contain<T>(call: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CONTAINED.get() {
                before(info);
            }
        }));
    });
    CONTAINED.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    CONTAINED.set(false);
    result.ok()
}
