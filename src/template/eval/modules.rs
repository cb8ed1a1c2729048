//! Other template files: `include`, `import`, and text rendered with more variables.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use super::objects::Imported;
use super::output::Output;
use super::run::{Run, Use, too_deep};
use super::{Eval, Module, Names};
use crate::base::{Map, Value};
use crate::template::ir::{FromImport, Import, Include, Program, Sight};
use crate::template::undefined::undefined;
use crate::template::{Error, ErrorKind, RenderOptions, Scope, Source, stack};

/// A scope without variables, for templates imported without context.
static NOTHING: LazyLock<Arc<dyn Scope>> = LazyLock::new(|| Arc::new(Map::new()));

/// A scope with more variables on top.
struct Overlay {
    below: Arc<dyn Scope>,
    more: Map,
}

impl Scope for Overlay {
    fn get(&self, name: &str) -> Option<Value> {
        self.more.get(name).cloned().or_else(|| self.below.get(name))
    }

    fn names(&self) -> Vec<Arc<str>> {
        let mut names = Scope::names(&self.more);
        names.extend(self.below.names().into_iter().filter(|name| !self.more.contains_key(name)));
        names
    }
}

/// Renders text as a template with more variables on top.
pub(super) fn render(run: &Run<'_>, source: &str, path: &str, more: &Map) -> Result<Value, Error> {
    if stack::is_exhausted() {
        return Err(too_deep());
    }
    let options = RenderOptions::default();
    let source = Source { text: Arc::from(source), path: path.to_owned() };
    let program = run.engine.file_program(&source, &options)?;
    let scope: Arc<dyn Scope> = if more.is_empty() {
        Arc::clone(run.scope)
    } else {
        Arc::new(Overlay { below: Arc::clone(run.scope), more: more.clone() })
    };
    let inner = run.within(&scope);
    let value = Eval::template(inner, &program)?;
    inner.finalize(&value, Use::Print)
}

impl<'r> Eval<'r> {
    pub(super) fn include(&mut self, include: &'r Include, out: &mut Output) -> Result<(), Error> {
        let name = self.used(&include.name)?;
        let program = match self.load(&name) {
            Err(error) if include.ignore_missing && is_missing(&error) => return Ok(()),
            other => other.map_err(|error| self.at(error, include.span))?,
        };
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        let (run, names) = self.seen(include.sight);
        let mut eval = Eval::new(run, &program);
        eval.module = Some(Module::with(names));
        let output = eval.output()?;
        let included = match output {
            Output::Nothing => return Ok(()),
            other => other.finish(&run)?,
        };
        self.emit(out, included)
    }

    pub(super) fn import(&mut self, import: &'r Import) -> Result<(), Error> {
        let name = self.used(&import.name)?;
        let program = self.load(&name).map_err(|error| self.at(error, import.span))?;
        let module = self.imported(&program, import.sight)?;
        let value = Imported::value(module, name.to_string());
        self.assign_name(&import.alias, value);
        Ok(())
    }

    pub(super) fn import_names(&mut self, import: &'r FromImport) -> Result<(), Error> {
        let name = self.used(&import.name)?;
        let program = self.load(&name).map_err(|error| self.at(error, import.span))?;
        let module = self.imported(&program, import.sight)?;
        for (there, here) in &import.names {
            let value = module.get(there).unwrap_or_else(|| {
                undefined(format!(
                    "the template '{name}' does not export the requested name '{there}'"
                ))
            });
            self.assign_name(here, value);
        }
        Ok(())
    }

    /// Runs a template for the names it sets.
    fn imported(&mut self, program: &Arc<Program>, sight: Sight) -> Result<Arc<Module>, Error> {
        if stack::is_exhausted() {
            return Err(too_deep());
        }
        let (run, names) = self.seen(sight);
        let module = Module::with(names);
        let mut eval = Eval::new(run, program);
        eval.module = Some(Arc::clone(&module));
        eval.output()?;
        Ok(module)
    }

    /// Returns what another template sees.
    fn seen(&self, sight: Sight) -> (Run<'r>, Names) {
        match sight {
            Sight::Without => {
                let nothing: &'static Arc<dyn Scope> = &NOTHING;
                (Run { scope: nothing, ..self.run }, Names::new())
            }
            Sight::With => {
                let mut names =
                    self.module.as_ref().map(|module| module.snapshot()).unwrap_or_default();
                names.extend(self.locals.iter().cloned());
                (self.run, names)
            }
        }
    }

    /// Reads and compiles a template by name, the first of several that exists.
    pub(super) fn load(&self, name: &Value) -> Result<Arc<Program>, Error> {
        let name = self.run.settle(name.clone())?;
        let names: Vec<String> = match &name {
            Value::List(list) | Value::Tuple(list) => {
                list.iter().map(ToString::to_string).collect()
            }
            one => vec![one.to_string()],
        };
        let folders = self.folders()?;
        for name in &names {
            for folder in &folders {
                if let Some(program) = self.load_path(&folder.join(name))? {
                    return Ok(program);
                }
            }
        }
        let message = match names.as_slice() {
            [one] => format!("{MISSING}`{one}`"),
            _ => format!("{MISSING}any of {}", crate::base::words::ticked(&names)),
        };
        let searched = folders.iter().map(|folder| folder.display().to_string());
        Err(Error::invalid(message)
            .hint(format!("looked in {}", crate::base::words::ticked(searched))))
    }

    fn load_path(&self, path: &Path) -> Result<Option<Arc<Program>>, Error> {
        let services = self.run.engine.services();
        let text = services.read(path).map_err(|reason| {
            Error::invalid(format!("cannot read the template `{}`: {reason}", path.display()))
        })?;
        let Some(text) = text else { return Ok(None) };
        let source = Source { text: Arc::from(text), path: path.display().to_string() };
        let defaults = RenderOptions::default();
        let options = self.run.shared.options.as_ref().unwrap_or(&defaults);
        // Only the outermost template keeps the newline at its end.
        let options = RenderOptions { keep_trailing_newline: false, ..options.clone() };
        self.run.engine.file_program(&source, &options).map(Some)
    }

    /// Returns where templates are looked for.
    fn folders(&self) -> Result<Vec<PathBuf>, Error> {
        let mut folders = Vec::new();
        let mut add = |folder: PathBuf| {
            for folder in [folder.join("templates"), folder] {
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        };
        if let Some(options) = &self.run.shared.options {
            options.search.iter().cloned().for_each(&mut add);
        }
        if let Some(search) = self.run.variable("ansible_search_path")? {
            let search = self.run.settle(search)?;
            if let Some(list) = search.as_list() {
                list.iter().for_each(|folder| add(PathBuf::from(folder.to_string())));
            }
        }
        if let Some(folder) = &self.run.shared.folder {
            add(folder.clone());
        }
        Ok(folders)
    }
}

/// How the message of a template that was not found begins.
const MISSING: &str = "there is no template ";

fn is_missing(error: &Error) -> bool {
    error.kind() == ErrorKind::Invalid && error.message().starts_with(MISSING)
}
