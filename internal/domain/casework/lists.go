package casework

import (
	"context"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Category is one entry of the tree by which cases are sorted. RouteUnit is where its cases go; a category without one
// takes that of the category above.
type Category struct {
	record.Head
	Key        string    `rec:"text,required,unique,max=40"`
	Title      string    `rec:"text,required,max=80,name,class=public"`
	TitleEN    string    `rec:"text,max=80,search,class=public"`
	ParentID   record.ID `rec:"ref,ref=case_category"`
	Kinds      []string  `rec:"multienum,enum=inquiry|complaint|request|suggestion|praise|problem"`
	Definition string    `rec:"longtext,max=2000"`
	RouteUnit  record.ID `rec:"unit"`
	ReviewOn   time.Time `rec:"date"`
	Offered    bool      `rec:"bool"` // shown to customers on the public form
}

// Macro is a prepared text with the placeholders {customer}, {number} and {handler}; see [Expand].
type Macro struct {
	record.Head
	Title      string    `rec:"text,required,max=80,name"`
	Kind       string    `rec:"enum,required,enum=answer|reply|holding|arrangement|note,default=answer,index"`
	CategoryID record.ID `rec:"ref,ref=case_category"`
	Body       string    `rec:"longtext,required,max=8000,search"`
	Active     bool      `rec:"bool,default=true"`
}

// Problem is a cause that brings cases again and again.
type Problem struct {
	record.Head
	Title           string    `rec:"text,required,max=200,name"`
	CategoryID      record.ID `rec:"ref,ref=case_category"`
	Item            string    `rec:"text,max=200,search"`
	CauseCode       string    `rec:"text,max=40,index"`
	Cause           string    `rec:"longtext,max=4000"`
	CounterMeasures string    `rec:"longtext,max=4000"`
	DueOn           time.Time `rec:"date"`
	EffectCheckOn   time.Time `rec:"date"`
	EffectResult    string    `rec:"enum,readonly,enum=works|partly|fails|recurred"`
	EffectNote      string    `rec:"text,readonly"`
	State           string    `rec:"state,enum=open|measures|solved,default=open"`
	CaseCount       int64     `rec:"number,readonly"`
	LastSeenAt      time.Time `rec:"time,readonly"`
	RecurrenceCount int64     `rec:"number,readonly"`
}

// Volume is the yearly dossier of closed cases.
type Volume struct {
	record.Head
	Year     int64     `rec:"number,required,unique,once,min=1990,top=2200"`
	Title    string    `rec:"text,max=120"`
	State    string    `rec:"state,enum=open|closed,default=open"`
	Shelf    string    `rec:"text,max=80"`
	ClosedAt time.Time `rec:"time,readonly"`
	ClosedBy record.ID `rec:"user,readonly"`
	Note     string    `rec:"text,readonly,max=500"`
}

// PracticeArea is a field of the trade with the partner who supervises it.
type PracticeArea struct {
	record.Head
	Title     string    `rec:"text,required,max=80,name,class=public"`
	PartnerID record.ID `rec:"user,required"`
	Active    bool      `rec:"bool,default=true"`
}

// Channel is one way customers reach the company.
type Channel struct {
	record.Head
	Title         string    `rec:"text,required,max=80,name,class=public"`
	Kind          string    `rec:"enum,required,enum=phone|desk|mail|letter|web_form|online|wechat|survey|authority|other,index"`
	Address       string    `rec:"text,max=200"`
	ResponsibleID record.ID `rec:"user"`
	OpeningHours  string    `rec:"text,max=120"`
	NoticeText    string    `rec:"longtext,max=2000"`
	Active        bool      `rec:"bool,default=true"`
	TestedAt      time.Time `rec:"time,readonly"`
	TestWorked    bool      `rec:"bool,readonly"`
}

// Article is checked knowledge that answers may rest on.
type Article struct {
	record.Head
	Title      string    `rec:"text,required,max=200,name"`
	Body       string    `rec:"longtext,required,max=20000,search"`
	CategoryID record.ID `rec:"ref,ref=case_category"`
	Basis      string    `rec:"text,max=400"` // law, contract or product sheet it rests on
	Edition    int64     `rec:"number,readonly"`
	ReviewOn   time.Time `rec:"date,index"` // from this day on it may not be cited unless reviewed
	State      string    `rec:"state,enum=draft|in_force|retired,default=draft"`
	ApprovedBy record.ID `rec:"user,readonly"`
	ApprovedAt time.Time `rec:"time,readonly"`
}

// Citable reports whether an answer may rest on the article at now.
func (a *Article) Citable(now time.Time) bool {
	return a.State == "in_force" && (a.ReviewOn.IsZero() || now.Before(a.ReviewOn.Add(24*time.Hour)))
}

func listTypes() []*record.Type {
	return []*record.Type{
		formType(),
		record.Declare[Category](record.Spec{
			Name: "case_category", Plural: "case_categories", Room: "service", Prefix: "CG", Icon: "category", Title: "title", Open: true,
			List: []string{"title", "key", "parent_id", "kinds", "route_unit", "offered"}, Prepare: noCycle,
		}),
		record.Declare[Macro](record.Spec{
			Name: "case_macro", Plural: "case_macros", Room: "service", Prefix: "MA", Icon: "template", Title: "title", Open: true,
			List: []string{"title", "kind", "category_id", "active"},
		}),
		record.Declare[Problem](record.Spec{
			Name: "case_problem", Plural: "case_problems", Room: "service", Prefix: "PB", Icon: "bug", Title: "title",
			List: []string{"number", "title", "category_id", "owner_id", "case_count", "state"}, Actions: problemActions(),
		}),
		record.Declare[Volume](record.Spec{
			Name: "case_volume", Plural: "case_volumes", Room: "service", Prefix: "VO", Icon: "books", Title: "title",
			List: []string{"year", "title", "state", "shelf", "closed_at"}, Actions: volumeActions(),
			Without: []string{record.Archive, record.Restore},
		}),
		record.Declare[PracticeArea](record.Spec{
			Name: "practice_area", Plural: "practice_areas", Room: "service", Prefix: "PA", Icon: "briefcase", Title: "title", Open: true,
			List: []string{"title", "partner_id", "active"},
		}),
		record.Declare[Channel](record.Spec{
			Name: "case_channel", Plural: "case_channels", Room: "service", Prefix: "CH", Icon: "antenna", Title: "title", Open: true,
			List: []string{"title", "kind", "address", "responsible_id", "opening_hours", "active", "tested_at"}, Actions: channelActions(),
		}),
		record.Declare[Article](record.Spec{
			Name: "knowledge_article", Plural: "knowledge_articles", Room: "service", Prefix: "KA", Icon: "book", Title: "title", Open: true,
			List: []string{"title", "category_id", "edition", "review_on", "state"}, Actions: articleActions(), Prepare: prepareArticle,
		}),
	}
}

func noCycle(ctx context.Context, c *record.Call) error {
	g := c.Record.(*Category)
	seen := map[record.ID]bool{g.ID: g.ID != 0}
	for id := g.ParentID; id != 0; {
		if seen[id] {
			return errs.Of("parent_id", "case_category.cycle")
		}
		seen[id] = true
		parent, err := record.Load[Category](ctx, c, "case_category", id)
		if err != nil {
			return errs.Of("parent_id", "field.unknown_ref").Because(err)
		}
		id = parent.ParentID
	}
	return nil
}

// routeUnit returns the unit that cases of the category go to: its own or the nearest above; none where nobody is named.
func routeUnit(ctx context.Context, c *record.Call, category record.ID) (record.ID, error) {
	for range 20 {
		if category == 0 {
			return 0, nil
		}
		g, err := record.Load[Category](ctx, c, "case_category", category)
		if err != nil {
			return 0, errs.Of("category_id", "field.unknown_ref").Because(err)
		}
		if g.RouteUnit != 0 {
			return g.RouteUnit, nil
		}
		category = g.ParentID
	}
	return 0, nil
}

func problemActions() []*record.Action {
	return []*record.Action{
		record.Act("start_measures", record.ActionSpec{From: []string{"open"}, To: "measures", Primary: true, Icon: "tool"}, func(_ context.Context, _ *record.Call, p *Problem, in *struct {
			CounterMeasures string    `rec:"longtext,required,max=4000"`
			EffectCheckOn   time.Time `rec:"date"`
		}) error {
			p.CounterMeasures = in.CounterMeasures
			if !in.EffectCheckOn.IsZero() {
				p.EffectCheckOn = in.EffectCheckOn
			}
			return nil
		}),
		record.Act("check_effect", record.ActionSpec{From: []string{"measures", "solved"}, Primary: true, Icon: "target"}, func(_ context.Context, _ *record.Call, p *Problem, in *struct {
			EffectResult string `rec:"enum,required,enum=works|partly|fails"`
			EffectNote   string `rec:"text"`
		}) error {
			p.EffectResult, p.EffectNote = in.EffectResult, in.EffectNote
			if p.State = "measures"; in.EffectResult == "works" {
				p.State = "solved"
			}
			return nil
		}),
		record.Act("reopen", record.ActionSpec{From: []string{"measures", "solved"}, To: "open", Icon: "lock-open"}, func(context.Context, *record.Call, *Problem, *Reasoned) error { return nil }),
	}
}

func channelActions() []*record.Action {
	return []*record.Action{
		record.Act("test", record.ActionSpec{Primary: true, Icon: "test-pipe"}, func(_ context.Context, c *record.Call, h *Channel, in *struct {
			Worked bool `rec:"bool"`
		}) error {
			h.TestedAt, h.TestWorked = c.Now, in.Worked
			return nil
		}),
	}
}

func articleActions() []*record.Action {
	return []*record.Action{
		record.Act("approve", record.ActionSpec{From: []string{"draft", "in_force"}, To: "in_force", Primary: true, Icon: "check"}, func(_ context.Context, c *record.Call, a *Article, in *struct {
			ReviewOn time.Time `rec:"date"`
		}) error {
			a.Edition++
			a.ApprovedBy, a.ApprovedAt = c.Actor().UserID, c.Now
			if !in.ReviewOn.IsZero() {
				a.ReviewOn = in.ReviewOn
			}
			return nil
		}),
		record.Act("retire", record.ActionSpec{From: []string{"draft", "in_force"}, To: "retired", Icon: "archive"}, func(context.Context, *record.Call, *Article, *record.None) error { return nil }),
	}
}

// prepareArticle takes a changed text out of force until somebody approves it again.
func prepareArticle(_ context.Context, c *record.Call) error {
	a := c.Record.(*Article)
	before, ok := c.Before.(*Article)
	if ok && c.Action.Name == record.Update && before.State == "in_force" && (a.Body != before.Body || a.Title != before.Title) {
		a.State = "draft"
	}
	return nil
}
