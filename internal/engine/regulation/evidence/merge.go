package evidence

import "dianke/internal/engine/record/store"

// Carried are the clocks that still run: where records are merged they go on with the survivor. Outcomes stay with the
// record about which they were established.
func Carried() store.Carried {
	return store.Carried{Table: "control_clocks", Where: "stopped_at IS NULL"}
}
