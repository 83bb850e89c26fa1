package browsertest

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// quote writes a text as a literal of the script.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string can always be written
	return string(b)
}

// Text returns what a person reads on the page.
func (b *Browser) Text() string { return b.Read("document.body.innerText") }

// Path returns path and query of the page in view.
func (b *Browser) Path() string { return b.Read("location.pathname + location.search") }

// Read returns the value of an expression as text.
func (b *Browser) Read(expression string) string {
	b.t.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// Sees waits until the page, or the one that follows it, shows the text.
func (b *Browser) Sees(text string) {
	b.t.Helper()
	b.Until("document.readyState === 'complete' && document.body.innerText.includes(" + quote(text) + ")")
}

// Missing fails where the page shows the text.
func (b *Browser) Missing(text string) {
	b.t.Helper()
	if strings.Contains(b.Text(), text) {
		b.t.Errorf("%s shows %q", b.Path(), text)
	}
}

// Click clicks the first visible element of the selector with the mouse and waits for the page that may follow.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.mark(selector)
	b.press()
}

// press clicks what was marked. Where the click leads to another page, it returns when that page is there; files are no
// pages, they are kept by the browser.
func (b *Browser) press() {
	b.t.Helper()
	b.Eval(`window.testLeaves = false, navigation.addEventListener('navigate', (e) => { window.testLeaves ||= !e.destination.sameDocument && e.downloadRequest === null && !e.destination.url.includes('/files/') })`)
	if err := chromedp.Do(b.ctx, chromedp.Click("[data-test-target]")); err != nil {
		b.t.Fatalf("click on %s: %v", b.Path(), err)
	}
	b.settle()
	b.Until("!window.testLeaves && document.readyState === 'complete'")
}

// settle lets the page do what a click makes it do: a form is sent some turns of the loop later. A page that goes away
// meanwhile has settled.
func (b *Browser) settle() {
	yes := true
	_, _ = chromedp.Call(b.ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 20))))`, AwaitPromise: &yes,
	})
}

// mark names the first visible element of the selector, so that what is done meets that one.
func (b *Browser) mark(selector string) {
	b.t.Helper()
	b.Until(`[...document.querySelectorAll(` + quote(selector) + `)].some((e) => e.checkVisibility() && e.getClientRects().length)`)
	b.Eval(`document.querySelectorAll('[data-test-target]').forEach((e) => e.removeAttribute('data-test-target')),
		[...document.querySelectorAll(` + quote(selector) + `)].find((e) => e.checkVisibility() && e.getClientRects().length).setAttribute('data-test-target', '')`)
}

// Link clicks the first visible link or button with this text.
func (b *Browser) Link(text string) {
	b.t.Helper()
	find := `[...document.querySelectorAll('main a, main button, main summary, dialog a, dialog button')].find((e) => e.checkVisibility() && e.getClientRects().length && e.innerText.trim() === ` + quote(text) + `)`
	b.Until("Boolean(" + find + ")")
	b.Eval(`document.querySelectorAll('[data-test-link]').forEach((e) => e.removeAttribute('data-test-link')), ` + find + `.setAttribute('data-test-link', '')`)
	b.Click("[data-test-link]")
}

// Fill types into the first visible field of the selector, over what stands there; a select takes its value, a box is
// ticked.
func (b *Browser) Fill(selector, text string) {
	b.t.Helper()
	b.mark(selector)
	switch b.Read(`document.querySelector('[data-test-target]').type`) {
	case "checkbox", "radio":
		b.Eval(`document.querySelector('[data-test-target]').checked || document.querySelector('[data-test-target]').click()`)
		return
	case "select-one", "date", "datetime-local", "time", "number":
		b.Eval(`((e) => { e.value = ` + quote(text) + `; e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})) })(document.querySelector('[data-test-target]'))`)
		if got := b.Read(`document.querySelector('[data-test-target]').value`); got != text {
			b.t.Fatalf("%s on %s took %q for %q", selector, b.Path(), got, text)
		}
		return
	}
	b.Eval(`document.querySelector('[data-test-target]').select()`)
	if err := chromedp.Do(b.ctx, chromedp.SendKeys("[data-test-target]", kb.Delete+text)); err != nil {
		b.t.Fatalf("type into %s on %s: %v", selector, b.Path(), err)
	}
}

// Press sends keys to what has the focus.
func (b *Browser) Press(keys string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(keys)); err != nil {
		b.t.Fatalf("press %q: %v", keys, err)
	}
}

// Control presses a key with the control key held down.
func (b *Browser) Control(key string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierCtrl))); err != nil {
		b.t.Fatalf("press control and %q: %v", key, err)
	}
}

// Upload puts a file into a file field.
func (b *Browser) Upload(selector, path string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.SetUploadFiles(selector, []string{path})); err != nil {
		b.t.Fatalf("file for %s: %v", selector, err)
	}
}

// Thumb taps the first visible element of the selector as a thumb would: it must be at least 44 by 44 pixels, within the
// width of the window, and not covered by anything else.
func (b *Browser) Thumb(selector string) {
	b.t.Helper()
	b.mark(selector)
	wrong := b.Read(`((e) => {
		e.scrollIntoView({block: 'center'});
		const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2, at = document.elementFromPoint(x, y);
		if (r.width < 44 || r.height < 44) return 'is ' + r.width.toFixed() + ' by ' + r.height.toFixed();
		if (r.left < 0 || r.right > innerWidth) return 'reaches over the edge';
		return at && (e.contains(at) || at.contains(e)) ? '' : 'is covered by ' + (at && at.outerHTML.slice(0, 80));
	})(document.querySelector('[data-test-target]'))`)
	if wrong != "" {
		b.t.Errorf("thumb on %s of %s: %s", selector, b.Path(), wrong)
	}
	b.press()
}

// Width sets the width of the window in pixels.
func (b *Browser) Width(width int64) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 844)); err != nil {
		b.t.Fatal(err)
	}
}

// Dress sets language and theme of the reader, as the buttons of the frame do.
func (b *Browser) Dress(lang, theme string) {
	b.t.Helper()
	set := fmt.Sprintf(`[['/me/language','lang=%s'],['/me/theme','theme=%s']].map(([u, body]) => fetch(u, {method: 'POST', body: body + '&return=/', headers: {'Content-Type': 'application/x-www-form-urlencoded'}}))`, lang, theme)
	b.Eval(`window.dressed = 0, ` + set + `.forEach((p) => p.then(() => { window.dressed++ }))`)
	b.Until("window.dressed === 2")
}

// Leave signs out.
func (b *Browser) Leave() {
	b.t.Helper()
	b.Eval(`window.left = false, fetch('/me/signout', {method: 'POST'}).then(() => { window.left = true })`)
	b.Until("window.left")
}
