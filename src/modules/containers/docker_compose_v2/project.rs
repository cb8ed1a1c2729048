//! A project of Compose: how Compose is called for it, what runs, what has to be done.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::container::{Container, FORMAT};
use super::{Args, Build, Pull, Recreate, State};
use crate::module::{Failure, Job};
use crate::modules::containers::daemon::answer;
use crate::system::Command;

/// A project and how to call Compose for it.
pub(super) struct Project<'a> {
    args: &'a Args,
    /// The words that begin every call of Compose.
    compose: Vec<String>,
    name: String,
    v2: bool,
}

impl<'a> Project<'a> {
    /// Finds Compose and the project; nothing in check mode when one of them is not there yet.
    pub(super) fn find(args: &'a Args, job: &Job<'_>) -> Result<Option<Self>, Failure> {
        let Some((mut compose, v2)) = program(args, job)? else {
            if job.stage().check {
                return Ok(None);
            }
            return Err(Failure::new(
                "the host has no Compose: neither `docker compose` nor `docker-compose` answers; install the plugin or the program",
            ));
        };
        let folder = match (&args.project_src, &args.definition) {
            (Some(folder), _) => folder.clone(),
            (None, Some(definition)) => job.aside(|act| {
                let folder = act.temporary_folder()?;
                let text = crate::base::json::write(&definition.clone().into());
                act.replace(&folder.join("compose.yaml"), text.as_bytes())?;
                Ok(folder)
            })?,
            (None, None) => {
                return Err(Failure::new(
                    "one of the following is required: project_src, definition",
                ));
            }
        };
        let shown = folder.to_string_lossy().into_owned();
        if job.look().stat_followed(&folder)?.is_none() {
            if job.stage().check {
                return Ok(None);
            }
            return Err(Failure::new(format!("\"{shown}\" is not a directory")));
        }
        const NAMES: [&str; 4] =
            ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
        let files: Vec<PathBuf> = match &args.files {
            Some(files) => files.iter().map(|file| folder.join(file)).collect(),
            None => NAMES
                .iter()
                .map(|name| folder.join(name))
                .filter(|path| job.look().stat_followed(path).ok().flatten().is_some())
                .take(1)
                .collect(),
        };
        if files.is_empty() && args.check_files_existing {
            if job.stage().check {
                return Ok(None);
            }
            return Err(Failure::new(format!("\"{shown}\" does not contain {}", NAMES.join(", "))));
        }
        let name = args.project_name.clone().unwrap_or_else(|| {
            project_name(&folder.file_name().unwrap_or_default().to_string_lossy())
        });
        compose.extend([
            "--project-name".into(),
            name.clone(),
            "--project-directory".into(),
            shown,
        ]);
        compose.extend(
            files
                .iter()
                .flat_map(|file| ["--file".to_owned(), file.to_string_lossy().into_owned()]),
        );
        let profiles = args.profiles.iter().flatten();
        compose.extend(profiles.flat_map(|profile| ["--profile".to_owned(), profile.clone()]));
        compose.extend(
            args.env_files
                .iter()
                .flatten()
                .flat_map(|file| ["--env-file".to_owned(), file.to_string_lossy().into_owned()]),
        );
        Ok(Some(Self { args, compose, name, v2 }))
    }

    /// Returns the containers of the project, sorted by name.
    pub(super) fn containers(&self, job: &Job<'_>) -> Result<Vec<Container>, Failure> {
        let filter = format!("label=com.docker.compose.project={}", self.name);
        let output = self
            .args
            .daemon
            .ask(job, &["ps", "--all", "--quiet", "--no-trunc", "--filter", &filter])?;
        if !output.success() && job.stage().check {
            return Ok(Vec::new());
        }
        let ids = answer(output, "cannot list the containers")?;
        let ids: Vec<&str> = ids.lines().filter(|line| !line.is_empty()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut words = vec!["inspect", "--format", FORMAT];
        words.extend(ids);
        let text = answer(self.args.daemon.ask(job, &words)?, "cannot inspect the containers")?;
        let mut containers: Vec<Container> = text
            .lines()
            .filter_map(Container::read)
            .filter(|container| !container.one_off)
            .collect();
        containers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(containers)
    }

    /// Returns the hash of each service's wished settings.
    fn hashes(&self, job: &Job<'_>) -> Result<BTreeMap<String, String>, Failure> {
        let mut words = self.compose.clone();
        words.extend(["config".into(), "--hash".into(), "*".into()]);
        let output = job.look().query(&Command::new(words))?;
        let text = answer(output, "the Compose file is wrong")?;
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs.map(|(service, hash)| (service.to_owned(), hash.trim().to_owned())).collect())
    }

    /// Returns what has to be done, a line a service.
    pub(super) fn plan(&self, before: &[Container], job: &Job<'_>) -> Result<Vec<String>, Failure> {
        let chosen = |service: &str| {
            self.args
                .services
                .as_ref()
                .is_none_or(|services| services.iter().any(|name| name == service))
        };
        let of = |container: &Container, what: &str| format!("{what} {}", container.name);
        match self.args.state {
            State::Absent => Ok(before.iter().map(|container| of(container, "remove")).collect()),
            State::Stopped => {
                let running = before
                    .iter()
                    .filter(|container| chosen(&container.service) && container.state == "running");
                Ok(running.map(|container| of(container, "stop")).collect())
            }
            State::Restarted => Ok(before
                .iter()
                .filter(|container| chosen(&container.service))
                .map(|container| of(container, "restart"))
                .collect()),
            State::Present => self.plan_present(before, job, &chosen),
        }
    }

    fn plan_present(
        &self,
        before: &[Container],
        job: &Job<'_>,
        chosen: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<String>, Failure> {
        let wished = self.hashes(job)?;
        let mut plan = Vec::new();
        for (service, hash) in wished.iter().filter(|(service, _)| chosen(service)) {
            let own: Vec<&Container> =
                before.iter().filter(|container| container.service == *service).collect();
            if own.is_empty() {
                plan.push(format!("create {service}"));
            }
            for container in own {
                if self.args.recreate == Recreate::Always
                    || (container.hash != *hash && self.args.recreate != Recreate::Never)
                {
                    plan.push(format!("recreate {}", container.name));
                } else if self.image_moved(container, job)? && self.args.recreate != Recreate::Never
                {
                    plan.push(format!("recreate {} with the new image", container.name));
                } else if container.state != "running" {
                    plan.push(format!("start {}", container.name));
                }
            }
        }
        if self.args.remove_orphans {
            let orphans =
                before.iter().filter(|container| !wished.contains_key(&container.service));
            plan.extend(orphans.map(|container| format!("remove orphan {}", container.name)));
        }
        if let Some(scale) = &self.args.scale {
            for (service, number) in scale {
                let count = before
                    .iter()
                    .filter(|container| service.as_str() == Some(&container.service))
                    .count();
                if number.as_int() != i64::try_from(count).ok() && count > 0 {
                    plan.push(format!("scale {service} to {number}"));
                }
            }
        }
        if plan.is_empty() && (self.args.pull == Pull::Always || self.args.build == Build::Always) {
            plan.push("look for new images".into());
        }
        Ok(plan)
    }

    /// Returns whether the image of that name is another one by now.
    fn image_moved(&self, container: &Container, job: &Job<'_>) -> Result<bool, Failure> {
        let output = self
            .args
            .daemon
            .ask(job, &["image", "inspect", "--format", "{{.Id}}", &container.image_name])?;
        Ok(output.success() && output.out().trim() != container.image)
    }

    /// Returns the call that brings the project to its state.
    pub(super) fn words(&self, args: &Args) -> Vec<String> {
        let mut words = self.compose.clone();
        let mut add = |word: &str| words.push(word.to_owned());
        match args.state {
            State::Absent => {
                add("down");
                if args.remove_orphans {
                    add("--remove-orphans");
                }
                if args.remove_volumes {
                    add("--volumes");
                }
                if let Some(images) = args.remove_images {
                    add("--rmi");
                    add(images.word());
                }
            }
            State::Stopped => add("stop"),
            State::Restarted => add("restart"),
            State::Present => words.extend(self.up(args)),
        }
        if let Some(seconds) = args.timeout {
            words.extend(["--timeout".into(), seconds.to_string()]);
        }
        if args.state != State::Absent {
            words.extend(args.services.iter().flatten().cloned());
        }
        words
    }

    fn up(&self, args: &Args) -> Vec<String> {
        let mut words: Vec<String> = vec!["up".into(), "--detach".into()];
        let mut flag = |wanted: bool, word: &str| {
            if wanted {
                words.push(word.to_owned());
            }
        };
        flag(args.remove_orphans, "--remove-orphans");
        flag(args.recreate == Recreate::Always, "--force-recreate");
        flag(args.recreate == Recreate::Never, "--no-recreate");
        flag(args.renew_anon_volumes, "--renew-anon-volumes");
        flag(!args.dependencies, "--no-deps");
        flag(args.build == Build::Always, "--build");
        flag(args.build == Build::Never, "--no-build");
        flag(args.wait && self.v2, "--wait");
        if self.v2 && args.pull != Pull::Policy {
            words.extend(["--pull".into(), args.pull.word().into()]);
        }
        if let Some(seconds) = args.wait_timeout.filter(|_| args.wait && self.v2) {
            words.extend(["--wait-timeout".into(), seconds.to_string()]);
        }
        let scale = args.scale.iter().flat_map(|scale| scale.iter());
        words.extend(
            scale.flat_map(|(service, number)| {
                ["--scale".to_owned(), format!("{service}={number}")]
            }),
        );
        words
    }
}

/// Returns how Compose is called, and whether it is version 2; nothing when there is none.
fn program(args: &Args, job: &Job<'_>) -> Result<Option<(Vec<String>, bool)>, Failure> {
    let client = args
        .docker_cli
        .as_ref()
        .map_or_else(|| "docker".to_owned(), |path| path.to_string_lossy().into_owned());
    let mut plugin = args.daemon.words(&client);
    if let Some(context) = &args.cli_context {
        plugin.extend(["--context".into(), context.clone()]);
    }
    plugin.push("compose".into());
    // By version and not by name: some distributions call version 2 `docker-compose` too.
    for words in [plugin, args.daemon.words("docker-compose")] {
        if job.look().which(&words[0]).is_none() {
            continue;
        }
        let ask = words.iter().cloned().chain(["version".into(), "--short".into()]);
        let output = job.look().query(&Command::new(ask))?;
        if output.success() {
            let version = output.out();
            let v2 = !version.trim().trim_start_matches('v').starts_with("1.");
            return Ok(Some((words, v2)));
        }
    }
    Ok(None)
}

/// Returns the project's name that Compose makes of a folder's.
fn project_name(folder: &str) -> String {
    let kept: String = folder
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(project_name("Redis.Prod_1"), "redisprod_1");
        assert_eq!(project_name("_x"), "x");
    }
}
