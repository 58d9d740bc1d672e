"""Renderings by the reference: Python's jinja2, set up as transformers sets it up for chat templates.

Run: python3 tests/golden/templates/make.py > tests/golden/templates/renderings.json     (needs jinja2 3.1)
The templates are ours; each uses constructs that published chat templates use.
"""

import json

import jinja2
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception

U, A, S = "user", "assistant", "system"
CONVERSATIONS = [
    [(U, "Hola")],
    [(S, "  Sé breve.\n"), (U, "Hola"), (A, "¡Hola! 😀"), (U, "¿Qué tal?")],
    [(U, "1 < 2 & \"x\" 'y'"), (A, "<think>\nuno\n</think>\n\ndos"), (U, "")],
    [(S, ""), (U, "Línea 1\nLínea 2\n\n- a\n- b"), (A, "x"), (U, "y"), (A, "z"), (U, "w")],
    [(U, "a"), (U, "b")],
]

FOR = "{% for m in messages %}"
TEMPLATES = [
    # what a turn looks like
    FOR + "<|{{ m.role }}|>\n{{ m['content'] }}</s>\n{% endfor %}{% if add_generation_prompt %}<|assistant|>\n{% endif %}",
    "{{ bos_token }}" + FOR + "{{ '[' + m.role + ']' + m.content | trim }}{{ eos_token if not loop.last }}{% endfor %}",
    FOR + "{% if loop.first and m.role != 'system' %}{{ 'DEFAULT\\n' }}{% endif %}{{ loop.index }}/{{ loop.length }}:{{ loop.revindex0 }} {{ m.content }}|{% endfor %}",
    FOR + "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('alternate') }}{% endif %}{{ m.content }}{% endfor %}",
    "{% if messages[0].role == 'system' %}{% set sys = messages[0].content %}{% set rest = messages[1:] %}{% else %}{% set sys = none %}{% set rest = messages %}{% endif %}{{ sys }}|{% for m in rest %}{{ m.content }};{% endfor %}",
    # methods that take an argument
    FOR + "{{ m.content.strip('\\n ') }}|{{ m.content.lstrip('H') }}|{{ m.content.rstrip('a?') }}|{% endfor %}",
    FOR + "{{ m.content.split('</think>')[-1].lstrip('\\n') }}|{{ m.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') }}|{% endfor %}",
    FOR + "{{ m.content.split() }}{{ m.content.split(' ', 1) }}{{ m.content.rsplit(' ', 1) }}{{ m.content.splitlines() }}{% endfor %}",
    FOR + "{{ m.content.startswith('H') }}{{ m.content.endswith(('a', '?')) }}{{ m.content.find('o') }}{{ m.content.count('a') }}{% endfor %}",
    FOR + "{{ m.content.replace('a', 'A', 1) }}|{{ m.content | replace('a', 'é') }}|{{ m.content.upper() }}{{ m.content.title() }}{{ m.content.capitalize() }}{% endfor %}",
    FOR + "{{ m.content.removeprefix('Ho') }}|{{ m.content.removesuffix('la') }}|{{ m.content.partition(' ') }}{{ m.role.center(11, '*') }}{{ m.role.ljust(6) }}{{ m.role.zfill(6) }}|{% endfor %}",
    FOR + "{{ m.content.isdigit() }}{{ m.content.isupper() }}{{ m.content.islower() }}{{ ' '.join([m.role, m.content]) }}{% endfor %}",
    # loops
    FOR + "{{ m.content }}{% if m.role == 'assistant' %}{% break %}{% endif %},{% endfor %}",
    FOR + "[{% if m.role == 'assistant' %}{% continue %}{% endif %}{{ m.content }}]{% endfor %}",
    "{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ m.content }}{% else %}none{% endfor %}",
    "{% for m in messages if m.role == 'tool' %}{{ m.content }}{% else %}none{% endfor %}",
    "{% for c in 'aé😀' %}({{ c }}){% endfor %}{% for k in {'a': 1, 'b': 2} %}{{ k }}{% endfor %}{% for k, v in {'a': 1, 'b': [2]}.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for m in messages[::-1] %}{{ m.content }}{% endfor %}|{% for m in messages[1:-1] %}{{ m.role }}{% endfor %}|{{ messages[-1]['role'] }}",
    "{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(4, 0, -2) %}{{ i }}{% endfor %}{{ range(2) | list }}",
    "{% set x = 1 %}" + FOR + "{{ x }}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(n=0, seen=[]) %}" + FOR + "{% if m.role == 'user' %}{% set ns.n = ns.n + 1 %}{% set ns.seen = ns.seen + [m.content] %}{% endif %}{% endfor %}{{ ns.n }}{{ ns.seen }}",
    FOR + "{{ loop.previtem.role if loop.previtem is defined else '-' }}>{{ loop.nextitem.role if loop.nextitem is defined }};{{ loop.cycle('a', 'b') }}{{ loop.changed(m.role) }}{% endfor %}",
    "{% for a in [1, 2] %}{% for b in 'xy' %}{{ loop.index }}{{ a }}{{ b }}{% if b == 'x' and a == 2 %}{% break %}{% endif %}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% if true %}{% set y = 5 %}{% endif %}{{ y }}",
    "{% for x in missing %}{{ x }}{% endfor %}ok{% for x in none %}{% endfor %}",
    # what is equal, and to what
    "{{ 1 == '1' }}{{ none == missing }}{{ 1 == 1.0 }}{{ true == 1 }}{{ [1, 'a'] == [1, 'a'] }}{{ {'a': [1]} == {'a': [1]} }}{{ (1, 2) == [1, 2] }}{{ '' == none }}{{ 'a' != 'b' }}",
    "{{ 1 in [1.0] }}{{ 'a' in 'abc' }}{{ 'x' not in {'x': 1} }}{{ [1] in [[1]] }}{{ none in [none] }}{{ 'a' in missing }}",
    "{{ 1 < 2 }}{{ 'a' < 'b' }}{{ [1, 2] < [1, 3] }}{{ 2 >= 2.0 }}",
    "{{ 'a' < 1 }}",
    # arithmetic
    "{{ -7 % 3 }} {{ 7 % -3 }} {{ -7 // 2 }} {{ 7 / 2 }} {{ 4 / 2 }} {{ 2 ** 3 }} {{ 2 ** -1 }} {{ 7.5 // 2 }} {{ 1.0 + 1 }} {{ -0.0 }} {{ 0.1 + 0.2 }} {{ 3 / 70000000 }} {{ 10.0 ** 20 }}",
    "{{ 'ab' * 2 }}{{ [1] * 3 }}{{ [1] + [2] }}{{ (1,) + (2,) }}{{ 'a' ~ 1 ~ none ~ true ~ missing ~ 1.5 }}",
    "{{ 1 + 'a' }}",
    "{{ 1 / 0 }}",
    # how values print
    "{{ true }} {{ false }} {{ none }} {{ [true, none, 'a\\'b', 1.0] }} {{ {'k': 'v', 'n': none} }} {{ (1,) }} {{ () }} {{ [] }} {{ {} }} {{ 'é\\n' }} {{ ['é\\n\\t\"', \"it's\"] }}",
    "{{ messages }}",
    "{{ missing }}|{{ missing is defined }}|{{ none is none }}|{{ messages[0].nothing }}|{{ messages[9] }}|{{ messages[0]['nothing'] is undefined }}",
    "{{ missing.attribute }}",
    "{{ messages[0].nothing.deeper }}",
    "{{ missing + 1 }}",
    "{{ missing() }}",
    # filters
    "{{ messages | length }}{{ messages | map(attribute='role') | join(',') }}{{ messages | map(attribute='x', default='-') | list }}{{ ['a', 'B'] | map('upper') | list }}",
    "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list }}{{ messages | rejectattr('role', 'eq', 'user') | list | length }}",
    "{{ messages | selectattr('tool_calls', 'undefined') | list | length }}{{ messages | selectattr('tool_calls', 'defined') | list | length }}{{ messages | selectattr('content') | list | length }}",
    "{{ [3, 1, 2] | sort }}{{ ['b', 'A'] | sort }}{{ [1, 2] | first }}{{ [1, 2] | last }}{{ [] | first }}|{{ [1, 1, 2] | unique | list }}{{ [1, 2] | sum }}{{ [1, 5] | max }}{{ 'hola' | reverse }}",
    "{{ missing | default('d') }}{{ '' | default('d') }}|{{ '' | default('d', true) }}{{ none | default('d') }}{{ none | d('e', boolean=true) }}",
    "{{ '3' | int + 1 }}{{ 'x' | int }}{{ 'x' | int(7) }}{{ '2.9' | int }}{{ '2.5' | float }}{{ 3.7 | int }}{{ 2.5 | round }}{{ 3.14159 | round(2) }}{{ -3 | abs }}",
    "{{ 'a\\nb\\n\\nc' | indent(2) }}|{{ 'a\\nb' | indent(2, true) }}|{{ '  x ' | trim }}|{{ 'a,b' | upper | lower | title }}|{{ 'hola mundo' | capitalize }}|{{ 'hola mundo' | wordcount }}",
    "{{ {'b': 1, 'a': 2} | dictsort }}{{ {'a': 1} | items | list }}{{ messages | list | length }}{{ 'abc' | list }}{{ [1, 2, 3] | batch(2) | list }}",
    "{{ ['a'] | join }}{{ [1, none] | join('-') }}{{ none | list }}",
    "{{ none | length }}",
    "{{ 5 | nosuchfilter }}",
    "{{ messages | tojson }}",
    "{{ {'a': [1, 2.0, none, true, 'é\"\\n<'], 'b': {}} | tojson }}|{{ {'a': [1], 'b': {}} | tojson(indent=2) }}|{{ [] | tojson(indent=2) }}|{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }}|{{ [1, 2] | tojson(separators=(',', ':')) }}|{{ 'é' | tojson(ensure_ascii=true) }}",
    "{{ missing | tojson }}",
    # tests
    "{{ 1 is number }}{{ true is number }}{{ 1 is integer }}{{ true is integer }}{{ true is boolean }}{{ 'a' is string }}{{ [] is sequence }}{{ {} is mapping }}{{ {} is iterable }}{{ 'a' is iterable }}{{ missing is iterable }}{{ 3 is odd }}{{ 4 is even }}",
    "{{ 4 is divisibleby(2) }}{{ 4 is not divisibleby 3 }}{{ 'a' is eq 'a' }}{{ 1 is in [1, 2] }}{{ 5 is not in [1, 2] }}{{ 3 is gt(2) }}{{ none is sameas none }}{{ 'a-b c,d' | title }}{{ 'a,b'.title() }}{{ 'abc'.endswith(('x', 'c')) }}{{ 'abc'.endswith(('c',)) }}{% if messages[0].role is eq('user') and 1 is odd %}yes{% endif %}",
    "{{ 'x' if messages is defined and messages[0] is mapping else 'y' }}{{ not messages is string }}{{ raise_exception is callable }}",
    # macros, call blocks, filter blocks, set blocks
    "{% macro turn(role, text='-', end=eos_token) %}<{{ role }}>{{ text }}{{ end }}{% endmacro %}" + FOR + "{{ turn(m.role, m.content) }}{% endfor %}{{ turn('x') }}{{ turn(text='t', role='r', end='') }}",
    "{% macro outer() %}{{ late }}{% endmacro %}{% set late = 'now' %}{{ outer() }}{% for i in [1] %}{% set late = 'inner' %}{{ outer() }}{% endfor %}",
    "{% macro many() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ many(1, 2, a=3) }}",
    "{% macro box(t) %}[{{ t }}{{ caller() }}]{% endmacro %}{% call box('a') %}in{% endcall %}",
    "{% filter upper %}hola {{ messages[0].role }}{% endfilter %}{% set block %}a{{ messages[0].role }}b{% endset %}{{ block | length }}{{ block }}",
    # white space
    "a  \n  {% if true %}  \n b \n  {% endif %}\n c {%- if true -%}  d  {%- endif %} \n{# note #}\n e",
    "{%- for m in messages -%}\n  {{- m.role -}}\n{%- endfor -%}\n",
    "   {{ 'x' }}\n   {%+ if true %}y{% endif %}\n",
    "{{ '\\n' }}{{ \"a\\tb\\\\n\" }}{{ 'it\\'s' }}{{ 'a' 'b' }}",
    # names that look like methods
    "{% set d = {'items': 1, 'keys': 2, 'x': 3} %}{{ d['items'] }}{{ d.x }}{{ d.get('keys') }}{{ d.get('no') }}{{ d.get('no', 4) }}{{ d.keys() | list }}{{ d['values'] is callable }}",
    "{% set d = {'a': 1} %}{{ d.update({'b': 2}) }}",
    "{% set l = [1] %}{{ l.append(2) }}{{ l }}",
    # conditions
    "{{ '' or 'a' }}{{ none or [] }}{{ 0 and 1 }}{{ 'a' and 'b' }}{{ not '' }}{{ 'x' if false }}|{{ 'x' if 0 else 'y' }}{{ 1 if [] else 2 if {} else 3 }}",
    "{% if messages[0].content is string and messages[0].content | trim | length > 3 %}long{% elif messages | length == 1 %}one{% else %}other{% endif %}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d) = (3, [4]) %}{{ c }}{{ d }}",
    "{{ joiner(', ') is callable }}{% set j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}",
    "{% set c = cycler('x', 'y') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}",
    "{{ dict(a=1, b=messages | length) }}{{ namespace(a=1).a }}",
    "{% for m in messages recursive %}{{ m.role }}{% endfor %}",
    "{{ 'Ñandú😀'[-1] }}{{ 'Ñandú😀'[1:3] }}{{ 'Ñandú😀'[::-1] }}{{ 'Ñandú😀' | length }}{{ [1, 2, 3][-2:] }}{{ (1, 2, 3)[0] }}",
    # as function-calling templates build their lists
    "{% if tools is not none and tools is defined %}T{% endif %}{% set user = messages | selectattr('role', 'equalto', 'user') | list %}{% for t in tools or [] %}x{% endfor %}{{ user | length }}",
    "{% set found = namespace(at=-1) %}{% for m in messages[::-1] %}{% set i = (messages | length - 1) - loop.index0 %}{% if found.at < 0 and m.role == 'user' %}{% set found.at = i %}{% endif %}{% endfor %}{{ found.at }}",
]


def render(template, conversation, prompt):
    messages = [{"role": role, "content": content} for role, content in conversation]
    try:
        text = env.from_string(template).render(
            messages=messages, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>", tools=None, documents=None
        )
        return text
    except Exception:  # whatever it is, the conversation is refused
        return None


cases = []
for template in TEMPLATES:
    renderings = [render(template, conversation, i % 2 == 0) for i, conversation in enumerate(CONVERSATIONS)]
    cases.append({"template": template, "renderings": renderings})
print(json.dumps({"jinja2": jinja2.__version__, "conversations": CONVERSATIONS, "cases": cases}, ensure_ascii=False, indent=1))
