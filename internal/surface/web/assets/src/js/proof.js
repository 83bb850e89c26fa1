// Solves the small task of public forms in the background, a little at a time, so that typing is never held up.
// SHA-256 is written out because the browser's own is not there on plain http.
const K = [];
const START = [];
for (let n = 2; K.length < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
  if (!prime) continue;
  const part = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
  if (START.length < 8) START.push(part(Math.sqrt(n)));
  K.push(part(Math.cbrt(n)));
}

// firstWord is the first 32 bits of the hash of an ASCII text.
export function firstWord(text) {
  const size = ((text.length + 8) >> 6) + 1;
  const w = new Int32Array(size * 16);
  for (let i = 0; i < text.length; i++) w[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  w[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
  w[size * 16 - 1] = text.length * 8;
  const h = START.slice();
  const m = new Int32Array(64);
  const rot = (x, n) => (x >>> n) | (x << (32 - n));
  for (let at = 0; at < w.length; at += 16) {
    for (let i = 0; i < 64; i++) {
      if (i < 16) { m[i] = w[at + i]; continue; }
      const a = m[i - 15], b = m[i - 2];
      m[i] = (m[i - 16] + (rot(a, 7) ^ rot(a, 18) ^ (a >>> 3)) + m[i - 7] + (rot(b, 17) ^ rot(b, 19) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, z] = h;
    for (let i = 0; i < 64; i++) {
      const one = (z + (rot(e, 6) ^ rot(e, 11) ^ rot(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + m[i]) | 0;
      const two = ((rot(a, 2) ^ rot(a, 13) ^ rot(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      z = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, z].forEach((x, i) => { h[i] = (h[i] + x) | 0; });
  }
  return h[0] >>> 0;
}

function solve(input) {
  const task = input.value;
  const need = Number(task.split('.')[2]);
  let n = 0;
  const some = () => {
    const until = performance.now() + 12;
    while (performance.now() < until) {
      if (Math.clz32(firstWord(`${task}:${n}`)) >= need) {
        input.name = 'proof';
        input.value = `${task}:${n}`;
        input.dataset.solved = '1';
        return;
      }
      n++;
    }
    setTimeout(some, 4);
  };
  some();
}

export function proof() {
  document.querySelectorAll('input[data-proof]').forEach(solve);
}
