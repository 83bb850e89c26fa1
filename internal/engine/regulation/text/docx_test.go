package text_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dianke/internal/engine/regulation/text"
	"dianke/internal/platform/errs"
)

const wordNS = `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`

const listXML = `<?xml version="1.0"?><w:numbering xmlns:w="x"><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条 "/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>
<w:num w:numId="7"><w:abstractNumId w:val="0"/></w:num></w:numbering>`

// archive makes a zip of names and contents.
func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func para(list, level, says string) string {
	number := ""
	if list != "" {
		number = `<w:pPr><w:numPr><w:ilvl w:val="` + level + `"/><w:numId w:val="` + list + `"/></w:numPr></w:pPr>`
	}
	return "<w:p>" + number + "<w:r><w:t>" + says + "</w:t></w:r></w:p>"
}

func TestWordDocumentsAreReadWithTheirNumbers(t *testing.T) {
	t.Parallel()
	body := wordNS + para("", "", "批发客户服务规定") + para("7", "0", "投诉须在两小时内回应。") + para("7", "0", "客服人员不得有下列行为：") +
		para("7", "1", "泄露客户资料；") + para("7", "1", "拒绝登记投诉。") + para("7", "0", "本规定由客服部解释。") +
		`<w:p><w:del><w:r><w:delText>旧话</w:delText></w:r></w:del><w:r><w:t>第四条 </w:t></w:r><w:r><w:t>每月核对一次。</w:t></w:r></w:p></w:body></w:document>`
	got, err := text.Read(archive(t, "word/document.xml", body, "word/numbering.xml", listXML))
	if err != nil {
		t.Fatal(err)
	}
	want := "批发客户服务规定\n第一条 投诉须在两小时内回应。\n第二条 客服人员不得有下列行为：\n（一）泄露客户资料；\n（二）拒绝登记投诉。\n第三条 本规定由客服部解释。\n第四条 每月核对一次。\n"
	if got != want {
		t.Errorf("read %q\nwant %q", got, want)
	}
	docs := text.Split(got)
	if len(docs) != 1 || docs[0].Title != "批发客户服务规定" || len(docs[0].Nodes) != 4 || len(docs[0].Nodes[1].Children) != 2 {
		t.Errorf("split into %+v", docs)
	}
}

func TestMarkdownLosesItsMarksAlone(t *testing.T) {
	t.Parallel()
	got, err := text.Read([]byte("# 客户接待规定\n\n## 第一章 总则\n\n**第一条** 接待人员应当*主动*问候，见[附表](a.md)。\n\n1\\. 先登记\n- 后引导\n"))
	if want := "客户接待规定\n\n第一章 总则\n\n第一条 接待人员应当主动问候，见附表。\n\n1. 先登记\n后引导\n"; err != nil || got != want {
		t.Errorf("read %q, %v\nwant %q", got, err, want)
	}
	plain := "规定\n第一条 满意度不低于90%，编号 A*B*C 不变。\n"
	if got, err := text.Read([]byte(plain)); err != nil || got != plain {
		t.Errorf("a plain text became %q, %v", got, err)
	}
}

func TestDocumentsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	bomb := archive(t, "word/document.xml", strings.Repeat(" ", 33<<20))
	many := make([]string, 0, 8200)
	for range 4100 {
		many = append(many, "x", "")
	}
	tests := map[string]struct {
		in   []byte
		kind errs.Kind
	}{
		"no archive":      {[]byte("PK\x03\x04nonsense"), errs.Malformed},
		"no document":     {archive(t, "readme.txt", "x"), errs.Malformed},
		"broken XML":      {archive(t, "word/document.xml", "<w:p><w:t>x</w"), errs.Malformed},
		"unfolds too far": {bomb, errs.TooLarge},
		"too many parts":  {archive(t, many...), errs.TooLarge},
		"too much text":   {archive(t, "word/document.xml", wordNS+para("", "", strings.Repeat("第", 3<<20))+"</w:body></w:document>"), errs.TooLarge},
		"too large":       {append([]byte("PK\x03\x04"), make([]byte, text.MaxBytes)...), errs.TooLarge},
		"neither of both": {[]byte("\xff\xff\x80"), errs.Malformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s, err := text.Read(tt.in); errs.KindOf(err) != tt.kind || s != "" {
				t.Errorf("Read = %d characters, %v; want %v", len(s), err, tt.kind)
			}
		})
	}
}

func TestAnyXMLIsReadOrRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"<w:p>", "</w:p>", "<w:t>", "</w:t>", "第一条", "<w:del>", "</w:del>", "<w:br/>", `<w:numId w:val="7"/>`, `<w:ilvl w:val="12"/>`, "&", "<"})).Draw(rt, "parts")
		s, err := text.Read(archive(t, "word/document.xml", strings.Join(parts, ""), "word/numbering.xml", listXML))
		if err != nil && s != "" {
			rt.Fatalf("both %q and %v", s, err)
		}
	})
}
