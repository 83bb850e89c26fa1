package webui

import "github.com/a-h/templ"

// Column is one column of a table. SortHref makes its head a link; Sorted is "asc", "desc" or empty.
type Column struct {
	Key, Label, SortHref, Sorted string
	Numeric                      bool // set right, tabular figures
	Primary                      bool // the name of the row; heads the card on a phone
	OffPhone                     bool // not shown on a phone
}

// Cell is one value. Content stands instead of Text, Badge before it.
type Cell struct {
	Text, Title, Href string
	Badge             *BadgeView
	Clock             *ClockView
	Content           templ.Component
}

// RowView is one record of a list, its cells in the order of the columns.
type RowView struct {
	ID, Href string
	Label    string // names the row for its checkbox
	Cells    []Cell
	Muted    bool // archived, cancelled
}

// TableView is a list. With Bulk it is a form that posts "id" of each chosen row to BulkAction.
type TableView struct {
	ID, Caption string
	Columns     []Column
	Rows        []RowView
	Comfortable bool // more air; dense otherwise
	Bulk        []ButtonView
	BulkAction  string
	BulkHidden  []Option
	Empty       EmptyView
}

// PagerView leads through a keyset-paged list. Range is such as "51–100", Total such as "10,000+".
type PagerView struct{ PrevHref, NextHref, FirstHref, Range, Total string }

// FilterChip is a condition in force.
type FilterChip struct{ Label, RemoveHref string }

// FilterEditor is a typed editor of one field, opened from the bar.
type FilterEditor struct {
	Kind  FieldKind
	Field FieldView
}

// FilterBarView is a GET form: all conditions of a list are in its address. Hidden keeps sort, view and density.
type FilterBarView struct {
	ID, Action, Query, QueryPlaceholder string
	NoQuery                             bool
	Hidden                              []Option
	Chips                               []FilterChip
	Editors                             []FilterEditor
	ClearHref                           string
	Tools                               templ.Component // density, columns, view switch, at the right
}

// ViewTabsView is the saved views of a list.
type ViewTabsView struct {
	Tabs     []TabView
	SaveHref string // "save as view"; empty hides it
}

// KanbanCard is one record on a board. MoveTo offers the columns it may go to; moving posts "to" to MoveHref.
type KanbanCard struct {
	ID, Title, Href, Detail, Meta, Person string
	Badges                                []BadgeView
	Clock                                 *ClockView
	MoveHref                              string
	MoveTo                                []Option
}

// KanbanColumn is one state. Total is the full count where Cards is capped.
type KanbanColumn struct {
	Key, Label, Total, MoreHref string
	Tone                        Tone
	Cards                       []KanbanCard
}

// KanbanView is records by state.
type KanbanView struct {
	ID, Label string
	Columns   []KanbanColumn
}

// CalendarItem is something on a day.
type CalendarItem struct {
	Time, Label, Href string
	Tone              Tone
}

// CalendarDay is one cell. Mark is a short word for a statutory holiday or, with Workday, a make-up workday; MarkTitle
// is its name.
type CalendarDay struct {
	Number, Label   string // "2" and "2026-03-02 周一"
	Href            string
	Mark, MarkTitle string
	Today, Outside  bool
	Workday         bool
	Items           []CalendarItem
	MoreHref, More  string
}

// CalendarView is one month; Weeks hold seven days each, in the order of Weekdays.
type CalendarView struct {
	Title, PrevHref, NextHref, TodayHref string
	Weekdays                             []string
	Weeks                                [][]CalendarDay
}

// Change is a field before and after, masked where its class asks for it.
type Change struct{ Field, Before, After string }

// TimelineEntry is one thing that happened. When is relative, WhenTitle exact, WhenISO RFC 3339.
type TimelineEntry struct {
	ID, Icon, Actor, Verb    string
	When, WhenTitle, WhenISO string
	Body                     string // plain text; line breaks are kept
	Changes                  []Change
	Files                    []Link
	Internal                 bool // a note that the customer never sees
	Tone                     Tone
	Actions                  []LinkButtonView
	Content                  templ.Component
	Clause                   *Link // the article that asked for it
}

// TimelineView is what happened, newest first.
type TimelineView struct {
	ID, Label string
	Entries   []TimelineEntry
	MoreHref  string
	Empty     EmptyView
}

// ComposerView writes a comment with files: fields "body", "files" and, with Kinds, "kind".
type ComposerView struct {
	ID, Action, DraftKey, Placeholder string
	Kinds                             []Option
	Submit                            string // words on the button; a default where empty
	Files                             bool
	Error, Value                      string
}

// DiffRow is one field that two people changed. Choice is "yours" or "theirs".
type DiffRow struct {
	Name, Label, Before, Theirs, Yours string
	Conflict                           bool // both changed it; otherwise one side only
	Choice                             string
}

// DiffView lets a person settle a stale save field by field; each choice is posted as "merge_<Name>".
type DiffView struct {
	Action, CancelHref, TheirName string
	Rows                          []DiffRow
	Hidden                        []Option
}

// SearchHit is one find of search, in a group of its type.
type SearchHit struct{ Title, Detail, Number, Href, Icon string }

// SearchGroup is the finds of one type.
type SearchGroup struct {
	Label, MoreHref string
	Hits            []SearchHit
}

// SearchView answers /search as a fragment for the palette and inside a page.
type SearchView struct {
	Query  string
	Groups []SearchGroup
}

func ariaSort(s string) string {
	switch s {
	case "asc":
		return "ascending"
	case "desc":
		return "descending"
	default:
		return "none"
	}
}

func tableClass(v TableView) string {
	if v.Comfortable {
		return "table dk-table dk-comfortable"
	}
	return "table dk-table"
}

func cellClass(c Column) string {
	class := ""
	if c.Numeric {
		class += " dk-num"
	}
	if c.Primary {
		class += " dk-primary"
	}
	if c.OffPhone {
		class += " dk-off-phone"
	}
	return class
}

// void marks a cell without content, which a phone leaves out.
func void(c Cell) string {
	if c.Text == "" && c.Badge == nil && c.Clock == nil && c.Content == nil {
		return " dk-void"
	}
	return ""
}

// columnOf keeps a row with too many cells from breaking the page.
func columnOf(v TableView, i int) Column {
	if i < len(v.Columns) {
		return v.Columns[i]
	}
	return Column{}
}
