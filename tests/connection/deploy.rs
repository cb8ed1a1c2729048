//! The program on the host: sent once, found again, never half.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use fcplay::connection::{Programs, Way};

use super::world::{World, files, ping, refusal};
use crate::ssh::server::run_program;

#[tokio::test]
async fn it_is_sent_once_and_kept() {
    let Some(world) = World::start() else { return };
    let pool = world.pool();
    let helper = pool.helper(&world.target()).await.unwrap();
    assert_eq!(helper.hello().user, world.user.0);
    ping(&helper).await;
    assert!(Arc::ptr_eq(&helper, &pool.helper(&world.target()).await.unwrap()));
    let sent = world.cached();
    assert_eq!(sent.len(), 1, "{sent:?}");
    pool.close().await;

    let pool = world.pool();
    ping(&pool.helper(&world.target()).await.unwrap()).await;
    assert_eq!(world.cached(), sent);
    let mode = fs::metadata(world.home().join(".cache/fcplay")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    pool.close().await;
}

#[tokio::test]
async fn noisy_login_shells_are_heard_out() {
    let Some(world) = World::start() else { return };
    run_program("usermod", &["-s", "/bin/bash", &world.user.0]);
    fs::write(
        world.home().join(".bashrc"),
        "echo Welcome:; printf 'no newline: '; echo oops >&2\n",
    )
    .unwrap();
    let pool = world.pool();
    ping(&pool.helper(&world.target()).await.unwrap()).await;
    pool.close().await;
}

#[tokio::test]
async fn many_starts_at_once_do_not_disturb_each_other() {
    let Some(world) = World::start() else { return };
    let pools: Vec<_> = (0..4).map(|_| world.pool()).collect();
    let target = world.target();
    let [a, b, c, d] = [0, 1, 2, 3].map(|number: usize| pools[number].helper(&target));
    let (a, b, c, d) = tokio::join!(a, b, c, d);
    for helper in [a, b, c, d] {
        ping(&helper.unwrap()).await;
    }
    assert_eq!(world.cached().len(), 1);
}

#[tokio::test]
async fn old_programs_are_thrown_away() {
    let Some(world) = World::start() else { return };
    let cache = world.home().join(".cache/fcplay");
    fs::create_dir_all(&cache).unwrap();
    for (name, days) in [("fcplay-helper-old", 40), (".new-left", 40), ("fcplay-helper-young", 2)] {
        fs::write(cache.join(name), "").unwrap();
        run_program(
            "touch",
            &["-d", &format!("{days} days ago"), cache.join(name).to_str().unwrap()],
        );
    }
    world.own(&world.home());
    let pool = world.pool();
    ping(&pool.helper(&world.target()).await.unwrap()).await;
    let names: Vec<String> = world.cached().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[1], "fcplay-helper-young");
    pool.close().await;
}

#[tokio::test]
async fn a_folder_where_programs_cannot_run_is_passed_over() {
    let Some(world) = World::start() else { return };
    let home = world.home();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "noexec,mode=777", "none"])
        .arg(&home)
        .status();
    if !mounted.unwrap().success() {
        return eprintln!("skipped: mounting is not allowed here");
    }
    world.own(&home);
    let pool = world.pool();
    let started = pool.helper(&world.target()).await;
    pool.close().await;
    run_program("umount", &["-l", home.to_str().unwrap()]);
    let uid = started.unwrap().hello().uid;
    let elsewhere = Path::new("/var/tmp").join(format!("fcplay-{uid}"));
    assert_eq!(files(&elsewhere).len(), 1);
    fs::remove_dir_all(elsewhere).unwrap();
}

#[tokio::test]
async fn a_folder_of_somebody_else_is_not_used() {
    let Some(world) = World::start() else { return };
    let theirs = world.server.path("theirs");
    fs::create_dir(&theirs).unwrap();
    let uid = world.uid();
    fs::create_dir(theirs.join(format!("fcplay-{uid}"))).unwrap();
    fs::set_permissions(theirs.join(format!("fcplay-{uid}")), fs::Permissions::from_mode(0o777))
        .unwrap();
    let mut target = world.target();
    if let Way::Ssh(way) = &mut target.way {
        way.remote_tmp = Some(theirs.display().to_string());
    }
    let pool = world.pool();
    ping(&pool.helper(&target).await.unwrap()).await;
    assert_eq!(files(&theirs.join(format!("fcplay-{uid}"))), []);
    assert_eq!(world.cached().len(), 1);
    pool.close().await;
}

#[tokio::test]
async fn programs_that_are_missing_or_do_not_run() {
    let Some(world) = World::start() else { return };
    let folder = world.server.path("programs");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("fcplay-helper-mips"), "x").unwrap();
    let pool = world.pool_of(Programs::beside(&folder).unwrap());
    let message = refusal(pool.helper(&world.target()).await).message;
    let machine = std::env::consts::ARCH;
    assert_eq!(
        message.lines().next().unwrap().replace(folder.to_str().unwrap(), "DIR"),
        format!(
            "there is no helper for a machine of type `{machine}`: neither `fcplay-helper-{machine}` nor a fitting \
             `fcplay-helper` is in DIR (there is one for mips)"
        )
    );

    fs::write(
        folder.join(format!("fcplay-helper-{machine}")),
        "#!/bin/sh\necho bad library >&2; exit 4\n",
    )
    .unwrap();
    let pool = world.pool_of(Programs::beside(&folder).unwrap());
    assert_eq!(
        refusal(pool.helper(&world.target()).await).message,
        format!(
            "fcplay's helper does not run on the host, a machine of type `{machine}`: bad library"
        )
    );
    assert_eq!(world.cached(), []);
}

#[tokio::test]
async fn a_full_disk_is_said_and_leaves_nothing() {
    let Some(world) = World::start() else { return };
    let small = world.server.path("small");
    fs::create_dir(&small).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k,mode=777", "none"])
        .arg(&small)
        .status();
    if !mounted.unwrap().success() {
        return eprintln!("skipped: mounting is not allowed here");
    }
    let mut target = world.target();
    if let Way::Ssh(way) = &mut target.way {
        way.remote_tmp = Some(small.display().to_string());
    }
    let message = refusal(world.pool().helper(&target).await).message;
    let left = files(&small.join(format!("fcplay-{}", world.uid())));
    run_program("umount", &["-l", small.to_str().unwrap()]);
    assert!(message.contains("No space left on device"), "{message}");
    assert!(message.contains("cannot be written to"), "{message}");
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_user_without_a_shell() {
    let Some(world) = World::start() else { return };
    run_program("usermod", &["-s", "/usr/sbin/nologin", &world.user.0]);
    let message = refusal(world.pool().helper(&world.target()).await).message;
    assert_eq!(
        message,
        "the helper was not started: This account is currently not available.\nhint: the user needs a login shell that \
         runs commands (not nologin, no forced command)"
    );
}
