"""Cases of the modules for files: the module, the files before, the arguments. `/r` is the folder they play in."""

import itertools

STAT = ("exists", "path", "mode", "isdir", "isreg", "islnk", "isuid", "isgid", "uid", "gid", "size", "nlink", "wusr", "rusr",
        "xusr", "wgrp", "rgrp", "xgrp", "woth", "roth", "xoth", "pw_name", "gr_name", "checksum", "lnk_source", "lnk_target",
        "readable", "writeable", "executable")

TEXTS = ["", "a\nb\nc\n", "a\nb\nc", "# foo=1\nfoo=2\nbar = 3\nfoo=4\n", "a\r\nb\r\n", "\n\nb\n\n", "foo\n", "  foo = x # y\n"]


def lineinfile():
    looks = [
        {}, {"regexp": "^foo="}, {"regexp": "^#?\\s*foo="}, {"regexp": "nothing"}, {"regexp": "b"}, {"regexp": "o$"},
        {"search_string": "foo"}, {"search_string": "b"}, {"regexp": "^(\\w+)=(\\d+)", "backrefs": True},
        {"regexp": "^(?P<key>foo)", "backrefs": True}, {"regexp": "^foo=", "firstmatch": True}, {"regexp": "foo\\s"},
        {"regexp": "^\\s*$"}, {"regexp": ""},
    ]
    places = [
        {}, {"insertafter": "EOF"}, {"insertafter": "BOF"}, {"insertbefore": "BOF"}, {"insertafter": "^a"}, {"insertbefore": "^b"},
        {"insertafter": "^foo"}, {"insertbefore": "^foo"}, {"insertbefore": "zz"}, {"insertafter": "zz"},
        {"insertafter": "foo", "firstmatch": True}, {"insertbefore": "foo", "firstmatch": True}, {"insertbefore": "EOF"},
    ]
    lines = ["foo=9", "b", "", "\\1 is \\2", "x\\g<0>y", "a\n", "two\nlines"]
    for text, look in itertools.product(TEXTS, looks):
        for line in lines[:5]:
            yield text, {**look, "line": line}
        if "backrefs" not in look:
            yield text, {**look, "state": "absent"} if look else {"line": "b", "state": "absent"}
    for text, place in itertools.product(TEXTS, places):
        for line in ("new", "b"):
            yield text, {**place, "line": line}
        yield text, {**place, "line": "new", "regexp": "^foo="}
    for line in lines[5:]:
        for text in TEXTS:
            yield text, {"line": line}
            yield text, {"line": line, "regexp": "^foo"}
            yield text, {"line": line, "state": "absent"}


BLOCK = "# BEGIN ANSIBLE MANAGED BLOCK\n%s# END ANSIBLE MANAGED BLOCK\n"


def blockinfile():
    texts = TEXTS + [
        BLOCK % "old\n", "a\n" + BLOCK % "old\nlines\n" + "b\n", BLOCK % "x\n" + "\nb\n", "a\n\n" + BLOCK % "x\n", BLOCK % "",
        "# END ANSIBLE MANAGED BLOCK\nx\n# BEGIN ANSIBLE MANAGED BLOCK\nz\n", "# BEGIN ANSIBLE MANAGED BLOCK\nalone\n",
        BLOCK % "x\n" + BLOCK % "x\n", "a\n" + (BLOCK % "x\n").replace("\n", "\r\n"),
    ]
    blocks = [{"block": "x"}, {"block": "x\n"}, {"block": "x\ny\n\n"}, {"block": ""}, {"block": "x", "state": "absent"}, {}]
    places = [
        {}, {"insertafter": "EOF"}, {"insertbefore": "BOF"}, {"insertafter": "^a"}, {"insertbefore": "^b"}, {"insertafter": "zz"},
        {"insertafter": "(?m)^foo.*$"}, {"insertbefore": "(?m)^b$"}, {"insertafter": "foo"},
    ]
    for text, block in itertools.product(texts, blocks):
        yield text, block
        yield text, {**block, "prepend_newline": True, "append_newline": True}
    for text, place in itertools.product(texts, places):
        yield text, {**place, "block": "x"}
        yield text, {**place, "block": "x", "append_newline": True}
        yield text, {**place, "block": "x", "prepend_newline": True}
    yield "a\n", {"block": "x", "marker": "<!-- {mark} -->"}
    yield "a\n", {"block": "x", "marker": "# {mark} x", "marker_begin": "OPEN", "marker_end": "SHUT"}
    yield "a\n", {"block": "x", "insertafter": "a", "insertbefore": "b"}


def replace():
    patterns = [
        ("o", "0"), ("^foo=(\\d)", "bar=\\1"), ("^#?\\s*(foo)=.*$", "\\1=x"), ("$", "!"), ("^", "> "), ("nothing", "x"), ("\\s+", " "),
        ("(?P<k>\\w+)=", "\\g<k>: "), ("a(z)?", "[\\1]"), ("\\n", ","), ("b*", "-"), ("(?i)A", "x"), ("a", "a"), ("x", "\\2"),
        ("[", "x"), (".", "\\n"), ("foo(?==)", "\\g<0>\\\\"), ("(?s)a.*c", "gone"),
    ]
    for text, (pattern, by) in itertools.product(TEXTS, patterns):
        yield text, {"regexp": pattern, "replace": by}
    parts = [{"after": "a"}, {"before": "c"}, {"after": "foo=2", "before": "foo=4"}, {"after": "zz"}, {"after": "^a\\n", "before": "c"}]
    for text, part in itertools.product(TEXTS, parts):
        yield text, {**part, "regexp": "^(.+)$", "replace": "# \\1"}
        yield text, {**part, "regexp": "b"}


def file_cases():
    folder = {"/r/d": {"kind": "folder"}}
    file = {"/r/f": "text"}
    link = {**file, "/r/l": {"link": "f"}}
    hard = {**file, "/r/h": {"hard": "/r/f"}}
    deep = {
        "/r/d": {"kind": "folder"}, "/r/d/f": {"content": "x", "mode": "0600"}, "/r/d/e": {"kind": "folder", "mode": "0700"},
        "/r/d/e/g": {"content": "y", "mode": "0644"}, "/r/out": {"content": "z", "mode": "0600"}, "/r/d/l": {"link": "../out"},
        "/r/d/gone": {"link": "nowhere"},
    }
    dangling = {"/r/l": {"link": "nowhere"}}
    states = ["absent", "directory", "file", "touch", None]
    worlds = [{}, folder, file, link, hard, dangling, {"/r/d": {"kind": "folder"}, "/r/l": {"link": "d"}}]
    for world, state, name in itertools.product(worlds, states, ["f", "d", "l", "h"]):
        args = {"path": f"/r/{name}", **({"state": state} if state else {})}
        if state == "touch":
            args.update(access_time="preserve", modification_time="preserve")
        yield world, args
        yield world, {**args, "mode": "0600"}
    for world, name, force in itertools.product(worlds, ["f", "d", "l", "h", "new"], [False, True]):
        for src in ("f", "/r/f", "d", "nowhere"):
            yield world, {"path": f"/r/{name}", "state": "link", "src": src, "force": force}
        yield world, {"path": f"/r/{name}", "state": "hard", "src": "/r/f", "force": force}
    for follow in (False, True):
        yield link, {"path": "/r/l", "state": "link", "src": "f", "mode": "0600", "follow": follow}
        yield link, {"path": "/r/l", "state": "link", "src": "f", "owner": "1001", "follow": follow}
        yield link, {"path": "/r/l", "owner": "1001", "group": "1002", "follow": follow}
        yield link, {"path": "/r/l", "state": "file", "mode": "0600", "follow": follow}
        yield dangling, {"path": "/r/l", "state": "link", "src": "nowhere", "mode": "0600", "force": True, "follow": follow}
        yield deep, {"path": "/r/d", "state": "directory", "recurse": True, "mode": "u=rwX,g=rX,o=", "follow": follow}
        yield deep, {"path": "/r/d", "state": "directory", "recurse": True, "owner": "1001", "follow": follow}
        yield deep, {"path": "/r/d", "state": "directory", "recurse": True, "group": "1001", "mode": "a+r", "follow": follow}
    modes = ["0640", "640", "u=rw,g=r,o=", "a+x", "+x", "g+s", "u+s,o-r", "o=g", "1777", "u=rwX", "ug=rw,o-rwx", "u-r+w", "a=", "=", "+t"]
    for mode, world in itertools.product(modes, [folder, file, {}]):
        for name in ("f", "d"):
            if f"/r/{name}" in world:
                yield world, {"path": f"/r/{name}", "mode": mode}
        if not world:
            yield world, {"path": "/r/d/e", "state": "directory", "mode": mode}
            yield world, {"path": "/r/f", "state": "touch", "mode": mode}
    yield {"/r/f": {"content": "x", "mode": "4755"}}, {"path": "/r/f", "owner": "1001", "mode": "4755"}
    yield {"/r/f": {"content": "x", "mode": "4755"}}, {"path": "/r/f", "owner": "1001"}
    yield file, {"path": "/r/f", "owner": "nobody-here"}
    yield file, {"path": "/r/f", "group": "nobody-here"}
    yield file, {"path": "/r/f", "owner": "root", "group": "root"}
    yield file, {"path": "/r/f", "mode": "nonsense"}
    yield file, {"path": "/r/f", "recurse": True}
    yield file, {"path": "/r/f", "state": "file", "src": "/r/x"}
    yield {}, {"path": "/r/a/b/c", "state": "directory", "owner": "1001", "mode": "0750"}
    yield {}, {"path": "/r/a/b", "state": "touch"}
    yield {}, {"path": "/r/d", "state": "directory", "recurse": True, "mode": "0700"}
    yield {}, {"path": "/r/d", "recurse": True}
    yield folder, {"path": "/r/d", "state": "file"}
    yield {**file, "/r/d": {"kind": "folder"}}, {"path": "/r/d", "state": "hard", "src": "/r/f"}
    yield deep, {"path": "/r/d", "state": "absent"}
    yield deep, {"path": "/r/d/l", "state": "absent"}
    yield deep, {"path": "/r/d/f/below", "state": "absent"}
    yield deep, {"path": "/r/d", "state": "link", "src": "/r/out", "force": True}
    for moment in ("202001020304.05", "nonsense"):
        yield file, {"path": "/r/f", "modification_time": moment}
    yield file, {"path": "/r/f", "access_time": "2020-01-02", "access_time_format": "%Y-%m-%d"}
    yield file, {"path": "/r/f", "state": "touch"}


def find():
    world = {
        "/r/d": {"kind": "folder", "age": 10}, "/r/d/a.log": {"content": "one\ntwo\n", "age": 86400 * 3},
        "/r/d/b.txt": {"content": "x" * 3000, "age": 50, "mode": "0600"}, "/r/d/.hid": {"content": "one", "age": 10},
        "/r/d/sub": {"kind": "folder", "age": 86400 * 9}, "/r/d/sub/c.log": {"content": "  two\n", "age": 7200},
        "/r/d/sub/deep": {"kind": "folder", "age": 10}, "/r/d/sub/deep/d.log": {"content": "", "age": 86400 * 30, "mode": "4755"},
        "/r/d/.git": {"kind": "folder", "age": 10}, "/r/d/.git/e.log": {"content": "hidden folder", "age": 10},
        "/r/d/l": {"link": "a.log"}, "/r/d/ls": {"link": "../other"}, "/r/other": {"kind": "folder", "age": 10},
        "/r/other/f.log": {"content": "two", "age": 10},
    }
    options = [
        {}, {"patterns": "*.log"}, {"patterns": ["*.log", "*.txt"]}, {"patterns": "^.*\\.l.g$", "use_regex": True},
        {"patterns": "a,b", "use_regex": True}, {"excludes": "*.log"}, {"patterns": "*", "excludes": ["a*", "b*"]},
        {"contains": "two"}, {"contains": ".*two"}, {"contains": "two", "read_whole_file": True}, {"age": "1d"}, {"age": "-1d"},
        {"age": "1w", "file_type": "any"}, {"age": "-30", "age_stamp": "mtime"}, {"size": "1k"}, {"size": "-1k"}, {"size": "3000"},
        {"size": "-10", "file_type": "any"}, {"file_type": "directory"}, {"file_type": "link"}, {"file_type": "any"},
        {"hidden": True}, {"hidden": True, "file_type": "any"}, {"depth": 1}, {"depth": 2}, {"follow": True}, {"follow": True, "file_type": "any"},
        {"mode": "0600"}, {"mode": "0600", "exact_mode": False}, {"mode": "u=rwx,g=rx,o=rx", "exact_mode": False}, {"mode": "4755"},
        {"mode": "u+s", "exact_mode": False}, {"age": "x"}, {"size": "2q"}, {"patterns": "[", "use_regex": True}, {"age": "2D"},
    ]
    for option, recurse in itertools.product(options, [False, True]):
        yield world, {"paths": "/r/d", "recurse": recurse, **option}
    yield world, {"paths": ["/r/d", "/r/other", "/r/none", "/r/d/a.log"]}
    yield world, {"paths": "/r/d", "recurse": True, "get_checksum": True, "patterns": "a.log"}


def copy():
    world = {
        "/r/s": {"content": "new\n", "mode": "0755"}, "/r/same": "new\n", "/r/old": "old\n", "/r/d": {"kind": "folder"},
        "/r/l": {"link": "old"}, "/r/tree": {"kind": "folder", "mode": "0750"}, "/r/tree/a": {"content": "1", "mode": "0600"},
        "/r/tree/sub": {"kind": "folder", "mode": "0700"}, "/r/tree/sub/b": "2", "/r/tree/l": {"link": "a"},
        "/r/half": {"kind": "folder"}, "/r/half/a": "other", "/r/half/keep": "k", "/r/half/sub": {"kind": "folder"},
    }
    extra = [
        {}, {"mode": "0600"}, {"mode": "preserve"}, {"force": False}, {"backup": True}, {"follow": True}, {"owner": "1001"},
        {"validate": "grep -q new %s"}, {"validate": "false %s"}, {"validate": "true"},
        {"checksum": "4a1f1e1e3e"}, {"directory_mode": "0711"},
    ]
    for dest, more in itertools.product(["same", "old", "new", "d", "d/", "newd/", "l", "no/where"], extra):
        yield world, {"src": "/r/s", "dest": f"/r/{dest}", "remote_src": True, **more}
    trees = [{}, {"local_follow": False}, {"owner": "1001"}, {"directory_mode": "0711"}, {"force": False}]
    for src, dest, more in itertools.product(["tree", "tree/"], ["d", "d/", "newd", "half", "half/"], trees):
        yield world, {"src": f"/r/{src}", "dest": f"/r/{dest}", "remote_src": True, **more}
    yield world, {"src": "/r/none", "dest": "/r/d", "remote_src": True}
    yield world, {"src": "/r/tree", "dest": "/r/old", "remote_src": True}


def assemble():
    world = {
        "/r/p": {"kind": "folder"}, "/r/p/20": "two", "/r/p/10": "one\n", "/r/p/.30": "three\n", "/r/p/30x": "x\n",
        "/r/p/sub": {"kind": "folder"}, "/r/old": "old\n", "/r/same": "three\none\ntwo\nx\n",
    }
    for dest in ("new", "old", "same"):
        for more in ({}, {"delimiter": "---"}, {"delimiter": "# \\x41\\n"}, {"regexp": "^\\d+$"}, {"ignore_hidden": True}, {"mode": "0600"},
                     {"backup": True}, {"validate": "false %s"}, {"validate": "grep -q one %s"}, {"validate": "x"}, {"regexp": "("}):
            yield world, {"src": "/r/p", "dest": f"/r/{dest}", **more}
    yield world, {"src": "/r/none", "dest": "/r/new"}
    yield world, {"src": "/r/old", "dest": "/r/new"}


def editors():
    """Paths, attributes and backups, which the editors have in common."""
    world = {"/r/f": "a\n", "/r/l": {"link": "f"}, "/r/d": {"kind": "folder"}}
    basis = {"lineinfile": {"line": "b"}, "blockinfile": {"block": "b"}, "replace": {"regexp": "a", "replace": "b"}}
    more = [
        {}, {"mode": "0600"}, {"owner": "1001"}, {"backup": True}, {"validate": "false %s"}, {"validate": "grep -q b %s"},
        {"validate": "grep -q b"}, {"create": True}, {"state": "absent"}, {"state": "absent", "create": True},
    ]
    for module, args in basis.items():
        for name, extra in itertools.product(["f", "l", "d", "none", "no/where"], more):
            if module == "replace" and ("create" in extra or "state" in extra):
                continue
            yield module, world, {**args, **extra, "path": f"/r/{name}"}
    yield "lineinfile", world, {"path": "/r/f"}
    yield "lineinfile", world, {"path": "/r/f", "state": "absent"}
    yield "lineinfile", world, {"path": "/r/f", "line": "x", "backrefs": True}
    yield "lineinfile", world, {"path": "/r/f", "line": "x", "regexp": "("}
    yield "lineinfile", world, {"path": "/r/f", "line": "a", "mode": "0600"}
    latin = {"/r/f": {"content": "gr\u00fcn=1\n", "encoding": "latin-1"}}
    yield "lineinfile", latin, {"path": "/r/f", "line": "b\u00e4=2"}
    yield "lineinfile", latin, {"path": "/r/f", "regexp": "^gr.n=", "line": "x=2"}
    yield "blockinfile", latin, {"path": "/r/f", "block": "b\u00e4"}
    yield "replace", latin, {"path": "/r/f", "regexp": "=1", "replace": "=2"}
    yield "replace", latin, {"path": "/r/f", "regexp": "\u00fc", "replace": "ue", "encoding": "latin-1"}


def all_cases():
    for text, args in lineinfile():
        yield "lineinfile", {"/r/f": text}, {"path": "/r/f", **args}
    for text, args in blockinfile():
        yield "blockinfile", {"/r/f": text}, {"path": "/r/f", **args}
    for text, args in replace():
        yield "replace", {"/r/f": text}, {"path": "/r/f", **args}
    for world, args in file_cases():
        yield "file", world, args
    for world, args in find():
        yield "find", world, args
    for world, args in copy():
        yield "copy", world, args
    for world, args in assemble():
        yield "assemble", world, args
    yield from editors()
    world = {"/r/f": {"content": "x", "mode": "4750"}, "/r/l": {"link": "f"}, "/r/d": {"kind": "folder"}, "/r/gone": {"link": "no"}}
    for name, follow in itertools.product(["f", "l", "d", "gone", "none"], [False, True]):
        for algorithm in ("sha1", "md5", "sha256"):
            yield "stat", world, {"path": f"/r/{name}", "follow": follow, "checksum_algorithm": algorithm, "get_mime": False, "get_attributes": False}
    for name in ("f", "d", "none"):
        yield "slurp", world, {"src": f"/r/{name}"}
