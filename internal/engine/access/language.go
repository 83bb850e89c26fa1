package access

import (
	"context"
	"fmt"

	"dianke/internal/engine/record"
	"dianke/internal/platform/db"
)

// Language is the language a person reads, "zh" or "en"; empty for who is not there.
func (r *Records) Language(ctx context.Context, user record.ID) (string, error) {
	return db.View(ctx, r.DB, func(tx *db.Tx) (string, error) {
		var lang string
		err := tx.QueryRow(ctx, "SELECT language FROM users WHERE id = ?", user).Scan(&lang)
		if db.IsNoRows(err) {
			return "", nil
		}
		if err != nil {
			return "", fmt.Errorf("language of a person: %w", err)
		}
		return lang, nil
	})
}
