"""Runs filters and tests under ansible-core and writes what they give to calls.json.

    python make.py > calls.json

It wants ansible-core 2.19, passlib, bcrypt, netaddr, jmespath, and the collections ansible.utils and community.general.

Each line is [kind, name, input, args, kwargs, result]; what failed has {"$": "error"} as its result.
What JSON cannot hold is an object with the key "$".
"""
import datetime
import json
import math
import os
import sys
import uuid

os.environ.update(TZ="UTC", HOME="/root", LC_ALL="C.UTF-8", ANSIBLE_DEPRECATION_WARNINGS="0")

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template

init_plugin_loader()
LOADER = DataLoader()
UNDEFINED = object()
NAN, INF = float("nan"), float("inf")


def encode(value, tuples=False):
    if value is UNDEFINED:
        return {"$": "undefined"}
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$": "float", "v": repr(value)}
    if isinstance(value, bytes):
        return {"$": "bytes", "v": list(value)}
    if isinstance(value, (datetime.datetime, datetime.date)):
        return {"$": "time", "v": str(value)}
    if isinstance(value, dict):
        if all(isinstance(k, str) for k in value) and "$" not in value:
            return {str(k): encode(v, tuples) for k, v in value.items()}
        return {"$": "dict", "v": [[encode(k, tuples), encode(v, tuples)] for k, v in value.items()]}
    if isinstance(value, tuple) and tuples:
        return {"$": "tuple", "v": [encode(v, tuples) for v in value]}
    if isinstance(value, (list, tuple)):
        return [encode(v, tuples) for v in value]
    return {"$": type(value).__name__, "v": str(value)}


def literal(value, variables):
    name = "v%d" % len(variables)
    if value is UNDEFINED:
        return "nope"
    variables[name] = value
    return name


def run(kind, name, value, args, kwargs):
    variables = {}
    parts = [literal(a, variables) for a in args] + [f"{k}={literal(v, variables)}" for k, v in kwargs.items()]
    call = f"({', '.join(parts)})" if parts else ""
    expression = f"{{{{ {literal(value, variables)} {'|' if kind == 'filter' else 'is'} {name}{call} }}}}"
    if kind == "lookup":
        variables.clear()
        parts = [f"'{name}'"] + [literal(a, variables) for a in args]
        parts += [f"{k}={literal(v, variables)}" for k, v in kwargs.items()]
        expression = f"{{{{ lookup({', '.join(parts)}, wantlist=True) }}}}"
    if kind == "test" and not name.replace(".", "").isidentifier():
        expression = f"{{{{ [{literal(value, variables)}] | select('{name}', {', '.join(parts)}) | length == 1 }}}}"
    try:
        return encode(Templar(LOADER, variables=variables).template(trust_as_template(expression)))
    except Exception as error:
        if os.environ.get("WHY"):
            print(expression, variables, error, file=sys.stderr)
        return {"$": "error"}


CASES = []


def f(name, value, *args, **kwargs):
    CASES.append(("filter", name, value, args, kwargs))


def t(name, value, *args, **kwargs):
    CASES.append(("test", name, value, args, kwargs))


def l(name, *args, **kwargs):
    CASES.append(("lookup", name, None, args, kwargs))


exec(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "cases.py")).read())

sys.stdout.write("[\n")
lines = []
for kind, name, value, args, kwargs in CASES:
    row = [kind, name, encode(value, True), [encode(a, True) for a in args],
           {k: encode(v, True) for k, v in kwargs.items()},
           run(kind, name, value, args, kwargs)]
    line = json.dumps(row, ensure_ascii=False)
    if line not in lines:
        lines.append(line)
sys.stdout.write(",\n".join(lines) + "\n]\n")
