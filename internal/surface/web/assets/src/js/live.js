// live keeps the count at the bell right without a reload. One window of the browser holds the connection, by a lock, and
// tells the others; when it closes, the next one takes over. Without script the count is right at every page.
export function live() {
  const address = document.querySelector('[data-notices]')?.dataset.notices;
  if (!address || !globalThis.EventSource) return;
  const show = (n) => {
    const bell = document.querySelector('[data-notices]');
    if (bell) paint(bell, n);
  };
  const channel = globalThis.BroadcastChannel ? new BroadcastChannel('dk-notices') : null;
  if (channel) channel.onmessage = (e) => show(e.data);
  const connect = () => {
    const source = new EventSource(address);
    source.addEventListener('unread', (e) => {
      const n = Number.parseInt(e.data, 10);
      if (Number.isNaN(n)) return;
      show(n);
      channel?.postMessage(n);
    });
    source.onerror = () => { // the browser connects again by itself, but not after a refusal
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 30000);
    };
  };
  if (navigator.locks && channel) navigator.locks.request('dk-notices', () => new Promise(connect));
  else connect();
}

// paint writes the count where the server writes it: nothing for none, 99+ beyond.
export function paint(bell, n) {
  let badge = bell.querySelector('.dk-bell-count');
  if (n === 0) badge?.remove();
  else {
    if (!badge) {
      badge = document.createElement('span');
      badge.className = 'dk-bell-count';
      badge.setAttribute('aria-hidden', 'true');
      bell.append(badge);
    }
    badge.textContent = n > 99 ? '99+' : String(n);
  }
  const label = (bell.dataset.label ?? '').replace('{n}', String(n));
  if (label) { bell.title = label; bell.setAttribute('aria-label', label); }
}
