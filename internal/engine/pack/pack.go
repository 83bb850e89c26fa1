// Package pack loads and checks industry packs: data that makes Dianke fit a trade.
//
// A pack is a folder with pack.yaml (units, posts, calendars, case categories, urgencies), regulations/<id>.yaml (the
// clauses in Chinese and English with their responsible posts and figures) and, where controls are bound,
// bindings/<id>.yaml; samples.yaml holds a made-up company of the trade. [Load] refuses what it does not know, with file, line and column; [Check] finds what does not
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
	Forms      []Form      `yaml:"forms"`

	Sample      *Sample       `yaml:"-"` // nil for none
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

// Form is a page on which people without an account send something in. It always asks what the matter is and how the
// sender is reached; Ask adds questions of the case, Fields adds questions of the trade.
type Form struct {
	Key      string      `yaml:"key"` // last part of its address
	Title    Text        `yaml:"title"`
	Lead     Text        `yaml:"lead"`     // what the page says first
	Thanks   Text        `yaml:"thanks"`   // what it says when the matter was received
	Kind     string      `yaml:"kind"`     // of the case it makes
	Category string      `yaml:"category"` // key of the category of that case, or empty
	Unit     string      `yaml:"unit"`     // whose desk it comes to; empty leaves it to the category
	Ask      []string    `yaml:"ask"`      // of [Questions]
	Must     []string    `yaml:"must"`     // of Ask and [Contacts]: those that must be answered
	Fields   []FormField `yaml:"fields"`
}

// FormField is a question of a trade. It becomes a custom field of cases.
type FormField struct {
	Name     string `yaml:"name"` // unique over all packs unless the questions are the same
	Label    Text   `yaml:"label"`
	Kind     string `yaml:"kind"` // as custom fields have it
	Options  []Text `yaml:"options"`
	Required bool   `yaml:"required"` // on the form; the case itself does without
	Personal bool   `yaml:"personal"` // masked like other personal data
}

// Questions returns what a form may ask beside the matter itself and the sender.
func Questions() []string {
	return []string{"subject", "desired_result", "complained_name", "item", "matter_number", "occurred_at", "files"}
}

// Contacts returns how the sender of a form may be reached; one of telephone and mail is always asked for.
func Contacts() []string { return []string{"contact_name", "contact_phone", "contact_mail"} }

// FormKinds returns the kinds of case a form may make.
func FormKinds() []string { return []string{"inquiry", "complaint", "request", "suggestion", "praise"} }

// Regulation is the text of one regulation.
type Regulation struct {
	ID          string     `yaml:"id"` // the name of its file
	Title       Text       `yaml:"title"`
	Summary     Text       `yaml:"summary"`
	Body        Text       `yaml:"body"`         // who issues and interprets it
	ReviewEvery int        `yaml:"review_every"` // months
	Cover       Cover      `yaml:"cover"`
	Governance  Governance `yaml:"governance"`
	Nodes       []*Node    `yaml:"nodes"`
	File        string     `yaml:"-"`

	places places
}

// Governance says who decides about a regulation. Posts are named by key.
type Governance struct {
	Rank         string   `yaml:"rank"`         // one of [Ranks]; empty means company
	Accountable  string   `yaml:"accountable"`  // the post that answers for the whole
	Approvers    []string `yaml:"approvers"`    // posts that approve a version; none means one approval is enough
	Quorum       int      `yaml:"quorum"`       // approvals needed of them; 0 means all
	Interpreters []string `yaml:"interpreters"` // posts that interpret it; none leaves it to the permissions
	FinalBody    []string `yaml:"final_body"`   // posts whose interpretation is final
}

// Ranks returns the ranks of regulations, highest first. Law is no company's to make.
func Ranks() []string { return []string{"company", "department", "team"} }

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
