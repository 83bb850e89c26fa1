package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"dianke/internal/engine/access"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/ids"
)

type movedJSON struct {
	Type  string `json:"type"`
	Field string `json:"field"`
	Count int    `json:"count"`
}

type mergeJSON struct {
	Merge    *record.ID  `json:"merge"` // by which it is taken back; null of a dry run
	Survivor recordJSON  `json:"survivor"`
	Changed  []string    `json:"changed"`
	Moved    []movedJSON `json:"moved"`
	// Elsewhere counts what moves of types the caller may not read.
	Elsewhere int `json:"elsewhere"`
}

// merge handles POST /{plural}/{id}/merge {with, take, versions, reason, dry_run}: the records of with become the one of
// the path.
func (s *server) merge(w http.ResponseWriter, c *call) error {
	t, id, err := s.target(c)
	if err != nil {
		return err
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	m := action.Merge{Type: t.Name, Survivor: id, Take: map[string]record.ID{}, Versions: map[record.ID]int64{}}
	var werr, rerr, derr error
	m.Others, werr = idsOf(body, "with")
	m.Reason, rerr = textOf(body, "reason")
	if raw, ok := body["dry_run"]; ok {
		if m.Dry, ok = raw.(bool); !ok {
			derr = errs.Of("dry_run", "field.want_bool")
		}
	}
	err = errors.Join(shape(body, "with", "take", "versions", "reason", "dry_run"), werr, rerr, derr, takeOf(body, m.Take), versionsOf(body, m.Versions))
	if err != nil {
		return err
	}
	done, err := s.Records.Merge(c.Context(), c.actor, m)
	if err != nil {
		return on(t, t.Action(record.Merge), err)
	}
	return answer(w, http.StatusOK, toMerge(done))
}

func toMerge(m *access.MergeResult) mergeJSON {
	out := mergeJSON{Survivor: toRecord(m.Survivor), Changed: m.Changed, Moved: toMoved(m.Moved), Elsewhere: m.Elsewhere}
	if m.ID != 0 {
		out.Merge = &m.ID
	}
	if out.Changed == nil {
		out.Changed = []string{}
	}
	return out
}

func toMoved(list []store.Moved) []movedJSON {
	out := make([]movedJSON, len(list))
	for i, m := range list {
		out[i] = movedJSON{Type: m.Type.Name, Field: m.Field.Name, Count: m.Count}
	}
	return out
}

// takeOf reads by field from which record its value comes; "all" joins them.
func takeOf(body map[string]any, into map[string]record.ID) error {
	raw, given := body["take"]
	m, ok := raw.(map[string]any)
	if given && !ok {
		return errs.Of("take", "field.want_object")
	}
	for name, v := range m {
		text, _ := v.(string)
		if text == "all" {
			into[clip(name, 60)] = 0
			continue
		}
		id, err := ids.Parse(text)
		if err != nil || id == 0 {
			return errs.Of("take", "field.want_id")
		}
		into[clip(name, 60)] = id
	}
	return nil
}

// versionsOf reads by record the version the caller started from.
func versionsOf(body map[string]any, into map[record.ID]int64) error {
	raw, given := body["versions"]
	m, ok := raw.(map[string]any)
	if given && !ok {
		return errs.Of("versions", "field.want_object")
	}
	for text, v := range m {
		id, err := ids.Parse(text)
		raw, _ := v.(json.Number)
		n, nerr := raw.Int64()
		if err != nil || id == 0 || nerr != nil || n < 1 {
			return errs.Of("versions", "field.want_whole_number")
		}
		into[id] = n
	}
	return nil
}

// unmerge handles POST /{plural}/{id}/merges/{merge}: the merge is taken back.
func (s *server) unmerge(w http.ResponseWriter, c *call) error {
	t, _, err := s.target(c)
	if err != nil {
		return err
	}
	id, err := ids.Parse(c.PathValue("which"))
	if err != nil || id == 0 {
		return errs.New(errs.NotFound, "merge.none")
	}
	survivor, others, err := s.Records.Unmerge(c.Context(), c.actor, t.Name, id)
	if err != nil {
		return on(t, t.Action(record.Merge), err)
	}
	return answer(w, http.StatusOK, map[string]any{"survivor": survivor, "restored": others})
}
