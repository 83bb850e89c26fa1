// Package webtest opens the pages over the small company of accesstest, for the tests of packages of pages.
//
// A [Site] is a real server on a real database with people who can sign in; a [Browser] keeps cookies and never follows
// a redirect, so that tests see it; a [Page] is searched by selectors. The package is for tests alone.
package webtest

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"dianke/internal/engine/access"
	"dianke/internal/engine/access/accesstest"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/record"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/db/dbtest"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/surface/web"
	"dianke/internal/surface/web/webui"

	"github.com/alexedwards/argon2id"
)

// Password is that of everybody.
const Password = "a long sentence for tests"

// Site is an open server.
type Site struct {
	*accesstest.Bench
	Identity *identity.Service
	Catalog  *i18n.Catalog
	Server   *web.Server
	URL      string
	Named    string // the same by a name, which passkeys need
	Told     []identity.Told
}

// Options are what a test changes of the server.
type Options struct {
	Messages []fs.FS
	Mount    func(b *accesstest.Bench) []func(*web.Server)
	Deps     func(*web.Deps)
	Handler  func(http.Handler) http.Handler // goes around the server
	Identity func(*identity.Options)
}

// New opens a site.
func New(t testing.TB, o Options) *Site {
	t.Helper()
	b := accesstest.New(t, dbtest.SQLite(t), identity.Tables()...)
	srv := httptest.NewUnstartedServer(nil)
	s := &Site{Bench: b, Named: "http://localhost:" + strconv.Itoa(srv.Listener.Addr().(*net.TCPAddr).Port)}
	opts := identity.Options{
		Hash: argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}, Site: s.Named,
		Tell: func(_ context.Context, _ record.ID, told identity.Told) { s.Told = append(s.Told, told) },
	}
	if o.Identity != nil {
		o.Identity(&opts)
	}
	s.Identity = identity.New(b.Records.Runner, b.Guard, opts)
	b.Records.Runner.Gates = append(b.Records.Runner.Gates, identity.Gate{Service: s.Identity})
	sources := append([]fs.FS{record.Messages(), org.Messages(), identity.Messages(), blobs.Messages(), gb.Messages(), webui.Messages(), web.Messages(), Messages()}, o.Messages...)
	var err error
	if s.Catalog, err = i18n.Load(sources...); err != nil {
		t.Fatal(err)
	}
	d := web.Deps{
		Records: b.Records, Identity: s.Identity, Catalog: s.Catalog, Clock: b.Clock, Organisation: func(context.Context) string { return "典客公司" },
		Rooms: []web.Room{{Key: "trade", Icon: "building-store", Types: []string{"client"}}, {Key: "settings", Icon: "settings"}},
	}
	if o.Mount != nil {
		d.Mount = o.Mount(b)
	}
	if o.Deps != nil {
		o.Deps(&d)
	}
	if s.Server, err = web.New(d); err != nil {
		t.Fatal(err)
	}
	var h http.Handler = s.Server
	if o.Handler != nil {
		h = o.Handler(h)
	}
	srv.Config.Handler = h
	srv.Start()
	t.Cleanup(srv.Close)
	s.URL = srv.URL
	return s
}

// Blobs opens a file store in a directory of the test.
func Blobs(t testing.TB) *blobs.Store {
	t.Helper()
	st, err := blobs.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// Person hires somebody who can sign in with [Password].
func (s *Site) Person(t testing.TB, login, role string, unit record.ID) access.Actor {
	t.Helper()
	a := s.Hire(t, login, role, unit)
	if err := s.Identity.SetPassword(context.Background(), s.admin(t), a.UserID, Password, false); err != nil {
		t.Fatal(err)
	}
	return a
}

// admin is somebody who may set passwords.
func (s *Site) admin(t testing.TB) access.Actor {
	t.Helper()
	return s.Hire(t, "admin"+s.Store.IDs.Next().String(), "administrator", s.Company)
}

// Browser returns a browser in which nobody is signed in.
func (s *Site) Browser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, site: s, Lang: "zh", client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// SignedIn returns the browser of a person who has signed in.
func (s *Site) SignedIn(t testing.TB, login string) *Browser {
	t.Helper()
	b := s.Browser(t)
	p := b.Post("/signin", url.Values{"login": {login}, "password": {Password}})
	if p.Status != http.StatusSeeOther {
		t.Fatalf("sign-in of %s: %d %s", login, p.Status, p.Text())
	}
	return b
}

// Browser keeps cookies and follows no redirect.
type Browser struct {
	Lang   string
	t      testing.TB
	site   *Site
	client *http.Client
}

// Do sends a request with headers as given in pairs.
func (b *Browser) Do(method, path, contentType string, body io.Reader, headers ...string) *Page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.site.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", b.Lang)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return &Page{t: b.t, Status: res.StatusCode, Header: res.Header, Body: string(text), Path: path}
}

// Get asks for a page.
func (b *Browser) Get(path string, headers ...string) *Page {
	b.t.Helper()
	return b.Do(http.MethodGet, path, "", nil, headers...)
}

// Fragment asks as the script does.
func (b *Browser) Fragment(path string) *Page {
	b.t.Helper()
	return b.Get(path, "HX-Request", "true")
}

// Post sends a form.
func (b *Browser) Post(path string, form url.Values, headers ...string) *Page {
	b.t.Helper()
	return b.Do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), headers...)
}

// Upload sends a form with one file.
func (b *Browser) Upload(path string, form url.Values, field, name string, content []byte) *Page {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, list := range form {
		for _, v := range list {
			if err := m.WriteField(k, v); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	w, err := m.CreateFormFile(field, name)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return b.Do(http.MethodPost, path, m.FormDataContentType(), &body)
}

// Cookies are what the browser keeps of the site, for handing them to a real one.
func (b *Browser) Cookies() []*http.Cookie {
	u, err := url.Parse(b.site.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.client.Jar.Cookies(u)
}

// Messages are the words of the types of accesstest.
func Messages() fs.FS {
	return fstest.MapFS{
		"zh.yaml": {Data: []byte(`client: 客户
client._plural: 客户
client.name: 名称
client.mobile: 手机
client.id_number: 身份证号
client.notes: 备注
client.stage: 阶段
client.stage.open: 进行中
client.stage.closed: 已关闭
client.size: 规模
client.size.large: 大型
client.size.small: 小型
client.budget: 预算
client.rate: 折扣
client.staff: 人数
client.wanted: 重点
client.due: 下次联系
client.met: 上次见面
client.effort: 投入
client.tags: 标签
client.tags.old: 老客户
client.tags.new: 新客户
client.tags.loud: 急性子
client.helper: 协办人
client.friends: 关联客户
client.extra: 附加数据
client.code: 代码
client.outcome: 结果
client.initial: 首字
client.broken: 这个结果不能用。请换一个。
client.action.close: 关闭
client.action.close.memos: 便签数
client.action.reopen: 重新打开
memo: 便签
memo._plural: 便签
memo.client_id: 客户
memo.label: 内容
`)},
		"en.yaml": {Data: []byte(`client: Client
client._plural: Clients
client.name: Name
client.mobile: Mobile
client.id_number: ID number
client.notes: Notes
client.stage: Stage
client.stage.open: Open
client.stage.closed: Closed
client.size: Size
client.size.large: Large
client.size.small: Small
client.budget: Budget
client.rate: Discount
client.staff: Staff
client.wanted: Wanted
client.due: Next contact
client.met: Last met
client.effort: Effort
client.tags: Tags
client.tags.old: Old
client.tags.new: New
client.tags.loud: Impatient
client.helper: Helper
client.friends: Related clients
client.extra: Extra data
client.code: Code
client.outcome: Outcome
client.initial: Initial
client.broken: This outcome cannot be used. Choose another.
client.action.close: Close
client.action.close.memos: Memos
client.action.reopen: Reopen
memo: Memo
memo._plural: Memos
memo.client_id: Client
memo.label: Text
`)},
	}
}
