// Package casework keeps what customers ask, complain of, wish and praise, from first contact to the archive.
//
// A [Case] moves received → accepted → investigating → answered → informed → closed → filed, may wait for the customer
// in between, and may end as withdrawn or merged. A plain inquiry takes the short way received → answered → closed. What
// belongs to a case (contacts, materials, allegations, measures, opinions, replies, objections, timeline, sub-tasks) are
// records of their own that inherit its visibility. Beside them stand categories, canned texts, recurring problems,
// yearly volumes, practice areas, channels and knowledge articles.
//
// Held here, because true for every company: valid transitions; the words of the customer and an officer's opinion are
// never rewritten, only supplemented; a complaint is accepted before it is worked; the person complained of is recused at once and never in charge; a merged case
// points at its target; numbers are never reused. What a regulation may ask beyond that (fields before closing, time
// limits, who decides) is left to clauses, for which the package offers [Facts].
//
// The package knows the customer only as a reference, and nothing of HTTP, languages or SQL.
package casework
