// Package customer keeps the customers of the company: organisations and persons, the people met there, what they need,
// what they bought, what they agreed to, and who answers for them.
//
// A [Customer] moves lead → active → dormant → lost and back; it has an owner or lies in the pool (公海). Its counters,
// completeness and next dates are kept by the room itself and never typed. Lawful use of personal data is Go, not a
// clause: every customer has a source and a legal basis, consent is judged at an instant for purpose, channel and
// recipient ([Consent.Covers]), and nothing is disclosed to a third party without consent or a documented basis
// ([Disclosure]). How often a customer is visited, verified or assessed is data ([CareRule], [PoolRule], [ScaleRule]).
//
// The package knows nothing of interactions, cases or contracts: they point at customers by reference and write the
// fields last_contact_at, next_contact and the doubt marks by name; tasks are made by name of the type "task".
package customer
