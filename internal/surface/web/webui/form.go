package webui

import (
	"slices"

	"github.com/a-h/templ"
)

// Option is a value that can be chosen; also a hidden name and value.
type Option struct {
	Value, Label string
	Detail       string
	Disabled     bool
}

// FieldKind names a form control.
type FieldKind string

// The kinds of controls.
const (
	KindText     FieldKind = "text"
	KindLong     FieldKind = "longtext"
	KindNumber   FieldKind = "number"
	KindMoney    FieldKind = "money"
	KindPercent  FieldKind = "percent"
	KindDate     FieldKind = "date"
	KindDateTime FieldKind = "datetime"
	KindTime     FieldKind = "time"
	KindDuration FieldKind = "duration" // Name holds the number, Name_unit one of min, h, d
	KindSelect   FieldKind = "select"
	KindMulti    FieldKind = "multi" // checkboxes
	KindRadio    FieldKind = "radio"
	KindBool     FieldKind = "bool"
	KindPhone    FieldKind = "phone"
	KindEmail    FieldKind = "email"
	KindPassword FieldKind = "password"
	KindFile     FieldKind = "file"
	KindFiles    FieldKind = "files"
	KindRef      FieldKind = "ref"
	KindDivision FieldKind = "division"
)

// FieldView is one control with its label, hint and error. Error is a sentence in the reader's language.
type FieldView struct {
	Name, Label, Value, Error, Hint string
	ID                              string // "f-"+Name where empty
	Placeholder, Unit               string // Unit stands behind a number, before money (¥ by default)
	Required, Disabled, Autofocus   bool
	HideLabel                       bool // for screen readers only
	Wide                            bool // both columns of a group
	Options                         []Option
	Values                          []string // chosen ones of a multiple choice
	Min, Max, Step                  string
	MaxLength, Rows                 int
	Autocomplete                    string
	// Masked shows Value without letting it be changed or posted; RevealHref is behind the eye.
	Masked     bool
	RevealHref string
	// LookupURL answers ?q= with LookupOptions; ValueLabel is the words of Value.
	LookupURL, ValueLabel string
	// CheckURL gets the form when the reader leaves the field and answers with the field again.
	CheckURL string
	Accept   string // of files
	Division DivisionOptions
	Attrs    templ.Attributes
}

// DivisionOptions are the three levels of a Chinese address: posted as Name_province, Name_city and Name (county).
type DivisionOptions struct {
	Provinces, Cities, Counties []Option
	Province, City              string
}

// FormView is a form of one column. Children are its groups and fields.
type FormView struct {
	ID, Action string
	Submit     string // words on the button; "save" where empty
	CancelHref string
	DraftKey   string // what is typed is kept in the browser under this key until a toast clears it; empty for none
	Multipart  bool
	Get        bool
	Hidden     []Option
	Errors     []Link // all errors with the anchors of their fields, above the form
	Error      string // one sentence on the whole
	Second     []ButtonView
	Danger     bool
	Attrs      templ.Attributes
}

// GroupView is a titled group of fields.
type GroupView struct{ Label, Hint string }

func fieldID(v FieldView) string {
	if v.ID != "" {
		return v.ID
	}
	return "f-" + v.Name
}

// describedBy is the value of aria-describedby: the hint, then the error.
func describedBy(v FieldView) string {
	switch {
	case v.Hint != "" && v.Error != "":
		return fieldID(v) + "-hint " + fieldID(v) + "-error"
	case v.Hint != "":
		return fieldID(v) + "-hint"
	case v.Error != "":
		return fieldID(v) + "-error"
	}
	return ""
}

// control gathers the attributes that all controls share.
func control(v FieldView) templ.Attributes {
	a := templ.Attributes{"id": fieldID(v), "name": v.Name}
	if d := describedBy(v); d != "" {
		a["aria-describedby"] = d
	}
	if v.Error != "" {
		a["aria-invalid"] = "true"
	}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("placeholder", v.Placeholder)
	set("min", v.Min)
	set("max", v.Max)
	set("step", v.Step)
	set("autocomplete", v.Autocomplete)
	for name, on := range map[string]bool{"required": v.Required, "disabled": v.Disabled, "autofocus": v.Autofocus} {
		if on {
			a[name] = true
		}
	}
	if v.MaxLength > 0 {
		a["maxlength"] = v.MaxLength
	}
	if v.CheckURL != "" {
		a["hx-post"], a["hx-trigger"], a["hx-include"] = v.CheckURL, "change", "closest form"
		a["hx-target"], a["hx-swap"] = "closest .dk-field", "outerHTML"
	}
	for name, value := range v.Attrs {
		a[name] = value
	}
	return a
}

// typed is control with the attributes of an input of one type.
func typed(v FieldView, kind, inputmode string) templ.Attributes {
	a := control(v)
	a["type"], a["value"] = kind, v.Value
	if inputmode != "" {
		a["inputmode"] = inputmode
	}
	return a
}

func named(v FieldView, suffix, value string) FieldView {
	v.ID, v.Name, v.Value = fieldID(v)+"-"+suffix, v.Name+"_"+suffix, value
	v.Hint, v.Error, v.Required, v.CheckURL, v.Autofocus = "", "", false, "", false
	v.Attrs = nil
	return v
}

func chosen(v FieldView, value string) bool {
	return v.Value == value && value != "" || slices.Contains(v.Values, value)
}

func rows(v FieldView) int {
	if v.Rows > 0 {
		return v.Rows
	}
	return 4
}

func orElse(s, fallback string) string {
	if s != "" {
		return s
	}
	return fallback
}

func levelName(name, level string) string {
	if level == "" {
		return name
	}
	return name + "_" + level
}

// durationNumber is the number of a duration: the fieldset already carries id, hint and error.
func durationNumber(v FieldView) FieldView {
	v.ID, v.Hint, v.Error = fieldID(v)+"-n", "", ""
	return v
}

func secret(v FieldView) FieldView {
	v.Value = ""
	return v
}
