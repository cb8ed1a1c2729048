#!/bin/sh
echo '{"g": {"hosts": ["s1"], "vars": {"a": {"__ansible_unsafe": "{{ x }}"}, "b": {"__ansible_unsafe": "plain"}, "t": "{{ y }}"}}, "_meta": {"hostvars": {}}}'
