package webui

import (
	"unicode/utf8"

	"github.com/a-h/templ"
)

// Tone is the meaning of a colour. Colour never stands alone: an icon or a word says the same.
type Tone string

// The tones.
const (
	Neutral Tone = "neutral"
	Accent  Tone = "accent" // the cinnabar of the house; not a status
	Info    Tone = "info"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// Weight is how loud a button is. One primary button a page.
type Weight string

// The weights.
const (
	Secondary Weight = "" // outlined, the default
	Primary   Weight = "primary"
	Ghost     Weight = "ghost"
	Danger    Weight = "danger"
)

// ButtonView is a button of a form. Name and Value are posted when it is pressed.
type ButtonView struct {
	Label, Icon string
	Weight      Weight
	Name, Value string
	Type        string // "submit" by default
	Form        string // id of the form it belongs to, where it stands outside
	FormAction  string // posts the form elsewhere
	Confirm     string // asked once before sending, in words that name the thing (with script)
	Title       string
	Small       bool
	IconOnly    bool // the label is for screen readers and as a tooltip
	Disabled    bool
	NoValidate  bool
	Attrs       templ.Attributes // hx-* and data-*; never on*
}

// LinkButtonView is a link that looks like a button.
type LinkButtonView struct {
	Label, Icon, Href string
	Weight            Weight
	Title             string
	Small             bool
	IconOnly          bool
	Current           bool // the one chosen in a group
	Attrs             templ.Attributes
}

// BadgeView is a state in words; an icon follows from the tone where none is given.
type BadgeView struct {
	Label, Icon, Title string
	Tone               Tone
}

// TagView is a free label of a record. With RemoveHref it can be taken off.
type TagView struct{ Label, Href, RemoveHref string }

// TabView is one tab: a link to its own address.
type TabView struct {
	Label, Href, Count, Icon string
	Active                   bool
}

// CardView is a titled box; the children are its body.
type CardView struct {
	ID, Title, Subtitle, Icon string
	Actions                   templ.Component // at the right of the title; may be nil
	Footer                    templ.Component
	Flush                     bool // no padding: tables and lists
}

// StatView is one figure with what it is compared with.
type StatView struct {
	Label, Value, Unit, Detail, Href, Icon string
	Change                                 string // such as "+12 %"; empty for none
	Rising                                 bool   // arrow up
	Tone                                   Tone   // whether the change is good, bad or neither
}

// EmptyView says what belongs here and offers the first step.
type EmptyView struct {
	Icon, Title, Text string
	Action            *LinkButtonView
}

// AlertView stays until it is read and says what to do.
type AlertView struct {
	Tone        Tone
	Title, Text string
	Actions     []LinkButtonView
}

// ToastView is a quiet word of success; Bad and Warn ones stay until dismissed.
type ToastView struct {
	Tone        Tone
	Text        string
	ActionLabel string // such as "undo"
	ActionHref  string
	ActionPost  bool
	ClearDraft  string // key of the form draft that this success makes superfluous; see FormView.DraftKey
}

// DialogView is a modal window. Its children are the body. A link or button with data-dialog="#ID" opens it; without
// script it is not shown, so such a link must have an address that serves the same as a page.
type DialogView struct {
	ID, Title string
	Wide      bool
	Open      bool // opened by the script as soon as it arrives (fragments)
}

// ConfirmView asks once, in words that name the thing, on a page or in a dialog.
type ConfirmView struct {
	Title, Text, Action string // Action is the address posted to
	Confirm             string // the words on the button
	CancelHref          string
	Danger              bool
	Reason              bool // asks for a reason, field "reason"
	Hidden              []Option
}

// ProgressView is work under way. Total 0 means that its size is unknown.
type ProgressView struct {
	Label, Detail string
	Done, Total   int
	Tone          Tone
	PollURL       string // asked every two seconds for this fragment; empty when finished
	ID            string
}

// StepView is one step of a way: "done", "current" or "" for one to come.
type StepView struct{ Label, Detail, Href, State string }

// DescriptionItem is one field of a record as read. A masked value shows an eye that leads to RevealHref.
type DescriptionItem struct {
	Label, Value, Href string
	Masked             bool
	RevealHref         string
	Content            templ.Component // instead of Value
	Wide               bool
}

// ClockState is what a clock of the regulation does.
type ClockState string

// The states of a clock.
const (
	ClockRunning ClockState = "running"
	ClockWarned  ClockState = "warned"
	ClockLate    ClockState = "late"
	ClockMet     ClockState = "met"
	ClockPaused  ClockState = "paused"
	ClockStopped ClockState = "stopped"
)

// ClockView is a clock with its next second. DueISO is RFC 3339; the script counts down to it while the state is
// running, warned or late.
type ClockView struct {
	State     ClockState
	Label     string // what must happen: "first answer"
	Remaining string // as computed on the server, such as "1 h 20 min"
	Due       string // exact time in words
	Tip       string // the tooltip; Due where empty
	DueISO    string
	Href      string // the clause that started it
}

// HeatStatus is the state of a clause or regulation in a period.
type HeatStatus string

// The states; see the chapter on the regulation engine in docs/architecture.md.
const (
	HeatUnbound  HeatStatus = "unbound"
	HeatUnused   HeatStatus = "unused" // not yet exercised
	HeatKept     HeatStatus = "kept"
	HeatLate     HeatStatus = "late"
	HeatBreached HeatStatus = "breached"
	HeatExcepted HeatStatus = "excepted"
)

// HeatCellView is one cell: a sign, a figure and a colour say the same.
type HeatCellView struct {
	Status      HeatStatus
	Text, Title string
	Href        string
}

// HeatRowView is one line of a heat map.
type HeatRowView struct {
	Label, Href string
	Cells       []HeatCellView
}

// HeatMapView is regulations × months, or clauses × units.
type HeatMapView struct {
	Caption, Corner string
	Columns         []string
	Rows            []HeatRowView
}

func toneIcon(t Tone) string {
	switch t {
	case Good:
		return "circle-check"
	case Warn:
		return "alert-triangle"
	case Bad:
		return "alert-circle"
	case Info:
		return "info-circle"
	default:
		return "circle"
	}
}

func badgeIcon(v BadgeView) string {
	if v.Icon != "" {
		return v.Icon
	}
	return toneIcon(v.Tone)
}

func tone(t Tone) string {
	if t == "" {
		return string(Neutral)
	}
	return string(t)
}

func buttonClass(w Weight, small, iconOnly bool) string {
	class := "btn"
	switch w {
	case Primary:
		class += " btn-primary"
	case Ghost:
		class += " dk-btn-ghost"
	case Danger:
		class += " dk-btn-danger"
	}
	if small {
		class += " btn-sm"
	}
	if iconOnly {
		class += " btn-icon"
	}
	return class
}

// initial is the family name of a Chinese name, or the first letter of a Latin one.
func initial(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	if size == 0 || r == utf8.RuneError {
		return "·"
	}
	return string(r)
}

// avatarHue spreads names over eight colours, always the same for one name.
func avatarHue(name string) string {
	sum := 0
	for _, r := range name {
		sum = (sum*31 + int(r)) & 0xffff
	}
	return string(rune('0' + sum%8))
}

func clockIcon(s ClockState) string {
	switch s {
	case ClockWarned:
		return "hourglass"
	case ClockLate:
		return "alert-circle"
	case ClockMet:
		return "circle-check"
	case ClockPaused:
		return "clock-pause"
	case ClockStopped:
		return "clock-stop"
	default:
		return "clock"
	}
}

func ticking(s ClockState) bool { return s == ClockRunning || s == ClockWarned || s == ClockLate }

func heatSign(s HeatStatus) string {
	switch s {
	case HeatKept:
		return "●"
	case HeatLate:
		return "◐"
	case HeatBreached:
		return "✕"
	case HeatExcepted:
		return "◇"
	case HeatUnused:
		return "○"
	default:
		return "–"
	}
}

func percentOf(done, total int) int {
	if total <= 0 {
		return 0
	}
	return min(100, max(0, done*100/total))
}
