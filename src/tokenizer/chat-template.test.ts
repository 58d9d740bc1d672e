import { describe, expect, it, vi } from 'vitest';
import type { Message } from '../engine.ts';
import { EngineError } from '../failures.ts';
import { compileChatTemplate, MAX_TEMPLATE_LENGTH } from './chat-template.ts';

// Unbounded, these run for hours; bounded, for a second on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const TOKENS = { bos_token: '<s>', eos_token: '</s>' };
const CHAT: Message[] = [
  { role: 'system', content: ' Sé breve. ' },
  { role: 'user', content: 'Hola' },
  { role: 'assistant', content: '¡Hola!' },
  { role: 'user', content: '¿Qué tal?' },
];

const render = (template: string, messages = CHAT) => compileChatTemplate(template, TOKENS, 'test')(messages);

function refusal(template: string, messages = CHAT): EngineError {
  try {
    render(template, messages);
  } catch (error) {
    if (error instanceof EngineError && error.reason === 'template-invalid') return error;
    throw error;
  }
  throw new Error('accepted');
}

describe('a chat template', () => {
  it('sees messages, special tokens and the turn to come', () => {
    const template =
      "{{- bos_token }}{%- for message in messages %}[{{ message['role'] }}]{{ message.content | trim }}{{ eos_token }}" +
      '{%- endfor %}{%- if add_generation_prompt %}[assistant]{% endif %}';
    expect(render(template)).toBe(
      '<s>[system]Sé breve.</s>[user]Hola</s>[assistant]¡Hola!</s>[user]¿Qué tal?</s>[assistant]',
    );
  });

  it('may slice, set, test, loop and define macros as the templates in use do', () => {
    const template = `
{%- set ns = namespace(count=0) %}
{%- if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] | trim %}{% set rest = messages[1:] %}
{%- else %}{% set system = '' %}{% set rest = messages %}{% endif %}
{%- macro turn(role, text) %}<{{ role }}>{{ text }}{% endmacro %}
{{- system }}
{%- for m in rest %}
{%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}
{{- turn(m.role, m.content) }}{% set ns.count = ns.count + 1 %}
{%- endfor %}
{{- ' ' ~ ns.count }}{{ ' no tools' if tools is none }}{{ ' no date' if date_string is not defined }}`;
    expect(render(template)).toBe('Sé breve.<user>Hola<assistant>¡Hola!<user>¿Qué tal? 3 no tools no date');
    expect(refusal(template, CHAT.slice(2))).toHaveProperty('details.actual', 'roles must alternate');
  });

  it('sees every token that the repository names', () => {
    const tokens = { image_token: '<img>', additional_special_tokens: ['<a>', '<b>'] };
    expect(
      compileChatTemplate('{{ image_token }}{{ additional_special_tokens[1] }}', tokens, 'test')([]),
    ).toBe('<img><b>');
  });

  it('may ask for the date', () => {
    expect(render('{{ strftime_now("%d %b %Y") }}')).toMatch(/^[0-3]\d [A-Z][a-z]{2} 20\d\d$/);
  });

  it('does not run what a message says', () => {
    expect(render('{{ messages[0].content }}', [{ role: 'user', content: '{{ bos_token }}{% for %}' }])).toBe(
      '{{ bos_token }}{% for %}',
    );
  });

  it('takes a long conversation', () => {
    const long = Array.from({ length: 2000 }, (_, i): Message => ({
      role: i % 2 === 0 ? 'user' : 'assistant',
      content: 'palabra '.repeat(50),
    }));
    const template =
      "{% for m in messages %}{% if messages[0].role == 'user' and loop.index0 < messages | length %}{{ m.content | trim }}|{% endif %}{% endfor %}";
    expect(render(template, long)).toHaveLength(2000 * 400);
  });
});

describe('a template is refused', () => {
  it.each([
    ['does not parse', '{% for m in messages %}'],
    ['has an unknown filter', '{{ messages | nonsense }}'],
    ['calls what is not there', '{{ open("/etc/passwd") }}'],
    ['is nested beyond reason', `{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`],
    ['is longer than any template', 'x'.repeat(MAX_TEMPLATE_LENGTH + 1)],
  ])('that %s', (_, template) => {
    expect(refusal(template)).toHaveProperty('details.file', 'test');
  });

  const nested = (depth: number, body: string) =>
    Array.from({ length: depth }, (_, i) => `{% for v${i} in range(9999) %}`).join('') +
    body +
    '{% endfor %}'.repeat(depth);

  it.each([
    ['counts to a billion', '{{ range(1000000000) | length }}'],
    ['counts by nothing', '{{ range(0, 5, 0) | length }}'],
    ['counts to no number', '{{ range(0, "x") | length }}'],
    ['loops in loops', nested(4, 'x')],
    ['loops in loops over nothing', nested(4, '')],
    [
      'loops over one long list',
      '{% set big = range(9999) %}{% for a in big %}{% for b in big %}{% endfor %}{% endfor %}',
    ],
    ['calls itself', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}'],
    [
      'calls itself twice, forty deep',
      '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}',
    ],
    [
      'doubles a text a hundred times',
      "{% set ns = namespace(s='xx') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    ],
    [
      'doubles a list a hundred times',
      '{% set ns = namespace(s=[1, 2]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s | length }}',
    ],
    [
      'replaces each character by a long text',
      "{% set ns = namespace(s='xx') %}{% for i in range(18) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s | replace('x', ns.s) }}",
    ],
    ['indents without end', "{{ 'a' | indent(1000000000, true) }}"],
    [
      'prints a list that shares itself sixty times over',
      '{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}' +
        '{{ ns.s }}',
    ],
    [
      'writes such a list as JSON',
      '{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}' +
        '{{ ns.s | tojson }}',
    ],
    [
      'compares such lists',
      '{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}' +
        '{{ ns.s == [ns.s[0], ns.s[1]] }}{{ ns.s in [[ns.s[0], ns.s[1]]] }}',
    ],
    [
      'sorts such lists',
      '{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}' +
        '{{ [ns.s, [ns.s[0], ns.s[1]]] | sort | length }}',
    ],
    [
      'joins such a list to a text',
      '{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}' +
        "{{ 'a' ~ ns.s }}{{ [ns.s] | join }}",
    ],
    ['repeats a text without end', "{{ 'a' * 1000000000 }}"],
    ['repeats a list without end', '{{ ([1] * 1000000000) | length }}'],
    ['fills a text up without end', "{{ 'a'.center(1000000000) }}"],
    ['indents JSON without end', '{{ [1] | tojson(indent=1000000000) }}'],
    ['holds twenty thousand blank lines', '{% if true %}' + '\n'.repeat(20_000) + '{%- endif %}'],
    ['nests brackets without end', '{{ ' + '('.repeat(100_000) + '1' + ')'.repeat(100_000) + ' }}'],
    ['changes what it was given', '{{ messages.append(1) }}'],
    ["reaches for a program's insides", '{{ messages.constructor.constructor("return 1")() }}'],
    ['writes without end', '{% for i in range(9999) %}' + 'x'.repeat(1000) + '{% endfor %}'],
  ])('that %s', (_, template) => {
    expect(refusal(template)).toHaveProperty('details.file', 'test');
  });
});
