package token

import (
	"strings"
	"sync"
)

// phrases gives, for words in which a polyphone has one sound only, their two syllables: "银行 yin hang".
const phrases = `
银行 yin hang, 支行 zhi hang, 分行 fen hang, 总行 zong hang, 商行 shang hang, 车行 che hang
行业 hang ye, 同行 tong hang, 重庆 chong qing, 长沙 chang sha, 长春 chang chun, 长江 chang jiang
长城 chang cheng, 长安 chang an, 长兴 chang xing, 长虹 chang hong, 长宁 chang ning, 长治 chang zhi
厦门 xia men, 大厦 da sha, 广厦 guang sha, 音乐 yin yue, 乐器 yue qi, 快乐 kuai le, 娱乐 yu le
成都 cheng du, 首都 shou du, 都市 du shi, 西藏 xi zang, 六安 lu an, 蚌埠 beng bu, 台州 tai zhou
会计 kuai ji, 调味 tiao wei, 传播 chuan bo, 传媒 chuan mei, 自行 zi xing, 步行 bu xing, 旅行 lv xing
重工 zhong gong, 重型 zhong xing, 尉迟 yu chi, 万俟 mo qi, 长孙 zhang sun, 单于 chan yu, 朝阳 chao yang
校长 xiao zhang, 店长 dian zhang, 董事 dong shi, 信息 xin xi
`

// polyphones lists characters that are read in several ways in names of people, places and firms, or whose first
// sound in the dictionary is not the usual one; the usual sound stands first.
const polyphones = `
单 dan shan, 曾 zeng ceng, 仇 qiu chou, 解 xie jie, 查 cha zha, 盖 gai ge, 区 qu ou
重 zhong chong, 长 chang zhang, 行 xing hang, 乐 le yue, 朴 piao pu, 翟 zhai di, 覃 qin tan
晟 sheng cheng, 厦 xia sha, 都 du dou, 藏 cang zang, 吕 lv lu, 绿 lv lu, 女 nv nu, 尉 wei yu
缪 miao mou, 召 shao zhao, 折 she zhe, 种 zhong chong, 谌 chen shen, 那 na nuo, 员 yuan yun
盛 sheng cheng, 柏 bai bo, 贾 jia gu, 洗 xi xian, 戛 jia ga, 薄 bo bao, 褚 chu zhu, 隗 wei kui
郗 xi chi, 乜 nie mie, 秘 mi bi, 祭 ji zhai, 繁 fan po, 宓 mi fu, 朝 chao zhao
降 jiang xiang, 奇 qi ji, 传 chuan zhuan, 调 diao tiao, 会 hui kuai, 卡 ka qia
角 jiao jue, 阿 a e, 茄 qie, 似 si, 蚌 bang beng, 莘 shen xin, 牟 mou mu, 颉 xie jie
卜 bu bo
`

// The tables are parsed at first use and only read afterwards.
var (
	phraseTable    = sync.OnceValue(func() map[string][]string { return table(phrases) })
	polyphoneTable = sync.OnceValue(func() map[string][]string { return table(polyphones) })
)

func table(text string) map[string][]string {
	out := map[string][]string{}
	for entry := range strings.SplitSeq(strings.ReplaceAll(text, "\n", ","), ",") {
		if words := strings.Fields(entry); len(words) > 1 {
			out[words[0]] = words[1:]
		}
	}
	return out
}
