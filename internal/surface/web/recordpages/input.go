package recordpages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/engine/record/store"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/ids"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"
)

func parseID(s string) (record.ID, error) { return ids.Parse(strings.TrimSpace(s)) }

// readInput reads the fields that a form showed (_fields, where it says so) into values for an action. Values are not
// checked here but for what only a form can get wrong: a name typed and not chosen, an hour in the reader's zone.
func (p *Pages) readInput(r *http.Request, fields []*record.Field) (map[string]any, error) {
	out := map[string]any{}
	shown := strings.Split(r.PostForm.Get("_fields"), ",")
	var faults []*errs.Error
	for _, f := range fields {
		_, sent := r.PostForm[f.Name]
		if r.PostForm.Has("_fields") {
			sent = slices.Contains(shown, f.Name)
		} else if k := f.Kind.Name(); k == "refs" {
			sent = sent || r.PostForm.Has(f.Name+"_add")
		}
		if !sent || f.Kind.Name() == "file" || f.Kind.Name() == "files" {
			continue
		}
		v, fault := p.readField(r, f)
		if fault != nil {
			faults = append(faults, fault)
			continue
		}
		out[f.Name] = v
	}
	return out, errs.Collect(faults)
}

func (p *Pages) readField(r *http.Request, f *record.Field) (any, *errs.Error) {
	typed := r.PostForm
	text := typed.Get(f.Name)
	switch f.Kind.Name() {
	case "multienum":
		if len(f.Options.Enum) == 0 {
			return text, nil
		}
		return typed[f.Name], nil
	case "refs":
		list := slices.Clone(typed[f.Name])
		return append(list, clean([]string{typed.Get(f.Name + "_add")})...), nil
	case "ref", "user", "unit":
		if text == "" && strings.TrimSpace(typed.Get(f.Name+"_q")) != "" {
			return p.resolve(r, f, typed.Get(f.Name+"_q"))
		}
	case "duration":
		return duration(f, text, typed.Get(f.Name+"_unit"))
	case "address":
		if typed.Has(f.Name + "_area_province") {
			return strings.TrimSpace(areaCode(typed, f.Name+"_area") + " " + strings.TrimSpace(text)), nil
		}
	case "time":
		if at, err := time.ParseInLocation("2006-01-02T15:04", strings.TrimSpace(text), i18n.ZoneOf(r.Context())); err == nil {
			return at, nil
		}
	}
	return text, nil
}

// resolve takes a name that was typed and not chosen for the one record that is called so.
func (p *Pages) resolve(r *http.Request, f *record.Field, q string) (any, *errs.Error) {
	list, err := p.hits(r, refType(f), q)
	if err == nil && len(list) == 1 {
		return list[0].Value, nil
	}
	return nil, errs.Of(f.Name, "field.want_id").Because(err)
}

func duration(f *record.Field, number, unit string) (any, *errs.Error) {
	number = strings.TrimSpace(number)
	if number == "" || unit == "" {
		return number, nil
	}
	n, err := strconv.ParseFloat(number, 64)
	per := map[string]time.Duration{"min": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[unit]
	if err != nil || per == 0 || n < 0 || n > 1e6 {
		return nil, errs.Of(f.Name, "field.want_duration").Because(err)
	}
	return time.Duration(n * float64(per)), nil
}

// plainOf is the canonical text of an input value, for comparing it with what a record holds.
func plainOf(f *record.Field, v any) (string, *errs.Error) {
	parsed, err := f.Parse(v)
	if err != nil {
		return "", err
	}
	return plain(f.Kind.Text(parsed)), nil
}

// plain takes a length of nothing for no length: a struct field of type Duration cannot tell them apart.
func plain(text string) string {
	if text == "0s" {
		return ""
	}
	return text
}

// uploads stores the files of a form's file fields, attaches them to the record and adds their ids to the input.
func (p *Pages) uploads(r *http.Request, t *record.Type, id record.ID, fields []*record.Field, into map[string]any) error {
	if r.MultipartForm == nil {
		return nil
	}
	for _, f := range fields {
		kind := f.Kind.Name()
		if kind != "file" && kind != "files" {
			continue
		}
		list, err := p.attach(r, t, id, f.Name)
		if err != nil {
			return err
		}
		switch {
		case len(list) == 0:
		case kind == "file":
			into[f.Name] = list[0].ID
		default:
			all := make([]record.ID, len(list))
			for i, e := range list {
				all[i] = e.ID
			}
			into[f.Name] = all
		}
	}
	return nil
}

const maxFiles = 20 // of one post

// attach stores the files sent under a name and attaches them to the record.
func (p *Pages) attach(r *http.Request, t *record.Type, id record.ID, name string) ([]store.FileEntry, error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	headers := r.MultipartForm.File[name]
	if len(headers) > maxFiles {
		return nil, errs.Of(name, "field.too_many_items").With("max", maxFiles)
	}
	var out []store.FileEntry
	for _, h := range headers {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		file, err := h.Open()
		if err != nil {
			return nil, errs.New(errs.Malformed, "web.broken_form").Because(err)
		}
		ref, err := p.deps.Blobs.Put(r.Context(), file, p.deps.MaxFile)
		_ = file.Close() // it was only read
		if err != nil {
			return nil, err
		}
		e := store.FileEntry{Name: fileName(h.Filename), Hash: ref.Hash, Size: ref.Size, ContentType: ref.ContentType}
		if err := p.records().Attach(r.Context(), web.Actor(r.Context()), t.Name, id, &e); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// fileName is the last part of what the sender called the file, without characters that mislead.
func fileName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > 120 {
		s = string(r[:60]) + "…" + string(r[len(r)-50:])
	}
	if s == "" {
		return "file"
	}
	return s
}

// hits are the records of a type that a search word finds, as options of a choice.
func (p *Pages) hits(r *http.Request, typ, q string) ([]webui.Option, error) {
	q = strings.TrimSpace(q)
	if q == "" || len([]rune(q)) > 100 {
		return nil, nil
	}
	found, err := p.records().Search(r.Context(), web.Actor(r.Context()), q, []string{typ}, 10)
	if err != nil {
		return nil, err
	}
	out := make([]webui.Option, len(found))
	for i, f := range found {
		out[i] = webui.Option{Value: f.Record.ID.String(), Label: f.Title, Detail: f.Record.Number}
	}
	return out, nil
}
