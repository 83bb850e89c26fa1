import { fragment, on, typing } from './dom.js';

// step moves an index through n entries and round the ends.
export function step(at, by, n) {
  return n === 0 ? -1 : (at + by + n) % n;
}

export function palette() {
  const box = document.getElementById('dk-palette');
  if (!box) return;
  const input = box.querySelector('input');
  const results = box.querySelector('.dk-palette-results');
  let at = -1, pending, timer, shown;
  const hits = () => [...results.querySelectorAll('a.dk-hit')];
  const mark = (i) => {
    hits().forEach((el, n) => el.classList.toggle('dk-at', n === i));
    hits()[i]?.scrollIntoView({ block: 'nearest' });
    at = i;
  };
  const ask = async () => {
    clearTimeout(timer);
    pending?.abort();
    pending = new AbortController();
    const text = input.value;
    try {
      results.innerHTML = await fragment(`/search?q=${encodeURIComponent(text)}`, pending.signal);
      shown = text;
      mark(hits().length ? 0 : -1);
    } catch (e) {
      if (e.name !== 'AbortError') results.replaceChildren();
    }
  };
  // enter opens the marked hit of what is typed, also when the answer is still on its way; without a hit, all results.
  const enter = async () => {
    if (shown !== input.value) await ask();
    location.assign(hits()[at]?.href ?? `/search?q=${encodeURIComponent(input.value)}`);
  };
  const open = (text = '') => {
    if (box.open) return;
    box.showModal();
    input.value = text;
    input.select();
    ask();
  };
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); open(); }
    if (event.key === '/' && !typing(event.target)) { event.preventDefault(); open(); }
  });
  on('click', 'input[data-palette-open]', (el) => { if (matchMedia('(min-width: 769px)').matches) { el.blur(); open(el.value); } });
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      mark(step(at, event.key === 'ArrowDown' ? 1 : -1, hits().length));
    }
  });
  input.form.addEventListener('submit', (event) => { event.preventDefault(); enter(); });
  box.addEventListener('click', (event) => { if (event.target === box) box.close(); });
}
