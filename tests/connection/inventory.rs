//! What inventory, command line and configuration say about reaching a host, and which of them wins.

use crate::connection::world::World;
use crate::faults::{Scene, recap};

/// A host whose line in the inventory is written anew for each case.
struct Line {
    scene: Scene,
}

impl Line {
    fn new(world: World) -> Self {
        let scene = Scene::new(world);
        scene.task("command: id -un");
        Self { scene }
    }

    /// Replaces `$PORT`, `$USER`, `$KEY`, `$TMP` and `$KNOWN` (the files with host keys) in a text.
    fn fill(&self, text: &str) -> String {
        let world = &self.scene.world;
        let known = format!(
            "-F none -o UserKnownHostsFile={} -o GlobalKnownHostsFile=none",
            self.scene.bench.path().join("known_hosts").display()
        );
        text.replace("$PORT", &world.server.port.to_string())
            .replace("$USER", &world.user.0)
            .replace("$KEY", &world.server.path("id").display().to_string())
            .replace("$TMP", &world.remote_tmp())
            .replace("$KNOWN", &known)
    }

    /// Runs the playbook with variables of the host, flags and variables of the environment, and expects what comes of it.
    #[track_caller]
    fn case(&self, variables: &str, flags: &str, environment: &[(&str, &str)], expected: &str) {
        let line = format!("here ansible_host=127.0.0.1 {variables}\n");
        self.scene.bench.write("hosts", &self.fill(&line));
        let flags = self.fill(&format!("site.yml -i hosts {flags}"));
        let values: Vec<_> =
            environment.iter().map(|(name, text)| (*name, self.fill(text))).collect();
        let pairs: Vec<_> = values.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let printed = self.scene.bench.run_with(&flags, &pairs, "correct horse\n");
        assert_eq!(recap(&printed), expected, "{line}{printed}");
    }
}

const IN: &str = "ok=1 changed=1 exit=0";
const OUT: &str = "unreachable=1 exit=4";

#[test]
fn the_last_name_of_a_variable_wins() {
    let Some(world) = World::start() else { return };
    let line = Line::new(world);
    let rest = "ansible_private_key_file=$KEY ansible_ssh_common_args='$KNOWN'";
    let case =
        |variables: &str, expected| line.case(&format!("{variables} {rest}"), "", &[], expected);
    case("ansible_user=$USER ansible_port=1 ansible_ssh_port=$PORT", IN);
    case("ansible_user=$USER ansible_port=$PORT ansible_ssh_port=1", OUT);
    case("ansible_user=nobody ansible_ssh_user=$USER ansible_port=$PORT", IN);
}

#[test]
fn ssh_args_weigh_more_than_the_inventory_and_common_ones_less() {
    let Some(world) = World::start() else { return };
    let line = Line::new(world);
    let host = "ansible_user=$USER ansible_port=$PORT ansible_private_key_file=$KEY";
    let other = "-o User=nobody -o Port=1";
    line.case(&format!("{host} ansible_ssh_common_args='$KNOWN {other} -l nobody'"), "", &[], IN);
    line.case(&format!("{host} ansible_ssh_extra_args='$KNOWN {other}'"), "", &[], IN);
    line.case(&format!("{host} ansible_ssh_args='$KNOWN {other}'"), "", &[], OUT);
    line.case(host, "--ssh-common-args '$KNOWN'", &[], IN);
    line.case(host, "--ssh-extra-args='$KNOWN'", &[], IN);
    line.case(host, "", &[("ANSIBLE_SSH_ARGS", "$KNOWN")], IN);
    line.case(
        host,
        "",
        &[("ANSIBLE_SSH_COMMON_ARGS", "$KNOWN -o Bogus=1 -v -oLogLevel=ERROR")],
        IN,
    );
    let anyone = [("ANSIBLE_HOST_KEY_CHECKING", "False")];
    line.case(host, "--ssh-common-args '-F none -o UserKnownHostsFile=/dev/null'", &anyone, IN);
    line.case(host, "--ssh-common-args '-F none -o UserKnownHostsFile=/dev/null'", &[], OUT);
}

#[test]
fn settings_for_all_hosts() {
    let Some(world) = World::start() else { return };
    let line = Line::new(world);
    let key = std::fs::read_to_string(line.scene.world.server.path("id")).unwrap();
    let flags = "--ssh-common-args '$KNOWN -o IdentitiesOnly=yes' -u $USER";
    let port = ("ANSIBLE_REMOTE_PORT", "$PORT");
    line.case("", &format!("{flags} --private-key $KEY"), &[port], IN);
    line.case("", flags, &[port], OUT);
    line.case("", flags, &[port, ("ANSIBLE_PRIVATE_KEY", &key)], IN);
    line.case("ansible_ssh_private_key='{{ lookup(\"file\", \"$KEY\") }}'", flags, &[port], IN);
}

#[test]
fn a_password_that_is_typed() {
    let Some(world) = World::with(&["PasswordAuthentication yes"], "") else { return };
    let line = Line::new(world);
    let host = "ansible_user=$USER ansible_port=$PORT ansible_ssh_common_args='$KNOWN'";
    line.case(host, "-k", &[], IN);
    line.case(&format!("{host} ansible_password='correct horse'"), "", &[], IN);
    line.case(&format!("{host} ansible_ssh_pass=wrong"), "", &[], OUT);
}

#[test]
fn become_is_configured() {
    let Some(world) = World::with_sudo("$USER ALL=(ALL) NOPASSWD: ALL") else { return };
    let line = Line::new(world);
    let host = "ansible_user=$USER ansible_port=$PORT ansible_private_key_file=$KEY \
                ansible_ssh_common_args='$KNOWN' $TMP ansible_become=true";
    line.case(host, "", &[("ANSIBLE_BECOME_FLAGS", "-i")], IN);
    line.case(host, "", &[("ANSIBLE_BECOME_FLAGS", "--no-such-flag")], "failed=1 exit=2");
    line.case(host, "", &[("ANSIBLE_BECOME_EXE", "/no/sudo")], "failed=1 exit=2");
    let own = "ansible_sudo_exe=/usr/bin/sudo";
    line.case(&format!("{host} {own}"), "", &[("ANSIBLE_BECOME_EXE", "/no/sudo")], IN);
}
