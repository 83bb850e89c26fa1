package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// IntakeForm is a page on which people without an account send something in; its address ends in the key. What it asks
// beside the matter and the sender are questions of the case and, in Extra, custom fields of cases.
type IntakeForm struct {
	record.Head
	Key        string    `rec:"text,required,unique,once,max=40,class=public"`
	Title      string    `rec:"text,required,max=80,name,class=public"`
	TitleEN    string    `rec:"text,max=80,search,class=public"`
	Intro      string    `rec:"longtext,max=1000,class=public"`
	IntroEN    string    `rec:"longtext,max=1000,class=public"`
	Thanks     string    `rec:"longtext,max=1000,class=public"` // shown when the matter was received
	ThanksEN   string    `rec:"longtext,max=1000,class=public"`
	Kind       string    `rec:"enum,required,enum=inquiry|complaint|request|suggestion|praise,default=inquiry"`
	CategoryID record.ID `rec:"ref,ref=case_category"`
	DeskID     record.ID `rec:"unit"` // where its cases go; none leaves it to the category
	Asks       []string  `rec:"multienum,enum=subject|desired_result|complained_name|item|matter_number|occurred_at|files"`
	Musts      []string  `rec:"multienum,enum=subject|desired_result|complained_name|item|matter_number|occurred_at|contact_name|contact_phone|contact_mail"`
	Extra      []string  `rec:"multienum,max=20"` // names of custom fields of cases
	ExtraMusts []string  `rec:"multienum,max=20"` // of Extra: those that must be answered
	Active     bool      `rec:"bool,default=true"`
}

func formType() *record.Type {
	turn := func(on bool) func(context.Context, *record.Call, *IntakeForm, *record.None) error {
		return func(_ context.Context, _ *record.Call, f *IntakeForm, _ *record.None) error {
			if f.Active == on {
				return errs.New(errs.Conflict, "intake_form.as_it_is")
			}
			f.Active = on
			return nil
		}
	}
	return record.Declare[IntakeForm](record.Spec{
		Name: "intake_form", Plural: "intake_forms", Room: "service", Prefix: "IF", Icon: "clipboard-list", Title: "title", Open: true,
		List: []string{"title", "key", "kind", "category_id", "desk_id", "active"}, Prepare: prepareForm,
		Actions: []*record.Action{
			record.Act("switch_off", record.ActionSpec{Icon: "eye-off"}, turn(false)),
			record.Act("switch_on", record.ActionSpec{Icon: "eye"}, turn(true)),
		},
	})
}

// prepareForm checks the key, which is a part of the address, and that the further questions exist on the form.
func prepareForm(_ context.Context, c *record.Call) error {
	f := c.Record.(*IntakeForm)
	if strings.Trim(f.Key, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || strings.HasPrefix(f.Key, "-") {
		return errs.Of("key", "intake_form.key_form")
	}
	for _, q := range f.Musts {
		if !strings.HasPrefix(q, "contact_") && !slices.Contains(f.Asks, q) {
			return errs.Of("musts", "intake_form.not_asked")
		}
	}
	for _, q := range f.ExtraMusts {
		if !slices.Contains(f.Extra, q) {
			return errs.Of("extra_musts", "intake_form.not_asked")
		}
	}
	return nil
}

// Asked reports whether a form asks the question; the general form, nil, asks all but a few.
func (f *IntakeForm) Asked(question string) bool {
	if f == nil {
		return slices.Contains([]string{"desired_result", "complained_name", "files"}, question)
	}
	return slices.Contains(f.Asks, question)
}

// Must reports whether the question must be answered.
func (f *IntakeForm) Must(question string) bool {
	return f != nil && (slices.Contains(f.Musts, question) || slices.Contains(f.ExtraMusts, question))
}

// OpenForms returns the forms that take something in, by title. Scope is that of the system for reading intake_form.
func OpenForms(ctx context.Context, d *db.DB, st *store.Store, scope record.Scope) ([]*IntakeForm, error) {
	return forms(ctx, d, st, scope, record.Where("active", true))
}

// OpenForm returns the form of the key; NotFound where there is none or it is switched off.
func OpenForm(ctx context.Context, d *db.DB, st *store.Store, scope record.Scope, key string) (*IntakeForm, error) {
	list, err := forms(ctx, d, st, scope, record.All(record.Where("active", true), record.Where("key", key)))
	if err == nil && len(list) == 0 {
		err = errs.New(errs.NotFound, "intake_form.none")
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func forms(ctx context.Context, d *db.DB, st *store.Store, scope record.Scope, f record.Filter) ([]*IntakeForm, error) {
	return db.View(ctx, d, func(tx *db.Tx) ([]*IntakeForm, error) {
		page, err := st.List(ctx, tx, st.Types.Type("intake_form"), scope, record.Query{Filter: f, Sort: "title", Limit: 100})
		if err != nil {
			return nil, fmt.Errorf("public forms: %w", err)
		}
		out := make([]*IntakeForm, len(page.Items))
		for i, e := range page.Items {
			out[i] = e.(*IntakeForm)
		}
		return out, nil
	})
}
