// Which tool an answer must call, where the request says so: the call is begun for the model, and its form holds the rest.

import type { ChatTurn, GenerateOptions, GenerateResult, Tool, ToolFormat } from '../engine.ts';
import { unsupported } from './check.ts';
import { generateIn, type Loaded } from './loaded.ts';
import type { ReadCall } from '../engines/tool-calls.ts';
import type { ChatCompletionRequestBase } from './types.ts';

/** The tools that a request offers and how this model calls them; undefined where it offers none. Throws "option-unsupported". */
export function offered(
  { engine }: Loaded,
  request: ChatCompletionRequestBase,
  tools: readonly Tool[],
): { tools: readonly Tool[]; format: ToolFormat; must: readonly Tool[] } | undefined {
  const { tool_choice: choice } = request;
  if (tools.length === 0 || choice === 'none') return undefined;
  const format = engine.capabilities.tools;
  if (!format)
    throw unsupported('tools', 'is not supported: this model’s chat template does not speak of them');
  const must =
    choice === 'required'
      ? tools
      : typeof choice === 'object' && choice !== null
        ? tools.filter(({ name }) => name === choice.function.name)
        : [];
  return { tools, format, must };
}

/** One call of one of these tools: first which, where there are several, then its arguments, by its own schema. */
export async function forcedCall(
  model: Loaded,
  turns: readonly ChatTurn[],
  { tools, format, must }: NonNullable<ReturnType<typeof offered>>,
  options: GenerateOptions,
): Promise<{ call: ReadCall; results: GenerateResult[] }> {
  const results: GenerateResult[] = [];
  let [{ name }] = must as [Tool, ...Tool[]];
  if (must.length > 1) {
    const tokens = model.engine.encodeChat(turns, format.beforeName, tools);
    const choices = must.map((tool) => tool.name);
    const plain = { ...options };
    delete plain.logprobs; // they would be of the name
    const chosen = await generateIn(model, tokens, plain, { type: 'choice', choices });
    results.push(chosen);
    name = choices.find((each) => each === chosen.text) ?? '';
    if (name === '') return { call: { name, arguments: '' }, results }; // cut before it was decided
  }
  const begun = `${format.beforeName}${name}${format.beforeArguments}`;
  const schema = tools.find((tool) => tool.name === name)?.parameters ?? { type: 'object' };
  const tokens = model.engine.encodeChat(turns, begun, tools);
  const given = await generateIn(model, tokens, options, { type: 'json_schema', schema });
  results.push(given);
  return { call: { name, arguments: given.text }, results };
}
