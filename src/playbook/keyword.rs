//! Keywords: which words a play, a role, a block and a task may have, and the inheritable ones as a small map.

use super::model::Given;

/// What may have a keyword.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Owner {
    /// A play.
    Play,
    /// A role in a play's `roles` or in another role's dependencies.
    Role,
    /// A block.
    Block,
    /// A task or handler.
    Task,
    /// The import of a playbook.
    Import,
}

impl Owner {
    /// Returns its name as Ansible writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Play => "Play",
            Self::Role => "RoleInclude",
            Self::Block => "Block",
            Self::Task => "Task",
            Self::Import => "PlaybookInclude",
        }
    }

    /// Returns the words it may have.
    pub fn words(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Self::Play => &[
                "fact_path",
                "force_handlers",
                "gather_facts",
                "gather_subset",
                "gather_timeout",
                "handlers",
                "hosts",
                "import_playbook",
                "max_fail_percentage",
                "needs",
                "order",
                "post_tasks",
                "pre_tasks",
                "roles",
                "serial",
                "strategy",
                "tasks",
                "user",
                "vars_files",
                "vars_prompt",
            ],
            Self::Role => &["delegate_facts", "delegate_to", "role", "when"],
            Self::Block => {
                &["always", "block", "delegate_facts", "delegate_to", "notify", "rescue", "when"]
            }
            Self::Task => &[
                "action",
                "args",
                "async",
                "changed_when",
                "delay",
                "delegate_facts",
                "delegate_to",
                "failed_when",
                "listen",
                "local_action",
                "loop",
                "loop_control",
                "notify",
                "poll",
                "register",
                "retries",
                "until",
                "when",
            ],
            Self::Import => &["import_playbook", "needs", "when"],
        };
        let common = Keyword::ALL
            .iter()
            .filter(|keyword| !keyword.is_task_only())
            .map(|keyword| keyword.word());
        own.iter().copied().chain(["name", "tags", "vars"]).chain(common).collect()
    }
}

macro_rules! keywords {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)?) => {
        /// A keyword that tasks inherit from blocks, roles and plays.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Keyword { $( $(#[$doc])* #[doc = concat!("`", $word, "`.")] $variant, )* }

        impl Keyword {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the word it is written with.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Returns the keyword of a word.
            pub fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

keywords! {
    AnyErrorsFatal = "any_errors_fatal",
    Become = "become",
    BecomeExe = "become_exe",
    BecomeFlags = "become_flags",
    BecomeMethod = "become_method",
    BecomeUser = "become_user",
    CheckMode = "check_mode",
    Collections = "collections",
    Connection = "connection",
    Debugger = "debugger",
    DelegateFacts = "delegate_facts",
    DelegateTo = "delegate_to",
    Diff = "diff",
    Environment = "environment",
    IgnoreErrors = "ignore_errors",
    IgnoreUnreachable = "ignore_unreachable",
    ModuleDefaults = "module_defaults",
    NoLog = "no_log",
    Port = "port",
    RemoteUser = "remote_user",
    RunOnce = "run_once",
    Throttle = "throttle",
    Timeout = "timeout",
}

impl Keyword {
    fn is_task_only(self) -> bool {
        matches!(self, Self::DelegateFacts | Self::DelegateTo)
    }
}

/// The inheritable keywords of one play, role, block or task: few, so a list.
#[derive(Clone, Debug, Default)]
pub struct Keywords(Vec<(Keyword, Given)>);

impl Keywords {
    /// Returns what is given for a keyword.
    pub fn get(&self, keyword: Keyword) -> Option<&Given> {
        self.0.iter().find(|(known, _)| *known == keyword).map(|(_, given)| given)
    }

    /// Gives a keyword a value, in place of the one it had.
    pub fn set(&mut self, keyword: Keyword, given: Given) {
        self.0.retain(|(known, _)| *known != keyword);
        self.0.push((keyword, given));
    }

    /// Returns all that are given.
    pub fn iter(&self) -> impl Iterator<Item = (Keyword, &Given)> {
        self.0.iter().map(|(keyword, given)| (*keyword, given))
    }

    /// Returns whether none is given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_owners() {
        assert!(Owner::Task.words().contains(&"delegate_to"));
        assert!(!Owner::Play.words().contains(&"delegate_to"));
        assert!(!Owner::Play.words().contains(&"when"));
        assert!(Owner::Block.words().contains(&"notify"));
    }
}
