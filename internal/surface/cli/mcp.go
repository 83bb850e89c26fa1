package cli

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"dianke/internal/surface/mcp"
)

type mcpCmd struct {
	URL   string `help:"Address of the instance; default is DIANKE_BASE_URL." placeholder:"https://…"`
	Token string `help:"API token; better as DIANKE_TOKEN in the environment, where no list of processes shows it." placeholder:"dk_…"`
}

// Run speaks the Model Context Protocol over standard input and output, for a program on this machine, and passes what is
// said on to a running instance.
func (m mcpCmd) Run(ctx context.Context, s *shell) error {
	token := m.Token
	s.Env = slices.DeleteFunc(slices.Clone(s.Env), func(pair string) bool { // it is no setting of the instance
		v, ok := strings.CutPrefix(pair, "DIANKE_TOKEN=")
		if ok && token == "" {
			token = v
		}
		return ok
	})
	if token == "" {
		return usage("an API token is needed: make one under your account, Tokens, and set DIANKE_TOKEN")
	}
	url := m.URL
	if url == "" {
		cfg, err := s.config()
		if err != nil {
			return err
		}
		url = cfg.BaseURL
	}
	url = strings.TrimSuffix(strings.TrimSuffix(url, "/"), "/mcp") + "/mcp"
	return mcp.Bridge{URL: url, Token: token, Client: &http.Client{Timeout: 2 * time.Minute}}.Run(ctx, s.In, s.Out)
}
