// The browser's own modal dialog: traps the focus, closes on Esc, gives the focus back.

/** What had the focus before a dialog. */
const openers = new WeakMap<Element, Element>();

/** A dialog that follows another was opened by what opened that one. */
function openerIn({ activeElement }: Document): Element | null {
  const before = activeElement?.closest('dialog');
  return (before && openers.get(before)) ?? activeElement;
}

/**
 * For `{@attach …}` on a `<dialog>`.
 * @param onclose called when the person or the browser closes the dialog; not when the page takes it away itself
 */
export function modal(onclose: () => void): (element: HTMLDialogElement) => () => void {
  return (element) => {
    const { ownerDocument } = element;
    const opener = openerIn(ownerDocument);
    if (opener) openers.set(element, opener);
    element.addEventListener('close', onclose);
    element.showModal();
    return () => {
      // The event comes a task after the call. By then another dialog may be shown, which it would close.
      element.removeEventListener('close', onclose);
      element.close();
      // The browser remembers the element that had the focus last, which may have gone with another dialog.
      const { activeElement, body } = ownerDocument;
      if ((activeElement === body || activeElement === null) && opener)
        (opener as HTMLElement).focus({ preventScroll: true });
    };
  };
}
