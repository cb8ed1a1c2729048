//! Compiled text: kept in lazy values themselves, and in the engine for conditions and files.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use super::ir::{Origin, Program};
use super::parse::{self, Backslashes, Reading};
use super::{Engine, Error, RenderOptions, Source, header};
use crate::base::{Lazy, LazyKind, Position, SourceFile, Value};

/// Programs that the engine keeps; more than any playbook has.
const MOST: usize = 50_000;

/// What lazy text is compiled to.
#[derive(Debug)]
pub(super) enum Compiled {
    /// It cannot be.
    Failed(Error),
    /// It is no template.
    Plain(Value),
    /// It is one.
    Program(Arc<Program>),
}

impl Compiled {
    /// What stands in for something another layer put into a lazy value.
    pub(super) const UNKNOWN: Self = Self::Plain(Value::Null);
}

/// Compiles lazy text.
pub(super) fn compile(lazy: &Lazy, decrypt: &dyn Fn(&str) -> Result<Vec<u8>, String>) -> Compiled {
    let result = match lazy.kind() {
        LazyKind::Template => template(lazy.source(), lazy.at()),
        LazyKind::Vault => decrypt(lazy.source())
            .and_then(|bytes| {
                String::from_utf8(bytes).map_err(|_| "the decrypted text is not UTF-8".to_owned())
            })
            .map_err(|reason| {
                let mut error = Error::invalid(reason);
                error.0.placed = true;
                error.0.at = lazy.at().clone();
                error
            })
            // What was encrypted is data: templates in it stay as they are.
            .map(|text| Compiled::Plain(Value::secret(text))),
    };
    result.unwrap_or_else(Compiled::Failed)
}

fn template(text: &str, at: &Position) -> Result<Compiled, Error> {
    if !Engine::is_template(text) {
        return Ok(Compiled::Plain(Value::text(text)));
    }
    let defaults = RenderOptions { keep_trailing_newline: false, ..RenderOptions::default() };
    let (options, start) = header::split(text, &defaults)?;
    let reading = Reading { options: &options, backslashes: Backslashes::Keep };
    parse::template(&text[start..], Origin::Scalar(at.clone()), &reading).map(Compiled::Program)
}

/// Programs of texts that have no lazy value to stay in.
#[derive(Default)]
pub(super) struct Programs(RwLock<HashMap<u64, (Key, Arc<Program>)>>);

/// What a program was made of.
struct Key {
    text: Arc<str>,
    path: String,
    place: (u32, u32),
    /// How a file was read; nothing for expressions.
    options: String,
}

impl Programs {
    /// Returns the program of an expression.
    pub(super) fn expression(&self, text: &str, at: &Position) -> Result<Arc<Program>, Error> {
        let place = (at.line, at.column);
        self.known(text, (&at.file.path, place, ""), || {
            parse::expression(text, Origin::Scalar(at.clone()))
        })
    }

    /// Returns the program of text that is a template, as it stands in a condition.
    pub(super) fn template(&self, text: &str, at: &Position) -> Result<Arc<Program>, Error> {
        let place = (at.line, at.column);
        self.known(text, (&at.file.path, place, "{{"), || {
            let options =
                RenderOptions { keep_trailing_newline: false, ..RenderOptions::default() };
            let reading = Reading { options: &options, backslashes: Backslashes::Read };
            parse::template(text, Origin::Scalar(at.clone()), &reading)
        })
    }

    /// Returns the program of a template file.
    pub(super) fn file(
        &self,
        source: &Source,
        options: &RenderOptions,
    ) -> Result<Arc<Program>, Error> {
        let described = describe(options);
        self.known(&source.text, (&source.path, (0, 0), &described), || {
            let (_, start) = header::split(&source.text, options)?;
            let line = if start == 0 { 1 } else { 2 };
            let file = SourceFile::new(source.path.clone(), &*source.text);
            let at = Position::new(&file, line, 1);
            // The newlines at the end are given back by the evaluator: a statement there must not eat them.
            let options = &RenderOptions { keep_trailing_newline: false, ..options.clone() };
            let reading = Reading { options, backslashes: Backslashes::Read };
            parse::template(&source.text[start..], Origin::File(at), &reading)
        })
    }

    fn known(
        &self,
        text: &str,
        (path, place, options): (&str, (u32, u32), &str),
        make: impl FnOnce() -> Result<Arc<Program>, Error>,
    ) -> Result<Arc<Program>, Error> {
        let mut hasher = DefaultHasher::new();
        (text, path, place, options).hash(&mut hasher);
        let hash = hasher.finish();
        let programs = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((key, program)) = programs.get(&hash)
            && *key.text == *text
            && key.path == path
            && key.place == place
            && key.options == options
        {
            return Ok(Arc::clone(program));
        }
        drop(programs);
        let program = make()?;
        let key = Key {
            text: Arc::from(text),
            path: path.to_owned(),
            place,
            options: options.to_owned(),
        };
        let mut programs = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if programs.len() >= MOST {
            programs.clear();
        }
        programs.insert(hash, (key, Arc::clone(&program)));
        Ok(program)
    }
}

/// Returns what tells two ways of reading a file apart.
fn describe(options: &RenderOptions) -> String {
    let RenderOptions {
        delimiters,
        trim_blocks,
        lstrip_blocks,
        keep_trailing_newline,
        newline_sequence,
        search: _,
    } = options;
    format!("{trim_blocks}{lstrip_blocks}{keep_trailing_newline}{newline_sequence:?}{delimiters:?}")
}
