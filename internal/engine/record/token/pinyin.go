package token

import (
	"strings"

	"github.com/mozillazg/go-pinyin"
)

const (
	maxSpoken   = 24 // characters of a run that are given pinyin
	maxReadings = 4  // combinations kept of a run with several polyphones
)

// readings returns the ways a Han run is read, as syllables without tones (ü is v). The usual reading comes first.
func readings(run []rune) [][]string {
	if len(run) > maxSpoken {
		run = run[:maxSpoken]
	}
	out := [][]string{nil}
	for i := 0; i < len(run); i++ {
		if i+1 < len(run) {
			if fixed, ok := phraseTable()[string(run[i:i+2])]; ok {
				out = extend(extend(out, fixed[:1]), fixed[1:])
				i++
				continue
			}
		}
		out = extend(out, sounds(run[i]))
	}
	return out
}

// extend adds one character with its sounds to each reading; where that would make too many, only its usual sound.
func extend(readings [][]string, sounds []string) [][]string {
	if len(sounds) == 0 {
		return readings
	}
	if len(readings)*len(sounds) > maxReadings {
		sounds = sounds[:1]
	}
	out := make([][]string, 0, len(readings)*len(sounds))
	for _, sound := range sounds {
		for _, r := range readings {
			out = append(out, append(r[:len(r):len(r)], sound))
		}
	}
	return out
}

// endings joins syllables from each position to the end, in full and as initials.
func endings(syllables []string) (full, initials []string) {
	full, initials = make([]string, len(syllables)), make([]string, len(syllables))
	f, n := "", ""
	for i := len(syllables) - 1; i >= 0; i-- {
		f, n = syllables[i]+f, syllables[i][:1]+n
		full[i], initials[i] = f, n
	}
	return full, initials
}

// sounds returns the readings of one character that matter in names, the usual one first; none for unknown ones.
func sounds(r rune) []string {
	if s, ok := polyphoneTable()[string(r)]; ok {
		return s
	}
	first, _, _ := strings.Cut(pinyin.PinyinDict[int(r)], ",")
	if plain := strings.Map(toneless, first); plain != "" {
		return []string{plain}
	}
	return nil
}

func toneless(r rune) rune {
	switch r {
	case 'ā', 'á', 'ǎ', 'à':
		return 'a'
	case 'ē', 'é', 'ě', 'è', 'ê', 'ế', 'ề':
		return 'e'
	case 'ī', 'í', 'ǐ', 'ì':
		return 'i'
	case 'ō', 'ó', 'ǒ', 'ò':
		return 'o'
	case 'ū', 'ú', 'ǔ', 'ù':
		return 'u'
	case 'ü', 'ǖ', 'ǘ', 'ǚ', 'ǜ':
		return 'v'
	case 'ń', 'ň', 'ǹ':
		return 'n'
	case 'ḿ':
		return 'm'
	}
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}
