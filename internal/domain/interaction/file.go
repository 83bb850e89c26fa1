package interaction

import (
	"context"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

// File is the input of open_file: what the file of an unknown caller begins with. Only what the contact needs is taken.
type File struct {
	Name       string `rec:"text,max=80,class=personal"` // empty: the name the caller gave
	LegalBasis string `rec:"enum,required,enum=consent|contract|statute,default=consent"`
}

// openFile links the contact with the customer of the caller's number, or with a new file of that person.
func (r room) openFile(ctx context.Context, c *record.Call, i *Interaction, in *File) error {
	name := in.Name
	if name == "" {
		name = i.CallerName
	}
	switch {
	case i.CustomerID != 0:
		return errs.New(errs.Conflict, "interaction.has_file")
	case i.CallerNumber == "":
		return errs.Of("caller_number", "interaction.file_without_number")
	case name == "":
		return errs.Of("name", "interaction.file_without_name")
	}
	for _, field := range []string{"mobile", "phone"} {
		known, err := c.Work.Find(ctx, c, "customer", record.Where(field, i.CallerNumber), 1)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			i.CustomerID = known[0].HeadOf().ID
			return nil
		}
	}
	t := r.reg.Type("customer")
	e := t.New()
	put(t, e, map[string]any{
		"name": name, "kind": "person", numberField(i.CallerNumber): i.CallerNumber, "source": cameBy(i.Channel), "legal_basis": in.LegalBasis,
		"source_note": i.Number,
	})
	e.HeadOf().OwnerID, e.HeadOf().UnitID = i.OwnerID, i.UnitID
	if err := c.Work.Insert(ctx, c, "customer", e); err != nil {
		return err
	}
	i.CustomerID = e.HeadOf().ID
	return nil
}

// numberField is the field of a customer for a number in E.164 form: mobile numbers of China begin with +861.
func numberField(number string) string {
	if strings.HasPrefix(number, "+861") && len(number) == len("+8613800138000") {
		return "mobile"
	}
	return "phone"
}

// cameBy is the source of a customer who came by the channel.
func cameBy(channel string) string {
	switch channel {
	case Call:
		return "phone"
	case Mail, Visit:
		return channel
	case Wechat, "online":
		return "social"
	}
	return "other"
}
