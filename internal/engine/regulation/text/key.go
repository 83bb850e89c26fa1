package text

import "strings"

// assignKeys gives every node of a document its path.
func assignKeys(d *Document) {
	through := numberedThrough(d)
	used := map[string]int{}
	d.Walk(func(n *Node, above []*Node) bool {
		prefix := ""
		if len(above) > 0 {
			prefix = above[len(above)-1].Key
		}
		n.Key = unique(used, keyOf(n, prefix, through))
		return true
	})
}

// numberedThrough reports whether the articles of a document never start again at one.
func numberedThrough(d *Document) bool {
	seen := map[string]bool{}
	repeated := false
	d.Walk(func(n *Node, _ []*Node) bool {
		if n.family == famArticle {
			own := ownKey(n)
			repeated = repeated || seen[own]
			seen[own] = true
		}
		return n.family.structural()
	})
	return len(seen) > 0 && !repeated
}

func keyOf(n *Node, prefix string, through bool) string {
	own := ownKey(n)
	if through {
		switch n.family {
		case famArticle:
			return own
		case famPart:
			own = "p" + own
		case famChapter:
			own = "ch" + own
		case famSection:
			own = "s" + own
		}
	}
	if prefix == "" {
		return own
	}
	return prefix + "." + own
}

func ownKey(n *Node) string {
	switch {
	case n.family == famHeading:
		return "h"
	case n.family == famPath:
		return itoa(n.values[len(n.values)-1])
	}
	parts := make([]string, len(n.values))
	for i, v := range n.values {
		parts[i] = itoa(v)
	}
	return strings.Join(parts, "-")
}

// unique adds letters to a key that was used before: 3, 3a, 3b … 3z, 3aa.
func unique(used map[string]int, key string) string {
	for {
		count := used[key]
		used[key]++
		if count == 0 {
			return key
		}
		key += letters(count)
	}
}

func letters(n int) string {
	if n <= 26 {
		return string(rune('a' + n - 1))
	}
	return letters((n-1)/26) + string(rune('a'+(n-1)%26))
}
