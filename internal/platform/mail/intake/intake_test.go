package intake_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"dianke/internal/platform/mail/intake"
)

const (
	chinese = "您好，上周在贵店购买的热水器不能加热，请尽快派人来看一下，谢谢！"
	taiwan  = "您好，上週在貴店購買的熱水器不能加熱，請儘快派人來看一下，謝謝！"
	russian = "Здравствуйте, купленный у вас чайник не работает, прошу вернуть деньги."
	nippon  = "こんにちは、先週買った湯沸かし器が動きません。"
)

func coded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func plain(charset, body string) []byte {
	head := "From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain"
	if charset != "" {
		head += "; charset=" + charset
	}
	return []byte(head + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body)
}

func TestCharsets(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		charset string
		enc     encoding.Encoding
		text    string
		guessed bool
	}{
		"utf-8":                               {"utf-8", encoding.Nop, chinese, false},
		"gb2312":                              {"gb2312", simplifiedchinese.GBK, chinese, false},
		"gbk under gb2312":                    {"GB2312", simplifiedchinese.GBK, "喆先生的電視機壞了", false},
		"gb18030":                             {"gb18030", simplifiedchinese.GB18030, chinese + "𠮷", false},
		"big5":                                {"big5", traditionalchinese.Big5, taiwan, false},
		"iso-2022-jp":                         {"iso-2022-jp", japanese.ISO2022JP, nippon, false},
		"koi8-r":                              {"koi8-r", charmap.KOI8R, russian, false},
		"quoted":                              {`"gbk"`, simplifiedchinese.GBK, chinese, false},
		"gbk without name":                    {"", simplifiedchinese.GBK, chinese, true},
		"gbk called ascii":                    {"us-ascii", simplifiedchinese.GBK, chinese, true},
		"gbk called utf-8":                    {"utf-8", simplifiedchinese.GBK, chinese, true},
		"big5 without name":                   {"", traditionalchinese.Big5, taiwan, true},
		"unknown name":                        {"x-made-up", simplifiedchinese.GBK, chinese, true},
		"koi8-r without name":                 {"", charmap.KOI8R, russian, true},
		"1251 without name":                   {"", charmap.Windows1251, russian, true},
		"shift-jis, no name":                  {"", japanese.ShiftJIS, nippon, true},
		"iso-2022-jp, no name":                {"", japanese.ISO2022JP, nippon, true},
		"latin without name":                  {"", charmap.Windows1252, "Müller für Straße, bitte um Rückruf", true},
		"utf-8 without name":                  {"", encoding.Nop, chinese, false},
		"utf-8 called gb2312 is what it says": {"utf8", encoding.Nop, chinese, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := intake.Read(plain(tt.charset, coded(t, tt.enc, tt.text)))
			if m.Text != tt.text || m.Marked(intake.MarkGuessed) != tt.guessed {
				t.Errorf("%q, marks %v", m.Text, m.Marks)
			}
		})
	}
	m := intake.Read(plain("utf-7", "Hi Mom -+Jjo--! +ZeVnLIqe- 1 +- 1"))
	if m.Text != "Hi Mom -☺-! 日本語 1 + 1" {
		t.Errorf("utf-7: %q", m.Text)
	}
}

func TestHeaderWords(t *testing.T) {
	t.Parallel()
	gb := base64.StdEncoding.EncodeToString([]byte(coded(t, simplifiedchinese.GBK, "关于订单的投诉")))
	half := []byte(coded(t, simplifiedchinese.GBK, "投诉"))
	for in, want := range map[string]string{
		"=?gb2312?B?" + gb + "?=":                "关于订单的投诉",
		"Re: =?utf-8?Q?=E6=8A=95=E8=AF=89?= (2)": "Re: 投诉 (2)",
		"=?utf-8?q?a_b?=\r\n =?utf-8?q?c?=":      "a bc",
		"=?utf-8?q?broken":                       "=?utf-8?q?broken",
		"=?utf-8?x?abc?=":                        "=?utf-8?x?abc?=",
		"=?gbk?B?" + base64.StdEncoding.EncodeToString(half[:3]) + "?= =?gbk?B?" + base64.StdEncoding.EncodeToString(half[3:]) + "?=": "投诉",
		"=?utf-8*zh?B?5oqV6K+J?=": "投诉", // language by RFC 2231
		"=?utf-8?B?5oqV6K+J":      "=?utf-8?B?5oqV6K+J",
		string(half):              "投诉",
		"a\x00\x1b[31m\u202eb":    "a [31mb",
	} {
		m := intake.Read([]byte("Subject: " + in + "\r\n\r\nx"))
		if m.Subject != want {
			t.Errorf("%q: %q, want %q", in, m.Subject, want)
		}
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]intake.Address{
		"Li <li@Example.com>":                       {{Name: "Li", Mail: "li@example.com"}},
		"=?utf-8?B?5p2O5Zub?= <li@example.com>":     {{Name: "李四", Mail: "li@example.com"}},
		`"=?utf-8?B?5p2O?=, X" <li@example.com>`:    {{Name: "李, X", Mail: "li@example.com"}},
		"=?utf-8?Q?Li=2C_Wang?= <a@b.cn>, <c@d.cn>": {{Name: "Li, Wang", Mail: "a@b.cn"}, {Mail: "c@d.cn"}},
		"李四 <li@example.com>":                       {{Name: "李四", Mail: "li@example.com"}},
		"a@b.cn; c@d.cn":                            {{Mail: "a@b.cn"}, {Mail: "c@d.cn"}},
		"Team: a@b.cn, c@d.cn;":                     {{Mail: "a@b.cn"}, {Mail: "c@d.cn"}},
		"\"unclosed <a@b.cn>":                       {{Name: "unclosed", Mail: "a@b.cn"}},
		"undisclosed-recipients:;":                  nil,
		"nobody":                                    nil,
	} {
		m := intake.Read([]byte("From: " + in + "\r\n\r\n"))
		if fmt.Sprint(m.From) != fmt.Sprint(want) {
			t.Errorf("%q: %q", in, m.From)
		}
	}
}

func TestThread(t *testing.T) {
	t.Parallel()
	m := intake.Read([]byte("Message-ID: <a@b>\r\nIn-Reply-To: Your message of Monday <c@d> \r\nReferences: <e@f>\r\n\t<g@ h>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0800\r\n\r\n"))
	if m.MessageID != "a@b" || fmt.Sprint(m.InReplyTo) != "[c@d]" || fmt.Sprint(m.References) != "[e@f g@h]" || !m.Sent.Equal(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", m)
	}
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 100) + ".pdf"
	for in, want := range map[string]string{
		"a.pdf": "a.pdf", "../../etc/passwd": "passwd", `C:\windows\system32\x.exe`: "x.exe", "/": "attachment-3.pdf", "..": "attachment-3.pdf",
		"": "attachment-3.pdf", "CON": "_CON", "com1.txt": "_com1.txt", "a\r\nb\x00.txt": "a b .txt", ".htaccess": "htaccess",
		"invoice\u202efdp.exe": "invoicefdp.exe", `a<b>:"|?*.txt`: "a_b______.txt", "x. . ": "x", long: strings.Repeat("长", 58) + ".pdf",
	} {
		if got := intake.SafeName(in, "application/pdf", 3); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for head, want := range map[string]string{
		"filename*=utf-8''%E5%90%88%E5%90%8C.pdf":                          "合同.pdf",
		"filename*0*=gbk''%BA%CF; filename*1*=%CD%AC; filename*2=\".pdf\"": "合同.pdf",
		"filename*0=\"a very \"; filename*1=\"long.pdf\"":                  "a very long.pdf",
		"filename=\"=?utf-8?B?5ZCI5ZCMLnBkZg==?=\"":                        "合同.pdf",
		"filename=" + coded(t, simplifiedchinese.GBK, "合同说明书.pdf"):         "合同说明书.pdf",
		"filename=\"../../x;y.pdf\"":                                       "x;y.pdf",
		"filename=\"unclosed.pdf":                                          "unclosed.pdf",
	} {
		m := intake.Read([]byte("Subject: x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; " + head + "\r\n\r\n%PDF"))
		if len(m.Files) != 1 || m.Files[0].Name != want {
			t.Errorf("%s: %v", head, names(m))
		}
	}
}

func names(m *intake.Message) []string {
	var out []string
	for _, f := range m.Files {
		out = append(out, f.Name)
	}
	return out
}

const letter = `From: Li <li@example.com>
To: support@example.com
Subject: =?utf-8?B?5oqV6K+J?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b1"

preamble
--b1
Content-Type: multipart/alternative; boundary=b2

--b2
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

=E6=82=A8=E5=A5=BD
--b2
Content-Type: text/html; charset=utf-8

<p>您好</p>
--b2--
--b1
Content-Type: application/octet-stream; name="a.bin"
Content-Transfer-Encoding: base64
Content-Disposition: attachment

aGVsbG8gd29ybGQ=
--b1--
epilogue
`

// TestCutAnywhere reads a message ended at every byte: nothing fails, and what came before the cut is there.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	for _, text := range []string{letter, strings.ReplaceAll(letter, "\n", "\r\n"), strings.ReplaceAll(letter, "\n", "\r")} {
		for cut := range len(text) {
			m := intake.Read([]byte(text[:cut]))
			if cut > strings.Index(text, "=E5=A5=BD")+9 && !strings.HasPrefix(m.Text, "您好") {
				t.Fatalf("cut at %d: %q", cut, m.Text)
			}
			for _, f := range m.Files {
				at := strings.Index(text, "aGVs") // before that a piece of the header may be taken for the file, after it one of the boundary
				whole := cut > at && cut <= at+16
				if b, err := io.ReadAll(f.Open()); err != nil || whole && !strings.HasPrefix("hello world", string(b)) {
					t.Fatalf("cut at %d: %q, %v", cut, b, err)
				}
			}
		}
		if m := intake.Read([]byte(text)); m.Text != "您好" || len(m.Marks) != 0 || len(m.Files) != 1 || m.From[0].Name != "Li" {
			t.Errorf("whole: %+v", m)
		}
	}
}

func TestBrokenStructure(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ raw, text, mark string }{
		"wrong boundary":    {strings.Replace(letter, `boundary="b1"`, `boundary="other"`, 1), "您好", intake.MarkDamaged},
		"no boundary":       {strings.Replace(letter, `; boundary="b1"`, "", 1), "您好", intake.MarkDamaged},
		"no last line":      {strings.Replace(letter, "--b1--", "", 1), "您好", intake.MarkDamaged},
		"no header":         {"just words\nof somebody", "just words\nof somebody", intake.MarkHeadless},
		"line in header":    {"From: a@b.cn\nwhat is this\nSubject: x\n\nbody", "body", intake.MarkDamaged},
		"mbox line":         {"From a@b.cn Mon Mar  2 09:00:00 2026\nSubject: x\n\nbody", "body", ""},
		"text as base64":    {"Subject: x\nContent-Transfer-Encoding: base64\n\nHello there, this is no base64 at all.", "Hello there, this is no base64 at all.", ""},
		"bad escapes":       {"Subject: x\nContent-Transfer-Encoding: quoted-printable\n\n1=2 a=\nb 100=ZZ", "1=2 ab 100=ZZ", ""},
		"html called plain": {"Subject: x\n\n<html><body>a<br>b</body></html>", "a\nb", ""},
		"nothing":           {"", "", intake.MarkHeadless},
	} {
		m := intake.Read([]byte(tt.raw))
		if m.Text != tt.text || tt.mark != "" && !m.Marked(tt.mark) {
			t.Errorf("%s: %q, marks %v", name, m.Text, m.Marks)
		}
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>a</p><p>b</p>": "a\n\nb",
		"a<br>b  c\n d":    "a\nb c d",
		"<script>alert(1)</script>x<style>p{}</style>": "x",
		`<a href="https://evil.example/">银行</a>`:       "银行 (https://evil.example/)",
		`<a href="https://a.cn">https://a.cn</a>`:      "https://a.cn",
		`<a href="javascript:x()">go</a>`:              "go",
		"<ul><li>a<li>b</ul>":                          "- a\n- b",
		"<table><tr><td>a<td>b<tr><td>c</table>":       "a\tb\nc",
		"&lt;b&gt; &amp; &nbsp;x":                      "<b> &  x",
		`<img src="http://spy.example/1.gif" alt="图">`: "[图]",
		"<div><div>":        "",
		"<pre>a\n  b</pre>": "a\n  b",
	} {
		m := intake.Read([]byte("Content-Type: text/html; charset=utf-8\n\n" + in))
		if m.Text != want || !m.HTML {
			t.Errorf("%q: %q, want %q", in, m.Text, want)
		}
	}
}

// bounded runs fn and fails where it takes too long or too much memory.
func bounded(t *testing.T, most uint64, fn func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	fn()
	runtime.ReadMemStats(&after)
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > most {
		t.Errorf("took %d MB of memory", used>>20)
	}
}

// TestBombs is not parallel, since it measures memory.
func TestBombs(t *testing.T) {
	parts := "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\nContent-Type: text/plain; name=x.txt\n\nx\n", 10_000) + "--b--\n"
	deep := ""
	for i := range 2000 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	nested := strings.Repeat("Content-Type: message/rfc822\n\n", 3000) + "Subject: in\n\nx"
	words := "Subject: " + strings.Repeat("=?gbk?B?zbbL3w==?= ", 50_000) + "\n\nx"
	for name, raw := range map[string]string{
		"10,000 parts":       parts,
		"2,000 levels":       deep,
		"3,000 messages":     nested,
		"200,000 fields":     strings.Repeat("X-A: b\n", 200_000) + "\nx",
		"one long field":     "Subject: " + strings.Repeat("a", 20<<20) + "\n\nx",
		"folded without end": "Subject: a\n" + strings.Repeat(" b\n", 300_000) + "\nx",
		"encoded words":      words,
		"addresses":          "To: " + strings.Repeat("a@b.cn, ", 300_000) + "\n\nx",
		"open quotes":        "To: " + strings.Repeat(`"`, 200_000) + "\nContent-Type: " + strings.Repeat(`a;"`, 100_000) + "\n\nx",
		"boundary lines":     "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n", 500_000),
		"brackets":           "References: " + strings.Repeat("<", 500_000) + "\n\nx",
		"html depth":         "Content-Type: text/html\n\n" + strings.Repeat("<div><a href=x>", 100_000),
		"base64 of nothing":  "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("=", 5<<20),
	} {
		t.Run(name, func(t *testing.T) {
			bounded(t, 900<<20, func() {
				m := intake.Read([]byte(raw))
				if len(m.Files) > 1001 || len(m.Text) > 2<<20 || utf8.RuneCountInString(m.Subject) > 1000 {
					t.Errorf("%d files, %d bytes of text", len(m.Files), len(m.Text))
				}
			})
		})
	}
}

func TestHugeAttachmentIsNotHeldTwice(t *testing.T) {
	var raw bytes.Buffer
	raw.WriteString("Subject: big\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nsee file\n--b\nContent-Type: application/pdf; name=big.pdf\nContent-Transfer-Encoding: base64\n\n")
	row := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 57)) + "\n"
	raw.WriteString(strings.Repeat(row, (100<<20)/57))
	raw.WriteString("--b--\n")
	data := raw.Bytes()
	bounded(t, 32<<20, func() {
		m := intake.Read(data)
		if m.Text != "see file" || len(m.Files) != 1 {
			t.Fatalf("%q, %v", m.Text, names(m))
		}
		n, err := io.Copy(io.Discard, m.Files[0].Open())
		if err != nil || n != (100<<20)/57*57 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}

func TestNature(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		head string
		want intake.Kind
	}{
		"person":           {"Subject: 投诉", intake.Personal},
		"auto-replied":     {"Subject: Re: x\nAuto-Submitted: auto-replied (vacation)", intake.AutoReply},
		"not automatic":    {"Subject: x\nAuto-Submitted: no", intake.Personal},
		"generated":        {"Subject: x\nAuto-Submitted: auto-generated", intake.Bulk},
		"old header":       {"Subject: x\nX-Autoreply: yes", intake.AutoReply},
		"precedence":       {"Subject: x\nPrecedence: auto_reply", intake.AutoReply},
		"list":             {"Subject: x\nList-Id: <a.b>", intake.Bulk},
		"newsletter":       {"Subject: x\nPrecedence: bulk", intake.Bulk},
		"absence zh":       {"Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSNOiDmipXor4k=?=", intake.AutoReply},
		"absence en":       {"Subject: Out of Office: complaint", intake.AutoReply},
		"about an absence": {"Subject: 我收到了你们的自动回复", intake.Personal},
		"null path":        {"Subject: x\nReturn-Path: <>", intake.Bulk},
		"qq bounce":        {"Subject: 系统退信/Systems bounce\nFrom: postmaster@qq.com", intake.Bounce},
	} {
		m := intake.Read([]byte(tt.head + "\n\ntext"))
		if m.Nature.Kind != tt.want || m.Nature.NoAnswer != (tt.want != intake.Personal) {
			t.Errorf("%s: %s", name, m.Nature.Kind)
		}
	}
	if m := intake.Read([]byte("Subject: x\nX-Spam-Flag: YES\n" + strings.Repeat("Received: a\n", 40) + intake.InstanceHeader + ": abc\n\n")); !m.Nature.Spam || m.Nature.Hops != 40 || len(m.Nature.Instances) != 1 {
		t.Errorf("%+v", m.Nature)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]intake.Failure{
		"rt/multipart-report": {Status: "5.1.1", Lasts: true},
		"mail/multipart_report_emails__multi_address_bounce2.eml": {Status: "5.1.1", Lasts: true},
		"otobo/PostMaster-Test10.box":                             {Status: "5.0.0", Lasts: true},
		"flanker/bounce__gmail-no-dns.eml":                        {Mail: "user@example.comm", Lasts: true},
		"flanker/bounce__zed.eml":                                 {Status: "5.1.1", Lasts: true},
	} {
		m := intake.Read(sample(t, name))
		if m.Nature.Kind != intake.Bounce || len(m.Nature.Failed) == 0 {
			t.Errorf("%s: %+v", name, m.Nature)
			continue
		}
		got := m.Nature.Failed[0]
		if got.Status != want.Status || got.Lasts != want.Lasts || !strings.Contains(got.Mail, "@") || want.Mail != "" && got.Mail != want.Mail {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if m := intake.Read(sample(t, "mail/multipart_report_emails__report_422.eml")); !m.Nature.Delayed || len(m.Nature.Failed) != 0 || m.Nature.Original == "" {
		t.Errorf("delayed: %+v", m.Nature)
	}
}

func TestKnownTextsOfTheCollection(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"mail/multi_charset__japanese_iso_2022.eml": "すみません。",
		"mail/multi_charset__ks_c_5601-1987.eml":    "스티해",
		"rt/new-ticket-from-gb18030":                "测试",
		"MimeKit/ukr.eml":                           "шостий",
		"flanker/mailgun-pic.eml":                   "Мейлган",
		"flanker/8bitmime.eml":                      "Превел",
		"rt/8859-15-message-series__msg7":           "€",
		"mail-parser/010.eml":                       "mißliche Lage",
	} {
		if m := intake.Read(sample(t, name)); !strings.Contains(m.Text, want) {
			t.Errorf("%s: %q", name, m.Text)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(letter))
	f.Add([]byte("Subject: =?gbk?B?zbbL3w==?=\nContent-Type: text/plain; charset=utf-7\n\n+ZeU-"))
	f.Add([]byte("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b\nStatus: 5.1.1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := intake.Read(raw)
		if !utf8.ValidString(m.Text) || !utf8.ValidString(m.Subject) || strings.ContainsAny(m.Subject, "\r\n\x00") {
			t.Errorf("subject %q, text %q", m.Subject, m.Text)
		}
		for _, a := range m.Files {
			if a.Name == "" || strings.ContainsAny(a.Name, "/\\\x00") || len(a.Name) > 200 {
				t.Errorf("name %q", a.Name)
			}
			if _, err := io.Copy(io.Discard, a.Open()); err != nil {
				t.Error(err)
			}
		}
	})
}
