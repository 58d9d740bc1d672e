// A kernel's text for one set of constants: `override` declarations become `const` ones. Drivers differ in what they make of
// overrides (naga ends while it compiles some workgroup arrays sized by them, FXC unrolls what it need not); of literals they
// all make the same. A pipeline has its own module then, which costs a parse of a few KB.

import { EngineError } from '../failures.ts';
import type { Constants } from './kernel.ts';

const OVERRIDE = /^(\s*)override\s+(\w+)\s*:\s*(u32|i32|f32|bool)\s*(=[^;]*)?;/gm;

function literal(name: string, type: string, value: number): string {
  if (type === 'bool') return value === 0 ? 'false' : 'true';
  if (type === 'f32') return `f32(${value})`;
  if (!Number.isSafeInteger(value) || (type === 'u32' && value < 0)) {
    throw new EngineError('internal', `${name} is ${value}, not a ${type}`, { what: name });
  }
  return type === 'u32' ? `${value}u` : `${value}i`;
}

/**
 * WGSL without `override`: each has the value given, or its default. Lines stay where they are.
 * Throws "internal" for a constant that the text does not declare, or one without value and default.
 */
export function specialize(code: string, constants: Constants): string {
  const unused = new Set(Object.keys(constants));
  const text = code.replace(
    OVERRIDE,
    (_, indent: string, name: string, type: string, initial: string | undefined) => {
      unused.delete(name);
      const value = constants[name];
      if (value === undefined && initial === undefined) {
        throw new EngineError('internal', `The constant ${name} has no value`, { what: name });
      }
      const right = value === undefined ? initial : `= ${literal(name, type, value)}`;
      return `${indent}const ${name}: ${type} ${right};`;
    },
  );
  if (unused.size > 0) {
    const names = [...unused].join(', ');
    throw new EngineError('internal', `No such constant in the kernel: ${names}`, { what: names });
  }
  return text;
}
