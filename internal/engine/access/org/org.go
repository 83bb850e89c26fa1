// Package org keeps who belongs to the company: units, posts, roles with their grants, people and what they hold.
//
// All are record types like any other, so that settings pages, API, history and audit follow. A person holds posts in
// units ([Posting]); a post carries roles; a role holds grants. The package knows what a grant says, not what it opens:
// that is the guard's work in access.
package org

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"dianke/internal/engine/record"
	"dianke/internal/platform/errs"
)

//go:embed messages
var messages embed.FS

// Messages returns the texts of the package.
func Messages() fs.FS {
	sub, err := fs.Sub(messages, "messages")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Unit is a part of the company: the company itself, a department, a team. Units form a tree.
type Unit struct {
	record.Head
	Name     string    `rec:"text,required,max=80,name,class=public"`
	Key      string    `rec:"text,unique,max=40"` // stable word by which packs name the unit
	Kind     string    `rec:"enum,required,enum=company|department|team,default=department"`
	ParentID record.ID `rec:"ref,ref=unit"`
	Calendar string    `rec:"text,max=40"` // key of the working calendar; empty means that of the unit above
}

// Post is what a regulation calls somebody: 部门经理, 客户经理, 前台.
type Post struct {
	record.Head
	Title string   `rec:"text,required,max=80,name,class=public"`
	Key   string   `rec:"text,required,unique,max=40"`
	Roles []string `rec:"multienum,required"` // keys of roles
}

// Role is a set of grants.
type Role struct {
	record.Head
	Title string `rec:"text,required,max=80,class=public"`
	Key   string `rec:"text,required,unique,max=40"`
	Note  string `rec:"longtext,max=2000"`
}

// GrantRow is one grant of a role: type × action × reach × class.
type GrantRow struct {
	record.Head
	RoleID record.ID `rec:"ref,ref=role,parent,required"`
	Type   string    `rec:"text,required,max=40,class=public"` // record type, or "*"
	Action string    `rec:"text,required,max=40"`              // action, or "*"
	Reach  string    `rec:"enum,required,enum=own|team|unit|below|all"`
	Class  string    `rec:"enum,required,enum=public|internal|personal|sensitive,default=internal"`
}

// User is a person who works here. Sign-in is kept by identity.
type User struct {
	record.Head
	Name     string     `rec:"text,required,max=80,name,class=public"`
	Login    string     `rec:"text,required,unique,max=60,search"`
	Mail     string     `rec:"email,class=personal,search"`
	Mobile   string     `rec:"phone,class=personal,search"`
	Status   string     `rec:"state,enum=active|disabled,default=active"`
	Language string     `rec:"enum,enum=zh|en,default=zh"`
	Since    *time.Time `rec:"date"` // first day of employment
}

// Posting says that a person holds a post in a unit (UnitID of the head).
type Posting struct {
	record.Head
	UserID   record.ID  `rec:"user,required,index"`
	PostID   record.ID  `rec:"ref,ref=post,required"`
	InUnit   record.ID  `rec:"unit,required,index"`
	Main     bool       `rec:"bool"`
	StartsOn *time.Time `rec:"date"`
	EndsOn   *time.Time `rec:"date"` // last day
	Label    string     `rec:"text,readonly,max=200"`
}

// Register adds the types to the registry.
func Register(reg *record.Registry) {
	reg.Add(calendarTypes()...)
	reg.Add(
		record.Declare[Unit](record.Spec{
			Name: "unit", Plural: "units", Room: "settings", Prefix: "U", Icon: "hierarchy", Title: "name", Open: true,
			List: []string{"name", "kind", "parent_id", "calendar"}, Prepare: noCycle,
		}),
		record.Declare[Post](record.Spec{
			Name: "post", Plural: "posts", Room: "settings", Prefix: "PO", Icon: "id-badge", Title: "title", Open: true,
			List: []string{"title", "key", "roles"},
		}),
		record.Declare[Role](record.Spec{
			Name: "role", Plural: "roles", Room: "settings", Prefix: "RO", Icon: "shield", Title: "title",
			List: []string{"title", "key", "note"},
		}),
		record.Declare[GrantRow](record.Spec{
			Name: "grant", Plural: "grants", Room: "settings", Prefix: "GR", Icon: "key", Title: "type",
			List: []string{"role_id", "type", "action", "reach", "class"},
		}),
		record.Declare[User](record.Spec{
			Name: "user", Plural: "users", Room: "settings", Prefix: "E", Icon: "user", Title: "name", Open: true,
			List: []string{"name", "login", "mobile", "status", "since"}, Actions: []*record.Action{
				record.Act("disable", record.ActionSpec{From: []string{"active"}, To: "disabled", Danger: true, Icon: "user-off"}, func(context.Context, *record.Call, *User, *record.None) error { return nil }),
				record.Act("enable", record.ActionSpec{From: []string{"disabled"}, To: "active", Icon: "user-check"}, func(context.Context, *record.Call, *User, *record.None) error { return nil }),
			},
		}),
		record.Declare[Posting](record.Spec{
			Name: "posting", Plural: "postings", Room: "settings", Prefix: "PS", Icon: "briefcase", Title: "label", Open: true,
			List: []string{"user_id", "post_id", "in_unit", "main", "ends_on"}, Prepare: describe,
		}),
	)
}

// noCycle refuses a unit that would stand below itself.
func noCycle(ctx context.Context, c *record.Call) error {
	u := c.Record.(*Unit)
	seen := map[record.ID]bool{u.ID: u.ID != 0}
	for id := u.ParentID; id != 0; {
		if seen[id] {
			return errs.Of("parent_id", "unit.cycle")
		}
		seen[id] = true
		parent, err := record.Load[Unit](ctx, c, "unit", id)
		if err != nil {
			return errs.Of("parent_id", "field.unknown_ref").Because(err)
		}
		id = parent.ParentID
	}
	return nil
}

// describe gives the posting a title such as "部门经理 · 客户部".
func describe(ctx context.Context, c *record.Call) error {
	p := c.Record.(*Posting)
	if p.PostID == 0 || p.InUnit == 0 {
		return nil // validation names the missing field
	}
	post, err := record.Load[Post](ctx, c, "post", p.PostID)
	if err != nil {
		return errs.Of("post_id", "field.unknown_ref").Because(err)
	}
	unit, err := record.Load[Unit](ctx, c, "unit", p.InUnit)
	if err != nil {
		return errs.Of("in_unit", "field.unknown_ref").Because(err)
	}
	p.Label, p.UnitID = post.Title+" · "+unit.Name, p.InUnit
	return nil
}
