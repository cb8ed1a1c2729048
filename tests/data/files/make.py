"""Runs the cases of cases.py with the modules of ansible-core and writes what came of them to expected.json.

Run it with the Python of an ansible-core 2.19: `python make.py`, as root, in a time zone of UTC.
"""

import contextlib
import io
import json
import os
import re
import shutil
import stat
import sys
import time

import cases

ROOT = "/tmp/fcplay-cases"
NOW = 1_719_984_000
# Values that are the same on every machine.
KEPT = ("backup_file", "checksum", "dest", "examined", "found", "gid", "group", "matched", "md5sum", "mode", "msg",
        "owner", "path", "rc", "size", "skipped_paths", "src", "state", "uid")


def own(value):
    """Returns a value with the folder of the cases as `/r`."""
    if isinstance(value, str):
        value = value.replace(ROOT, "/r")
        return re.sub(r"\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~", ".BACKUP", value)
    if isinstance(value, list):
        return [own(item) for item in value]
    if isinstance(value, dict):
        return {own(key): own(item) for key, item in value.items()}
    return value


def theirs(value):
    if isinstance(value, str):
        return value.replace("/r/", ROOT + "/") if "/r/" in value else (ROOT if value == "/r" else value)
    if isinstance(value, list):
        return [theirs(item) for item in value]
    if isinstance(value, dict):
        return {key: theirs(item) for key, item in value.items()}
    return value


def put(path, what):
    path = theirs(path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    what = what if isinstance(what, dict) else {"content": what}
    if "link" in what:
        os.symlink(what["link"], path)
        return
    if "hard" in what:
        os.link(theirs(what["hard"]), path)
        return
    if what.get("kind") == "folder":
        os.makedirs(path, exist_ok=True)
    else:
        with open(path, "wb") as file:
            file.write(what.get("content", "").encode(what.get("encoding", "utf-8")))
    os.chmod(path, int(what.get("mode", "0755" if what.get("kind") == "folder" else "0644"), 8))
    if "owner" in what:
        os.chown(path, what["owner"], what["owner"])


def ages(before):
    """Sets the times of files, innermost first: making a file changes its folder."""
    for path, what in sorted(before.items(), reverse=True):
        if isinstance(what, dict) and "link" in what:
            continue
        age = what.get("age", 0) if isinstance(what, dict) else 0
        moment = time.time() - age
        os.utime(theirs(path), (moment, moment))


def tree():
    """Returns everything below the folder of the cases."""
    found = {}
    for folder, folders, files in os.walk(ROOT):
        for name in folders + files:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            entry = {"mode": "%04o" % stat.S_IMODE(status.st_mode), "uid": status.st_uid, "gid": status.st_gid}
            if stat.S_ISLNK(status.st_mode):
                entry = {"link": own(os.readlink(path)), "uid": status.st_uid, "gid": status.st_gid}
            elif stat.S_ISREG(status.st_mode):
                with open(path, "rb") as file:
                    entry["content"] = file.read().decode("latin-1")
                if status.st_nlink > 1:
                    entry["hard"] = True
            found[own(path)] = entry
    return dict(sorted(found.items()))


def run(module, before, args, check):
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(ROOT)
    os.chmod(ROOT, 0o755)
    for path, what in before.items():
        put(path, what)
    ages(before)
    started = tree()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            from ansible.module_utils.testing import patch_module_args

            with patch_module_args({**theirs(args), "_ansible_check_mode": check}):
                try:
                    __import__("ansible.modules." + module, fromlist=["main"]).main()
                except SystemExit:
                    pass
                except BaseException as error:
                    print(json.dumps({"failed": True, "broken": f"{type(error).__name__}: {error}"}), file=out)
        os.write(writer, out.getvalue().strip().splitlines()[-1].encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        result = json.loads(pipe.read())
    os.waitpid(child, 0)
    after = tree()
    kept = {key: own(result[key]) for key in KEPT if key in result}
    if "files" in result:
        kept["files"] = sorted(own(file["path"]) for file in result["files"])
    if "stat" in result:
        kept["stat"] = {key: own(value) for key, value in result["stat"].items() if key in cases.STAT}
    row = {"changed": result.get("changed", False), "failed": result.get("failed", False), "values": kept}
    if "broken" in result:
        row["broken"] = result["broken"]
    changes = {path: after.get(path) for path in sorted(set(started) | set(after)) if started.get(path) != after.get(path)}
    return row, changes


def main():
    import importlib

    os.umask(0o022)
    sys.stdout.flush()
    rows = []
    for module, before, args in cases.all_cases():
        importlib.import_module("ansible.modules." + module)
        row, changes = run(module, before, args, False)
        row["after"] = changes
        checked, touched = run(module, before, args, True)
        assert not touched, (module, args, touched)
        row["check"] = checked["changed"]
        row["check_failed"] = checked["failed"]
        rows.append({"module": module, "before": before, "args": args, **row})
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, sort_keys=True) for row in rows) + "\n]\n")
    print(len(rows), "cases")


if __name__ == "__main__":
    main()
