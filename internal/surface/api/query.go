package api

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
)

// params checks that an address names only known parameters, each but f once.
func params(q url.Values, known ...string) error {
	for name, values := range q {
		if !contains(known, name) {
			return errs.Of(clip(name, 40), "api.unknown_param").With("name", clip(name, 40))
		}
		if len(values) > 1 && name != "f" {
			return errs.Of(name, "api.param_twice").With("name", name)
		}
	}
	return nil
}

func flag(q url.Values, name string) (bool, error) {
	switch q.Get(name) {
	case "":
		return false, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errs.Of(name, "api.want_flag").With("name", name)
}

func number(q url.Values, name string) (int, error) {
	if q.Get(name) == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 1 {
		return 0, errs.Of(name, "list.bad_limit").With("max", 200)
	}
	return n, nil
}

// query reads the parameters of a list.
func (s *server) query(c *call, t *record.Type) (record.Query, error) {
	in, err := url.ParseQuery(c.URL.RawQuery)
	if err != nil {
		return record.Query{}, errs.New(errs.Malformed, "api.query").Because(err)
	}
	if err := params(in, "q", "filter", "f", "sort", "desc", "limit", "cursor", "count", "archived"); err != nil {
		return record.Query{}, err
	}
	q := record.Query{Text: in.Get("q"), Sort: in.Get("sort"), After: in.Get("cursor")}
	if q.Limit, err = number(in, "limit"); err != nil {
		return q, err
	}
	for name, into := range map[string]*bool{"desc": &q.Desc, "count": &q.Count, "archived": &q.Archived} {
		if *into, err = flag(in, name); err != nil {
			return q, err
		}
	}
	q.Filter, err = s.filter(c, t, in)
	return q, err
}

// filter joins the JSON filter and the short conditions by "and".
func (s *server) filter(c *call, t *record.Type, in url.Values) (record.Filter, error) {
	fc := record.FilterContext{Now: s.Records.Store.Clock.Now(), Zone: i18n.ZoneOf(c.Context()), Me: c.actor.UserID}
	text, err := moneyInFilter(t, in.Get("filter"))
	if err != nil {
		return record.Filter{}, err
	}
	whole, err := t.ParseFilter(text, fc)
	if err != nil {
		return record.Filter{}, err
	}
	var all []record.Filter
	if !whole.Zero() {
		all = append(all, whole)
	}
	for _, short := range in["f"] {
		short, err := moneyInShort(t, short)
		if err != nil {
			return record.Filter{}, err
		}
		f, err := t.ParseCondition(short, fc)
		if err != nil {
			return record.Filter{}, err
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		return record.Filter{}, nil
	}
	return record.All(all...), nil
}

// isMoney reports whether the field holds an amount. Filters of the engine read amounts as people write them (12.50);
// here they are in minor units like everywhere in this interface.
func isMoney(t *record.Type, name string) bool {
	f := t.Field(name)
	return f != nil && f.Kind.Name() == "money"
}

func decimals(name, minor string) (string, error) {
	n, err := strconv.ParseInt(minor, 10, 64)
	if err != nil {
		return "", errs.Of(name, "api.want_minor_units")
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100), nil
}

func moneyInShort(t *record.Type, text string) (string, error) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) < 3 || !isMoney(t, parts[0]) || parts[2] == "" {
		return text, nil
	}
	list := strings.Split(parts[2], ",")
	for i, v := range list {
		var err error
		if list[i], err = decimals(parts[0], v); err != nil {
			return "", err
		}
	}
	parts[2] = strings.Join(list, ",")
	return strings.Join(parts, ":"), nil
}

func moneyInFilter(t *record.Type, text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	tree, err := parseObject([]byte(text))
	if err != nil {
		return "", errs.New(errs.Malformed, "filter.syntax").Because(err)
	}
	if err := convertMoney(t, tree); err != nil {
		return "", err
	}
	out, err := json.Marshal(tree)
	if err != nil {
		return "", errs.New(errs.Malformed, "filter.syntax").Because(err)
	}
	return string(out), nil
}

// convertMoney walks a filter and turns amounts into the writing of the engine.
func convertMoney(t *record.Type, node any) error {
	switch n := node.(type) {
	case []any:
		for _, x := range n {
			if err := convertMoney(t, x); err != nil {
				return err
			}
		}
	case map[string]any:
		name, _ := n["field"].(string)
		if isMoney(t, name) && n["value"] != nil {
			v, err := convertAmount(name, n["value"])
			n["value"] = v
			return err
		}
		for _, member := range []string{"and", "or", "not"} {
			if err := convertMoney(t, n[member]); err != nil {
				return err
			}
		}
	}
	return nil
}

func convertAmount(name string, v any) (any, error) {
	switch x := v.(type) {
	case json.Number:
		return decimals(name, x.String())
	case []any:
		for i := range x {
			var err error
			if x[i], err = convertAmount(name, x[i]); err != nil {
				return nil, err
			}
		}
		return x, nil
	}
	return nil, errs.Of(name, "api.want_minor_units")
}
