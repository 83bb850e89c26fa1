package gallerytest

import (
	"fmt"

	"dianke/internal/surface/web/webui"
)

// pair holds a sample text in both languages.
type pair struct{ zh, en string }

func (s sample) t(zh, en string) string {
	if s.en {
		return en
	}
	return zh
}

// sample makes the views of one language.
type sample struct {
	en    bool
	theme webui.Theme
}

func (s sample) frame() webui.Frame {
	item := func(zh, en, icon, href, count string) webui.NavItem {
		return webui.NavItem{Label: s.t(zh, en), Icon: icon, Href: href, Count: count, Active: href == "/cases"}
	}
	return webui.Frame{
		Organisation: s.t("云澜家居", "Yunlan Home"), Theme: s.theme, Path: "/gallery",
		Nav: []webui.NavGroup{
			{Items: []webui.NavItem{item("工作台", "Workbench", "layout-dashboard", "/today", "7")}},
			{Label: s.t("业务", "Work"), Items: []webui.NavItem{
				item("客户", "Customers", "users", "/customers", ""), item("服务", "Service", "headset", "/cases", "12"),
				item("拓展", "Growth", "target", "/deals", ""), item("接待", "Reception", "door-enter", "/visitors", "3"),
				item("调查", "Surveys", "checklist", "/surveys", ""),
			}},
			{Label: s.t("管理", "Manage"), Items: []webui.NavItem{
				item("人员", "People", "id", "/people", ""), item("行业", "Trade", "building-store", "/trade", ""),
				item("制度", "Regulations", "gavel", "/regulations", "1"), item("分析", "Insight", "chart-bar", "/insight", ""),
				item("设置", "Settings", "settings", "/settings", ""),
			}},
		},
		New: []webui.MenuItem{
			{Label: s.t("客户", "Customer"), Href: "/customers/new", Icon: "user-plus"},
			{Label: s.t("投诉", "Complaint"), Href: "/cases/new", Icon: "message-plus"},
			{Label: s.t("来访登记", "Visitor"), Href: "/visitors/new", Icon: "door-enter"},
		},
		Me:     webui.Person{Name: s.t("苏晴", "Su Qing"), Detail: s.t("客户服务部 · 服务专员", "Customer service · specialist")},
		MeMenu: []webui.MenuItem{{Label: s.t("个人设置", "My settings"), Href: "/me", Icon: "settings"}},

		Notices: 5, NoticesHref: "/notices", Clocks: 3, ClocksHref: "/today#clocks", ClocksLate: true, Watermark: "/watermark.svg",
	}
}

func (s sample) stats() []webui.StatView {
	return []webui.StatView{
		{Label: s.t("待处理", "Open cases"), Value: "12", Icon: "inbox", Change: s.t("较昨日 −3", "−3 since yesterday"), Tone: webui.Good},
		{Label: s.t("首次答复按时率", "First answer in time"), Value: "96.4", Unit: "%", Icon: "clock", Change: "+1.2 %", Rising: true, Tone: webui.Good},
		{Label: s.t("本周回访", "Follow-ups this week"), Value: "38", Unit: s.t("/ 45 次", "of 45"), Icon: "phone-call", Detail: s.t("还差 7 次", "7 to go")},
		{Label: s.t("待确认违规", "Breaches to confirm"), Value: "2", Icon: "gavel", Change: "+1", Rising: true, Tone: webui.Bad},
	}
}

func (s sample) clock(state webui.ClockState, zh, en, left string) *webui.ClockView {
	return &webui.ClockView{State: state, Label: s.t(zh, en), Remaining: left, Due: "2026-03-02 16:30"}
}

func (s sample) table() webui.TableView {
	badge := func(zh, en string, tone webui.Tone) *webui.BadgeView {
		return &webui.BadgeView{Label: s.t(zh, en), Tone: tone}
	}
	type line struct {
		no, title, customer string
		state               *webui.BadgeView
		clock               *webui.ClockView
		owner, amount       string
	}
	lines := []line{
		{"TS-2603-0018", s.t("餐桌桌面开裂，要求换货", "Cracked table top, wants a replacement"), s.t("海棠花园酒店", "Begonia Garden Hotel"), badge("处理中", "In progress", webui.Info), s.clock(webui.ClockWarned, "答复", "Answer", "00:24"), s.t("苏晴", "Su Qing"), "¥12,800.00"},
		{"TS-2603-0017", s.t("送货迟到两天且未提前通知", "Delivered two days late without notice"), s.t("钟离先生", "Mr Zhongli"), badge("待受理", "New", webui.Warn), s.clock(webui.ClockLate, "受理", "Accept", "01:12"), s.t("未分派", "Unassigned"), "¥3,260.00"},
		{"ZX-2603-0102", s.t("询问定制衣柜的工期", "Asks how long a made-to-measure wardrobe takes"), s.t("白鹭设计工作室", "Egret Design Studio"), badge("等待客户", "Waiting for customer", webui.Neutral), s.clock(webui.ClockPaused, "答复", "Answer", ""), s.t("林以安", "Lin Yian"), "¥58,000.00"},
		{"TS-2603-0015", s.t("安装师傅损坏地板", "Fitter damaged the floor"), s.t("欧阳女士", "Ms Ouyang"), badge("已答复", "Answered", webui.Good), s.clock(webui.ClockMet, "答复", "Answer", ""), s.t("苏晴", "Su Qing"), "¥900.00"},
	}
	v := webui.TableView{
		ID: "cases", Caption: s.t("服务单", "Cases"), BulkAction: "/cases/bulk",
		Columns: []webui.Column{
			{Key: "no", Label: s.t("编号", "Number"), SortHref: "?sort=no"},
			{Key: "title", Label: s.t("主题", "Subject"), Primary: true},
			{Key: "customer", Label: s.t("客户", "Customer"), SortHref: "?sort=customer"},
			{Key: "state", Label: s.t("状态", "State")},
			{Key: "clock", Label: s.t("时限", "Clock"), SortHref: "?sort=-due", Sorted: "asc"},
			{Key: "owner", Label: s.t("负责人", "Owner")},
			{Key: "amount", Label: s.t("涉及金额", "Amount"), Numeric: true, OffPhone: true},
		},
		Bulk: []webui.ButtonView{
			{Label: s.t("分派", "Assign"), Icon: "user-check", Name: "action", Value: "assign", Small: true},
			{Label: s.t("导出", "Export"), Icon: "download", Name: "action", Value: "export", Small: true},
			{Label: s.t("归档", "Archive"), Icon: "archive", Name: "action", Value: "archive", Small: true, Weight: webui.Danger, Confirm: s.t("归档所选服务单？", "Archive the chosen cases?")},
		},
	}
	for i, l := range lines {
		v.Rows = append(v.Rows, webui.RowView{ID: fmt.Sprint(i + 1), Href: "/cases/" + l.no, Label: l.title, Cells: []webui.Cell{
			{Text: l.no}, {Text: l.title, Title: l.title}, {Text: l.customer, Href: "/customers/1"}, {Badge: l.state}, {Clock: l.clock}, {Text: l.owner}, {Text: l.amount},
		}})
	}
	return v
}

func (s sample) filter() webui.FilterBarView {
	return webui.FilterBarView{
		Action: "/cases", Hidden: []webui.Option{{Value: "sort", Label: "due"}},
		Chips: []webui.FilterChip{{Label: s.t("部门：客户服务部", "Unit: customer service"), RemoveHref: "?"}},
		Editors: []webui.FilterEditor{
			{Kind: webui.KindMulti, Field: webui.FieldView{Name: "state", Label: s.t("状态", "State"), Options: s.states(), Values: []string{"new"}}},
			{Kind: webui.KindDate, Field: webui.FieldView{Name: "since", Label: s.t("创建日期起", "Created since")}},
		},
		ClearHref: "/cases",
	}
}

func (s sample) states() []webui.Option {
	return []webui.Option{{Value: "new", Label: s.t("待受理", "New")}, {Value: "work", Label: s.t("处理中", "In progress")}, {Value: "wait", Label: s.t("等待客户", "Waiting")}, {Value: "done", Label: s.t("已答复", "Answered")}}
}

func (s sample) views() webui.ViewTabsView {
	return webui.ViewTabsView{SaveHref: "/views/new", Tabs: []webui.TabView{
		{Label: s.t("我的待办", "Mine"), Href: "?v=1", Count: "12", Active: true}, {Label: s.t("全部未结", "All open"), Href: "?v=2", Count: "48"},
		{Label: s.t("即将超时", "Due soon"), Href: "?v=3", Count: "3"}, {Label: s.t("本月已结", "Closed this month"), Href: "?v=4"},
	}}
}

func (s sample) kanban() webui.KanbanView {
	to := []webui.Option{{Value: "quote", Label: s.t("报价", "Quote")}, {Value: "won", Label: s.t("成交", "Won")}}
	card := func(id, zh, en, detailZH, detailEN, meta, person string, badges ...webui.BadgeView) webui.KanbanCard {
		return webui.KanbanCard{ID: id, Title: s.t(zh, en), Href: "/deals/" + id, Detail: s.t(detailZH, detailEN), Meta: meta, Person: person, Badges: badges, MoveHref: "/deals/" + id + "/move", MoveTo: to}
	}
	return webui.KanbanView{Label: s.t("商机看板", "Deals by stage"), Columns: []webui.KanbanColumn{
		{Key: "contact", Label: s.t("初次接触", "First contact"), Total: "2", Tone: webui.Neutral, Cards: []webui.KanbanCard{
			card("d1", "青禾书院阅览区家具", "Qinghe Academy reading room", "需要现场量尺", "Needs measuring on site", "¥86,000", s.t("林以安", "Lin Yian")),
			card("d2", "松间民宿 12 间客房", "Songjian Inn, 12 rooms", "下周三到店", "Visits next Wednesday", "¥240,000", s.t("周牧", "Zhou Mu"), webui.BadgeView{Label: s.t("大客户", "Key account"), Icon: "star", Tone: webui.Accent}),
		}},
		{Key: "quote", Label: s.t("报价", "Quote"), Total: "1", Tone: webui.Info, Cards: []webui.KanbanCard{
			card("d3", "海棠花园酒店大堂", "Begonia Garden Hotel lobby", "第二版报价待确认", "Second quote to be confirmed", "¥520,000", s.t("苏晴", "Su Qing")),
		}},
		{Key: "won", Label: s.t("成交", "Won"), Total: "18", Tone: webui.Good, MoreHref: "/deals?stage=won", Cards: []webui.KanbanCard{
			card("d4", "白鹭设计样板间", "Egret Design show flat", "", "", "¥132,000", s.t("周牧", "Zhou Mu")),
		}},
	}}
}

func (s sample) calendar() webui.CalendarView {
	v := webui.CalendarView{Title: s.t("2026年10月", "October 2026"), PrevHref: "?m=2026-09", NextHref: "?m=2026-11", TodayHref: "?"}
	for _, d := range []pair{{"一", "Mon"}, {"二", "Tue"}, {"三", "Wed"}, {"四", "Thu"}, {"五", "Fri"}, {"六", "Sat"}, {"日", "Sun"}} {
		v.Weekdays = append(v.Weekdays, s.t(d.zh, d.en))
	}
	day := 28
	for w := range 5 {
		var week []webui.CalendarDay
		for range 7 {
			outside := w == 0 && day > 20 || w == 4 && day < 7
			week = append(week, s.day(day, outside))
			if day++; w == 0 && day > 30 || w == 4 && day > 31 {
				day = 1
			}
		}
		v.Weeks = append(v.Weeks, week)
	}
	return v
}

func (s sample) day(n int, outside bool) webui.CalendarDay {
	d := webui.CalendarDay{Number: fmt.Sprint(n), Label: fmt.Sprintf("2026-10-%02d", n), Href: fmt.Sprintf("?d=%d", n), Outside: outside}
	if outside {
		return d
	}
	switch {
	case n <= 7:
		d.Mark, d.MarkTitle = "休", s.t("国庆节", "National Day")
	case n == 10:
		d.Mark, d.MarkTitle, d.Workday = "班", s.t("调休上班", "Make-up workday"), true
		d.Items = []webui.CalendarItem{{Time: "09:30", Label: s.t("月度例会", "Monthly meeting"), Href: "/m/1", Tone: webui.Info}}
	case n == 14:
		d.Today = true
		d.Items = []webui.CalendarItem{{Time: "10:00", Label: s.t("拜访海棠花园", "Visit Begonia Garden"), Href: "/v/1", Tone: webui.Good}, {Time: "15:30", Label: s.t("投诉听证", "Hearing"), Href: "/h/1", Tone: webui.Warn}}
		d.MoreHref, d.More = "?d=14", s.t("还有 2 项", "2 more")
	case n == 22:
		d.Items = []webui.CalendarItem{{Label: s.t("合同到期", "Contract ends"), Href: "/c/1", Tone: webui.Bad}}
	}
	return d
}

func (s sample) timeline() webui.TimelineView {
	return webui.TimelineView{ID: "story", Label: s.t("经过", "What happened"), MoreHref: "?older=1", Entries: []webui.TimelineEntry{
		{ID: "4", Icon: "lock", Actor: s.t("林以安", "Lin Yian"), Verb: s.t("写了备注", "wrote a note"), When: s.t("12 分钟前", "12 minutes ago"), WhenTitle: "2026-03-02 14:05", WhenISO: "2026-03-02T14:05:00+08:00", Internal: true, Tone: webui.Warn,
			Body: s.t("仓库同批次还有 3 张，建议先换再查原因。", "Three more of this batch in stock; replace first, then find the cause.")},
		{ID: "3", Icon: "phone-outgoing", Actor: s.t("苏晴", "Su Qing"), Verb: s.t("致电客户", "called the customer"), When: s.t("1 小时前", "an hour ago"), WhenTitle: "2026-03-02 13:10", WhenISO: "2026-03-02T13:10:00+08:00", Tone: webui.Good,
			Body: s.t("客户同意周四上午上门更换。", "The customer agreed to a replacement on Thursday morning."), Files: []webui.Link{{Label: s.t("现场照片.jpg", "photo.jpg"), Href: "/files/1"}},
			Clause: &webui.Link{Label: s.t("《投诉处理规定》第六条：24 小时内首次答复", "Complaints rules, art. 6: first answer within 24 hours"), Href: "/regulations/1#6"}},
		{ID: "2", Icon: "edit", Actor: s.t("系统", "System"), Verb: s.t("修改了字段", "changed fields"), When: s.t("昨天", "yesterday"), WhenTitle: "2026-03-01 17:20", WhenISO: "2026-03-01T17:20:00+08:00",
			Changes: []webui.Change{{Field: s.t("状态", "State"), Before: s.t("待受理", "New"), After: s.t("处理中", "In progress")}, {Field: s.t("负责人", "Owner"), After: s.t("苏晴", "Su Qing")}}},
	}}
}

func (s sample) facts() []webui.DescriptionItem {
	return []webui.DescriptionItem{
		{Label: s.t("客户", "Customer"), Value: s.t("海棠花园酒店", "Begonia Garden Hotel"), Href: "/customers/1"},
		{Label: s.t("等级", "Class"), Value: s.t("A 类", "A")},
		{Label: s.t("联系电话", "Telephone"), Value: "138 **** 8000", Masked: true, RevealHref: "/customers/1/reveal?field=mobile"},
		{Label: s.t("来源", "Source"), Value: s.t("电话", "Telephone")},
		{Label: s.t("下次回访", "Next contact"), Value: s.t("2026-03-05 周四", "2026-03-05 Thu")},
		{Label: s.t("发票抬头", "Invoice to")},
	}
}

func (s sample) heat() webui.HeatMapView {
	v := webui.HeatMapView{Caption: s.t("各制度逐月执行情况", "Regulations by month"), Corner: s.t("制度", "Regulation"), Columns: []string{"10", "11", "12", "01", "02", "03"}}
	states := []webui.HeatStatus{webui.HeatKept, webui.HeatKept, webui.HeatLate, webui.HeatBreached, webui.HeatExcepted, webui.HeatUnused, webui.HeatUnbound}
	for i, n := range []pair{{"客户关系管理规定", "Customer relations"}, {"投诉处理规定", "Complaints"}, {"接待礼仪规范", "Reception"}, {"考勤与请假制度", "Attendance"}} {
		row := webui.HeatRowView{Label: s.t(n.zh, n.en), Href: "/regulations/" + fmt.Sprint(i)}
		for j, m := range v.Columns {
			c := webui.HeatCellView{Status: states[(i*3+j*j)%len(states)], Title: row.Label + " " + m, Href: "/compliance/" + fmt.Sprint(i, "-", j)}
			if c.Status != webui.HeatUnbound && c.Status != webui.HeatUnused {
				c.Text = fmt.Sprint(12 + i*5 + j)
			}
			row.Cells = append(row.Cells, c)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func (s sample) diff() webui.DiffView {
	return webui.DiffView{Action: "/cases/1/merge", CancelHref: "/cases/1", TheirName: s.t("林以安的修改", "Lin Yian's change"), Rows: []webui.DiffRow{
		{Name: "owner", Label: s.t("负责人", "Owner"), Before: s.t("未分派", "Unassigned"), Theirs: s.t("林以安", "Lin Yian"), Yours: s.t("苏晴", "Su Qing"), Conflict: true, Choice: "yours"},
		{Name: "source", Label: s.t("来源", "Source"), Theirs: s.t("电话", "Telephone"), Yours: "", Choice: "theirs"},
	}}
}

func (s sample) refusal() webui.RefusalView {
	return webui.RefusalView{
		Regulation: s.t("《投诉处理规定》", "Complaints rules"), Article: s.t("第十二条", "article 12"), Href: "/regulations/1#12", ExceptionHref: "/exceptions/new",
		Text: s.t("投诉须在填写处理结果并取得客户确认后方可结案；被投诉人不得自行结案。", "A complaint may be closed only after its outcome is recorded and confirmed by the customer; the person complained of may not close it."),
	}
}

func (s sample) search() webui.SearchView {
	return webui.SearchView{Query: "ht", Groups: []webui.SearchGroup{
		{Label: s.t("客户", "Customers"), MoreHref: "/search?q=ht", Hits: []webui.SearchHit{{Title: s.t("海棠花园酒店", "Begonia Garden Hotel"), Detail: s.t("A 类 · 苏晴", "Class A · Su Qing"), Number: "KH-0098", Href: "/customers/1", Icon: "building"}}},
		{Label: s.t("操作", "Actions"), Hits: []webui.SearchHit{{Title: s.t("新建合同", "New contract"), Href: "/contracts/new", Icon: "plus"}}},
	}}
}
