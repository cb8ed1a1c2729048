"""Writes scalars.json and documents.json: YAML texts with the values PyYAML gives them.

Run with a Python that has PyYAML with libyaml: python make.py
"""

import datetime
import itertools
import json
import pathlib
import random

import yaml

HERE = pathlib.Path(__file__).parent


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


def expected(text):
    try:
        return canon(list(yaml.load_all(text, Loader=yaml.CSafeLoader)))
    except Exception:
        return None


def scalars():
    words = "yes no on off true false null y n t f nope ~ = << true1 None nil".split()
    words += [w.capitalize() for w in words] + [w.upper() for w in words] + ["tRue", "yEs", "oN"]
    numbers = """0 1 -1 +1 00 0644 08 010 0o644 0o7 0b11 0b 0b2 0b_ 0x1f 0X1f 0x 0x_ 0x1_f 1_000 1__0 _1 1_ -0 +0 -0644 -0x1f
        9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 123456789012345678901234567890
        12:30 1:60 1:59 1:5 01:30 190:20:30 22:22 -1:30 1:30:60 1:2:3:4 60:00 00:00:01 0:00 1: 9:9:9 1_0:30 1:3_0
        1.0 1. .5 +.5 -.5 0. 1.5e3 1e3 1.5e+3 1.5E-3 1.5e 1.e+3 .5e+3 1_0.0_1 ._1 1._ 0.1 1.10 1.2.3 1.0.0.0 1.5e+400 1e+3 12e03
        190:20:30.15 1:30. 1:60.5 01:2.5 1:30.5_0 -1:30.5 .inf -.inf +.inf .Inf .INF .iNf inf .nan .NaN .NAN -.nan nan . .. -. + - -- 1- 1+1
        0.30000000000000004 1.7976931348623157e+308 5e-324 4.9e-324 123456789.123456789 1e16 10000000000000000.0 0.00001 100000.0e+15
        192.168.1.1 10.0.0.0/8 1.2.3 v1.2 1,000 1/2 5% 10M 08:00 8:00 23:59:59 0777 0o0777 0b1010_1010 0xDEADBEEF 0xdeadbeefdeadbeefdeadbeef""".split()
    dates = [
        "2024-01-02", "2024-1-2", "2024-13-45", "2024-02-30", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "0000-01-01", "0001-01-01",
        "2024-01-02 03:04:05", "2024-01-02T03:04:05Z", "2024-01-02t03:04:05.6", "2024-1-2 3:04:05", "2024-01-02 03:04:05.1234567",
        "2024-01-02 03:04:05 +1", "2024-01-02 03:04:05 +01:30", "2024-01-02 03:04:05-05:00", "2024-01-02 03:04:05 -5", "2024-01-02 24:04:05",
        "2024-01-02 03:60:05", "2024-01-02 03:04:60", "2024-01-02 03:04", "2024-01-02T", "2024-01", "24-01-02", "2024-01-02 03:04:05.",
        "2024-01-02\t03:04:05", "2024-01-02 03:04:05 Z", "2024-01-02 03:04:05 +25", "2024-01-02 03:04:05 +23:59", "2024-01-02-03", "20240102",
    ]
    texts = ["a", "a b", "a#b", "a #b", "http://x:1/y", "a:b", "-a", "-1a", "?a", ":a", "a,b", "\u00e9", "\u4e2d\u6587", "~a", "null1", "<<<", "==", "a=b", "!", "'", '"']
    tags = [f"!!{t} {v}" for t, v in itertools.product(
        ["str", "int", "float", "bool", "null", "timestamp", "binary"],
        ["1", "012", "1.5", "yes", "x", "'1'", "2024-01-02", "aGVsbG8=", '"0x1f"', "1:30"])]
    return words + numbers + dates + texts + tags


def table():
    rows = []
    for text in scalars():
        rows.append([text, expected("v: " + text)])
    (HERE / "scalars.json").write_text(json.dumps(rows, indent=0, ensure_ascii=False) + "\n")


class Writer:
    """Writes random documents in all styles by hand: a dumper would use too few of them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.anchors = []
        self.count = 0

    def scalar(self, flow=False):
        r = self.random
        plain = ["a", "web server", "yes", "no", "0644", "12", "1.5", "~", "null", "x-y", "a.b.c", "/etc/hosts", "12:30", "2024-01-02", "1e3",
                 "a#b", "http://x/y", "it's", "\u00fcber", "\u4f60\u597d", "-1", "true"]
        quoted = ["'it''s'", "'a: b'", '"x\\ty\\n"', '"\\u00e9\\x41"', "'# no'", '"a\\\n      b"', "''", '""', "'{{ x }}'", '"{{ x }} {% y %}"',
                  "'*'", '"&"', "'a\n\n      b'", '"  sp  "', '"\\/"', '"\\e\\0"']
        if r.random() < 0.1 and not flow:
            return r.choice(["!!str 12", "!!int '7'", "!!float 3", "!!null ''", "!!bool 'on'", "!!binary aGk="])
        return r.choice(plain if r.random() < 0.65 else quoted)

    def block_scalar(self, indent):
        r = self.random
        pad = " " * (indent + 2)
        lines = [r.choice(["line", "  more", "", "", "- x", "k: v", "# no comment", "end "]) for _ in range(r.randint(1, 5))]
        if not lines[0].strip() or lines[0].startswith(" "):
            lines[0] = "first"
        head = r.choice("|>") + r.choice(["", "-", "+"]) + r.choice(["", "", " # comment"])
        return head + "\n" + "\n".join(pad + line if line else "" for line in lines)

    def flow(self, depth):
        r = self.random
        if depth <= 0 or r.random() < 0.4:
            return self.scalar(True)
        if r.random() < 0.5:
            return "[" + ", ".join(self.flow(depth - 1) for _ in range(r.randint(0, 4))) + r.choice(["", "", ","] if r.random() < 0.5 else [""]) + "]"
        return "{" + ", ".join(f"{self.key()}: {self.flow(depth - 1)}" for _ in range(r.randint(0, 3))) + "}"

    def key(self):
        return self.random.choice(["a", "b", "c", "d", "name", "long key", "'q'", '"w"', "1", "yes", "k-1", "~", "1.0"])

    def node(self, indent, depth):
        """Returns text that goes behind `key:` or `-`, beginning with a space or a newline."""
        r = self.random
        roll = r.random()
        anchor = ""
        if r.random() < 0.1:
            self.count += 1
            name = f"n{self.count}"
            anchor = f" &{name}"
        if roll < 0.1 and self.anchors:
            return " *" + r.choice(self.anchors)
        if roll < 0.15:
            out = ""
        elif depth <= 0 or roll < 0.4:
            out = " " + self.scalar()
        elif roll < 0.5:
            out = " " + self.block_scalar(indent)
        elif roll < 0.6:
            out = " " + self.flow(2)
        elif roll < 0.8:
            out = "\n" + self.map(indent + 2, depth - 1)
        else:
            out = "\n" + self.list(indent + r.choice([2, 2, 3]), depth - 1)
        if anchor:
            out = anchor + out
            self.anchors.append(name)
        return out

    def map(self, indent, depth):
        r = self.random
        lines = []
        for _ in range(r.randint(1, 4)):
            if r.random() < 0.1:
                lines.append(" " * r.randint(0, 6) + "# comment")
            if r.random() < 0.15 and self.anchors:
                value = " *" + r.choice(self.anchors) if r.random() < 0.7 else " [*" + ", *".join(r.sample(self.anchors, 1)) + "]"
                lines.append(" " * indent + "<<:" + value)
                continue
            if r.random() < 0.05:
                lines.append(" " * indent + "? " + self.key() + "\n" + " " * indent + ":" + self.node(indent, depth))
                continue
            lines.append(" " * indent + self.key() + ":" + self.node(indent, depth))
        return "\n".join(lines)

    def list(self, indent, depth):
        lines = []
        for _ in range(self.random.randint(1, 4)):
            if self.random.random() < 0.3:
                inner = self.map(indent + 2, depth - 1).lstrip(" ")
                lines.append(" " * indent + "- " + inner)
            else:
                lines.append(" " * indent + "-" + self.node(indent, depth))
        return "\n".join(lines)

    def document(self):
        r = self.random
        out = r.choice(["", "", "---\n", "# top\n---\n", "%YAML 1.1\n---\n"])
        out += self.map(0, 3) if r.random() < 0.7 else self.list(0, 3)
        if r.random() < 0.1:
            out += "\n---\n" + self.map(0, 2)
        if r.random() < 0.1:
            out += "\n..."
        if r.random() < 0.6:
            out += "\n"
        if r.random() < 0.1:
            out = out.replace("\n", "\r\n")
        return out


FIXED = [
    "", "\n", "# only a comment", "---", "--- 1\n--- 2\n", "a: |\n  x", "a: |+\n  x", "a: |-\n  x", "a: >\n  x\n  y", "a: |\n  x\n  ", "a: |+\n  x\n  ", "a: |\n  x\n    ",
    "a: |\n  x \n  ", "a: |+\n  ", "a: |\n  ", "a: |\n", "a: |", "- |\n x\n-", "a: >+\n  x\n\n", "a: |2\n   x\n  y", "a: \"x\n  y\n\n  z\"", "a: 'x\n  y'", "a: x\n  y\n  z\n",
    "\ufeffa: 1\n", "a: {b: 1, <<: {b: 2, c: 3}}", "a: {<<: [{x: 1}, {x: 2, y: 3}], y: 4}", "a: {<<: 3}", "a: {'<<': {b: 1}}", "a: {!!str <<: {b: 1}}", "a: {<<: [1]}",
    "base: &b {x: 1, y: 2}\nc: {<<: *b, y: 3}\nd:\n  y: 4\n  <<: *b\n", "a: &x {p: 1}\nb: &y {<<: *x, q: 2}\nc: {<<: [*y, {q: 9}], <<: {r: 1}}\n",
    "a: *b", "a: &x 1\nb: *x\n--- \nc: *x\n", "? [1, 2]\n: x", "? {a: 1}\n: x", "=: 1", "a: =", "1: a\n1.0: b\ntrue: c", "a: 1\nb: 2\na: 3", "a: {{ x }}", "a: ! 12", "a: ! x",
    "a: !<tag:yaml.org,2002:int> '3'", "%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1", "a: !!omap [x: 1, y: 2]", "a: !!pairs [x: 1, x: 2]", "a: !!pairs [1]", "a: !!seq [1]",
    "a: !!map {b: 1}", "a: !foo x", "a: !!python/tuple [1]", "a: !!seq {b: 1}", "a: !!map [1]", "a: !!str [1]", "a:\n- b\n- c\n", "a:\n  - b\n  -\n  - - c\n    - d\n", "- a: 1\n  b: 2\n-\n  c: 3\n",
    "{a: 1, b: [x, y], c}", "[a: 1, b]", "{a, b: }", "{\"a\":1}", "{a: 1,}", "[a,]", "[,]", "a: [x\n, y\n]", "a: {b: c,\n\td: e}", "a:\t1", "a: 1\t# c", "a: x\ty", "key with spaces: v", "a : 1",
    "a:\n  b: \"{{ {\n'x': 1\n} }}\"", "a: b: c", "a:\n\tb: 1", "a: \"x", "a: [1", "a: {b", "a: @x", "a: `x`", "a: %x", "a: - b", "a: \"x\" y", "a: \x01", "- a\nb: 1", "a:1\nb: 2", "{a: 1}}",
    "a: 1\n...\nb: 2\n", "a: 1\n---\n", "---\n---\n", "a: \"\\ud83d\\ude00\"", "a: \"\\U0001F600\"", "a: \u2028b", "a: x\u0085y", "'a': 1\n\"b\": 2\n", "a: |\r\n  x\r\n  y\r\n", "a: x\ry", "-", "- -", "?", ":",
    "a: &a", "a: &a\nb: *a", "&a a: 1\nb: *a", "a: [&x 1, *x]", "a: !!null", "a: !!str", "? a\n? b\n", "a: >\n\n  x\n\n   y\n  z\n\n\n", "a: |1\n x\n", "a: \"a\\\n  b\"", "a: ''''", "a: 'x'#y", "a: x#y", "a: #y",
    "a: [1, 2] # c", "a: {x: [1, {y: 2}]}", "x" * 1030 + ": 1", "a: " + "x" * 1030 + ": 1", "? " + "x" * 1030 + "\n: 1", "[" * 50 + "]" * 50,
]


def documents():
    texts = list(FIXED)
    for seed in range(330):
        texts.append(Writer(seed).document())
    rows = []
    for text in texts:
        want = expected(text)
        # Of those that PyYAML refuses a few say enough.
        if want is not None or len(rows) < len(FIXED) + 40:
            rows.append([text, want])
    bad = sum(want is None for _, want in rows)
    print(len(rows), "documents,", bad, "refused by PyYAML")
    (HERE / "documents.json").write_text(json.dumps(rows, indent=0, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    table()
    documents()
