package proposal

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"dianke/internal/engine/regulation/text"
)

// sketch is what is seen of a clause: grams that are weighed by how rare they are, and signs that are not.
type sketch struct {
	grams map[string]float64
	signs []string
}

// The weights of what stands around a clause, beside its own text with 1.
const (
	titleWeight  = 0.3
	aboveWeight  = 0.45
	besideWeight = 0.12
	signWeight   = 0.5
	singleWeight = 0.5 // of a single character beside a pair
)

// cues are words by which regulations say what they want; each is a sign of its own.
var cues = sync.OnceValue(func() []string {
	return strings.Fields(`不得 不准 不许 严禁 禁止 不能 应当 必须 须 应 可 可以 有权 每日 每天 每次 每周 每月 每季 每年 每 定期 随时
		小时 日内 天内 分钟 内 前 后 时 及时 立即 尽快 第一时间 登记 记录 台账 档案 建立 资料 信息 数据 统计 报表 考核 目标 指标 率
		满意 质量 效率 检查 监督 抽查 巡查 培训 学习 本制度 解释 负责 职责 目的 适用 原则 规范 全体 经 批准 审批 同意 审核 罚 扣 处分
		奖 违反 违者 不超过 不低于 至少 次 元 % 态度 礼貌 微笑 仪容 着装 整洁 保持 提高 提升 按照 流程 步骤 先 交接 汇报 上报 反馈
		通知 签字 签名 确认 包括 分为 分级 分类 制定 计划 方案 总结 分析 评估 评价 会议 例会 协调 沟通 配合 协助 了解 熟悉 保密 泄露
		回访 拜访 投诉 处理 解决 跟进 跟踪 调查 收集 整理 更新 维护 保管 清理 准备 安排 提供 介绍 迎接 引导 询问 听取 耐心 主动
		热情 尊重 迟到 早退 旷工 请假 离岗 私自 擅自 工资 奖金 升 降 辞退 解除 赔偿 客人 客户 员工 施行 实施 生效 修订`)
})

// sketches sees the clauses of one regulation.
func sketches(title string, clauses []Clause) []sketch {
	out := make([]sketch, len(clauses))
	for i, c := range clauses {
		s := sketch{grams: map[string]float64{}}
		eachGram(c.Text, func(g string, w float64) { s.grams[g] = math.Max(s.grams[g], w) })
		s.add("t:", title, titleWeight)
		s.add("a:", c.Above, aboveWeight)
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < len(clauses) {
				s.add("b:", clauses[j].Text, besideWeight)
			}
		}
		s.signs = signs(c.Text, i, len(clauses))
		out[i] = s
	}
	return out
}

func (s sketch) add(prefix, from string, weight float64) {
	eachGram(from, func(g string, w float64) { s.grams[prefix+g] += w * weight })
}

// signs are the cue words, the kinds of figures, the length and the place of a clause.
func signs(s string, at, of int) []string {
	var out []string
	for _, w := range cues() {
		if strings.Contains(s, w) {
			out = append(out, "q:"+w)
		}
	}
	for _, f := range text.Figures(s) {
		name := "f:" + string(f.Kind)
		if f.Kind == text.Modality {
			name = "m:" + f.Value
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	out = append(out, "n:"+string(rune('0'+min(len([]rune(s))/10, 7))))
	if at < 3 {
		out = append(out, "first")
	}
	if at >= of-4 {
		out = append(out, "last")
	}
	return out
}

// eachGram visits the characters and pairs of characters; digits count as one, punctuation parts.
func eachGram(s string, visit func(gram string, weight float64)) {
	last := rune(0)
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			r = '0'
		case !unicode.Is(unicode.Han, r) && r != '%':
			last = 0
			continue
		}
		visit(string(r), singleWeight)
		if last != 0 {
			visit(string([]rune{last, r}), 1)
		}
		last = r
	}
}

// vector is a sparse vector, by ascending feature.
type vector struct {
	at []int32
	by []float64
}

// vocabulary numbers the features and knows how rare they are.
type vocabulary struct {
	number map[string]int32
	rare   []float64 // of grams; signs weigh the same all
}

// newVocabulary takes what at least two clauses show; the rest teaches nothing.
func newVocabulary(list []sketch) *vocabulary {
	count := map[string]int{}
	for _, s := range list {
		for g := range s.grams {
			count[g]++
		}
		for _, g := range s.signs {
			count[g]++
		}
	}
	names := make([]string, 0, len(count))
	for g, n := range count {
		if n > 1 {
			names = append(names, g)
		}
	}
	slices.Sort(names)
	v := &vocabulary{number: make(map[string]int32, len(names))}
	for i, g := range names {
		v.number[g] = int32(i)
		v.rare = append(v.rare, math.Log(1+float64(len(list))/float64(count[g])))
	}
	return v
}

func (v *vocabulary) size() int { return len(v.rare) }

// vector brings a sketch to length one and adds its signs.
func (v *vocabulary) vector(s sketch) vector {
	weights := make(map[int32]float64, len(s.grams))
	for g, w := range s.grams {
		if n, ok := v.number[g]; ok {
			weights[n] = w * v.rare[n]
		}
	}
	out := vector{at: make([]int32, 0, len(weights)+len(s.signs))}
	for n := range weights {
		out.at = append(out.at, n)
	}
	slices.Sort(out.at)
	sum := 0.0
	for _, n := range out.at {
		sum += weights[n] * weights[n]
	}
	length := math.Sqrt(sum)
	for _, n := range out.at {
		out.by = append(out.by, weights[n]/length)
	}
	for _, g := range s.signs {
		if n, ok := v.number[g]; ok {
			out.at, out.by = append(out.at, n), append(out.by, signWeight)
		}
	}
	return out
}
