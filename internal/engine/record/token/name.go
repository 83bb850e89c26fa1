package token

// maxName bounds the tokens of one name, so that a text in the wrong field cannot flood the index.
const maxName = 400

// Name returns the tokens of a name or title: Han characters, pairs of neighbouring Han characters, words, and for
// each Han run its pinyin, in full and as initials, from every character on. Legal forms such as 股份有限公司 are left
// out unless the name has nothing else. At most 400 tokens, each once, in the order of the text.
func Name(s string) []string {
	ps := pieces(fold(s))
	marked := core(ps)
	out := newSet(maxName)
	for i, p := range ps {
		if !p.han {
			addWord(out, p.runes)
			continue
		}
		addHan(out, p.runes, marked[i])
	}
	for i, p := range ps {
		if p.han {
			addPinyin(out, unmarked(p.runes, marked[i]))
		}
	}
	return out.out
}

// Text returns the tokens of long text: Han characters, pairs and words, no pinyin, in the order of the text and each
// once. It stops at limit tokens; 0 is no limit.
func Text(s string, limit int) []string {
	out := newSet(limit)
	for _, p := range pieces(fold(s)) {
		if out.full() {
			break
		}
		if p.han {
			addHan(out, p.runes, make([]bool, len(p.runes)))
		} else {
			addWord(out, p.runes)
		}
	}
	return out.out
}

func addWord(out *set, runes []rune) {
	out.add(word(runes))
	for _, part := range parts(runes) {
		out.add(part)
	}
}

func addHan(out *set, run []rune, marked []bool) {
	for i, r := range run {
		if !marked[i] {
			out.add(string(r))
		}
		if i+1 == len(run) {
			break
		}
		pair := string(run[i : i+2])
		if !(marked[i] && marked[i+1] && isStop(pair)) {
			out.add(pair)
		}
	}
}

func addPinyin(out *set, run []rune) {
	for _, syllables := range readings(run) {
		full, initials := endings(syllables)
		for i := range syllables {
			out.add(full[i])
			if len(initials[i]) > 1 { // one letter is already the prefix of the last syllable
				out.add(initials[i])
			}
		}
	}
}
