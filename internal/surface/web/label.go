package web

import (
	"context"
	"maps"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

// first returns the first text that exists, or the last word as it is.
func first(ctx context.Context, keys []string, word string) string {
	for _, k := range keys {
		if i18n.Has(ctx, k) {
			return i18n.T(ctx, k)
		}
	}
	return word
}

// TypeLabel is what one record of the type is called.
func TypeLabel(ctx context.Context, t *record.Type) string {
	return first(ctx, []string{t.Name}, t.Name)
}

// PluralLabel is what the list of the type is called.
func PluralLabel(ctx context.Context, t *record.Type) string {
	return first(ctx, []string{t.Name + "._plural", t.Name}, t.Plural)
}

// FieldLabel is the name of a field: of a custom field its own label, else the text of the type or of the head.
func FieldLabel(ctx context.Context, t *record.Type, f *record.Field) string {
	if f.Custom {
		if l := f.Labels[string(i18n.LangOf(ctx))]; l != "" {
			return l
		}
		for _, l := range []string{f.Labels["zh"], f.Labels["en"], f.Name} {
			if l != "" {
				return l
			}
		}
	}
	return first(ctx, []string{t.Name + "." + f.Name, "head." + f.Name}, f.Name)
}

// FieldHint is the help under a field; "" for none.
func FieldHint(ctx context.Context, t *record.Type, f *record.Field) string {
	return first(ctx, []string{t.Name + "." + f.Name + ".hint"}, "")
}

// OptionLabel is the word for one value of an enum, state or several choices.
func OptionLabel(ctx context.Context, t *record.Type, f *record.Field, value string) string {
	return first(ctx, []string{t.Name + "." + f.Name + "." + value}, value)
}

// InputLabel is the name of a field of an action's input.
func InputLabel(ctx context.Context, t *record.Type, a *record.Action, f *record.Field) string {
	key := ".action." + a.Name + "." + f.Name
	general := "action." + a.Name + "." + f.Name
	return first(ctx, []string{t.Name + key, general, t.Name + "." + f.Name, "head." + f.Name}, f.Name)
}

// InputOption is the word for one value of a field of an action's input.
func InputOption(ctx context.Context, t *record.Type, a *record.Action, f *record.Field, value string) string {
	return first(ctx, []string{t.Name + ".action." + a.Name + "." + f.Name + "." + value, t.Name + "." + f.Name + "." + value}, value)
}

// ActionLabel is the word on the button of an action.
func ActionLabel(ctx context.Context, t *record.Type, name string) string {
	return first(ctx, []string{t.Name + ".action." + name, "action." + name}, name)
}

// ActionHint says what an action does; "" for none.
func ActionHint(ctx context.Context, t *record.Type, name string) string {
	return first(ctx, []string{t.Name + ".action." + name + ".hint", "action." + name + ".hint"}, "")
}

// GroupLabel is the title of a group of fields.
func GroupLabel(ctx context.Context, t *record.Type, group string) string {
	if group == "" {
		return i18n.T(ctx, "web.group.main")
	}
	return first(ctx, []string{t.Name + ".group." + group}, group)
}

// StateBadge is the state of a record in words. The tone follows from how the state can be left: one that no action
// leaves is done.
func StateBadge(ctx context.Context, t *record.Type, state string) *webui.BadgeView {
	f := t.State()
	if f == nil || state == "" {
		return nil
	}
	b := webui.BadgeView{Label: OptionLabel(ctx, t, f, state), Tone: webui.Info}
	switch {
	case state == f.Default:
		b.Tone = webui.Neutral
	case !leaves(t, state):
		b.Tone = webui.Good
	}
	return &b
}

func leaves(t *record.Type, state string) bool {
	for _, a := range t.Actions {
		if a.To != "" && a.To != state && a.Allowed(state) {
			return true
		}
	}
	return false
}

// Worded returns the error with the names of types, fields and states in its arguments replaced by words for the
// reader. Other errors are returned as they are.
func Worded(ctx context.Context, err error) error {
	e := errs.As(err)
	if e == nil {
		return err
	}
	return worded(ctx, e, "")
}

// WordedFor is [Worded] for an error about a record of the type, whose fields then have names.
func WordedFor(ctx context.Context, t *record.Type, err error) error {
	e := errs.As(err)
	if e == nil {
		return err
	}
	return &wordedError{worded(ctx, e, t.Name), err}
}

// wordedError keeps what else the chain held, such as the articles of a refusal.
type wordedError struct {
	said  *errs.Error
	whole error
}

func (w *wordedError) Error() string   { return w.whole.Error() }
func (w *wordedError) Unwrap() []error { return []error{w.said, w.whole} }

func worded(ctx context.Context, e *errs.Error, typ string) *errs.Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if name, ok := c.Args["type"].(string); ok && i18n.Has(ctx, name) {
		typ = name
		c.Args["type"] = i18n.T(ctx, name)
	}
	if name, ok := c.Args["field"].(string); ok {
		c.Args["field"] = first(ctx, []string{typ + "." + name, "head." + name}, name)
	}
	if name, ok := c.Args["action"].(string); ok {
		c.Args["action"] = first(ctx, []string{typ + ".action." + name, "action." + name}, name)
	}
	c.Fields = nil
	for _, f := range e.Fields {
		c.Fields = append(c.Fields, worded(ctx, f, typ))
	}
	return &c
}
