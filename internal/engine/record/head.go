package record

import (
	"time"

	"dianke/internal/platform/ids"
)

// ID names a record in the whole instance.
type ID = ids.ID

// Head is what every record has. Embed it first. Its times are UTC.
type Head struct {
	ID          ID
	Number      string // printed number such as C-2026-000123, unique within the type, never reused
	UnitID      ID     // unit the record belongs to; decides the reach of grants
	OwnerID     ID     // person who answers for it; none for records of the pool
	CreatedAt   time.Time
	CreatedBy   ID
	UpdatedAt   time.Time
	UpdatedBy   ID
	LockVersion int64 // grows by one with every write; a write names the version it started from
	ArchivedAt  time.Time
	Custom      map[string]any // values of custom fields in canonical form
}

// HeadOf returns the head itself; it makes a struct that embeds Head an [Entity].
func (h *Head) HeadOf() *Head { return h }

// Archived reports whether the record was put away.
func (h *Head) Archived() bool { return !h.ArchivedAt.IsZero() }

// Entity is a pointer to a record struct.
type Entity interface{ HeadOf() *Head }

// Ref points at a record of another room.
type Ref struct {
	Type string
	ID   ID
}

// headColumns are the columns of every record table, in storage order.
var headColumns = []string{
	"id", "number", "unit_id", "owner_id", "created_at", "created_by", "updated_at", "updated_by", "lock_version",
	"archived_at", "custom",
}

// HeadColumns returns the columns every record table begins with.
func HeadColumns() []string { return append([]string(nil), headColumns...) }
