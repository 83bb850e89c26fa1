package customerpages

import (
	"slices"
	"strconv"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web/webui"
)

const (
	dealPage = 200
	maxDeals = 1000 // read for the sums of years; older ones are then left out
	maxYears = 5
)

// yearView is what one year brought: payments less refunds, and the documents of the year.
type yearView struct {
	Label, Net, Detail string
	Share              int // of the best year, in percent
}

// dealt is what the customer bought, year by year, the last year first.
type dealt struct {
	years []year
	last  []lineView
	cut   bool
	add   *webui.LinkButtonView
}

type year struct {
	n         int
	net       int64
	documents int
}

// deals sums the transactions by year of their dates.
func (s *sight) deals() dealt {
	out := dealt{add: s.add("transaction")}
	var after string
	for n := 0; n < maxDeals && s.err == nil; n += dealPage {
		q := record.Query{Filter: record.Where("customer_id", s.id), Sort: "dated_on", Desc: true, Limit: dealPage, After: after}
		list, next, err := s.o.Views("transaction", q)
		s.err = err
		for _, v := range list {
			kind, _ := v.Cell("kind")
			day, _ := v.Cell("dated_on")
			amount, _ := v.Cell("amount")
			sum, _ := numberOf(amount.Value)
			out.count(kind.Text, dateOf(day.Value), sum)
		}
		if after = next; after == "" {
			return out
		}
	}
	out.cut = s.err == nil
	return out
}

func dateOf(v any) time.Time {
	switch d := v.(type) {
	case time.Time:
		return d
	case *time.Time:
		if d != nil {
			return *d
		}
	}
	return time.Time{}
}

// count adds a transaction to its year. Contracts and orders are counted and carry no turnover: their payments do.
func (d *dealt) count(kind string, day time.Time, amount int64) {
	i := slices.IndexFunc(d.years, func(y year) bool { return y.n == day.Year() })
	if i < 0 {
		i = len(d.years)
		d.years = append(d.years, year{n: day.Year()})
	}
	y := &d.years[i]
	switch kind {
	case "payment":
		y.net += amount
	case "refund":
		y.net -= amount
	default:
		y.documents++
	}
}

// card shows the years with a bar each.
func (d dealt) card(s *sight) cardView {
	c := cardView{ID: "value", Title: s.t("customerpages.value"), Icon: "coin", Add: d.add, Empty: s.t("customerpages.value.none")}
	var best int64
	for _, y := range d.years[:min(len(d.years), maxYears)] {
		best = max(best, y.net)
	}
	var rows []yearView
	for _, y := range d.years[:min(len(d.years), maxYears)] {
		row := yearView{Label: strconv.Itoa(y.n), Net: i18n.Money(y.net, "CNY")}
		if y.documents > 0 {
			row.Detail = s.t("customerpages.value.documents", "n", y.documents)
		}
		if best > 0 && y.net > 0 {
			row.Share = int(y.net * 100 / best)
		}
		rows = append(rows, row)
	}
	if len(rows) > 0 {
		c.Empty, c.MoreHref = "", s.tab("transaction")
		note := ""
		if d.cut {
			note = s.t("customerpages.value.cut", "n", maxDeals)
		}
		c.Content = years(s.t("customerpages.value"), rows, note)
	}
	return c
}

// stats are the figures above the cards.
func (s *sight) stats(d dealt, open cased, talks cardView, rated rating) []webui.StatView {
	turnover, _ := numberOf(s.value("turnover"))
	sum := webui.StatView{Label: s.t("customer.turnover"), Icon: "coin", Value: i18n.Money(turnover, "CNY")}
	thisYear := s.now.In(i18n.ZoneOf(s.ctx)).Year()
	if i := slices.IndexFunc(d.years, func(y year) bool { return y.n == thisYear }); i >= 0 {
		sum.Detail = s.t("customerpages.value.this_year", "sum", i18n.Money(d.years[i].net, "CNY"))
	}
	last := webui.StatView{Label: s.t("customer.last_contact_at"), Icon: "history", Value: s.t("customerpages.never")}
	if at := dateOf(s.value("last_contact_at")); !at.IsZero() {
		last.Value, last.Detail = i18n.Ago(s.ctx, at, s.now), i18n.DateTime(s.ctx, at)
	}
	next := webui.StatView{Label: s.t("customer.next_contact"), Icon: "calendar-time", Value: s.t("customerpages.unplanned")}
	if day := dateOf(s.value("next_contact")); !day.IsZero() {
		next.Value = day.Format(time.DateOnly)
		next.Detail = s.daysTo(day)
	}
	out := []webui.StatView{sum, last, next}
	if open.card.Title != "" {
		st := webui.StatView{Label: s.t("customerpages.cases"), Icon: "headset", Value: open.n, Href: "#cases"}
		if open.late {
			st.Detail = s.t("customerpages.cases.late")
		}
		out = append(out, st)
	}
	if rated.n > 0 {
		out = append(out, webui.StatView{Label: s.t("customerpages.satisfaction"), Icon: "mood-smile", Value: rated.average, Unit: "/ 5", Detail: s.t("customerpages.satisfaction.of", "n", rated.n)})
	}
	return out
}

// daysTo says in words how far off a civil date is.
func (s *sight) daysTo(day time.Time) string {
	y, m, d := s.now.In(i18n.ZoneOf(s.ctx)).Date()
	switch n := int(day.Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour)); {
	case n < 0:
		return s.t("customerpages.overdue", "n", -n)
	case n == 0:
		return s.t("customerpages.today")
	default:
		return s.t("customerpages.in_days", "n", n)
	}
}
