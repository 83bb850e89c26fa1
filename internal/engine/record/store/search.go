package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/query"
	"dianke/internal/engine/record/token"
	"dianke/internal/platform/db"
)

const (
	maxTokens     = 4000 // of one record
	maxCandidates = 200  // of one type, ranked in memory
)

// index writes the search tokens of the record; an archived record loses them.
func (s *Store) index(ctx context.Context, tx *db.Tx, t *record.Type, e record.Entity) error {
	id := e.HeadOf().ID
	if b := batchOf(tx); b != nil && b.fresh[id] {
		if !e.HeadOf().Archived() {
			b.tokens(t, e)
		}
		return nil
	}
	if _, err := tx.Exec(ctx, "DELETE FROM search_index WHERE "+searchKey(tx)+" = ?", id); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	also, err := s.aliasTokens(ctx, tx, t, e)
	if err != nil {
		return err
	}
	tokens := s.tokens(t, e, also...)
	if len(tokens) <= 1 || e.HeadOf().Archived() {
		return nil
	}
	if tx.Dialect() == db.Postgres {
		var list []byte
		if list, err = json.Marshal(tokens); err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO search_index (id, tokens) SELECT ?::bigint, array_to_tsvector(ARRAY(SELECT DISTINCT jsonb_array_elements_text(?::jsonb)))", id, string(list))
		}
	} else {
		_, err = tx.Exec(ctx, "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", id, strings.Join(tokens, " "))
	}
	if err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	return nil
}

func searchKey(tx *db.Tx) string {
	if tx.Dialect() == db.Postgres {
		return "id"
	}
	return "rowid"
}

func numberTokens(e record.Entity) []string { return token.Number(e.HeadOf().Number) }

// tokens lists what the record is found by; each field is taken apart on its own.
func (s *Store) tokens(t *record.Type, e record.Entity, also ...string) []string {
	out := append([]string{query.TypeToken(t)}, also...)
	out = append(out, numberTokens(e)...)
	for _, f := range t.Fields {
		if !f.Search || f.Compute != nil {
			continue
		}
		text := f.Kind.Text(f.Get(e))
		if text == "" {
			continue
		}
		switch f.Class {
		case record.Sensitive:
			out = append(out, query.SensitiveToken(s.Keys, t, f, text))
		case record.Personal:
			for _, tok := range fieldTokens(f, text) {
				out = append(out, query.PersonalToken(tok))
			}
		default:
			out = append(out, fieldTokens(f, text)...)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > maxTokens {
		out = out[:maxTokens]
	}
	return out
}

func fieldTokens(f *record.Field, text string) []string {
	switch f.Kind.Name() {
	case "phone":
		return token.Digits(text)
	case "number", "creditcode":
		return token.Number(text)
	case "text":
		if f.Pinyin {
			return token.Name(text)
		}
		return append(token.Text(text, 300), token.Number(text)...)
	}
	return token.Text(text, 2000)
}

// Reindex writes the search tokens of the next records of a type anew, by id, and returns the last of them; 0 at the end.
func (s *Store) Reindex(ctx context.Context, tx *db.Tx, t *record.Type, after record.ID, limit int) (record.ID, error) {
	stmt := fmt.Sprintf("SELECT %s FROM %s WHERE %s.id > ? ORDER BY %s.id LIMIT %d", columns(t), t.Plural, t.Plural, t.Plural, limit)
	list, err := s.read(ctx, tx, t, stmt, []any{int64(after)})
	if err != nil {
		return 0, err
	}
	for _, e := range list {
		if err := s.index(ctx, tx, t, e); err != nil {
			return 0, err
		}
		after = e.HeadOf().ID
	}
	if len(list) < limit {
		return 0, nil
	}
	return after, nil
}

// Hit is one record found.
type Hit struct {
	Type   *record.Type
	Record record.Entity
	Rank   int
}

// Search finds records of the scopes' types by a text, best first: what equals the text before what begins with it,
// contains it, sounds like it. Each type contributes at most 200 candidates.
func (s *Store) Search(ctx context.Context, tx *db.Tx, scopes []record.Scope, text string, limit int) ([]Hit, error) {
	var hits []Hit
	for _, scope := range scopes {
		t := s.Types.Type(scope.Type)
		page, err := s.List(ctx, tx, t, scope, record.Query{Text: text, Limit: maxCandidates})
		if err != nil {
			return nil, fmt.Errorf("search %s: %w", scope.Type, err)
		}
		for _, e := range page.Items {
			rank := rankOf(t, scope, e, text)
			if rank == token.NoMatch {
				if rank, err = s.aliasRank(ctx, tx, t, scope, e, text); err != nil {
					return nil, err
				}
			}
			if rank < token.NoMatch {
				hits = append(hits, Hit{Type: t, Record: e, Rank: rank})
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return a.Rank - b.Rank })
	if len(hits) > limit {
		hits = hits[:limit]
	}
	return hits, nil
}

// rankOf looks at the title first, then at what else the actor sees in clear.
func rankOf(t *record.Type, scope record.Scope, e record.Entity, text string) int {
	best := token.NoMatch
	if scope.SeesClear(t, e, t.TitleClass()) {
		best = token.Rank(text, t.TitleOf(e))
	}
	better := func(r int) {
		if r < token.NoMatch {
			best = min(best, r+500)
		}
	}
	better(token.Rank(text, e.HeadOf().Number))
	for _, f := range t.Fields {
		if !f.Search || f.Compute != nil || f.Name == t.Title || !scope.SeesClear(t, e, f.Class) {
			continue
		}
		value := f.Kind.Text(f.Get(e))
		better(token.Rank(text, value))
		if f.Kind.Name() == "phone" && strings.Contains(onlyDigits(value), onlyDigits(text)) && onlyDigits(text) != "" {
			better(3000)
		}
	}
	return best
}

// aliasRank judges a record by the numbers and names of what was merged into it.
func (s *Store) aliasRank(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, e record.Entity, text string) (int, error) {
	found, err := s.aliases(ctx, tx, t, e.HeadOf().ID)
	best := token.NoMatch
	for _, a := range found {
		rank := token.Rank(text, a.HeadOf().Number)
		if scope.SeesClear(t, e, t.TitleClass()) {
			rank = min(rank, token.Rank(text, t.TitleOf(a)))
		}
		if rank < token.NoMatch {
			best = min(best, rank+600)
		}
	}
	return best, err
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
