import { on, typing } from './dom.js';

// keys lets a page name a key for its links, buttons and fields: data-key="n j" is followed, pressed or entered by n or j.
export function keys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || typing(event.target)) return;
    const el = document.querySelector(`[data-key~="${CSS.escape(event.key)}"]`);
    if (!el) return;
    event.preventDefault();
    if (el.matches('input, textarea, select')) el.focus(); else el.click();
  });
  on('click', '[data-focus-on]', (el, event) => {
    const field = document.querySelector(el.dataset.focusOn);
    if (!field) return;
    event.preventDefault(); // following the address would take the focus away again
    document.querySelector(el.hash)?.scrollIntoView({ block: 'start' });
    field.focus({ preventScroll: true });
  });
  on('click', '[data-print]', () => print());
}
