// Package token cuts names, texts and numbers into search tokens and judges what a search found.
//
// The same tokens go into SQLite's FTS5 and PostgreSQL's tsvector, so the package does the work of a tokenizer for
// both: single Han characters and pairs of neighbours (most Chinese names have two characters), lower-cased words,
// pinyin in full and as initials from every character on, and every ending of a number, so that a search by prefix
// finds any fragment. A token holds only 0–9, a–z, Han characters and letters of other scripts: no space, no quote,
// no operator. [Query] asks for less than a phrase; candidates are checked again by [Matches] and put in order by
// [Rank]. The package knows no SQL and no record types.
package token
