//! `fetch`: brings a file of the host to the controller. The module of the same name reads it there.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::actions::{Action, Context, Done, Error, Listener, Running, from_reply};
use crate::arguments;
use crate::base::{Map, Value};
use crate::connection::Feed;
use crate::module::{
    ArgumentSpec, Arguments, Check, Example, Failure, Outcome, Return, Spec, parse,
};
use crate::protocol::{Event, Request};
use crate::system::{Digest, Digester};

arguments! {
    /// Arguments of `fetch`.
    pub(super) struct Args {
        /// The file on the host.
        src: String,
        /// The folder on the controller: the file is kept below it by host and path, unless `flat`.
        dest: String,
        /// Whether `dest` is the file itself.
        flat: bool = false,
        /// Whether a file that is not there is an error.
        fail_on_missing: bool = true,
        /// Whether the digest of what came is compared.
        validate_checksum: bool = true,
    }
}

/// The action.
pub(in crate::actions) struct Fetch;

impl Action for Fetch {
    fn spec(&self) -> &'static Spec {
        const SPEC: &Spec = &Spec {
            name: "fetch",
            summary: "Brings a file of the host to the controller.",
            check: Check::Skip,
            examples: &[Example {
                about: "Keep the logs.",
                task: "fetch: {src: /var/log/app.log, dest: logs/, flat: true}",
            }],
            returns: &[
                Return { name: "dest", about: "The file on the controller." },
                Return { name: "checksum", about: "Its SHA-1." },
            ],
            ..Spec::BASE
        };
        SPEC
    }

    fn arguments(&self) -> Vec<ArgumentSpec> {
        Args::specs()
    }

    fn run<'a>(&'a self, args: &'a Map, cx: &'a Context<'a>) -> Running<'a> {
        Box::pin(async move {
            if ["src", "dest"].iter().any(|name| args.get(name).is_none_or(Value::is_null)) {
                return Err(Error::new("src and dest are required"));
            }
            if args.get("src").is_some_and(|src| src.as_str().is_none()) {
                let text = "Invalid type supplied for source option, it must be a string";
                return Err(Error::new(text));
            }
            run(parse::<Args>(self.spec(), args)?, cx).await
        })
    }
}

async fn run(args: Args, cx: &Context<'_>) -> Result<Done, Error> {
    let dest = destination(&args, cx)?;
    let (known, known_md5) = digests_of(&dest).unzip();
    let folder = dest.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
    let unwritable = |error: std::io::Error| {
        Error::new(format!("cannot write below `{}`: {error}", folder.display()))
    };
    std::fs::create_dir_all(&folder).map_err(unwritable)?;
    let taken =
        Taken { file: new_file(&dest, &folder).map_err(unwritable)?, digesters: Digesters::new() };
    let taker = Arc::new(Taker { listener: Arc::clone(&cx.listener), taken: Mutex::new(taken) });
    let module = Map::from_iter([
        ("src", Value::from(args.src.as_str())),
        ("_sha1", known.as_deref().into()),
    ]);
    let helper = cx.hands.helper().await?;
    let request = Request {
        module: "fetch".into(),
        args: module,
        environment: cx.environment.clone(),
        timeout: cx.timeout,
        ..Request::default()
    };
    let done = from_reply(helper.run(request, Arc::clone(&taker) as Arc<dyn Feed>).await?);
    let done = match done {
        Err(Error::Failed(failed))
            if !args.fail_on_missing
                && failed.failure.values.get("missing").is_some_and(Value::truth) =>
        {
            let text = format!("{}, not transferring, ignored", failed.failure.message);
            let outcome = Outcome::same(text).with("file", args.src.as_str());
            return Ok(Done::ok(outcome));
        }
        other => other?,
    };
    let remote = done.outcome.values.get("checksum").map(ToString::to_string).unwrap_or_default();
    let shown = dest.display().to_string();
    let result = Outcome::done()
        .with("dest", shown.as_str())
        .with("checksum", remote.as_str())
        .with("remote_checksum", remote.as_str());
    if known.as_deref() == Some(remote.as_str()) {
        let result = result.with("file", args.src.as_str()).with("md5sum", known_md5);
        return Ok(Done::ok(result));
    }
    let Some(taker) = Arc::into_inner(taker) else {
        return Err(Error::new("the file is still being written"));
    };
    let Taken { file, digesters } =
        taker.taken.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (got, md5) = digesters.finish();
    if args.validate_checksum && got != remote {
        let failure = Failure::new("checksum mismatch")
            .with("file", args.src.as_str())
            .with("checksum", got)
            .with("remote_checksum", remote);
        return Err(failure.into());
    }
    file.persist(&dest).map_err(|error| unwritable(error.error))?;
    Ok(Done::changed(result.with("md5sum", md5)))
}

/// Makes the file that will be `dest`, with the mode that a new file has here, or that of the file it takes the place of.
fn new_file(dest: &Path, folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let old = std::fs::metadata(dest).ok().map(|meta| meta.permissions());
    // The process's mask takes bits away from these.
    let new = Permissions::from_mode(0o666);
    let file = tempfile::Builder::new().permissions(new).tempfile_in(folder)?;
    if let Some(old) = old {
        file.as_file().set_permissions(old)?;
    }
    Ok(file)
}

/// Returns where the file is kept.
fn destination(args: &Args, cx: &Context<'_>) -> Result<PathBuf, Error> {
    if args.flat {
        if args.dest.ends_with('/') {
            let name = args.src.rsplit('/').next().unwrap_or_default();
            let path = beside_playbook(&args.dest, cx).join(name);
            if path.is_dir() {
                let path = path.display();
                return Err(Error::new(format!(
                    "calculated dest '{path}' is an existing directory"
                )));
            }
            return Ok(path);
        }
        let path = beside_playbook(&args.dest, cx);
        if path.is_dir() {
            return Err(Error::new(
                "dest is an existing directory, use a trailing slash if you want to fetch src into that directory",
            ));
        }
        return Ok(path);
    }
    let folder = beside_playbook(&args.dest, cx);
    // What the host calls a file never leads out of the folder.
    let inside = Path::new(&args.src).components();
    let inside = inside.filter(|part| matches!(part, std::path::Component::Normal(_)));
    Ok(folder.join(&*cx.host).join(inside.collect::<PathBuf>()))
}

/// Relative paths are below the folder of the playbook.
fn beside_playbook(path: &str, cx: &Context<'_>) -> PathBuf {
    cx.scope.magic().run.playbook_dir.join(path)
}

/// Returns SHA-1 and MD5 of a file.
fn digests_of(path: &Path) -> Option<(String, String)> {
    let mut digesters = Digesters::new();
    std::io::copy(&mut std::fs::File::open(path).ok()?, &mut digesters).ok()?;
    Some(digesters.finish())
}

/// What tells SHA-1 and MD5 of the same bytes.
struct Digesters([Digester; 2]);

impl Digesters {
    fn new() -> Self {
        Self([Digest::Sha1, Digest::Md5].map(Digester::new))
    }

    fn finish(self) -> (String, String) {
        let [sha1, md5] = self.0.map(|mut digester| digester.finish());
        (sha1, md5)
    }
}

impl Write for Digesters {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.iter_mut().for_each(|digester| digester.update(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What came of the file.
struct Taken {
    file: tempfile::NamedTempFile,
    digesters: Digesters,
}

/// Takes the pieces of the file as they come.
struct Taker {
    listener: Arc<dyn Listener>,
    taken: Mutex<Taken>,
}

impl Feed for Taker {
    fn event(&self, event: Event) {
        self.listener.event(event);
    }

    fn open(&self, _index: u32) -> std::io::Result<Box<dyn std::io::Read + Send>> {
        Err(std::io::ErrorKind::NotFound.into())
    }

    fn sha1(&self, _index: u32) -> Result<String, String> {
        Err("there is no such content".into())
    }

    fn data(&self, bytes: Vec<u8>) -> Result<(), String> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Taken { file, digesters } = &mut *taken;
        digesters
            .write_all(&bytes)
            .and_then(|()| file.write_all(&bytes))
            .map_err(|error| error.to_string())
    }
}
