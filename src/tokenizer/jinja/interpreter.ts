// Runs a template's tree with Python's meaning of it, as transformers sets Jinja up: immutable sandbox, loop controls, trimmed blocks.

import { filterNamed, iterated, testNamed, type Call } from './filters.ts';
import { binary, sliced } from './operators.ts';
import { NOT_FILTER, TEST_FILTER, TUPLE, type Node } from './program.ts';
import { methodOf } from './strings.ts';
import {
  Callable,
  fault,
  Float,
  isTrue,
  itemsOf,
  Namespace,
  numberOf,
  printed,
  Tuple,
  typeName,
  Undefined,
  type Meter,
  type Value,
} from './values.ts';

/** Names that a block can see. A loop's turn, a macro and a call block have one of their own; `if` has none. */
class Scope {
  readonly names = new Map<string, Value>();
  readonly parent: Scope | undefined;
  constructor(parent?: Scope) {
    this.parent = parent;
  }
  find(name: string): Value | undefined {
    return this.names.get(name) ?? (this.names.has(name) ? null : this.parent?.find(name));
  }
}

type Flow = 'break' | 'continue' | undefined;

const node = (value: unknown): Node => value as Node;
const nodes = (value: unknown): readonly Node[] => (value ?? []) as readonly Node[];
const word = (value: unknown): string => node(value)['value'] as string;

function namespaceOf(args: Value[], named: ReadonlyMap<string, Value>): Value {
  const fields = new Map<string, Value>();
  const [source] = args;
  const pairs =
    source instanceof Map ? [...source] : (itemsOf(source ?? []) ?? []).map((pair) => itemsOf(pair) ?? []);
  for (const [key, value = null] of pairs) if (typeof key === 'string') fields.set(key, value);
  for (const [key, value] of named) fields.set(key, value);
  return new Namespace(fields);
}

const GLOBALS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
  ['namespace', new Callable(namespaceOf)],
  [TUPLE, new Callable((items) => new Tuple(items))],
  ['dict', new Callable(([source], named) => new Map([...(source instanceof Map ? source : []), ...named]))],
  [
    'joiner',
    new Callable(([separator = ', ']) => {
      let used = false;
      return new Callable(() => {
        if (used) return separator;
        used = true;
        return '';
      });
    }),
  ],
  [
    'cycler',
    new Callable((items) => {
      let at = 0;
      const fields = new Map<string, Value>();
      fields.set('next', new Callable(() => items[at++ % items.length] ?? null));
      fields.set(
        'reset',
        new Callable(() => {
          at = 0;
          return null;
        }),
      );
      return new Namespace(fields);
    }),
  ],
]);

export class Interpreter {
  readonly #meter: Meter;
  readonly #globals: ReadonlyMap<string, Value>;

  /** @param globals what the template sees apart from Jinja's own names */
  constructor(globals: ReadonlyMap<string, Value>, meter: Meter) {
    this.#globals = globals;
    this.#meter = meter;
  }

  /** Throws TemplateFault where the template fails, and what the meter throws. */
  run(program: Node): string {
    return this.#written(nodes(program['body']), new Scope());
  }

  /** What a block writes, as a text of its own. */
  #written(body: readonly Node[], scope: Scope): string {
    const out: string[] = [];
    this.#block(body, scope, out, { size: 0 });
    return out.join('');
  }

  #write(text: string, out: string[], count: { size: number }): void {
    count.size += text.length;
    this.#meter.text(count.size);
    this.#meter.work(text.length / 256);
    out.push(text);
  }

  #block(body: readonly Node[], scope: Scope, out: string[], count: { size: number }): Flow {
    for (const statement of body) {
      this.#meter.work(1);
      const flow = this.#statement(statement, scope, out, count);
      // What was written before a break or continue stays.
      if (flow) return flow;
    }
    return undefined;
  }

  #statement(statement: Node, scope: Scope, out: string[], count: { size: number }): Flow {
    switch (statement.type) {
      case 'Comment':
        return undefined;
      case 'Break':
        return 'break';
      case 'Continue':
        return 'continue';
      case 'If': {
        const body = isTrue(this.#value(statement['test'], scope))
          ? statement['body']
          : statement['alternate'];
        return this.#block(nodes(body), scope, out, count);
      }
      case 'For':
        return this.#loop(statement, scope, out, count);
      case 'Set':
        this.#assign(statement, scope);
        return undefined;
      case 'Macro': {
        const macro = this.#macro(nodes(statement['args']), nodes(statement['body']), scope);
        scope.names.set(word(statement['name']), macro);
        return undefined;
      }
      case 'CallStatement': {
        const call = node(statement['call']);
        const caller = this.#macro(nodes(statement['callerArgs']), nodes(statement['body']), scope);
        const { args, named } = this.#arguments(nodes(call['args']), scope);
        const made = this.#call(
          this.#value(call['callee'], scope),
          args,
          new Map([...named, ['caller', caller]]),
        );
        this.#write(printed(made, this.#meter), out, count);
        return undefined;
      }
      case 'FilterStatement': {
        const text = this.#written(nodes(statement['body']), new Scope(scope));
        this.#write(printed(this.#filtered(text, node(statement['filter']), scope), this.#meter), out, count);
        return undefined;
      }
      default:
        this.#write(printed(this.#value(statement, scope), this.#meter), out, count);
        return undefined;
    }
  }

  /** Names of a loop's or a `set`'s target get their values. */
  #bind(target: Node, value: Value, scope: Scope): void {
    if (target.type === 'Identifier') {
      scope.names.set(word(target), value);
      return;
    }
    if (target.type !== 'TupleLiteral') return fault(`cannot assign to ${target.type}`);
    const names = nodes(target['value']);
    const parts = iterated(value, this.#meter);
    if (parts.length !== names.length)
      fault(
        `${parts.length < names.length ? 'not enough' : 'too many'} values to unpack (expected ${names.length})`,
      );
    names.forEach((name, i) => this.#bind(name, parts[i] ?? null, scope));
  }

  #assign(statement: Node, scope: Scope): void {
    const target = node(statement['assignee']);
    const value = statement['value']
      ? this.#value(statement['value'], scope)
      : this.#written(nodes(statement['body']), new Scope(scope));
    if (target.type !== 'MemberExpression') return this.#bind(target, value, scope);
    const object = this.#value(target['object'], scope);
    if (!(object instanceof Namespace)) return fault('cannot assign attribute on non-namespace object');
    object.fields.set(word(target['property']), value);
  }

  #loop(statement: Node, scope: Scope, out: string[], count: { size: number }): Flow {
    const source = node(statement['iterable']);
    const target = node(statement['loopvar']);
    const select = source.type === 'SelectExpression';
    const all = iterated(this.#value(select ? source['lhs'] : source, scope), this.#meter);
    this.#meter.work(all.length * 2);
    const items = !select
      ? all
      : all.filter((item) => {
          const inner = new Scope(scope);
          this.#bind(target, item, inner);
          return isTrue(this.#value(source['test'], inner));
        });
    if (items.length === 0)
      return this.#block(nodes(statement['defaultBlock']), new Scope(scope), out, count);
    let last: Value | undefined;
    for (const [i, item] of items.entries()) {
      // Names set in one turn are gone in the next.
      const inner = new Scope(scope);
      const loop = new Map<string, Value>([
        ['index', i + 1],
        ['index0', i],
        ['revindex', items.length - i],
        ['revindex0', items.length - i - 1],
        ['first', i === 0],
        ['last', i === items.length - 1],
        ['length', items.length],
        ['depth', 1],
        ['depth0', 0],
        ['previtem', items[i - 1] ?? (i > 0 ? null : new Undefined('there is no previous item'))],
        ['nextitem', items[i + 1] ?? (i + 1 < items.length ? null : new Undefined('there is no next item'))],
        [
          'cycle',
          new Callable(
            (values) => values[i % Math.max(1, values.length)] ?? fault('no items for cycling given'),
          ),
        ],
        [
          'changed',
          new Callable((values) => {
            const now = printed([...values], this.#meter);
            const changed = now !== last;
            last = now;
            return changed;
          }),
        ],
      ]);
      inner.names.set('loop', new Namespace(loop));
      this.#bind(target, item, inner);
      if (this.#block(nodes(statement['body']), inner, out, count) === 'break') break;
    }
    return undefined;
  }

  #macro(parameters: readonly Node[], body: readonly Node[], scope: Scope): Callable {
    return new Callable((args, named) => {
      this.#meter.work(1);
      const inner = new Scope(scope);
      const left = new Map(named);
      parameters.forEach((parameter, i) => {
        const name = parameter.type === 'Identifier' ? word(parameter) : word(parameter['key']);
        const given = args[i] ?? (i < args.length ? null : left.get(name));
        left.delete(name);
        inner.names.set(name, given ?? new Undefined(name));
        if (given === undefined && parameter.type !== 'Identifier')
          inner.names.set(name, this.#value(parameter['value'], inner));
      });
      inner.names.set('varargs', new Tuple(args.slice(parameters.length)));
      inner.names.set('kwargs', new Map([...left].filter(([name]) => name !== 'caller')));
      inner.names.set('caller', left.get('caller') ?? new Undefined('caller'));
      return this.#written(body, inner);
    });
  }

  #arguments(list: readonly Node[], scope: Scope): { args: Value[]; named: Map<string, Value> } {
    const args: Value[] = [];
    const named = new Map<string, Value>();
    for (const part of list) {
      if (part.type === 'KeywordArgumentExpression')
        named.set(word(part['key']), this.#value(part['value'], scope));
      else if (part.type === 'KeywordSpreadExpression') {
        const spread = this.#value(part['argument'], scope);
        if (!(spread instanceof Map)) fault(`argument after ** must be a mapping, not ${typeName(spread)}`);
        for (const [key, value] of spread as Map<Value, Value>) named.set(printed(key, this.#meter), value);
      } else if (part.type === 'SpreadExpression')
        args.push(...iterated(this.#value(part['argument'], scope), this.#meter));
      else args.push(this.#value(part, scope));
    }
    return { args, named };
  }

  #call(callee: Value, args: Value[], named: ReadonlyMap<string, Value>): Value {
    if (callee instanceof Undefined) return fault(`'${callee.name}' is undefined`);
    if (!(callee instanceof Callable)) return fault(`'${typeName(callee)}' object is not callable`);
    return callee.call(args, named);
  }

  /** `object.name`: an attribute first, then a key. */
  readonly #attribute = (object: Value, name: string): Value => {
    if (object instanceof Undefined) return fault(`'${object.name}' is undefined`);
    if (object instanceof Namespace)
      return object.fields.get(name) ?? (object.fields.has(name) ? null : new Undefined(name));
    const method = methodOf(object, name, this.#meter);
    if (method) return method;
    if (object instanceof Map && object.has(name)) return object.get(name) ?? null;
    const items = /^\d+$/.test(name)
      ? (itemsOf(object) ?? (typeof object === 'string' ? [...object] : undefined))
      : undefined;
    const at = Number(name);
    return items && at < items.length ? (items[at] ?? null) : new Undefined(name);
  };

  /** `object[key]`: a key first, then an attribute. */
  #item(object: Value, key: Value): Value {
    if (object instanceof Undefined) return fault(`'${object.name}' is undefined`);
    if (object instanceof Map && object.has(key)) return object.get(key) ?? null;
    const index = numberOf(key);
    const items = typeof object === 'string' && index !== undefined ? [...object] : itemsOf(object);
    if (items && index !== undefined && Number.isInteger(index) && !(key instanceof Float)) {
      const at = index < 0 ? index + items.length : index;
      return at >= 0 && at < items.length ? (items[at] ?? null) : new Undefined(String(index));
    }
    if (typeof key !== 'string') return new Undefined(printed(key, this.#meter));
    if (object instanceof Map) return methodOf(object, key, this.#meter) ?? new Undefined(key);
    return this.#attribute(object, key);
  }

  #filtered(value: Value, filter: Node, scope: Scope): Value {
    const called = filter.type === 'CallExpression';
    const name = called ? word(filter['callee']) : word(filter);
    const { args, named } = called
      ? this.#arguments(nodes(filter['args']), scope)
      : { args: [], named: new Map() };
    const call: Call = { args, named, meter: this.#meter, attribute: this.#attribute };
    if (name !== TEST_FILTER && name !== NOT_FILTER) return filterNamed(name)(value, call);
    const [test, ...rest] = args;
    return testNamed(String(test))(value, { ...call, args: rest }) === (name === TEST_FILTER);
  }

  #value(expression: unknown, scope: Scope): Value {
    if (!expression) return new Undefined('nothing');
    const at = node(expression);
    this.#meter.work(1);
    switch (at.type) {
      case 'IntegerLiteral':
      case 'StringLiteral':
        return at['value'] as Value;
      case 'FloatLiteral':
        return new Float(at['value'] as number);
      case 'ArrayLiteral':
        return this.#measured(nodes(at['value']).map((item) => this.#value(item, scope)));
      case 'TupleLiteral':
        return new Tuple(nodes(at['value']).map((item) => this.#value(item, scope)));
      case 'ObjectLiteral':
        return new Map(
          [...(at['value'] as Map<Node, Node>)].map(([key, item]) => [
            this.#value(key, scope),
            this.#value(item, scope),
          ]),
        );
      case 'Identifier': {
        const name = at['value'] as string;
        const found = scope.find(name);
        if (found !== undefined) return found;
        for (const names of [this.#globals, GLOBALS]) if (names.has(name)) return names.get(name) ?? null;
        return new Undefined(name);
      }
      case 'CallExpression': {
        const { args, named } = this.#arguments(nodes(at['args']), scope);
        return this.#measured(this.#call(this.#value(at['callee'], scope), args, named));
      }
      case 'MemberExpression': {
        const object = this.#value(at['object'], scope);
        const property = node(at['property']);
        if (!at['computed']) return this.#attribute(object, String(property['value']));
        if (property.type !== 'SliceExpression') return this.#item(object, this.#value(property, scope));
        const bounds = [property['start'], property['stop'], property['step']];
        return sliced(
          object,
          bounds.map((bound) => (bound ? this.#value(bound, scope) : undefined)),
          this.#meter,
        );
      }
      case 'UnaryExpression': {
        const value = this.#value(at['argument'], scope);
        const operator = word(at['operator']);
        if (operator === 'not') return !isTrue(value);
        const number =
          numberOf(value) ?? fault(`bad operand type for unary ${operator}: '${typeName(value)}'`);
        const signed = operator === '-' ? -number : number;
        return value instanceof Float ? new Float(signed) : signed === 0 ? 0 : signed;
      }
      case 'BinaryExpression': {
        const operator = word(at['operator']);
        const left = this.#value(at['left'], scope);
        if (operator === 'and') return isTrue(left) ? this.#value(at['right'], scope) : left;
        if (operator === 'or') return isTrue(left) ? left : this.#value(at['right'], scope);
        return this.#measured(binary(operator, left, this.#value(at['right'], scope), this.#meter));
      }
      case 'FilterExpression':
        return this.#measured(this.#filtered(this.#value(at['operand'], scope), node(at['filter']), scope));
      case 'TestExpression': {
        const call: Call = { args: [], named: new Map(), meter: this.#meter, attribute: this.#attribute };
        const holds = testNamed(word(at['test']))(this.#value(at['operand'], scope), call);
        return holds !== at['negate'];
      }
      case 'SelectExpression':
        return isTrue(this.#value(at['test'], scope))
          ? this.#value(at['lhs'], scope)
          : new Undefined('the inline if-expression evaluated to false and no else section was defined.');
      case 'Ternary':
        return this.#value(
          isTrue(this.#value(at['condition'], scope)) ? at['trueExpr'] : at['falseExpr'],
          scope,
        );
      default:
        return fault(`${at.type} is no expression`);
    }
  }

  /** A value that was made counts by its size. */
  #measured(value: Value): Value {
    if (typeof value === 'string') {
      this.#meter.text(value.length);
      this.#meter.work(value.length / 256);
    }
    const items = itemsOf(value);
    if (items) {
      this.#meter.list(items.length);
      this.#meter.work(items.length / 256);
    }
    return value;
  }
}
