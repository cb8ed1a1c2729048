//! `%h`, `%r`, `${NAME}` and their like in the values of options.

use std::sync::Arc;

use sha1::{Digest, Sha1};

use crate::connection::ssh::machine::Machine;

/// What the tokens stand for.
#[derive(Clone, Debug)]
pub(in crate::connection::ssh) struct Tokens {
    /// `%n`: the host as it was named.
    pub(in crate::connection::ssh) original: String,
    /// `%h`: the host's real name.
    pub(in crate::connection::ssh) host: String,
    /// `%k`: the name that host keys are looked up under.
    pub(in crate::connection::ssh) alias: String,
    /// `%p`.
    pub(in crate::connection::ssh) port: u16,
    /// `%r`: the user on the other side.
    pub(in crate::connection::ssh) user: String,
    /// `%j`: the value of `ProxyJump`.
    pub(in crate::connection::ssh) jump: String,
    /// `%d`, `%i`, `%l`, `%L`, `%u`.
    pub(in crate::connection::ssh) machine: Arc<Machine>,
}

impl Tokens {
    /// Returns `host:port`, as it is reached.
    pub(in crate::connection::ssh) fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Replaces the tokens of a value.
    pub(in crate::connection::ssh) fn expand(&self, value: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let machine = &self.machine;
            match chars.next() {
                Some('%') => out.push('%'),
                Some('C') => out.push_str(&self.digest()),
                Some('L') => out.push_str(machine.name.split('.').next().unwrap_or_default()),
                Some('d') => out.push_str(&machine.home.to_string_lossy()),
                Some('h') => out.push_str(&self.host),
                Some('i') => out.push_str(&machine.uid.to_string()),
                Some('j') => out.push_str(&self.jump),
                Some('k') => out.push_str(&self.alias),
                Some('l') => out.push_str(&machine.name),
                Some('n') => out.push_str(&self.original),
                Some('p') => out.push_str(&self.port.to_string()),
                Some('r') => out.push_str(&self.user),
                Some('u') => out.push_str(&machine.user),
                Some(unknown) => {
                    return Err(format!("`%{unknown}` in `{value}` is not known here"));
                }
                None => return Err(format!("`{value}` ends in the middle of a `%` token")),
            }
        }
        Ok(out)
    }

    /// Replaces tokens, `${NAME}` and a leading `~`: the rules for names of files.
    pub(in crate::connection::ssh) fn path(
        &self,
        value: &str,
    ) -> Result<std::path::PathBuf, String> {
        let value = self.expand(&environment(value)?)?;
        Ok(self.machine.expand_home(&value))
    }

    fn digest(&self) -> String {
        let parts =
            [&self.machine.name, &self.host, &self.port.to_string(), &self.user, &self.jump];
        let digest = Sha1::digest(parts.map(String::as_str).concat());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Replaces `${NAME}` by the variable of the environment.
fn environment(value: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some(start) = rest.find("${") {
        let after = &rest[start + 2..];
        let end = after.find('}').ok_or_else(|| format!("`{value}` has `${{` without `}}`"))?;
        let name = &after[..end];
        let text = std::env::var(name)
            .map_err(|_| format!("the environment has no variable `{name}`, named in `{value}`"))?;
        out.push_str(&rest[..start]);
        out.push_str(&text);
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn machine() -> Arc<Machine> {
        Arc::new(Machine {
            home: PathBuf::from("/home/ann"),
            user: "ann".to_owned(),
            uid: 7,
            name: "desk.example.com".to_owned(),
            agent: None,
            user_config: PathBuf::new(),
            system_config: PathBuf::new(),
        })
    }

    fn tokens(machine: &Arc<Machine>) -> Tokens {
        let text = str::to_owned;
        Tokens {
            original: text("web"),
            host: text("web.example.com"),
            alias: text("web-key"),
            port: 2222,
            user: text("deploy"),
            jump: text("gate"),
            machine: Arc::clone(machine),
        }
    }

    #[test]
    fn every_token() {
        let machine = machine();
        let tokens = tokens(&machine);
        let all = tokens.expand("%n %h %k %p %r %j %d %u %i %l %L %%").unwrap();
        let expected =
            "web web.example.com web-key 2222 deploy gate /home/ann ann 7 desk.example.com desk %";
        assert_eq!(all, expected);
        assert_eq!(tokens.expand("%C").unwrap().len(), 40);
    }

    #[test]
    fn paths_and_mistakes() {
        let machine = machine();
        let tokens = tokens(&machine);
        assert_eq!(tokens.path("~/.ssh/%r_key"), Ok(PathBuf::from("/home/ann/.ssh/deploy_key")));
        assert_eq!(tokens.path("${PATH"), Err("`${PATH` has `${` without `}`".to_owned()));
        assert_eq!(tokens.expand("%x"), Err("`%x` in `%x` is not known here".to_owned()));
        assert_eq!(tokens.expand("a%"), Err("`a%` ends in the middle of a `%` token".to_owned()));
    }
}
