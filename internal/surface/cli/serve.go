package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"dianke/internal/app"
)

// grace is how long requests and jobs may go on after the process was told to end.
const grace = 15 * time.Second

type serveCmd struct{}

// Run serves until ctx ends.
func (serveCmd) Run(ctx context.Context, s *shell) error {
	cfg, err := s.config()
	if err != nil {
		return err
	}
	return s.open(ctx, cfg, slog.LevelDebug, func(a *app.App) error { return s.serve(ctx, a) })
}

// serve listens, starts the jobs, tells where, and ends in good order when ctx ends.
func (s *shell) serve(ctx context.Context, a *app.App) error {
	handler, err := a.Handler()
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	ln, err := net.Listen("tcp", a.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w; choose another address with DIANKE_LISTEN", err)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	srv.RegisterOnShutdown(a.Live.Close) // open pages would keep the server from ending
	// Jobs outlive the signal: they are told to stop, and wait for what they are doing.
	if err := a.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, ln.Close())
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	if err := s.greet(ctx, a, ln.Addr()); err != nil && ctx.Err() == nil { // told to end while greeting: end in good order
		return errors.Join(err, s.stop(srv, a))
	}
	select {
	case err := <-ended:
		return errors.Join(fmt.Errorf("serve: %w", err), s.stop(srv, a))
	case <-ctx.Done():
		s.say("Stopping …")
		return s.stop(srv, a)
	}
}

func (s *shell) stop(srv *http.Server, a *app.App) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return errors.Join(srv.Shutdown(ctx), a.Stop(ctx))
}

// greet prints where the pages are and, while nobody can sign in, the set-up link.
func (s *shell) greet(ctx context.Context, a *app.App, at net.Addr) error {
	base := a.Config.BaseURL
	if strings.HasSuffix(a.Config.Listen, ":0") {
		base = "http://" + at.String() // the port was chosen by the system
	}
	s.say("Dianke listens on http://%s", at)
	if !strings.HasSuffix(base, at.String()) {
		s.say("Visitors reach it at %s", base)
	}
	needs, err := a.Identity.NeedsSetup(ctx)
	if err != nil || !needs {
		return err
	}
	return s.printSetupLink(ctx, a, base)
}

func (s *shell) printSetupLink(ctx context.Context, a *app.App, base string) error {
	secret, err := a.Identity.IssueSetupLink(ctx)
	if err != nil {
		return err
	}
	s.say("Open this link once to make the first administrator:\n  %s/setup/%s", base, secret)
	return nil
}
