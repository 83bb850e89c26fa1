package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dianke/internal/engine/record"
	"dianke/internal/surface/web/browsertest"
	"dianke/internal/world"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestPeopleInABrowser goes the journeys of people, one after the other in one house, as they would with mouse and keys.
func TestPeopleInABrowser(t *testing.T) {
	h := open(t)
	t.Run("a text becomes a regulation in force", h.textInBrowser)
	t.Run("a number is revealed with a reason", h.revealInBrowser)
	t.Run("two people edit one customer", h.mergeInBrowser)
	t.Run("a phone in one hand", h.thumbInBrowser)
	t.Run("found in a large store", h.paletteInBrowser)
}

// signedIn is a browser of its own with somebody at it.
func (h *house) signedIn(t *testing.T, login string) *browsertest.Browser {
	t.Helper()
	b := browsertest.Start(t, h.url)
	b.SignIn(login, world.Password)
	return b
}

// reception is a small regulation in all styles of numbers the house reads.
const reception = `来访接待规定
一、总则
（一）本规定适用于全体接待人员。
（二）来访客户在前台登记。
二、接待
1.1 接待准备
1.1.1 接待室每日开门前整理完毕。
1.1.2 茶水备齐。
1.2 接待过程
1) 先问候，再询问来意。
2) 请客户入座。
(1) 重要客户由经理接待。
(2) 其他客户由值班人员接待。
a) 记录姓名。
b) 记录来意。
第一条 本规定自公布之日起施行。
第2条 本规定由客户部解释。
`

// write puts content into a file to be uploaded.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// textInBrowser: what cannot be read is told in clear words and nothing typed is lost; a pasted text and files become
// drafts; a draft is edited, decided and promulgated by the pages.
func (h *house) textInBrowser(t *testing.T) {
	b := h.signedIn(t, "department_manager")
	b.Open("/library", 1280)
	b.Link("导入制度")
	b.Sees("拆分并存为草案")
	b.Fill("[name=key]", "visit")
	for name, bad := range map[string]struct {
		content []byte
		says    string
	}{
		"空白.txt": {nil, "文件“空白.txt”是空的"},
		"图片.png": {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"), "文件“图片.png”：文件含有空字符"},
		"乱码.txt": {[]byte("\xff\xff\x80\x81\xff"), "文件“乱码.txt”：无法识别文件的文字编码"},
	} {
		b.Upload("[name=file]", write(t, name, bad.content))
		b.Link("拆分并存为草案")
		b.Sees(bad.says)
		if key := b.Read("document.querySelector('[name=key]').value"); key != "visit" {
			t.Errorf("%s: the key became %q", name, key)
		}
	}
	b.Link("拆分并存为草案")
	b.Sees("请选择一个文件，或粘贴规章制度的全文")
	b.Examine("people-import-refused", 1280)
	b.Upload("[name=file]", write(t, "另一份.txt", []byte(reception)))
	b.Eval(fmt.Sprintf(`((e) => { e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('[name=text]'))`, reception))
	b.Link("拆分并存为草案")
	b.Sees("您既选择了文件，又粘贴了文本")
	if text := b.Read("document.querySelector('[name=text]').value"); text != reception {
		t.Errorf("what was pasted is gone: %q", text)
	}
	b.Link("拆分并存为草案")
	b.Sees("已存入 1 部制度草案")
	b.Examine("people-imported", 1280)
	b.Click(`main a[href="/read/visit"]`)
	b.Sees("草案")
	for _, number := range strings.Fields("一、 （一） （二） 二、 1.1 1.1.1 1.1.2 1.2 1) 2) (1) (2) a) b) 第一条 第2条") {
		printed := `[...document.querySelectorAll('.dk-book strong, .dk-book h2')].filter((e) => e.innerText.split(' ')[0] === ` + fmt.Sprintf("%q", number) + `).length`
		if n := b.Read(printed); n != "1" {
			t.Errorf("the reader prints %s %s times", number, n)
		}
	}
	b.Examine("people-reader", 1280)
	h.decided(t, b)
	h.chineseFile(t, b)
	h.collection(t, b)
}

// decided edits the draft and takes it the whole way into force.
func (h *house) decided(t *testing.T, b *browsertest.Browser) {
	b.Click(`#visit\.2a a, [id="visit.2a"] a`)
	b.Link("修改文字")
	b.Fill("[name=body]", "本规定由客户部负责解释和修订。")
	b.Link("保存")
	b.Sees("本规定由客户部负责解释和修订。")
	b.Open("/read/visit", 1280)
	b.Link("版本")
	b.Link("提交审议")
	b.Sees("已提交审议")
	b.Link("批准")
	b.Sees("已批准")
	b.Examine("people-approved", 1280)
	b.Link("公布施行")
	b.Sees("已公布施行")
	b.Open("/read/visit", 1280)
	b.Sees("现行有效")
	b.Sees("本规定由客户部负责解释和修订。")
	b.Click(`[id="visit.2a"] a`)
	b.Missing("修改文字")
	p := h.signIn(t, "department_manager")
	_, out := p.api(http.MethodGet, "/regulations?f=key:eq:visit", nil)
	items, _ := out["items"].([]any)
	if len(items) != 1 || !strings.Contains(fmt.Sprint(items[0]), "current_id") {
		t.Errorf("stored: %v", out)
	}
}

// chineseFile reads a file as Chinese editors of old write it; the key of another regulation is not taken over by mistake.
func (h *house) chineseFile(t *testing.T, b *browsertest.Browser) {
	text := "值班规定\n第一条 值班人员每晚二十二时巡查一次。\n第二条 巡查结果记入值班簿。\n"
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, "值班.txt", gbk)
	b.Open("/library/import", 1280)
	b.Fill("[name=key]", "visit")
	b.Upload("[name=file]", path)
	b.Link("拆分并存为草案")
	b.Sees("代号“visit”已属于《来访接待规定》，而这份文本是《值班规定》")
	b.Examine("people-import-taken", 1280)
	b.Fill("[name=key]", "watch")
	b.Upload("[name=file]", path)
	b.Link("拆分并存为草案")
	b.Sees("已存入 1 部制度草案")
	b.Click(`main a[href="/read/watch"]`)
	b.Sees("值班人员每晚二十二时巡查一次。")
}

// collection uploads the text of a whole collection, where it is beside the project.
func (h *house) collection(t *testing.T, b *browsertest.Browser) {
	path, err := filepath.Abs("../../shared/mission/seed.txt")
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Log("left out: the source text is not beside the project")
		return
	}
	b.Open("/library/import", 1280)
	b.Fill("[name=key]", "seed")
	b.Upload("[name=file]", path)
	b.Link("拆分并存为草案")
	b.Sees("已存入 23 部制度草案")
	named := `[...document.querySelectorAll('main tbody a[href^="/read/seed-"]:not([href*="/versions"])')].filter((a) => a.innerText.trim() !== '').length`
	if n := b.Read(named); n != "23" {
		t.Errorf("%s regulations are named", n)
	}
	b.Examine("people-library", 1280)
	b.Click(`main a[href="/read/seed-01"]`)
	b.Sees("第1条")
}

// revealInBrowser: a clerk sees the outline of a number and the number after a reason; the auditor sees who, when and why.
func (h *house) revealInBrowser(t *testing.T) {
	id := h.signIn(t, "account_manager").create("customers", map[string]any{
		"name": "青禾茶业", "kind": "organisation", "mobile": "13800138000", "source": "phone", "legal_basis": "consent",
	})
	_, me := h.signIn(t, "customer_clerk").api(http.MethodGet, "/me", nil)
	h.app.Records.Quota = func(record.Actor) int { return 1 }
	defer func() { h.app.Records.Quota = nil }()
	b := h.signedIn(t, "customer_clerk")
	eye := `main a.dk-eye[href*="field=mobile"]`
	b.Open("/customers", 1280)
	b.Click(`main a[href="/customers/` + id + `"]`)
	b.Sees("138****8000")
	b.Missing("13800138000")
	b.Click(eye)
	b.Sees("查看人、时间和原因会记入审计日志")
	b.Fill("dialog [name=reason]", "好")
	b.Link("查看明文")
	b.Sees("请写明查看原因，至少")
	b.Missing("13800138000")
	b.Examine("people-reveal-refused", 1280)
	b.Fill("dialog [name=reason]", "客户要求当天回电")
	b.Link("查看明文")
	b.Sees("138 0013 8000")
	b.Examine("people-revealed", 1280)
	b.Link("返回")
	b.Click(eye)
	b.Fill("dialog [name=reason]", "再次确认号码")
	b.Link("查看明文")
	b.Sees("今天查看明文的次数（1 次）已用完")
	b.Examine("people-reveal-quota", 1280)
	b.Leave()
	b.SignIn("auditor", world.Password)
	b.Open("/audit", 1280)
	b.Link("操作")
	b.Fill("[name=verb]", "reveal")
	b.Link("应用")
	b.Sees("操作：显示完整信息")
	row := b.Read(`document.querySelector('main tbody').innerText`)
	for _, want := range []string{fmt.Sprint(me["name"]), "2025-09-26 10:00", "客户要求当天回电", "青禾茶业"} {
		if !strings.Contains(row, want) {
			t.Errorf("the log does not tell %q: %s", want, row)
		}
	}
	if strings.Contains(row, "再次确认号码") || strings.Contains(b.Text(), "13800138000") {
		t.Errorf("the log tells too much: %s", row)
	}
	b.Examine("people-audit", 1280)
	b.Click(`main tbody a[href^="/audit/"]`)
	b.Sees("客户要求当天回电")
	b.Sees("手机")
}

// mergeInBrowser: the second of two who edit is told what the first changed, chooses by field and loses nothing.
func (h *house) mergeInBrowser(t *testing.T) {
	p := h.signIn(t, "account_manager")
	_, me := p.api(http.MethodGet, "/me", nil)
	id := p.create("customers", map[string]any{"name": "云岭酒业", "kind": "organisation", "source": "phone", "legal_basis": "consent"})
	first, second := h.signedIn(t, "account_manager"), h.signedIn(t, "department_manager")
	for _, b := range []*browsertest.Browser{first, second} {
		b.Open("/customers/"+id, 1280)
		b.Link("修改")
		b.Until("document.querySelector('[name=industry]') !== null")
	}
	first.Fill("[name=industry]", "制造业")
	first.Fill("[name=short_name]", "云岭")
	first.Link("保存")
	first.Sees("制造业")
	second.Fill("[name=industry]", "零售")
	second.Fill("[name=website]", "https://yunling.example")
	second.Link("保存")
	second.Sees("您打开之后，他人保存了修改")
	for _, want := range []string{fmt.Sprint(me["name"]), "制造业", "零售", "云岭", "https://yunling.example", "冲突"} {
		second.Sees(want)
	}
	second.Examine("people-merge", 1280)
	second.Link("按所选保存")
	second.Sees("按所选保存") // the conflict is not decided
	second.Sees("零售")
	second.Fill(`[name=merge_industry][value=yours]`, "")
	second.Link("按所选保存")
	second.Until(`document.querySelector('[name^=merge_]') === null`)
	second.Sees("零售")
	_, out := p.api(http.MethodGet, "/customers/"+id, nil)
	stored, _ := out["fields"].(map[string]any)
	for name, want := range map[string]string{"industry": "零售", "short_name": "云岭", "website": "https://yunling.example", "name": "云岭酒业"} {
		if stored[name] != want {
			t.Errorf("%s = %v, want %s", name, stored[name], want)
		}
	}
}

const phone = 390 // pixels a telephone is wide

// fits fails where the page must be pushed sideways.
func fits(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	if wide := b.Read("document.documentElement.scrollWidth"); wide != fmt.Sprint(phone) {
		t.Errorf("%s is %s wide", b.Path(), wide)
	}
}

// thumbInBrowser: a visit logged, a case answered and a regulation signed on a telephone, each tap within reach of a thumb.
func (h *house) thumbInBrowser(t *testing.T) {
	p := h.signIn(t, "account_manager")
	id := p.create("customers", map[string]any{"name": "松风书店", "kind": "organisation", "source": "phone", "legal_basis": "consent"})
	b := h.signedIn(t, "account_manager")
	b.Open("/customers/"+id, phone)
	fits(t, b)
	b.Thumb(`main a[href^="/log/visit"]`)
	b.Fill("[name=summary]", "店长希望下月送样书。")
	fits(t, b)
	b.Examine("people-thumb-visit", phone)
	b.Thumb("form#log .btn-primary")
	b.Sees("“登记拜访”已保存")
	fits(t, b)
	if _, out := p.api(http.MethodGet, "/interactions?f=customer_id:eq:"+id, nil); !strings.Contains(fmt.Sprint(out["items"]), "店长希望下月送样书。") {
		t.Errorf("the visit is not stored: %v", out)
	}
	b.Leave()
	h.answerWithThumb(t, b)
	b.Leave()
	h.signWithThumb(t, b)
}

func (h *house) answerWithThumb(t *testing.T, b *browsertest.Browser) {
	p := h.signIn(t, "complaint_officer")
	id := p.create("cases", map[string]any{"kind": "complaint", "channel": "phone", "subject": "电梯噪声", "content": "夜间电梯噪声大", "no_person": true, "desired_result": "检修"})
	if status, out := p.api(http.MethodPost, "/cases/"+id+"/actions/accept", map[string]any{}); status != http.StatusOK {
		t.Fatalf("accept: %d %v", status, out)
	}
	b.SignIn("complaint_officer", world.Password)
	b.Open("/desk?tab=open", phone)
	fits(t, b)
	b.Thumb(`a.dk-queue-row[href*="` + id + `"]`)
	b.Until("document.querySelector('.dk-thumb') !== null")
	fits(t, b)
	b.Thumb(".dk-thumb .btn-primary")
	b.Fill("#say-body", "周四上午检修，当晚回访。")
	fits(t, b)
	b.Thumb(".dk-say-foot .btn-primary")
	b.Until("document.querySelector('#dk-toasts [data-toast]') !== null")
	fits(t, b)
	b.Examine("people-thumb-case", phone)
	if _, out := p.api(http.MethodGet, "/cases/"+id, nil); out["state"] != "answered" {
		t.Errorf("the case is %v", out["state"])
	}
}

func (h *house) signWithThumb(t *testing.T, b *browsertest.Browser) {
	chief := h.signIn(t, "department_manager")
	chief.post("/library/import", url.Values{"key": {"thumb"}, "text": {"随访规定\n第一条 随访当日记录。\n第二条 记录由经理抽查。\n"}})
	for _, act := range []string{"submit", "approve", "promulgate"} {
		if status, body := chief.post("/read/thumb/versions/1/do/"+act, url.Values{}); status != http.StatusOK {
			t.Fatalf("%s: %d %.300s", act, status, body)
		}
	}
	b.SignIn("customer_clerk", world.Password)
	b.Open("/read/thumb", phone)
	fits(t, b)
	b.Thumb("#sign .btn-primary")
	b.Sees("签署本版本")
	fits(t, b)
	b.Examine("people-thumb-signed", phone)
	if _, body := h.signIn(t, "customer_clerk").get("/read/thumb"); !strings.Contains(body, `id="signed"`) {
		t.Error("the signature is not stored")
	}
}

// listed puts the companies of the exchanges into the store.
func (h *house) listed(t *testing.T) {
	t.Helper()
	raw, err := os.ReadFile("../../shared/data/cn-reference/listed_companies_gbk.csv")
	if err != nil {
		t.Skip("the list of companies is not beside the project")
	}
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	typ, n := h.app.Types.Type("customer"), 0
	err = h.app.InTx(t.Context(), "test", "test", func(c *record.Call) error {
		for _, line := range strings.Split(string(text), "\n")[1:] {
			cells := strings.Split(strings.TrimSpace(line), ",")
			if len(cells) < 4 {
				continue
			}
			e := typ.New()
			for name, value := range map[string]string{"name": cells[3], "kind": "organisation", "source": "public_register", "legal_basis": "public_info", "remarks": "股票代码 " + cells[2]} {
				v, bad := typ.Field(name).Parse(value)
				if bad != nil {
					return bad
				}
				typ.Field(name).Set(e, v)
			}
			if err := c.Work.Insert(t.Context(), c, "customer", e); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil || n < 4000 {
		t.Fatalf("%d companies, %v", n, err)
	}
}

// paletteInBrowser: the palette finds a company by characters, initials, pinyin and code, a person by part of a number.
func (h *house) paletteInBrowser(t *testing.T) {
	h.listed(t)
	h.signIn(t, "account_manager").create("customers", map[string]any{
		"name": "白鹭客栈", "kind": "organisation", "mobile": "13971466138", "source": "phone", "legal_basis": "consent",
	})
	b := h.signedIn(t, "department_manager")
	ask := func(q string) {
		b.Control("k")
		b.Until("document.querySelector('#dk-palette').open")
		b.Fill("#dk-palette input", q)
	}
	first := `document.querySelector('#dk-palette .dk-hit .dk-hit-title')?.innerText`
	for _, q := range []string{"茅台", "gzmt", "maotai", "600519"} {
		b.Open("/me", 1280)
		ask(q)
		b.Until(first + ` === '贵州茅台'`)
		b.Press("\r")
		b.Until("location.pathname.startsWith('/customers/') && document.readyState === 'complete'")
		b.Sees("贵州茅台")
	}
	b.Examine("people-palette-opened", 1280)
	b.Leave()
	b.SignIn("account_manager", world.Password)
	ask("71466")
	b.Until(first + ` === '白鹭客栈'`)
	b.Examine("people-palette-phone", 1280)
	b.Leave()
	b.SignIn("customer_clerk", world.Password)
	ask("71466")
	b.Until("document.querySelector('.dk-palette-none') !== null")
	b.Missing("白鹭客栈")
}
