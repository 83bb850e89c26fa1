package transfer

import "strings"

// synonyms are the headings under which tables keep a field, folded when used: "type.field" before "field" before the
// kind in brackets. They come from ledgers kept in spreadsheets and from the exports of other programs.
func synonyms() map[string][]string {
	out := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(words), "\n") {
		name, list, _ := strings.Cut(line, "=")
		out[strings.TrimSpace(name)] = strings.Fields(list)
	}
	return out
}

const words = `
customer.name = 客户名称 客户 客户名 客户全称 公司名称 公司 公司全称 单位 单位名称 企业名称 企业 企业全称 名称 全称 姓名 客户姓名 股票名称 商户名称 门店名称 account accountname company companyname customer customername client clientname organization organisation surname name FN
customer.short_name = 简称 客户简称 公司简称 企业简称 单位简称 shortname NICKNAME
customer.kind = 客户类型 客户性质 客户类别 类型 性质 customertype accounttype type
customer.credit_code = 统一社会信用代码 社会信用代码 信用代码 税号 纳税人识别号 营业执照号 营业执照注册号 组织机构代码 uscc taxid vatnumber
customer.id_card = 身份证 身份证号 身份证号码 证件号码 证件号 idnumber
customer.mobile = 手机 手机号 手机号码 移动电话 联系手机 联系人手机 mobile mobilephone cellphone TELCELL
customer.phone = 电话 电话号码 联系电话 固定电话 固话 座机 办公电话 公司电话 联系人电话 联系方式 phone telephone tel phonenumber officephone TEL
customer.mail = 邮箱 电子邮箱 电子邮件 邮件 邮箱地址 联系邮箱 email mail emailaddress EMAIL
customer.birthday = 生日 出生日期 出生年月 birthday dateofbirth birthdate dob BDAY
customer.address = 地址 详细地址 联系地址 公司地址 单位地址 注册地址 通讯地址 办公地址 经营地址 所在地 所在地区 location officelocation address street billingaddress ADR
customer.delivery_to = 收货地址 送货地址 配送地址 发货地址 shippingaddress deliveryaddress
customer.website = 网址 网站 官网 公司网址 公司网站 公司主页 website url web homepage URL
customer.industry = 行业 客户行业 所属行业 行业类型 行业类别 行业分类 经营范围 主营业务 sector industry
customer.occupation = 职业 工作 职业类型 job occupation profession
customer.remarks = 备注 说明 备注信息 客户描述 描述 简介 客户简介 公司简介 其他 remark remarks note notes comment comments description NOTE
customer.source = 来源 客户来源 线索来源 渠道 获客渠道 来源渠道 source leadsource channel
customer.source_note = 来源说明 来源备注
customer.legal_basis = 合法性基础 处理依据 收集依据
customer.collected_at = 收集时间 登记日期 登记时间 建档日期 建档时间 录入日期
customer.intent = 客户意向 意向 意向程度 意向等级
customer.scale = 客户规模 规模 人员规模 企业规模
customer.grade = 客户级别 客户等级 级别 等级 客户分级 grade level rating
customer.stage = 成交状态 客户状态 客户阶段 阶段 状态 status stage
customer.tags = 标签 客户标签 tags labels CATEGORIES
customer.competitors = 竞争对手 competitors
contact.name = 姓名 联系人 联系人姓名 联系人名称 名字 contact contactname fullname name FN
contact.customer_id = 客户 客户名称 公司 公司名称 单位 单位名称 所属客户 关联客户 企业名称 company account accountname customer organization ORG
contact.post = 职务 职位 岗位 头衔 title jobtitle position TITLE
contact.department = 部门 所在部门 department ORGUNIT
contact.decision_role = 角色 是否关键决策人 决策角色 role
contact.mobile = 手机 手机号 手机号码 移动电话 联系手机 联系人手机 mobile mobilephone cellphone TELCELL
contact.phone = 电话 电话号码 联系电话 固定电话 座机 办公电话 联系人电话 phone telephone tel TEL
contact.mail = 邮箱 电子邮箱 电子邮件 邮件 email mail emailaddress EMAIL
contact.wechat = 微信 微信号 wechat
contact.birthday = 生日 出生日期 birthday BDAY
contact.remarks = 备注 说明 描述 remark remarks note notes NOTE
case.kind = 类型 投诉类型 工单类型 诉求类型 类别 kind casetype tickettype
case.channel = 渠道 受理渠道 来电渠道 投诉渠道 来源 来源渠道 受理方式 submittedvia channel
case.subject = 主题 标题 投诉标题 工单标题 事由 投诉事由 问题 issue subject title summary
case.content = 内容 投诉内容 诉求内容 反映内容 问题描述 详细描述 描述 评论 评价 评价内容 留言 consumercomplaintnarrative narrative content review body description text
case.item = 产品 商品 产品名称 商品名称 订单 订单号 服务项目 投诉对象 product item order
case.occurred_at = 发生时间 发生日期 事发时间 occurredat
case.received_at = 受理时间 受理日期 投诉时间 投诉日期 收到时间 收到日期 来电时间 登记时间 登记日期 日期 时间 datereceived createddate receiveddate received opened date
case.source_ref = 编号 投诉编号 工单编号 工单号 单号 受理编号 来源编号 外部编号 complaintid caseid ticketid uniquekey id
case.source_due_on = 要求办结日期 办理期限 截止日期
case.customer_id = 客户 客户名称 公司 公司名称 企业名称 customer account
case.contact_name = 投诉人 投诉人姓名 联系人 客户姓名 姓名 来电人 反映人 申请人 complainant contactname
case.contact_phone = 投诉人电话 联系电话 电话 手机 手机号 来电号码 联系方式 phone telephone
case.contact_mail = 邮箱 电子邮箱 email
case.category_id = 分类 问题分类 投诉分类 category
case.urgency = 紧急程度 紧急度 优先级 priority urgency
case.severity = 严重程度 级别 severity
case.amount_claimed = 涉及金额 索赔金额 投诉金额 amount
case.complained_name = 被投诉人 被投诉对象 责任人
case.state = 状态 处理状态 办理状态 工单状态 status state
case.true_cause = 原因 投诉原因 真实原因 rootcause
case.solution = 处理结果 解决方案 处理意见 处理情况 resolution solution
case.closed_at = 办结时间 办结日期 关闭时间 结案时间 closeddate closedat
interaction.summary = 内容 沟通内容 跟进内容 跟进记录 记录 拜访内容 summary content notes
interaction.subject = 主题 标题 subject
interaction.at = 时间 日期 沟通时间 跟进时间 拜访时间 通话时间 date time
interaction.customer_id = 客户 客户名称 公司名称 单位名称 customer account company
interaction.channel = 方式 跟进方式 沟通方式 联系方式 channel
interaction.duration = 时长 通话时长 duration
interaction.next_step = 下一步 下步计划 nextstep
interaction.caller_number = 来电号码 主叫号码 callernumber
task.title = 任务 待办 待办事项 事项 主题 标题 title task subject
task.due_at = 截止时间 截止日期 到期时间 duedate due
transaction.doc_number = 单号 合同编号 合同号 订单编号 订单号 opportunityid ordernumber
transaction.customer_id = 客户 客户名称 公司名称 单位名称 customer account
transaction.amount = 金额 合同金额 订单金额 成交金额 amount closevalue value total
transaction.dated_on = 日期 签订日期 下单日期 成交日期 签约日期 closedate date orderdate
user.name = 姓名 员工姓名 name
user.login = 账号 登录名 用户名 工号 login username
user.mail = 邮箱 email
user.mobile = 手机 手机号 mobile
owner_id = 负责人 客户负责人 所属人 跟进人 业务员 销售 销售员 客户经理 经办人 处理人 salesagent salesrep owner accountmanager
unit_id = 所属部门 部门 机构 网点 department unit branch
created_at = 创建时间 创建日期 录入时间 建立时间 createdat createtime createdtime creationdate
created_by = 创建人 录入人 登记人 建档人 受理人 createdby creator author
number = 客户编号 编号 记录编号 系统编号 number
`

// Preset is a layout other programs write, recognised by its headings.
type Preset struct {
	Key     string
	Type    string
	Columns map[string]string // heading → field; "" for what is left out on purpose
}

// Presets lists the layouts that are known.
func Presets() []Preset {
	return []Preset{
		{"wukong_customer", "customer", map[string]string{
			"客户名称": "name", "客户来源": "source", "客户行业": "industry", "客户级别": "grade", "手机": "mobile", "电话": "phone", "网址": "website", "邮箱": "mail",
			"备注": "remarks", "省、市、区/县": "remarks", "详细地址": "address", "负责人": "owner_id", "创建人": "created_by", "创建时间": "created_at", "成交状态": "stage",
			"更新时间": "", "最后跟进时间": "", "下次联系时间": "", "最后跟进记录": "remarks", "所属团队": "", "距进入公海天数": "",
		}},
		{"wukong_contact", "contact", map[string]string{
			"姓名": "name", "客户名称": "customer_id", "手机": "mobile", "电话": "phone", "邮箱": "mail", "职务": "post", "是否关键决策人": "remarks", "性别": "remarks",
			"备注": "remarks", "负责人": "owner_id", "创建人": "created_by", "创建时间": "created_at", "下次联系时间": "", "更新时间": "",
		}},
		{"cordys_customer", "customer", map[string]string{
			"客户名称": "name", "客户等级": "grade", "所属行业": "industry", "客户来源": "source", "所在地区": "address", "详细地址": "address", "负责人": "owner_id",
			"部门": "unit_id", "备注": "remarks", "创建人": "created_by", "创建时间": "created_at", "更新人": "", "更新时间": "", "最新跟进人": "", "最新跟进日期": "",
			"所属公海": "", "剩余归属天数": "",
		}},
		{"cordys_contact", "contact", map[string]string{
			"客户名称": "customer_id", "联系人姓名": "name", "联系人电话": "mobile", "联系人职务": "post", "负责人": "owner_id", "部门": "unit_id", "创建人": "created_by",
			"创建时间": "created_at", "更新人": "", "更新时间": "", "状态": "",
		}},
		{"ledger_customer", "customer", map[string]string{
			"序号": "", "单位名称": "name", "联系人": "remarks", "联系电话": "phone", "地址": "address", "法定代表人": "beneficial_owner", "统一社会信用代码": "credit_code",
			"经营范围": "industry", "登记日期": "collected_at", "备注": "remarks",
		}},
		{"ledger_complaint", "case", map[string]string{
			"序号": "", "投诉编号": "source_ref", "投诉日期": "received_at", "投诉人": "contact_name", "联系电话": "contact_phone", "投诉事由": "subject", "投诉内容": "content",
			"投诉类型": "category_id", "被投诉人": "complained_name", "受理人": "created_by", "处理结果": "solution", "办结日期": "closed_at", "备注": "customer_view",
		}},
	}
}

// recognise returns the preset most of whose headings stand in the file.
func recognise(typ string, columns []string) *Preset {
	have := map[string]bool{}
	for _, c := range columns {
		have[fold(c)] = true
	}
	var best *Preset
	most := 0
	for _, p := range Presets() {
		if p.Type != typ {
			continue
		}
		n := 0
		for h := range p.Columns {
			if have[fold(h)] {
				n++
			}
		}
		if n >= 4 && n*10 >= len(columns)*6 && n > most {
			most, best = n, &p
		}
	}
	return best
}
