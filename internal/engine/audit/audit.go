// Package audit keeps the log that cannot be rewritten.
//
// An [Entry] says who did what to which record, when and why, reads of personal data included. Each entry holds the
// hash of the one before; [Verify] walks the chain, so that a changed, removed or inserted entry is found. Entries hold
// ids and field names, never the values of personal fields. The package knows neither records nor permissions.
package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dianke/internal/platform/clock"
	"dianke/internal/platform/db"
	"dianke/internal/platform/ids"
)

// Entry is one line of the log.
type Entry struct {
	Seq     int64 // without gaps, from 1
	At      time.Time
	Actor   string // id of a person or "system:<name>"
	Via     string // web, api, cli, job, public
	Address string // network address, where there is one
	Verb    string // "case.close", "customer.reveal", "session.open"
	Record  ids.ID
	Detail  map[string]any // ids, field names, counts and reasons
	Prev    string         // hash of the entry before; "" for the first
	Hash    string         // hex SHA-256 over the entry with Prev
}

// Tables returns the tables of the log.
func Tables() []db.Table {
	return []db.Table{
		{Name: "audit_log", Columns: []db.Column{
			{Name: "seq", Kind: db.Int, Key: true}, {Name: "at", Kind: db.Instant}, {Name: "actor"}, {Name: "via"},
			{Name: "address"}, {Name: "verb"}, {Name: "record_id", Kind: db.Int, Null: true}, {Name: "detail"},
			{Name: "prev"}, {Name: "hash"},
		}, Indexes: []db.Index{
			{Columns: []string{"record_id", "seq"}}, {Columns: []string{"actor", "seq"}}, {Columns: []string{"verb", "seq"}},
		}},
		{Name: "audit_head", Columns: []db.Column{
			{Name: "id", Kind: db.Int, Key: true}, {Name: "seq", Kind: db.Int}, {Name: "hash"},
		}},
	}
}

// Log appends to the chain. It is safe for concurrent use; writers of one database queue for the head of the chain.
type Log struct{ clock clock.Clock }

// New returns a Log that stamps entries with the clock.
func New(c clock.Clock) *Log { return &Log{clock: c} }

// Append adds the entry within tx; At, Seq, Prev and Hash are set by the log. It stands or falls with the transaction.
func (l *Log) Append(ctx context.Context, tx *db.Tx, e Entry) error {
	e.At = l.clock.Now()
	if _, err := tx.Exec(ctx, "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '') ON CONFLICT (id) DO NOTHING"); err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	err := tx.QueryRow(ctx, "SELECT seq, hash FROM audit_head WHERE id = 1"+tx.ForUpdate()).Scan(&e.Seq, &e.Prev)
	if err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	e.Seq++
	detail, err := marshal(e.Detail)
	if err != nil {
		return err
	}
	e.Hash = e.sum(detail)
	_, err = tx.Exec(ctx, `INSERT INTO audit_log (seq, at, actor, via, address, verb, record_id, detail, prev, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Seq, e.At, e.Actor, e.Via, e.Address, e.Verb, e.Record, detail, e.Prev, e.Hash)
	if err != nil {
		return fmt.Errorf("audit entry: %w", err)
	}
	if _, err := tx.Exec(ctx, "UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1", e.Seq, e.Hash); err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	return nil
}

// manyRows is how many entries one statement writes.
const manyRows = 500

// AppendAll is [Log.Append] for many entries at once, in their order, with few statements.
func (l *Log) AppendAll(ctx context.Context, tx *db.Tx, list []Entry) error {
	if len(list) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '') ON CONFLICT (id) DO NOTHING"); err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	var seq int64
	var prev string
	if err := tx.QueryRow(ctx, "SELECT seq, hash FROM audit_head WHERE id = 1"+tx.ForUpdate()).Scan(&seq, &prev); err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	now := l.clock.Now()
	for len(list) > 0 {
		part := list[:min(len(list), manyRows)]
		list = list[len(part):]
		args := make([]any, 0, 10*len(part))
		for _, e := range part {
			seq++
			e.At, e.Seq, e.Prev = now, seq, prev
			detail, err := marshal(e.Detail)
			if err != nil {
				return err
			}
			prev = e.sum(detail)
			args = append(args, e.Seq, e.At, e.Actor, e.Via, e.Address, e.Verb, e.Record, detail, e.Prev, prev)
		}
		rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?), ", len(part)), ", ")
		if _, err := tx.Exec(ctx, "INSERT INTO audit_log (seq, at, actor, via, address, verb, record_id, detail, prev, hash) VALUES "+rows, args...); err != nil {
			return fmt.Errorf("audit entries: %w", err)
		}
	}
	if _, err := tx.Exec(ctx, "UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1", seq, prev); err != nil {
		return fmt.Errorf("audit head: %w", err)
	}
	return nil
}

func marshal(detail map[string]any) (string, error) {
	if len(detail) == 0 {
		return "", nil
	}
	b, err := json.Marshal(detail)
	if err != nil {
		return "", fmt.Errorf("audit detail: %w", err)
	}
	return string(b), nil
}

// sum hashes the entry; the parts are separated by a byte that none of them holds.
func (e *Entry) sum(detail string) string {
	h := sha256.New()
	for _, part := range []string{
		e.Prev, fmt.Sprint(e.Seq), e.At.UTC().Format(time.RFC3339Nano), e.Actor, e.Via, e.Address, e.Verb, e.Record.String(), detail,
	} {
		fmt.Fprintf(h, "%d:%s\x00", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Broken says where the chain does not hold.
type Broken struct {
	Seq    int64
	Reason string
}

// Error names the entry.
func (b *Broken) Error() string {
	return fmt.Sprintf("audit log broken at entry %d: %s", b.Seq, b.Reason)
}

// Verify walks the whole chain and returns the number of entries and the hash of the last. A chain that does not hold
// gives a [Broken].
func Verify(ctx context.Context, tx *db.Tx) (n int64, head string, err error) {
	err = tx.Each(ctx, selectEntries+" ORDER BY seq", nil, func(r *sql.Rows) error {
		e, detail, err := scan(r)
		if err != nil {
			return err
		}
		switch {
		case e.Seq != n+1:
			return &Broken{Seq: n + 1, Reason: "missing"}
		case e.Prev != head:
			return &Broken{Seq: e.Seq, Reason: "does not follow the entry before"}
		case e.Hash != e.sum(detail):
			return &Broken{Seq: e.Seq, Reason: "was changed"}
		}
		n, head = e.Seq, e.Hash
		return nil
	})
	if err != nil {
		return n, head, err
	}
	var seq int64
	var hash string
	err = tx.QueryRow(ctx, "SELECT seq, hash FROM audit_head WHERE id = 1").Scan(&seq, &hash)
	if db.IsNoRows(err) && n == 0 {
		return 0, "", nil
	}
	if err != nil {
		return n, head, fmt.Errorf("audit head: %w", err)
	}
	if seq != n || hash != head {
		return n, head, &Broken{Seq: n + 1, Reason: "the newest entries are missing"}
	}
	return n, head, nil
}

const selectEntries = "SELECT seq, at, actor, via, address, verb, record_id, detail, prev, hash FROM audit_log"

func scan(r *sql.Rows) (Entry, string, error) {
	var e Entry
	var detail string
	err := r.Scan(&e.Seq, db.Time(&e.At), &e.Actor, &e.Via, &e.Address, &e.Verb, &e.Record, &detail, &e.Prev, &e.Hash)
	return e, detail, err
}
