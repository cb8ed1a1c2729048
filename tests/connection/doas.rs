//! Becoming other users with `doas`, whose rules are in one file for the whole machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fcplay::connection::{Escalation, Target};

use super::world::{World, ping, refusal};
use crate::ssh::server::User;

const FILE: &str = "/etc/doas.conf";

/// One test at a time has rules of its own.
static RULES: Mutex<()> = Mutex::new(());

/// Rules that are gone when this is dropped.
pub(super) struct Doas {
    before: Option<String>,
    _alone: MutexGuard<'static, ()>,
}

impl Doas {
    /// Adds rules; `None`, with a word, where there is no `doas`.
    pub(super) fn permit(rules: &str) -> Option<Self> {
        if !Path::new("/usr/bin/doas").exists() {
            eprintln!("skipped: there is no doas (apt-get install opendoas)");
            return None;
        }
        let alone = RULES.lock().unwrap_or_else(PoisonError::into_inner);
        let before = fs::read_to_string(FILE).ok();
        fs::write(FILE, before.clone().unwrap_or_default() + rules).unwrap();
        fs::set_permissions(FILE, fs::Permissions::from_mode(0o600)).unwrap();
        Some(Self { before, _alone: alone })
    }
}

impl Drop for Doas {
    fn drop(&mut self) {
        match &self.before {
            Some(text) => fs::write(FILE, text).ok(),
            None => fs::remove_file(FILE).ok(),
        };
    }
}

#[tokio::test]
async fn doas_with_and_without_a_password() {
    let (Some(world), Some(other)) = (World::start(), User::new()) else { return };
    let (me, them) = (&world.user.0, &other.0);
    let rules = format!("permit {me} as {them}\npermit nopass {me} as root\n");
    let Some(_rules) = Doas::permit(&rules) else { return };
    let pool = world.pool();
    let root = pool.helper(&world.root("doas", None)).await.unwrap();
    assert_eq!(root.hello().uid, 0);
    ping(&root).await;
    let become_other = |password| {
        let root = world.root("doas", password);
        let escalation = root.escalation.map(|one| Escalation { user: them.clone(), ..one });
        Target { escalation, ..world.target() }
    };
    let helper = pool.helper(&become_other(Some("correct horse"))).await.unwrap();
    assert_eq!(&helper.hello().user, them);
    ping(&helper).await;
    let uid = helper.hello().uid;
    let wrong = refusal(pool.helper(&become_other(Some("wrong"))).await);
    assert!(wrong.denied && wrong.message.starts_with("Incorrect doas password"), "{wrong}");
    let missing = refusal(pool.helper(&become_other(None)).await);
    assert!(missing.denied && missing.message.starts_with("Missing doas password"), "{missing}");
    pool.close().await;
    fs::remove_dir_all(format!("/var/tmp/fcplay-{uid}")).unwrap();
}

#[tokio::test]
async fn doas_that_does_not_permit_it() {
    let Some(world) = World::start() else { return };
    let Some(_rules) = Doas::permit("") else { return };
    let refused = refusal(world.pool().helper(&world.root("doas", Some("x"))).await);
    assert!(refused.denied, "{refused}");
    assert!(refused.message.contains("hint: /etc/doas.conf there has to permit it"), "{refused}");
}
