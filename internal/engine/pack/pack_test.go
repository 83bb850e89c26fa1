package pack_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"

	"dianke/internal/engine/pack"
	"dianke/internal/platform/errs"
)

const packYAML = `id: shop
version: 1.0.0
title: {zh: 门店, en: Shop}
trade: retail
units:
  - {key: store, title: {zh: 门店, en: Store}}
posts:
  - {key: keeper, title: {zh: 店长, en: Shopkeeper}, unit: store, roles: [employee, manager]}
calendars:
  - {key: night, title: {zh: 夜班, en: Night}, hours: {fri: "19:30-02:00"}, holidays: cn}
categories:
  - {key: complaint, title: {zh: 投诉, en: Complaint}, kinds: [complaint]}
urgencies:
  - {key: normal, title: {zh: 一般, en: Normal}, respond: 2h work, resolve: 3d}
`

const measuresYAML = `ladders:
  - {key: dress, title: {zh: 着装, en: Dress}, steps: [{key: first, title: {zh: 提醒, en: Reminder}, kind: reminder, months: 3}]}
checklists:
  - {key: closing, title: {zh: 闭店, en: Closing}, items: [{key: doors, title: {zh: 门窗, en: Doors}}]}
messages:
  - {key: thanks, title: {zh: 致谢, en: Thanks}, text: {zh: 谢谢, en: Thank you}, kind: reply, category: complaint}
`

const regulationYAML = `id: r90
title: {zh: 门店守则, en: Shop rules}
summary: {zh: 概要, en: Summary}
body: {zh: 公司, en: The company}
review_every: 12
cover: {units: [store]}
nodes:
  - number: 第一条
    level: article
    title: {zh: 接待, en: Reception}
    nodes:
      - id: r90.1.1
        number: 第一条(1)
        level: item
        text: {zh: 主动问候。, en: Greet first.}
        post: keeper
        controls: [guard, metric]
        room: reception
        params: {minutes: 3, kinds: [a, b]}
`

const bindingYAML = `- clause: r90.1.1
  note: {zh: 说明, en: Note}
  deadline:
    start: visit.create
`

// shop returns a sound pack with some texts replaced.
func shop(replace ...string) fstest.MapFS {
	r := strings.NewReplacer(replace...)
	return fstest.MapFS{
		"shop/pack.yaml":            {Data: []byte(r.Replace(packYAML + measuresYAML))},
		"shop/regulations/r90.yaml": {Data: []byte(r.Replace(regulationYAML))},
		"shop/bindings/r90.yaml":    {Data: []byte(r.Replace(bindingYAML))},
		"docs/readme.txt":           {Data: []byte("no pack")},
	}
}

func TestLoadReadsAPack(t *testing.T) {
	t.Parallel()
	packs, err := pack.Load(shop())
	if err != nil || len(packs) != 1 {
		t.Fatalf("Load = %d packs, %v", len(packs), err)
	}
	p := packs[0]
	if problems := pack.Check(packs); len(problems) != 0 {
		t.Errorf("Check = %v, want none", problems)
	}
	clauses := p.Regulations[0].Clauses()
	if len(clauses) != 1 || clauses[0].ID != "r90.1.1" || clauses[0].Line != 12 || clauses[0].Params["minutes"] != 3 {
		t.Errorf("clauses = %+v", clauses)
	}
	b := p.Bindings[0]
	if b.Clause != "r90.1.1" || b.Control != "deadline" || b.File != "shop/bindings/r90.yaml" || b.Node.Kind != yaml.MappingNode {
		t.Errorf("binding = %+v", b)
	}
	if b.Node.Line != 4 || b.Note.EN != "Note" {
		t.Errorf("binding at line %d with note %q, want 4 and Note", b.Node.Line, b.Note.EN)
	}
}

func TestLoadRefusesWithAPosition(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		old, new, key string
		file          string
		line, column  int
	}{
		"unknown field":        {"trade: retail", "trades: retail", "pack.load.unknown_field", "shop/pack.yaml", 4, 1},
		"unknown inner field":  {"unit: store,", "team: store,", "pack.load.unknown_field", "shop/pack.yaml", 8, 52},
		"unknown clause field": {"post: keeper", "posts: keeper", "pack.load.unknown_field", "shop/regulations/r90.yaml", 16, 9},
		"text as a word":       {"title: {zh: 门店守则, en: Shop rules}", "title: 门店守则", "pack.load.want_mapping", "shop/regulations/r90.yaml", 2, 8},
		"list as a word":       {"roles: [employee, manager]", "roles: employee", "pack.load.want_list", "shop/pack.yaml", 8, 72},
		"number in words":      {"review_every: 12", "review_every: yearly", "pack.load.value", "shop/regulations/r90.yaml", 5, 1},
		"foreign folder":       {"id: shop", "id: store", "pack.load.folder", "shop/pack.yaml", 1, 1},
		"foreign file name":    {"id: r90\n", "id: r91\n", "pack.load.file_name", "shop/regulations/r90.yaml", 1, 1},
		"unknown control":      {"  deadline:", "  deadlines:", "pack.load.unknown_field", "shop/bindings/r90.yaml", 3, 3},
		"two controls":         {"  note: {zh: 说明, en: Note}", "  guard: {}", "pack.load.two_controls", "shop/bindings/r90.yaml", 3, 3},
		"no clause":            {"- clause: r90.1.1\n  note", "- note", "pack.load.no_control", "shop/bindings/r90.yaml", 1, 3},
		"second document":      {"trade: retail", "trade: retail\n---\nid: x", "pack.load.second_document", "shop/pack.yaml", 5, 1},
		"broken syntax":        {"trade: retail", "trade: [", "pack.load.syntax", "shop/pack.yaml", 0, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pack.Load(shop(tt.old, tt.new))
			e := errs.As(err)
			if e == nil || e.Kind != errs.Malformed || e.Key != tt.key {
				t.Fatalf("Load = %v, want %s", err, tt.key)
			}
			if tt.line > 0 && (e.Args["line"] != tt.line || e.Args["column"] != tt.column) || e.Args["file"] != tt.file {
				t.Errorf("position %v, want %s:%d:%d", e.Args, tt.file, tt.line, tt.column)
			}
		})
	}
}

func TestCheckFindsWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, new, want string }{
		"missing language":   {"en: Greet first.", "en: ''", "missing_text r90.1.1 en"},
		"unknown post":       {"post: keeper", "post: guard", "unknown_post r90.1.1 guard"},
		"unknown unit":       {"unit: store,", "unit: cellar,", "unknown_unit cellar"},
		"unknown role":       {"manager]", "king]", "unknown_role king"},
		"unknown cover":      {"units: [store]", "units: [all]", "unknown_unit all"},
		"no cover":           {"cover: {units: [store]}", "cover: {}", "no_cover r90"},
		"empty number":       {"number: 第一条(1)", "number: ''", "empty_number r90.1.1"},
		"unknown level":      {"level: item", "level: line", "unknown_level r90.1.1 line"},
		"foreign clause":     {"r90.1.1", "r91.1", "foreign_clause r91.1"},
		"unbound clause":     {"clause: r90.1.1", "clause: r90.9", "unknown_clause r90.9"},
		"duplicate unit":     {"posts:\n", "  - {key: store, title: {zh: 店, en: S}}\nposts:\n", "duplicate unit store"},
		"duplicate clause":   {"nodes:\n  - number", "nodes:\n  - {id: r90.1.1, number: 1, level: item, text: {zh: 甲, en: A}, post: keeper}\n  - number", "duplicate clause r90.1.1"},
		"missing need":       {"trade: retail", "trade: retail\nneeds: [general]", "missing_need general"},
		"bad hours":          {"19:30-02:00", "19:30-25:00", "bad_hours night fri 19:30-25:00"},
		"bad day":            {"{fri:", "{friday:", "bad_hours night friday 19:30-02:00"},
		"bad time":           {"respond: 2h work", "respond: soon", "bad_time normal"},
		"unknown category":   {"kinds: [complaint]", "parent: praise, kinds: [complaint]", "unknown_category praise"},
		"unknown holidays":   {"holidays: cn", "holidays: mars", "unknown_holidays mars"},
		"unknown measure":    {"kind: reminder", "kind: flogging", "unknown_measure dress first flogging"},
		"amount of a talk":   {"kind: reminder", "kind: talk, amount: 3000", "bad_figure dress first"},
		"ladder of nothing":  {"steps: [{key: first, title: {zh: 提醒, en: Reminder}, kind: reminder, months: 3}]", "steps: []", "no_steps dress"},
		"list of nothing":    {"items: [{key: doors, title: {zh: 门窗, en: Doors}}]", "items: []", "no_items closing"},
		"unknown text kind":  {"kind: reply,", "kind: song,", "unknown_message_kind thanks song"},
		"unknown control":    {"controls: [guard, metric]", "controls: [prayer]", "unknown_control r90.1.1 prayer"},
		"unknown room":       {"room: reception", "room: cellar", "unknown_room r90.1.1 cellar"},
		"heading of nothing": {"nodes:\n  - number", "nodes:\n  - {number: 第零条, level: article}\n  - number", "empty_heading 第零条"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			packs, err := pack.Load(shop(tt.old, tt.new))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range pack.Check(packs) {
				if strings.TrimPrefix(p.Key, "pack.check.")+" "+p.Subject == tt.want && p.File != "" {
					return
				}
			}
			t.Errorf("Check = %v, want %q", pack.Check(packs), tt.want)
		})
	}
}

func TestCheckTellsLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ old, new, want string }{
		"item of a list":     {"unit: store,", "unit: cellar,", "shop/pack.yaml:8:5: pack.check.unknown_unit cellar"},
		"field of the file":  {"cover: {units: [store]}", "cover: {units: [all]}", "shop/regulations/r90.yaml:6:1: pack.check.unknown_unit all"},
		"clause":             {"room: reception", "room: cellar", "shop/regulations/r90.yaml:12:9: pack.check.unknown_room r90.1.1 cellar"},
		"binding":            {"clause: r90.1.1", "clause: r90.9", "shop/bindings/r90.yaml:1:5: pack.check.unknown_clause r90.9"},
		"step of the ladder": {"kind: reminder", "kind: flogging", "shop/pack.yaml:16:5: pack.check.unknown_measure dress first flogging"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			packs, err := pack.Load(shop(tt.old, tt.new))
			if err != nil {
				t.Fatal(err)
			}
			problems := pack.Check(packs)
			if len(problems) != 1 || problems[0].String() != tt.want {
				t.Errorf("Check = %v, want %s", problems, tt.want)
			}
		})
	}
}

func TestCheckSeesCirclesAndNeeds(t *testing.T) {
	t.Parallel()
	fsys := shop("trade: retail", "trade: retail\nneeds: [base]")
	fsys["base/pack.yaml"] = &fstest.MapFile{Data: []byte("id: base\ntitle: {zh: 基础, en: Base}\nneeds: [shop]\n" +
		"posts:\n  - {key: clerk, title: {zh: 文员, en: Clerk}, unit: store, roles: [clerk]}\n")}
	packs, err := pack.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range pack.Check(packs) {
		got = append(got, p.Key+" "+p.Subject)
	}
	want := "pack.check.circle base shop, pack.check.circle shop base"
	if strings.Join(got, ", ") != want {
		t.Errorf("Check = %v, want %s", got, want)
	}
}
