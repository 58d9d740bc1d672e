// Ways to the network that no policy closes are taken from the page before any other code of it runs: WebRTC, and the windows and
// frames in which a new one could be found. What a policy does close (connections, scripts, workers, forms) is left to that.

/** Nothing here needs them. Under each name that a browser has it. */
const TAKEN = [
  'RTCPeerConnection',
  'webkitRTCPeerConnection',
  'mozRTCPeerConnection',
  'RTCDataChannel',
  'RTCIceTransport',
  'RTCDtlsTransport',
  'RTCSctpTransport',
  'WebTransport',
  'open',
  'documentPictureInPicture',
];
const FRAMES = ['IFRAME', 'FRAME', 'OBJECT', 'EMBED', 'FENCEDFRAME', 'PORTAL'];
const SELECTOR = FRAMES.join();

/** All that puts a node into a document, by what has it. A browser without one of them is left as it is. */
const INSERTERS: readonly (readonly [name: string, methods: readonly string[]])[] = [
  ['Node', ['appendChild', 'insertBefore', 'replaceChild']],
  ...['Element', 'Document', 'DocumentFragment'].map(
    (name) => [name, ['append', 'prepend', 'replaceChildren', 'moveBefore']] as const,
  ),
  ...['Element', 'CharacterData', 'DocumentType'].map(
    (name) => [name, ['before', 'after', 'replaceWith']] as const,
  ),
  ['Element', ['insertAdjacentElement']],
  ['Range', ['insertNode', 'surroundContents']],
];

const { apply } = Reflect;
const { querySelector: inElement } = Element.prototype;
const { querySelector: inFragment } = DocumentFragment.prototype;

function holdsFrame(node: unknown): boolean {
  if (node instanceof Element) {
    return (
      FRAMES.includes(node.tagName.toUpperCase()) ||
      (node.childElementCount > 0 && apply(inElement, node, [SELECTOR]) !== null)
    );
  }
  return node instanceof DocumentFragment && apply(inFragment, node, [SELECTOR]) !== null;
}

type Method = (this: unknown, ...parameters: unknown[]) => unknown;

/** Called once, when the page starts. */
export function closeDoors(page: Record<string, unknown>): void {
  for (const name of TAKEN) {
    if (name in page)
      Object.defineProperty(page, name, { value: undefined, writable: false, configurable: false });
  }
  for (const [owner, methods] of INSERTERS) {
    const prototype = (page[owner] as { prototype: Record<string, Method | undefined> } | undefined)
      ?.prototype;
    for (const name of methods) {
      const insert = prototype?.[name];
      if (!prototype || !insert) continue;
      const value: Method = function (...parameters) {
        for (const node of parameters)
          if (holdsFrame(node)) throw new TypeError('no frame belongs in this page');
        return apply(insert, this, parameters);
      };
      Object.defineProperty(prototype, name, { value, writable: false, configurable: false });
    }
  }
}

closeDoors(window as unknown as Record<string, unknown>);
