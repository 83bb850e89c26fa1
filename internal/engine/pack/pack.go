// Package pack loads and checks industry packs: data that makes Dianke fit a trade.
//
// A pack is a folder with pack.yaml (units, posts, calendars, case categories, urgencies), regulations/<id>.yaml (the
// clauses in Chinese and English with their responsible posts and figures) and, where controls are bound,
// bindings/<id>.yaml. [Load] refuses what it does not know, with file, line and column; [Check] finds what does not
// fit together, across packs. Loading changes nothing and compiles no rule: bindings stay raw YAML nodes for the room
// that understands them. The package knows no storage, no HTTP and no word of any one trade.
package pack

import "go.yaml.in/yaml/v3"

// Text is one text in both languages. Chinese is authoritative, English a courtesy.
type Text struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// Pack is the content of one folder.
type Pack struct {
	ID         string      `yaml:"id"` // the name of its folder
	Version    string      `yaml:"version"`
	Title      Text        `yaml:"title"`
	Trade      string      `yaml:"trade"`
	Needs      []string    `yaml:"needs"` // ids of packs whose units, posts and categories this one builds on
	Units      []Unit      `yaml:"units"`
	Posts      []Post      `yaml:"posts"`
	Calendars  []Calendar  `yaml:"calendars"`
	Categories []Category  `yaml:"categories"`
	Urgencies  []Urgency   `yaml:"urgencies"`
	Ladders    []Ladder    `yaml:"ladders"`
	Checklists []Checklist `yaml:"checklists"`
	Messages   []Message   `yaml:"messages"`

	Regulations []*Regulation `yaml:"-"` // by id
	Bindings    []RawBinding  `yaml:"-"` // by file, in printed order
	File        string        `yaml:"-"`

	places places
}

// Unit is a unit of the organisation; Parent may be a unit of a needed pack, and is empty for a root.
type Unit struct {
	Key    string `yaml:"key"`
	Title  Text   `yaml:"title"`
	Parent string `yaml:"parent"`
}

// Post is what a regulation calls a function; whoever holds it gets its roles in its unit.
type Post struct {
	Key   string   `yaml:"key"`
	Title Text     `yaml:"title"`
	Unit  string   `yaml:"unit"`
	Roles []string `yaml:"roles"` // see [Roles]
}

// Calendar holds working hours by weekday (mon … sun) as "09:00-12:00,13:00-18:00" in the organisation's time zone.
// An end before its start lies on the next day. Days that are not named are free.
type Calendar struct {
	Key      string            `yaml:"key"`
	Title    Text              `yaml:"title"`
	Hours    map[string]string `yaml:"hours"`
	Holidays string            `yaml:"holidays"` // "cn" for the statutory holidays and make-up workdays of China, or empty
}

// Category is a node of the tree by which cases are classed; Kinds are the kinds of case it is offered for.
type Category struct {
	Key    string   `yaml:"key"`
	Title  Text     `yaml:"title"`
	Parent string   `yaml:"parent"`
	Kinds  []string `yaml:"kinds"`
}

// Urgency gives the usual times for a first answer and a solution: "30m", "2h work", "5d work". "work" counts working
// time of the unit's calendar, without it time runs around the clock.
type Urgency struct {
	Key     string `yaml:"key"`
	Title   Text   `yaml:"title"`
	Respond string `yaml:"respond"`
	Resolve string `yaml:"resolve"`
}

// Ladder is a published ladder of measures: what may follow a confirmed breach, mildest step first. No step follows by
// itself; a person confirms each.
type Ladder struct {
	Key   string `yaml:"key"`
	Title Text   `yaml:"title"`
	Steps []Step `yaml:"steps"`
}

// Step is one rung of a ladder.
type Step struct {
	Key    string `yaml:"key"` // unique within its ladder
	Title  Text   `yaml:"title"`
	Kind   string `yaml:"kind"`   // one of [Measures]
	Points int    `yaml:"points"` // conduct points proposed to be taken
	Amount int    `yaml:"amount"` // deduction proposed, in fen; the limits of law stand above it
	Months int    `yaml:"months"` // after which the measure expires; 0 where it has no duration
}

// Checklist is what a person confirms item by item where software cannot see it.
type Checklist struct {
	Key   string          `yaml:"key"`
	Title Text            `yaml:"title"`
	Items []ChecklistItem `yaml:"items"`
}

// ChecklistItem is one point of a checklist; its key is unique within the checklist.
type ChecklistItem struct {
	Key   string `yaml:"key"`
	Title Text   `yaml:"title"`
}

// Message is a text that is ready to be sent in a case; it may hold the placeholders of the room that sends it.
type Message struct {
	Key      string `yaml:"key"`
	Title    Text   `yaml:"title"`
	Text     Text   `yaml:"text"`
	Kind     string `yaml:"kind"`     // what it is for, one of [MessageKinds]
	Category string `yaml:"category"` // key of the category it is offered for, or empty
}

// Regulation is the text of one regulation.
type Regulation struct {
	ID          string  `yaml:"id"` // the name of its file
	Title       Text    `yaml:"title"`
	Summary     Text    `yaml:"summary"`
	Body        Text    `yaml:"body"`         // who issues and interprets it
	ReviewEvery int     `yaml:"review_every"` // months
	Cover       Cover   `yaml:"cover"`
	Nodes       []*Node `yaml:"nodes"`
	File        string  `yaml:"-"`

	places places
}

// Cover names whom a regulation covers: everyone in the units and below, and the holders of the posts.
type Cover struct {
	Units []string `yaml:"units"`
	Posts []string `yaml:"posts"`
}

// Node is a heading with nodes below it, or, where it has an ID, a clause.
type Node struct {
	ID     string         `yaml:"id"`     // clause id such as r01.3.1, unique over all packs
	Number string         `yaml:"number"` // as printed, for clauses with their own number behind it
	Level  string         `yaml:"level"`  // part, chapter, section, article, paragraph, item or point
	Title  Text           `yaml:"title"`
	Text   Text           `yaml:"text"`
	Post   string         `yaml:"post"`   // the post that answers for the clause
	Params map[string]any `yaml:"params"` // figures of the clause, the facts "param" of its rules
	Note   Text           `yaml:"note"`   // how the product keeps the clause lawful

	Controls []string `yaml:"controls"` // the kinds of control the clause calls for, each one of [Controls]
	Room     string   `yaml:"room"`     // the room of the house whose records can prove the clause, one of [Rooms]
	Nodes    []*Node  `yaml:"nodes"`

	Line, Column int `yaml:"-"`
}

// UnmarshalYAML keeps the position of the node in its file.
func (n *Node) UnmarshalYAML(v *yaml.Node) error {
	type plain Node
	n.Line, n.Column = v.Line, v.Column
	return v.Decode((*plain)(n))
}

// RawBinding is one control of one clause as written; Node is the value of the control's key and keeps its position
// in File.
type RawBinding struct {
	Clause  string
	Control string // one of [Controls]
	Note    Text
	Node    *yaml.Node
	File    string
	Line    int
}

// Clauses returns the clauses of the regulation in printed order.
func (r *Regulation) Clauses() []*Node {
	var out []*Node
	r.Walk(func(n *Node, _ []*Node) {
		if n.ID != "" {
			out = append(out, n)
		}
	})
	return out
}

// Walk visits all nodes in printed order with their ancestors, outermost first; visit must not keep the slice.
func (r *Regulation) Walk(visit func(n *Node, ancestors []*Node)) { walk(r.Nodes, nil, visit) }

func walk(nodes, above []*Node, visit func(*Node, []*Node)) {
	for _, n := range nodes {
		visit(n, above)
		walk(n.Nodes, append(above, n), visit)
	}
}

// Controls returns the names of the controls a binding may hold.
func Controls() []string {
	return []string{
		"guard", "deadline", "duty", "detector", "register", "workflow", "metric", "attest", "acknowledge",
	}
}

// Roles returns the keys of the roles that posts may carry.
func Roles() []string {
	return []string{
		"employee", "clerk", "specialist", "team_leader", "manager", "account_manager", "receptionist",
		"complaint_officer", "partner", "director", "archivist", "auditor", "hr", "administrator", "analyst",
	}
}

// Measures returns the kinds of step a ladder may have, mildest first. A deduction with an amount is of performance pay,
// one with points alone of the rating, one with neither is compensation for damage.
func Measures() []string {
	return []string{"talk", "reminder", "training", "warning", "written_warning", "deduction", "transfer", "dismissal"}
}

// MessageKinds returns what a ready text may be for.
func MessageKinds() []string { return []string{"answer", "reply", "holding", "arrangement", "note"} }

// Rooms returns the rooms of the house that a clause may call for, whether they are built yet or not.
func Rooms() []string {
	return []string{
		"access", "aftersales", "asset", "audit", "campaign", "case", "conduct", "contract", "customer", "hotel", "insight",
		"interaction", "kyc", "meeting", "order", "performance", "project", "receivable", "reception", "regulation", "research",
		"sales", "schedule", "suggestion", "survey", "training", "venue",
	}
}

func levels() []string {
	return []string{"part", "chapter", "section", "article", "paragraph", "item", "point"}
}
