package query

import (
	"fmt"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/token"
	"dianke/internal/platform/db"
)

// Tokens of fields that are masked for some carry a prefix, so that only those who see the field in clear can find the
// record by it. Sensitive values are found by the hash of the whole value alone.
const (
	personalPrefix  = "p_"
	sensitivePrefix = "s_"
	typePrefix      = "t_"
	blindDigits     = 20
)

// TypeToken is the token every record of the type has.
func TypeToken(t *record.Type) string { return typePrefix + t.Name }

// PersonalToken marks a token of a personal field.
func PersonalToken(tok string) string { return personalPrefix + tok }

// SensitiveToken is the token of a sensitive value.
func SensitiveToken(k Blinder, t *record.Type, f *record.Field, plain string) string {
	return sensitivePrefix + k.Blind(plain, Purpose(t, f))[:blindDigits]
}

// Matches is the condition that the record is found by the text: by tokens of open fields anywhere, by tokens of
// personal and sensitive fields only where the actor sees these in clear.
func (b *Builder) Matches(text string) string {
	terms := token.Query(text)
	if len(terms) == 0 {
		return "FALSE"
	}
	open := b.match(b.expression(terms, nil))
	rows := b.Scope.Clear[record.Personal]
	if rows.None() || !b.Type.HasClass(record.Personal) && !b.Type.HasClass(record.Sensitive) {
		return open
	}
	whole := ""
	if sens := b.Scope.Clear[record.Sensitive]; !sens.None() {
		whole = strings.TrimSpace(text)
	}
	masked := b.match(b.expression(terms, &whole))
	return fmt.Sprintf("(%s OR (%s AND %s))", open, masked, b.rows(b.Type, rows, b.Type.Plural))
}

func (b *Builder) match(expr string) string {
	id := b.Type.Plural + ".id"
	if b.Dialect == db.Postgres {
		return fmt.Sprintf("%s IN (SELECT id FROM search_index WHERE tokens @@ %s::tsquery)", id, b.bind(expr))
	}
	return fmt.Sprintf("%s IN (SELECT rowid FROM search_index WHERE search_index MATCH %s)", id, b.bind(expr))
}

// expression writes the terms in the language of the database's index. With whole given, every term may also match a
// personal field, and the whole text a sensitive one.
func (b *Builder) expression(terms []token.Term, whole *string) string {
	and, or := " AND ", " OR "
	if b.Dialect == db.Postgres {
		and, or = " & ", " | "
	}
	parts := make([]string, 0, len(terms)+1)
	for _, t := range terms {
		lit := b.literal(t.Token, t.Prefix)
		if whole != nil {
			lit = "(" + lit + or + b.literal(PersonalToken(t.Token), t.Prefix) + ")"
		}
		parts = append(parts, lit)
	}
	expr := strings.Join(parts, and)
	if whole != nil && *whole != "" {
		for _, f := range b.Type.Fields {
			if f.Class == record.Sensitive && f.Search {
				plain := *whole
				if v, e := f.Parse(plain); e == nil {
					plain = f.Kind.Text(v)
				}
				expr = "(" + expr + ")" + or + b.literal(SensitiveToken(b.Keys, b.Type, f, plain), false)
			}
		}
	}
	return b.literal(TypeToken(b.Type), false) + and + "(" + expr + ")"
}

func (b *Builder) literal(tok string, prefix bool) string {
	if b.Dialect == db.Postgres {
		s := "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(tok) + "'"
		if prefix {
			s += ":*"
		}
		return s
	}
	s := `"` + strings.ReplaceAll(tok, `"`, `""`) + `"`
	if prefix {
		s += " *"
	}
	return s
}
