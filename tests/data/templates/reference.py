"""Runs cases under ansible-core and writes them with what it gives: python generate.py AREA COUNT SEED | python reference.py

It wants the Python of ansible-core 2.19. Cases whose result is another one each time, or shows Ansible's own classes, are
left out. A failure has its kind in `e` and, to read, its message in `m`; the message is not compared.
"""

import datetime
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ.update(TZ="UTC", HOME="/root", LC_ALL="C.UTF-8")

import ansible.utils.display as display
from ansible import errors
from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible._internal._templating._jinja_bits import AnsibleEnvironment
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

init_plugin_loader()
for name in ("display", "warning", "deprecated"):
    setattr(display.Display, name, lambda *args, **kwargs: None)

LOADER = DataLoader()
SECONDS = 3

# Another result each time, or on each machine.
UNSTABLE = re.compile(
    r"0x7f|object at|<function|<built-in|<method|<bound|<generator|datetime\.|lipsum|/tmp/"
    r"|AnsibleLazy|CapturedException|Markup|__class__"
)

# Variables that many cases share stand in files; a case names the file.
SHARED = {
    json.dumps(json.loads(path.read_text()), sort_keys=True): path.name
    for path in pathlib.Path(__file__).parent.glob("variables-*.json")
}


class Late(BaseException):
    """A case takes too long."""


def late(*_):
    raise Late()


def trust(value):
    if isinstance(value, str):
        return TrustedAsTemplate().tag(value)
    if isinstance(value, dict):
        return {key: trust(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trust(item) for item in value]
    return value


def decode(value):
    """Returns the value behind the objects with "$", which stand for what JSON cannot hold."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$" not in value:
        return {key: decode(item) for key, item in value.items()}
    inner = value["v"]
    kinds = {
        "bytes": bytes,
        "date": datetime.date.fromisoformat,
        "dict": lambda pairs: {decode(key): decode(item) for key, item in pairs},
        "float": float,
        "int": int,
        "time": datetime.datetime.fromisoformat,
    }
    return kinds[value["$"]](inner)


def kind_of(error):
    if isinstance(error, errors.AnsibleTemplateSyntaxError) or "Syntax error in " in str(error):
        return "syntax"
    while error is not None:
        if isinstance(error, errors.AnsibleUndefinedVariable):
            return "undefined"
        if isinstance(error, errors.AnsibleTemplateSyntaxError):
            return "syntax"
        error = error.__cause__ or error.__context__
    return "other"


def run(case, folder):
    templar = Templar(loader=LOADER, variables=trust(decode(case.get("v") or {})))
    for path, text in (case.get("f") or {}).items():
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    if case.get("f") or case["k"] == "f":
        templar = templar.copy_with_new_env(environment_class=AnsibleEnvironment, searchpath=[folder])
    text = trust(case["t"])
    if case["k"] == "c":
        return templar.evaluate_conditional(text)
    if case["k"] == "e":
        return templar.evaluate_expression(text)
    if case["k"] == "t":
        return templar.template(text)
    # As the template module renders a file.
    options = {"trim_blocks": True, "lstrip_blocks": False, **(case.get("o") or {})}
    result = templar.template(text, preserve_trailing_newlines=True, escape_backslashes=False, overrides=options)
    return "" if result is None else result if isinstance(result, str) else str(result)


def answered(case):
    """Adds what Ansible makes of a case; returns whether there is an answer."""
    signal.alarm(SECONDS)
    try:
        with tempfile.TemporaryDirectory() as folder:
            result = run(case, folder)
        signal.alarm(0)
        is_time = type(result).__name__ in ("date", "datetime")
        case["r"] = f"<{result}>" if is_time else repr(result)
    except Exception as error:
        signal.alarm(0)
        case["e"], case["m"] = kind_of(error), str(error)
    except BaseException:
        signal.alarm(0)
        return False
    return True


def main():
    signal.signal(signal.SIGALRM, late)
    seen = set()
    for line in sys.stdin:
        if line in seen:
            continue
        seen.add(line)
        case = json.loads(line)
        if not answered(case) or UNSTABLE.search(json.dumps(case)):
            continue
        variables = json.dumps(case.get("v"), sort_keys=True)
        if variables in SHARED:
            case["v"] = SHARED[variables]
        print(json.dumps(case, ensure_ascii=False))


main()
