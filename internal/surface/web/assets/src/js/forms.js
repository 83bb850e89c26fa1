import { arrive, fragment, on } from './dom.js';
import { forget } from './drafts.js';

// save sends a form by Ctrl+Enter or ⌘Enter, as its main button would.
function save() {
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest?.('form[data-submit-keys]');
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('.btn-primary[type=submit], .dk-btn-danger[type=submit]') ?? undefined);
  });
}

// once keeps a second click from sending a form twice.
function once() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.action.endsWith('/me/signout')) forget();
    if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('hx-post')) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
}

function files() {
  on('change', 'input[type=file]', (input) => {
    const shown = input.closest('label, [data-drop]')?.querySelector('[data-file-names]');
    if (shown && input.files.length) shown.textContent = [...input.files].map((f) => f.name).join('、');
  });
  for (const type of ['dragover', 'dragleave', 'drop']) {
    on(type, '[data-drop]', (zone) => zone.classList.toggle('dk-over', type === 'dragover'));
  }
}

// reference completes the search word of a RefField.
function reference(box) {
  if (!box.dataset.lookup) return;
  const input = box.querySelector('.dk-ref-q');
  const select = box.querySelector('.dk-ref-choice');
  const list = box.querySelector('.dk-lookup');
  box.classList.add('dk-live');
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-expanded', 'false');
  input.setAttribute('aria-controls', list.id);
  input.setAttribute('aria-autocomplete', 'list');
  let at = -1, timer, pending;
  const options = () => [...list.querySelectorAll('[data-value]')];
  const show = (yes) => { list.hidden = !yes; input.setAttribute('aria-expanded', String(yes)); at = -1; };
  const mark = (i) => {
    options().forEach((o, n) => { o.setAttribute('aria-selected', String(n === i)); o.id ||= `${list.id}-${n}`; });
    at = i;
    if (options()[i]) input.setAttribute('aria-activedescendant', options()[i].id);
  };
  const choose = (value, label) => {
    let option = [...select.options].find((o) => o.value === value);
    if (!option) { option = new Option(label, value); select.append(option); }
    select.value = value;
    input.value = label;
    show(false);
    select.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const ask = async () => {
    pending?.abort();
    pending = new AbortController();
    try {
      const join = box.dataset.lookup.includes('?') ? '&' : '?';
      list.innerHTML = await fragment(`${box.dataset.lookup}${join}q=${encodeURIComponent(input.value)}`, pending.signal);
      show(true);
      mark(options().length ? 0 : -1);
    } catch (e) { if (e.name !== 'AbortError') show(false); }
  };
  input.addEventListener('input', () => {
    select.value = '';
    clearTimeout(timer);
    if (input.value.trim()) timer = setTimeout(ask, 150); else show(false);
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || list.hidden) return;
    const n = options().length;
    if (event.key === 'ArrowDown') { event.preventDefault(); mark((at + 1) % Math.max(n, 1)); }
    if (event.key === 'ArrowUp') { event.preventDefault(); mark((at - 1 + n) % Math.max(n, 1)); }
    if (event.key === 'Escape') { event.stopPropagation(); show(false); }
    if (event.key === 'Enter' && options()[at]) { event.preventDefault(); choose(options()[at].dataset.value, options()[at].dataset.label); }
  });
  input.addEventListener('blur', () => setTimeout(() => show(false), 150));
  list.addEventListener('mousedown', (event) => {
    const option = event.target.closest('[data-value]');
    if (option) { event.preventDefault(); choose(option.dataset.value, option.dataset.label); }
  });
}

// division loads cities and counties below the chosen level: GET <address>?parent=<value> answers <option>s.
function division(box) {
  box.classList.add('dk-live');
  box.addEventListener('change', async (event) => {
    const levels = [...box.querySelectorAll('select')];
    const i = levels.indexOf(event.target);
    for (const below of levels.slice(i + 1)) below.length = 1;
    const next = levels[i + 1];
    if (i < 0 || !next || !event.target.value) return;
    try {
      const join = box.dataset.division.includes('?') ? '&' : '?';
      const rest = await fragment(`${box.dataset.division}${join}parent=${encodeURIComponent(event.target.value)}`);
      next.insertAdjacentHTML('beforeend', rest);
    } catch { box.classList.remove('dk-live'); }
  });
}

export function forms() {
  save();
  once();
  files();
  arrive('[data-ref]', reference);
  arrive('[data-division]', division);
  arrive('[data-focus]', (el) => el.focus());
}
