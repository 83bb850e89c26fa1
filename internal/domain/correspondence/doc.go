// Package correspondence is the mail room: what comes in by mail finds its case or opens one, what goes out from a case
// is sent, and what came back is told.
//
// Every message is kept as it came ([Arrival]) before anybody looks at it; a job then reads it, as often as it takes, and
// files it ([Message]), holds it for a person, or passes it over. An answer is let into a case only with the signed
// address or the unguessable id of a mail of ours, or from somebody the case knows; strangers wait. No program is ever
// answered, and no case is opened for one. Cases, customers and contacts are neighbours: they are met by type name and
// through [Cases], which the application fills in.
package correspondence
