//! `template`: fills a template of the controller and brings the result to the host, as `copy` does.

use std::path::PathBuf;
use std::sync::Arc;

use super::copy;
use crate::actions::{Action, Context, Done, Error, Running};
use crate::base::{Map, Mode, Value};
use crate::module::{Argument, ArgumentSpec, Arguments, Check, Example, Spec};
use crate::template::{Delimiters, RenderOptions, Source};
use crate::{arguments, choices};

choices! {
    /// What ends a line.
    pub(super) enum Newline { Unix = "\\n" | "\n", Old = "\\r" | "\r", Dos = "\\r\\n" | "\r\n" }
}

arguments! {
    /// Arguments of `template`.
    pub(super) struct Args {
        /// The template on the controller.
        src: PathBuf,
        /// The file on the host.
        dest: PathBuf,
        /// Whether the file that is replaced is kept.
        backup: bool = false,
        /// What begins a statement.
        block_start_string: String = "{%".into(),
        /// What ends a statement.
        block_end_string: String = "%}".into(),
        /// What begins an expression.
        variable_start_string: String = "{{".into(),
        /// What ends an expression.
        variable_end_string: String = "}}".into(),
        /// What begins a comment.
        comment_start_string: Option<String>,
        /// What ends a comment.
        comment_end_string: Option<String>,
        /// Whether the line break after a statement is left out.
        trim_blocks: bool = true,
        /// Whether blanks before a statement are left out.
        lstrip_blocks: bool = false,
        /// What ends a line.
        newline_sequence: Newline = Newline::Unix,
        /// The encoding of the file; `utf-8` and `latin-1` are known.
        output_encoding: String = "utf-8".into(),
        /// Whether a file that differs is replaced.
        force: bool = true,
        /// Whether a link at `dest` is followed.
        follow: bool = false,
        /// A command that checks the new file; `%s` is its path.
        validate: Option<String>,
        /// The owner.
        owner: Option<String>,
        /// The group.
        group: Option<String>,
        /// The mode.
        mode: Option<Value>,
        /// Attributes.
        attributes ["attr"]: Option<String>,
        /// The SELinux level.
        selevel: Option<String>,
        /// The SELinux role.
        serole: Option<String>,
        /// The SELinux type.
        setype: Option<String>,
        /// The SELinux user.
        seuser: Option<String>,
        /// Whether the file may be written in place.
        unsafe_writes: bool = false,
    }
}

/// The action.
pub(in crate::actions) struct Template;

const SPEC: &Spec = &Spec {
    name: "template",
    summary: "Fills a template and brings it to the host.",
    check: Check::Full,
    diff: true,
    examples: &[Example {
        about: "Write a configuration.",
        task: "template: {src: redis.conf.j2, dest: /etc/redis.conf, mode: '0640'}",
    }],
    ..Spec::BASE
};

/// Arguments that are the template's and not the file's.
const OWN: [&str; 11] = [
    "block_end_string",
    "block_start_string",
    "comment_end_string",
    "comment_start_string",
    "lstrip_blocks",
    "newline_sequence",
    "output_encoding",
    "src",
    "trim_blocks",
    "variable_end_string",
    "variable_start_string",
];

impl Action for Template {
    fn spec(&self) -> &'static Spec {
        SPEC
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        Args::specs()
    }

    fn rendering(&self, args: &Map) -> Option<RenderOptions> {
        let mut args = args.clone();
        for name in ["src", "dest"] {
            args.insert(name, "any".into());
        }
        Args::parse(&args).ok().map(|args| options(&args))
    }

    fn run<'a>(&'a self, args: &'a Map, cx: &'a Context<'a>) -> Running<'a> {
        Box::pin(run(args, cx))
    }
}

async fn run(given: &Map, cx: &Context<'_>) -> Result<Done, Error> {
    let args = crate::module::parse::<Args>(SPEC, given)?;
    let name = args.src.to_string_lossy();
    let path = cx.find_file(&name, "templates")?;
    let bytes = cx.hands.read_file(&path).map_err(Error::new)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(format!("the template `{}` is not UTF-8 text", path.display())))?;
    let scope = cx.scope.with_more_local(about(&path, &args));
    let source = Source { text: text.into(), path: path.display().to_string() };
    let vars = Arc::new(scope) as Arc<dyn crate::template::Scope>;
    let filled = cx.templates.render(&source, &options(&args), &vars);
    let filled = filled?;
    let bytes = encode(filled.as_str(), &args.output_encoding)?;
    let mut rest = given.clone();
    for name in OWN {
        rest.remove(name);
    }
    if rest.get("mode").and_then(Value::as_str) == Some("preserve") {
        use std::os::unix::fs::PermissionsExt;
        let meta = std::fs::metadata(&path).map_err(|error| Error::new(error.to_string()))?;
        rest.insert("mode", Mode::Octal(meta.permissions().mode() & 0o7777).to_value());
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    copy::send(rest, &file, crate::actions::Content::Bytes(bytes.into()), cx).await
}

fn options(args: &Args) -> RenderOptions {
    let usual = Delimiters::default();
    RenderOptions {
        delimiters: Delimiters {
            block: (args.block_start_string.clone(), args.block_end_string.clone()),
            variable: (args.variable_start_string.clone(), args.variable_end_string.clone()),
            comment: (
                args.comment_start_string.clone().unwrap_or(usual.comment.0),
                args.comment_end_string.clone().unwrap_or(usual.comment.1),
            ),
            ..Delimiters::default()
        },
        trim_blocks: args.trim_blocks,
        lstrip_blocks: args.lstrip_blocks,
        newline_sequence: match args.newline_sequence {
            Newline::Unix => "\n",
            Newline::Old => "\r",
            Newline::Dos => "\r\n",
        }
        .into(),
        ..RenderOptions::default()
    }
}

fn encode(text: &str, encoding: &str) -> Result<Vec<u8>, Error> {
    match encoding.to_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => Ok(crate::base::stray::bytes_of(text)),
        "latin-1" | "latin1" | "iso-8859-1" | "ascii" | "us-ascii" => text
            .chars()
            .map(|c| {
                u8::try_from(u32::from(c))
                    .map_err(|_| Error::new(format!("`{c}` cannot be written in {encoding}")))
            })
            .collect(),
        _ => Err(Error::new(format!(
            "the encoding `{encoding}` is not known; fcplay writes utf-8 and latin-1"
        ))),
    }
}

/// Returns what a template is told about itself.
fn about(path: &std::path::Path, args: &Args) -> Vec<(Value, Value)> {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = full.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
    let pairs: Vec<(&str, Value)> = vec![
        ("template_host", controller_name().into()),
        ("template_path", args.src.display().to_string().into()),
        ("template_fullpath", full.display().to_string().into()),
        ("template_destpath", args.dest.display().to_string().into()),
        ("template_dir", folder.into()),
        ("ansible_managed", "Ansible managed".into()),
    ];
    pairs.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn controller_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}
