// Package record is the declaration of everything the product keeps.
//
// A room declares types ([Declare]), what people do to them ([Act]) and nothing more; tables, validation, search,
// pages, the JSON interface, history, audit and permissions follow. A record is a Go struct with an embedded [Head];
// surfaces read and write its fields through [Field] without knowing the struct.
//
// Every read and write takes a [Scope], the proof that somebody may do this. Only package access makes scopes from
// actors; package store applies them inside the query. Package action runs actions. This package holds no SQL and
// knows no room, no HTTP and no language.
package record
