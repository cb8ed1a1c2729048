//! The door of the folder: resolves values, evaluates conditions and expressions, renders template files.
//!
//! An [`Engine`] is cheap to clone and shared by all hosts; nothing of one evaluation stays in it but compiled text.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::compile::{Programs, compile};
use super::eval::{Eval, Run, Shared};
use super::ir::Program;
use super::{Error, RenderOptions, Scope, Source, check, condition, header, stack};
use crate::base::{Lazy, Mistake, Position, Text, Value};

pub(super) use super::compile::Compiled;

/// What the rest of the controller does for templates.
pub trait Services: Send + Sync {
    /// Decrypts a vault envelope (`$ANSIBLE_VAULT;…`), or says why it cannot.
    fn decrypt(&self, envelope: &str) -> Result<Vec<u8>, String>;

    /// Encrypts text with the first vault password of the run, or says why it cannot.
    fn encrypt(&self, plain: &str) -> Result<String, String>;

    /// Returns the current time, for `now()`.
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    /// Reads a template for `include`, `import` and `extends`; nothing when there is no such file.
    fn read(&self, path: &Path) -> Result<Option<String>, String>;

    /// Tells the user about something that is no failure (`lookup(…, errors='warn')`).
    fn warn(&self, message: &str) {
        let _ = message;
    }
}

/// What a condition whose value is not a boolean does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BrokenConditions {
    /// It is an error, as in Ansible 2.19.
    #[default]
    Refuse,
    /// Its truth counts, as `ALLOW_BROKEN_CONDITIONALS` wishes.
    Allow,
}

/// What the configuration and the controller give to an engine.
pub struct Settings {
    /// What the controller does for templates.
    pub services: Arc<dyn Services>,
    /// What a condition whose value is not a boolean does.
    pub broken_conditions: BrokenConditions,
}

/// Which text [`Engine::check`] reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TextKind {
    /// Text with templates in it.
    Template,
    /// An expression, as in `when`; templates inside are read too.
    Condition,
}

/// The template engine.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    programs: Programs,
}

impl Engine {
    /// Returns an engine.
    pub fn new(settings: Settings) -> Self {
        Self { inner: Arc::new(Inner { settings, programs: Programs::default() }) }
    }

    /// Returns the value with everything lazy below it resolved. A template that is one `{{ … }}` keeps the type of its
    /// value, any other gives text. Something undefined is an error; `omit` stays (see [`super::is_omit`]) when it is
    /// the value itself, and leaves the list or dictionary it stands in.
    pub fn resolve(&self, value: &Value, scope: &Arc<dyn Scope>) -> Result<Value, Error> {
        if value.is_final() && !matches!(value, Value::Object(_)) {
            return Ok(value.clone());
        }
        let _entered = stack::enter();
        let shared = Shared::default();
        Run::new(self, scope, &shared).resolved(value)
    }

    /// Returns the value itself resolved; what is inside of it may still be lazy.
    pub fn opened(&self, value: &Value, scope: &Arc<dyn Scope>) -> Result<Value, Error> {
        let _entered = stack::enter();
        let shared = Shared::default();
        Run::new(self, scope, &shared).top(value.clone())
    }

    /// Returns what a condition (`when`, `until`, `changed_when`, `failed_when`, `that`) says: a boolean, or text that
    /// is an expression. `at` is where it stands, for text that does not know it itself.
    pub fn condition(
        &self,
        condition: &Value,
        at: &Position,
        scope: &Arc<dyn Scope>,
    ) -> Result<bool, Error> {
        let _entered = stack::enter();
        condition::evaluate(self, condition, at, scope)
    }

    /// Returns the value of an expression without braces around it (`--extra`, `debug: var=`, `loop` of a bare name).
    pub fn expression(
        &self,
        text: &str,
        at: &Position,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value, Error> {
        let _entered = stack::enter();
        let program = self.inner.programs.expression(text, at)?;
        self.evaluate(&program, scope)
    }

    /// Renders a template file. A first line `#jinja2: key: value, …` overrides the options.
    pub fn render(
        &self,
        source: &Source,
        options: &RenderOptions,
        scope: &Arc<dyn Scope>,
    ) -> Result<Text, Error> {
        let _entered = stack::enter();
        if !header::is_template(&source.text, options) {
            return Ok(Text::plain(Arc::clone(&source.text)));
        }
        let ending = options.keep_trailing_newline;
        let (options, _) = header::split(&source.text, options)?;
        let program = self.inner.programs.file(source, &options)?;
        let newline = if ending { options.newline_sequence.clone() } else { String::new() };
        let folder = Path::new(&source.path).parent().unwrap_or(Path::new("")).to_path_buf();
        let shared = Shared::for_file(options, folder);
        let run = Run::new(self, scope, &shared);
        let (chars, secret) = Eval::file(run, &program, &newline)?;
        Ok(if secret { Text::secret(chars) } else { Text::plain(chars) })
    }

    /// Returns whether text has anything of a template in it, so that it must become [`Value::Lazy`].
    pub fn is_template(text: &str) -> bool {
        crate::yaml::is_template(text)
    }

    /// Returns the mistakes that can be seen without evaluating: syntax, unknown filters, tests and lookups.
    pub fn check(&self, text: &str, at: &Position, kind: TextKind) -> Vec<Mistake> {
        let _entered = stack::enter();
        let program = match kind {
            TextKind::Condition => condition::program(self, text, at),
            TextKind::Template => {
                match compile(&Lazy::template(text, at.clone()), &|_| Ok(Vec::new())) {
                    Compiled::Program(program) => Ok(program),
                    Compiled::Plain(_) => return Vec::new(),
                    Compiled::Failed(error) => Err(error),
                }
            }
        };
        match program {
            Ok(program) => check::mistakes(&program),
            Err(error) => vec![error.mistake()],
        }
    }

    /// Returns the mistakes of a template file.
    pub fn check_source(&self, source: &Source, options: &RenderOptions) -> Vec<Mistake> {
        let _entered = stack::enter();
        match self.file_program(source, options) {
            Ok(program) => check::mistakes(&program),
            Err(error) => vec![error.mistake()],
        }
    }

    /// Returns the value of a program as it leaves the folder.
    pub(super) fn evaluate(
        &self,
        program: &Arc<Program>,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value, Error> {
        let shared = Shared::default();
        let run = Run::new(self, scope, &shared);
        let value = Eval::expression(run, program)?;
        run.resolved(&value)
    }

    pub(super) fn services(&self) -> &dyn Services {
        &*self.inner.settings.services
    }

    pub(super) fn broken_conditions(&self) -> BrokenConditions {
        self.inner.settings.broken_conditions
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.inner.programs
    }

    /// Compiles a template file, its first line included.
    pub(super) fn file_program(
        &self,
        source: &Source,
        options: &RenderOptions,
    ) -> Result<Arc<Program>, Error> {
        let (options, _) = header::split(&source.text, options)?;
        self.inner.programs.file(source, &options)
    }

    /// Returns the compiled form of lazy text, made once.
    pub(super) fn compiled<'l>(&self, lazy: &'l Lazy) -> &'l Compiled {
        let decrypt = |envelope: &str| self.services().decrypt(envelope);
        let compiled = lazy.compiled(|| Arc::new(compile(lazy, &decrypt)));
        compiled.downcast_ref().unwrap_or(&Compiled::UNKNOWN)
    }
}
