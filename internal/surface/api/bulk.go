package api

import (
	"errors"
	"net/http"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
)

// outcomeJSON is what became of one record of a bulk run.
type outcomeJSON struct {
	ID     record.ID    `json:"id"`
	OK     bool         `json:"ok"`
	Key    string       `json:"key,omitempty"`
	Detail string       `json:"detail,omitempty"`
	Errors []fieldFault `json:"errors,omitempty"`
}

// bulk handles POST /{plural}/bulk {action, ids, input}. Each record is a transaction of its own; the answer is 200
// even where some failed.
func (s *server) bulk(w http.ResponseWriter, c *call) error {
	t, err := s.typ(c)
	if err != nil {
		return err
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	name, nerr := textOf(body, "action")
	list, lerr := idsOf(body, "ids")
	raw, ok := body["input"].(map[string]any)
	if !ok && body["input"] != nil {
		return errs.Of("input", "field.want_object")
	}
	if err := errors.Join(shape(body, "action", "ids", "input"), nerr, lerr); err != nil {
		return err
	}
	act, err := callable(t, name)
	if err != nil {
		return err
	}
	if !act.Bulk {
		return errs.Of("action", "api.not_in_bulk")
	}
	in, err := inputOf(raw, inputField(act))
	if err != nil {
		return on(t, act, err)
	}
	batch, outcomes, err := s.Records.Bulk(c.Context(), c.actor, action.Command{Type: t.Name, Action: act.Name, Input: in}, list)
	if err != nil {
		return on(t, act, err)
	}
	return answer(w, http.StatusOK, map[string]any{"batch": batch, "outcomes": s.outcomes(c, t, act, outcomes)})
}

func (s *server) outcomes(c *call, t *record.Type, act *record.Action, list []action.Outcome) []outcomeJSON {
	words := &wording{texts: s.Texts, lang: i18n.LangOf(c.Context()), typ: t, action: act}
	out := make([]outcomeJSON, len(list))
	for i, o := range list {
		out[i] = outcomeJSON{ID: o.ID, OK: o.Err == nil}
		if o.Err == nil {
			continue
		}
		e := errs.As(o.Err)
		if e == nil || e.Kind == errs.Internal {
			s.Log.ErrorContext(c.Context(), "api bulk item failed", "request", c.id, "record", o.ID.String(), "err", o.Err)
			e = errs.New(errs.Internal, "error.internal")
		}
		out[i].Key, out[i].Detail, out[i].Errors = e.Key, words.sentence(e), words.faults(e)
	}
	return out
}

// undo handles POST /{plural}/bulk/{batch}/undo.
func (s *server) undo(w http.ResponseWriter, c *call) error {
	t, err := s.typ(c)
	if err != nil {
		return err
	}
	batch, err := ids.Parse(c.PathValue("division"))
	if err != nil || batch == 0 {
		return errs.New(errs.NotFound, "bulk.not_yours")
	}
	done, left, err := s.Records.Undo(c.Context(), c.actor, t.Name, batch)
	if err != nil {
		return on(t, nil, err)
	}
	if done+left == 0 {
		return errs.New(errs.NotFound, "bulk.not_yours")
	}
	return answer(w, http.StatusOK, map[string]any{"done": done, "left": left})
}
