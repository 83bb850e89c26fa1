// Command dianke is customer relations by the rules of the house: server, set-up and care in one program.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"dianke/internal/surface/cli"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return cli.Main(ctx, cli.Program{Args: os.Args[1:], Env: os.Environ(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
}
