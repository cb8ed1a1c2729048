//! The command line: one struct a help group, the same flags and meanings as `ansible-playbook`.

mod connection;
mod escalation;
mod execution;
mod inventory;
mod output;
mod selection;
mod vault;

use clap::Parser;

pub(super) use connection::Connection;
pub(super) use escalation::Escalation;
pub(super) use execution::Execution;
pub(super) use inventory::Inventory;
pub(super) use output::Output;
pub(super) use selection::Selection;
pub(super) use vault::Vault;

const COMMANDS: &str = "\
Commands:
  fcplay adhoc PATTERN ...   Run one module on hosts
  fcplay doc [-l | NAME...]  Show what modules there are and what they take
  fcplay inventory ...       Show what inventories say
  fcplay vault COMMAND ...   Encrypt, decrypt, view and edit secret files

A playbook named `site` is found as `site`, `site.yml` or `site.yaml`, here or in `playbooks/`.
Exit status: 0 ok, 1 error, 2 hosts failed, 4 hosts unreachable or mistakes in playbooks, 5 bad options,
8 play broken off, 99 interrupted, 250 internal error.";

/// Runs Ansible playbooks over SSH, in parallel, with no Python on either side.
#[derive(Debug, Parser)]
#[command(name = "fcplay", version, disable_version_flag = true, after_help = COMMANDS, max_term_width = 100, infer_long_args = true, args_override_self = true)]
pub(super) struct Play {
    /// Playbooks to run, one after the other
    #[arg(value_name = "PLAYBOOK", required = true)]
    pub(super) playbooks: Vec<String>,
    /// Show the version
    #[arg(long, action = clap::ArgAction::Version)]
    pub(super) version: Option<bool>,
    #[command(flatten)]
    pub(super) inventory: Inventory,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) execution: Execution,
    #[command(flatten)]
    pub(super) connection: Connection,
    #[command(flatten)]
    pub(super) escalation: Escalation,
    #[command(flatten)]
    pub(super) vault: Vault,
    #[command(flatten)]
    pub(super) output: Output,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Play::command().debug_assert();
    }

    #[test]
    fn short_flags_mean_what_they_mean_to_ansible() {
        let line =
            "x -CDbvv -l web -t a,b -t c -e a=1 -e @f -f 3 -u me -i h, -i k site.yml other.yml";
        let play = Play::try_parse_from(line.split(' ')).unwrap();
        assert_eq!(play.playbooks, ["site.yml", "other.yml"]);
        assert_eq!(play.inventory.inventory, ["h,", "k"]);
        assert_eq!(play.inventory.limit.as_deref(), Some("web"));
        assert_eq!(play.selection.tags, ["a,b", "c"]);
        assert_eq!(play.execution.extra_vars, ["a=1", "@f"]);
        assert_eq!(play.execution.forks, Some(3));
        assert_eq!(play.connection.user.as_deref(), Some("me"));
        assert_eq!(play.output.verbose, 2);
        assert!(play.execution.check && play.execution.diff && play.escalation.r#become);
    }

    #[test]
    fn of_an_option_given_twice_the_last_counts() {
        let play = Play::try_parse_from("x -C -C -l web -f 3 -l db -f 4 s.yml".split(' ')).unwrap();
        assert_eq!(play.inventory.limit.as_deref(), Some("db"));
        assert_eq!(play.execution.forks, Some(4));
    }
}
