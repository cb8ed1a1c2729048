//! Calls of the kernel that std does not have. All of the `unsafe` is here, in `process`, in
//! `signals` and in `terminal`.
#![allow(unsafe_code, reason = "the kernel is asked through libc")]

use std::ffi::{CStr, CString};
use std::io;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::system::{Address, FileSystem, Zone};

fn c_path(path: &Path) -> io::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| io::ErrorKind::InvalidInput.into())
}

fn checked(status: libc::c_int) -> io::Result<()> {
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

pub(super) fn uid() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

pub(super) fn gid() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getegid() }
}

/// Returns the umask without changing it, where the kernel tells (since 4.7); else 022.
pub(super) fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    line.and_then(|text| u32::from_str_radix(text.trim(), 8).ok()).unwrap_or(0o022)
}

pub(super) fn access(path: &Path, bits: u32) -> bool {
    let Ok(path) = c_path(path) else { return false };
    let mode = libc::c_int::try_from(bits & 7).unwrap_or(0);
    // SAFETY: the path is a C string that outlives the call.
    unsafe { libc::faccessat(libc::AT_FDCWD, path.as_ptr(), mode, libc::AT_EACCESS) == 0 }
}

pub(super) fn file_system(path: &Path) -> io::Result<FileSystem> {
    let path = c_path(path)?;
    // SAFETY: all zeroes is a valid `statvfs`, which the kernel then fills.
    let mut stat: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path is a C string and the structure is ours.
    checked(unsafe { libc::statvfs(path.as_ptr(), &raw mut stat) })?;
    Ok(FileSystem {
        size: stat.f_frsize * stat.f_blocks,
        available: stat.f_frsize * stat.f_bavail,
        block_size: stat.f_bsize,
        blocks: stat.f_blocks,
        blocks_available: stat.f_bavail,
        inodes: stat.f_files,
        inodes_available: stat.f_favail,
    })
}

/// Lets the process keep memory that it will need again soon: the chunks of large files pass through many threads, and
/// giving each of them back costs more than digesting it.
#[cfg(target_env = "gnu")]
pub fn keep_freed_memory() {
    /// Above this, what is free at the end of a heap goes back to the system, in bytes.
    const KEPT: libc::c_int = 16 << 20;
    /// From this size on, a piece of memory is a mapping of its own, in bytes.
    const OWN: libc::c_int = 4 << 20;
    for (number, value) in [(libc::M_TRIM_THRESHOLD, KEPT), (libc::M_MMAP_THRESHOLD, OWN)] {
        // SAFETY: sets a number of the allocator; where it refuses, all stays as it was.
        unsafe { libc::mallopt(number, value) };
    }
}

/// Lets the process keep memory that it will need again soon; other C libraries have no such number.
#[cfg(not(target_env = "gnu"))]
pub fn keep_freed_memory() {}

/// Begins to bring a part of a file to the disk, without waiting for it.
pub(super) fn begin_writing(file: &std::fs::File, from: u64, length: u64) {
    let (from, length) = (from.cast_signed(), length.cast_signed());
    // SAFETY: the descriptor is open as long as the file is borrowed. It is only a hint: where it fails, the sync at the
    // end does it all.
    unsafe { libc::sync_file_range(file.as_raw_fd(), from, length, libc::SYNC_FILE_RANGE_WRITE) };
}

/// Waits until all of the file system that a file is on is on the disk.
pub(super) fn sync_file_system(file: &std::fs::File) -> io::Result<()> {
    // SAFETY: the descriptor is open as long as the file is borrowed.
    checked(unsafe { libc::syncfs(file.as_raw_fd()) })
}

pub(super) fn set_times(
    path: &Path,
    accessed: Option<f64>,
    modified: Option<f64>,
) -> io::Result<()> {
    let path = c_path(path)?;
    let time = |time: Option<f64>| match time {
        None => libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_OMIT },
        Some(time) => libc::timespec {
            tv_sec: time.floor() as _,
            tv_nsec: ((time - time.floor()) * 1e9) as libc::c_long,
        },
    };
    let times = [time(accessed), time(modified)];
    // SAFETY: the path is a C string and the two times are an array of two.
    let done =
        checked(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), times.as_ptr(), 0) });
    match (done, accessed, modified) {
        // Who may write a file that is somebody else's may set both times, but only to the moment.
        (Err(error), Some(accessed), Some(modified))
            if error.raw_os_error() == Some(libc::EPERM)
                && is_about_now(accessed)
                && is_about_now(modified) =>
        {
            // SAFETY: the path is a C string, and no times stand for the moment.
            checked(unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), std::ptr::null(), 0) })
        }
        (done, ..) => done,
    }
}

fn is_about_now(time: f64) -> bool {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.is_ok_and(|now| (now.as_secs_f64() - time).abs() < 5.0)
}

/// Asks the C library for the time zone, which reads `/etc/localtime` and no plug-ins.
pub(super) fn zone(at: f64) -> Zone {
    let seconds = at as _;
    // SAFETY: all zeroes is a valid `tm`, which the call fills.
    let mut parts: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to locals that outlive the call.
    if unsafe { libc::localtime_r(&raw const seconds, &raw mut parts) }.is_null() {
        return Zone { name: "UTC".into(), ..Zone::default() };
    }
    let name = if parts.tm_zone.is_null() {
        String::new()
    } else {
        // SAFETY: the C library keeps the names of zones as C strings that stay.
        unsafe { CStr::from_ptr(parts.tm_zone) }.to_string_lossy().into_owned()
    };
    Zone { name, offset: parts.tm_gmtoff, summer: parts.tm_isdst > 0 }
}

/// The extended attribute that holds the SELinux context.
const CONTEXT: &std::ffi::CStr = c"security.selinux";

/// The name of the list of access rights beside the mode.
const RIGHTS: &std::ffi::CStr = c"system.posix_acl_access";

/// Gives a new file what the one it replaces has beside its mode, where there is such a thing: the SELinux context, the
/// list of access rights, and the attributes of users.
pub(super) fn keep_attributes(old: &Path, new: &std::fs::File) {
    let Ok(old) = c_path(old) else { return };
    keep_attribute(&old, new, CONTEXT);
    let mut names = [0_u8; 4096];
    // SAFETY: the path is a C string, and the kernel writes no more than the buffer holds.
    let length = unsafe { libc::listxattr(old.as_ptr(), names.as_mut_ptr().cast(), names.len()) };
    let Ok(length) = usize::try_from(length) else { return };
    for name in names[..length].split_inclusive(|byte| *byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name) else { continue };
        if name == RIGHTS || name.to_bytes().starts_with(b"user.") {
            keep_attribute(&old, new, name);
        }
    }
}

fn keep_attribute(old: &CStr, new: &std::fs::File, name: &CStr) {
    let mut value = vec![0_u8; 4096];
    // SAFETY: path and name are C strings, and the kernel writes no more than the buffer holds.
    let length = unsafe {
        libc::getxattr(old.as_ptr(), name.as_ptr(), value.as_mut_ptr().cast(), value.len())
    };
    let Ok(length) = usize::try_from(length) else { return };
    // SAFETY: the descriptor is open, and so many bytes of the buffer were written above. A policy that forbids it leaves
    // the new file with what its folder gives.
    unsafe {
        libc::fsetxattr(new.as_raw_fd(), name.as_ptr(), value.as_ptr().cast(), length, 0);
    }
}

/// Asks the kernel for all addresses; the C library does it over netlink, without plug-ins.
pub(super) fn addresses() -> io::Result<Vec<Address>> {
    let mut first: *mut libc::ifaddrs = std::ptr::null_mut();
    // SAFETY: the call fills the pointer, or fails.
    checked(unsafe { libc::getifaddrs(&raw mut first) })?;
    let mut found = Vec::new();
    let mut next = first;
    while !next.is_null() {
        // SAFETY: not null, and the list is freed only below.
        let entry = unsafe { &*next };
        next = entry.ifa_next;
        if let (Some(ip), Some(mask)) = (ip(entry.ifa_addr), ip(entry.ifa_netmask)) {
            // SAFETY: the name is a C string of the list.
            let name = unsafe { CStr::from_ptr(entry.ifa_name) };
            let has_broadcast = entry.ifa_flags & libc::IFF_BROADCAST as libc::c_uint != 0;
            found.push(Address {
                interface: name.to_string_lossy().into_owned(),
                ip,
                prefix: ones(mask),
                broadcast: self::ip(entry.ifa_ifu).filter(|_| has_broadcast && ip.is_ipv4()),
            });
        }
    }
    // SAFETY: the list came from `getifaddrs`, and nothing of it is kept.
    unsafe { libc::freeifaddrs(first) };
    Ok(found)
}

fn ones(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(ip) => u32::from(ip).count_ones(),
        IpAddr::V6(ip) => u128::from(ip).count_ones(),
    };
    u8::try_from(ones).unwrap_or(0)
}

fn ip(address: *const libc::sockaddr) -> Option<IpAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: not null; every address begins with its family.
    match libc::c_int::from(unsafe { (*address).sa_family }) {
        libc::AF_INET => {
            // SAFETY: the family says that it is an IPv4 address.
            let address = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            Some(IpAddr::V4(address.sin_addr.s_addr.to_ne_bytes().into()))
        }
        libc::AF_INET6 => {
            // SAFETY: the family says that it is an IPv6 address.
            let address = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            Some(IpAddr::V6(address.sin6_addr.s6_addr.into()))
        }
        _ => None,
    }
}
