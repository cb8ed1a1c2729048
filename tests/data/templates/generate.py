"""Makes templates to try, a JSON object a line: python generate.py AREA COUNT SEED | python reference.py

Each function `a_AREA` makes the cases of one area, about COUNT of them, the same ones for the same SEED. What the keys of
a case mean is told in src/template/cases/reference.rs.
"""

import json
import random
import re
import sys

area, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
R = random.Random(f"{area}{seed}")
c = R.choice


def emit(t, k="t", v=None, f=None, o=None):
    case = {"k": k, "t": t}
    if v:
        case["v"] = v
    if f:
        case["f"] = f
    if o:
        case["o"] = o
    print(json.dumps(case, ensure_ascii=False))


NUMS = [
    "0", "1", "2", "3", "-1", "-7", "10", "255", "1000", "2.5", "-0.5", "0.1", "1e3", "1.0", "100.0", "1e16", "1e-5",
    "123456789012345678901234567890", "0x1f", "0b101", "0o17", "1_000", "-0.0", "3.14159", "1e15", "1e22",
    "9007199254740993", "0.30000000000000004", "9223372036854775807", "9223372036854775808",
]
STRS = [
    "'a'", "'abc'", "''", "'Hello World'", "'a,b,c'", "' pad '", "'1'", "'12'", "'1.5'", "'é'", "'日本'", "'A-b_C'",
    "'yes'", "'true'", '"it\'s"', "'a\\nb'", "'x=1 y=2'", "'/usr/local/bin'", "'aXbXc'", "'%s'", "'{}'", "'tab\\t'",
    "'ß'", "'null'", "'0'", "'~'",
]
LISTS = [
    "[]", "[1, 2, 3]", "['a', 'b']", "[3, 1, 2]", "[[1], [2]]", "['b', 'A', 'c']", "[1, 'a', none]", "[true, false]",
    "[{'n': 1, 'k': 'x'}, {'n': 2, 'k': 'y'}]", "[none]", "['', 'x']", "[1.5, 2]", "[1, 1, 2]",
]
DICTS = [
    "{}", "{'a': 1}", "{'a': 1, 'b': 2}", "{'b': {'c': [1, 2]}}", "{1: 'x'}", "{'k': none}", "{'z': 1, 'y': [3]}",
    "{'a': 'x', 'b': 'y'}", "{true: 1}",
]
MISC = ["true", "false", "none", "()", "(1,)", "(1, 'a')", "x", "l", "d", "s", "n", "missing", "f"]
VARS = {
    "x": 5,
    "l": [1, "two", 3.5, None],
    "d": {"a": 1, "b": {"c": "deep"}, "list": [1, 2]},
    "s": "text",
    "n": None,
    "f": 2.5,
    "t": "{{ x + 1 }}",
    "people": [
        {"name": "ann", "age": 30, "tags": ["a"]},
        {"name": "Bob", "age": 25, "tags": []},
        {"name": "cy", "age": 30},
    ],
}


def atom():
    r = R.random()
    return c(NUMS) if r < 0.3 else c(STRS) if r < 0.5 else c(LISTS) if r < 0.65 else c(DICTS) if r < 0.75 else c(MISC)


def expr(d=2):
    if d <= 0:
        return atom()
    r = R.random()
    if r < 0.15:
        return atom()
    if r < 0.45:
        return f"{expr(d-1)} {c(['+','-','*','/','//','%','~','~','+','*'])} {expr(d-1)}"
    if r < 0.5:
        return f"{c(['2','3','-2','0.5','1','x','true'])} ** {c(['2','3','0','-1','0.5','x'])}"
    if r < 0.62:
        return f"{expr(d-1)} {c(['==','!=','<','<=','>','>=','in','not in'])} {expr(d-1)}"
    if r < 0.67:
        return f"({expr(d-1)})"
    if r < 0.71:
        return f"not {expr(d-1)}"
    if r < 0.76:
        return f"{expr(d-1)} {c(['and','or'])} {expr(d-1)}"
    if r < 0.80:
        return f"{expr(d-1)} if {expr(d-1)} else {expr(d-1)}"
    if r < 0.84:
        return f"{c(['-','+'])}{expr(d-1)}"
    if r < 0.90:
        return f"({expr(d-1)})[{c(['0','1','-1','5',':2','1:','::-1','-2:','::2','1:3:2','s','true','none','1.0'])}]"
    if r < 0.94:
        return f"({expr(d-1)}).{c(['a','b','c','keys()','items()','upper()','real','0','nope','x.y'])}"
    return f"{expr(d-1)} is {c(['defined','none','string','number','mapping','sequence','iterable','integer','float','boolean','true','false','odd','even','in [1]','eq(1)','truthy','falsy','undefined','sameas(none)','divisibleby(2)','not defined','== 1','callable','upper','lower'])}"


def a_expressions():
    """Operators on constants and variables."""
    for _ in range(count):
        e = expr(R.randint(1, 3))
        vs = VARS if R.random() < 0.9 else None
        r = R.random()
        if r < 0.75:
            emit("{{ " + e + " }}", v=VARS)
        elif r < 0.87:
            emit("[{{ " + e + " }}]", v=VARS)
        elif r < 0.95:
            emit(e, "e", VARS)
        else:
            emit(e, "c", VARS)


METHODS = {
    "STRS": [
        "upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()", "strip()", "lstrip()", "rstrip()",
        "strip('a')", "lstrip('/u')", "rstrip('c')", "split()", "split(',')", "split(',', 1)", "rsplit('X', 1)",
        "rsplit()", "splitlines()", "splitlines(true)", "partition(',')", "rpartition('X')", "replace('a', 'b')",
        "replace('a', '')", "replace('', '-')", "replace('a','b',1)", "find('b')", "find('')", "rfind('a')",
        "index('a')", "rindex('a')", "count('a')", "count('')", "startswith('a')", "startswith(('a','b'))",
        "endswith('c')", "endswith('c', 0, 1)", "startswith('b', 1)", "isdigit()", "isalpha()", "isalnum()",
        "isspace()", "isupper()", "islower()", "istitle()", "isnumeric()", "isdecimal()", "isidentifier()",
        "isprintable()", "isascii()", "zfill(5)", "ljust(6)", "rjust(6, '*')", "center(7)", "center(8, '-')",
        "expandtabs()", "expandtabs(4)", "join(['x','y'])", "join('pq')", "join([])", "join([1])", "format('Z')",
        "format(1, 2)", "format(a=3)", "removeprefix('a')", "removesuffix('c')", "encode().decode()",
        "translate({97: 'z'})", "translate({97: none})", "find('c', 1, 2)", "index('zz')", "split('')",
        "ljust(2, 'ab')", "zfill('x')", "join(5)", "nope()", "__len__()", "__class__", "upper", "count()",
        "split(sep=',')", "split(maxsplit=1)", "splitlines(keepends=true)", "expandtabs(tabsize=2)", "encode('ascii')",
        "hex()", "format_map({'a': 1})", "rindex('b', 0)", "find(1)",
    ],
    "LISTS": [
        "index(1)", "index('a')", "count(1)", "copy()", "index(99)", "append(9)", "extend([8])", "pop()", "pop(0)",
        "insert(0, 'n')", "reverse()", "sort()", "clear()", "remove(1)", "sort(reverse=true)", "__len__()", "nope()",
        "pop('a')", "insert(1)", "extend(5)", "append()", "index(1, 1)", "remove('zz')", "pop(99)", "sort(key=none)",
        "count()",
    ],
    "DICTS": [
        "keys()", "values()", "items()", "get('a')", "get('zz')", "get('zz', 3)", "copy()", "pop('a')", "pop('zz')",
        "pop('zz', 0)", "update({'q': 1})", "update(q=2)", "update([['r', 3]])", "setdefault('a', 9)",
        "setdefault('new', 9)", "popitem()", "clear()", "fromkeys(['a', 'b'], 0)", "keys() | list", "nope()", "a",
        "get()", "items", "get([])", "update(5)", "update([[1]])", "items() | list | length", "values() | sum",
    ],
    "NUMS": [
        "real", "imag", "bit_length()", "is_integer()", "as_integer_ratio()", "conjugate()", "numerator", "denominator",
        "hex()", "to_bytes(2, 'big')", "nope", "__add__(1)", "bit_count()",
    ],
}


def a_methods():
    """Methods of text, lists, dictionaries and numbers."""
    for kind, methods in METHODS.items():
        pool = {"STRS": STRS, "LISTS": LISTS, "DICTS": DICTS, "NUMS": [n for n in NUMS if not n.startswith("-")]}[kind]
        for m in methods:
            for base in R.sample(pool, min(len(pool), max(2, count // 250))):
                emit("{{ (" + base + ")." + m + " }}")
                if kind in ("LISTS", "DICTS") and "(" in m and "|" not in m:
                    emit("{% set v = " + base + " %}{% set r = v." + m + " %}{{ [v, r] }}")
                if R.random() < 0.2:
                    emit("{{ v." + m + " }}", v={"v": "{{ " + base + " }}"})
    for _ in range(count // 3):
        base = c(STRS)
        chain = ".".join(
            c(
                [
                    m
                    for m in METHODS["STRS"][:40]
                    if "split" not in m
                    and "find" not in m
                    and "count" not in m
                    and "index" not in m
                    and "with" not in m
                    and not m.startswith("is")
                    and "partition" not in m
                ]
            )
            for _ in range(R.randint(2, 4))
        )
        emit("{{ (" + base + ")." + chain + " }}")


FMT = [
    "%s", "%d", "%i", "%5d", "%-5d|", "%05d", "%+d", "% d", "%x", "%X", "%#x", "%o", "%#o", "%e", "%.2e", "%E", "%f",
    "%.0f", "%.3f", "%10.2f", "%-10.1f|", "%+.1f", "%g", "%.3g", "%G", "%c", "%r", "%a", "%5s|", "%-5s|", "%.2s", "%%",
    "%%%s", "%s and %s", "%(a)s", "%(a)5.1f", "%(a)d-%(b)s", "%*d", "%.*f", "%u", "%ld", "%", "%z", "%s %", "%(a",
    "%5%", "%#.3g", "%010.3f", "%+05d", "%-05d|", "%.0e", "%s%s%s", "%x%%", "%08.3e", "%#e", "%.10g", "%1$s",
]
FVAL = [
    "1", "-1", "0", "3.7", "-2.5", "1e20", "1e-7", "'a'", "'abc'", "true", "none", "[1, 2]", "{'a': 1}",
    "{'a': 2.5, 'b': 'q'}", "(1, 2)", "('a', 'b')", "(5, 42)", "(2, 3.14159)", "()", "12345678901234567890", "65",
    "'é'", "(1,)", "{}", "0.1", "1e100", "123456.789", "-0.0", "'1'", "(1,2,3)",
]
SPEC = [
    "", "s", "d", "5", "<5", "^7", ">7", "*^9", "05", "+", "-", " ", ",", "_", "x", "#x", "X", "o", "b", "#b", "#010b",
    "e", ".2f", ".0f", "g", ".3g", "%", ".1%", "10.3f", "<10.2f", "+.1f", ".3", "c", "n", "E", "G", "F", "=+5", "5.1",
    ",.2f", "_x", "z.1f", "q", "5d", "05d", "<05d", "!r", "^", "#", "._f", "08.2f", "e>5", ".2s", "5s", "\n>4",
]


def a_formatting():
    """`%`, `format()` and how numbers print."""
    for f in FMT:
        for v in R.sample(FVAL, max(2, count // 110)):
            emit("{{ '" + f + "' % " + v + " }}x" if R.random() < 0.3 else "{{ '" + f + "' % " + v + " }}")
            if R.random() < 0.3:
                emit("{{ '" + f + "' | format(" + v.strip("()").rstrip(",") + ") }}")
    for s in SPEC:
        for v in R.sample(FVAL, max(2, count // 110)):
            emit(
                "{{ '{:" + s.replace("\n", "\\n") + "}'.format(" + v + ") }}"
                if s != "!r"
                else "{{ '{!r}'.format(" + v + ") }}"
            )
    for t in [
        "{0}{1}", "{}{}", "{1}{0}", "{a}", "{a[x]}", "{a.real}", "{0[0]}", "{0[1]:>5}", "{{}}", "{{{}}}", "{", "}",
        "{}}", "{0}{}", "{!s}", "{!a}", "{!z}", "{0!r:>5}", "{:{}}", "{:{w}}", "{0:{1}}", "{a[0]}", "{ }", "{0 }",
        "{-1}", "{5}", "{a.b}", "{0.__class__}", "{0[a]}{0[b]}",
    ]:
        for v in [
            "1, 2", "'a', 'b'", "[1, 2], 5", "{'a': 1, 'b': 2}", "a=1", "a={'x': 1}", "a=[7]", "5, w=6", "'q', w='>4'",
            "",
        ]:
            emit("{{ '" + t + "'.format(" + v + ") }}")
    for n in [
        "0.1", "1/3", "2/3", "1e15", "1e16", "123456789.123", "1e-4", "1e-5", "0.00001234", "1e21", "1e22", "1e23",
        "5e-324", "1.7976931348623157e308", "-0.0", "1e16+1", "2**53", "2.0**53", "10**15*1.0", "10**16*1.0", "3.0",
        "100.0", "1.10", "1e2", "12345678901234567.0", "0.1+0.2", "1.1*3", "4.35*100", "1e300*1e10", "-1e300*1e10",
        "(1e300*1e10) - (1e300*1e10)", "7//2.0", "-7//2", "-7%3", "7%-3", "-7.5%2", "7.5//-2", "2**0.5", "2**-1",
        "2**64", "-2**63", "10**30", "7/2", "4/2", "1/0", "1//0", "1%0", "1.0/0", "0**0", "0.0**-1", "(-8)**(1/3)",
        "5//0.3", "1e308*10", "2**100 / 3", "2**100 // 3", "2**100 % 7", "-(2**100) // 3", "(2**100) * 1.0",
        "2**64 == 2.0**64", "2**53+1 == 2.0**53", "10**400 * 1.0", "round(2.5)",
    ]:
        for w in [
            "{{ %s }}", "x{{ %s }}", "{{ [%s] }}", "{{ (%s) | string }}", "{{ (%s) | int }}", "{{ (%s) | round(2) }}",
            "{{ (%s) | to_json }}", "{{ (%s) | to_yaml }}", "{{ '%%s %%.3f' %% ((%s), (%s)) }}",
        ]:
            emit(w.replace("%%", "\0").replace("%s", n).replace("\0", "%"))


WORDS_IN = [
    "{%", "%}", "{{", "}}", "{#", "#}", "{%-", "-%}", "{{-", "-}}", "{%+", "+%}", "if", "else", "elif", "endif", "for",
    "in", "endfor", "set", "endset", "x", "y", "=", "==", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":", "'a'",
    '"b"', "1", "1.5", "not", "and", "or", "is", "defined", "upper", "default", "macro", "endmacro", "call", "endcall",
    "endfilter", "raw", "endraw", "with", "endwith", "block", "endblock", "include", "import", "from", "as", "+", "-",
    "*", "**", "/", "//", "%", "~", "<", ">=", "!=", "!", "&", "@", "\\", "'", '"', "\n", " ", "text", "recursive",
    "loop", "none", "true", "scoped", "ignore", "missing", "without", "context", "print", "autoescape", "endautoescape",
    "extends", "do", "continue", "break", "_", "é",
]
VALID = [
    "{% if x %}a{% elif y %}b{% else %}c{% endif %}", "{% for i in l if i %}{{ i }}{% else %}none{% endfor %}",
    "{% set a = 1 %}{{ a }}", "{% set a, b = 1, 2 %}{{ a + b }}",
    "{% macro m(a, b=2, *args) %}{{ a }}{% endmacro %}{{ m(1) }}",
    "{% macro m(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 3, 4, c=5) }}",
    "{% call(u) m('x') %}{{ u }}{% endcall %}", "{% filter upper | trim %} a {% endfilter %}",
    "{% raw %}{{ x }}{% endraw %}", "{{ x | default('a', true) | upper }}", "{{ d.b['c'][0:2] }}",
    "{{ x if x else 'no' }}", "{{ [1, 2, (3, 4)] }}", "{{ {'a': 1, 'b': [2]} }}",
    "{{ x is not defined or y is defined and not z }}", "{% with a=1, b=2 %}{{ a }}{{ b }}{% endwith %}",
    "{% block t %}b{% endblock t %}", "{# c #}x{#- y -#} z", "{%- if x -%} a {%- endif -%} b",
    "{{ 'a' ~ 1 + 2 * 3 ** 2 // 1 % 5 }}", "{{ a < b <= c != d }}", "{{ x in l not in [true] }}",
    "{{ lookup('items', [1, 2], wantlist=true) }}", "{{ -x | abs + +y }}", "{{ f(*l, **d) }}", "{{ x.y.0.z['w'] }}",
    "{% for a, (b, c) in l %}{{ a }}{% endfor %}", "{% for k, v in d.items() recursive %}{{ loop(v) }}{% endfor %}",
    "{% set x | upper %}abc{% endset %}{{ x }}", "{% print 1, 2 %}", "{{ 'it''s' \"a\" }}",
    "{{ x is divisibleby 3 }}{{ x is sameas(y) }}", "{% if a: %}b{% endif %}", "{{ (1,) }}{{ () }}{{ 1, }}",
    "{{ x[1, 2] }}{{ x[:] }}{{ x[::2] }}", "{% include ['a', 'b'] ignore missing without context %}",
    "{% import 'a' as b with context %}", "{% from 'a' import b as c, d %}",
    "{% autoescape true %}{{ x }}{% endautoescape %}", "{{ 1 if a else 2 if b else 3 }}", "{{ not not a }}",
    "{{ a.b(c).d[e](f) }}",
]


def a_syntax():
    """Valid templates with pieces taken out, doubled or changed."""
    tok = re.compile(r"\{[%{#][-+]?|[-+]?[%}#]\}|\w+|'[^']*'|\"[^\"]*\"|\*\*|//|[=!<>]=|\s+|.", re.S)
    for t in VALID:
        emit(t, v=VARS)
    for _ in range(count):
        parts = tok.findall(c(VALID))
        for _ in range(R.choice([1, 1, 1, 2, 3])):
            i = R.randrange(len(parts)) if parts else 0
            r = R.random()
            if r < 0.35 and parts:
                del parts[i]
            elif r < 0.7:
                parts.insert(i, c(WORDS_IN) if R.random() < 0.7 else c(WORDS_IN) + " ")
            elif r < 0.85 and parts:
                parts[i] = c(WORDS_IN)
            elif parts:
                j = R.randrange(len(parts))
                parts[i], parts[j] = parts[j], parts[i]
        t = "".join(parts)
        if "do " in t or "{% do" in t or "break" in t or "continue" in t:
            continue
        if R.random() < 0.1 and t.startswith("{{ "):
            emit(t[3:].replace(" }}", ""), "e", VARS)
        else:
            emit(t, v=VARS)


def a_whitespace():
    """White space control, `trim_blocks`, `lstrip_blocks`, the first line `#jinja2:`."""
    pieces = [
        "a", "b\n", "\n", "  ", "\t", " x\n", "  y", "\n\n", "{% if true %}", "{%- if true %}", "{% if true -%}",
        "{%+ if true %}", "{% if true +%}", "{{ 1 }}", "{{- 1 }}", "{{ 1 -}}", "{{- 1 -}}", "{# c #}", "{#- c #}",
        "{# c -#}", "{#+ c #}", "{# c +#}", "{% set q = 1 %}", "{%- set q = 1 -%}", "{% for i in [1,2] %}",
        "{%- for i in [1,2] -%}", "{% raw %}", "{% raw -%}", "{%- raw %}", "{% endraw %}", "{%- endraw %}",
        "{% endraw -%}", "{%+ endraw +%}", "\r\n", "{{ 'x\\n' }}", "{{ none }}",
    ]
    ends = {
        "if": ["{% endif %}", "{%- endif %}", "{% endif -%}", "{%+ endif +%}", "{%- endif -%}"],
        "for": ["{% endfor %}", "{%- endfor %}", "{% endfor -%}", "{%+ endfor %}"],
    }
    for _ in range(count):
        out, stack = [], []
        raw = False
        for _ in range(R.randint(3, 10)):
            p = c(pieces)
            if raw and "endraw" not in p:
                if "raw" in p:
                    continue
            elif "endraw" in p and not raw:
                continue
            out.append(p)
            if "endraw" in p:
                raw = False
            elif not raw and "raw" in p:
                raw = True
            elif not raw and " if " in p:
                stack.append("if")
            elif not raw and " for " in p:
                stack.append("for")
            if stack and not raw and R.random() < 0.4:
                out.append(c(ends[stack.pop()]))
        if raw:
            out.append("{% endraw %}")
        while stack:
            out.append(c(ends[stack.pop()]))
        t = "".join(out)
        if R.random() < 0.2:
            h = c(
                [
                    "trim_blocks: False", "lstrip_blocks: True", "trim_blocks: False, lstrip_blocks: True",
                    "newline_sequence: '\\r\\n'", "keep_trailing_newline: False",
                    "variable_start_string: '[[', variable_end_string: ']]'",
                    "block_start_string: '<%', block_end_string: '%>'",
                    "comment_start_string: '/*', comment_end_string: '*/'", "line_statement_prefix: '%%'",
                    "line_comment_prefix: '##'", "line_statement_prefix: '#', line_comment_prefix: '##'",
                ]
            )
            if "[[" in h:
                t = t.replace("{{", "[[").replace("}}", "]]")
            if "<%" in h:
                t = t.replace("{%", "<%").replace("%}", "%>")
            if "/*" in h:
                t = t.replace("{#", "/*").replace("#}", "*/")
            if "line_statement" in h:
                p = "%%" if "%%" in h else "#"
                t = (
                    c(["", "a\n"])
                    + f"{c(['','  '])}{p} for i in [1,2]{c(['',':','  '])}\n{c(['  ',''])}v{{{{ i }}}}{c(['',' ## c','  # x'])}\n{c(['',' '])}{p} endfor\n"
                    + c(["", "z", f"{p} set q = [1,\n2]\n{{{{ q }}}}"])
                )
            if "line_comment" in h and "statement" not in h:
                t = t.replace("x", "x ## note").replace("b\n", "b\n## all\n")
            t = "#jinja2: " + h + "\n" + t
        o = {}
        if R.random() < 0.4:
            o["lstrip_blocks"] = True
        if R.random() < 0.3:
            o["trim_blocks"] = False
        emit(t, c(["f", "f", "f", "t"]), {"x": 1}, o=o or None)


def body(d):
    r = R.random()
    if d <= 0 or r < 0.25:
        return c(
            [
                "{{ x }}", "{{ i }}", "text ", "{{ w }}", "{{ l }}", "{{ x }},", "{{ i|default('-') }}",
                "{{ w|default('?') }}", "\n", "{{ [x, w|default(0)] }}", "{{ 1 }}", "{{ loop.index|default('no') }}",
                "{{ none }}",
            ]
        )
    if r < 0.35:
        return (
            "{% if "
            + expr(1)
            + " %}"
            + body(d - 1)
            + c(["{% else %}" + body(d - 1), "", "{% elif x %}" + body(d - 1)])
            + "{% endif %}"
        )
    if r < 0.5:
        return (
            "{% for i in "
            + c(
                [
                    "[1,2,3]", "l", "[]", "d", "'ab'", "[[1,2],[3,4]]", "range(3)", "people", "d.items()", "(1,2)",
                    "[1,2] + [x]",
                ]
            )
            + c(["", " if i", " if i != 2", ""])
            + " %}"
            + body(d - 1)
            + c(
                [
                    "{{ loop."
                    + c(
                        [
                            "index", "index0", "revindex", "first", "last", "length", "depth", "previtem|default('-')",
                            "nextitem|default('-')", "cycle('o','e')", "changed(i)",
                        ]
                    )
                    + " }}",
                    "",
                ]
            )
            + c(["", "{% else %}" + body(d - 1)])
            + "{% endfor %}"
        )
    if r < 0.6:
        return "{% set w = " + expr(1) + " %}" + body(d - 1)
    if r < 0.65:
        return "{% set w %}" + body(d - 1) + "{% endset %}" + body(d - 1)
    if r < 0.72:
        return (
            "{% macro m(a, b="
            + c(["2", "x", "a"])
            + ") %}"
            + body(d - 1)
            + c(["{{ a }}{{ b }}", "{{ varargs }}", "{{ kwargs }}", "{{ caller() if caller else '' }}", ""])
            + "{% endmacro %}{{ m("
            + c(["1", "", "1, 2", "b=3", "1, 2, 3", "1, z=4", "a=x, b=l", "*l", "**{'a': 7}"])
            + ") }}"
        )
    if r < 0.77:
        return (
            "{% macro w() %}<{{ caller("
            + c(["", "1", "x"])
            + ") }}>{% endmacro %}{% call"
            + c(["", "(i)", "(i, q=3)"])
            + " w() %}"
            + body(d - 1)
            + "{% endcall %}"
        )
    if r < 0.82:
        return "{% with " + c(["q=1", "q=x, i=q", "i=[1]", ""]) + " %}" + body(d - 1) + "{% endwith %}"
    if r < 0.87:
        return (
            "{% filter "
            + c(["upper", "trim", "replace('1','one')", "indent(2)", "length", "default('e')", "string|upper"])
            + " %}"
            + body(d - 1)
            + "{% endfilter %}"
        )
    if r < 0.92:
        return (
            "{% set ns = namespace(v="
            + c(["0", "[]", "x"])
            + ") %}{% for i in [1,2] %}{% set ns.v = ns.v + "
            + c(["i", "[i]", "1"])
            + " %}{% endfor %}{{ ns.v }}"
            + body(d - 1)
        )
    if r < 0.96:
        return "{% block b" + str(R.randint(0, 999)) + " %}" + body(d - 1) + "{% endblock %}"
    return body(d - 1) + body(d - 1)


def a_statements():
    """Statements in statements."""
    for _ in range(count):
        emit("".join(body(3) for _ in range(R.randint(1, 3))), v=VARS)


def a_mutation():
    """Lists and dictionaries that a template changes."""
    ops = [
        "{% set _ = a.append(#) %}", "{% set _ = b.append(#) %}", "{% set _ = a.extend([#, #]) %}", "{% set b = a %}",
        "{% set b = a + [#] %}", "{% set b = a|list %}", "{% set b = a[:] %}", "{% set b = a.copy() %}",
        "{% set d2 = d %}", "{% set _ = d.update({'k#': #}) %}", "{% set _ = d2.update(z=a) %}", "{{ a }}", "{{ b }}",
        "{{ d }}", "{{ d2 }}", "{% for i in a %}{{ i }}{% endfor %}",
        "{% for i in [1,2] %}{% set _ = a.append(i) %}{% endfor %}", "{% set _ = a.insert(0, #) %}",
        "{% set x = a.pop() %}{{ x }}", "{% set _ = a.reverse() %}", "{% set _ = b.sort() %}",
        "{% set _ = d.setdefault('l', []).append(#) %}", "{{ d.l }}", "{% set x = d.pop('k', 'none') %}{{ x }}",
        "{% if a.append(#) %}{% endif %}", "{{ a.append(#) }}", "{{ a|length }}", "{{ a|join(',') }}",
        "{{ a|map('string')|list }}", "{% set n = namespace(l=a) %}{% set _ = n.l.append(#) %}",
        "{% macro m(z) %}{% set _ = z.append(#) %}{{ z }}{% endmacro %}{{ m(a) }}", "{% set b = [a, a] %}",
        "{% set b = [[]] * 2 %}{% set _ = b[0].append(#) %}", "{{ a == b }}", "{{ # in a }}", "{% set _ = d.clear() %}",
        "{% set e = d.items()|list %}{{ e }}", "{% set e %}{{ a }}{% endset %}{{ e }}", "{{ a ~ b }}", "{{ [a, b] }}",
        "{% set a = a|sort|list if false else a %}", "{% set _ = nest.l.append(#) %}{{ nest }}",
        "{% for k in nest.values() %}{% set _ = k.append(#) %}{% endfor %}{{ nest }}", "{{ other }}",
        "{% set a = [] %}", "{{ a[-1] if a else 'e' }}", "{% set _ = a.remove(a[0]) if a else 0 %}",
        "{{ d.get('k1', a) }}", "{{ dict(a=a).a }}", "{{ (a|first)|default('-') }}",
    ]
    for _ in range(count):
        t = "{% set b = [] %}{% set d2 = {} %}" + "".join(c(ops) for _ in range(R.randint(2, 7)))
        while "#" in t:
            t = t.replace("#", str(R.randint(1, 9)), 1)
        emit(t, v={"a": [3, 1], "d": {"k": "v"}, "nest": {"l": [1], "m": []}, "other": "{{ a }}"})


UNDEF = [
    "missing", "missing.a", "missing['a'].b", "d.nope", "d.nope.deeper", "d['nope']", "l[9]", "l[9].x", "d.b.zz",
    "t.zz", "bad", "bad.x", "holder.x", "holder.y", "none.x", "(none).x.y", "undef('h')", "(1 if false)", "x.y", "s.zz",
    "people[0].nope", "people[7]", "(people|first).zz", "d.get('zz')", "missing()", "d.nope()", "missing + 1",
    "missing ~ 'a'", "missing | upper", "[missing]", "{'a': missing}", "missing == 1", "not missing", "missing and 1",
    "1 or missing", "missing or 1", "missing in [1]", "1 in missing", "missing[0]", "missing[1:2]", "-missing",
    "missing.a()", "vars_dict.u",
]
UOPS = [
    "{{ # }}", "x{{ # }}", "{{ # | default('D') }}", "{{ # | default }}", "{{ # | default('') | length }}",
    "{{ # is defined }}", "{{ # is undefined }}", "{{ # is none }}", "{{ (#).z | default('D') }}", "{{ [#] | length }}",
    "{{ [#] | first | default('D') }}", "{{ {'k': #} | length }}", "{{ {'k': #}.k | default('D') }}",
    "{% if # is defined %}y{% else %}n{% endif %}", "{% if # %}y{% else %}n{% endif %}",
    "{% for i in # %}{{ i }}{% endfor %}", "{% for i in # | default([]) %}{{ i }}{% else %}none{% endfor %}",
    "{% set q = # %}done", "{% set q = # %}{{ q | default('D') }}", "{{ # | mandatory }}",
    "{{ # | d(omit) | type_debug }}", "{{ [# | default(omit), 1] }}", "{{ (#) if (#) is defined else 'E' }}",
    "{{ lookup('items', #) }}", "{{ # | string }}", "{{ # | list }}", "{{ # | bool }}", "{{ # | type_debug }}",
    "{{ [1, 2] | map('default', #) | list }}", "{{ # | ternary('a', 'b') }}", "{{ true | ternary('a', #) }}",
    "{{ # == # }}", "{{ dict(a=#) }}", "{{ 'a' if # else 'b' }}", "{{ # is string }}", "{{ # is mapping }}",
    "{{ # is truthy }}", "{{ [#, 1] | select('defined') | list }}", "{{ (# | default({})).a | default('X') }}",
    "{{ # is sameas(none) }}", "{{ [#] == [1] }}", "{{ # is in [1] }}", "{{ # | default(#) }}",
    "{{ # | default('D', true) }}", "{{ # | int }}", "{{ # | to_json }}", "{{ '%s' % (#) }}", "{{ '{}'.format(#) }}",
    "{% macro m(a) %}{{ a | default('D') }}{% endmacro %}{{ m(#) }}", "{% with q = # %}{{ q is defined }}{% endwith %}",
    "{{ query('vars', 'missing', default=#) }}", "{{ # is match('a') }}", "{{ # is changed }}",
]


def a_undefined():
    """What is not defined, and what may be done with it."""
    vs = dict(
        VARS,
        bad="{{ missing }}",
        holder={"x": "{{ missing }}", "y": "{{ bad }}", "z": 1},
        vars_dict={"u": "{{ 1 if false }}"},
    )
    for u in UNDEF:
        for o in R.sample(UOPS, max(3, count // len(UNDEF))):
            emit(o.replace("#", u), v=vs)
    for u in UNDEF:
        for w in [
            "# is defined", "# is undefined", "#", "# | default(true)", "# == 1", "not (#)", "# is defined and #",
            "# is not defined or #",
        ]:
            if R.random() < 0.5:
                emit(w.replace("#", u), "c", vs)


AWK = [
    "yes", "no", "on", "off", "true", "null", "~", "", "1", "01", "1.5", "1e3", "0x1f", "0o17", "1:30", "2024-01-02",
    "2024-01-02 03:04:05", "a: b", "- a", "# c", "a #b", "a: ", "'q'", '"dq"', "it's", "a\nb", "a\nb\n", "\na",
    "a\n\nb", " lead", "trail ", "tab\there", "[x]", "{y}", "*star", "&amp", "!tag", "%dir", "@at", "`tick`", "a,b",
    "?", "-", "--", "---", "...", "=", "<<", "é", "日本語", "😀", "\u00a0nb", "\x07bell", "\u2028ls", "back\\slash",
    "a" * 100,
    "word " * 30,
    "long_word_" * 12,
    "x: y\nz: w\n", "  two\n  lines\n", "trail  \nline\n", "key: value # comment", "!!str x", "|", "> x", "a:b",
    "http://x/y?z=1&w=2", "C:\\dir", "100%", "$HOME", "${x}", "a'b\"c", "\r\n", "end\r", "null\n", "\ufeffbom",
    "\x85nel", ".5", "+1", "-1", "1_000", ".inf", ".nan", "NaN", "1.", "1.e3", "y", "n", "Y", "N", "Null", "TRUE",
    "é" * 50 + " " + "ü" * 50,
    "a b" * 40,
    "- - a", ": x", "x :", ",", "a\tb\n", "\tx", "#", "a\n#b", "a\n b\n", "0b11", "08", "1e5", "1.0e+5", "12:30:45",
    "2024-1-2", "----", "a\\nb", '"', "'", "''", "'a", "\\", "{{ x }}", "{% y %}",
]


def val(d):
    r = R.random()
    if d <= 0 or r < 0.5:
        return c(AWK)
    if r < 0.62:
        return c(
            [
                None, True, False, 0, 1, -5, 1.5, 10**20,
                {"$": "float", "v": "1e+20"},
                {"$": "float", "v": "inf"},
                {"$": "float", "v": "-inf"},
                {"$": "float", "v": "nan"},
                {"$": "float", "v": "1e-07"},
                {"$": "float", "v": "-0.0"},
                {"$": "float", "v": "1e+16"},
                0.1, 100.0, 123456.789,
                {"$": "date", "v": "2024-01-02"},
                {"$": "time", "v": "2024-01-02 03:04:05"},
                {"$": "time", "v": "2024-01-02 03:04:05.678"},
            ]
        )
    if r < 0.8:
        return [val(d - 1) for _ in range(R.randint(0, 4))]
    return {
        c(
            [
                "a", "b", "key", "long key", "1", "yes", "é", "x: y", "z", "", "null", "- d", "A", "B2", "multi\nline",
                "a" * 130,
                "#k", "12:30",
            ]
        ): val(d - 1)
        for _ in range(R.randint(0, 4))
    }


def a_yaml():
    """`to_yaml` and `to_nice_yaml`."""
    opts = [
        "", "", "", "(indent=4)", "(indent=1)", "(width=40)", "(default_flow_style=false)", "(default_flow_style=true)",
        "(sort_keys=false)", "(allow_unicode=false)", "(explicit_start=true)", "(explicit_end=true)",
        "(default_style='\"')", '(default_style="\'")', "(default_style='|')", "(indent=2, sort_keys=false)",
        "(width=1000)", "(canonical=true)", "(line_break='\\r\\n')", "(indent=8)", "(width=10)",
    ]
    for a in AWK:
        for f in ("to_yaml", "to_nice_yaml"):
            emit("{{ v | " + f + " }}", v={"v": {"$": "dict", "v": [["k", a], ["l", [a]], [a, 1]]}})
        emit("{{ v | to_nice_yaml }}", v={"v": [a]})
        emit("{{ v | to_yaml }}", v={"v": a})
    for _ in range(count):
        emit("{{ v | " + c(["to_yaml", "to_nice_yaml", "to_nice_yaml"]) + c(opts) + " }}", v={"v": val(3)})


def a_json():
    """`to_json`, `to_nice_json`, `from_json`."""
    opts = [
        "", "", "(indent=2)", "(sort_keys=true)", "(sort_keys=false)", "(ensure_ascii=false)",
        "(separators=[',', ':'])", "(indent=0)", "(indent=none)", "(indent=1, sort_keys=true)", "(ensure_ascii=true)",
        "(indent='  ')", "(skipkeys=true)", "(allow_nan=false)", "(vault_to_text=true)",
    ]
    for a in AWK:
        emit("{{ v | to_json }}", v={"v": {"$": "dict", "v": [[a, [a]]]}})
        emit("{{ v | to_nice_json }}", v={"v": [a, {"k": a}]})
    for _ in range(count):
        emit("{{ v | " + c(["to_json", "to_nice_json", "tojson"]) + c(opts) + " }}", v={"v": val(3)})
    for k in [1, 1.5, True, None, -1, 10**20]:
        for f in ("to_json", "to_nice_json", "to_yaml", "to_nice_yaml"):
            emit("{{ v | " + f + " }}", v={"v": {"$": "dict", "v": [[k, 1], ["a", 2]]}})
            emit("{{ v | " + f + "(sort_keys=false) }}", v={"v": {"$": "dict", "v": [["b", 1], ["a", 2]]}})
    js = [
        "[1, 2]", '{"a": 1}', "1", '"x"', "null", "true", "1.5", "1e3", "-0", "-0.0", "NaN", "Infinity", "-Infinity",
        "{'a': 1}", "[1,]", "", "  ", '{"a":1,"a":2}', '"\\u00e9"', '"\\ud83d\\ude00"', "[1] x", "01", "1.", '"a\nb"',
        '{"a": {"b": [null]}}', "123456789012345678901234567890", "1E400", '"\\x41"', "tru", "[1 2]", '{"a" 1}',
        "{1: 2}", "\u00a0 1", " [1]\n", '"\\/"', '"\\ud800"', "1.0", "100000000000000000000.0", '"\\\\"', '{"a": 1,}',
        "// c\n1", "'x'",
    ]
    for j in js:
        emit("{{ v | from_json }}", v={"v": {"$": "dict", "v": []} if False else j})
        emit("{{ v | from_yaml }}", v={"v": j})
        emit("{{ v | from_json | to_json }}", v={"v": j})
        emit("{{ v | from_yaml_all | list }}", v={"v": j})


PATS = [
    "a", "(a)", "(a)(b)?", "^a", "b$", "[a-c]+", "\\\\d+", "(\\\\w+)\\\\s(\\\\w+)", "(?P<n>\\\\w)", "(?P<x>a)|(?P<y>b)",
    "a|b", "", "x*", "(?i)A", "(?=b)", "(?<=a)b", "(?<!a)b", "(?!a).", "\\\\bfoo\\\\b", ".", "^$", "(.*)", "(.+?)",
    "[^,]+", "\\\\s+", "(a", "[", "*", "a{2}", "a{,2}", "(?P=n)", "(a)\\\\1", "\\\\.", "\\\\/", "é", "\\\\w+",
    "(?x) a b", "(?s).+", "(?m)^.", "\\\\Z", "\\\\A", "\\\\$", "[\\\\d.]+", "(?:ab)+", "(?#c)a", "\\\\u00e9",
    "[[:alpha:]]", "a++", "(?>a)", "\\\\N{DASH}", "\\\\x41", "\\\\t", "(a)|b", "((a)(b))", "\\\\D", "[]a]", "[^]]",
    "a{1", "{", "}", "]", "\\\\p{L}", "\\\\G", "\\\\h",
]
SUBJ = [
    "'ab'", "'aab b'", "''", "'foo bar'", "'a\\nb\\nc'", "'Abc'", "'1.2.3'", "'a,b,,c'", "'é'", "'aaaa'", "'a/b/c'",
    "'host01 db2'", "'a b\\tc'", "'key=value'", "'x\"y'", "'日本'", "'a.b'",
]
REPL = [
    "", "x", "\\\\1", "[\\\\1]", "\\\\g<1>", "\\\\g<n>", "\\\\g<0>", "\\\\0", "\\\\2", "\\\\n", "\\\\\\\\", "$1",
    "\\\\1\\\\2", "&", "\\\\g<x>", "\\\\g<", "\\\\q", "\\\\t", "é", "\\\\x41", "\\\\10",
]


def a_regex():
    """Regular expressions in filters and tests."""
    for _ in range(count):
        p, s, r = c(PATS), c(SUBJ), c(REPL)
        k = R.random()
        o = c(["", "", "", ", ignorecase=true", ", multiline=true"])
        # Text constants in files and blocks have escapes; `{% set %}` is read the same way.
        pre = "{% set p = '" + p + "' %}{% set r = '" + r + "' %}{% set s = " + s + " %}"
        if k < 0.35:
            e = (
                "s | regex_replace(p, r"
                + c(["", "", ", ignorecase=true", ", multiline=true", ", count=1", ", mandatory_count=1"])
                + ")"
            )
        elif k < 0.5:
            e = (
                "s | regex_search(p"
                + c(
                    [
                        "", "", ", '\\\\\\\\1'", ", '\\\\\\\\g<n>'", ", '\\\\\\\\1', '\\\\\\\\2'", ", '\\\\\\\\g<0>'",
                        ", 'x'",
                    ]
                )
                + o
                + ")"
            )
        elif k < 0.65:
            e = "s | regex_findall(p" + o + ")"
        elif k < 0.75:
            e = "s is " + c(["match", "search", "regex"]) + "(p" + o + ")"
        elif k < 0.8:
            e = "s | regex_escape" + c(["", "('python')", "('posix_basic')", "('posix_extended')", "('x')"])
        elif k < 0.85:
            e = "s is regex(p, match_type='" + c(["fullmatch", "match", "search", "x"]) + "')"
        elif k < 0.9:
            e = "[s, 'b'] | select('" + c(["match", "search"]) + "', p) | list"
        elif k < 0.95:
            e = "[s, 'b'] | map('regex_replace', p, r) | list"
        else:
            e = "s | split(p)"
        emit(pre + "{{ " + e + " }}")


FILTERS = [
    "upper", "lower", "title", "capitalize", "trim", "length", "list", "first", "last", "sort", "sort(reverse=true)",
    "sort(case_sensitive=true)", "unique", "reverse", "reverse | list", "join(',')", "join", "sum", "min", "max", "int",
    "float", "string", "bool", "abs", "round", "round(1)", "round(0,'floor')", "round(1,'ceil')", "default('D')",
    "default('D',true)", "d", "replace('a','b')", "indent", "indent(2)", "indent(2,true)", "center(9)", "wordcount",
    "truncate(5)", "truncate(5,true,'')", "wordwrap(4)", "batch(2) | list", "slice(2) | list", "dictsort", "items",
    "dict2items", "items2dict", "to_json", "to_yaml", "from_json", "from_yaml", "flatten", "flatten(1)",
    "map('upper') | list", "map('string') | list", "map('int') | list", "map(attribute='n') | list",
    "map(attribute='k', default='-') | list", "select | list", "reject('none') | list", "select('string') | list",
    "selectattr('n','defined') | list", "rejectattr('n','eq',1) | list", "groupby('k')", "combine({'z': 1})",
    "combine({'a': {'q': 1}}, recursive=true)", "type_debug", "b64encode", "b64decode", "hash('md5')", "md5", "sha1",
    "checksum", "quote", "urlencode", "escape", "e", "forceescape", "safe", "striptags", "tojson", "pprint", "basename",
    "dirname", "splitext", "normpath", "path_join", "expanduser", "regex_escape", "split", "split(',')",
    "zip([1,2]) | list", "zip_longest([1,2,3], fillvalue='x') | list", "product([1,2]) | list",
    "combinations(2) | list", "permutations(2) | list", "ternary('y','n')", "ternary('y','n','z')", "human_readable",
    "human_to_bytes", "log", "pow(2)", "root", "random(seed=5) | type_debug", "shuffle(seed=3) | length", "to_uuid",
    "extract({'a': 7})", "subelements('k', skip_missing=true)", "comment", "comment('c')", "mandatory", "format(1)",
    "xmlattr", "filesizeformat", "urlize", "win_basename", "win_dirname", "urlsplit", "urlsplit('hostname')",
    "to_datetime", "strftime(0)", "commonpath", "attr('a')", "count", "center", "items | list", "to_nice_json",
    "fileglob", "rekey_on_member('k')",
]
TESTS = [
    "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence",
    "iterable", "callable", "true", "false", "truthy", "falsy", "truthy(convert_bool=true)", "falsy(convert_bool=true)",
    "odd", "even", "divisibleby(3)", "lower", "upper", "escaped", "in([1,'a'])", "in('abc')", "eq(1)", "ne('a')",
    "lt(3)", "gt('a')", "le(2)", "ge(1)", "==(1)", "sameas(true)", "subset([1,2,3])", "superset([1])", "contains(1)",
    "contains('a')", "all", "any", "match('a')", "search('b')", "regex('c')", "version('1.0')", "version('1.0','>')",
    "version('1.0','>=',strict=true)", "version('1.0', version_type='semver')", "changed", "failed", "skipped",
    "success", "succeeded", "finished", "started", "timedout", "reachable", "unreachable", "url", "uri", "urn", "nan",
    "exists", "file", "directory", "abs", "same_file('/')", "mount", "link", "vault_encrypted", "vaulted_file",
    "issubset([1])", "issuperset([1])", "greaterthan(1)", "lessthan(1)", "equalto(1)", "ansible.builtin.match('a')",
    "not string", "not in([1])", "eq 1", "in [1,2]", "empty",
]
SPECIAL = [
    "{'changed': true, 'failed': false}", "{'failed': true, 'msg': 'x'}", "{'skipped': true}",
    "{'ansible_job_id': '1', 'finished': 1}", "'1.2.3'", "'1.10'", "'2.0.0-rc1'", "'https://u:p@h:80/p?q#f'", "'/etc'",
    "'/etc/passwd'", "'key: [1, 2]'", "'[1, 2]'", "'aGk='", "'10 KB'", "1500", "{'unreachable': true}",
    "{'rc': 0, 'stdout': 'a\\nb'}", "'2024-01-02 03:04:05'", "'<b>x</b> & y'", "[{'key': 'a', 'value': 1}]",
    "[['a', 1], ['b', 2]]", "'{\"a\": 1}'", "['/a/b', '/a/c']", "'foo bar baz qux'", "'UPPER'", "[1, [2, [3, none]]]",
]


def pool():
    return c(
        [
            c(NUMS),
            c(STRS),
            c(LISTS),
            c(DICTS),
            c(SPECIAL),
            c(SPECIAL),
            c(["true", "none", "missing", "(1, 2)", "people", "d"]),
        ]
    )


def a_filters():
    """Every filter, and chains of them."""
    for f in FILTERS:
        for _ in range(max(2, count // (2 * len(FILTERS)))):
            emit("{{ (" + pool() + ") | " + f + " }}", v=VARS)
    for _ in range(count // 2):
        emit(
            "{{ ("
            + pool()
            + ") | "
            + " | ".join(c(FILTERS) for _ in range(R.randint(2, 3)))
            + " }}"
            + c(["", "", "x"]),
            v=VARS,
        )


def a_tests():
    """Every test."""
    for t in TESTS:
        for _ in range(max(2, count // (2 * len(TESTS)))):
            emit("{{ (" + pool() + ") is " + t + " }}", v=VARS)
    for _ in range(count // 2):
        emit(
            c(
                [
                    "{{ ["
                    + pool()
                    + ", "
                    + pool()
                    + "] | "
                    + c(["select", "reject"])
                    + "('"
                    + c(
                        [
                            "string", "number", "none", "defined", "mapping", "iterable", "integer", "truthy", "falsy",
                            "odd", "lower", "sequence", "boolean",
                        ]
                    )
                    + "') | list }}",
                    "{{ (" + pool() + ") is not " + c(TESTS[:40]) + " }}",
                    "{{ (" + pool() + ") is " + c(TESTS) + " and (" + pool() + ") is " + c(TESTS) + " }}",
                ]
            ),
            v=VARS,
        )


def a_lookups():
    """Lookups that need nothing from outside."""
    L = [
        "lookup('items', #)", "query('items', #)", "q('list', #)", "lookup('dict', #)", "query('dict', #)",
        "lookup('vars', 'x')", "lookup('vars', 'zz', default=#)", "query('vars', 'x', 's')",
        "lookup('sequence', 'start=1 end=3')", "query('sequence', 'count=3 format=h%02d')",
        "query('sequence', 'start=0 end=10 stride=5')", "query('sequence', '5-8')", "query('sequence', '2-10/2:a%x')",
        "lookup('together', #, #)", "query('together', [1,2], #)", "query('nested', [1,2], #)", "query('flattened', #)",
        "query('indexed_items', #)", "query('subelements', people, 'tags')",
        "query('subelements', people, 'tags', {'skip_missing': true})", "lookup('varnames', '^x$')",
        "query('varnames', 'x|s')", "lookup('env', 'NOPE', default=#)", "query('random_choice', [1]) ",
        "lookup('items', #, wantlist=true)", "lookup('items', *#)", "query('file', '/nope', errors='ignore')",
        "lookup('file', '/nope')", "lookup('nope', 1)", "lookup()", "query('items')", "lookup('items', #) | type_debug",
        "lookup('ansible.builtin.items', #)", "lookup('first_found', ['/nope', '/etc/passwd'])",
        "query('first_found', {'files': ['zz'], 'skip': true})", "lookup('template', 'zz')",
        "lookup('unvault', '/nope')", "lookup('config', 'DEFAULT_FORKS') | type_debug",
        "lookup('config', 'NOPE_SETTING')", "lookup('items', '{{ x }}')", "query('items', ['{{ x }}', 'a'])",
        "query('items', {'a': '{{ x }}'})", "lookup('items', '{{ x }}' ~ 'a')", "lookup('items', '{{ missing }}')",
        "lookup('items', missing | default('{{ x }}'))", "lookup('items', '{{ x }}' if true else 'b')",
        "query('cartesian', [1], [2])", "query('inventory_hostnames', 'all')", "lookup('csvfile', 'a file=/nope')",
        "lookup('ini', 'k file=/nope')", "lookup('password', '/dev/null length=3') | length",
        "lookup('dict', {'a': 1}, wantlist=true)", "lookup('list', #, #)", "lookup('items', 1, 2)",
        "lookup('sequence', 'start=1')", "lookup('sequence', 'end=0')", "query('sequence', 'start=3 end=1')",
        "query('sequence', 'start=3 end=1 stride=-1')", "query('sequence', 'start=0x5 end=0x8 format=%x')",
        "query('sequence', end=3)", "query('sequence', start=1, end='2', format='%02d')",
        "lookup('vars', 'a', 'b', default=1)", "lookup('url', 'file:///nope')", "query('vars', t)",
        "lookup('vars', ['x'])",
    ]
    for l in L:
        for _ in range(max(1, count // len(L)) if "#" in l else 1):
            t = l
            while "#" in t:
                t = t.replace("#", pool(), 1)
            emit(c(["{{ % }}", "{{ % }}", "x{{ % }}", "{% for i in % %}{{ i }},{% endfor %}"]).replace("%", t), v=VARS)
            if R.random() < 0.2:
                emit(t, "e", VARS)


def a_files():
    """Includes, imports and inheritance."""
    F = {
        "m.j2": "{% macro hi(n, p='!') %}hi {{ n }}{{ p }}{{ hv|default('unseen') }}{% endmacro %}\n{% set exported = 5 %}{% set _private = 1 %}\n{% macro wrap() %}[{{ caller('in') }}]{% endmacro %}",
        "inc.j2": "inc:{{ hv|default('u') }}:{{ loc|default('n') }}:{{ i|default('-') }}\n",
        "base.j2": "<{% block title %}base{% endblock %}>\n{% block body %}B{{ loc|default('nol') }}{% endblock %}\n{% block foot scoped %}F{{ self.title() }}{% endblock %}\n",
        "mid.j2": "{% extends 'base.j2' %}{% block title %}mid+{{ super() }}{% endblock %}",
        "sub/x.j2": "sub {% include 'inc.j2' %}",
        "bad.j2": "{% if %}",
        "err.j2": "{{ missing }}",
        "req.j2": "{% block r required %}{% endblock %}",
        "set.j2": "{% set loc = 'changed' %}{{ loc }}",
        "nl.j2": "line\n\n",
        "imp.j2": "{% import 'm.j2' as mm %}{{ mm.hi('q') }}{{ mm.exported }}",
        "list.j2": "{{ [1, 2] }}",
    }
    P = [
        "{% include 'inc.j2' %}", "{% include 'inc.j2' without context %}", "{% include ['zz', 'inc.j2'] %}",
        "{% include 'zz' ignore missing %}", "{% include 'zz' %}",
        "{% include ['zz','yy'] ignore missing with context %}", "{% include name %}",
        "{% for i in [1,2] %}{% include 'inc.j2' %}{% endfor %}", "{% set loc = 'L' %}", "{% set hv = 'over' %}",
        "{% include 'set.j2' %}{{ loc|default('none') }}", "{% import 'm.j2' as m %}{{ m.hi('a') }}",
        "{% import 'm.j2' as m with context %}{{ m.hi('b') }}", "{% from 'm.j2' import hi %}{{ hi('c') }}",
        "{% from 'm.j2' import hi as h, exported with context %}{{ h('d') }}{{ exported }}",
        "{% from 'm.j2' import nope %}{{ nope|default('nn') }}", "{% from 'm.j2' import nope %}{{ nope() }}",
        "{% from 'm.j2' import wrap %}{% call(z) wrap() %}<{{ z }}{{ hv }}>{% endcall %}",
        "{% import 'm.j2' as m %}{{ m.exported }}{{ m._private|default('hidden') }}{{ m.zz|default('nozz') }}",
        "{% include 'sub/x.j2' %}", "{% include 'bad.j2' %}", "{% include 'err.j2' %}",
        "{% include 'err.j2' ignore missing %}", "{% include 'nl.j2' %}|", "{% include 'imp.j2' %}",
        "{% include 'list.j2' %}", "text\n", "{{ hv }}\n", "{% import 'zz' as z %}",
        "{% set x %}{% include 'inc.j2' %}{% endset %}{{ x }}",
        "{% filter upper %}{% include 'inc.j2' %}{% endfilter %}",
        "{% macro l(n) %}{% include 'inc.j2' %}{{ n }}{% endmacro %}{{ l(1) }}",
        "{% if true %}{% from 'm.j2' import hi %}{% endif %}{{ hi is defined }}", "{% from 'm.j2' import _private %}",
        "{% include %}", "{% import 'm.j2' %}",
    ]
    E = [
        "{% extends 'base.j2' %}", "{% extends 'mid.j2' %}", "{% extends name2 %}", "{% extends 'zz' %}",
        "{% extends 'req.j2' %}", "{% if false %}{% extends 'base.j2' %}{% endif %}",
    ]
    B = [
        "{% block title %}T{% endblock %}", "{% block body %}[{{ super() }}]{% endblock %}",
        "{% block foot %}{{ self.body() }}{% endblock %}", "{% block r %}R{% endblock %}", "{% set loc = 'C' %}",
        "stray", "{% block title %}{{ hv }}{{ loc|default('-') }}{% endblock title %}",
        "{% block body %}{{ self.title() }}{{ self.nope() }}{% endblock %}",
        "{% block foot %}{{ super.super() }}{% endblock %}", "{% macro mm() %}M{% endmacro %}",
        "{% block body %}{{ mm() }}{% endblock %}", "{% block title %}{% block inner %}I{% endblock %}{% endblock %}",
    ]
    vs = {"hv": "HV", "name": "inc.j2", "name2": "base.j2", "lst": ["zz", "inc.j2"]}
    for _ in range(count):
        if R.random() < 0.65:
            t = "".join(c(P) for _ in range(R.randint(1, 3)))
        else:
            t = c(E) + "".join(R.sample(B, R.randint(0, 4)))
        used = {}
        todo = t
        while True:
            new = {k: v for k, v in F.items() if k in todo and k not in used}
            if "name" in t:
                new.update({k: F[k] for k in ("inc.j2", "base.j2") if k not in used})
            if not new:
                break
            used.update(new)
            todo = "".join(new.values())
        emit(t + c(["", "\n"]), c(["f", "f", "t"]), vs, f=used or {"empty.j2": ""})


def a_native():
    """What keeps its type."""
    P = [
        "{{ x }}", "{{ l }}", "{{ d }}", "{{ n }}", "{{ t }}", "{{ true }}", "{{ 1.0 }}", "{{ '1' }}", "{{ none }}",
        "{{ '' }}", "{{ omit }}", "{{ [omit, 1] }}", "{{ {'a': omit} }}", " ", "\n", "a", "{% if true %}",
        "{{ (1,2) }}", "{{ [none] }}", "{{ s }}", "{# c #}", "{{ d.items() }}", "{{ 'None' }}", "{{ [] }}", "{{ {} }}",
        "{{ 10**20 }}", "{{ '[1]' }}", "{{ 'true' }}", "{{ d.b }}", "{{ people[0] }}",
    ]
    for p in P:
        q = p if "{% if" not in p else p + "y{% endif %}"
        emit(q, v=VARS)
        emit([q], v=VARS)
        emit({"k": q, "o": 1}, v=VARS)
        emit(q, "c", VARS)
        emit(q + q, v=VARS)
        emit({q: 1}, v=VARS)
    for _ in range(count):
        t = "".join(c(P) for _ in range(R.randint(2, 4)))
        t += "{% endif %}" * t.count("{% if")
        emit(t, c(["t", "t", "t", "f"]), VARS)
        emit({"a": t, "b": [t, c(P[:20]).replace("{% if true %}", "")]}, v=VARS)


ODD = [
    "missing", "none", "true", "99999999999999999999999", "-99999999999999999999", "-0.0", "1e300", "''", "' '",
    "'\\n'", "'ßİ'", "'á'", "'1_000'", "'0x1f'", "'-1'", "' 7 '", "'1e3'", "'nan'", "'a b  c'", "'A\\tb'", "[]",
    "[[[]]]", "[1, [2, [3, none]]]", "{}", "{'a': {'b': {'c': 1}}}", "{1: 2, 'x': none}", "[none, 1]", "[missing]",
    "[1, 'a', 2.5]", "range(3)", "range(5, 0, -2)", "d.items()", "d.keys()", "people | map(attribute='name')",
    "[3, 1, 2] | select('odd')", "(1, 2)", "()", "'日本' * 2", "[true, 1, 1.0]", "['b', 'B', 'a']",
    "[['k', 1], ['l', 2]]", "[{'key': 'a', 'value': 1}]", "people", "s", "t", "0", "-1", "2.5", "'é' ~ 1",
]


def a_odd():
    """Every filter and test on what it was not made for."""
    for f in FILTERS:
        for o in R.sample(ODD, max(2, count // 50)):
            emit(
                c(
                    ["{{ (" + o + ") | " + f + " }}"] * 4
                    + [
                        "x{{ (" + o + ") | " + f + " }}",
                        "{% set v = (" + o + ") | " + f + " %}{{ v }}",
                        "{{ [(" + o + ") | " + f + "] }}",
                    ]
                ),
                v=VARS,
            )
    for t in TESTS:
        for o in R.sample(ODD, max(1, count // 150)):
            emit("{{ (" + o + ") is " + c(["", "", "not "]) + t + " }}", v=VARS)


def index():
    return c(
        [
            "", "", "0", "1", "2", "-1", "-2", "5", "-9", "none", "true", "x", "99999999999999999999", "1.0", "'a'",
            "missing",
        ]
    )


def a_slices():
    """Slices and indexes."""
    bases = [
        "'abcdef'", "'日本é'", "[1, 2, 3, 4]", "(1, 2, 3)", "l", "s", "range(6)", "[]", "''", "{'a': 1}", "5", "none",
        "missing", "people", "d.items()", "'ab' * 3",
    ]
    for _ in range(count):
        b = c(bases)
        e = "(" + b + ")[" + index() + ":" + index() + c(["", "", ":" + index(), ":-1", ":2", ":0"]) + "]"
        if R.random() < 0.25:
            e = "(" + b + ")[" + c([index() or "0", "0, 1", "'a'", "(1, 2)", "[0]", "none"]) + "]"
        emit(
            c(
                [
                    "{{ " + e + " }}",
                    "{{ " + e + " }}",
                    "a{{ " + e + " }}b",
                    "{{ " + e + " | default('D') }}",
                    "{{ " + e + " is defined }}",
                ]
            ),
            v=VARS,
        )


def a_compare():
    """Comparisons and operators between types."""
    for _ in range(count):
        a, b, d = c(ODD + NUMS + STRS), c(ODD + NUMS + DICTS + LISTS), c(ODD)
        op = lambda: c(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
        e = c(
            [
                f"({a}) {op()} ({b})", f"({a}) {op()} ({b})", f"({a}) {op()} ({b}) {op()} ({d})",
                f"not ({a}) {op()} ({b})", f"({a}) {c(['and', 'or'])} ({b})",
                f"[{a}, {b}] | {c(['sort', 'min', 'max', 'unique', 'sum'])}",
                f"({a}) {c(['+', '-', '*', '/', '//', '%', '**', '~'])} ({c(['2', '-1', '0', b, '0.5'])})",
            ]
        )
        emit("{{ " + e + " }}", v=VARS)


def a_printf():
    """Formats put together at random."""
    flags, kinds = ["", "-", "+", " ", "#", "0", "-0", "+0", "# "], "diouxXeEfFgGcrsa%"
    values = [
        "1", "-7", "2.5", "-0.0", "1e300", "99999999999999999999", "'a'", "'日本'", "true", "none", "[1, 'x']", "(1, 2)",
        "{'a': 5}", "missing", "1e400", "-1e400", "(3, 'a')", "(5, 2, 7.5)",
    ]
    for _ in range(count):
        f = "".join(
            "%"
            + c(["", "", "", "(a)"])
            + c(flags)
            + c(["", "5", "12", "*"])
            + c(["", "", ".0", ".3", ".*", "."])
            + c(list(kinds))
            + c(["", " ", "|"])
            for _ in range(c([1, 1, 1, 2]))
        )
        e = c(
            [
                "'" + f + "' % " + c(values),
                "'" + f + "' % (" + c(values) + ", " + c(values) + ")",
                "'" + f + "' | format(" + c(values) + c(["", ", " + c(values)]) + ")",
            ]
        )
        if R.random() < 0.4:
            spec = (
                c(["", ":"])
                + c(["", "<", ">", "^", "=", "*<", "é^"])
                + c(["", "+", "-", " "])
                + c(["", "#"])
                + c(["", "0"])
                + c(["", "7", "12"])
                + c(["", ",", "_"])
                + c(["", ".0", ".3"])
                + c(["", "d", "b", "o", "x", "X", "e", "f", "g", "%", "n", "c", "s"])
            )
            e = (
                "'{"
                + c(["", "0", "a"])
                + c(["", "", "!r", "!s", "!a"])
                + (spec if spec.startswith(":") or not spec else ":" + spec)
                + "}'.format("
                + c([c(values), c(values) + ", a=" + c(values)])
                + ")"
            )
        emit("{{ " + e + " }}", v=VARS)


def a_blocks():
    """Loops, macros, calls, filters and sets in one another."""
    E = lambda: c(
        [
            "x", "l", "i", "loop.index", "loop.first", "loop.last", "loop.length", "loop.revindex",
            "loop.previtem | default('-')", "loop.nextitem | default('-')", "loop.changed(i)", "loop.cycle('o', 'e')",
            "loop.depth0", "w | default('u')", "[i | default(0)]", "people | map(attribute='name') | list", "s | upper",
            "1 / 2", "none", "{'a': x}", "m(1) if m is defined else ''", "caller() if caller is defined else '~'",
            "varargs | default([])", "kwargs | default({})", "ns.v | default('n') if ns is defined else '?'",
        ]
    )

    def b(d):
        r = R.random()
        if d <= 0 or r < 0.3:
            return c(
                [
                    "{{ " + E() + " }}",
                    "{{- " + E() + " -}}",
                    " t ", "\n", "  \n",
                    "{{ " + E() + " }}\n",
                    "{# c #}", "{#- c -#}",
                ]
            )
        if r < 0.5:
            return (
                c(["{% for ", "{%- for ", "\n{% for "])
                + c(
                    [
                        "i in [1, 2, 3]", "i in l", "i in []", "i, w in d.items()", "i in 'ab'",
                        "i in range(4) if i % 2", "i in people", "i, w in [[1, 2], [3, 4]]",
                        "i in [[1], [[2]]] recursive", "i in d", "i in none", "i in missing", "i in 5",
                    ]
                )
                + c([" %}", " -%}", "%}"])
                + b(d - 1)
                + c(["", "", "{% else %}" + b(d - 1), "{{ loop(i) if i is sequence and loop.depth < 3 else i }}"])
                + c(["{% endfor %}", "{%- endfor -%}"])
            )
        if r < 0.6:
            return "{% if " + E() + " %}" + b(d - 1) + c(["", "{% else %}" + b(d - 1)]) + "{% endif %}"
        if r < 0.68:
            return c(
                [
                    "{% set w = " + E() + " %}",
                    "{% set w %}" + b(d - 1) + "{% endset %}",
                    "{% set w | upper %}" + b(d - 1) + "{% endset %}",
                    "{% set i, w = 1, " + E() + " %}",
                ]
            ) + b(d - 1)
        if r < 0.76:
            return (
                "{% set ns = namespace(v="
                + c(["0", "[]", "{}", "'a'"])
                + ") %}{% for i in [1, 2] %}{% set ns.v = "
                + c(["ns.v", "i", "[ns.v]", "ns.v ~ i", "ns"])
                + " %}{% endfor %}"
                + b(d - 1)
                + "{{ ns.v }}"
            )
        if r < 0.86:
            return (
                "{% macro m("
                + c(["", "a", "a, i=2", "a=x, *args", "i=l"])
                + ") "
                + c(["%}", "-%}"])
                + b(d - 1)
                + c(["{{ a | default('A') }}", "{{ m.name }}", "{{ varargs }}{{ kwargs }}", ""])
                + "{% endmacro %}"
                + c(
                    [
                        "{{ m() }}", "{{ m(1) }}", "{{ m(1, 2, 3) }}", "{{ m(i=9) }}", "{{ m(z=1) }}",
                        "{% call m(1) %}" + b(d - 1) + "{% endcall %}",
                        "{% call(q) m(q=1) %}{{ q }}{% endcall %}",
                    ]
                )
            )
        if r < 0.92:
            return (
                c(
                    [
                        "{% filter upper %}", "{% filter indent(2, true) %}", "{% filter replace('1', '<') | trim %}",
                        "{% filter length %}",
                    ]
                )
                + b(d - 1)
                + "{% endfilter %}"
            )
        if r < 0.96:
            return "{% with " + c(["i=1", "w=x, i=w", ""]) + " %}" + b(d - 1) + "{% endwith %}"
        return c(
            [
                "{% include 'inc.j2' %}", "{% include 'inc.j2' without context %}",
                "{% from 'm.j2' import hi %}{{ hi('c') }}", "{% import 'm.j2' as mm %}{{ mm.hi(i | default(1)) }}",
                "{% raw %}{{ x }}{% endraw %}",
            ]
        )

    F = {
        "inc.j2": "inc:{{ i | default('u') }}:{{ w | default('n') }}\n",
        "m.j2": "{% macro hi(n) %}hi {{ n }}{{ x | default('unseen') }}{% endmacro %}",
    }
    for _ in range(count):
        t = "".join(b(3) for _ in range(R.randint(1, 3)))
        used = {k: v for k, v in F.items() if k in t}
        o = {}
        if R.random() < 0.3:
            o["lstrip_blocks"] = True
        if R.random() < 0.3:
            o["trim_blocks"] = False
        emit(t, "f" if used or o else c(["t", "f"]), VARS, f=used or None, o=o or None)


globals()["a_" + area]()
