// What happens to the style sheet between Tabler and the browser.

// darkTwins turns Tabler's theme attribute into ours and repeats each dark rule inside prefers-color-scheme for
// pages whose theme is "auto".
export function darkTwins() {
  return {
    postcssPlugin: 'dark-twins',
    Once(rootNode, { AtRule }) {
      const twins = [];
      rootNode.walkRules((rule) => {
        rule.selector = rule.selector.replace(/data-bs-theme=("?)(\w+)\1/g, 'data-theme=$2');
        if (!rule.selector.includes('[data-theme=dark]')) return;
        const dark = rule.selectors.filter((s) => s.includes('[data-theme=dark]'));
        const twin = rule.clone({ selectors: dark.map((s) => s.replaceAll('[data-theme=dark]', '[data-theme=auto]')) });
        const media = new AtRule({ name: 'media', params: '(prefers-color-scheme: dark)' });
        media.append(wrapped(rule, twin));
        twins.push([rule, media]);
      });
      for (const [rule, media] of twins) outermost(rule).after(media);
    },
  };
}
darkTwins.postcss = true;

// wrapped puts the twin inside copies of the at-rules around the rule.
function wrapped(rule, twin) {
  let node = twin;
  for (let p = rule.parent; p && p.type === 'atrule'; p = p.parent) {
    const shell = p.clone({ nodes: [] });
    shell.append(node);
    node = shell;
  }
  return node;
}

function outermost(rule) {
  let node = rule;
  while (node.parent && node.parent.type === 'atrule') node = node.parent;
  return node;
}

// liftPictures writes every data:image/svg+xml URL through emit(svg, index), the same picture once, and puts the
// returned file name in its place.
export function liftPictures(css, emit) {
  const seen = new Map();
  return css.replace(/url\((["'])data:image\/svg\+xml,(.*?)\1\)/g, (_, quote, body) => {
    const svg = decodeURIComponent(body);
    if (!seen.has(svg)) seen.set(svg, emit(svg, seen.size));
    return `url("${seen.get(svg)}")`;
  });
}
