//! The time, the environment and the user.

use super::Gather;
use crate::base::Value;
use crate::base::time::Civil;

const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(super) fn date_time(gather: &mut Gather<'_>) {
    let now = gather.look.now();
    let zone = gather.look.zone(now);
    let seconds = now.floor() as i64;
    let micros = ((now - now.floor()) * 1e6) as u32;
    let local = Civil::new(seconds + zone.offset);
    let universal = Civil::new(seconds);
    let two = |number: u32| Value::from(format!("{number:02}"));
    let basic =
        format!("{}T{}", local.date_text().replace('-', ""), local.time_text().replace(':', ""));
    let iso = format!("{}T{}", universal.date_text(), universal.time_text());
    let offset = zone.offset.abs() / 60;
    let sign = if zone.offset < 0 { '-' } else { '+' };
    let fact = [
        ("date", local.date_text().into()),
        ("day", two(local.day)),
        ("epoch", seconds.to_string().into()),
        ("epoch_int", seconds.to_string().into()),
        ("hour", two(local.hour)),
        ("iso8601", format!("{iso}Z").into()),
        ("iso8601_basic", format!("{basic}{micros:06}").into()),
        ("iso8601_basic_short", basic.into()),
        ("iso8601_micro", format!("{iso}.{micros:06}Z").into()),
        ("minute", two(local.minute)),
        ("month", two(local.month)),
        ("second", two(local.second)),
        ("time", local.time_text().into()),
        ("tz", zone.name.into()),
        ("tz_dst", summer_zone(gather, &local).into()),
        ("tz_offset", format!("{sign}{:02}{:02}", offset / 60, offset % 60).into()),
        ("weekday", WEEKDAYS[local.weekday as usize].into()),
        ("weekday_number", local.weekday.to_string().into()),
        ("weeknumber", two(local.week())),
        ("year", local.year.to_string().into()),
    ];
    gather.set("date_time", Value::map(fact));
}

/// Returns the name of the zone's summer time; its usual name when it has none.
fn summer_zone(gather: &Gather<'_>, local: &Civil) -> String {
    let day = |month| (crate::base::time::days_before(local.year, month, 1) * 86_400) as f64;
    let zones = [gather.look.zone(day(1)), gather.look.zone(day(7))];
    let summer = zones.iter().find(|zone| zone.summer).unwrap_or(&zones[0]);
    summer.name.clone()
}

pub(super) fn environment(gather: &mut Gather<'_>) {
    let variables = gather.look.env_all();
    gather.set("env", Value::map(variables.into_iter().map(|(name, value)| (name, value.into()))));
}

pub(super) fn user(gather: &mut Gather<'_>) {
    let (uid, gid) = (gather.look.uid(), gather.look.gid());
    if let Ok(Some(user)) = gather.look.user_by_id(uid) {
        gather.set("user_id", user.name);
        gather.set("user_uid", user.uid);
        gather.set("user_gid", user.gid);
        gather.set("user_gecos", user.comment);
        gather.set("user_dir", user.home);
        gather.set("user_shell", user.shell);
    }
    let status = gather.text("/proc/self/status").unwrap_or_default();
    let real = |key: &str| -> Option<i64> {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse().ok()
    };
    gather.set("real_user_id", real("Uid:").unwrap_or_else(|| uid.into()));
    gather.set("effective_user_id", uid);
    gather.set("real_group_id", real("Gid:").unwrap_or_else(|| gid.into()));
    gather.set("effective_group_id", gid);
}
