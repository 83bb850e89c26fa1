package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/audit"
	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/platform/errs"

	"github.com/danielgtaylor/huma/v2"
)

type auditJSON struct {
	Seq      int64          `json:"seq"`
	At       time.Time      `json:"at"`
	Actor    string         `json:"actor"` // id of a person or "system:<name>"
	Via      string         `json:"via"`
	Address  string         `json:"address"`
	Verb     string         `json:"verb"`
	RecordID record.ID      `json:"record_id"`
	Detail   map[string]any `json:"detail"`
	Hash     string         `json:"hash"`
}

// auditLog handles GET /audit?verb=&actor=&record=&from=&until=&before=&limit=: the log, newest first, for those who may
// read it. The next page begins before the last number of this one.
func (s *server) auditLog(w http.ResponseWriter, c *call) error {
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return errs.New(errs.Malformed, "api.query").Because(err)
	}
	if err := params(in, "verb", "actor", "record", "from", "until", "before", "limit"); err != nil {
		return err
	}
	f := audit.Find{Verb: in.Get("verb"), Actor: in.Get("actor")}
	limit, lerr := number(in, "limit")
	if lerr == nil && limit > 200 {
		lerr = errs.Of("limit", "list.bad_limit").With("max", 200)
	}
	f.Limit = limit
	err = errors.Join(lerr, instantOf(in, "from", &f.From), instantOf(in, "until", &f.Until))
	if err != nil {
		return err
	}
	if text := in.Get("record"); text != "" {
		if err := f.Record.UnmarshalText([]byte(text)); err != nil {
			return errs.Of("record", "field.want_id")
		}
	}
	if text := in.Get("before"); text != "" {
		if f.Before, err = strconv.ParseInt(text, 10, 64); err != nil || f.Before < 1 {
			return errs.Of("before", "list.bad_cursor")
		}
	}
	page, err := s.Records.Audit(c.Context(), c.actor, f)
	if err != nil {
		return err
	}
	items := make([]auditJSON, len(page.Entries))
	for i, e := range page.Entries {
		items[i] = auditJSON{e.Seq, e.At.UTC(), e.Actor, e.Via, e.Address, e.Verb, e.Record, e.Detail, e.Hash}
	}
	var before *int64
	if page.Older {
		before = &page.Entries[len(page.Entries)-1].Seq
	}
	return answer(w, http.StatusOK, map[string]any{"items": items, "before": before, "total": min(page.Total, audit.CountCap), "capped": page.Total > audit.CountCap})
}

func instantOf(in url.Values, name string, into *time.Time) error {
	if in.Get(name) == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, in.Get(name))
	if err != nil {
		return errs.Of(name, "api.want_instant")
	}
	*into = at
	return nil
}

// importText handles POST /regulations/import {key, text, same, propose, accept_above}: each regulation found in the text
// becomes a draft under the key, numbered where there are several. A key that belongs to a regulation of another title is
// refused unless same says that the text is its next version. With propose, controls are proposed for its clauses; those
// as sure as accept_above (0 to 1) and more are taken over at once, the others wait as records of the type proposal.
func (s *server) importText(w http.ResponseWriter, c *call) error {
	if err := s.Engine.MayAdd(c.Context(), c.actor); err != nil {
		return err
	}
	body, err := readBody(w, c.Request)
	if err != nil {
		return err
	}
	key, kerr := textOf(body, "key")
	text, terr := textOf(body, "text")
	same, isFlag := body["same"].(bool)
	if body["same"] != nil && !isFlag {
		terr = errors.Join(terr, errs.Of("same", "api.want_flag").With("name", "same"))
	}
	ask, perr := proposing(body)
	if err := errors.Join(shape(body, "key", "text", "same", "propose", "accept_above"), kerr, terr, perr); err != nil {
		return err
	}
	for name, value := range map[string]string{"key": key, "text": text} {
		if strings.TrimSpace(value) == "" {
			return errs.Of(name, "field.required").With("field", name)
		}
	}
	drafts, err := exchange.Drafts([]byte(text), "", strings.TrimSpace(key))
	if err != nil {
		return err
	}
	if !same {
		if d, title, err := s.Engine.Taken(c.Context(), drafts); err != nil || d != nil {
			return errors.Join(err, taken(d, title))
		}
	}
	var sum proposal.Tally
	var then []regulation.Stored
	if ask.propose && s.Propose != nil {
		then = append(then, s.Propose.Then(ask.from, &sum))
	}
	if err := s.Engine.StoreAll(c.Context(), c.actor, drafts, then...); err != nil {
		return err
	}
	type made struct {
		Key     string `json:"key"`
		Title   string `json:"title"`
		Clauses int    `json:"clauses"`
	}
	items := make([]made, len(drafts))
	for i, d := range drafts {
		items[i] = made{d.Key, d.Title, len(d.Clauses)}
	}
	return answer(w, http.StatusCreated, map[string]any{"items": items, "proposed": sum.Clauses, "accepted": sum.Accepted})
}

// wish is what an import asks of proposals.
type wish struct {
	propose bool
	from    float64
}

func proposing(body map[string]any) (wish, error) {
	out := wish{from: proposal.NoAccept}
	flag, isFlag := body["propose"].(bool)
	if body["propose"] != nil && !isFlag {
		return out, errs.Of("propose", "api.want_flag").With("name", "propose")
	}
	out.propose = flag
	if body["accept_above"] == nil {
		return out, nil
	}
	number, ok := body["accept_above"].(json.Number)
	if f, err := number.Float64(); ok && err == nil && f > 0 && f <= 1 {
		out.from = f
		return out, nil
	}
	return out, errs.Of("accept_above", "api.want_share").With("name", "accept_above")
}

func taken(d *regulation.Draft, title string) error {
	if d == nil {
		return nil
	}
	return errs.New(errs.Conflict, "api.key_taken").With("key", d.Key).With("title", title).With("new", d.Title)
}

// office describes what belongs to no single record.
func (d *writer) office() {
	text, whole := textSchema("", false), &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
	d.schemas["AuditEntry"] = object(map[string]*huma.Schema{
		"seq": whole, "at": textSchema("date-time", false), "actor": text, "via": text, "address": text, "verb": text, "record_id": idSchema(true),
		"detail": {Type: huma.TypeObject, AdditionalProperties: true, Nullable: true}, "hash": text,
	})
	d.schemas["RegulationText"] = object(map[string]*huma.Schema{
		"key": {Type: huma.TypeString, MinLength: ptr(1), MaxLength: ptr(40)}, "text": {Type: huma.TypeString, MinLength: ptr(1)}, "same?": {Type: huma.TypeBoolean, Default: false}, "propose?": {Type: huma.TypeBoolean, Default: false},
		"accept_above?": {Type: huma.TypeNumber, Minimum: ptr(0.0), Maximum: ptr(1.0)},
	})
	var query []*huma.Param
	for _, p := range []struct {
		name   string
		schema *huma.Schema
	}{
		{"verb", text}, {"actor", text}, {"record", idSchema(false)}, {"from", textSchema("date-time", false)}, {"until", textSchema("date-time", false)}, {"before", whole},
		{"limit", &huma.Schema{Type: huma.TypeInteger, Minimum: ptr(1.0), Maximum: ptr(200.0), Default: 50}},
	} {
		query = append(query, &huma.Param{Name: p.name, In: "query", Schema: p.schema})
	}
	d.add(op{
		method: "GET", path: root + "audit", id: "audit_log", tag: "audit", summary: d.text("api.doc.audit_log"), params: query, code: 200, failures: []int{422},
		out: object(map[string]*huma.Schema{
			"items": list(ref("AuditEntry")), "before": {Type: huma.TypeInteger, Format: "int64", Nullable: true}, "total": whole, "capped": {Type: huma.TypeBoolean},
		}),
	})
	d.add(op{
		method: "POST", path: root + "regulations/import", id: "import_regulation_text", tag: "regulations", summary: d.text("api.doc.import_text"),
		body: ref("RegulationText"), code: 201, failures: []int{409},
		out: object(map[string]*huma.Schema{"items": list(object(map[string]*huma.Schema{"key": text, "title": text, "clauses": whole})), "proposed": whole, "accepted": whole}),
	})
	d.doc.Tags = append(d.doc.Tags, &huma.Tag{Name: "audit", Description: d.text("api.doc.audit")})
}
