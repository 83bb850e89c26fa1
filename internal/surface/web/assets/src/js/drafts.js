import { arrive, on } from './dom.js';

const prefix = 'dianke.draft.';
const month = 30 * 24 * 3600 * 1000;

// keepable leaves out secrets, files and what the server put in.
export function keepable(field) {
  return Boolean(field.name) && !['password', 'file', 'hidden', 'submit', 'button', 'reset'].includes(field.type) && field.autocomplete !== 'off';
}

// gather reads fields into [name, value, checked] rows in their order.
export function gather(fields) {
  return [...fields].filter(keepable).map((f) =>
    ['checkbox', 'radio'].includes(f.type) ? [f.name, f.value, f.checked] : [f.name, f.value]);
}

// restore writes rows back; it returns whether anything changed.
export function restore(fields, rows) {
  let changed = false;
  const left = [...rows];
  for (const f of [...fields].filter(keepable)) {
    const box = ['checkbox', 'radio'].includes(f.type);
    const i = left.findIndex((r) => r[0] === f.name && (!box || r[1] === f.value));
    if (i < 0) continue;
    const [[, value, checked]] = left.splice(i, 1);
    if (box ? f.checked !== checked : f.value !== value) {
      changed = true;
      if (box) f.checked = checked; else f.value = value;
    }
  }
  return changed;
}

function read(key) {
  try {
    const kept = JSON.parse(localStorage.getItem(prefix + key));
    return kept && Date.now() - kept.at < month ? kept.rows : null;
  } catch { return null; }
}

function drop(key) {
  try { localStorage.removeItem(prefix + key); } catch { /* storage is switched off: nothing was kept */ }
}

function note(form) {
  const line = document.createElement('p');
  line.className = 'dk-draft-note';
  line.setAttribute('role', 'status');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'dk-link';
  button.textContent = form.dataset.draftDrop;
  button.addEventListener('click', () => { drop(form.dataset.draft); form.reset(); line.remove(); });
  line.append(form.dataset.draftText, button);
  form.prepend(line);
}

export function drafts() {
  document.querySelectorAll('[data-clear-draft]').forEach((el) => drop(el.dataset.clearDraft));
  arrive('[data-clear-draft]', (el) => drop(el.dataset.clearDraft));
  arrive('form[data-draft]', (form) => {
    const rows = read(form.dataset.draft);
    if (rows && restore(form.elements, rows) && form.dataset.draftText) note(form);
  });
  const timers = new Map();
  const keep = (form) => {
    clearTimeout(timers.get(form));
    timers.delete(form);
    try {
      localStorage.setItem(prefix + form.dataset.draft, JSON.stringify({ at: Date.now(), rows: gather(form.elements) }));
    } catch { /* full or switched off: the form works without */ }
  };
  on('input', 'form[data-draft]', (form) => {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), 400));
  });
  // what waits is kept at once where the page is left, else an older draft would come back over what was typed last
  window.addEventListener('pagehide', () => { for (const form of [...timers.keys()]) keep(form); });
}

// forget removes all drafts; called on signing out, for the next person at this machine.
export function forget() {
  try {
    Object.keys(localStorage).filter((k) => k.startsWith(prefix)).forEach((k) => localStorage.removeItem(k));
  } catch { /* nothing was kept */ }
}
