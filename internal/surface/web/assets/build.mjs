// Builds dist/: one script, one style sheet, the icon sprite and our own pictures, each under a name that holds the
// hash of its content, with brotli and gzip beside it, and manifest.json from plain name to hashed name.
// The same input gives the same bytes. `node build.mjs` prints what a first visit costs.
import { createHash } from 'node:crypto';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import postcss from 'postcss';
import { PurgeCSS } from 'purgecss';
import { darkTwins, liftPictures } from './css.mjs';
import { sprite } from './sprite.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const manifest = {};
const sizes = {};

// emit writes one asset under its hashed name and remembers its compressed size.
function emit(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const ext = extname(name);
  const hashed = `${name.slice(0, -ext.length)}-${hash}${ext}`;
  writeFileSync(join(dist, hashed), bytes);
  const br = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  const gz = gzipSync(bytes, { level: 9 });
  if (br.length < bytes.length) writeFileSync(join(dist, `${hashed}.br`), br);
  if (gz.length < bytes.length) writeFileSync(join(dist, `${hashed}.gz`), gz);
  manifest[name] = hashed;
  sizes[name] = { raw: bytes.length, gzip: gz.length, brotli: br.length };
  return hashed;
}

// scripts bundles every file of src/entries; each becomes one asset of its own.
async function scripts() {
  for (const file of readdirSync(join(root, 'src/entries')).sort()) {
    const built = await esbuild.build({
      entryPoints: [join(root, 'src/entries', file)], bundle: true, minify: true, write: false,
      format: 'iife', target: ['es2022'], legalComments: 'none', charset: 'utf8',
    });
    emit(file, built.outputFiles[0].contents);
  }
}

// styles keeps of Tabler what the templates name, adds our layer, lifts pictures out of data: URLs (the content
// security policy allows none) and gives every dark rule a twin for people who follow their system.
async function styles() {
  const tabler = readFileSync(join(root, 'node_modules/@tabler/core/dist/css/tabler.min.css'), 'utf8');
  const [kept] = await new PurgeCSS().purge({
    content: ['../**/*.templ', '../**/*.go', 'src/**/*.js'].map((p) => join(root, p)),
    css: [{ raw: tabler }],
    extractors: [{ extractor: (text) => text.match(/[A-Za-z0-9_-]+/g) ?? [], extensions: ['templ', 'go', 'js'] }],
    safelist: { standard: ['html', 'body', 'active', 'show', 'disabled', 'is-invalid', /^data-bs-theme/] },
    variables: false, keyframes: true, fontFace: true,
  });
  const own = await esbuild.build({
    entryPoints: [join(root, 'src/css/app.css')], bundle: true, write: false, external: ['*.svg'], charset: 'utf8',
  });
  const joined = `${kept.css}\n${own.outputFiles[0].text}`;
  const themed = postcss([darkTwins()]).process(joined, { from: undefined }).css;
  const lifted = liftPictures(themed, (svg, i) => emit(`picture-${i}.svg`, svg));
  const small = await esbuild.transform(lifted, { loader: 'css', minify: true, legalComments: 'none', charset: 'utf8' });
  emit('app.css', small.code);
}

function pictures() {
  for (const file of readdirSync(join(root, 'src/img')).sort()) emit(file, readFileSync(join(root, 'src/img', file)));
}

function icons() {
  const names = readFileSync(join(root, 'icons.txt'), 'utf8').split('\n').filter((l) => l && !l.startsWith('#'));
  emit('icons.svg', sprite(names, (n) => readFileSync(join(root, `node_modules/@tabler/icons/icons/outline/${n}.svg`), 'utf8')));
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
writeFileSync(join(dist, '.placeholder'), '');
pictures();
icons();
await scripts();
await styles();
const sorted = Object.fromEntries(Object.keys(manifest).sort().map((k) => [k, manifest[k]]));
writeFileSync(join(dist, 'manifest.json'), JSON.stringify(sorted, null, 1) + '\n');
console.table(sizes);
const first = ['app.css', 'app.js', 'icons.svg', 'logo.svg', 'favicon.svg'].reduce((n, k) => n + sizes[k].gzip, 0);
console.log(`first visit: ${(first / 1024).toFixed(1)} KiB gzip`);
