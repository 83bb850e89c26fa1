import 'htmx.org';
import { clocks } from '../js/clock.js';
import { dialogs, menus, toasts } from '../js/dialogs.js';
import { drafts } from '../js/drafts.js';
import { forms } from '../js/forms.js';
import { keys } from '../js/keys.js';
import { lists } from '../js/lists.js';
import { live } from '../js/live.js';
import { palette } from '../js/palette.js';
import { passkeys } from '../js/passkeys.js';
import { sequences } from '../js/sequence.js';
import { proof } from '../js/proof.js';
import { theme } from '../js/theme.js';

document.documentElement.classList.add('js');
for (const start of [dialogs, menus, toasts, theme, palette, lists, drafts, forms, sequences, keys, clocks, proof, passkeys, live]) start();
