"""Writes literals.json: values of INI inventories as Python reads them; null means that the text stays text."""

import ast
import json
import pathlib
import warnings

warnings.simplefilter("ignore")
SOURCES = r"""
1 01 0_1 1_0 1. 1e3 .5 0x1F 0X1f 0o17 0O7 0b11 0B1 --1 +1 -1 1_ 1__0 0xg 0x_1 00 0.0 00.5 09 09.5 1e 1.e1 1_0.5_0 1E+3 1e-3 1e400 10L +-1 -.5 .e1 . .. 1.2.3 1..2
9223372036854775808 -9223372036854775809 123456789012345678901234567890 10.0.0.1 1-2 1+2 2024-01-02 12:30 1,2 1e5x 0x 0b2 0o8
True False None true yes Truex None1 nope set() set( set
'a' "a" 'a'b r'\d' b'x' u'x' f'x' '\d' '\x41\u00e9\n' '''x''' 'a\'b' 'it"s' "it's" rb'\x' br'a' ur'a' 'a\0b' '\101' '\U0001F600' '\N{DASH}' '\x4' 'abc "abc '' ""
[1,2,] [1,2 [1,,2] [,] [] [[1],[2,[3]]] ['a','b'] [a,b] [1] (1,) (1) () (1,2) ((1)) (,) {1,2} {1,1} {} {'a':1,} {'a':[1,(2,3)]} {1:2,1:3} {'a':1,2} {1,'a':2} {'a'} {a:1}
{'a':1}['a'] {**{}} [*[1]] 'a'; 1;2 a a.b - + -True -'a' -(1) (-1) ('a','b') {'a':{'b':{'c':None}}} #x 1#x 'a'#x [1]# rabbit base unix route:1 Tom None, 1,
""".split() + [
    "- 1", "'a' 'b'", "'a'\"b\"", "1 # c", "'a' # c", "[1, # c", "1 2", "  1", "\t1", "'a' if 1 else 2", "1if 1else 2", "('a' 'b', 'c')", "[1 , 2 ]", "{ 'a' : 1 , 'b' : [ ] }",
    "{'a': 'b', 'c': True, 'd': None, 'e': 1.5}", "a b", "true # x", "'{{ x }}'", "['{{ x }}', 1]", "-o ProxyCommand=\"ssh -W %h:%p x\"", "", " ", "1 .5", "[1] [2]", "'a' r'\\b'", "é", "'é'",
]
rows = []
for source in SOURCES:
    try:
        value = ast.literal_eval(source)
        # Sets, tuples and bytes become what inventories make of them.
        def convert(v):
            if isinstance(v, (tuple, list)):
                return [convert(i) for i in v]
            if isinstance(v, set):
                return [convert(i) for i in sorted(v, key=repr)]
            if isinstance(v, dict):
                return {convert(k): convert(i) for k, i in v.items()}
            return v.decode() if isinstance(v, bytes) else "..." if v is ... else v
        rows.append([source, repr(convert(value))])
    except Exception:
        rows.append([source, None])
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(rows, indent=0, ensure_ascii=False) + "\n")
