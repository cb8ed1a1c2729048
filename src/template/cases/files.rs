//! Template files: what they include, import and extend, and how they are read.

use std::sync::Arc;

use super::{World, scope};
use crate::template::{RenderOptions, Source};

fn world() -> World {
    World::default()
        .file(
            "/r/templates/m.j2",
            "{% macro hi(n) %}hi {{ n }} {{ hostvar | default('unseen') }}{% endmacro %}\n{% set exported = 5 %}\n",
        )
        .file(
            "/r/templates/inc.j2",
            "inc:{{ hostvar|default('unseen') }}:{{ loc|default('noloc') }}:{{ i|default('noi') }}\n",
        )
        .file(
            "/r/templates/base.j2",
            "<{% block title %}base{% endblock %}>\n{% block body %}B{{ x|default('nox') }}{% endblock %}\n{{ self.title() }}\n",
        )
        .file(
            "/r/templates/middle.j2",
            "{% extends 'base.j2' %}{% block title %}mid+{{ super() }}{% endblock %}",
        )
        .file("/r/templates/self.j2", "{% include 'self.j2' %}")
}

#[track_caller]
fn case(text: &str, expected: &str) {
    let source = Source { text: Arc::from(text), path: "/r/templates/main.j2".to_owned() };
    let scope = scope([("hostvar", "hv".into())]);
    let got = world().engine().render(&source, &RenderOptions::default(), &scope);
    let got = got.map_or_else(|error| error.message().to_owned(), |text| text.as_str().to_owned());
    assert_eq!(got, expected);
}

#[test]
fn includes_and_imports_see_what_they_should() {
    case("{% import 'm.j2' as m %}{{ m.hi('a') }} {{ m.exported }}\n", "hi a unseen 5\n");
    case("{% from 'm.j2' import hi with context %}{{ hi('b') }}", "hi b hv");
    case("{% from 'm.j2' import hi as h, exported %}{{ h('b') }}{{ exported }}", "hi b unseen5");
    case("{% include 'inc.j2' %}", "inc:hv:noloc:noi");
    case("{% set loc = 3 %}{% include 'inc.j2' without context %}", "inc:unseen:noloc:noi");
    case("{% set loc = 3 %}{% for i in [1] %}{% include 'inc.j2' %}{% endfor %}", "inc:hv:3:1");
    case("{% include ['no.j2', 'inc.j2'] ignore missing %}", "inc:hv:noloc:noi");
    case("a{% include 'no.j2' ignore missing %}b", "ab");
    case("{% include 'no.j2' %}", "there is no template `no.j2`");
    case(
        "{% from 'm.j2' import no %}{{ no() }}",
        "the template 'm.j2' does not export the requested name 'no'",
    );
    case("{% include 'self.j2' %}", "Recursive loop detected in template: it is nested too deeply");
}

#[test]
fn templates_extend_others() {
    case(
        "{% extends 'base.j2' %}\nignored\n{% set x = 7 %}\n{% block title %}child+{{ super() }}{% endblock %}\n",
        "<child+base>\nB7child+base\n",
    );
    case("{% extends 'middle.j2' %}{% block body %}b{% endblock %}", "<mid+base>\nbmid+base");
    case(
        "{% block a %}{% for i in [1, 2] %}{% block b scoped %}{{ i }}{% endblock %}{% endfor %}{% endblock %}",
        "12",
    );
}

#[test]
fn white_space_is_kept_as_the_template_module_keeps_it() {
    case("{% if true %}\nx\n{% endif %}\ny\n", "x\ny\n");
    case("  {% if true %}\nx\n  {% endif %}\ny", "  x\n  y");
    case("#jinja2: lstrip_blocks: True\n  {% if true %}\nx\n  {% endif %}\ny", "x\ny");
    case("#jinja2: trim_blocks: False\n{% if true %}\nx\n{% endif %}\n", "\nx\n");
    case(
        "#jinja2: variable_start_string: '[%', variable_end_string: '%]'\n[% 1 + 1 %] {{ x }}\n",
        "2 {{ x }}\n",
    );
    case("a\r\n{# #}b\r\n", "a\nb\n");
    // What has nothing of a template in it stays as it is.
    case("a\r\nb\r\n", "a\r\nb\r\n");
    case("#jinja2: newline_sequence: '\\r\\n'\na\nb\n", "a\r\nb\r\n");
    case("{{ 'a\\tb' }}{# c #}\nd\n", "a\tbd\n");
    case("{% raw %}{{ x }}{% endraw %}\n", "{{ x }}\n");
    case("a{% if true %}x{% endif %}\n", "ax\n");
    case("{% if false %}x{% endif %}\n", "");
    case("{% for i in [1, 2] %}\n{{ i }}\n{% endfor %}\n\n", "1\n2\n\n");
    case("{{ [1, 2] }}\n", "[1, 2]");
    case("#jinja2: keep_trailing_newline: False\na\n", "a\n");
    case("{{ none }}|{{ [] }}|{{ 'x' if false }}|\n", "|[]||\n");
}
