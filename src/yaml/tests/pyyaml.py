"""Answers what PyYAML makes of YAML: each line on standard input is a JSON list of texts, each line of the answer a JSON
list with the values in the words of `canon` (tests/data/yaml/make.py), null where PyYAML refuses the text.
"""

import datetime
import json
import sys

import yaml


class Loader(yaml.CSafeLoader):
    """PyYAML's loader, with sets as lists: they have no order."""


def construct_list_of_keys(loader, node):
    value = loader.construct_mapping(node, deep=True)
    return list(value)


Loader.add_constructor("tag:yaml.org,2002:set", construct_list_of_keys)


def canon(value):
    if value is None or value is True or value is False or isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bytes):
        return "b" + value.hex()
    if isinstance(value, datetime.date):
        return "<" + value.isoformat() + ">"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(canon, value)) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(map(canon, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(canon(k) + ": " + canon(v) for k, v in value.items()) + "}"
    raise TypeError(type(value))


def answer(text):
    try:
        return canon(list(yaml.load_all(text, Loader=Loader)))
    except Exception:
        return None


for line in sys.stdin:
    print(json.dumps([answer(text) for text in json.loads(line)]), flush=True)
