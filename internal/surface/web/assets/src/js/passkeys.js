// Passkeys: the server's question goes to the device, its answer back in an ordinary form.
import { arrive, on } from './dom.js';

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const keyed = (list) => (list ?? []).map((k) => ({ ...k, id: bytes(k.id) }));

// question turns what the server sent into what the browser takes.
function question(options) {
  const key = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
  if (key.user) key.user = { ...key.user, id: bytes(key.user.id) };
  if (key.excludeCredentials) key.excludeCredentials = keyed(key.excludeCredentials);
  if (key.allowCredentials) key.allowCredentials = keyed(key.allowCredentials);
  return { publicKey: key };
}

// answer is the credential as JSON (WebAuthn, section 5.1.8); browsers that lack toJSON get it by hand.
function answer(credential) {
  const r = credential.response;
  const out = { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: credential.getClientExtensionResults() };
  out.response = { clientDataJSON: text(r.clientDataJSON) };
  if (r.attestationObject) {
    out.response.attestationObject = text(r.attestationObject);
    out.response.transports = r.getTransports?.() ?? [];
  } else {
    out.response.authenticatorData = text(r.authenticatorData);
    out.response.signature = text(r.signature);
    if (r.userHandle?.byteLength) out.response.userHandle = text(r.userHandle);
  }
  return JSON.stringify(out);
}

async function ask(form) {
  const got = await fetch(form.dataset.options, { method: 'POST', credentials: 'same-origin', headers: { 'HX-Request': 'true' } });
  const elsewhere = got.headers.get('HX-Redirect');
  if (elsewhere) { location.assign(elsewhere); return; }
  if (!got.ok) throw new Error(String(got.status));
  const asked = question(await got.json());
  const credential = form.dataset.passkey === 'create' ? await navigator.credentials.create(asked) : await navigator.credentials.get(asked);
  form.elements.answer.value = answer(credential);
  form.submit();
}

export function passkeys() {
  if (!window.PublicKeyCredential) return;
  arrive('form[data-passkey]', (form) => { form.hidden = false; });
  on('submit', 'form[data-passkey]', (form, event) => {
    event.preventDefault();
    const say = form.querySelector('[data-passkey-error]');
    const button = form.querySelector('button');
    say.hidden = true;
    button.disabled = true;
    ask(form).catch(() => { say.hidden = false; }).finally(() => { button.disabled = false; });
  });
}
