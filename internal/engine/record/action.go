package record

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// Action is one thing people do to a record. From it follow the button, its form, the path in the API, the permission,
// the audit verb and the event "<type>.<name>".
type Action struct {
	Name    string
	From    []string // states in which it is offered; empty means any
	To      string   // state it leads to; empty leaves it to Do
	Input   []*Field
	General bool // exists for every type
	Bulk    bool // offered for a selection in lists
	Danger  bool // asked for once more
	Primary bool // shown as a button of its own, not in the menu
	Icon    string

	newInput func() any
	do       func(ctx context.Context, c *Call) error
}

// ActionSpec is what [Act] needs beside input and function.
type ActionSpec struct {
	From                  []string
	To                    string
	Bulk, Danger, Primary bool
	Icon                  string
}

// None is the input of an action that asks for nothing.
type None struct{}

// Act declares an action on T with input In. The function changes the record; it runs inside the transaction, after
// permission, input and state were checked. Then the regulation judges the record as it would be written, it is
// validated and written; a refusal rolls back whatever the function brought about.
func Act[T any, In any](name string, s ActionSpec, do func(ctx context.Context, c *Call, rec *T, in *In) error) *Action {
	a := &Action{
		Name: name, From: s.From, To: s.To, Bulk: s.Bulk, Danger: s.Danger, Primary: s.Primary, Icon: s.Icon,
		newInput: func() any { return new(In) },
	}
	if typ := reflect.TypeFor[In](); typ.NumField() > 0 {
		fields, err := readFields(typ)
		if err != nil {
			panic(fmt.Sprintf("action %s: %v", name, err))
		}
		a.Input = fields
	}
	if do != nil {
		a.do = func(ctx context.Context, c *Call) error {
			rec, ok := c.Record.(any).(*T)
			if !ok {
				return fmt.Errorf("action %s: record is %T", name, c.Record)
			}
			return do(ctx, c, rec, c.Input.(*In))
		}
	}
	return a
}

// Run calls the action's function; general actions have none.
func (a *Action) Run(ctx context.Context, c *Call) error {
	if a.do == nil {
		return nil
	}
	return a.do(ctx, c)
}

// Allowed reports whether the state lets the action begin.
func (a *Action) Allowed(state string) bool {
	return len(a.From) == 0 || slices.Contains(a.From, state)
}

// NewInput returns an empty input with its defaults.
func (a *Action) NewInput() any {
	if a.newInput == nil {
		return &None{}
	}
	in := a.newInput()
	for _, f := range a.Input {
		if f.Default != "" {
			if v, err := f.Parse(f.Default); err == nil {
				f.Set(in, v)
			}
		}
	}
	return in
}

// General action names.
const (
	Create  = "create"
	Read    = "read"
	Update  = "update"
	Archive = "archive"
	Restore = "restore"
	Assign  = "assign"
	Comment = "comment"
	Attach  = "attach"
	Reveal  = "reveal"
	Export  = "export"
	Import  = "import"
	Merge   = "merge"
	Unmerge = "unmerge" // name under which history and events show that a merge was taken back; permitted by merge
)

// Handover is the input of assign.
type Handover struct {
	OwnerID ID     `rec:"user"`
	UnitID  ID     `rec:"unit"`
	Reason  string `rec:"text"`
}

// Remark is what a clause sees of a comment.
type Remark struct {
	Text string `rec:"longtext"`
}

// Attachment is what a clause sees of a file put to a record.
type Attachment struct {
	Name  string `rec:"text"`
	Media string `rec:"text"`   // media type as told by the content
	Size  int64  `rec:"number"` // bytes
}

// Disclosure is what a clause sees of a reveal.
type Disclosure struct {
	Fields string `rec:"text"` // names of the fields shown in clear, in order of the alphabet, with commas
	Reason string `rec:"text"`
	Today  int64  `rec:"number"` // reveals of the person on this day so far, this one included
}

// Extract is what a clause sees of an export.
type Extract struct {
	Purpose    string `rec:"text"`
	Count      int64  `rec:"number"` // rows, up to CountCap and one
	ApprovalID string `rec:"text"`   // approved export that covers it; empty for none
}

// Merging is what a clause sees of a merge. It is asked about every record that takes part, the survivor last.
type Merging struct {
	Part   string `rec:"enum,enum=survivor|merged"` // what becomes of the record asked about
	Others int64  `rec:"number"`                    // records that are merged into the survivor
	Reason string `rec:"text,max=200"`
}

// generalActions are those every type has. Read, reveal, export, import, comment and attach have no body here: they are
// permissions and events of other services, which call [Action.Run] of none of them.
func generalActions(t *Type) []*Action {
	all := []*Action{
		{Name: Create, General: true, Icon: "plus"},
		{Name: Update, General: true, Icon: "edit"},
		{Name: Archive, General: true, Bulk: true, Danger: true, Icon: "archive", do: func(_ context.Context, c *Call) error {
			if c.Record.HeadOf().Archived() {
				return errs.New(errs.Conflict, "record.already_archived")
			}
			c.Record.HeadOf().ArchivedAt = c.Now
			return nil
		}},
		{Name: Restore, General: true, Icon: "archive-off", do: func(_ context.Context, c *Call) error {
			c.Record.HeadOf().ArchivedAt = time.Time{}
			return nil
		}},
		{Name: Read, General: true},
		general(Comment, ActionSpec{}, idle[Remark]), general(Attach, ActionSpec{}, idle[Attachment]), general(Reveal, ActionSpec{}, idle[Disclosure]),
		general(Export, ActionSpec{}, idle[Extract]),
		{Name: Import, General: true, Icon: "file-import"},
	}
	assign := general(Assign, ActionSpec{Bulk: true, Icon: "user-share"}, idle[Handover])
	assign.do = handOver
	all = append(all, assign)
	if t.Merges {
		all = append(all, general(Merge, ActionSpec{Bulk: true, Icon: "git-merge"}, idle[Merging]))
	}
	return slices.DeleteFunc(all, func(a *Action) bool {
		return slices.Contains(t.Without, a.Name) || a.Name == Import && slices.Contains(t.Without, Create)
	})
}

func general[In any](name string, s ActionSpec, do func(context.Context, *Call, *struct{}, *In) error) *Action {
	a := Act(name, s, do)
	a.General = true
	return a
}

func idle[In any](context.Context, *Call, *struct{}, *In) error { return nil }

// handOver gives the record to another person, another unit, or with neither named back to the pool.
func handOver(_ context.Context, c *Call) error {
	in, h := c.Input.(*Handover), c.Record.HeadOf()
	if in.OwnerID == 0 && in.UnitID == 0 {
		h.OwnerID = 0
		return nil
	}
	if in.OwnerID != 0 {
		h.OwnerID = in.OwnerID
	}
	if in.UnitID != 0 {
		h.UnitID = in.UnitID
	}
	return nil
}

// Call is one running action. It lives as long as its transaction.
type Call struct {
	Tx     *db.Tx
	Scope  Scope
	Type   *Type
	Action *Action
	Record Entity // as it will be written; new on create
	Before Entity // as it was; nil on create
	Input  any    // pointer to the action's input struct
	Values map[string]any
	Now    time.Time
	Work   Work
	Memo   map[any]any // what a gate keeps between Before and After, by a key of its own; may be nil
}

// Actor returns who acts.
func (c *Call) Actor() Actor { return c.Scope.Actor }

// Event returns the name of the event, such as "case.close".
func (c *Call) Event() string { return c.Type.Name + "." + c.Action.Name }

// Work is what an action may bring about beyond its own record, all in its transaction. The actor's permission for the
// action covers these consequences; audit and history name him.
type Work interface {
	// Insert writes a new record of another type.
	Insert(ctx context.Context, c *Call, typ string, e Entity) error
	// Save writes a changed record of another type under the name of an action; it emits "<type>.<action>".
	Save(ctx context.Context, c *Call, typ, action string, e Entity) error
	// Load returns a record by id; NotFound where there is none.
	Load(ctx context.Context, c *Call, typ string, id ID) (Entity, error)
	// Find returns at most limit records that meet the filter, oldest first.
	Find(ctx context.Context, c *Call, typ string, f Filter, limit int) ([]Entity, error)
}

// Find is [Work.Find] with the records' own type.
func Find[T any](ctx context.Context, c *Call, typ string, f Filter, limit int) ([]*T, error) {
	list, err := c.Work.Find(ctx, c, typ, f, limit)
	if err != nil {
		return nil, err
	}
	out := make([]*T, len(list))
	for i, e := range list {
		rec, ok := e.(any).(*T)
		if !ok {
			return nil, fmt.Errorf("find %s: record is %T", typ, e)
		}
		out[i] = rec
	}
	return out, nil
}

// Load is [Work.Load] with the record's own type.
func Load[T any](ctx context.Context, c *Call, typ string, id ID) (*T, error) {
	e, err := c.Work.Load(ctx, c, typ, id)
	if err != nil {
		return nil, err
	}
	rec, ok := e.(any).(*T)
	if !ok {
		return nil, fmt.Errorf("load %s: record is %T", typ, e)
	}
	return rec, nil
}

// Gate is asked by every action. The regulation engine is one.
type Gate interface {
	// Before may refuse the action. It runs in the transaction when Record already is as it would be written.
	Before(ctx context.Context, c *Call) error
	// After runs in the transaction when the record has been written; clocks start and stop here.
	After(ctx context.Context, c *Call) error
}

// Aftermath is an error of a [Gate] that has something to keep although the action's transaction is rolled back, such
// as the outcome that a clause refused it. Keep is called after the rollback, outside any transaction.
type Aftermath interface {
	error
	Keep(ctx context.Context) error
}
