"""Writes expected.json: what `ansible-inventory --list` says of each folder in cases/.

Run with the folder of ansible-inventory as argument: python cases.py /path/to/bin
"""

import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
# What `-i` gets in each case, relative to its folder, and options beside it.
CASES = {
    "ini_basic": (["hosts"], []),
    "ini_nested": (["hosts.ini"], []),
    "ini_priority": (["hosts"], []),
    "yaml_basic": (["hosts.yml"], []),
    "yaml_priority": (["inv.yaml"], []),
    "json_shape": (["hosts.json"], []),
    "files": (["inventory/hosts"], []),
    "folder": (["inv"], []),
    "script": (["inv.sh"], []),
    "script_host": (["inv.sh"], []),
    "executable_ini": (["hosts"], []),
    "toml": (["hosts.toml"], []),
    "several": (["one.ini", "two.yml"], []),
    "several_reversed": (["two.yml", "one.ini"], []),
    "host_list": (["web1,web2:2222, 10.0.0.1,::1,"], []),
    "localhost": (["hosts"], []),
    "playbook_folder": (["inventory"], ["--playbook-dir", "play"]),
    "empty": (["hosts.yml"], []),
    "no_extension_yaml": (["hosts"], []),
}
EXPORTED = ["ini_nested", "folder", "yaml_basic"]
env = dict(os.environ, ANSIBLE_CONFIG="/dev/null.cfg", ANSIBLE_DEPRECATION_WARNINGS="0")


def listed(name, options):
    sources, more = CASES[name]
    folder = HERE / "cases" / name.removesuffix("_reversed")
    if not folder.exists():
        folder = HERE
    command = [sys.argv[1] + "/ansible-inventory", "--list", *options, *more]
    for source in sources:
        command += ["-i", source]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    print(name, done.stderr.strip()[:300])
    return json.loads(done.stdout)


expected = {
    name: {"sources": CASES[name][0], "playbook": CASES[name][1][1:], "list": listed(name, [])} for name in CASES
}
for name in EXPORTED:
    expected[name]["export"] = listed(name, ["--export"])
(HERE / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
