// Package archtest holds the rules of the house that a parser can hold: who may import whom, package docs, sizes, calls
// that belong into one place only.
//
// The tests read the source files themselves, so that no cached listing hides a new one. An exception stands by name and
// with its reason in the test that knows it; there is no other way round a rule. The package has no code of its own.
package archtest
