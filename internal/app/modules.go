package app

import (
	"io/fs"

	"dianke/internal/domain/casework"
	"dianke/internal/domain/confidential"
	"dianke/internal/domain/correspondence"
	"dianke/internal/domain/customer"
	"dianke/internal/domain/interaction"
	"dianke/internal/engine/access"
	"dianke/internal/engine/access/identity"
	"dianke/internal/engine/access/identity/replay"
	"dianke/internal/engine/access/org"
	"dianke/internal/engine/audit"
	"dianke/internal/engine/duplicate"
	"dianke/internal/engine/notice"
	"dianke/internal/engine/pack"
	"dianke/internal/engine/pack/install"
	"dianke/internal/engine/record"
	"dianke/internal/engine/record/schema"
	"dianke/internal/engine/regulation"
	"dianke/internal/engine/regulation/assess"
	"dianke/internal/engine/regulation/breach"
	"dianke/internal/engine/regulation/condition"
	"dianke/internal/engine/regulation/evidence"
	"dianke/internal/engine/regulation/exchange"
	"dianke/internal/engine/regulation/proposal"
	"dianke/internal/engine/regulation/rule"
	"dianke/internal/engine/regulation/text"
	"dianke/internal/engine/transfer"
	"dianke/internal/engine/webhook"
	"dianke/internal/platform/backup"
	"dianke/internal/platform/blobs"
	"dianke/internal/platform/db"
	"dianke/internal/platform/gb"
	"dianke/internal/platform/i18n"
	"dianke/internal/platform/mail"
	"dianke/internal/platform/outbound"
	"dianke/internal/platform/robot"
	"dianke/internal/platform/tabular"
	"dianke/internal/platform/worktime"
)

// room is one room of the house as the application knows it. A new room is one line here.
type room struct {
	register func(*record.Registry)
	grants   func() access.RoleGrants
	facts    func() []rule.Fact
	messages func() fs.FS
	figures  func() []rule.Figure // nil for none
}

// rooms lists the domain rooms in the order of the navigation.
func rooms() []room {
	return []room{
		{customer.Register, customer.Grants, customer.Facts, customer.Messages, nil},
		{interaction.Register, interaction.Grants, interaction.Facts, interaction.Messages, nil},
		{casework.Register, casework.Grants, casework.Facts, casework.Messages, casework.Figures},
		{correspondence.Register, correspondence.Grants, correspondence.Facts, correspondence.Messages, nil},
		{confidential.Register, confidential.Grants, confidential.Facts, confidential.Messages, nil},
	}
}

// register declares every type. The engine checks bindings as they are saved and so belongs to its types.
func register(reg *record.Registry, e *regulation.Engine, b *assess.Book, policy outbound.Policy) {
	org.Register(reg)
	notice.Register(reg)
	notice.RegisterDelivery(reg, policy)
	install.Register(reg)
	for _, r := range rooms() {
		r.register(reg)
	}
	e.Register(reg)
	proposal.Register(reg)
	transfer.Register(reg)
	duplicate.Register(reg)
	b.Register(reg)
}

// grants are the default grants of all roles.
func grants() access.RoleGrants {
	sets := []access.RoleGrants{access.BaseGrants(), notice.Grants(), regulation.Grants(), proposal.Grants(), assess.Grants(), transfer.Grants(), duplicate.Grants()}
	for _, r := range rooms() {
		sets = append(sets, r.grants())
	}
	return access.Merge(sets...)
}

func facts() []rule.Fact {
	var out []rule.Fact
	for _, r := range rooms() {
		out = append(out, r.facts()...)
	}
	return out
}

// figures are the numbers the rooms compute over a period, for clauses that set a target.
func figures() []rule.Figure {
	var out []rule.Figure
	for _, r := range rooms() {
		if r.figures != nil {
			out = append(out, r.figures()...)
		}
	}
	return out
}

// Messages lists the texts of everything below the surfaces.
func Messages() []fs.FS {
	out := []fs.FS{
		worktime.Messages(), gb.Messages(), db.Messages(), backup.Messages(), blobs.Messages(), mail.Messages(), outbound.Messages(), robot.Messages(), record.Messages(), org.Messages(), identity.Messages(),
		notice.Messages(), text.Messages(), pack.Messages(), regulation.Messages(), proposal.Messages(), assess.Messages(), exchange.Messages(), condition.Messages(), breach.Messages(), tabular.Messages(), transfer.Messages(), duplicate.Messages(), webhook.Messages(),
	}
	for _, r := range rooms() {
		out = append(out, r.messages())
	}
	return out
}

// Tables lists every table the program keeps, as they should be. Jobs keep tables of their own.
func Tables(reg *record.Registry) []db.Table {
	out := schema.Tables(reg)
	for _, more := range [][]db.Table{audit.Tables(), identity.Tables(), evidence.Tables(), assess.Tables(), replay.Tables(), backup.RunsTables(), transfer.Tables(), webhook.Tables()} {
		out = append(out, more...)
	}
	return out
}

// Words gives the texts of a language, for what leaves the house.
func (a *App) Words(lang string) exchange.Words {
	return func(key string, args ...any) string { return a.Catalog.Text(i18n.Lang(lang), key, args...) }
}
