package customer

import (
	"context"
	"slices"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// Contact is a person at the customer. Its owner follows the owner of the customer.
type Contact struct {
	record.Head
	CustomerID        record.ID  `rec:"ref,ref=customer,parent,required,once"`
	Name              string     `rec:"text,required,max=80,name"`
	Post              string     `rec:"text,max=80"`
	Department        string     `rec:"text,max=80"`
	DecisionRole      string     `rec:"enum,enum=decider|influencer|user|finance|gatekeeper|other"`
	Main              bool       `rec:"bool"`
	Mobile            string     `rec:"phone,class=personal,index,search"`
	Phone             string     `rec:"phone,class=personal,search"`
	Mail              string     `rec:"email,class=personal,index,search"`
	Wechat            string     `rec:"text,class=personal,max=60"`
	Birthday          *time.Time `rec:"date,class=personal"`
	PreferredChannels []string   `rec:"multienum,enum=call|mail|sms|wechat|visit|letter"`
	OptedOut          []string   `rec:"multienum,enum=call|mail|sms|wechat|visit|letter"`
	MailDoubtful      bool       `rec:"bool,readonly"`
	PhoneDoubtful     bool       `rec:"bool,readonly"`
	DoubtNote         string     `rec:"text,readonly"`
	Remarks           string     `rec:"longtext,max=2000"`
}

// Need is one thing a customer said to want.
type Need struct {
	record.Head
	CustomerID record.ID  `rec:"ref,ref=customer,parent,required,once"`
	NotedOn    *time.Time `rec:"date"`
	Product    string     `rec:"text,max=100,search"`
	Content    string     `rec:"longtext,required,max=4000,search"`
	Urgency    string     `rec:"enum,enum=low|normal|high,default=normal"`
	Status     string     `rec:"state,enum=open|met|dropped,default=open"`
	Outcome    string     `rec:"text,readonly"`
}

// The kinds of transactions that make turnover.
const (
	Payment = "payment"
	Refund  = "refund"
)

// Transaction is a contract, an order or a payment of the customer, entered here or by the rooms that keep them.
type Transaction struct {
	record.Head
	CustomerID record.ID  `rec:"ref,ref=customer,parent,required,once"`
	Kind       string     `rec:"enum,required,once,enum=contract|order|payment|refund"`
	DocNumber  string     `rec:"text,max=60,search,index"`
	DatedOn    *time.Time `rec:"date,required,index"`
	Amount     *int64     `rec:"money,min=0"`
	AboutType  string     `rec:"text,max=40"` // type and id of the document, where the program keeps it
	AboutID    string     `rec:"text,max=20,index"`
	Remarks    string     `rec:"longtext,max=1000"`
	// whether what was ordered suits the customer, as assessed before the order
	Suitability string `rec:"enum,enum=suitable|unsuitable|not_needed"`
	SuitedWhy   string `rec:"text,max=400"`
}

// SourceEntry says through which channel the customer or a fact of it came in; there may be many for one customer.
type SourceEntry struct {
	record.Head
	CustomerID record.ID `rec:"ref,ref=customer,parent,required,once"`
	Channel    string    `rec:"enum,required,once,enum=phone|mail|visit|web_form|event|survey|import|referral|social|order|public_register|other,index"`
	EnteredAt  time.Time `rec:"time,required,once"`
	EnteredBy  record.ID `rec:"user,once"`
	Remarks    string    `rec:"text,max=200"`
}

// Classification is one decision about the classes of a customer. It is written by the room and never changed.
type Classification struct {
	record.Head
	CustomerID    record.ID `rec:"ref,ref=customer,parent,required,readonly"`
	OldIntent     string    `rec:"enum,readonly,enum=priority|ordinary|potential"`
	NewIntent     string    `rec:"enum,readonly,enum=priority|ordinary|potential"`
	OldScale      string    `rec:"enum,readonly,enum=large|medium|small"`
	NewScale      string    `rec:"enum,readonly,enum=large|medium|small"`
	OldGrade      string    `rec:"enum,readonly,enum=a|b|c|d"`
	NewGrade      string    `rec:"enum,readonly,enum=a|b|c|d"`
	ProposedScale string    `rec:"enum,readonly,enum=large|medium|small"`
	Reason        string    `rec:"longtext,readonly,max=1000"`
	DecidedBy     record.ID `rec:"user,readonly"`
	DecidedAt     time.Time `rec:"time,readonly,required"`
}

// Preference is something the customer likes, shown to those who serve; it is not for use where personalisation is
// switched off.
type Preference struct {
	record.Head
	CustomerID record.ID `rec:"ref,ref=customer,parent,required,once"`
	Topic      string    `rec:"text,required,max=80"`
	Content    string    `rec:"longtext,required,max=1000,search"`
	Source     string    `rec:"enum,required,enum=told|observed|survey"`
	LastUsedAt time.Time `rec:"time,readonly"`
	UsedFor    string    `rec:"text,readonly"`
}

// Outcome is the input of actions that end a need.
type Outcome struct {
	Outcome string `rec:"text,required,max=200"`
}

// UseOf is the input of the use of a preference.
type UseOf struct {
	UsedFor string `rec:"text,required,max=200"`
}

func (r room) parts() []*record.Type {
	return []*record.Type{
		record.Declare[Contact](record.Spec{
			Name: "contact", Plural: "contacts", Room: "customer", Prefix: "CT", Icon: "address-book", Title: "name",
			List:    []string{"name", "customer_id", "post", "decision_role", "mobile", "mail"},
			Actions: []*record.Action{record.Act("flag", flagSpec(), flagContact), record.Act("clear_flag", clearSpec(), clearContact)},
			Prepare: r.prepareContact, Settled: r.settleContact, Without: []string{record.Assign},
		}),
		record.Declare[Need](record.Spec{
			Name: "need", Plural: "needs", Room: "customer", Prefix: "ND", Icon: "bulb", Title: "content",
			List: []string{"content", "customer_id", "product", "urgency", "status", "noted_on"},
			Actions: []*record.Action{
				record.Act("meet", record.ActionSpec{From: []string{"open"}, To: "met", Primary: true, Icon: "check"}, endNeed),
				record.Act("drop", record.ActionSpec{From: []string{"open"}, To: "dropped", Icon: "x"}, endNeed),
			},
			Prepare: datedNeed, Settled: countNeed,
		}),
		record.Declare[Transaction](record.Spec{
			Name: "transaction", Plural: "transactions", Room: "customer", Prefix: "TX", Icon: "receipt", Title: "doc_number",
			List: []string{"doc_number", "customer_id", "kind", "amount", "dated_on"}, Settled: countTransaction,
		}),
		record.Declare[SourceEntry](record.Spec{
			Name: "source_entry", Plural: "source_entries", Room: "customer", Prefix: "SE", Icon: "door-enter", Title: "channel",
			List: []string{"channel", "customer_id", "entered_at", "entered_by"}, Prepare: datedEntry,
		}),
		record.Declare[Classification](record.Spec{
			Name: "classification", Plural: "classifications", Room: "customer", Prefix: "CL", Icon: "category", Title: "reason",
			List:    []string{"customer_id", "new_intent", "new_scale", "new_grade", "reason", "decided_by", "decided_at"},
			Without: []string{record.Update, record.Archive, record.Restore, record.Assign},
		}),
		record.Declare[Preference](record.Spec{
			Name: "preference", Plural: "preferences", Room: "customer", Prefix: "PF", Icon: "heart", Title: "topic",
			List:    []string{"topic", "customer_id", "content", "source", "last_used_at"},
			Actions: []*record.Action{record.Act("use", record.ActionSpec{Primary: true, Icon: "hand-click"}, usePreference)},
		}),
	}
}

func endNeed(_ context.Context, _ *record.Call, n *Need, in *Outcome) error {
	n.Outcome = in.Outcome
	return nil
}

func datedNeed(_ context.Context, c *record.Call) error {
	if n := c.Record.(*Need); n.NotedOn == nil {
		n.NotedOn = today(c.Now)
	}
	return nil
}

func datedEntry(_ context.Context, c *record.Call) error {
	e := c.Record.(*SourceEntry)
	if e.EnteredAt.IsZero() {
		e.EnteredAt = c.Now
	}
	if e.EnteredBy == 0 && c.Before == nil {
		e.EnteredBy = c.Actor().UserID
	}
	return nil
}

// usePreference logs the use of a preference and refuses it where the customer wants no personalisation (PIPL art. 24).
func usePreference(ctx context.Context, c *record.Call, p *Preference, in *UseOf) error {
	cust, err := record.Load[Customer](ctx, c, "customer", p.CustomerID)
	if err != nil {
		return err
	}
	if cust.NoProfiling {
		return errs.New(errs.Conflict, "preference.no_profiling")
	}
	p.LastUsedAt, p.UsedFor = c.Now, in.UsedFor
	return nil
}

// countNeed keeps the counters of the customer.
func countNeed(ctx context.Context, c *record.Call) error {
	n := c.Record.(*Need)
	diff := lives(c.Record) - lives(c.Before)
	fresh := c.Before == nil && n.NotedOn != nil
	if diff == 0 && !fresh {
		return nil
	}
	return counted(ctx, c, n.CustomerID, func(cust *Customer) {
		cust.NeedsCount = max(0, cust.NeedsCount+diff)
		if fresh {
			cust.LastNeedOn = later(cust.LastNeedOn, n.NotedOn)
		}
	})
}

// countTransaction keeps the counters and the turnover of the customer.
func countTransaction(ctx context.Context, c *record.Call) error {
	now := c.Record.(*Transaction)
	var was int64
	if c.Before != nil {
		was = c.Before.(*Transaction).turnover()
	}
	count, sum := lives(c.Record)-lives(c.Before), now.turnover()-was
	if count == 0 && sum == 0 {
		return nil
	}
	return counted(ctx, c, now.CustomerID, func(cust *Customer) {
		cust.TransactionsCount = max(0, cust.TransactionsCount+count)
		cust.Turnover += sum
		cust.LastTransactionOn = later(cust.LastTransactionOn, now.DatedOn)
	})
}

// turnover is what the transaction adds to the turnover, in fen; archived ones add nothing.
func (t *Transaction) turnover() int64 {
	switch {
	case t.Archived() || t.Amount == nil:
		return 0
	case t.Kind == Payment:
		return *t.Amount
	case t.Kind == Refund:
		return -*t.Amount
	}
	return 0
}

// lives is 1 for a record that is there and not archived.
func lives(e record.Entity) int64 {
	if e == nil || e.HeadOf().Archived() {
		return 0
	}
	return 1
}

// counted changes counters of the customer under the event customer.counted.
func counted(ctx context.Context, c *record.Call, id record.ID, change func(*Customer)) error {
	cust, err := record.Load[Customer](ctx, c, "customer", id)
	if err != nil {
		return err
	}
	change(cust)
	return c.Work.Save(ctx, c, "customer", "counted", cust)
}

// has reports whether the list names the word.
func has(list []string, word string) bool { return slices.Contains(list, word) }
