import { typing } from './dom.js';

const patience = 1200; // milliseconds between two keys of one command

// follow says what a key makes of those before it: the command that is whole now, or the keys to wait with.
export function follow(before, key, commands) {
  for (const pressed of [before ? `${before} ${key}` : key, key]) {
    if (commands.includes(pressed)) return { run: pressed, wait: '' };
    if (commands.some((c) => c.startsWith(`${pressed} `))) return { run: '', wait: pressed };
  }
  return { run: '', wait: '' };
}

// sequences runs the links that carry data-keys.
export function sequences() {
  let pressed = '', at = 0;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key.length !== 1) return;
    if (typing(event.target) || document.querySelector('dialog[open]')) return;
    const links = [...document.querySelectorAll('[data-keys]')];
    const next = follow(Date.now() - at < patience ? pressed : '', event.key, links.map((l) => l.dataset.keys));
    pressed = next.wait;
    at = Date.now();
    if (next.run || next.wait) { event.preventDefault(); event.stopImmediatePropagation(); }
    if (next.run) links.find((l) => l.dataset.keys === next.run).click();
  }, true);
}
