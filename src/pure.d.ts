// What the pure rooms may use beyond ECMAScript: names that browsers, workers and Node all have.
// tsconfig.pure.json compiles them with this file only, so that `document`, `fetch` or `Buffer` there is a compile error.

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
/** Passed on, never read here. */
declare class Blob {
  readonly size: number;
}
declare class AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}
