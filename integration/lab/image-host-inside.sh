#!/usr/bin/env bash
# Runs inside the new tree (chroot): users, sudo, sshd, apt. Arguments: suite, mirror.
set -euo pipefail
suite=$1
mirror=$2
export DEBIAN_FRONTEND=noninteractive

# sshd reads keys from /etc/lab, which is mounted when a host starts: one image, many hosts, stable host keys.
rm -f /etc/ssh/ssh_host_*
cat >/etc/ssh/sshd_config.d/lab.conf <<'END'
HostKey /etc/lab/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/lab/authorized_keys
PermitRootLogin no
PasswordAuthentication yes
KbdInteractiveAuthentication yes
UseDNS no
MaxStartups 100
END

# deploy: sudo without a password. ops: sudo asks for it. tty: sudo wants a terminal.
# (--no-user-group: a group named tty exists already.)
for user in deploy ops tty; do useradd --create-home --no-user-group --shell /bin/bash "$user"; done
cat >/etc/sudoers.d/lab <<'END'
deploy ALL=(ALL:ALL) NOPASSWD: ALL
ops ALL=(ALL:ALL) PASSWD: ALL
tty ALL=(ALL:ALL) NOPASSWD: ALL
Defaults:tty requiretty
END
chmod 0440 /etc/sudoers.d/lab

cat >/etc/apt/sources.list <<END
deb $mirror $suite main
deb $mirror $suite-updates main
deb ${mirror%/debian}/debian-security $suite-security main
END

# Hosts that live for minutes need neither manuals nor an fsync for each unpacked file.
cat >/etc/dpkg/dpkg.cfg.d/lab <<'END'
force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
END

# The debs that the roles will install are fetched now, into apt's own cache: a bare host then installs
# them from disk. A cache shared between running hosts would make their apt runs wait for one lock.
apt-get clean
apt-get -qq update
packages=(docker.io docker-compose)
[ -z "$(apt-cache --names-only search '^docker-cli$')" ] || packages+=(docker-cli)
apt-get -qq install -y --no-install-recommends --download-only "${packages[@]}"

# /proc/sys is read-only in a container, so Docker 26 cannot switch IPv6 off on its bridges; this lets it go on.
mkdir -p /etc/systemd/system/docker.service.d
cat >/etc/systemd/system/docker.service.d/lab.conf <<'END'
[Service]
Environment=DOCKER_ALLOW_IPV6_ON_IPV4_INTERFACE=1
END

# No console, no kernel modules, no timers that start work of their own while tests measure.
systemctl mask console-getty.service getty@.service apt-daily.timer apt-daily-upgrade.timer \
  e2scrub_all.timer fstrim.timer systemd-journal-flush.service systemd-modules-load.service
systemctl enable ssh.service
