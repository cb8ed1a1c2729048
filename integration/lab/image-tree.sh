# Makes the files of a small image out of programs of the container that this is sourced in.
# shellcheck shell=bash

# begin_tree UID USER FOLDER…: an almost empty system with a user and the user's folders.
begin_tree() {
  local id=$1 user=$2 folder
  shift 2
  # Real folders, because in a whole Debian /bin and /lib are links and a tar of some files is not.
  mkdir -p /out/tree/{bin,etc,lib64,tmp}
  chmod 1777 /out/tree/tmp
  printf 'root:x:0:0::/:/bin/sh\n%s:x:%s:%s::/data:/bin/sh\n' "$user" "$id" "$id" >/out/tree/etc/passwd
  printf 'root:x:0:\n%s:x:%s:\n' "$user" "$id" >/out/tree/etc/group
  for folder in "$@"; do
    mkdir -p "/out/tree/$folder"
    chown "$id:$id" "/out/tree/$folder"
  done
}

# copy_libraries PROGRAM: the libraries that it needs, where it looks for them.
copy_libraries() {
  # What is linked statically has none.
  { ldd "$1" || true; } 2>/dev/null | { grep -o '/[^ )]*' || true; } | while read -r library; do
    mkdir -p "/out/tree${library%/*}"
    cp -nL "$library" "/out/tree$library"
  done
}

# copy_with_libraries PROGRAM: into /bin, with the libraries that it needs.
copy_with_libraries() {
  cp -L "$1" /out/tree/bin/
  copy_libraries "$1"
}
