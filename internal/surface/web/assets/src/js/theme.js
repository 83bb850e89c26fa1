import { on } from './dom.js';

const year = 'path=/; max-age=31536000; samesite=lax';

// next turns round what the reader sees, and goes back to following the system where that is the same.
export function next(theme, systemDark) {
  const dark = theme === 'auto' ? systemDark : theme === 'dark';
  const wanted = dark ? 'light' : 'dark';
  return (wanted === 'dark') === systemDark ? 'auto' : wanted;
}

export function theme() {
  on('submit', 'form[data-theme-form]', (form, event) => {
    event.preventDefault();
    const root = document.documentElement;
    const chosen = next(root.dataset.theme, matchMedia('(prefers-color-scheme: dark)').matches);
    root.dataset.theme = chosen;
    document.cookie = `dianke_theme=${chosen}; ${year}`;
  });
  on('change', '[data-nav-fold]', (box) => {
    document.cookie = `dianke_nav=${box.checked ? 'rail' : 'wide'}; ${year}`;
  });
}
