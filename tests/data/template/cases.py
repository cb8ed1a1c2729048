# The calls that make.py runs: f(filter, input, arguments…), t(test, input, arguments…), l(lookup, terms…, options…).

WORDS = ["b", "A", "a", "B", "c"]
PEOPLE = [{"n": "b", "v": 1, "x": {"y": [5, 6]}}, {"n": "a", "v": 2, "x": {"y": [7]}}, {"n": "B", "v": 3, "x": {"y": []}}]
NEST = [1, [2, [3, [4, None]]], None, "null", "None", (5, [6])]
TEXT = "the quick brown fox\njumps over\n\nthe lazy dog\n"
VALUES = [None, True, False, 0, 1, -3, 2**70, 1.0, 2.5, -0.5, 1e20, NAN, INF, "", "0", "1", "yes", "no", "abc", "é",
          " 12 ", "1_000", "0x1f", "1.9", "-7", "1e3", "nan", [], [1], (), {}, {"a": 1}]

for v in VALUES:
    for n in ("bool", "int", "float", "string", "lower", "upper", "title", "capitalize", "trim", "length", "list",
              "first", "last", "abs", "round", "type_debug", "to_json", "to_nice_json", "tojson", "to_yaml",
              "to_nice_yaml", "quote", "b64encode", "hash", "md5", "sha1", "checksum", "to_uuid", "basename", "dirname",
              "escape", "e", "forceescape", "urlencode", "pprint", "reverse", "unique", "flatten", "wordcount",
              "dict2items", "items", "dictsort", "sum", "min", "max", "join", "sort", "default", "mandatory", "center",
              "comment", "indent", "from_json", "from_yaml", "from_yaml_all", "log", "root", "human_readable",
              "human_to_bytes", "filesizeformat", "regex_escape", "splitext", "normpath", "path_join", "win_basename",
              "striptags", "urldecode", "urlsplit", "xmlattr", "split", "items2dict", "truncate", "wordwrap", "urlize",
              "safe", "count", "md5"):
        f(n, v)
    for n in ("boolean", "none", "string", "number", "integer", "float", "mapping", "sequence", "iterable", "true",
              "false", "truthy", "falsy", "defined", "undefined", "callable", "lower", "upper", "even", "odd", "escaped",
              "all", "any", "nan", "failed", "changed", "skipped", "succeeded", "reachable", "unreachable", "started",
              "finished", "timedout", "url", "uri", "urn", "vault_encrypted", "abs"):
        t(n, v)

for n in ("default", "d", "mandatory", "bool", "lower", "list", "type_debug", "items"):
    f(n, UNDEFINED)
f("default", UNDEFINED, "x")
f("default", UNDEFINED, default_value="x")
f("default", "", "x")
f("default", "", "x", True)
f("default", "", "x", boolean=True)
f("d", None, "x")
f("d", None, "x", True)
f("default", "a", foo=1)
f("mandatory", UNDEFINED, msg="say")
f("mandatory", "a")
for n in ("defined", "undefined", "none", "string", "failed"):
    t(n, UNDEFINED)

for v in (True, False, None, "", "no", 1, []):
    f("ternary", v, "a", "b")
    f("ternary", v, "a", "b", "c")
f("ternary", True, "a")
f("ternary", True, true_val=1, false_val=2)

for v in ("yes", "Y", "TRUE", "on", "1", "t", "true ", "off", "n", "2", "1.0", 1.0, 2):
    f("bool", v)

for v, a in (("z", ["q"]), ("ff", [0, 16]), ("0xff", [0, 16]), ("0b11", [0, 2]), ("11", [0, 2]), ("0o17", [0, 8]),
             ("12", [0, 0]), ("0x1F", [0, 0]), ("012", [0, 0]), ("1.5", [0, 16]), ("z", [None]), ("zz", [0, 36]),
             ("1__0", []), ("_1", []), ("+5", []), ("- 5", []), ("1e400", []), ("99999999999999999999", [])):
    f("int", v, *a)
f("int", "q", default=7)
f("int", [1], 9)
f("float", "q", 1.5)
f("float", "q", default="x")
f("float", "1_0.5")
f("float", " -inf ")
f("float", "1e-7")
f("float", ".5")
f("float", "5.")

for v in (2.5, 3.5, 0.5, -2.5, 2.675, 1.005, 1234.5678, 42, 1250, 1350, -1250, 2.0, 0.1 + 0.2):
    for p in (0, 1, 2, -1, -2):
        for m in ("common", "ceil", "floor"):
            f("round", v, p, m)
f("round", 2.5, method="ceil")
f("round", 2.5, 1, "x")
f("abs", -5)
f("abs", -5.5)
f("abs", -(2**70))
f("log", 100, 10)
f("log", 8, 2)
f("log", 0)
f("log", "a")
f("pow", 2, 3)
f("pow", 2, 0.5)
f("root", 9)
f("root", 27, 3)
f("root", -1)
for v in (0, 1, 999, 1000, 1023, 1024, 1288490, 10**9, 2**40, 1.5, 5e15, 1e30):
    f("human_readable", v)
    f("human_readable", v, True)
    f("human_readable", v, unit="G")
    f("human_readable", v, False, "K")
    f("filesizeformat", v)
    f("filesizeformat", v, True)
f("filesizeformat", "1500")
for v in ("10", "1.5G", "2 MB", "1KB", "1K", "5b", "5B", "10 bytes", "1 byte", "2 MiB", "1Mb", "3x", "", "abc", "1.2.3", 10, 1.5, " 7 KB ",
          "1kB", "1megabyte", "1Mbit", "8 bits", ".5G", "-1", "1 Y"):
    f("human_to_bytes", v)
    f("human_to_bytes", v, isbits=True)
    f("human_to_bytes", v, "M")

for v in ("hello world", "foo-bar baz", "o'neil mc(donald) [x] {y} <z>", "ÉCOLE ß ǆ", "x1a 2b", "a\tb\nc"):
    for n in ("title", "capitalize", "upper", "lower", "wordcount", "reverse", "trim", "length"):
        f(n, v)
f("trim", "xxaxx", "x")
f("trim", "\u00a0 a \n")
f("trim", "[a]", "[]")
f("replace", "aaa", "a", "b")
f("replace", "aaa", "a", "b", 2)
f("replace", "aaa", "a", "b", count=1)
f("replace", "abc", "", "-")
f("replace", "abc", "", "-", 2)
f("replace", 123, 2, 5)
f("replace", "a", "x")
f("center", "ab", 7)
f("center", "abc", 8)
f("center", "é", 4)
f("center", "abcdef", 3)
f("split", "a b  c")
f("split", "a,b,,c", ",")
f("split", "a,b,c", ",", 1)
f("split", " a b c ", None, 1)
f("split", "a--b", "--")
f("split", "", ",")
f("split", "")
f("split", "abc", "")
f("split", 5)
f("format", "%s-%d", "a", 3)
f("format", "%(a)s %(b)05.1f", a="x", b=2.25)
f("format", "%s")
f("format", "%s", "a", "b")
f("format", "%d", "a")
f("format", "%5s|%-5s|%05d|%+d|% d|%x|%X|%o|%e|%g|%c|%%|%r|%.2s", "a", "b", 42, 5, 7, 255, 255, 8, 1234.5, 1e-5, "z", "q", "abcdef")
f("format", "%s %s", [1, 2], None)
f("format", "%i %u %f %F %G %E", 1.9, 2, 3.14159, INF, 1e10, 0.00012)
f("format", "%#x %#o %.3d %*d", 255, 8, 5, 4, 7)
f("format", "%q", 1)
f("format", "100%")

for v in (TEXT, "a", "", "a\n", "\na", "a\n\nb", "a\r\nb", "x\n  y\n", 5):
    f("indent", v)
    f("indent", v, 2)
    f("indent", v, 2, True)
    f("indent", v, 2, False, True)
    f("indent", v, "> ", first=True, blank=True)
    f("wordwrap", v, 10)
    f("comment", v)
f("indent", "a\nb", width="\t")
f("indent", "a", 2, foo=1)
LONG = "The quick brown fox-jumps over the extra-ordinarily lazy dog; antidisestablishmentarianism is a-long-word -- isn't it? --flag=value a---b"
for w in (5, 10, 20, 40, 79):
    f("wordwrap", LONG, w)
    f("wordwrap", LONG, w, False)
    f("wordwrap", LONG, w, True, "<br>", False)
f("wordwrap", "a  b   c    d", 3)
f("wordwrap", "  leading and trailing  ", 8)
f("wordwrap", "x" * 25, 10)
f("wordwrap", "a\tb c", 2)
for n in (5, 9, 11, 20, 250):
    f("truncate", "foo bar baz qux quux", n)
    f("truncate", "foo bar baz qux quux", n, True)
    f("truncate", "foo bar baz qux quux", n, False, "…")
    f("truncate", "foo bar baz qux quux", n, True, "..", 0)
f("truncate", "foo", 2)
f("truncate", "foobarbazquxquux" * 3, 9)

for s in ("plain", "erlang", "c", "cblock", "xml"):
    for v in ("a", "a\nb", "a\n\nb\n", ""):
        f("comment", v, s)
f("comment", "a", "nope")
f("comment", "a\n\nb", decoration="! ")
f("comment", "a\nb", "plain", prefix="###\n#", postfix="#\n###")
f("comment", "a", prefix="", postfix="")
f("comment", "a", prefix="\n", prefix_count=2)
f("comment", "a", prefix_count=3, postfix_count=2)
f("comment", "a\nb", beginning="<", end=">", decoration="-")
f("comment", "a\r\nb", newline="\r\n")
f("comment", "a", postfix="\n")

for v in ([1, 2, 3, 4, 5, 6, 7], [1, 2, 3], [], "abcdefg", [3, 1, 2]):
    for n in (1, 2, 3, 4):
        f("batch", v, n)
        f("batch", v, n, "x")
        f("slice", v, n)
        f("slice", v, n, "x")
f("slice", [1], 0)
f("join", [1, "a", None, True, 1.5])
f("join", ["a", "b"], ", ")
f("join", PEOPLE, "-", attribute="n")
f("join", PEOPLE, ",", "x.y.0")
f("join", {"a": 1, "b": 2}, ",")
f("join", ["a"], foo=1)
for n in ("first", "last", "length", "list", "reverse", "sort", "unique", "min", "max", "sum", "flatten", "shuffle"):
    f(n, [3, 1, 2] if n != "shuffle" else [1])
    f(n, "cab" if n not in ("shuffle",) else "a")
    f(n, {"b": 1, "a": 2} if n != "shuffle" else {"a": 1})
f("flatten", NEST)
for n in (0, 1, 2, 3):
    f("flatten", NEST, n)
    f("flatten", NEST, levels=n, skip_nulls=False)
f("flatten", [{"a": [1]}])
f("sum", [1, 2.5, True])
f("sum", PEOPLE, "v")
f("sum", PEOPLE, attribute="v", start=10)
f("sum", [[1], [2, 3]], start=[])
f("sum", ["a", "b"])
f("sum", [1, "a"])
f("sum", PEOPLE, "zz")
f("sum", [2**62, 2**62])

f("sort", WORDS)
f("sort", WORDS, True)
f("sort", WORDS, case_sensitive=True)
f("sort", WORDS, False, True)
f("sort", PEOPLE, attribute="n")
f("sort", PEOPLE, attribute="n,v")
f("sort", PEOPLE, attribute="v", reverse=True)
f("sort", PEOPLE, attribute="x.y")
f("sort", [{"a": 1, "b": 2}, {"a": 1, "b": 1}, {"a": 0, "b": 3}], attribute="a,b", reverse=True)
f("sort", [1, "a"])
f("sort", [None, 1])
f("sort", [[2, 1], [1, 3], [1, 2]])
f("sort", [2.5, 1, True, 0])
f("sort", PEOPLE)
f("sort", PEOPLE, attribute="zz")
f("dictsort", {"b": 1, "A": 3, "a": 2})
f("dictsort", {"b": 1, "A": 3, "a": 2}, True)
f("dictsort", {"b": 1, "A": 3, "a": 2}, False, "value")
f("dictsort", {"b": 1, "A": 3, "a": 2}, by="value", reverse=True)
f("dictsort", {"b": 1}, by="x")
f("groupby", PEOPLE, "n")
f("groupby", PEOPLE, "n", case_sensitive=True)
f("groupby", PEOPLE, attribute="v")
f("groupby", PEOPLE, "zz")
f("groupby", [{"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 3}], "a")
f("min", WORDS)
f("min", WORDS, True)
f("max", WORDS)
f("max", PEOPLE, attribute="v")
f("min", PEOPLE, attribute="n")
f("min", [1, "a"])
f("max", [1, 2.5, True])

f("map", [1, 2], "string")
f("map", ["a", "b"], "upper")
f("map", ["ab", "cd"], "regex_replace", "^(.)", "<\\1>")
f("map", PEOPLE, attribute="n")
f("map", PEOPLE, attribute="x.y.0", default="none")
f("map", PEOPLE, attribute="zz", default=5)
f("map", PEOPLE, attribute="zz")
f("map", ["a"], "default", "x")
f("map", ["a", "b"], "extract", {"a": 1, "b": 2})
f("map", [0, 2], "extract", ["x", "y", "z"])
f("map", [["a", "b"], ["c"]], "join", ",")
f("map", [1], "nosuchfilter")
f("map", [1])
f("map", [{"a": 1}], "combine", {"b": 2})
f("map", "abc", "upper")
f("select", [0, 1, 2, "", "a", None])
f("reject", [0, 1, 2, "", "a", None])
f("select", [1, 2, 3, 4], "odd")
f("reject", [1, 2, 3, 4], "divisibleby", 2)
f("select", [1, 2, 3], ">", 1)
f("select", ["foo", "bar"], "match", "^f")
f("reject", ["foo", "Bar"], "search", "b", ignorecase=True)
f("select", ["a", "b"], "in", ["a"])
f("select", [1], "nosuchtest")
f("selectattr", PEOPLE, "v")
f("selectattr", PEOPLE, "v", "gt", 1)
f("selectattr", PEOPLE, "n", "equalto", "a")
f("selectattr", PEOPLE, "n", "in", ["a", "B"])
f("selectattr", PEOPLE, "zz", "defined")
f("rejectattr", PEOPLE, "zz", "defined")
f("selectattr", PEOPLE, "zz", "undefined")
f("selectattr", PEOPLE, "zz")
f("selectattr", PEOPLE, "zz", "equalto", 1)
f("rejectattr", PEOPLE, "n", "match", "[ab]")
f("selectattr", PEOPLE, "x.y", "contains", 7)
f("selectattr", PEOPLE, "x.y.0", "defined")
f("selectattr", PEOPLE)
f("attr", {"a": 1}, "a")
f("attr", "abc", "zz")

f("unique", WORDS)
f("unique", WORDS, True)
f("unique", WORDS, case_sensitive=False)
f("unique", PEOPLE, attribute="n")
f("unique", PEOPLE + PEOPLE)
f("unique", [1, 1.0, True, "1"])
f("unique", [[1], [1], [2]])
for a, b in (([1, 2, 2, 3], [2, 4, 4]), (["b", "a", "c"], ["c", "a"]), ([], [1]), ([{"a": 1}, {"b": 2}], [{"b": 2}]), ([[1], [2]], [[2]])):
    for n in ("union", "intersect", "difference", "symmetric_difference"):
        f(n, a, b)
        f(n, b, a)
f("union", [1], 2)
f("difference", "abc", "b")

DA = {"a": 1, "l": [1, 2], "d": {"x": 1, "y": [1]}, "z": 0}
DB = {"a": 2, "l": [2, 3], "d": {"y": [2], "w": 5}, "n": None}
f("combine", DA, DB)
for m in ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp"):
    f("combine", DA, DB, list_merge=m)
    f("combine", DA, DB, recursive=True, list_merge=m)
    f("combine", DA, DB, {"l": [9, 1], "d": {"y": [1, 9]}}, recursive=True, list_merge=m)
f("combine", DA, [DB, {"q": 1}])
f("combine", [DA, DB])
f("combine", DA)
f("combine", DA, None)
f("combine", DA, "x")
f("combine", DA, DB, list_merge="x")
f("combine", DA, DB, foo=1)
f("combine", {}, DB, recursive=True)
f("combine", {"a": {"b": 1}}, {"a": 5}, recursive=True)
f("dict2items", {"a": 1, "b": [2]})
f("dict2items", {"a": 1}, "k", "v")
f("dict2items", {"a": 1}, key_name="k", value_name="v")
f("dict2items", [1])
f("items2dict", [{"key": "a", "value": 1}, {"key": "b", "value": 2}])
f("items2dict", [{"k": "a", "v": 1}], "k", "v")
f("items2dict", [{"k": "a"}])
f("items2dict", [1])
f("items2dict", {"a": 1})
f("extract", "a", {"a": {"b": [1, 2]}})
f("extract", "a", {"a": {"b": [1, 2]}}, "b")
f("extract", "a", {"a": {"b": [1, 2]}}, ["b", 1])
f("extract", 1, ["x", "y"])
f("extract", "zz", {"a": 1})
f("subelements", PEOPLE, "x.y")
f("subelements", PEOPLE, ["x", "y"])
f("subelements", PEOPLE, "zz")
f("subelements", PEOPLE, "zz", True)
f("subelements", PEOPLE, "zz", skip_missing=True)
f("subelements", PEOPLE, "n")
f("subelements", {"a": {"l": [1]}, "b": {"l": [2, 3]}}, "l")
f("subelements", [{"a": 1}], "a.b")
f("rekey_on_member", [{"n": "a", "v": 1}, {"n": "b", "v": 2}], "n")
f("rekey_on_member", {"x": {"n": "a", "v": 1}}, "n")
f("rekey_on_member", [{"n": "a"}, {"n": "a", "v": 2}], "n")
f("rekey_on_member", [{"n": "a"}, {"n": "a", "v": 2}], "n", duplicates="overwrite")
f("rekey_on_member", [{"v": 1}], "n")
f("rekey_on_member", [1], "n")

f("zip", [1, 2, 3], ["a", "b"])
f("zip", [1, 2], "ab", [True, False])
f("zip", [1, 2])
f("zip_longest", [1, 2, 3], ["a"])
f("zip_longest", [1, 2, 3], ["a"], fillvalue="-")
f("product", [1, 2], ["a", "b"])
f("product", [1, 2], [3], [4, 5])
f("product", [0, 1], repeat=2)
f("permutations", [1, 2, 3])
f("permutations", "abc", 2)
f("permutations", [1, 2], 3)
f("combinations", [1, 2, 3, 4], 2)
f("combinations", "abc", 5)
f("combinations", [1])
for s in ("seed", "host1", 42, 0, -7, "é"):
    f("random", 60, seed=s)
    f("random", 100000, seed=s)
    f("random", 2**40, seed=s)
    f("random", 60, start=10, step=10, seed=s)
    f("random", ["a", "b", "c", "d"], seed=s)
    if s:
        f("shuffle", [1, 2, 3, 4, 5, 6, 7, 8, 9], seed=s)
f("random", [])
f("random", 0)
f("random", 5, 10)
f("random", [1], start=1)

f("regex_search", "foobar", "o+")
f("regex_search", "foobar", "x")
f("regex_search", "server1/database42", "database[0-9]+")
f("regex_search", "foo\nBAR", "(?i)^bar", multiline=True)
f("regex_search", "foo\nBAR", "^bar", multiline=True, ignorecase=True)
f("regex_search", "21/42", "(?P<a>[0-9]+)/(?P<b>[0-9]+)", "\\g<a>", "\\g<b>")
f("regex_search", "21/42", "([0-9]+)/([0-9]+)", "\\1", "\\2")
f("regex_search", "21/42", "([0-9]+)/([0-9]+)", "\\1")
f("regex_search", "21", "([0-9]+)(/)?", "\\2")
f("regex_search", "21/42", "([0-9]+)", "\\3")
f("regex_search", "21/42", "([0-9]+)", "x")
f("regex_search", "xx", "([0-9]+)", "\\1")
f("regex_search", 12345, "3.")
f("regex_search", "a", "(")
f("regex_findall", "some 1 text 22 here 333", "[0-9]+")
f("regex_findall", "a=1,b=2", "(\\w)=(\\w)")
f("regex_findall", "a=1,b=2", "(\\w)=")
f("regex_findall", "A\nb\nC", "^[a-z]$", multiline=True, ignorecase=True)
f("regex_findall", "A\nb\nC", "^[a-z]$", True)
f("regex_findall", "ab", "(x)?b")
f("regex_findall", "ab", "(x)?(b)")
f("regex_replace", "ansible", "^a.*i(.*)$", "a\\1")
f("regex_replace", "foobar", "^f.*o(.*)$", "\\1")
f("regex_replace", "localhost:80", "^(?P<host>.+):(?P<port>\\d+)$", "\\g<host>, \\g<port>")
f("regex_replace", "aAa", "a", "x", ignorecase=True)
f("regex_replace", "aAa", "a", "x", True)
f("regex_replace", "a\nb", "^", "# ", multiline=True)
f("regex_replace", "aaa", "a", "b", count=2)
f("regex_replace", "aaa", "a", "b", count=2, mandatory_count=2)
f("regex_replace", "aaa", "a", "b", mandatory_count=2)
f("regex_replace", "abc", "b*", "-")
f("regex_replace", "a.b", "\\.", "\\\\.")
f("regex_replace", 123, "2", "x")
f("regex_replace", ["a"], "a", "b")
f("regex_replace", "a", "a", "\\2")
f("regex_replace", "abc")
f("regex_replace", "abc", "b")
f("regex_escape", "^f.*o(.*)$ a-b#~&\n")
f("regex_escape", "^f.*o(.*)$ [x]\\", re_type="posix_basic")
f("regex_escape", "a", "x")

f("b64encode", "hé")
f("b64encode", "hé", encoding="utf-16-le")
f("b64encode", "??>>", urlsafe=True)
f("b64decode", "aMOp")
f("b64decode", "aADpAA==", encoding="utf-16-le")
f("b64decode", "Pz8-Pg==", urlsafe=True)
f("b64decode", "aMOp\naMOp")
f("b64decode", "aMO")
f("b64decode", "YWJj*")
f("b64decode", "YQ==YQ==")
f("b64decode", "")
for h in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blowfish", "SHA256"):
    f("hash", "test", h)
f("hash", "é")
f("to_uuid", "a")
f("to_uuid", "a", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")
f("to_uuid", "a", namespace="x")
for v in ("a b", "it's", "a/b-c_d.e:f,g+h@i%j=k", "$x", "", "é", "a\nb", "~"):
    f("quote", v)
    f("urlencode", v)
    f("escape", v)
f("urlencode", {"a b": "c&d", "e": 1, "f": None})
f("urlencode", [["a", "b/c"], ["d", "é"]])
f("urlencode", "a/b?c=d&e f+g~h")
f("urldecode", "a%20b+c%2Fd%C3%A9%zz%")
for u in ("http://user:pass@Host.example.com:8080/a/b?x=1&y=2#frag", "/just/path", "mailto:a@b.c", "host:80", "http://[::1]:99/x", "//h/p", ""):
    f("urlsplit", u)
    for q in ("scheme", "netloc", "hostname", "port", "username", "password", "path", "query", "fragment", "nope"):
        f("urlsplit", u, q)
f("urlsplit", "http://h:x/")
f("xmlattr", {"class": "my list", "missing": None, "id": 1, "q": "\"<"})
f("xmlattr", {"a": 1}, False)
f("xmlattr", {"a b": 1})
f("striptags", "<b>a</b>  &amp; <!-- c --> d &lt;e&gt; &#65;")
f("urlize", "see http://example.com/x?y=1, (www.foo.org) or a@b.com and ftp://q.r mailto:x@y.zz end.")
f("urlize", "http://example.com/very/long", 10, True)
f("urlize", "http://a.com", target="_blank", rel="x")
f("tojson", {"b": "<a href='x'>&", "a": 1})
f("tojson", [1, 2], 2)

for p in ("/a/b/c.txt", "a", "/", "", "a/", "/a/../b/./c//d", "$NO_SUCH/x", "${NO_SUCH}y", "$", "a$b", "~nosuchuser/x", "a.tar.gz", ".bashrc", "a/.b.c", "//x/y", "///x", "../..", "a/b/../../.."):
    for n in ("basename", "dirname", "normpath", "expanduser", "expandvars", "splitext"):
        f(n, p)
f("relpath", "/a/b/c", "/a/d")
f("relpath", "/a/b", "/a/b")
f("relpath", "/a", start="/a/b/c")
f("realpath", "/proc/../tmp/./nonexistent/x")
f("path_join", ["/a", "b", "c.txt"])
f("path_join", ["a", "/b", "c"])
f("path_join", "a")
f("path_join", ["a/", "b"])
f("path_join", ["a", ""])
f("path_join", 5)
f("commonpath", ["/a/b/c", "/a/b/d"])
f("commonpath", ["a/b", "a/c"])
f("commonpath", ["/a", "b"])
f("commonpath", ["/x", "/y"])
for p in ("C:\\a\\b.txt", "C:/a/b", "\\\\host\\share\\d\\f", "a\\b", "C:", "C:\\", "x"):
    for n in ("win_basename", "win_dirname", "win_splitdrive"):
        f(n, p)

TREE = {"z": 1, "a": [1, 2, {"b": None, "c": [], "d": {}}], "m": {"k": "v", "e": ""}, "t": True, "f": 1.0, "u": "é☃"}
for n in ("to_json", "to_nice_json", "to_yaml", "to_nice_yaml", "pprint"):
    f(n, TREE)
f("to_json", TREE, sort_keys=True)
f("to_json", TREE, indent=2)
f("to_json", TREE, ensure_ascii=False)
f("to_json", TREE, separators=(",", ":"))
f("to_json", TREE, indent=0)
f("to_json", TREE, indent="\t")
f("to_json", TREE, foo=1)
f("to_nice_json", TREE, 2)
f("to_nice_json", TREE, indent=8, sort_keys=False)
f("to_nice_json", TREE, 2, False)
f("to_nice_json", TREE, ensure_ascii=False)
f("to_json", "é☃😀")
f("to_json", {10: 1, 9: 2, "a": 3}, sort_keys=True)
f("to_json", {1: "a", None: "b", True: "c", 1.5: "d"})
f("to_json", "\x00\x1f\x7f\u2028\"\\/\b\f\n\r\t")
f("to_json", [1e16, 1e-5, 123456789.123, NAN, INF, -INF, 2**70, -0.0])
f("to_nice_json", [])
f("to_nice_json", {})
f("to_nice_json", [[], {}])
f("to_nice_json", {"b": [1], 1: 2})
f("from_json", "{\"a\": [1, 2.5, null, true, \"x\\u00e9\\ud83d\\ude00\"], \"b\": 1e3}")
f("from_json", "[1,]")
f("from_json", "{'a': 1}")
f("from_json", "NaN")
f("from_json", "123456789012345678901234567890")
f("from_json", "\"a\nb\"")
f("from_json", " [ ] ")
f("from_json", "01")
f("from_json", "-0")
f("from_json", "1 2")
f("from_json", "{\"a\":1,\"a\":2}")
f("from_yaml", "a: 1\nb: [x, yes, 012, 1.5]\nc: 'q'\n")
f("from_yaml", "a: 1\n---\nb: 2\n")
f("from_yaml", "a: [")
f("from_yaml", "- 2020-01-01\n- 2020-01-01 10:00:00\n")
f("from_yaml_all", "a: 1\n---\nb: 2\n")
f("from_yaml_all", "")
f("from_yaml", {"a": 1})

SCALARS = ["", "a", "yes", "No", "null", "~", "1", "1.5", "0x1f", "012", "1e3", "1.0e+3", "2020-01-01", "12:30", "=", "<<",
           "a: b", "a:b", "a #b", "a#b", "#a", "- a", "-a", "-", "?", "? a", ":", ": a", "a:", "[a", "{a", "a]", "a,b",
           "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a", "\"a", "a'b", "a\"b", " a", "a ", "a\n", "a\nb", "a\n\nb\n",
           "\n", "\na", "a\tb", "\ta", "a\\b", "é", "\u00a0", "\u0085", "\u2028", "\ufeff", "\x00", "\x7f", "a\r\nb",
           "---", "--- a", "...", "true", "On", ".inf", ".nan", "+1", "-1", "1_000", "_", "{{ x }}", "a" * 100,
           "word " * 30, ("word " * 30).strip(), "x" * 70 + " " + "y" * 20, "it's " * 25, "tab\t" * 30, "line one is here\n" * 8,
           "a  b", "a  \nb", "  a\n b", "key: value\nother: |\n  text\n", "\"quoted\"", "a: " + "long " * 20, "ends with colon:", "é " * 50,
           "/usr/bin:/bin", "http://x.y/z?a=b&c=d#e", "* * * * *", "0644", "1.2.3", "1:2", "0o17", "!!str a", "a , b", "[]", "{}", "null null"]
for s in SCALARS:
    f("to_yaml", s)
    f("to_yaml", [s, 1])
    f("to_yaml", {s: s})
    f("to_nice_yaml", {"k": s})
    f("to_nice_yaml", {"k": {"deep": [s, [s]]}})
    f("to_nice_yaml", [s])
    f("to_json", s)
    f("pprint", s)
f("to_yaml", [SCALARS])
f("to_yaml", {"a": {"b": [1, 2]}, "c": [[1], [2]], "d": {"e": 1}})
f("to_yaml", {"a": 1}, sort_keys=False)
f("to_yaml", TREE, indent=4)
f("to_yaml", TREE, default_flow_style=True)
f("to_yaml", TREE, default_flow_style=False)
f("to_yaml", TREE, default_style="\"")
f("to_yaml", TREE, default_style="'")
f("to_yaml", TREE, default_style="|")
f("to_yaml", {"a": "x\ny\n", "b": "long " * 30}, default_style="|")
f("to_yaml", TREE, explicit_start=True, explicit_end=True)
f("to_yaml", TREE, canonical=True)
f("to_yaml", TREE, width=20)
f("to_yaml", [SCALARS], width=1000)
f("to_yaml", TREE, line_break="\r\n")
f("to_yaml", TREE, foo=1)
for i in (1, 2, 3, 4, 8, 12):
    f("to_nice_yaml", TREE, indent=i)
    f("to_nice_yaml", [[1, [2, 3]], {"a": [{"b": 1, "c": 2}]}], indent=i)
f("to_nice_yaml", TREE, 2)
f("to_nice_yaml", TREE, sort_keys=False)
f("to_nice_yaml", TREE, width=10)
f("to_nice_yaml", {"a": "word " * 60}, width=1337)
f("to_nice_yaml", {"a": "word " * 60, "b": ["it's " * 40]}, width=40)
f("to_nice_yaml", TREE, default_flow_style=True)
f("to_nice_yaml", {"x" * 200: 1, ("y" * 120): {"z": 2}, ("w" * 130): [1]})
f("to_nice_yaml", {1: "a", "b": 2, None: 3, 1.5: 4, True: 5})
f("to_nice_yaml", {2: "a", 1: 2})
f("to_yaml", [1e20, 1.0, 0.1, NAN, INF, -INF, 1e-7, 2**70])
f("to_nice_yaml", b"abc" * 40)
f("to_nice_yaml", {"a": {}, "b": [], "c": [{}], "d": [[]]})
f("to_nice_yaml", [[[1]], [[2, [3]]]])
f("pprint", {"a": list(range(40)), "b": {"c": "x" * 100, "d": "word " * 40}, "e": ("t",) * 3})
f("pprint", ["line one\nline two\n" * 5, {"z": 1, "a": 2}])
f("pprint", "word " * 40)
f("pprint", {"b": 1, "a": {"d": 1, "c": 2}})

for a, b in (("1.2", "1.10"), ("1.0", "1.0"), ("1.0", "1"), ("2.0.0", "1.9"), ("1.0a1", "1.0"), ("1.0-1", "1.0-2"), ("20.04", "18.04"),
             ("1.2.3-rc1", "1.2.3"), ("1.0.0-alpha.1", "1.0.0-alpha.beta"), ("1.0.post1", "1.0"), ("1.0.dev1", "1.0a1"), ("1!1.0", "2.0"),
             ("v1.2", "1.2"), ("abc", "1"), ("1.0+a", "1.0+b"), ("", "1"), ("1", ""), (1.5, 1.10), (8, "8"), ("1.0.0", "1.0.0+build"), ("1.2.b", "1.2.a")):
    for o in ("==", "<", ">="):
        t("version", a, b, o)
        t("version", a, b, o, strict=True)
        t("version", a, b, o, version_type="semver")
        t("version", a, b, o, version_type="pep440")
for o in ("eq", "=", "ne", "!=", "<>", "lt", "le", "<=", "gt", ">", "ge", "x", "~"):
    t("version", "1.2", "1.3", o)
    t("version_compare", "1.3", "1.3", o)
t("version", "1.2", "1.3")
t("version", "1.2", "1.3", operator="lt", strict=True, version_type="loose")
t("version", "1.2", "1.3", "lt", version_type="x")
t("version", "1.2", version="1.3", operator="lt", version_type="loose")

for n in ("match", "search", "regex"):
    t(n, "foobar", "o+")
    t(n, "foobar", "foo")
    t(n, "FooBar", "foo", ignorecase=True)
    t(n, "a\nfoo", "^foo")
    t(n, "a\nfoo", "^foo", multiline=True)
    t(n, "a\nfoo", "^FOO", True, True)
    t(n, 123, "2")
    t(n, "a", "(")
    t(n, "", "")
t("regex", "foobar", "foo", match_type="fullmatch")
t("regex", "foobar", "bar", match_type="match")
t("regex", "foo", "foo", match_type="fullmatch")
t("regex", "foo", "foo", match_type="x")

for r in ({"failed": True}, {"failed": False}, {}, {"changed": True}, {"changed": False, "results": [{"changed": True}]},
          {"results": [{"changed": True}]}, {"results": [{"changed": False}]}, {"skipped": True}, {"unreachable": True},
          {"started": 1}, {"finished": 1}, {"started": True, "finished": False}, {"timedout": {"period": 5}}, {"timedout": False},
          {"failed": "yes"}, {"rc": 0}):
    for n in ("failed", "failure", "succeeded", "success", "successful", "changed", "change", "skipped", "skip", "reachable",
              "unreachable", "started", "finished", "timedout"):
        t(n, r)

for a, b in ((1, 1), (1, 2), (1, 1.0), ("a", "a"), ("a", "b"), ([1], [1]), (None, None), (True, 1), ("1", 1), ({"a": 1}, {"a": 1}), ([1, 2], [1, 3]), (None, 1)):
    for n in ("eq", "equalto", "ne", "lt", "lessthan", "le", "gt", "greaterthan", "ge", "==", "!=", "<", "<=", ">", ">="):
        t(n, a, b)
for a, b in ((1, [1, 2]), (3, [1, 2]), ("a", "abc"), ("x", "abc"), ("a", {"a": 1}), (1, "abc"), (1, 5), (True, [1]), ([1], [[1]])):
    t("in", a, b)
    t("contains", b, a)
for a, b in (([1], [1, 2]), ([1, 3], [1, 2]), ([], []), ("ab", "abc"), ({"a": 1}, ["a"])):
    for n in ("subset", "issubset", "superset", "issuperset"):
        t(n, a, b)
t("sameas", True, True)
t("sameas", None, None)
t("sameas", True, False)
t("sameas", 1, 1)
for a, b in ((6, 3), (7, 3), (0, 3), (6, 0), ("6", 3), (6.0, 3)):
    t("divisibleby", a, b)
for v in (2, 3, 0, -1, 2.0, "2"):
    t("even", v)
    t("odd", v)
for v in ("yes", "no", "on", "false", "x", "", 1, 0, None, [0]):
    t("truthy", v)
    t("truthy", v, convert_bool=True)
    t("falsy", v)
    t("falsy", v, convert_bool=True)
for v in ([True, 1, "a"], [0, 1], [], [0, ""]):
    t("all", v)
    t("any", v)
for v in ("/tmp", "/etc/passwd", "/nonexistent", "/proc", "/", "tmp"):
    for n in ("exists", "file", "directory", "link", "link_exists", "mount", "abs", "is_file", "is_dir", "is_link", "is_mount", "is_abs"):
        t(n, v)
t("same_file", "/tmp", "/tmp/../tmp")
t("same_file", "/tmp", "/etc")
t("same_file", "/tmp", "/nonexistent")
for v in ("http://a.b/c", "https://x", "ftp://h", "mailto:a@b", "urn:isbn:1", "file:///x", "/x", "a", "http://", "://x", "HTTP://H"):
    for n in ("url", "uri", "urn"):
        t(n, v)
    t("url", v, schemes=["http"])
    t("uri", v, schemes=["mailto", "ftp"])
for v in ("upper", "nosuch", "ansible.builtin.upper"):
    t("filter", v)
for v in ("defined", "nosuch", "failed", "ansible.builtin.failed"):
    t("test", v)
t("nan", NAN)
t("isnan", 1.5)
t("nan", "a")

for h, s in (("sha512", "abcdefgh"), ("sha256", "ab./"), ("md5", "abcdefgh"), ("blowfish", "abcdefghijklmnopqrstuv"), ("bcrypt", "x")):
    for p in ("pw", "", "é" * 30, "a longer password with spaces, longer than one block of the hash function, really"):
        f("password_hash", p, h, s, rounds=1000 if h.startswith("sha") else 4 if h != "md5" else None)
f("password_hash", "pw", "sha512_crypt", "abcdefgh", rounds=5000)
f("password_hash", "pw", "sha512", "abcdefghijklmnopq", rounds=1000)
f("password_hash", "pw", "sha512", "ab$", rounds=1000)
f("password_hash", "pw", "nope", "abcdefgh")
f("password_hash", 5, "md5", "abcdefgh")
f("password_hash", "pw", "bcrypt", "abcdefghijklmnopqrstuv", rounds=4, ident="2a")
f("vault", "abc", "secret", "saltsaltsaltsaltsaltsaltsaltsalt")
f("vault", "abc", "secret", "saltsaltsaltsaltsaltsaltsaltsalt", vault_id="x")
f("unvault", "abc", "secret")

for term in ("1-3", "start=0 end=10 stride=5", "count=3", "count=3 stride=2 start=5", "5-1", "5-1/-2", "end=3 count=2", "count=0", "x", "3",
             "010", "end=2 format=%d%d", "end=2 foo=1", "1-10/3:host%02d", "start=5 end=1 stride=-2", "start=1 end=4 format=a%02x", "0-0",
             "", "end=15 start=10 format=%x", "4:host%d", "end=-1", "start=-2 end=2", "1-5/0"):
    l("sequence", term)
l("sequence", start=1, end=3)
l("sequence", "end=3", format="a%d")
l("sequence", "1-2", "4-5")
l("items", [1, [2]], 3)
l("items", [[1, 2], [3, [4]]])
l("items", "a", "b")
l("items")
l("nested", ["a", "b"], [1, 2])
l("nested", ["a", ["b"]], [1, [2, [3]]])
l("nested", "ab", [1])
l("nested", ["a"], [])
l("nested", [1], [2], [3, 4])
l("nested", [[1, [2, [3, [4]]]]], [5], [[6, [7, [8]]]])
l("nested")
l("together", ["a", "b"], [1, 2, 3])
l("together", ["a", ["b", "c"]], [1, 2])
l("together", "ab", [1, 2])
l("together")
l("dict", {"a": 1, "b": [2]})
l("dict", {"a": 1}, {"b": 2})
l("dict", [1])
l("dict", [{"a": 1}])
l("indexed_items", ["a", "b"])
l("indexed_items", ["a", ["b"]], "c")
l("list", ["a"], "b")
l("subelements", PEOPLE, "n")
l("subelements", PEOPLE, "x.y")
l("subelements", [{"a": [1, 2], "c": 3}], "a")
l("subelements", [{"b": [1, 2]}], "a", {"skip_missing": True})
l("subelements", [{"b": [1, 2]}], "a", {"skip_missing": "yes"})
l("subelements", [{"b": [1, 2]}], "a", {"x": True})
l("subelements", [{"b": [1, 2]}], "a")
l("subelements", {"x": {"a": [1]}}, "a")
l("subelements", [{"a": 1}], "a")
l("subelements", [{"a": [1]}])
l("lines", "printf 'a\\nb'")
l("pipe", "printf 'a\\nb\\n'")
l("pipe", "exit 3")
l("pipe", "echo '  x  '")
l("first_found", ["/nope", "/proc/self/status"])
l("first_found", ["/nope"])
l("first_found", ["/nope"], skip=True)
l("first_found", {"files": ["status", "x"], "paths": ["/nope", "/proc/self"]})
l("first_found", [{"files": "x", "paths": "/proc", "skip": True}])
l("first_found", files=["status"], paths=["/proc/self"])
l("first_found", ["status"], paths=["/nope", "/proc/self"])
l("first_found", ["/nope", "/proc/self/status", "/proc/self/stat"])
l("first_found")
l("fileglob", "/proc/self/statu[a-z]")
l("fileglob", "/nope/*", "/proc/self/lo?inuid")
l("file", "/proc/sys/kernel/ostype")
l("file", "/proc/sys/kernel/ostype", rstrip=False)
l("file", "/nope")
l("env", "HOME_NOPE", default="x")
l("env", "HOME_NOPE")
l("password", "/dev/null length=5 chars=digits seed=a")
l("password", "/dev/null", length=5, chars=["digits", "ascii_letters"], seed="a")
l("password", "/dev/null", seed="a")
l("password", "/dev/null chars=a,b,, seed=a")
l("password", "/dev/null foo=1")
l("password", "/dev/null chars=hexdigits,punctuation length=30 seed=host1")
l("vars", "zz")
l("vars", "zz", default=5)
l("varnames", "^zz")
l("unvault", "/proc/sys/kernel/ostype")

U = "ansible.utils."
HOSTS = ["192.168.1.5", "192.168.1.5/24", "192.168.1.0/24", "10.0.0.0/31", "10.0.0.1/31", "10.0.0.1/32", "10.0.0.0/30", "10.0.0.1/30",
         "8.8.8.8", "8.8.8.8/8", "127.0.0.1", "224.0.0.1", "169.254.1.1", "::1", "2001:db8::1", "2001:db8::1/64", "2001:db8::/64",
         "2001:db8::5/127", "2001:db8::/128", "fe80::1", "ff02::1", "fd00::1/8", "2002:c000:204::1", "::ffff:10.0.0.1", "5", "3232235777",
         "42540766411282592856903984951653826561", "192.168.1.5/255.255.255.0", "0.0.0.0/0", "256.1.1.1", "host", "", "1.2.3",
         "192.168.1.0/33", " 10.0.0.1", "2001:DB8::A", "192.168.001.005", "10.0.0.0/0.0.0.255", "::10.0.0.1"]
QUERIES = ["", "address", "address/prefix", "bool", "broadcast", "cidr", "first_usable", "gateway", "gw", "host", "host/prefix", "hostnet",
           "hostmask", "int", "ip", "ip/prefix", "ip_netmask", "ipv4", "ipv6", "last_usable", "link-local", "lo", "loopback", "multicast",
           "net", "netmask", "network", "network_id", "network/prefix", "network_netmask", "network_wildcard", "next_usable", "peer", "prefix",
           "previous_usable", "private", "public", "range_usable", "revdns", "router", "size", "size_usable", "subnet", "type", "unicast",
           "version", "wildcard", "wrap", "6to4", "0", "1", "-1", "5", "300", "192.168.0.0/16", "2001:db8::/32", "192.168.1.5", "nope"]
for h in HOSTS:
    for q in QUERIES:
        f(U + "ipaddr", h, q)
for h in ("100.64.0.1", "172.16.0.1", "172.32.0.1", "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
          "203.0.113.1", "240.0.0.1", "255.255.255.255", "0.0.0.1", "1.1.1.1", "239.1.1.1", "64:ff9b::1", "64:ff9b:1::1", "100::1", "2001::1",
          "2001:20::1", "2001:200::1", "2600::1", "fc00::1", "fec0::1", "::", "3fff::1", "5f00::1", "2001:4:112::1", "2001:3::1"):
    for q in ("private", "public", "unicast", "multicast", "loopback", "link-local"):
        f(U + "ipaddr", h, q)
MIXED = ["192.24.2.1", "host", "::1", "", "192.168.32.0/24", "fe80::100/10", True, "42540766412265424405338506004571095040/64", 5]
for n in ("ipaddr", "ipv4", "ipv6", "ipwrap"):
    f(U + n, MIXED)
    for q in ("address", "prefix", "host", "net", "version", "bool", "1", "192.0.0.0/8"):
        f(U + n, MIXED, q)
for v in (True, 5, None, [], "x", {}, 1.5):
    for n in ("ipaddr", "ipv4", "ipv6"):
        f(U + n, v)
f(U + "ipaddr", "192.24.2.1", version=6)
f(U + "ipaddr", "192.24.2.1", "bool", version=4)
f(U + "ipwrap", "::1")
f(U + "ipwrap", "x")
f(U + "ipwrap", "::1/64")
for v, a in (("10.0.0.0/8", []), ("10.0.0.0/8", [16]), ("10.0.0.0/8", [16, 0]), ("10.0.0.0/8", [16, -1]), ("10.0.0.0/8", [16, 999]),
             ("10.0.0.0/8", ["16", "5"]), ("10.1.2.3", [24]), ("10.1.2.3", [24, 0]), ("10.1.2.3", [18, 1]), ("10.1.2.3", [18, -1]),
             ("10.1.2.3", [18, -5]), ("10.1.2.3", [18, 13]), ("10.1.2.3", ["10.0.0.0/8"]), ("10.1.2.0/24", ["10.0.0.0/8"]),
             ("192.1.2.0/24", ["10.0.0.0/8"]), ("10.1.2.3/24", []), ("10.1.2.3", []), ("10.0.0.0/24", [16]), ("2001:db8::/32", [48, 5]),
             ("2001:db8::/32", [64]), ("x", [16]), ("10.0.0.0/8", ["x"]), ("10.0.0.0/24", [26, -2]), ("10.0.0.0/8", [16, -300])):
    f(U + "ipsubnet", v, *a)
for v, a in (("10.1.2.3", 5), ("10.1.2.3", -5), ("10.1.2.3/24", 5), ("2001::1", 15), ("x", 1), ("0.0.0.1", -2), ("255.255.255.255", 1), ("10.1.2.3", "x")):
    f(U + "ipmath", v, a)
for v, a in (("10.0.0.0/8", 305), ("10.0.0.0/24", 305), ("10.0.0.0/24", -1), ("10.0.0.5", 1), ("10.0.0.0/24", 0), ("2001:db8::/64", 17), ("x", 1), ("10.0.0.0/24", "3")):
    f(U + "nthhost", v, a)
for v, a in (("192.168.122.1/24", 2), ("192.168.122.254/24", 2), ("192.168.122.10/24", 1), ("192.168.122.1", 1), ("192.168.122.1/24", 300)):
    f(U + "next_nth_usable", v, a)
    f(U + "previous_nth_usable", v, a)
for a in ("192.168.0.1", "10.0.0.1", "192.168.0.255", "192.168.0.0", "192.168.0.0/28", "192.168.0.0/16", "::1"):
    f(U + "network_in_network", "192.168.0.0/24", a)
    f(U + "network_in_usable", "192.168.0.0/24", a)
f(U + "reduce_on_network", ["10.0.0.1", "192.168.0.1", "10.1.0.0/16"], "10.0.0.0/8")
f(U + "usable_range", "10.0.0.0/29")
f(U + "usable_range", "10.0.0.7/30")
f(U + "usable_range", "2001:db8::/126")
f(U + "cidr_merge", ["192.168.0.0/17", "192.168.128.0/17", "192.168.128.1"])
f(U + "cidr_merge", ["10.0.0.0/24", "10.0.2.0/24", "10.0.1.0/24", "10.0.3.0/25", "::1", "10.0.0.5"])
f(U + "cidr_merge", ["192.168.0.0/17", "192.168.128.0/17"], "span")
f(U + "cidr_merge", ["10.0.0.5", "10.0.3.9"], action="span")
f(U + "cidr_merge", ["10.0.0.5", "x"])
f(U + "slaac", "fdcf:1894:23b5:d38c::/64", "c2:31:b3:83:bf:2b")
f(U + "slaac", "2001:db8::/64", "00-11-22-33-44-55")
f(U + "ip4_hex", "192.168.1.5")
f(U + "ip4_hex", "192.168.1.5", ":")
for a in (16, 64, 80, -80, -16):
    f(U + "ipcut", "1234:4321:abcd:dcba::17", a)
for v in ("1234:4321:abcd:dcba::17", "1234:4321:abcd:dcba:0:0:0:17", "::1"):
    for a in ("expand", "compress", "x509"):
        f(U + "ipv6form", v, a)
for v in ("1a:2b:3c:4d:5e:6f", "1A2B.3C4D.5E6F", "1a-2b-3c-4d-5e-6f", "1a2b3c4d5e6f", "0:1:2:3:4:5", "x", "1a:2b:3c:4d:5e", "001122-334455"):
    for q in ("", "bare", "bool", "cisco", "eui48", "int", "linux", "pgsql", "postgresql", "psql", "unix", "win", "nope"):
        f(U + "hwaddr", v, q)
        f(U + "macaddr", v, q)

for h in HOSTS + ["10.1.1.1", "100.64.0.1", "255.255.255.0", "0.0.0.255", "0.0.0.0", "::", "2001::1", "240.0.0.1", "192.0.2.1", "4000::1", "aa:bb:cc:dd:ee:ff"]:
    for n in ("ip", "ip_address", "ipv4", "ipv4_address", "ipv4_hostmask", "ipv4_netmask", "ipv6", "ipv6_address", "ipv6_ipv4_mapped",
              "ipv6_sixtofour", "ipv6_teredo", "loopback", "mac", "multicast", "private", "public", "reserved", "unspecified"):
        t(U + n, h)
    for n in ("in_network", "subnet_of", "supernet_of"):
        t(U + n, h, "10.0.0.0/8")
        t(U + n, h, "2001:db8::/32")
    t(U + "in_any_network", h, ["10.0.0.0/8", "192.168.0.0/16", "10.0.0.0/31"])
    t(U + "in_one_network", h, ["10.0.0.0/8", "192.168.0.0/16", "10.0.0.0/31"])

G = "community.general."
f(G + "dict", [[1, 2], ["a", [4]]])
f(G + "dict", [1])
f(G + "dict_kv", {"a": 1}, "k")
f(G + "counter", "abab")
f(G + "counter", ["a", "b", "a", 1, 1.0])
f(G + "counter", [[1]])
f(G + "crc32", "test")
f(G + "crc32", "")
f(G + "accumulate", [1, 2, 3.5])
f(G + "accumulate", "abc")
f(G + "groupby_as_dict", [{"n": "b", "v": 1}, {"n": "a"}], "n")
f(G + "groupby_as_dict", [{"n": 1}, {"n": 1}], "n")
f(G + "groupby_as_dict", [{"x": 1}], "n")
for n in ("lists_union", "lists_intersect", "lists_difference", "lists_symmetric_difference"):
    f(G + n, [1, 2, 2], [2, 3], [3, 5])
    f(G + n, ["b", "a"], ["a", "c"])
    f(G + n, [[1, 2], [2, 3]], flatten=True)
    f(G + n, [1], 2)
LA, LB = [{"n": "b", "v": [1], "d": {"x": 1}}, {"q": 1}], [{"n": "a", "w": 2}, {"n": "b", "v": [2], "d": {"y": 2}}]
f(G + "lists_mergeby", LA, LB, "n")
f(G + "lists_mergeby", [LA, LB], "n")
f(G + "lists_mergeby", LA, LB, "n", recursive=True, list_merge="append")
f(G + "lists_mergeby", LA, LB, "n", list_merge="keep")
KD = [{"abc": 1, "b": 2}, {"abd": 3, "c": {"abc": 4}}]
for n in ("keep_keys", "remove_keys"):
    f(G + n, KD, target=["b"])
    f(G + n, KD, ["abc", "c"])
    f(G + n, KD, target=["ab"], matching_parameter="starts_with")
    f(G + n, KD, target=["c"], matching_parameter="ends_with")
    f(G + n, KD, target="^ab", matching_parameter="regex")
    f(G + n, KD, target=["ab"], matching_parameter="nope")
    f(G + n, {"a": 1}, target=["a"])
    f(U + n, KD, target=["abc"])
    f(U + n, {"a": 1, "b": {"c": 3, "a": 4}}, target=["a"])
    f(U + n, KD, target=["ab"], matching_parameter="starts_with")
f(G + "replace_keys", KD, target=[{"before": "b", "after": "z"}])
f(G + "replace_keys", KD, target=[{"before": "ab", "after": "z"}], matching_parameter="starts_with")
f(U + "replace_keys", KD, target=[{"before": "abc", "after": "z"}])
f(G + "from_csv", "a,b\\n1,2\\n")
f(G + "from_csv", """a,b
1,"x, y"
3
""")
f(G + "from_csv", """1;2
""", delimiter=";", fieldnames=["x", "y"])
f(G + "from_csv", """a, b
1, 2
""", skipinitialspace=True)
f(G + "from_ini", """[s]
a=1
B = x
[t]
c: y
""")
f(G + "from_ini", "x")
f(G + "to_ini", {"s": {"a": 1, "b": "x"}, "t": {"c": True}})
f(G + "to_ini", {})
for v in ("1h 30m", "1d -2h", "1y", "2mo 1w", "10s", "500ms", "5 hours", "3days", "xs", "5", "1.5h", "", "1H"):
    for n in ("to_milliseconds", "to_seconds", "to_minutes", "to_hours", "to_days", "to_weeks", "to_months", "to_years"):
        f(G + n, v)
f(G + "to_days", "1y", year=360)
f(G + "to_days", "1mo", month=28)
f(G + "to_time_unit", "10s", "min")
f(G + "to_time_unit", "10s")
for v in ("52:54:00", "52:54", "52:54:00:01:02", "52:54:00:01:02:03", "x", "1:2", ""):
    f(G + "random_mac", v, seed="x")
    f(G + "random_mac", v, "host1")
f(G + "version_sort", ["1.10", "1.9", "1.2.1", "1.2"])
f(G + "version_sort", ["1.10", "1.9"], reverse=True)
f(U + "get_path", {"a": {"b": [1, {"c d": 2}]}}, "a.b[0]")
f(U + "get_path", {"a": {"b": [1, {"c d": 2}]}}, "a.b[1]['c d']")
f(U + "get_path", {"a": 1}, "zz")
f(U + "to_paths", {"a": {"b": [1, 2], "c d": {}}, "e": [], "f": None})
f(U + "to_paths", [1, [2]])
f(U + "to_paths", {"a": {"b": 1}}, prepend="top")
f(U + "index_of", [1, 2, 3], "eq", 2)
f(U + "index_of", ["a", "b", "a"], "eq", "a")
f(U + "index_of", ["a"], "eq", "z")
f(U + "index_of", PEOPLE, "eq", "a", "n")
f(U + "index_of", [1, 2], "odd")
f(U + "index_of", [1, 2], "eq", 2, wantlist=True)

JD = {"a": {"b": [1, 2, 3], "c": "x"}, "people": [{"n": "bob", "age": 30, "tags": ["x", "y"], "on": True}, {"n": "ann", "age": 25, "tags": []},
      {"n": "cid", "age": 35, "on": False, "sub": {"k": 1}}], "nested": [[1, [2]], [3]], "m": {"x": {"v": 1}, "y": {"v": 2}}, "nil": None,
      "words": ["b", "a", "c"], "nums": [3, 1.5, 2], "q-k": {"z": 0}, "empty": [], "s": "hello", "z": 0}
for q in ("a", "a.b", "a.b[0]", "a.b[-1]", "a.b[5]", "a.b[1:]", "a.b[::-1]", "a.b[:2]", "a.b[::2]", "a.b[-2:]", "a.c.d", "zz", "zz.y", "people[*].n",
          "people[].tags[]", "people[].tags", "people[*].tags[0]", "people[?age > `26`].n", "people[?n == 'ann']", "people[?on].n", "people[?!on].n",
          "people[?age >= `30` && on].n", "people[?n=='bob' || n=='cid'].age | [0]", "people[?contains(tags, 'x')].n", "people[?starts_with(n, 'b')].n",
          "people[?sub].sub.k", "people[?age < '5']", "people | [0]", "people[*].{name: n, years: age}", "people[*].[n, age]", "[a, s]", "{x: a.c, y: s}",
          "nested[]", "nested[][]", "nested[*]", "nested[*][0]", "m.*", "m.*.v", "*.v", "*.x.v", "\"q-k\".z", "nil", "nil || s", "a && s", "!nil", "!z", "z || s",
          "length(people)", "length(s)", "length(m)", "keys(m)", "values(m)", "sort(words)", "sort(nums)", "sort_by(people, &age)[].n", "max(nums)",
          "min(words)", "max_by(people, &age).n", "min_by(people, &age).n", "reverse(words)", "reverse(s)", "join(',', words)", "sum(nums)", "avg(nums)",
          "avg(empty)", "abs(`-5`)", "ceil(`1.2`)", "floor(`1.8`)", "to_string(a)", "to_string(s)", "to_number('5')", "to_number('5.5')", "to_number('x')",
          "to_array(s)", "to_array(words)", "type(a)", "type(s)", "type(nil)", "type(z)", "type(words)", "type(`true`)", "not_null(nil, zz, s)",
          "merge(a, m)", "map(&n, people)", "contains(s, 'ell')", "contains(nums, `2`)", "ends_with(s, 'lo')", "people[*].n | sort(@)", "people[0].tags[1]",
          "`{\"a\": 1}`", "`foo`", "'it\\'s'", "`\"x\"`", "@", "@.s", "people[?age==`25`] | [0].n", "people[?age!=`25`].n", "people[1:].n", "people[*].sub.k",
          "a.b | length(@)", "sort_by(people, &n)[0]", "people[].{n: n, first: tags[0]}", "[people[0].n, s]", "people[?tags[?@ == 'x']].n", "m.x || m.y",
          "a.[b, c]", "a.{k: c}", "(a || s).c", "people[?(age > `20`) && !(on)].n", "lenght(@)", "a..b", "a.", "[", "a[", "foo(", "people[?]", "sort(people)",
          "sum(words)", "length(z)", "a b", "'x", "{a}", "&a", "join(words, ',')", "max_by(people, age)", "abs('x')", "merge(s)", "people[?age > `25`] | length(@)",
          "a.b[*]", "s[0]", "s[*]", "m[0]", "people[*]", "people[].n", "words[?@ > 'a']", "nums[?@ > `1.5`]", "`[1, 2]`[0]", "empty[0]", "empty[*].x", "a.b.c",
          "`1` == `1.0`", "`true` == `1`", "'1' == `1`", "a == a", "nested[0][1][0]", "*", "*.*", "m.*[]", "people[?sub.k == `1`].n | [0]"):
    f(G + "json_query", JD, q)
f(G + "json_query", "[1]", "[0]")
f(G + "json_query", [1, 2], "[0]")

for v, a in (("2020-01-02 03:04:05", []), ("2020-01-02", []), ("2020-01-02", ["%Y-%m-%d"]), ("2020-01-02T03:04:05.678Z", ["%Y-%m-%dT%H:%M:%S.%fZ"]),
             ("2020-01-02 03:04:05 +0200", ["%Y-%m-%d %H:%M:%S %z"]), ("Jan  5 12:00:00 2024 GMT", ["%b %d %H:%M:%S %Y %Z"]), ("12:30", ["%H:%M"]),
             ("31/12/99", ["%d/%m/%y"]), ("2020-02-30", ["%Y-%m-%d"]), ("x", ["%Y"]), ("2020", ["%"]), ("Tuesday 5 March 2024 1:05 pm", ["%A %d %B %Y %I:%M %p"]),
             ("2024-060", ["%Y-%j"]), (5, []), ("20200102", ["%Y%m%d"])):
    f("to_datetime", v, *a)
for a in ("%Y-%m-%d %H:%M:%S", "%A %a %B %b %d %e %j %U %W %y %p %I %f %Z %z %s %% %T %D %F %R %u %w %G %V %C %h %n %t %k %l %M"):
    for v in (0, 1441357287, "1441357287", 1441357287.9, "x", -1):
        f("strftime", a, v, utc=True)
for v in ("2020-01-02", "2020-01-02 03:04:05", "2020-01-02 03:04:05.5"):
    f("from_yaml", v)

for o in (dict(length=5, seed="1"), dict(length=12, base64=True), dict(length=12, upper=False, numbers=False, special=False),
          dict(length=12, min_lower=2, min_upper=3, min_numeric=4, min_special=1), dict(length=12, override_special="-_"),
          dict(length=12, override_all="ab"), dict(length=2, min_lower=5), dict(length=6, ignore_similar_chars=True),
          dict(length=6, upper=False, lower=False, numbers=False, special=False), dict(), dict(override_special="-_", min_special=4)):
    l(G + "random_string", **{"seed": "x", **o})
f("fileglob", "/proc/self/statu[a-z]")
f("fileglob", "/proc/s*f/sta[t]")
f("fileglob", "/nope/*")
f("fileglob", "/proc/self/*/nope")
l("config", "NOPE")
l("config", "NOPE", on_missing="skip")
l("config", "DEFAULT_BECOME_USER")
l("config", "DEFAULT_TIMEOUT", "DEFAULT_GATHERING")
