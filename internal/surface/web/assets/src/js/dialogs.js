import { arrive, fragment, on } from './dom.js';

// confirm asks the question of data-confirm once; yes sends the form by the same button.
function confirm() {
  const box = document.getElementById('dk-ask');
  if (!box) return;
  on('click', 'button[data-confirm]', (button, event) => {
    if (button.dataset.asked) { delete button.dataset.asked; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    box.querySelector('#dk-ask-text').textContent = button.dataset.confirm;
    box.returnValue = '';
    box.addEventListener('close', () => {
      if (box.returnValue !== 'yes') return;
      button.dataset.asked = '1';
      button.click();
    }, { once: true });
    box.showModal();
  });
}

// load opens the page behind a link as a dialog; on any failure the link is followed.
function load() {
  on('click', 'a[data-dialog-load]', async (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    try {
      const holder = document.createElement('div');
      holder.innerHTML = await fragment(link.href);
      const dialog = holder.querySelector('dialog');
      if (!dialog) throw new Error('no dialog');
      document.body.append(dialog);
      globalThis.htmx?.process(dialog);
      dialog.addEventListener('close', () => { dialog.remove(); link.focus(); });
      if (!dialog.open) dialog.showModal();
    } catch { location.assign(link.href); }
  });
}

export function dialogs() {
  confirm();
  load();
  on('click', '[data-dialog]', (el, event) => {
    const dialog = document.querySelector(el.dataset.dialog);
    if (dialog) { event.preventDefault(); dialog.showModal(); }
  });
  on('click', 'dialog [data-close-dialog]', (el, event) => { event.preventDefault(); el.closest('dialog').close(); });
  arrive('dialog[data-open]', (el) => { if (!el.open) el.showModal(); });
}

export function toasts() {
  const away = (el) => { el.classList.add('dk-going'); setTimeout(() => el.remove(), 260); };
  arrive('[data-toast]', (el) => { if (!el.hasAttribute('data-sticky')) setTimeout(() => away(el), 6000); });
  on('click', '[data-dismiss]', (el) => away(el.closest('[data-toast]') ?? el.parentElement));
}

// menus close by Escape and by a click elsewhere.
export function menus() {
  const close = (except) => document.querySelectorAll('details.dk-menu[open]').forEach((d) => { if (d !== except && !d.contains(except)) d.open = false; });
  document.addEventListener('click', (event) => close(event.target.closest?.('details.dk-menu') ?? document.body.firstChild));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const open = document.querySelector('details.dk-menu[open]');
    if (open) { open.open = false; open.querySelector('summary').focus(); }
    const drawer = document.getElementById('dk-drawer');
    if (drawer) drawer.checked = false;
  });
}
