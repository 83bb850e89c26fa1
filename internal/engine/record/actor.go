package record

import (
	"slices"
	"time"
)

// Actor is who acts: a person with what he holds at this moment, or a named part of the program.
// It is a value made once a request; it is never stored.
type Actor struct {
	UserID  ID
	Name    string
	System  string    // name of the job or command that acts where there is no person
	Posts   []string  // keys of the posts held, such as complaint_officer
	Roles   []string  // keys of the roles these posts carry
	Units   []ID      // units in which posts are held, the main one first
	Since   time.Time // first day of employment, UTC; zero if unknown
	Via     string    // web, api, cli, job, public
	Address string    // network address the request came from; for the audit log only
	Scopes  []string  // limits of an API token, such as "case:read"; nil means no further limit
}

// Unit returns the main unit, or none.
func (a Actor) Unit() ID {
	if len(a.Units) == 0 {
		return 0
	}
	return a.Units[0]
}

// IsPerson reports whether a person acts.
func (a Actor) IsPerson() bool { return a.UserID != 0 }

// Holds reports whether the actor holds the post or the role of that key.
func (a Actor) Holds(key string) bool {
	return slices.Contains(a.Posts, key) || slices.Contains(a.Roles, key)
}

// Label names the actor for the audit log: the person's id, or the part of the program.
func (a Actor) Label() string {
	if a.IsPerson() {
		return a.UserID.String()
	}
	return "system:" + a.System
}
