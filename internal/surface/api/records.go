package api

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/mask"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/action"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/errs"
)

type listJSON struct {
	Items  []recordJSON `json:"items"`
	Next   *string      `json:"next"`             // cursor of the next page
	Total  *int         `json:"total,omitempty"`  // where count=true
	Capped bool         `json:"capped,omitempty"` // there are more than total
}

// list handles GET /{plural}.
func (s *server) list(w http.ResponseWriter, c *call) error {
	t, err := s.typ(c)
	if err != nil {
		return err
	}
	q, err := s.query(c, t)
	if err != nil {
		return on(t, nil, err)
	}
	l, err := s.Records.List(c.Context(), c.actor, t.Name, q)
	if err != nil {
		return on(t, nil, err)
	}
	out := listJSON{Items: make([]recordJSON, len(l.Views)), Capped: l.Capped}
	for i, v := range l.Views {
		out.Items[i] = toRecord(v)
	}
	if l.Total >= 0 {
		out.Total = &l.Total
	}
	if l.Next != "" {
		out.Next = &l.Next
		next := c.URL.Query()
		next.Set("cursor", l.Next)
		w.Header().Set("Link", "<"+(&url.URL{Path: c.URL.Path, RawQuery: next.Encode()}).String()+`>; rel="next"`)
	}
	return answer(w, http.StatusOK, out)
}

// headers describe a record in an answer about it alone.
func headers(w http.ResponseWriter, v mask.View) {
	w.Header().Set("ETag", etag(v.Record.LockVersion))
}

// written answers with a record after a write; nothing is shown where it has left the actor's sight.
func written(w http.ResponseWriter, code int, v *mask.View) error {
	if v == nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	headers(w, *v)
	if code == http.StatusCreated {
		w.Header().Set("Location", root+v.Type.Plural+"/"+v.Record.ID.String())
	}
	return answer(w, code, toRecord(*v))
}

// create handles POST /{plural}.
func (s *server) create(w http.ResponseWriter, c *call) error {
	t, err := s.typ(c)
	if err != nil {
		return err
	}
	if err := offered(t, record.Create); err != nil {
		return err
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	in, err := inputOf(body, t.Field)
	if err != nil {
		return on(t, nil, err)
	}
	v, err := s.Records.Do(c.Context(), c.actor, action.Command{Type: t.Name, Action: record.Create, Input: in})
	if err != nil {
		return on(t, nil, err)
	}
	return written(w, http.StatusCreated, v)
}

// offered refuses a general action that the type does not have.
func offered(t *record.Type, name string) error {
	if t.Action(name) == nil {
		return errs.New(errs.NotFound, "record.unknown_action").With("action", clip(name, 40))
	}
	return nil
}

type sheetJSON struct {
	recordJSON
	Actions  []string      `json:"actions"` // what the reader may do in this state
	Comments []commentJSON `json:"comments"`
	Files    []fileJSON    `json:"files"`
	// MergedInto leads from a record that was merged away to the one that stands for it.
	MergedInto *record.ID  `json:"merged_into,omitempty"`
	Merges     []record.ID `json:"merges,omitempty"` // that were made into this record, newest first
}

type commentJSON struct {
	ID       record.ID   `json:"id"`
	At       time.Time   `json:"at"`
	AuthorID record.ID   `json:"author_id"`
	Body     string      `json:"body"`
	Mentions []record.ID `json:"mentions"`
}

// get handles GET /{plural}/{id}.
func (s *server) get(w http.ResponseWriter, c *call) error {
	_, sheet, err := s.sheet(c)
	if err != nil {
		return err
	}
	out := sheetJSON{recordJSON: toRecord(sheet.View), Actions: []string{}, Comments: toComments(sheet.Comments), Files: toFiles(sheet.Files)}
	for _, a := range sheet.Actions {
		out.Actions = append(out.Actions, a.Name)
	}
	for name := range sheet.MayAlso {
		out.Actions = append(out.Actions, name)
	}
	slices.Sort(out.Actions)
	if sheet.MergedInto != nil {
		out.MergedInto = &sheet.MergedInto.Survivor
	}
	for _, m := range sheet.Merges {
		out.Merges = append(out.Merges, m.ID)
	}
	headers(w, sheet.View)
	return answer(w, http.StatusOK, out)
}

func (s *server) sheet(c *call) (*record.Type, *access.Sheet, error) {
	t, id, err := s.target(c)
	if err != nil {
		return nil, nil, err
	}
	sheet, err := s.Records.Read(c.Context(), c.actor, t.Name, id)
	return t, sheet, on(t, nil, err)
}

func toComments(list []store.CommentEntry) []commentJSON {
	out := make([]commentJSON, len(list))
	for i, e := range list {
		out[i] = commentJSON{ID: e.ID, At: e.At.UTC(), AuthorID: e.Author, Body: e.Body, Mentions: e.Mentions}
		if e.Mentions == nil {
			out[i].Mentions = []record.ID{}
		}
	}
	return out
}

// version reads If-Match: one strong tag, or "*" for whatever version there is (0).
func version(r *http.Request) (n int64, given bool, err error) {
	h := strings.TrimSpace(r.Header.Get("If-Match"))
	switch {
	case h == "":
		return 0, false, nil
	case h == "*":
		return 0, true, nil
	}
	n, perr := strconv.ParseInt(strings.Trim(h, `"`), 10, 64)
	if perr != nil || n < 1 || h != etag(n) {
		return 0, true, errs.New(errs.Malformed, "api.if_match")
	}
	return n, true, nil
}

// update handles PATCH /{plural}/{id}: fields named in the body change, others stay. It needs If-Match.
func (s *server) update(w http.ResponseWriter, c *call) error {
	t, id, err := s.target(c)
	if err != nil {
		return err
	}
	if err := offered(t, record.Update); err != nil {
		return err
	}
	from, given, err := version(c.Request)
	if err != nil {
		return err
	}
	if !given {
		return status(http.StatusPreconditionRequired, "api.if_match_required")
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	in, err := inputOf(body, t.Field)
	if err != nil {
		return on(t, nil, err)
	}
	return s.do(w, c, t, action.Command{Type: t.Name, Action: record.Update, ID: id, Input: in, IfVersion: from})
}

// do runs a command on a record and answers with it.
func (s *server) do(w http.ResponseWriter, c *call, t *record.Type, cmd action.Command) error {
	v, err := s.Records.Do(c.Context(), c.actor, cmd)
	if errs.Is(err, errs.Stale) && cmd.IfVersion > 0 {
		err = s.changedSince(c, t, cmd, err)
	}
	if err != nil {
		return on(t, t.Action(cmd.Action), err)
	}
	return written(w, http.StatusOK, v)
}

// changeJSON is one field that a write changed. Where the reader sees the field masked, so are both values.
type changeJSON struct {
	Field  string            `json:"field"`
	From   any               `json:"from,omitempty"`
	To     any               `json:"to,omitempty"`
	Masked map[string]string `json:"masked,omitempty"`
	By     string            `json:"by,omitempty"`
	At     *time.Time        `json:"at,omitempty"`
}

// changedSince adds to a Stale error what others changed after the version the caller started from, newest first.
func (s *server) changedSince(c *call, t *record.Type, cmd action.Command, cause error) error {
	sheet, err := s.Records.Read(c.Context(), c.actor, t.Name, cmd.ID)
	if err != nil {
		return cause // what he may not read is not told
	}
	changed := []changeJSON{}
	for _, h := range sheet.History {
		if h.Version <= cmd.IfVersion {
			break
		}
		for _, ch := range toChanges(sheet.View, h.Changes) {
			ch.By, ch.At = h.Actor, at(h.At)
			changed = append(changed, ch)
		}
	}
	return &about{error: cause, typ: t, members: map[string]any{"changed": changed, "lock_version": sheet.Record.LockVersion}}
}

func toChanges(v mask.View, list []record.Change) []changeJSON {
	out := make([]changeJSON, len(list))
	for i, ch := range list {
		f := v.Type.Field(ch.Field)
		out[i] = changeJSON{Field: ch.Field}
		switch cell, ok := v.Cell(ch.Field); {
		case ok && cell.Masked:
			out[i].Masked = map[string]string{"from": ch.From, "to": ch.To}
		case f == nil || f.Class == record.Sensitive: // the trail keeps only the fact
		default:
			out[i].From, out[i].To = reread(f, ch.From), reread(f, ch.To)
		}
	}
	return out
}

// reread turns the plain text of the trail into the value as the interface shows it.
func reread(f *record.Field, text string) any {
	if text == "" {
		return nil
	}
	v, err := f.Parse(text)
	if err != nil {
		return text // a rule that became stricter does not hide what was
	}
	return toJSON(f, v)
}

// direct lists the general actions that have a body of their own and may be posted by name.
var direct = []string{record.Archive, record.Restore, record.Assign}

// callable returns the action of a type that may be posted by name. Create and update have their own methods; read,
// reveal, comment and attach their own addresses.
func callable(t *record.Type, name string) (*record.Action, error) {
	act := t.Action(name)
	if act == nil || act.General && !contains(direct, name) {
		return nil, errs.New(errs.NotFound, "record.unknown_action").With("action", clip(name, 40))
	}
	return act, nil
}

func inputField(act *record.Action) func(string) *record.Field {
	return func(name string) *record.Field {
		i := slices.IndexFunc(act.Input, func(f *record.Field) bool { return f.Name == name })
		if i < 0 {
			return nil
		}
		return act.Input[i]
	}
}

// action handles POST /{plural}/{id}/actions/{name}. If-Match is optional.
func (s *server) action(w http.ResponseWriter, c *call) error {
	t, id, err := s.target(c)
	if err != nil {
		return err
	}
	act, err := callable(t, c.PathValue("which"))
	if err != nil {
		return err
	}
	from, _, err := version(c.Request)
	if err != nil {
		return err
	}
	body, err := optionalBody(w, c.Request)
	if err != nil {
		return err
	}
	in, err := inputOf(body, inputField(act))
	if err != nil {
		return on(t, act, err)
	}
	return s.do(w, c, t, action.Command{Type: t.Name, Action: act.Name, ID: id, Input: in, IfVersion: from})
}

// reveal handles POST /{plural}/{id}/reveal {fields, reason}. It takes no idempotency key: an answer with personal data
// is not kept, and each reveal counts.
func (s *server) reveal(w http.ResponseWriter, c *call) error {
	t, id, err := s.target(c)
	if err != nil {
		return err
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	names, ferr := textsOf(body, "fields")
	reason, rerr := textOf(body, "reason")
	if err := errors.Join(shape(body, "fields", "reason"), ferr, rerr); err != nil {
		return err
	}
	plain, err := s.Records.Reveal(c.Context(), c.actor, t.Name, id, names, reason)
	if err != nil {
		return on(t, t.Action(record.Reveal), err)
	}
	fields := make(map[string]any, len(plain))
	for name, text := range plain {
		fields[name] = reread(t.Field(name), text)
	}
	return answer(w, http.StatusOK, map[string]any{"fields": fields})
}

// comment handles POST /{plural}/{id}/comments {body, mentions}.
func (s *server) comment(w http.ResponseWriter, c *call) error {
	t, id, err := s.target(c)
	if err != nil {
		return err
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	text, terr := textOf(body, "body")
	mentions, merr := idsOf(body, "mentions")
	if err := errors.Join(shape(body, "body", "mentions"), terr, merr); err != nil {
		return err
	}
	if err := s.Records.Comment(c.Context(), c.actor, t.Name, id, text, mentions); err != nil {
		return on(t, t.Action(record.Comment), err)
	}
	sheet, err := s.Records.Read(c.Context(), c.actor, t.Name, id)
	if err != nil || len(sheet.Comments) == 0 { // it is written all the same; an error would invite a second one
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return answer(w, http.StatusCreated, toComments(sheet.Comments[:1])[0])
}

// idsOf reads a list of ids.
func idsOf(body map[string]any, name string) ([]record.ID, error) {
	texts, err := textsOf(body, name)
	if err != nil {
		return nil, err
	}
	out := make([]record.ID, 0, len(texts))
	for _, text := range texts {
		var id record.ID
		if err := id.UnmarshalText([]byte(text)); err != nil || id == 0 {
			return nil, errs.Of(name, "api.want_ids")
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, nil
}

type historyJSON struct {
	ID      record.ID    `json:"id"`
	At      time.Time    `json:"at"`
	By      string       `json:"by"`
	Action  string       `json:"action"`
	Version int64        `json:"version"`
	Batch   record.ID    `json:"batch"`
	Changes []changeJSON `json:"changes"`
}

// history handles GET /{plural}/{id}/history: the newest 100 writes.
func (s *server) history(w http.ResponseWriter, c *call) error {
	_, sheet, err := s.sheet(c)
	if err != nil {
		return err
	}
	items := make([]historyJSON, len(sheet.History))
	for i, h := range sheet.History {
		items[i] = historyJSON{
			ID: h.ID, At: h.At.UTC(), By: h.Actor, Action: h.Action, Version: h.Version, Batch: h.Batch, Changes: toChanges(sheet.View, h.Changes),
		}
	}
	return answer(w, http.StatusOK, map[string]any{"items": items})
}
