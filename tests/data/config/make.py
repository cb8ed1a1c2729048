"""Writes settings.json: names, variables, keys and defaults of the settings that fcplay has, as ansible-core defines them.

Run with a Python that has ansible-core: python make.py SETTINGS_JSON NAME…, where SETTINGS_JSON holds the settings of
ansible-core and the names are those of `src/config/settings`. Options of plugins are read from the plugins themselves.
"""

import importlib
import json
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).parent
PLUGINS = ["connection.ssh", "become.sudo", "inventory.script"]
FRAGMENTS = ["default_callback", "result_format_callback", "shell_common", "constructed"]


def options():
    found = {}
    for name in FRAGMENTS:
        module = importlib.import_module("ansible.plugins.doc_fragments." + name)
        found |= yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)["options"]
    for name in PLUGINS:
        module = importlib.import_module("ansible.plugins." + name)
        found |= yaml.safe_load(module.DOCUMENTATION)["options"]
    return found


def trim(entry):
    return {
        "default": entry.get("default"),
        "env": [e["name"] for e in entry.get("env", [])],
        "ini": [[i["section"], i["key"]] for i in entry.get("ini", [])],
        "type": entry.get("type"),
    }


core = json.loads(pathlib.Path(sys.argv[1]).read_text())
plugins = options()
rows = {name: trim(core.get(name) or plugins[name]) for name in sorted(sys.argv[2:])}
(HERE / "settings.json").write_text(re.sub(r"\n {3,}|\n {2}(?=[\]}])", " ", json.dumps(rows, indent=1)) + "\n")
