import { arrive } from './dom.js';

// remaining writes the distance between two instants as 2天 03:04:05 or 03:04:05; past ones without a sign.
export function remaining(dueMs, nowMs, days) {
  const total = Math.floor(Math.abs(dueMs - nowMs) / 1000);
  const two = (n) => String(n).padStart(2, '0');
  const d = Math.floor(total / 86400);
  const clock = `${two(Math.floor(total / 3600) % 24)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
  return d > 0 ? `${d}${days} ${clock}` : clock;
}

// skew is how far the clock of the server is ahead of this machine's, which may be wrong by hours.
export function skew(serverText, nowMs) {
  const server = Date.parse(serverText ?? '');
  return Number.isNaN(server) ? 0 : server - nowMs;
}

export function clocks() {
  const live = new Set();
  const ahead = skew(document.querySelector('[data-now]')?.dataset.now, Date.now());
  const tick = () => {
    const now = Date.now() + ahead;
    for (const el of live) {
      if (!el.isConnected) { live.delete(el); continue; }
      const due = Date.parse(el.dataset.due);
      el.textContent = remaining(due, now, el.dataset.days ?? 'd');
      if (due < now && !el.dataset.over) {
        el.dataset.over = '1';
        const badge = el.closest('.dk-clock');
        if (badge && !badge.classList.contains('dk-clock-late')) badge.dispatchEvent(new CustomEvent('dk:late', { bubbles: true }));
      }
    }
  };
  arrive('time[data-due]', (el) => { if (!Number.isNaN(Date.parse(el.dataset.due))) live.add(el); });
  tick();
  setInterval(tick, 1000);
}
