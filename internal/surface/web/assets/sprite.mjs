// sprite joins icons into one SVG of symbols "i-<name>"; read(name) returns the source of one icon.
export function sprite(names, read) {
  const symbols = [...names].sort().map((name) => {
    const body = read(name)
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/<svg[\s\S]*?>/, '')
      .replace('</svg>', '')
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, '')
      .replace(/\s+/g, ' ')
      .replace(/ \/>/g, '/>')
      .replace(/> </g, '><')
      .trim();
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${body}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`;
}
