package mcp

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"dianke/internal/engine/record"
	"dianke/internal/engine/regulation"
	"dianke/internal/platform/db"
	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	root     = "dianke://regulations/"
	markdown = "text/markdown"
)

func clauseURI(regulation, clause string) string {
	return root + url.PathEscape(regulation) + "/clauses/" + url.PathEscape(clause)
}

// addResources offers regulations, whose outline leads to clauses, and clauses with what stands below them: so no answer
// is larger than one piece of a text.
func (s *Server) addResources(server *sdk.Server, lang i18n.Lang) {
	if s.Engine == nil {
		return
	}
	for _, t := range []struct{ name, uri string }{{"regulation", root + "{regulation}"}, {"clause", root + "{regulation}/clauses/{clause}"}} {
		server.AddResourceTemplate(&sdk.ResourceTemplate{
			Name: t.name, Title: s.Texts.Text(lang, t.name), Description: s.Texts.Text(lang, "mcp.resource."+t.name), MIMEType: markdown, URITemplate: t.uri,
		}, s.readResource)
	}
}

// listResources lists the regulations the caller may read.
func (s *Server) listResources(ctx context.Context, p *sdk.ListResourcesParams) (*sdk.ListResourcesResult, error) {
	c, err := callerOf(ctx)
	out := &sdk.ListResourcesResult{Resources: []*sdk.Resource{}}
	if err != nil || s.Engine == nil {
		return out, err
	}
	list, err := s.Records.List(ctx, c.actor, "regulation", record.Query{Sort: "id", Limit: 100, After: p.Cursor})
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, v := range list.Views {
		text := func(name string) string { cell, _ := v.Cell(name); return cell.Text }
		out.Resources = append(out.Resources, &sdk.Resource{
			Name: text("key"), Title: in(c.lang, text("title"), text("title_en")), Description: in(c.lang, text("summary"), text("summary_en")),
			MIMEType: markdown, URI: root + url.PathEscape(text("key")),
		})
	}
	out.NextCursor = list.Next
	return out, nil
}

// readResource answers for a regulation or a clause; what the caller may not read is not there.
func (s *Server) readResource(ctx context.Context, req *sdk.ReadResourceRequest) (*sdk.ReadResourceResult, error) {
	c, err := callerOf(ctx)
	if err != nil {
		return nil, err
	}
	absent := sdk.ResourceNotFoundError(req.Params.URI)
	path, ok := strings.CutPrefix(req.Params.URI, root)
	key, rest, deeper := strings.Cut(path, "/clauses/")
	key, kerr := url.PathUnescape(key)
	rest, rerr := url.PathUnescape(rest)
	if !ok || kerr != nil || rerr != nil {
		return nil, absent
	}
	_, err = db.View(ctx, s.Records.DB, func(tx *db.Tx) (int, error) {
		_, err := s.Records.Guard.Authorize(ctx, tx, c.actor, "regulation", record.Read)
		return 0, err
	})
	var r *regulation.Reading
	if err == nil {
		r, err = s.Engine.Read(ctx, key)
	}
	if errs.Is(err, errs.Forbidden) || errs.Is(err, errs.Refused) || errs.Is(err, errs.NotFound) {
		return nil, absent
	}
	if err != nil {
		return nil, err
	}
	text := s.outline(c.lang, r)
	if deeper {
		if text = clauseText(c.lang, r, rest); text == "" {
			return nil, absent
		}
	}
	return &sdk.ReadResourceResult{Contents: []*sdk.ResourceContents{{URI: req.Params.URI, MIMEType: markdown, Text: text}}}, nil
}

// outline is a regulation's title, version and clauses with their addresses.
func (s *Server) outline(lang i18n.Lang, r *regulation.Reading) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s · %s\n", in(lang, r.Regulation.Title, r.Regulation.TitleEn), r.Regulation.Key,
		s.Texts.Text(lang, "mcp.version", "no", strconv.FormatInt(r.Version.VersionNo, 10)))
	if sum := in(lang, r.Regulation.Summary, r.Regulation.SummaryEn); sum != "" {
		b.WriteString("\n" + sum + "\n")
	}
	b.WriteString("\n")
	for _, c := range r.Clauses {
		head := in(lang, c.Heading, c.HeadingEn)
		if head == "" {
			head = clip(strings.Join(strings.Fields(in(lang, c.Body, c.BodyEn)), " "), 60)
		}
		fmt.Fprintf(&b, "- [%s](%s) %s\n", strings.TrimSpace(c.Key+" "+c.Printed), clauseURI(r.Regulation.Key, c.Key), head)
	}
	return b.String()
}

// clauseText is a clause with all that stands below it; empty for a clause that is not there.
func clauseText(lang i18n.Lang, r *regulation.Reading, key string) string {
	if r.Clause(key) == nil {
		return ""
	}
	var b strings.Builder
	inside := map[string]bool{}
	for _, c := range r.Clauses {
		if c.Key != key && !inside[c.ParentKey] {
			continue
		}
		inside[c.Key] = true
		fmt.Fprintf(&b, "**%s** %s\n\n", c.Key, strings.TrimSpace(c.Printed+" "+in(lang, c.Heading, c.HeadingEn)))
		for _, text := range []string{in(lang, c.Body, c.BodyEn), in(lang, c.Note, c.NoteEn)} {
			if text != "" {
				b.WriteString(text + "\n\n")
			}
		}
	}
	return strings.TrimSpace(b.String())
}
