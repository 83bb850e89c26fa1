package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
)

// HistoryEntry is one write of a record.
type HistoryEntry struct {
	ID      record.ID
	Record  record.ID
	Type    string
	At      time.Time
	Actor   string
	Action  string
	Version int64
	Changes []record.Change
	Batch   record.ID
}

// History returns the writes of a record, newest first. The caller must have read the record with its scope and masks
// the changes of fields the actor may not see.
func (s *Store) History(ctx context.Context, tx *db.Tx, id record.ID, limit int) ([]HistoryEntry, error) {
	return s.history(ctx, tx, "record_id = ?", id, limit)
}

// ChangedSince lists by field what was changed after the version, for the merge of two people's edits.
func (s *Store) ChangedSince(ctx context.Context, tx *db.Tx, id record.ID, version int64) ([]HistoryEntry, error) {
	list, err := s.history(ctx, tx, "record_id = ?", id, 200)
	if err != nil {
		return nil, err
	}
	for i, h := range list {
		if h.Version <= version {
			return list[:i], nil
		}
	}
	return list, nil
}

// BatchHistory returns the writes of a bulk run. A merge is none: it is taken back by its own way.
func (s *Store) BatchHistory(ctx context.Context, tx *db.Tx, batch record.ID) ([]HistoryEntry, error) {
	if is, err := s.isMerge(ctx, tx, batch); err != nil || is {
		return nil, err
	}
	return s.history(ctx, tx, "batch_id = ?", batch, 2000)
}

func (s *Store) history(ctx context.Context, tx *db.Tx, cond string, id record.ID, limit int) ([]HistoryEntry, error) {
	var out []HistoryEntry
	if err := batchOf(tx).settleHistory(ctx); err != nil {
		return nil, err
	}
	stmt := fmt.Sprintf("SELECT id, record_id, type, at, actor, action, version, changes, batch_id FROM record_history WHERE %s ORDER BY id DESC LIMIT %d", cond, limit)
	err := tx.Each(ctx, stmt, []any{id}, func(r *sql.Rows) error {
		var h HistoryEntry
		var changes sql.NullString
		if err := r.Scan(&h.ID, &h.Record, &h.Type, db.Time(&h.At), &h.Actor, &h.Action, &h.Version, &changes, &h.Batch); err != nil {
			return err
		}
		if changes.String != "" {
			if err := json.Unmarshal([]byte(changes.String), &h.Changes); err != nil {
				return err
			}
		}
		out = append(out, h)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	return out, nil
}

// CommentEntry is a comment on a record.
type CommentEntry struct {
	ID       record.ID
	At       time.Time
	Author   record.ID
	Body     string
	Mentions []record.ID
}

const maxComment = 10_000

// AddComment writes a comment; the event "<type>.comment" carries the persons mentioned.
func (s *Store) AddComment(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, id record.ID, body string, mentions []record.ID) error {
	if err := check(t, scope); err != nil {
		return err
	}
	switch n := len([]rune(body)); {
	case n == 0:
		return errs.Of("body", "field.required").With("field", "body")
	case n > maxComment:
		return errs.Of("body", "field.too_long").With("max", maxComment).With("n", n)
	}
	list, err := json.Marshal(mentions)
	if err != nil {
		return fmt.Errorf("comment: %w", err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO record_comments (id, record_id, type, at, author_id, body, mentions) VALUES (?, ?, ?, ?, ?, ?, ?)",
		s.IDs.Next(), id, t.Name, s.Clock.Now(), scope.Actor.UserID, body, string(list))
	if err != nil {
		return fmt.Errorf("comment: %w", err)
	}
	return s.note(ctx, tx, t, scope, id, record.Comment, map[string]any{"mentions": mentions})
}

// Comments returns the comments of a record, newest first.
func (s *Store) Comments(ctx context.Context, tx *db.Tx, id record.ID, limit int) ([]CommentEntry, error) {
	var out []CommentEntry
	stmt := fmt.Sprintf("SELECT id, at, author_id, body, mentions FROM record_comments WHERE record_id = ? AND removed_at IS NULL ORDER BY id DESC LIMIT %d", limit)
	err := tx.Each(ctx, stmt, []any{id}, func(r *sql.Rows) error {
		var c CommentEntry
		var mentions sql.NullString
		if err := r.Scan(&c.ID, db.Time(&c.At), &c.Author, &c.Body, &mentions); err != nil {
			return err
		}
		out = append(out, c)
		if mentions.String == "" {
			return nil
		}
		return json.Unmarshal([]byte(mentions.String), &out[len(out)-1].Mentions)
	})
	if err != nil {
		return nil, fmt.Errorf("comments: %w", err)
	}
	return out, nil
}

// FileEntry is a file attached to a record. The bytes lie in the file store under Hash.
type FileEntry struct {
	ID          record.ID
	At          time.Time
	Author      record.ID
	Name        string
	Hash        string
	Size        int64 // bytes
	ContentType string
}

// AddFile attaches a stored file to a record.
func (s *Store) AddFile(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, id record.ID, f *FileEntry) error {
	if err := check(t, scope); err != nil {
		return err
	}
	f.ID, f.At, f.Author = s.IDs.Next(), s.Clock.Now(), scope.Actor.UserID
	_, err := tx.Exec(ctx, "INSERT INTO record_files (id, record_id, type, at, author_id, name, hash, size, content_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		f.ID, id, t.Name, f.At, f.Author, f.Name, f.Hash, f.Size, f.ContentType)
	if err != nil {
		return fmt.Errorf("attach: %w", err)
	}
	return s.note(ctx, tx, t, scope, id, record.Attach, map[string]any{"file": f.ID.String(), "size": f.Size})
}

// Files returns the files of a record, newest first.
func (s *Store) Files(ctx context.Context, tx *db.Tx, id record.ID) ([]FileEntry, error) {
	var out []FileEntry
	err := tx.Each(ctx, "SELECT id, at, author_id, name, hash, size, content_type FROM record_files WHERE record_id = ? AND removed_at IS NULL ORDER BY id DESC LIMIT 200",
		[]any{id}, func(r *sql.Rows) error {
			var f FileEntry
			if err := r.Scan(&f.ID, db.Time(&f.At), &f.Author, &f.Name, &f.Hash, &f.Size, &f.ContentType); err != nil {
				return err
			}
			out = append(out, f)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return out, nil
}

// note writes audit entry and event of something that does not change the row itself.
func (s *Store) note(ctx context.Context, tx *db.Tx, t *record.Type, scope record.Scope, id record.ID, action string, detail map[string]any) error {
	verb := t.Name + "." + action
	if err := s.Log(ctx, tx, scope, verb, id, detail); err != nil {
		return err
	}
	return s.Emit(ctx, tx, Event{Name: verb, Type: t.Name, Record: id, Actor: scope.Actor.Label(), Payload: detail})
}
