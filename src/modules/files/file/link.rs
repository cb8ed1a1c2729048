//! Symbolic and hard links of `file`.

use std::path::Path;

use super::{Task, parent_is_missing, shown};
use crate::module::{Failure, Job, Outcome};
use crate::modules::files::attributes::{Differences, Links, state_of};
use crate::system::{Act, Look, Meta};

impl Task<'_> {
    pub(super) fn link(&self, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let path = &self.args.path;
        let look = job.look();
        let src = match (&self.args.src, &self.here) {
            (Some(src), _) => src.clone(),
            // Only attributes of a link that is there.
            (None, Some(meta)) if meta.is_link() => look.read_link(path)?,
            (None, _) => {
                let text = "src is required for creating new symlinks";
                return Err(Failure::new(text).with("path", shown(path)));
            }
        };
        let mut notes = Differences::default();
        if self.args.src.is_some() {
            self.check_link(&src, look)?;
        }
        if !self.leads_to(&src, look)? {
            match &self.here {
                Some(meta) if meta.is_link() => {
                    notes.note("src", shown(&look.read_link(path)?), shown(&src));
                }
                Some(meta) => notes.note("state", state_of(meta), "link"),
                None => notes.note("state", "absent", "link"),
            }
        }
        let links = self.links_of(&src, job)?;
        let make = |act: &dyn Act| {
            if self.leads_to(&src, act)? {
                return Ok(());
            }
            put(act, path, self.here.as_ref(), |path| act.make_link(&src, path))
        };
        match links {
            Some(links) => self.settle(job, path, links, notes, make)?,
            // A link to nothing: there is nothing whose owner or mode could be set.
            None if notes.is_empty() => {}
            None => drop(job.change(notes.diff(path), make)?),
        }
        let told = self.args.src.is_some() || links == Some(Links::Follow);
        let outcome = self.report("dest", path, job)?;
        Ok(if told { outcome.with("src", shown(&src)) } else { outcome })
    }

    fn leads_to(&self, src: &Path, look: &dyn Look) -> Result<bool, Failure> {
        let is_link = look.stat(&self.args.path)?.is_some_and(|meta| meta.is_link());
        Ok(is_link && look.read_link(&self.args.path)? == src)
    }

    /// Returns whose attributes are meant: those of what the link leads to, or its own; nothing for a link to nothing.
    fn links_of(&self, src: &Path, job: &mut Job<'_>) -> Result<Option<Links>, Failure> {
        if !self.args.follow {
            return Ok(Some(Links::Keep));
        }
        let target = self.args.path.parent().unwrap_or(Path::new("/")).join(src);
        if job.look().stat_followed(&target)?.is_some() {
            return Ok(Some(Links::Follow));
        }
        if !self.args.attributes.wishes().is_empty() {
            job.warn("Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.");
        }
        Ok(None)
    }

    /// Refuses a link to nothing, and one in the place of something that should not go without being told so.
    fn check_link(&self, src: &Path, look: &dyn Look) -> Result<(), Failure> {
        let path = &self.args.path;
        let here = self.here.as_ref();
        let refuse = |text: String| {
            Err(Failure::new(text).with("path", shown(path)).with("src", shown(src)))
        };
        let folder =
            if here.is_some_and(Meta::is_folder) { path } else { path.parent().unwrap_or(path) };
        let target = folder.join(src);
        if !self.args.force && look.stat_followed(&target)?.is_none() {
            return refuse(format!(
                "src file does not exist, use 'force=yes' if you really want to create the link: {}",
                target.display()
            ));
        }
        match here {
            None => Ok(()),
            Some(meta) if meta.is_link() => Ok(()),
            Some(meta) if !self.args.force => refuse(format!(
                "refusing to convert from {} to symlink for {}",
                state_of(meta),
                path.display()
            )),
            Some(meta) if meta.is_folder() && !look.list(path)?.is_empty() => refuse(format!(
                "the directory {} is not empty, refusing to convert it",
                path.display()
            )),
            Some(_) => Ok(()),
        }
    }

    pub(super) fn hard(&self, job: &mut Job<'_>) -> Result<Outcome, Failure> {
        let (path, look) = (&self.args.path, job.look());
        let mut notes = Differences::default();
        let Some(src) = &self.args.src else {
            if self.here.as_ref().is_none_or(|meta| state_of(meta) != "hard") {
                let text = "src is required for creating new hardlinks";
                return Err(Failure::new(text).with("path", shown(path)));
            }
            self.settle(job, path, Links::Keep, notes, |_| Ok(()))?;
            return self.report("dest", path, job);
        };
        let Some(source) = look.stat_followed(src)? else {
            return Err(Failure::new("src does not exist")
                .with("src", shown(src))
                .with("dest", shown(path)));
        };
        let place = |meta: &Meta| (meta.device, meta.inode);
        match &self.here {
            Some(meta) if !meta.is_link() && place(meta) == place(&source) => {}
            Some(meta) => {
                self.check_hard(meta, look)?;
                notes.note("state", state_of(meta), "hard");
                notes.note_after("src", shown(src));
            }
            None => {
                notes.note("state", "absent", "hard");
                notes.note_after("src", shown(src));
            }
        }
        let linked = !notes.is_empty();
        self.settle(job, path, Links::Keep, notes, |act| {
            if !linked {
                return Ok(());
            }
            let real = if self.args.follow { act.real_path(src)? } else { src.clone() };
            put(act, path, self.here.as_ref(), |path| act.make_hard_link(&real, path))
        })?;
        Ok(self.report("dest", path, job)?.with("src", shown(src)))
    }

    fn check_hard(&self, here: &Meta, look: &dyn Look) -> Result<(), Failure> {
        let path = &self.args.path;
        let refuse = |text: String| Err(Failure::new(text).with("dest", shown(path)));
        match state_of(here) {
            "link" => Ok(()),
            "directory" if self.args.force && look.list(path)?.is_empty() => Ok(()),
            "directory" if self.args.force => refuse(format!(
                "the directory {} is not empty, refusing to convert it",
                path.display()
            )),
            _ if self.args.force => Ok(()),
            "hard" => refuse("Cannot link, different hard link exists at destination".into()),
            state => refuse(format!("Cannot link, {state} exists at destination")),
        }
    }
}

/// Makes a link, beside the path and renamed over what is there, so that the path is never missing.
fn put(
    act: &dyn Act,
    path: &Path,
    here: Option<&Meta>,
    make: impl Fn(&Path) -> crate::system::Result<()>,
) -> Result<(), Failure> {
    let failed = |error: crate::system::Error| {
        let hint = match parent_is_missing(act, path) {
            Ok(true) => "; make the folder first, with `state: directory`",
            Ok(false) | Err(_) => "",
        };
        Failure::new(format!("Error while linking: {error}{hint}")).with("path", shown(path))
    };
    let Some(here) = here else { return make(path).map_err(failed) };
    if here.is_folder() {
        act.remove(path)?;
        return make(path).map_err(failed);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".~fcplay-{}-{name}", std::process::id()));
    if act.stat(&beside)?.is_some() {
        act.remove(&beside)?;
    }
    make(&beside).map_err(failed)?;
    act.rename(&beside, path).map_err(|error| {
        // Best effort: the error above it says what is wrong.
        let _gone = act.remove(&beside);
        failed(error)
    })
}
