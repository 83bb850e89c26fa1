// Package confidential is the room of what not everybody may see and not everybody may decide: classed documents and
// their paper, authorisations to see or send them, undertakings of secrecy, approved exports, delegations of powers, the
// table of who decides what, and the decisions taken by it.
//
// A document of the classes confidential and secret has no unit: besides those who reach everything, its owner and the
// people authorised see it, and for others it is absent. What a company may choose (who needs an approval for what, how
// long paper may be kept) is said by clauses; the room offers fields and facts. It knows customers by reference only.
package confidential
