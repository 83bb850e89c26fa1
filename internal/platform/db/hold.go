package db

// Hold keeps a value with the transaction under a key of the caller's own type, so that what works within it shares it.
// It ends with the transaction.
func (t *Tx) Hold(key, value any) {
	if t.held == nil {
		t.held = map[any]any{}
	}
	t.held[key] = value
}

// Held returns what [Tx.Hold] kept; nil for nothing.
func (t *Tx) Held(key any) any { return t.held[key] }
