import test from 'node:test';
import assert from 'node:assert/strict';
import postcss from 'postcss';
import { remaining, skew } from '../src/js/clock.js';
import { gather, keepable, restore } from '../src/js/drafts.js';
import { counted } from '../src/js/lists.js';
import { step } from '../src/js/palette.js';
import { follow } from '../src/js/sequence.js';
import { next } from '../src/js/theme.js';
import { darkTwins, liftPictures } from '../css.mjs';
import { sprite } from '../sprite.mjs';

test('a clock shows days only where there are some', () => {
  const t = Date.parse('2026-03-02T12:00:00Z');
  assert.equal(remaining(t + 3_725_000, t, '天'), '01:02:05');
  assert.equal(remaining(t + 2 * 86_400_000 + 5000, t, '天'), '2天 00:00:05');
  assert.equal(remaining(t - 61_000, t, '天'), '00:01:01');
});

test('a draft keeps what was typed and nothing secret', () => {
  const fields = [
    { name: 'title', type: 'text', value: '回访' }, { name: 'pw', type: 'password', value: 's' },
    { name: 'kind', type: 'checkbox', value: 'a', checked: true }, { name: 'kind', type: 'checkbox', value: 'b', checked: false },
    { name: '', type: 'text', value: 'x' }, { name: 'q', type: 'search', value: 'y', autocomplete: 'off' },
  ];
  const rows = gather(fields);
  assert.deepEqual(rows, [['title', '回访'], ['kind', 'a', true], ['kind', 'b', false]]);
  const later = fields.map((f) => ({ ...f, value: f.type === 'checkbox' ? f.value : '', checked: false }));
  assert.equal(restore(later, rows), true);
  assert.deepEqual([later[0].value, later[1].value, later[2].checked, later[3].checked], ['回访', '', true, false]);
  assert.equal(restore(later, rows), false);
  assert.equal(keepable({ name: 'f', type: 'file' }), false);
});

test('fields of one name are restored in their order', () => {
  const rows = [['n', '1'], ['n', '2']];
  const fields = [{ name: 'n', type: 'text', value: '' }, { name: 'n', type: 'text', value: '' }];
  restore(fields, rows);
  assert.deepEqual(fields.map((f) => f.value), ['1', '2']);
});

test('the palette goes round its ends', () => {
  assert.equal(step(-1, 1, 3), 0);
  assert.equal(step(2, 1, 3), 0);
  assert.equal(step(0, -1, 3), 2);
  assert.equal(step(0, 1, 0), -1);
});

test('the theme is turned round and follows the system again where both agree', () => {
  assert.equal(next('auto', false), 'dark');
  assert.equal(next('dark', false), 'auto');
  assert.equal(next('auto', true), 'light');
  assert.equal(next('light', true), 'auto');
  assert.equal(next('dark', true), 'light');
});

test('bulk words hold the number', () => assert.equal(counted('已选 % 项', 3), '已选 3 项'));

test('dark rules have a twin for people who follow their system', () => {
  const css = postcss([darkTwins()]).process('[data-bs-theme=dark] .a,.b{color:red}@media print{[data-theme=dark]{x:y}}', { from: undefined }).css;
  assert.match(css, /\[data-theme=dark\] \.a/);
  assert.match(css, /prefers-color-scheme: dark\)\s*{\s*\[data-theme=auto\] \.a\s*{\s*color:red/);
  assert.match(css, /prefers-color-scheme: dark\)\s*{\s*@media print\s*{\s*\[data-theme=auto\]/);
  assert.doesNotMatch(css, /data-bs-theme/);
});

test('a picture in a data URL becomes a file, once', () => {
  const made = [];
  const css = liftPictures(`a{b:url("data:image/svg+xml,%3csvg/%3e")}c{d:url('data:image/svg+xml,%3csvg/%3e')}`, (svg) => { made.push(svg); return 'p.svg'; });
  assert.deepEqual(made, ['<svg/>']);
  assert.equal(css, 'a{b:url("p.svg")}c{d:url("p.svg")}');
});

test('the sprite holds sorted symbols without the empty frame', () => {
  const out = sprite(['b', 'a'], () => '<!-- x --><svg class="i">\n  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n  <path d="M1 1" />\n</svg>');
  assert.equal(out, '<svg xmlns="http://www.w3.org/2000/svg"><symbol id="i-a" viewBox="0 0 24 24"><path d="M1 1"/></symbol><symbol id="i-b" viewBox="0 0 24 24"><path d="M1 1"/></symbol></svg>\n');
});

test('keys pressed one after the other make a command', () => {
  const commands = ['l c', 'l v', '?'];
  assert.deepEqual(follow('', 'l', commands), { run: '', wait: 'l' });
  assert.deepEqual(follow('l', 'c', commands), { run: 'l c', wait: '' });
  assert.deepEqual(follow('l', 'l', commands), { run: '', wait: 'l' });
  assert.deepEqual(follow('l', '?', commands), { run: '?', wait: '' });
  assert.deepEqual(follow('l', 'x', commands), { run: '', wait: '' });
});

test('a machine with a wrong clock counts by the time of the server', () => {
  const here = Date.parse('2026-03-02T06:00:00Z');
  assert.equal(skew('2026-03-02T04:00:00Z', here), -7_200_000);
  assert.equal(skew(undefined, here), 0);
});
