package regulation

import (
	"context"
	"fmt"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation/text"
	"dianke/internal/platform/errs"
)

// Draft is the text of one version before it is stored, from a pack or from an imported text.
type Draft struct {
	Key                string
	Title, TitleEn     string
	Summary, SummaryEn string
	Body, BodyEn       string
	Origin             string
	ReviewEvery        int
	CoverUnits         []record.ID
	CoverPosts         []string
	Source             string
	Clauses            []*Clause  // in printed order
	Bindings           []*Binding // ClauseKey, Control and Spec
}

// home is the unit the regulation belongs to: the first it covers, so that clauses about the rules themselves find them.
func (d *Draft) home() record.ID {
	if len(d.CoverUnits) == 0 {
		return 0
	}
	return d.CoverUnits[0]
}

// Store writes the draft as a new version of its regulation, which is made where it does not exist, and returns the
// version. It acts within the running call.
func (e *Engine) Store(ctx context.Context, c *record.Call, d *Draft) (*Version, error) {
	if d.Key == "" || d.Title == "" || len(d.Clauses) == 0 {
		return nil, errs.New(errs.Invalid, "regulation.empty_draft")
	}
	r, err := e.regulationOf(ctx, c, d)
	if err != nil {
		return nil, err
	}
	v := &Version{
		Head: record.Head{UnitID: d.home()}, RegulationID: r.ID, Status: "draft", CoverUnits: d.CoverUnits, CoverPosts: d.CoverPosts, SourceText: d.Source,
	}
	if err := c.Work.Insert(ctx, c, "regulation_version", v); err != nil {
		return nil, fmt.Errorf("store %s: %w", d.Key, err)
	}
	for i, cl := range d.Clauses {
		row := *cl
		row.Head, row.VersionID, row.Position = record.Head{UnitID: v.UnitID}, v.ID, int64(i)
		if err := c.Work.Insert(ctx, c, "clause", &row); err != nil {
			return nil, fmt.Errorf("store clause %s: %w", cl.Key, err)
		}
	}
	for _, b := range d.Bindings {
		row := *b
		row.Head, row.VersionID = record.Head{}, v.ID
		if err := c.Work.Insert(ctx, c, "binding", &row); err != nil {
			return nil, fmt.Errorf("store binding of %s: %w", b.ClauseKey, err)
		}
	}
	return v, nil
}

func (e *Engine) regulationOf(ctx context.Context, c *record.Call, d *Draft) (*Regulation, error) {
	found, err := record.Find[Regulation](ctx, c, "regulation", record.Where("key", d.Key), 1)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	r := &Regulation{
		Head: record.Head{UnitID: d.home()}, Key: d.Key, Title: d.Title, TitleEn: d.TitleEn, Summary: d.Summary, SummaryEn: d.SummaryEn, Body: d.Body, BodyEn: d.BodyEn, Origin: d.Origin,
	}
	if d.ReviewEvery > 0 {
		n := int64(d.ReviewEvery)
		r.ReviewEvery = &n
	}
	return r, c.Work.Insert(ctx, c, "regulation", r)
}

// Advance takes a version from draft through review and approval into force at once, as the installing of a pack does
// on behalf of the company that chose it.
func (e *Engine) Advance(ctx context.Context, c *record.Call, v *Version) error {
	hash, err := textHash(ctx, c, v.ID)
	if err != nil {
		return err
	}
	stored, err := record.Load[Version](ctx, c, "regulation_version", v.ID)
	if err != nil {
		return err
	}
	stored.TextHash, stored.ApprovedAt, stored.ApprovedBy = hash, &c.Now, c.Actor().UserID
	stored.Status = "approved"
	if err := c.Work.Save(ctx, c, "regulation_version", "approve", stored); err != nil {
		return err
	}
	if stored, err = record.Load[Version](ctx, c, "regulation_version", v.ID); err != nil {
		return err
	}
	if err := e.promulgate(ctx, c, stored, &Promulgation{}); err != nil {
		return err
	}
	return c.Work.Save(ctx, c, "regulation_version", "promulgate", stored)
}

// FromText splits a text (plain, Markdown or a Word document, see [text.Read]) into regulations and returns a draft for each, without bindings. Keys are made from the
// position: prefix-1, prefix-2 …; a single regulation gets the prefix itself.
func FromText(raw []byte, prefix string) ([]*Draft, error) {
	plain, err := text.Read(raw)
	if err != nil {
		return nil, err
	}
	docs := text.Split(plain)
	var out []*Draft
	for i, doc := range docs {
		d := &Draft{Key: prefix, Title: doc.Title, Origin: "import", Source: text.Join([]*text.Document{doc})}
		if len(docs) > 1 {
			d.Key = fmt.Sprintf("%s-%02d", prefix, i+1)
		}
		if d.Title == "" {
			d.Title = firstLine(plain)
		}
		d.Clauses = clausesFrom(d.Key, doc)
		if len(d.Clauses) > 0 {
			out = append(out, d)
		}
	}
	if len(out) == 0 {
		return nil, errs.New(errs.Invalid, "regulation.no_clauses")
	}
	return out, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if r := []rune(strings.TrimSpace(line)); len(r) > 60 {
		return string(r[:60])
	}
	return strings.TrimSpace(line)
}

// clausesFrom keeps every character of the document: what stands above and before the first number becomes a clause
// without number.
func clausesFrom(prefix string, doc *text.Document) []*Clause {
	var out []*Clause
	for i, s := range []string{doc.Above, doc.Front} {
		if s != "" {
			out = append(out, &Clause{Key: fmt.Sprintf("%s.f%d", prefix, i), Level: "front", Body: s})
		}
	}
	var add func(nodes []*text.Node, parent string)
	add = func(nodes []*text.Node, parent string) {
		for _, n := range nodes {
			key := prefix + "." + n.Key
			out = append(out, &Clause{
				Key: key, ParentKey: parent, Level: levelName(n.Level), Printed: n.Number, Heading: n.Heading, Body: n.Text,
			})
			add(n.Children, key)
		}
	}
	add(doc.Nodes, "")
	return out
}

func levelName(l text.Level) string {
	switch l {
	case text.LevelPart:
		return "part"
	case text.LevelChapter:
		return "chapter"
	case text.LevelSection:
		return "section"
	case text.LevelArticle:
		return "article"
	case text.LevelHeading:
		return "heading"
	case text.LevelParagraph:
		return "paragraph"
	case text.LevelItem:
		return "item"
	}
	return "point"
}
