"""Answers what PyYAML makes of YAML: each line on standard input is a JSON list of texts, each line of the answer a JSON
list with the values in the words of `canon` (tests/data/yaml/make.py), null where PyYAML refuses the text.
"""

import json
import pathlib
import sys

import yaml

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "tests/data/yaml"))
from make import canon


class Loader(yaml.CSafeLoader):
    """PyYAML's loader, with sets as lists: they have no order."""


def construct_list_of_keys(loader, node):
    value = loader.construct_mapping(node, deep=True)
    return list(value)


Loader.add_constructor("tag:yaml.org,2002:set", construct_list_of_keys)


def answer(text):
    try:
        return canon(list(yaml.load_all(text, Loader=Loader)))
    except Exception:
        return None


for line in sys.stdin:
    print(json.dumps([answer(text) for text in json.loads(line)]), flush=True)
