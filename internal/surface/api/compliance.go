package api

import (
	"mime"
	"net/http"
	"net/url"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// heatCell is one regulation in one month.
type heatCell struct {
	Status   evidence.Status         `json:"status"`
	Clauses  map[evidence.Status]int `json:"clauses"`  // by status
	Outcomes evidence.Tally          `json:"outcomes"` // by result
}

type heatLine struct {
	Key         string              `json:"regulation"`
	Title       [2]string           `json:"title"` // zh, en
	Clauses     int                 `json:"clauses"`
	Bound       int                 `json:"bound"`
	Excluded    int                 `json:"not_applicable"`
	Unexercised int                 `json:"not_exercised"`
	Months      map[string]heatCell `json:"months"`
}

// compliance handles GET /compliance?from=2026-01&to=2026-03&unit=ID: the heat map, as far as the caller may count.
func (s *server) compliance(w http.ResponseWriter, c *call) error {
	p, err := periodOf(c)
	if err != nil {
		return err
	}
	h, err := s.Book.HeatOf(c.Context(), c.actor, p)
	if err != nil {
		return err
	}
	items := make([]heatLine, len(h.Lines))
	for i, l := range h.Lines {
		items[i] = heatLine{l.Key, l.Title, l.Clauses, l.Bound, l.Excluded, l.Unexercised, map[string]heatCell{}}
		for m, cell := range l.Cells {
			items[i].Months[m] = heatCell{cell.Worst(), cell.Clauses, cell.Tally}
		}
	}
	return answer(w, http.StatusOK, map[string]any{"months": h.Months, "items": items})
}

// statement handles GET /compliance/statement with the same parameters and regulation=KEY: every clause in force with its
// controls, whether it applies and how it stands.
func (s *server) statement(w http.ResponseWriter, c *call) error {
	p, err := periodOf(c)
	if err != nil {
		return err
	}
	list, err := s.Book.Statement(c.Context(), c.actor, p)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]any{"items": list})
}

// periodOf reads the months, both needed, and what narrows them.
func periodOf(c *call) (assess.Period, error) {
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return assess.Period{}, errs.New(errs.Malformed, "api.query").Because(err)
	}
	if err := params(in, "from", "to", "unit", "regulation"); err != nil {
		return assess.Period{}, err
	}
	p := assess.Period{From: in.Get("from"), To: in.Get("to")}
	if n := len(assess.Months(p.From, p.To)); n == 0 || n > 60 || len(p.To) != len("2006-01") {
		return p, errs.Of("from", "assessment.period")
	}
	if key := in.Get("regulation"); key != "" {
		p.Regulations = []string{key}
	}
	if text := in.Get("unit"); text != "" {
		if err := p.Unit.UnmarshalText([]byte(text)); err != nil {
			return p, errs.Of("unit", "field.want_id")
		}
	}
	return p, nil
}

// handout handles GET /assessments/{id}/handouts/{file}: archive.zip, statement.xlsx, catalog.json or
// assessment-results.json of a frozen assessment.
func (s *server) handout(w http.ResponseWriter, c *call) error {
	var id record.ID
	if id.UnmarshalText([]byte(c.PathValue("id"))) != nil {
		return errs.New(errs.NotFound, "record.not_found")
	}
	name := c.PathValue("file")
	b, err := s.Archive.Form(c.Context(), c.actor, id, name, string(i18n.LangOf(c.Context())))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", exchange.MediaOf(name))
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, err = b.WriteTo(w)
	return err
}
