// How templates of well-known families write calls, cut to what matters here.

import { expect, test } from 'vitest';
import { compileChatTemplate } from './chat-template.ts';
import { toolFormat } from './tool-format.ts';

const HERMES = `{%- if tools %}<|im_start|>system
# Tools
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}<|im_end|>
{%- endif %}
{%- for m in messages %}
<|im_start|>{{ m.role }}
{{ m.content }}{%- for tool_call in m.tool_calls %}
<tool_call>
{"name": "{{ tool_call.function.name }}", "arguments": {{ tool_call.function.arguments | tojson }}}
</tool_call>{%- endfor %}<|im_end|>
{%- endfor %}
{%- if add_generation_prompt %}
<|im_start|>assistant
{% endif %}`;
const LLAMA = `{{- bos_token }}{%- if tools is not none %}{{ tools | tojson }}{%- endif %}
{%- for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>

{% if m.tool_calls %}{{ '{"name": "' + m.tool_calls[0].function.name + '", "parameters": ' }}{{ m.tool_calls[0].function.arguments | tojson }}{{ '}' }}{% else %}{{ m.content }}{% endif %}<|eot_id|>{%- endfor %}
{%- if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{% endif %}`;
const MISTRAL = `{{ bos_token }}{% if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}{% for m in messages %}{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]{% elif m.tool_calls %}[TOOL_CALLS][{% for c in m.tool_calls %}{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}, "id": "{{ c.id }}"}{% endfor %}]{{ eos_token }}{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}`;
const PLAIN = `{% for m in messages %}{{ m.role }}: {{ m.content }}
{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}`;
const PYTHON = `{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}{% if m.tool_calls %}[{{ m.tool_calls[0].function.name }}(x=1)]{% else %}{{ m.content }}{% endif %}{% endfor %}`;
const tokens = { bos_token: '<s>', eos_token: '</s>' };
const formatOf = (template: string) =>
  toolFormat(compileChatTemplate(template, tokens, 'test'), ['[TOOL_CALLS]', '<s>', '</s>']);

test.each([
  ['Hermes and Qwen', HERMES, '<tool_call>', 'arguments'],
  ['Llama 3.1', LLAMA, '', 'parameters'],
  ['Mistral', MISTRAL, '', 'arguments'],
])('%s', (_, template, open, argumentsKey) => {
  const format = formatOf(template);
  expect(format).toMatchObject({ open, nameKey: 'name', argumentsKey });
  const call = `${format?.beforeName ?? ''}clima${format?.beforeArguments ?? ''}{}}`;
  expect(JSON.parse(call.slice(call.indexOf('{')))).toEqual({ name: 'clima', [argumentsKey]: {} });
});

test.each([
  ['that does not speak of tools', PLAIN],
  ['whose calls are no JSON', PYTHON],
])('a template %s has no form to read back', (_, template) => {
  expect(formatOf(template)).toBeUndefined();
});
