// Whether a person clicked: code in the page can call a handler and make events of its own, which the browser marks.

const { apply, getOwnPropertyDescriptor } = Reflect;
type Getter = (() => unknown) | undefined;
const getter = (owner: object, name: string): Getter => getOwnPropertyDescriptor(owner, name)?.get;
/** Taken before other code could put its own in their place. Without a page (in a test) nobody clicks. */
const contains = (globalThis as { Node?: typeof Node }).Node?.prototype.contains;
const trusted = getter(new Event('click'), 'isTrusted');
const phase = getter(Event.prototype, 'eventPhase');
const target = getter(Event.prototype, 'target');
const type = getter(Event.prototype, 'type');

/** A click by a person (or by Enter, which the browser turns into one), on `element`, being handled now. */
export function isClickOn(event: Event, element: Element | undefined): boolean {
  try {
    return (
      element !== undefined &&
      type !== undefined &&
      trusted !== undefined &&
      phase !== undefined &&
      target !== undefined &&
      contains !== undefined &&
      apply(type, event, []) === 'click' &&
      apply(trusted, event, []) === true &&
      apply(phase, event, []) !== 0 &&
      (apply(contains, element, [apply(target, event, [])]) as boolean)
    );
  } catch {
    return false; // no event at all
  }
}
