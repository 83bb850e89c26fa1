package record

import "slices"

// Rows says which records of a type somebody reaches. The zero value reaches nothing.
type Rows struct {
	All    bool
	Owner  ID   // records owned by this person, naming him in a field tagged own, or entered by him (Type.CreatorOwns)
	Units  []ID // records of these units
	Public bool // records that are open to everybody signed in (types tagged open)
}

// None reports whether no record is reached.
func (r Rows) None() bool { return !r.All && !r.Public && r.Owner == 0 && len(r.Units) == 0 }

// Or returns the union of both.
func (r Rows) Or(o Rows) Rows {
	out := Rows{All: r.All || o.All, Public: r.Public || o.Public, Owner: max(r.Owner, o.Owner)}
	out.Units = append(append(out.Units, r.Units...), o.Units...)
	slices.Sort(out.Units)
	out.Units = slices.Compact(out.Units)
	return out
}

// Reach reports whether the record is among the rows.
func (r Rows) Reach(t *Type, e Entity) bool {
	h := e.HeadOf()
	switch {
	case r.All, r.Public:
		return true
	case r.Owner != 0 && (h.OwnerID == r.Owner || t.CreatorOwns && h.OwnerID == 0 && h.CreatedBy == r.Owner || t.names(e, r.Owner)):
		return true
	}
	return h.UnitID != 0 && slices.Contains(r.Units, h.UnitID)
}

// names reports whether a field tagged own holds the person.
func (t *Type) names(e Entity, user ID) bool {
	for _, f := range t.Fields {
		if !f.Own {
			continue
		}
		switch v := f.Get(e).(type) {
		case ID:
			if v == user {
				return true
			}
		case []ID:
			if slices.Contains(v, user) {
				return true
			}
		}
	}
	return false
}

// Scope is the proof that an actor may take an action on a type, and how far. Queries apply Visible and Hidden, views
// apply Clear. The zero value permits nothing. Only package access makes scopes (held by a test).
type Scope struct {
	Actor   Actor
	Type    string
	Action  string
	Visible Rows           // records the actor may touch with this action
	Clear   map[Class]Rows // records whose fields of a class are shown unmasked
	Recuse  ID             // person whose recusals hide records; none for the program itself
	Parents []ParentScope  // the record's parents must be visible too
	ok      bool
}

// ParentScope limits a type to records whose parent is visible.
type ParentScope struct {
	Field   string // column that names the parent
	Of      *Type
	Visible Rows
}

// NewScope seals a scope. Only package access may call it; a test holds that.
func NewScope(s Scope) Scope {
	s.ok = true
	return s
}

// Valid reports whether the scope was made by access.
func (s Scope) Valid() bool { return s.ok }

// Consequence derives the scope for what an action that was permitted brings about in other types (the task that
// follows from a case, the row of a register). It keeps the actor for audit and lifts the limits of rows.
func (s Scope) Consequence(typ, action string) Scope {
	if !s.ok {
		return Scope{}
	}
	all := Rows{All: true}
	return Scope{
		Actor: s.Actor, Type: typ, Action: action, Visible: all, ok: true,
		Clear: map[Class]Rows{Public: all, Internal: all, Personal: all, Sensitive: all},
	}
}

// SeesClear reports whether the actor may see fields of the class of this record unmasked.
func (s Scope) SeesClear(t *Type, e Entity, c Class) bool {
	if c <= Internal {
		return true
	}
	return s.Clear[c].Reach(t, e)
}
