package recordpages_test

import (
	"testing"

	"dianke/internal/surface/web/webtest"
)

func TestEveryKeyHasItsText(t *testing.T) {
	t.Parallel()
	webtest.CheckKeys(t, site(t).Catalog)
}
