import { arrive, on, typing } from './dom.js';

// keyboard in lists: j and k move, enter opens, x chooses.
function keys() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const rows = [...document.querySelectorAll('table[data-list] > tbody > tr')];
    if (rows.length === 0) return;
    const at = rows.findIndex((r) => r.classList.contains('dk-at'));
    if (event.key === 'j' || event.key === 'k') {
      const to = Math.min(rows.length - 1, Math.max(0, at + (event.key === 'j' ? 1 : -1)));
      rows[at]?.classList.remove('dk-at');
      rows[to].classList.add('dk-at');
      rows[to].scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'x' && at >= 0) {
      rows[at].querySelector('.dk-check input')?.click();
    } else if (event.key === 'Enter' && at >= 0 && rows[at].dataset.href && !event.target.closest('a, button, summary')) {
      location.assign(rows[at].dataset.href);
    }
  });
}

// counted puts a number into the words of a template such as "已选 % 项".
export function counted(template, n) {
  return template.replace('%', String(n));
}

function refresh(form) {
  const boxes = [...form.querySelectorAll('tbody .dk-check input')];
  const n = boxes.filter((b) => b.checked).length;
  const all = form.querySelector('[data-check-all]');
  if (all) { all.checked = n > 0 && n === boxes.length; all.indeterminate = n > 0 && n < boxes.length; }
  const text = form.querySelector('.dk-bulk-count');
  if (text) text.textContent = counted(text.dataset.text, n);
}

export function lists() {
  keys();
  on('change', '[data-bulk] .dk-check input', (box) => {
    const form = box.closest('[data-bulk]');
    if (box.matches('[data-check-all]')) form.querySelectorAll('tbody .dk-check input').forEach((b) => { b.checked = box.checked; });
    refresh(form);
  });
  arrive('[data-bulk]', refresh);
  on('click', 'tr[data-href]', (row, event) => {
    if (!event.target.closest('a, button, input, label, summary') && getSelection().isCollapsed) location.assign(row.dataset.href);
  });
}
