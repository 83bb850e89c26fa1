package tabular_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"dianke/internal/platform/errs"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/tabular"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

func open(t testing.TB, raw string, o tabular.Options) *tabular.Table {
	t.Helper()
	tab, err := tabular.Open(strings.NewReader(raw), int64(len(raw)), o)
	if err != nil {
		t.Fatalf("open %.40q: %v", raw, err)
	}
	t.Cleanup(func() { _ = tab.Close() })
	return tab
}

func rows(t testing.TB, tab *tabular.Table) []tabular.Row {
	t.Helper()
	var out []tabular.Row
	for {
		r, err := tab.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
}

func cells(list []tabular.Row) [][]string {
	var out [][]string
	for _, r := range list {
		out = append(out, append(append([]string{}, r.Cells...), r.Extra...))
	}
	return out
}

const ledger = "客户名称,联系电话,备注\n杭州西湖茶叶有限公司,0571-87900000,每年三月订货\n上海徐汇书店,13800138000,负责人是张女士，喜欢喝茶\n"

const fantizi = "客戶名稱,聯絡電話,備註\n臺北茶葉有限公司,02-23456789,每年三月訂貨，負責人為張小姐\n高雄書店,0912345678,請於上午聯絡，謝謝您的幫忙\n"

func TestEncodingsAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		enc  encoding.Encoding
		want string
	}{
		"utf-8":              {ledger, encoding.Nop, tabular.UTF8},
		"utf-8 with mark":    {"\ufeff" + ledger, encoding.Nop, tabular.UTF8},
		"gbk":                {ledger, simplifiedchinese.GBK, tabular.GB18030},
		"gb18030 rare":       {ledger + "㐂記茶莊,13900139000,䶮\n", simplifiedchinese.GB18030, tabular.GB18030},
		"big5":               {fantizi, traditionalchinese.Big5, tabular.Big5},
		"utf-16le with mark": {ledger, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), tabular.UTF16LE},
		"utf-16be with mark": {ledger, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), tabular.UTF16BE},
		"utf-16le":           {"name,phone\nAcme,12345\nBeta,67890\n", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), tabular.UTF16LE},
		"latin":              {"Nom,Rue\nJosé Müller,rue de l'Église à côté\nZoë,déjà vu\n", charmap.Windows1252, tabular.Latin},
	} {
		raw, err := c.enc.NewEncoder().String(c.text)
		if err != nil {
			t.Fatal(err)
		}
		tab := open(t, raw, tabular.Options{})
		if tab.Encoding != c.want {
			t.Errorf("%s: found %s", name, tab.Encoding)
		}
		want := strings.Split(strings.Split(strings.TrimPrefix(c.text, "\ufeff"), "\n")[0], ",")
		if !reflect.DeepEqual(tab.Columns, want) || len(rows(t, tab)) < 2 || tab.Damaged != 0 {
			t.Errorf("%s: columns %q, damaged %d", name, tab.Columns, tab.Damaged)
		}
	}
}

func TestRealChineseTextsAreRecognised(t *testing.T) {
	t.Parallel()
	for _, p := range files(t, filepath.Join(samples(t, "messy-tables"), "chardet")) {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		want := tabular.GB18030
		if strings.HasPrefix(filepath.Base(p), "Big5") {
			want = tabular.Big5
		}
		if got := open(t, "a,b\n"+string(raw), tabular.Options{}).Encoding; got != want {
			t.Errorf("%s: %s", filepath.Base(p), got)
		}
	}
}

func TestCellsAreCutWithForbearance(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		want [][]string
	}{
		"semicolons":             {"a;b\n1;2,5\n", [][]string{{"1", "2,5"}}},
		"tabs":                   {"a\tb\n1\t2\n", [][]string{{"1", "2"}}},
		"bars":                   {"a|b\n1|2\n", [][]string{{"1", "2"}}},
		"named separator":        {"sep=;\na;b\n1;2\n", [][]string{{"1", "2"}}},
		"doubled quotes":         {"a,b\n\"x \"\"y\"\"\",2\n", [][]string{{`x "y"`, "2"}}},
		"bare quote":             {"a,b\n5\" pipe,2\n", [][]string{{`5" pipe`, "2"}}},
		"quote closed too early": {"a,b\n\"he said \"hi\" twice\",2\n", [][]string{{`he said "hi" twice`, "2"}}},
		"line break in a cell":   {"a,b\n\"x\ny\",2\n3,4\n", [][]string{{"x\ny", "2"}, {"3", "4"}}},
		"carriage returns":       {"a,b\r1,2\r3,4\r", [][]string{{"1", "2"}, {"3", "4"}}},
		"ragged":                 {"a,b,c\n1\n1,2,3,4,,5\n", [][]string{{"1", "", ""}, {"1", "2", "3", "4", "5"}}},
		"blank lines":            {"\n\na,b\n\n1,2\n,\n", [][]string{{"1", "2"}}},
		"full-width blanks":      {"a,b\n\u3000张三\u3000,\u00a02\n", [][]string{{"张三", "2"}}},
		"no line end":            {"a,b\n1,2", [][]string{{"1", "2"}}},
	} {
		tab := open(t, c.raw, tabular.Options{})
		if got := cells(rows(t, tab)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAnOpenQuoteDoesNotSwallowTheFile(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("name,note\nfirst,\"never closed\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "row%d,x\n", i)
	}
	list := rows(t, open(t, b.String(), tabular.Options{}))
	if len(list) != 1001 || list[0].Cells[1] != `"never closed` || list[1000].Line != 1002 {
		t.Errorf("%d rows, first %q, last at %d", len(list), list[0].Cells, list[len(list)-1].Line)
	}
	cut := rows(t, open(t, "name,note\nfirst,\"half of a te", tabular.Options{}))
	if len(cut) != 1 || errs.KeyOf(cut[0].Fault) != "tabular.unclosed_quote" {
		t.Errorf("half-written file: %+v", cut)
	}
}

func TestHeadingsAreFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw    string
		header int
		want   []string
		rows   int
	}{
		"title above":  {"客户台账,,\n制表：王丽,,\n姓名,电话,地址\n张三,13800138000,杭州\n李四,13800138001,上海\n", 3, []string{"姓名", "电话", "地址"}, 2},
		"none":         {"46920293,07/20/2020,Damaged Tree,BROOKLYN\n46930483,07/21/2020,Noise,BROOKLYN\n", 0, []string{"#A", "#B", "#C", "#D"}, 2},
		"blank names":  {",代码,名称\n0,000001,平安银行\n1,000002,万科\n", 1, []string{"#A", "代码", "名称"}, 2},
		"repeated":     {"电话,电话,姓名\n1,2,张\n", 1, []string{"电话", "电话 (2)", "姓名"}, 1},
		"years":        {"产品,2024,2025\n茶,1,2\n", 1, []string{"产品", "2024", "2025"}, 1},
		"only heading": {"姓名,电话\n", 1, []string{"姓名", "电话"}, 0},
	} {
		tab := open(t, c.raw, tabular.Options{})
		if got := rows(t, tab); tab.Header != c.header || !reflect.DeepEqual(tab.Columns, c.want) || len(got) != c.rows {
			t.Errorf("%s: header %d, columns %q, %d rows", name, tab.Header, tab.Columns, len(got))
		}
	}
	if tab := open(t, "a,b\nc,d\n1,2\n", tabular.Options{Header: 2}); tab.Columns[0] != "c" {
		t.Errorf("named line: %q", tab.Columns)
	}
	if tab := open(t, "a,b\nc,d\n", tabular.Options{Header: -1}); len(rows(t, tab)) != 2 {
		t.Error("no heading wanted, one found")
	}
}

// pack makes a workbook of parts.
func pack(t testing.TB, parts map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const rels = `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="r3" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r4" Type="x/styles" Target="styles.xml"/></Relationships>`

// workbook makes a workbook with a hidden first and a shown second sheet.
func workbook(t testing.TB, data, more string) string {
	return pack(t, map[string]string{
		"xl/workbook.xml":            `<workbook><workbookPr date1904="0"/><sheets><sheet name="隐藏" state="hidden" r:id="r1"/><sheet name="客户" r:id="r2"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": rels,
		"xl/worksheets/sheet1.xml":   `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>secret</t></is></c></row></sheetData></worksheet>`,
		"xl/worksheets/sheet2.xml":   `<worksheet><sheetData>` + data + `</sheetData>` + more + `</worksheet>`,
		"xl/sharedStrings.xml":       `<sst><si><t>姓名</t></si><si><r><t>开户</t></r><r><t>日期</t></r><rPh><t>kaihu</t></rPh></si><si><t>代码</t></si></sst>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000"/><numFmt numFmtId="165" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/><xf numFmtId="10"/></cellXfs></styleSheet>`,
	})
}

func TestWorkbooks(t *testing.T) {
	t.Parallel()
	head := `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c><c r="D2" t="inlineStr"><is><t>电话</t></is></c></row>`
	tab := open(t, workbook(t, head+
		`<row r="3"><c r="A3" t="inlineStr"><is><t>张三</t></is></c><c r="B3" s="1"><v>45000</v></c><c r="C3" s="2"><v>1</v></c><c r="D3"><v>1.3800138E10</v></c></row>
		<row r="4"><c r="B4" s="3"><v>45000.5</v></c><c r="C4" s="5"><v>0.805</v></c><c r="D4"><f>A1+1</f><v>19.989999999999998</v></c></row>
		<row r="5"><c r="A5" t="inlineStr"><is><t>王</t></is></c><c r="D5" t="e"><v>#REF!</v></c></row>`,
		`<mergeCells count="1"><mergeCell ref="A3:A4"/></mergeCells>`), tabular.Options{})
	if tab.Sheet != "客户" || len(tab.Sheets) != 2 || !tab.Sheets[0].Hidden || tab.Header != 2 {
		t.Errorf("sheet %q of %v, header %d", tab.Sheet, tab.Sheets, tab.Header)
	}
	if want := []string{"姓名", "开户日期", "代码", "电话"}; !reflect.DeepEqual(tab.Columns, want) {
		t.Errorf("columns %q", tab.Columns)
	}
	got := rows(t, tab)
	want := [][]string{{"张三", "2023-03-15", "000001", "13800138000"}, {"张三", "2023-03-15 12:00:00", "80.5%", "19.99"}, {"王", "", "", ""}}
	if !reflect.DeepEqual(cells(got), want) {
		t.Errorf("rows %q", cells(got))
	}
	if errs.KeyOf(got[2].Fault) != "tabular.formula_error" || got[2].Line != 5 {
		t.Errorf("broken formula: %+v", got[2])
	}
}

func TestHeadingsOfSeveralLines(t *testing.T) {
	t.Parallel()
	in := func(ref, s string) string {
		return fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, ref, s)
	}
	tab := open(t, workbook(t,
		`<row r="1">`+in("A1", "二〇二六年客户台账")+`</row><row r="2">`+in("A2", "姓名")+in("B2", "收货")+`</row><row r="3">`+in("B3", "电话")+in("C3", "地址")+`</row><row r="4">`+in("A4", "张三")+in("B4", "13800138000")+in("C4", "杭州")+`</row>`,
		`<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="A2:A3"/><mergeCell ref="B2:C2"/></mergeCells>`), tabular.Options{})
	if want := []string{"姓名", "收货 / 电话", "收货 / 地址"}; !reflect.DeepEqual(tab.Columns, want) {
		t.Errorf("columns %q", tab.Columns)
	}
	if got := rows(t, tab); len(got) != 1 || got[0].Cells[2] != "杭州" {
		t.Errorf("rows %q", cells(got))
	}
}

func TestHostileWorkbooksAreRefused(t *testing.T) {
	t.Parallel()
	small := tabular.DefaultLimits()
	small.Unzipped = 1 << 20
	limited := tabular.Options{Limits: small}
	row := `<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>`
	entity := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>`
	external := `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>`
	one := func(sheet string) map[string]string {
		return map[string]string{"xl/workbook.xml": `<workbook><sheets><sheet name="s" r:id="r1"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels": rels, "xl/worksheets/sheet1.xml": sheet}
	}
	for name, c := range map[string]struct {
		raw string
		o   tabular.Options
		key string
	}{
		"bomb by its head":    {pack(t, one("<worksheet><sheetData>"+row+strings.Repeat(" ", 2<<20)+"</sheetData></worksheet>")), limited, "tabular.bomb"},
		"bomb by its ratio":   {pack(t, one("<worksheet>"+strings.Repeat(" ", 80<<20)+"</worksheet>")), tabular.Options{}, "tabular.bomb"},
		"entities":            {pack(t, one(entity)), tabular.Options{}, "tabular.damaged"},
		"external entity":     {pack(t, one(external)), tabular.Options{}, "tabular.damaged"},
		"cut":                 {workbook(t, row, "")[:600], tabular.Options{}, "tabular.damaged"},
		"sheet outside":       {pack(t, map[string]string{"xl/workbook.xml": `<workbook><sheets><sheet name="s" r:id="r1"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="../../../../etc/passwd"/></Relationships>`}), tabular.Options{}, "tabular.damaged"},
		"unknown sheet":       {workbook(t, row, ""), tabular.Options{Sheet: "nowhere"}, "tabular.no_such_sheet"},
		"document":            {pack(t, map[string]string{"word/document.xml": "<w/>"}), tabular.Options{}, "tabular.not_table"},
		"opendocument":        {pack(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), tabular.Options{}, "tabular.ods"},
		"empty":               {workbook(t, "", ""), tabular.Options{Sheet: "客户"}, "tabular.empty"},
		"nothing":             {"", tabular.Options{}, "tabular.empty"},
		"blanks":              {" \n \n", tabular.Options{}, "tabular.empty"},
		"picture":             {"\x89PNG\r\n\x1a\n....", tabular.Options{}, "tabular.not_table"},
		"bytes":               {strings.Repeat("\x01\x02abc\x03", 1000), tabular.Options{}, "tabular.not_table"},
		"page":                {"<html><table><tr><td>a</td></tr></table>", tabular.Options{}, "tabular.markup"},
		"old":                 {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), tabular.Options{}, "tabular.xls"},
		"a million columns":   {strings.Repeat("a,", 1_000_000) + "\n1,2\n", tabular.Options{}, "tabular.too_many_columns"},
		"line that is absent": {"a,b\n1,2\n", tabular.Options{Header: 30}, "tabular.no_such_line"},
	} {
		tab, err := tabular.Open(strings.NewReader(c.raw), int64(len(c.raw)), c.o)
		if err == nil {
			_, _, err = count(tab)
			_ = tab.Close()
		}
		if errs.KeyOf(err) != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func TestAWideRowIsToldAndBounded(t *testing.T) {
	t.Parallel()
	list := rows(t, open(t, "a,b\n1,2\n"+strings.Repeat("x,", 500_000)+"\n3,4\n", tabular.Options{}))
	if len(list) != 3 || errs.KeyOf(list[1].Fault) != "tabular.row_too_wide" || list[2].Cells[0] != "3" {
		t.Errorf("%d rows, fault %v", len(list), list[1].Fault)
	}
	list = rows(t, open(t, "a,b\n1,"+strings.Repeat("字", 200_000)+"\n3,4\n", tabular.Options{}))
	if len(list) != 2 || errs.KeyOf(list[0].Fault) != "tabular.cell_too_long" {
		t.Errorf("long cell: %d rows, %v", len(list), list[0].Fault)
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	raw := "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=C8=FD\r\nTEL;CELL:13800138000\r\nORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=AD=\r\n=E5=B7=9E\r\nPHOTO;ENCODING=BASE64:AAAA\r\n AAAA\r\nEND:VCARD\r\n" +
		"BEGIN:VCARD\nVERSION:4.0\nFN:Dr. Jo\n hn Doe\nitem1.EMAIL;TYPE=work:john@example.org\nEMAIL:other@example.org\nADR;TYPE=work:;;1 Main St\\, Suite 2;Town;ST;12345;USA\nBDAY:19800203\nORG:Acme\\; Inc;Sales\nTEL;VALUE=uri;TYPE=work:tel:+1-555-0100\nNOTE:a\\nb\nEND:VCARD\nBEGIN:VCARD\nFN:Cut"
	list := rows(t, open(t, raw, tabular.Options{}))
	if len(list) != 3 {
		t.Fatalf("%d cards", len(list))
	}
	get := func(i int, name string) string {
		for k, c := range tabular.CardColumns() {
			if c == name {
				return list[i].Cells[k]
			}
		}
		return ""
	}
	for _, c := range []struct {
		card       int
		name, want string
	}{
		{0, tabular.CardName, "张三"}, {0, tabular.CardMobile, "13800138000"}, {0, tabular.CardOrg, "杭州"},
		{1, tabular.CardName, "Dr. John Doe"}, {1, tabular.CardMail, "john@example.org"}, {1, tabular.CardMail2, "other@example.org"},
		{1, tabular.CardAddress, "1 Main St, Suite 2, Town, ST, 12345, USA"}, {1, tabular.CardBirthday, "1980-02-03"}, {1, tabular.CardOrg, "Acme; Inc"},
		{1, tabular.CardDepartment, "Sales"}, {1, tabular.CardPhone, "+1-555-0100"}, {1, tabular.CardNote, "a\nb"},
	} {
		if got := get(c.card, c.name); got != c.want {
			t.Errorf("card %d %s: %q, want %q", c.card, c.name, got, c.want)
		}
	}
	if errs.KeyOf(list[2].Fault) != "tabular.card_cut" || get(2, tabular.CardName) != "Cut" {
		t.Errorf("cut card: %+v", list[2])
	}
}

func TestSkipContinuesWhereItStopped(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("no,name\n")
	for i := range 500 {
		fmt.Fprintf(&b, "%d,n%d\n", i, i)
	}
	tab := open(t, b.String(), tabular.Options{})
	if err := tab.Skip(123); err != nil {
		t.Fatal(err)
	}
	r, err := tab.Next()
	if err != nil || r.Cells[0] != "123" || r.Line != 125 {
		t.Errorf("after 123 rows: %+v, %v", r, err)
	}
	if err := tab.Skip(1000); !errors.Is(err, io.EOF) {
		t.Errorf("beyond the end: %v", err)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	if _, err := i18n.Load(tabular.Messages()); err != nil {
		t.Error(err)
	}
}

func FuzzOpen(f *testing.F) {
	for _, s := range []string{ledger, "a;b\n\"x\n", "BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=D5=\nEND:VCARD", "\xff\xfea\x00,\x00", workbook(f, `<row r="1"><c r="A1"><v>1</v></c></row>`, "")} {
		f.Add([]byte(s))
	}
	small := tabular.Limits{Columns: 50, Cell: 1000, Unzipped: 1 << 20, Strings: 1000}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tab, err := tabular.Open(bytes.NewReader(raw), int64(len(raw)), tabular.Options{Limits: small})
		if err != nil {
			return
		}
		defer func() { _ = tab.Close() }()
		for range 5000 {
			r, err := tab.Next()
			if err != nil {
				return
			}
			if len(r.Cells) != len(tab.Columns) {
				t.Fatalf("%d cells under %d columns", len(r.Cells), len(tab.Columns))
			}
		}
	})
}
