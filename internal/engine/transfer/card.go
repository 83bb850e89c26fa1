package transfer

import (
	"context"
	"strings"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// HasCard reports whether records of the type can be had as an address card: they have a name and a way to reach them.
func HasCard(t *record.Type) bool {
	reach := false
	for _, name := range []string{"mobile", "phone", "mail"} {
		reach = reach || t.Field(name) != nil
	}
	return reach && t.Field("name") != nil && t.Action(record.Export) != nil
}

// Card writes one record as a vCard 3.0 (RFC 2426), which address books of all makes read. It needs the permission to
// export; what is masked for the actor is left out. It is one entry of the audit log.
func (d *Desk) Card(ctx context.Context, records *access.Records, a access.Actor, typ string, id record.ID) ([]byte, error) {
	t, err := d.typ(typ)
	if err != nil || !HasCard(t) {
		return nil, errs.New(errs.NotFound, "record.unknown_action").With("action", record.Export)
	}
	sheet, err := records.Read(ctx, a, t.Name, id)
	if err != nil {
		return nil, err
	}
	if !sheet.MayAlso[record.Export] {
		return nil, errs.New(errs.Forbidden, "access.denied").With("type", t.Name).With("action", record.Export)
	}
	get := func(name string) string {
		c, ok := sheet.Cell(name)
		if !ok || c.Masked {
			return ""
		}
		return c.Text
	}
	org := get("name")
	if c, ok := sheet.Cell("customer_id"); ok {
		of, _ := c.Value.(record.ID)
		names, err := records.Titles(ctx, a, "customer", []record.ID{of})
		if err != nil {
			return nil, err
		}
		org = names[of].Title
	} else if get("kind") == "person" {
		org = ""
	}
	err = db.Do(ctx, d.DB, func(tx *db.Tx) error {
		scope, err := d.authorize(ctx, tx, a, t.Name, record.Export)
		if err != nil {
			return err
		}
		return d.Store.Log(ctx, tx, scope, t.Name+"."+record.Export, id, map[string]any{"format": "vcard", "count": 1})
	})
	if err != nil {
		return nil, err
	}
	return cardOf(get, org, id), nil
}

func cardOf(get func(string) string, org string, id record.ID) []byte {
	var w lines
	w.line("BEGIN:VCARD")
	w.line("VERSION:3.0")
	name := get("name")
	w.line("FN:" + escapeText(name))
	w.line("N:" + escapeText(name) + ";;;;")
	for _, p := range [][2]string{
		{"ORG:", org}, {"TITLE:", get("post")}, {"TEL;TYPE=CELL:", get("mobile")}, {"TEL;TYPE=WORK,VOICE:", get("phone")}, {"EMAIL;TYPE=INTERNET:", get("mail")},
		{"URL:", get("website")}, {"BDAY:", get("birthday")}, {"NOTE:", get("remarks")},
	} {
		if p[1] != "" {
			w.line(p[0] + escapeText(p[1]))
		}
	}
	for kind, field := range map[string]string{"ADR;TYPE=WORK:;;": "address"} {
		if v := get(field); v != "" {
			w.line(kind + escapeText(strings.TrimLeft(v, "0123456789 ")) + ";;;;")
		}
	}
	w.line("UID:" + id.String() + "@dianke")
	w.line("END:VCARD")
	return w.b
}

// lines writes content lines of RFC 5545 and RFC 2426: folded at 75 bytes, never within a character, ended by CR LF.
type lines struct{ b []byte }

func (w *lines) line(s string) {
	room := 75
	for len(s) > room {
		cut := room
		for cut > 0 && s[cut]&0xc0 == 0x80 {
			cut--
		}
		w.b = append(append(w.b, s[:cut]...), "\r\n "...)
		s, room = s[cut:], 74
	}
	w.b = append(append(w.b, s...), "\r\n"...)
}

// escapeText keeps a text one value of one line.
func escapeText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(s)
}
