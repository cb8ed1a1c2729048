#!/bin/sh
cat <<'X'
{"web": {"hosts": ["s1", "s2"], "vars": {"a": true, "t": "{{ b }}"}, "children": ["inner"]},
 "inner": {"hosts": ["s3"]}, "plain": ["s1", "s4"], "none": {},
 "_meta": {"hostvars": {"s1": {"x": 1, "n": null}, "s3": {"y": [1, {"z": "q"}]}, "ghost": {"g": 1}}}}
X
